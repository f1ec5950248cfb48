package vspan

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
)

// pair is a cable on a manual clock whose two ends are ticked in turn.
type pair struct {
	*Cable
	t     *testing.T
	clock *Manual
	rx    [2]span.Block // what A and B received last
	said  int           // octets given so far in each timeslot
	heard [2][]byte     // timeslot 1 as A and B received it
}

func newPair(t *testing.T, o Options) *pair {
	clock := NewManual()
	o.Clock = clock
	p := &pair{Cable: New(o), t: t, clock: clock}
	t.Cleanup(func() { p.A().Close(); p.B().Close() })
	return p
}

// octet is what is said in a timeslot: a counter, so that a place in it can be known again.
func octet(at, ts int) byte { return byte(at*7 + ts*31) }

// step moves n blocks both ways with octets from say, or from octet when say is nil.
func (p *pair) step(n int, say func(at, ts int) byte) {
	p.t.Helper()
	if say == nil {
		say = octet
	}
	for range n {
		p.clock.Step()
		var tx span.Block
		for ts := range tx {
			for i := range p.block {
				tx[ts][i] = say(p.said+i, ts)
			}
		}
		p.said += p.block
		for i, line := range []*End{p.A(), p.B()} {
			if err := line.Tick(&p.rx[i], &tx); err != nil {
				p.t.Fatal(err)
			}
			p.heard[i] = append(p.heard[i], p.rx[i][1][:p.block]...)
		}
	}
}

func TestAlarmsAndRAI(t *testing.T) {
	tests := []struct {
		name         string
		order        func(c *Cable)
		wantA, wantB span.Alarm
	}{
		{"good", func(*Cable) {}, 0, 0},
		{"LOS", func(c *Cable) { c.SetFault(AtoB, Fault{Alarms: span.LOS}) }, span.RAI, span.LOS},
		{"LFA", func(c *Cable) { c.SetFault(AtoB, Fault{Alarms: span.LFA}) }, span.RAI, span.LFA},
		{"AIS", func(c *Cable) { c.SetFault(BtoA, Fault{Alarms: span.AIS}) }, span.AIS, span.RAI},
		{"RAI", func(c *Cable) { c.SetFault(BtoA, Fault{Alarms: span.RAI}) }, span.RAI, 0},
		{"no frame shows no RAI", func(c *Cable) { c.SetFault(BtoA, Fault{Alarms: span.LFA | span.RAI}) }, span.LFA, span.RAI},
		{"cut", func(c *Cable) { c.Cut(true) }, span.LOS, span.LOS},
		{"cut and back", func(c *Cable) { c.Cut(true); c.Cut(false) }, 0, 0},
		{"far end off", func(c *Cable) { c.A().Close() }, 0, span.LOS},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPair(t, Options{})
			p.step(3, nil)
			test.order(p.Cable)
			for i, want := range []span.Alarm{test.wantA, test.wantB} {
				if got := p.ends[i].Status().Alarms; got != want && !p.ends[i].over {
					t.Errorf("end %d sees %v, want %v", i, got.Names(), want.Names())
				}
			}
			if test.wantB.Down() && !p.A().over {
				p.step(2, nil)
				if got, ones := p.rx[1][5][:p.block], bytes.Repeat([]byte{0xff}, p.block); !bytes.Equal(got, ones) {
					t.Errorf("end B receives % x… under %v, want all ones", got[:8], test.wantB.Names())
				}
			}
		})
	}
}

func TestEventsKeepTheNewest(t *testing.T) {
	p := newPair(t, Options{})
	for range 3 * eventQueue {
		p.Cut(true)
		p.Cut(false)
	}
	p.SetFault(AtoB, Fault{Alarms: span.AIS})
	p.B().Close()
	var last span.Event
	n := 0
	for e := range p.B().Events() {
		last = e
		n++
	}
	if n != eventQueue || last.Alarms != span.AIS {
		t.Errorf("%d events, the last with %v; want %d, the last with AIS", n, last.Alarms.Names(), eventQueue)
	}
}

func TestTransitAndDelay(t *testing.T) {
	for _, delay := range []int{0, 1, 5} {
		p := newPair(t, Options{Transit: 2, Block: 80})
		p.SetFault(AtoB, Fault{DelayBlocks: delay})
		p.step(12, nil)
		wait := (2 + delay) * 80 // octet 0 was given at the first tick
		for i, got := range p.heard[1][wait:] {
			if want := octet(i, 1); got != want {
				t.Fatalf("delay %d: octet %d is %02x, want %02x", delay, i, got, want)
			}
		}
		for i, got := range p.heard[1][:wait] {
			if got != dsp.ALaw.Silence() {
				t.Fatalf("delay %d: octet %d before the first is %02x, want idle", delay, i, got)
			}
		}
	}
}

func TestSlips(t *testing.T) {
	p := newPair(t, Options{})
	p.step(4, nil)
	p.Slip(AtoB, 3)
	p.step(6, nil)
	if n := p.B().Status().Counters.Slips; n != 3 {
		t.Errorf("%d slips counted, want 3", n)
	}
	// What B heard runs on by 7 an octet but for the three slips: an octet twice (0), one lost (14), one twice (0).
	var odd []byte
	heard := p.heard[1][160:]
	for i := 1; i < len(heard); i++ {
		if d := heard[i] - heard[i-1]; d != 7 {
			odd = append(odd, d)
		}
	}
	if want := []byte{0, 14, 0}; !bytes.Equal(odd, want) {
		t.Errorf("steps other than 7 are %v, want %v", odd, want)
	}
}

func TestSlipsAtARate(t *testing.T) {
	p := newPair(t, Options{})
	p.SetFault(BtoA, Fault{SlipsPerS: 2.5})
	p.step(4*50, nil)
	if n := p.A().Status().Counters.Slips; n != 10 {
		t.Errorf("%d slips in 4 s at 2.5 a second, want 10", n)
	}
}

func TestBitErrors(t *testing.T) {
	for _, test := range []struct {
		kind  span.Kind
		ratio float64
	}{{span.E1, 1e-3}, {span.T1, 1e-2}, {span.E1, 1}, {span.E1, 1e-300}} {
		p := newPair(t, Options{Kind: test.kind})
		p.step(2, func(int, int) byte { return 0 })
		p.SetFault(AtoB, Fault{BitErrorRatio: test.ratio, Seed: 4})
		wrong, all := 0, 0
		for range 25 {
			p.step(1, func(int, int) byte { return 0 })
			for _, ts := range test.kind.B() {
				for _, o := range p.rx[1][ts][:p.block] {
					all += 8
					for ; o != 0; o &= o - 1 {
						wrong++
					}
				}
			}
		}
		got := float64(wrong) / float64(all)
		if math.Abs(got-test.ratio) > 0.1*test.ratio+1e-9 {
			t.Errorf("%v: %d of %d bits are wrong, %.2g; want %.2g", test.kind, wrong, all, got, test.ratio)
		}
		b, a := p.B().Status().Counters, p.A().Status().Counters
		if test.ratio > 1e-6 && (b.BPV == 0 || b.CRC4 == 0 || a.EBit != b.CRC4) {
			t.Errorf("%v: B counts %d BPV, %d CRC; A counts %d E-bits; want all over 0 and E-bits as many as CRC", test.kind, b.BPV, b.CRC4, a.EBit)
		}
	}
}

func TestBitErrorsAreSeeded(t *testing.T) {
	run := func(seed uint64) []byte {
		p := newPair(t, Options{})
		p.SetFault(AtoB, Fault{BitErrorRatio: 1e-2, Seed: seed})
		p.step(10, nil)
		return p.heard[1]
	}
	if one := run(1); !bytes.Equal(one, run(1)) {
		t.Error("the same seed spoils other bits")
	} else if bytes.Equal(one, run(2)) {
		t.Error("another seed spoils the same bits")
	}
}

func TestEcho(t *testing.T) {
	const delay, loss = 250, 12.0
	p := newPair(t, Options{Kind: span.T1})
	law := dsp.MuLaw
	p.SetFault(AtoB, Fault{EchoLossDB: loss, EchoDelayOctets: delay})
	pulse := func(at, ts int) byte { // one loud sample in timeslot 1
		if at == 400 && ts == 1 {
			return law.Encode(16000)
		}
		return law.Silence()
	}
	p.step(8, pulse)
	peak := slices.IndexFunc(p.heard[0], func(o byte) bool { return law.Decode(o) > 500 && law.Decode(o) < 8000 })
	// The fastest way round is one block: what is given with a block can be heard in the next.
	if want := 400 + 160 + delay; peak != want {
		t.Fatalf("the echo is at octet %d, want %d", peak, want)
	}
	got := 20 * math.Log10(16000/float64(law.Decode(p.heard[0][peak])))
	if math.Abs(got-loss) > 0.5 {
		t.Errorf("the echo is %.1f dB down, want %.1f", got, loss)
	}
}

func TestDChannelUnderBitErrors(t *testing.T) {
	p := newPair(t, Options{})
	frame := bytes.Repeat([]byte{0x02, 0x01, 0xff, 0x7e}, 8)
	p.SetFault(AtoB, Fault{BitErrorRatio: 2e-3, Seed: 9})
	for range 100 {
		if err := p.A().SendFrame(frame); err != nil {
			t.Fatal(err)
		}
		p.step(2, nil)
	}
	p.step(3, nil)
	whole := 0
	buf := make([]byte, span.MaxFrame)
	for p.B().d.head != p.B().d.tail {
		n, err := p.B().ReceiveFrame(buf)
		if err != nil || !bytes.Equal(buf[:n], frame) {
			t.Fatalf("received % x, %v", buf[:n], err)
		}
		whole++
	}
	c := p.B().Status().Counters
	bad := int(c.BadFCS + c.Aborts + c.BadFrames)
	if whole == 0 || whole == 100 || bad == 0 {
		t.Errorf("%d of 100 frames came whole, %d were counted bad; want some of both", whole, bad)
	}
}
