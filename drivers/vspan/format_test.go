package vspan

import (
	"bytes"
	"math"
	"testing"

	"trunkbox/drivers/span"
)

// What each end sees of a mismatch or a fault, before anything is said on the D channel.
func TestWhatEachEndSees(t *testing.T) {
	e1, t1 := span.E1, span.T1
	fault := func(f Fault) func(*Cable) {
		return func(c *Cable) { c.SetFault(BtoA, f) }
	}
	formats := func(a, b span.Format) func(*Cable) {
		return func(c *Cable) {
			for i, f := range []span.Format{a, b} {
				if err := c.ends[i].Tune(f); err != nil {
					panic(err)
				}
			}
		}
	}
	tests := []struct {
		name   string
		kind   span.Kind
		order  func(*Cable)
		a, b   span.Alarm
		frames bool // frames from B reach A
	}{
		{"good E1", e1, func(*Cable) {}, 0, 0, true},
		{"good T1", t1, func(*Cable) {}, 0, 0, true},
		{"CRC-4 at A only", e1, formats(span.Format{}, span.Format{Framing: span.NoCRC4}), span.LMFA, span.RAI, true},
		{"CRC-4 at B only", e1, formats(span.Format{Framing: span.NoCRC4}, span.Format{}), span.RAI, span.LMFA, true},
		{"no CRC-4 at both", e1, formats(span.Format{Framing: span.NoCRC4}, span.Format{Framing: span.NoCRC4}), 0, 0, true},
		{"ESF against D4", t1, formats(span.Format{}, span.Format{Framing: span.D4}), span.LFA, span.LFA, false},
		{"HDB3 against AMI", e1, formats(span.Format{}, span.Format{LineCode: span.AMI}), 0, 0, true},
		{"A inverts D", e1, formats(span.Format{DInverted: true}, span.Format{}), 0, 0, false},
		{"both invert D", e1, formats(span.Format{DInverted: true}, span.Format{DInverted: true}), 0, 0, true},
		{"A has 56 kbit/s", t1, formats(span.Format{DRate: 56}, span.Format{}), 0, 0, false},
		{"both have 56 kbit/s", t1, formats(span.Format{DRate: 56}, span.Format{DRate: 56}), 0, 0, true},
		{"both are masters", e1, formats(span.Format{Clock: span.Internal}, span.Format{}), 0, 0, true},
		{"both follow", e1, formats(span.Format{}, span.Format{Clock: span.FromLine}), 0, 0, true},
		{"cut", e1, func(c *Cable) { c.Cut(true) }, span.LOS, span.LOS, false},
		{"plugs swapped", e1, func(c *Cable) { c.SetPatch(Swapped) }, span.LOS, span.LOS, false},
		{"loop plugs", e1, func(c *Cable) { c.SetPatch(Looped) }, 0, 0, false},
		{"no signal to A", e1, fault(Fault{Alarms: span.LOS}), span.LOS, span.RAI, false},
		{"weak signal to A", e1, fault(Fault{AttenuationDB: 20}), 0, 0, true},
		{"hardly any signal to A", e1, fault(Fault{AttenuationDB: 31}), span.LOS, span.RAI, false},
		{"AIS to A", e1, fault(Fault{Alarms: span.AIS}), span.AIS, span.RAI, false},
		{"RAI to A", e1, fault(Fault{Alarms: span.RAI}), span.RAI, 0, true},
		{"D elsewhere", e1, fault(Fault{DSlot: 1}), 0, 0, false},
		{"D inverted under way", e1, fault(Fault{DInverted: true}), 0, 0, false},
		{"bit 8 of D lost", t1, fault(Fault{DBit8: true}), 0, 0, false},
		{"local loop at B", e1, func(c *Cable) { loop(c.B(), span.LocalLoop) }, span.AIS, span.Loopback, false},
		{"line loop at B", e1, func(c *Cable) { loop(c.B(), span.LineLoop) }, 0, span.Loopback, false},
		{"payload loop at B", e1, func(c *Cable) { loop(c.B(), span.PayloadLoop) }, 0, span.Loopback, false},
		{
			"line loop at B hides what B expects", e1, func(c *Cable) {
				formats(span.Format{Framing: span.NoCRC4}, span.Format{})(c)
				loop(c.B(), span.LineLoop)
			}, 0, span.LMFA | span.Loopback, false,
		},
		{"line loops at both", e1, func(c *Cable) { loop(c.A(), span.LineLoop); loop(c.B(), span.LineLoop) }, span.AIS | span.Loopback, span.AIS | span.Loopback, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPair(t, Options{Kind: test.kind})
			test.order(p.Cable)
			for i, want := range []span.Alarm{test.a, test.b} {
				if got := p.ends[i].Status().Alarms; got != want {
					t.Errorf("end %d sees %v, want %v", i, got.Names(), want.Names())
				}
			}
			frame := []byte{0x02, 0x01, 0x7f, 0x00, 0x55}
			p.step(2, nil)
			if err := p.B().SendFrame(frame); err != nil {
				t.Fatal(err)
			}
			p.step(6, nil)
			d := &p.A().d
			came := d.head == 1 && bytes.Equal(d.frames[0], frame)
			if came != test.frames {
				t.Errorf("the frame of B has reached A: %v, want %v (%+v)", came, test.frames, p.A().Status().Counters)
			}
		})
	}
}

func loop(e *End, l span.Loop) {
	if err := e.Loop(l); err != nil {
		panic(err)
	}
}

func TestFaultOfOneDirectionIsNotTheOthers(t *testing.T) {
	p := newPair(t, Options{})
	p.SetFault(BtoA, Fault{DSlot: 5})
	p.step(2, nil)
	if err := p.A().SendFrame([]byte{0, 1, 0x7f}); err != nil {
		t.Fatal(err)
	}
	p.step(4, nil)
	if p.B().d.head != 1 {
		t.Error("with the D channel elsewhere from B to A only, no frame of A has reached B")
	}
}

func TestClocks(t *testing.T) {
	tests := []struct {
		name        string
		a, b        span.Clock
		order       func(*Cable)
		inA, inB    span.Clock
		lostA, lost bool // A's slips: of frames lost; are there slips at all
		offsetA     float64
	}{
		{"A follows B", span.FromLine, span.Internal, nil, span.FromLine, span.Internal, false, false, -400},
		{"B follows A", span.Internal, span.FromLine, nil, span.Internal, span.FromLine, false, false, 0},
		{"two masters", span.Internal, span.Internal, nil, span.Internal, span.Internal, false, true, -400},
		{"two followers", span.FromLine, span.FromLine, nil, span.FromLine, span.FromLine, false, false, -350},
		{"A follows nothing", span.FromLine, span.Internal, func(c *Cable) { c.Cut(true) }, span.Internal, span.Internal, false, false, 0},
		{"A follows B, which cannot hear", span.FromLine, span.FromLine, func(c *Cable) { c.SetFault(AtoB, Fault{Alarms: span.LOS}) }, span.FromLine, span.Internal, false, false, -400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPair(t, Options{PPM: 400, Formats: [2]span.Format{{Clock: test.a}, {Clock: test.b}}})
			if test.order != nil {
				test.order(p.Cable)
			}
			p.step(50*2, nil) // 2 s at 400 ppm: 6.4 frames
			a, b := p.A().Status(), p.B().Status()
			if a.Signal.Clock != test.inA || b.Signal.Clock != test.inB {
				t.Errorf("the clocks in use are %v and %v, want %v and %v", a.Signal.Clock, b.Signal.Clock, test.inA, test.inB)
			}
			if math.Abs(a.Signal.OffsetPPM-test.offsetA) > 0.01 {
				t.Errorf("A sees an offset of %.1f ppm, want %.1f", a.Signal.OffsetPPM, test.offsetA)
			}
			want := uint64(0)
			if test.lost {
				want = 6
			}
			if a.Counters.Slips != want || b.Counters.Slips != want {
				t.Errorf("%d and %d slips, want %d", a.Counters.Slips, b.Counters.Slips, want)
			}
			// A's oscillator is the faster one: A has too few frames, B too many.
			if a.Counters.SlipsTwice != want || b.Counters.SlipsLost != want {
				t.Errorf("A repeats %d frames and B loses %d, want %d", a.Counters.SlipsTwice, b.Counters.SlipsLost, want)
			}
		})
	}
}

func TestLineCodes(t *testing.T) {
	tests := []struct {
		name       string
		kind       span.Kind
		sent, read span.LineCode
		say        byte
		bpv, cv    bool
		heard      byte
	}{
		{"HDB3 as AMI, zeros", span.E1, span.HDB3, span.AMI, 0x00, true, false, 0x11},
		{"HDB3 as AMI, none to replace", span.E1, span.HDB3, span.AMI, 0xd5, false, false, 0xd5},
		{"AMI as HDB3, zeros", span.E1, span.AMI, span.HDB3, 0x00, false, true, 0x00},
		// 000VB0VB, one bit early: the flag in timeslot 24 ends with a zero.
		{"B8ZS as AMI, zeros", span.T1, span.B8ZS, span.AMI, 0x00, true, false, 0x36},
		{"B8ZS as AMI, none to replace", span.T1, span.B8ZS, span.AMI, 0xff, false, false, 0xff},
		{"AMI as AMI, zeros", span.E1, span.AMI, span.AMI, 0x00, false, false, 0x00},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newPair(t, Options{Kind: test.kind, Formats: [2]span.Format{{LineCode: test.sent}, {LineCode: test.read}}})
			p.step(6, func(int, int) byte { return test.say })
			c := p.B().Status().Counters
			if (c.BPV > 0) != test.bpv || (c.CodeViolations > 0) != test.cv {
				t.Errorf("%d BPV, %d other violations; want some: %v, %v", c.BPV, c.CodeViolations, test.bpv, test.cv)
			}
			if (c.CRC4 > 0) != test.bpv || p.A().Status().Counters.EBit != c.CRC4 {
				t.Errorf("%d CRC errors at B, %d reported to A; pulses read wrong: %v", c.CRC4, p.A().Status().Counters.EBit, test.bpv)
			}
			wrong := 0
			for _, o := range p.rx[1][7][1:p.block] {
				// B00V has one pulse more than 000V; which of the two it is depends on what was before.
				if o != test.heard && (test.sent != span.HDB3 || o&^0x88 != test.heard) {
					wrong++
				}
			}
			if wrong > 0 {
				t.Errorf("%d octets are not %02x: % x…", wrong, test.heard, p.rx[1][7][:8])
			}
		})
	}
}

func TestTuneRefuses(t *testing.T) {
	p := newPair(t, Options{})
	before := p.A().Format()
	for _, f := range []span.Format{{Framing: span.ESF}, {LineCode: span.B8ZS}, {DRate: 48}, {Framing: span.NoCRC4, Clock: 7}} {
		if err := p.A().Tune(f); err == nil {
			t.Errorf("an E1 took %+v", f)
		}
		if p.A().Format() != before {
			t.Fatalf("the format has changed to %+v", p.A().Format())
		}
	}
}

func TestLevel(t *testing.T) {
	p := newPair(t, Options{})
	p.SetFault(AtoB, Fault{AttenuationDB: 12})
	if s := p.B().Status().Signal; !s.LevelKnown || s.LevelDB != -12 || s.Framing != span.CRC4 {
		t.Errorf("%+v", s)
	}
	p.Cut(true)
	if s := p.B().Status().Signal; s.LevelKnown || s.Framing != span.FramingUnknown {
		t.Errorf("cut: %+v", s)
	}
}
