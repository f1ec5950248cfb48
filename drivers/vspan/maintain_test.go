package vspan

import (
	"errors"
	"math"
	"testing"

	"trunkbox/drivers/span"
)

func TestLoopsBringOnesOwnOctetsBack(t *testing.T) {
	for _, kind := range []span.Kind{span.E1, span.T1} {
		for _, test := range []struct {
			name  string
			order func(*Cable)
			delay int // blocks that an octet is on its way back to A
		}{
			{"local", func(c *Cable) { loop(c.A(), span.LocalLoop) }, 1},
			{"line at B", func(c *Cable) { loop(c.B(), span.LineLoop) }, 2},
			{"payload at B", func(c *Cable) { loop(c.B(), span.PayloadLoop) }, 2},
			{"loop plug", func(c *Cable) { c.SetPatch(Looped) }, 1},
		} {
			t.Run(kind.String()+" "+test.name, func(t *testing.T) {
				p := newPair(t, Options{Kind: kind})
				test.order(p.Cable)
				var mine, other, rx span.Block
				for i := range 8 {
					p.clock.Step()
					for ts := range mine {
						for o := range p.block {
							mine[ts][o], other[ts][o] = octet(i*p.block+o, ts), 0x11
						}
					}
					if err := p.A().Tick(&rx, &mine); err != nil {
						t.Fatal(err)
					}
					if err := p.B().Tick(new(span.Block), &other); err != nil {
						t.Fatal(err)
					}
					if i < 4 {
						continue
					}
					for _, ts := range kind.B() {
						for o := range p.block {
							if got, want := rx[ts][o], octet((i-test.delay)*p.block+o, int(ts)); got != want {
								t.Fatalf("block %d, timeslot %d, octet %d: %02x, want %02x", i, ts, o, got, want)
							}
						}
					}
				}
			})
		}
	}
}

// The user sees its own frames on a looped D channel.
func TestLoopBringsFramesBack(t *testing.T) {
	p := newPair(t, Options{})
	loop(p.B(), span.LineLoop)
	p.step(2, nil)
	if err := p.A().SendFrame([]byte{0, 1, 0x7f}); err != nil {
		t.Fatal(err)
	}
	p.step(6, nil)
	if p.A().d.head != 1 {
		t.Errorf("%d frames came back, want 1", p.A().d.head)
	}
}

func TestLoopCodes(t *testing.T) {
	p := newPair(t, Options{Kind: span.T1})
	p.SetFault(AtoB, Fault{BitErrorRatio: 1e-3, Seed: 3}) // T1.403 wants it heard through as many
	p.SetFault(BtoA, Fault{BitErrorRatio: 1e-3, Seed: 4})
	code := func(up bool, want [2]span.Alarm) {
		t.Helper()
		if err := p.A().LoopCode(up); err != nil {
			t.Fatal(err)
		}
		p.step(3*50, nil)
		if got := p.B().Status().Alarms; got == want[1] {
			t.Errorf("after 3 s of the code B shows %v already", got.Names())
		}
		p.step(3*50, nil)
		for i := range want {
			if got := p.ends[i].Status().Alarms; got != want[i] {
				t.Errorf("end %d shows %v after the code, want %v", i, got.Names(), want[i].Names())
			}
		}
	}
	code(true, [2]span.Alarm{0, span.Loopback})
	code(false, [2]span.Alarm{})

	// A loop that was set by hand is not the far end's to take away.
	loop(p.B(), span.LineLoop)
	if err := p.A().LoopCode(false); err != nil {
		t.Fatal(err)
	}
	p.step(6*50, nil)
	if got := p.B().Status().Alarms; got != span.Loopback {
		t.Errorf("B shows %v, want its own loop", got.Names())
	}
}

func TestNothingElseIsALoopCode(t *testing.T) {
	for _, o := range []byte{0x00, 0xff, 0x7e, 0x11, 0x49} {
		p := newPair(t, Options{})
		p.step(6*50, func(at, ts int) byte {
			if ts == 1 { // a code in one timeslot only, as a tone may look
				return []byte{0x08, 0x42, 0x10, 0x84, 0x21}[at%5]
			}
			return o
		})
		if a := p.B().Status().Alarms; a != 0 {
			t.Errorf("%02x in all timeslots: B shows %v", o, a.Names())
		}
	}
}

func TestPRBS(t *testing.T) {
	for _, kind := range []span.Kind{span.E1, span.T1} {
		for _, test := range []struct {
			name  string
			order func(*Cable)
			ratio float64
			sync  bool
		}{
			{"both send", func(c *Cable) { prbsOn(c.B()) }, 0, true},
			{"looped at B", func(c *Cable) { loop(c.B(), span.LineLoop) }, 0, true},
			{"payload looped at B", func(c *Cable) { loop(c.B(), span.PayloadLoop) }, 0, true},
			{"one in a thousand wrong", func(c *Cable) { prbsOn(c.B()); c.SetFault(BtoA, Fault{BitErrorRatio: 1e-3}) }, 1e-3, true},
			{"nobody sends", func(*Cable) {}, 0, false},
			{"no signal", func(c *Cable) { prbsOn(c.B()); c.Cut(true) }, 0, false},
		} {
			t.Run(kind.String()+" "+test.name, func(t *testing.T) {
				p := newPair(t, Options{Kind: kind})
				prbsOn(p.A())
				test.order(p.Cable)
				p.step(20, nil)
				r := p.A().PRBSResult()
				if !r.On || r.InSync != test.sync || r.For != 20*160*octetTime {
					t.Fatalf("%+v, want in sync: %v after 0.4 s", r, test.sync)
				}
				if math.Abs(r.Ratio()-test.ratio) > 0.15*test.ratio {
					t.Errorf("ratio %.2g, want %.2g: %+v", r.Ratio(), test.ratio, r)
				}
				if channels := uint64(len(kind.B()) + 1); test.sync && r.Bits < 16*160*8*channels {
					t.Errorf("%d bits in 0.4 s of %d timeslots", r.Bits, channels)
				}
			})
		}
	}
}

func prbsOn(e *End) {
	if err := e.PRBS(true); err != nil {
		panic(err)
	}
}

func TestPRBSSeesSlipsAndEnds(t *testing.T) {
	p := newPair(t, Options{})
	prbsOn(p.A())
	prbsOn(p.B())
	p.step(20, nil)
	p.Slip(AtoB, 1)
	p.step(20, nil)
	if r := p.B().PRBSResult(); r.SyncLosses != 1 || !r.InSync {
		t.Errorf("after one slip: %+v", r)
	}
	if err := p.A().PRBS(false); err != nil {
		t.Fatal(err)
	}
	p.step(20, nil)
	if r := p.B().PRBSResult(); r.SyncLosses != 2 || r.InSync {
		t.Errorf("after the sequence has ended: %+v", r)
	}
	if r := p.A().PRBSResult(); r.On || r.InSync || r.Bits == 0 {
		t.Errorf("switched off: %+v", r)
	}
	if got := p.rx[1][7][5]; got != octet(p.said-2*p.block+5-1, 7) { // one late since the slip
		t.Errorf("after the sequence B hears %02x, not what A says", got)
	}
}

func TestInsertedDefects(t *testing.T) {
	p := newPair(t, Options{})
	prbsOn(p.A())
	p.step(10, nil)
	type seen struct{ fas, crc, ebit, bpv, prbs uint64 }
	look := func() seen {
		b := p.B().Status().Counters
		return seen{b.FAS, b.CRC4, p.A().Status().Counters.EBit, b.BPV, p.B().PRBSResult().Errors}
	}
	if err := p.B().PRBS(true); err != nil {
		t.Fatal(err)
	}
	p.step(10, nil)
	for _, test := range []struct {
		d    span.Defect
		want seen
	}{
		{span.DefectFAS, seen{fas: 2}},
		{span.DefectCRC, seen{crc: 2, ebit: 2}},
		{span.DefectBipolar, seen{bpv: 2}},
		{span.DefectPRBS, seen{prbs: 2}},
	} {
		was := look()
		if err := p.A().Insert(test.d, 2); err != nil {
			t.Fatal(err)
		}
		p.step(4, nil)
		is := look()
		got := seen{is.fas - was.fas, is.crc - was.crc, is.ebit - was.ebit, is.bpv - was.bpv, is.prbs - was.prbs}
		if got != test.want {
			t.Errorf("two %v defects: %+v, want %+v", test.d, got, test.want)
		}
	}
	for _, d := range []span.Defect{span.DefectCAS, 99} {
		if err := p.A().Insert(d, 1); !errors.Is(err, span.ErrNotSupported) {
			t.Errorf("%v: %v", d, err)
		}
	}
}

// Three wrong frame alignment signals one after the other lose the alignment, for a moment.
func TestManyFASDefectsLoseTheFrame(t *testing.T) {
	p := newPair(t, Options{})
	p.step(3, nil)
	if err := p.A().Insert(span.DefectFAS, 3); err != nil {
		t.Fatal(err)
	}
	p.step(6, nil)
	p.B().Close()
	p.A().Close()
	var b, a []span.Alarm
	for e := range p.B().Events() {
		b = append(b, e.Alarms)
	}
	for e := range p.A().Events() {
		a = append(a, e.Alarms)
	}
	if len(b) < 2 || b[0] != span.LFA || b[1] != 0 {
		t.Errorf("B has seen %v, want LFA and its end", b)
	}
	if len(a) < 2 || a[0] != span.RAI || a[1] != 0 {
		t.Errorf("A has seen %v, want RAI and its end", a)
	}
}

func TestMaintenanceDoesNotAllocate(t *testing.T) {
	p := newPair(t, Options{Block: 80, Formats: [2]span.Format{{LineCode: span.AMI}, {}}})
	loop(p.B(), span.LineLoop)
	prbsOn(p.A())
	var rx, tx span.Block
	tick := func() {
		p.clock.mu.Lock()
		p.clock.count++
		p.clock.mu.Unlock()
		for i := range p.ends {
			p.ends[i].Tick(&rx, &tx)
		}
	}
	for range 100 {
		tick()
	}
	if n := testing.AllocsPerRun(100, tick); n != 0 {
		t.Errorf("%.1f allocations a tick, want none", n)
	}
}
