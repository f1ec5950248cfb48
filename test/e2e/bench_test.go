package e2e

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/test/farend/phone"
)

// BenchmarkCalls places calls that the menu answers and that are hung up at once: SETUP, CONNECT,
// DISCONNECT, and everything that the box does for them between. The far end is in the process of the
// test and takes its share of the machine; set-up_ms is from its SETUP to its sight of CONNECT.
//
// The virtual cable keeps every octet for 30 ms, so that a frame and its acknowledgement take about 80 ms
// with blocks of 10 ms. The far end sends four frames a call and at most 7 without an acknowledgement (k of
// Q.921): that bounds the rate here near 22 calls/s, and not the box, whose own share is box_ms/call.
func BenchmarkCalls(b *testing.B) {
	for _, c := range []struct{ atOnce, blockMS int }{{1, 10}, {10, 10}, {30, 10}, {30, 2}} {
		b.Run(fmt.Sprintf("%d at once/blocks of %d ms", c.atOnce, c.blockMS), func(b *testing.B) {
			box := open(b, func(s *config.Settings) { s.Lines[0].BlockMS = c.blockMS })
			var left atomic.Int64
			left.Store(int64(b.N))
			took := make([]time.Duration, b.N)
			before := box.usage()
			b.ResetTimer()
			var callers sync.WaitGroup
			for range c.atOnce {
				callers.Go(func() {
					for n := left.Add(-1); n >= 0; n = left.Add(-1) {
						took[n] = box.setUp(fmt.Sprintf("138%08d", n))
					}
				})
			}
			callers.Wait()
			b.StopTimer()
			after := box.usage()
			slices.Sort(took)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
			b.ReportMetric(1000*(after.processor-before.processor).Seconds()/float64(b.N), "box_ms/call")
			b.ReportMetric(milliseconds(took[len(took)/2]), "set-up_p50_ms")
			b.ReportMetric(milliseconds(took[len(took)*99/100]), "set-up_p99_ms")
			b.ReportMetric(after.memoryMB, "box_MB")
		})
	}
}

// setUp places one call, waits for its answer and its end, and returns how long the answer took.
func (b *box) setUp(caller string) time.Duration {
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	began := time.Now()
	c, err := b.far.Call(ctx, "5551000", caller)
	if err == nil {
		err = c.WaitAnswer(ctx)
	}
	took := time.Since(began)
	if err == nil {
		c.Hangup(16)
		err = c.WaitGone(ctx)
	}
	if err != nil {
		b.t.Errorf("the call from %s: %v", caller, err)
	}
	return took
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// loadFor is how long one measurement of load lasts: many times the clock tick of the kernel's accounts.
const loadFor = 3 * time.Second

// straightToSales leads callers to the queue without a key, which a machine at its limit might lose.
var straightToSales = []config.Route{{To: config.Destination{Kind: "queue", Target: "Sales"}}}

// BenchmarkSound measures what the sound of calls costs: callers who hear the music of a queue, and
// callers who talk to agents on SIP phones. The virtual line is a part of the box and of its load.
func BenchmarkSound(b *testing.B) {
	for _, waiting := range []int{0, 10, 30} {
		b.Run(fmt.Sprintf("%d in the queue", waiting), func(b *testing.B) {
			box := open(b, func(s *config.Settings) { s.Agents, s.Routes = nil, straightToSales })
			for n := range waiting {
				box.call(fmt.Sprintf("138%08d", n))
			}
			wait(b, "all are in the queue", func() bool { return len(box.now().Queues[0].Waiting) == waiting })
			box.measureLoad(b)
		})
	}
	b.Run("30 joined", func(b *testing.B) {
		box := open(b, func(s *config.Settings) {
			agent := s.Agents[0]
			s.Agents, s.Routes = nil, straightToSales
			for n := range 30 {
				agent.Extension = fmt.Sprint(801 + n)
				agent.Name = "Agent " + agent.Extension
				s.Agents = append(s.Agents, agent)
			}
		})
		var joining sync.WaitGroup
		for _, a := range box.settings.Agents {
			p := box.phone(a.Extension)
			box.waitAgent(a.Extension, "ready")
			joining.Go(func() { box.answerAndSpeak(p) })
		}
		for n := range 30 {
			box.call(fmt.Sprintf("138%08d", n)).PlayTone(700)
		}
		joining.Wait()
		wait(b, "all talk", func() bool {
			calls := box.now().Calls
			return len(calls) == 30 && !slices.ContainsFunc(calls, func(c struct{ ID, Direction, State, Where, Caller string }) bool {
				return c.State != "talking"
			})
		})
		box.measureLoad(b)
	})
}

// answerAndSpeak answers the next call and hums.
func (b *box) answerAndSpeak(p *phone.Phone) {
	c, err := p.WaitCall(soon(b.t))
	if err == nil {
		err = c.Answer(soon(b.t))
	}
	if err != nil {
		b.t.Error(err)
		return
	}
	c.PlayTone(1300)
}

// measureLoad reports the load of the box as it is now; one operation is one measurement.
func (b *box) measureLoad(bench *testing.B) {
	before := b.usage()
	for bench.Loop() {
		<-time.After(loadFor)
	}
	after := b.usage()
	bench.ReportMetric(load(before, after), "box_%cpu")
	bench.ReportMetric(after.memoryMB, "box_MB")
	bench.ReportMetric(float64(after.threads), "box_threads")
}

// BenchmarkDelay measures how long a sound takes through the box: from the moment at which one side
// begins to speak, anywhere within a packet or a block of its line, until the block with the beginning
// has come to the other's ear. What a network and a phone add of their own is not in it.
func BenchmarkDelay(b *testing.B) {
	box := open(b, nil)
	p := box.phone("801")
	box.waitAgent("801", "ready")
	caller := box.toSales("13800000001")
	agent := answered(b, p)
	talk(b, caller, agent)
	trunk, sip := caller.Sound(), agent.Sound()
	trunk.PlayNothing()
	sip.PlayNothing()
	b.Run("trunk to phone", func(b *testing.B) { measureDelay(b, trunk, sip) })
	b.Run("phone to trunk", func(b *testing.B) { measureDelay(b, sip, trunk) })
}

const (
	onsets     = 8   // an operation
	loudDBm0   = -40 // over the half second that is looked at: four samples of the tone
	silentDBm0 = -55
)

// voice is what one end of a call says and hears.
type voice interface {
	PlayTone(hz float64)
	PlayNothing()
	Level() float64
	Wait(ctx context.Context, heard func() bool) error
}

// measureDelay lets one side speak and looks when the other hears it.
func measureDelay(b *testing.B, from, to voice) {
	var took []time.Duration
	for b.Loop() {
		for range onsets {
			wait(b, "nothing is heard any more", func() bool { return to.Level() < silentDBm0 })
			<-time.After(time.Duration(len(took)*7%20) * time.Millisecond) // anywhere within a packet
			began := time.Now()
			from.PlayTone(1000)
			must(b, to.Wait(soon(b), func() bool { return to.Level() > loudDBm0 }))
			took = append(took, time.Since(began))
			from.PlayNothing()
		}
	}
	slices.Sort(took)
	b.ReportMetric(milliseconds(took[0]), "least_ms")
	b.ReportMetric(milliseconds(took[len(took)/2]), "median_ms")
	b.ReportMetric(milliseconds(took[len(took)-1]), "most_ms")
}
