package pri

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"trunkbox/firmware/call"
)

// pair is two ends of a line back to back, in real time.
type pair struct {
	user, network *end
	answered      chan struct{} // a call of the user's was answered
	cleared       chan struct{} // and is over
}

func newPair(b *testing.B, name string) *pair {
	b.Helper()
	p := &pair{answered: make(chan struct{}, 64), cleared: make(chan struct{}, 64)}
	p.user, p.network = newEnd(b, lineSettings(name, "user")), newEnd(b, lineSettings("far-"+name, "network"))
	p.user.wire.other, p.network.wire.other = p.network.wire, p.user.wire
	p.network.onOffer = func(l call.Leg) {
		p.network.arrived = nil // nobody asks for them
		l.Alert()
		l.Answer()
	}
	p.user.run()
	p.network.run()
	for deadline := time.Now().Add(10 * time.Second); p.user.access.Now().Link != LinkUp || p.network.access.Now().Link != LinkUp; {
		if time.Now().After(deadline) {
			b.Fatal("the link did not come up")
		}
		time.Sleep(time.Millisecond)
	}
	return p
}

func (p *pair) end() {
	p.user.down()
	p.network.down()
}

// place dials and waits for the answer.
func (p *pair) place(b *testing.B) call.Leg {
	leg, err := p.user.access.Dial(call.Outgoing{Called: "4001", Calling: call.Number{Digits: "02151234567"}}, func(e call.Event) {
		switch e.(type) {
		case call.Answered:
			p.answered <- struct{}{}
		case call.Cleared:
			p.cleared <- struct{}{}
		}
	})
	if err != nil {
		b.Fatal(err)
	}
	<-p.answered
	return leg
}

func (p *pair) hangUp(leg call.Leg) {
	leg.Hangup(normal)
	<-p.cleared
}

// processor is the processor time of this process.
func processor(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkBox has 16 lines with 28 calls each standing and brings 50 more calls a second over them, each of which is
// set up, rung, answered and cleared. The processor time is that of both ends and of all that goes on meanwhile.
func BenchmarkBox(b *testing.B) {
	const lines, standing, perSecond = 16, 28, 50
	var pairs []*pair
	for i := range lines {
		p := newPair(b, fmt.Sprintf("line%d", i+1))
		pairs = append(pairs, p)
		for range standing {
			p.place(b)
		}
	}
	b.ReportAllocs()
	pace := time.NewTicker(time.Second / perSecond)
	b.ResetTimer()
	began := processor(b)
	for i := range b.N {
		<-pace.C
		p := pairs[i%lines]
		p.hangUp(p.place(b))
	}
	used := processor(b) - began
	b.StopTimer()
	b.ReportMetric(float64(used.Microseconds())/float64(b.N), "cpu-µs/call")
	b.ReportMetric(100*used.Seconds()/(float64(b.N)/perSecond), "%core-at-50/s")
	pace.Stop()
	for _, p := range pairs {
		p.end()
	}
}

// BenchmarkCall is one whole call on one line, both ends, as fast as they can.
func BenchmarkCall(b *testing.B) {
	p := newPair(b, "line1")
	b.ReportAllocs()
	began := processor(b)
	for b.Loop() {
		p.hangUp(p.place(b))
	}
	b.ReportMetric(float64((processor(b)-began).Microseconds())/float64(b.N), "cpu-µs/call")
	p.end()
}

// BenchmarkEnquiry is STATUS ENQUIRY and STATUS about a call that stands: four frames and two messages, from one end to
// the other and back.
func BenchmarkEnquiry(b *testing.B) {
	p := newPair(b, "line1")
	leg := p.place(b).(*leg)
	answers := make(chan struct{}, 8)
	tap := func(frame []byte) bool {
		if len(frame) > 9 && frame[8] == 0x7d {
			answers <- struct{}{}
		}
		return true
	}
	p.network.wire.tap.Store(&tap)
	b.ReportAllocs()
	began := processor(b)
	for b.Loop() {
		p.user.access.loop.Post(func() { p.user.access.enquiry(leg) })
		<-answers
	}
	b.ReportMetric(float64((processor(b)-began).Nanoseconds())/float64(b.N), "cpu-ns/op")
	p.end()
}

// BenchmarkNow is what a page costs that looks at a line.
func BenchmarkNow(b *testing.B) {
	p := newPair(b, "line1")
	b.ReportAllocs()
	for b.Loop() {
		p.user.access.Now()
	}
	p.end()
}
