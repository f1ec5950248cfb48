package vspan

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"trunkbox/drivers/span"
)

// ticking ticks a line in the background until the test ends.
func ticking(t *testing.T, line span.Line) {
	t.Helper()
	done := make(chan struct{})
	var quit atomic.Bool
	go func() {
		defer close(done)
		var rx, tx span.Block
		for !quit.Load() && line.Tick(&rx, &tx) == nil {
		}
	}()
	t.Cleanup(func() { quit.Store(true); <-done })
}

func TestOrdersOfAFarProcess(t *testing.T) {
	c := New(Options{Formats: [2]span.Format{{}, {Clock: span.FromLine}}})
	defer c.A().Close()
	path := filepath.Join(t.TempDir(), "far")
	serve(t, c, path)
	far := dial(t, path)
	defer far.Close()
	ticking(t, far)
	if got, want := far.Format(), c.B().Format(); got != want || got.Clock != span.FromLine {
		t.Errorf("the format is %+v, want %+v", got, want)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(far.SetFault(AtoB, Fault{Alarms: span.RAI, DSlot: 3, BitErrorRatio: 1e-9, EchoLossDB: 6}))
	if f := c.Fault(AtoB); f.Alarms != span.RAI || f.DSlot != 3 || f.EchoLossDB != 6 {
		t.Errorf("ordered over the socket: %+v", f)
	}
	if s, err := far.Seen(); err != nil || s.Alarms != span.RAI || s.Counters.Ticks == 0 {
		t.Errorf("the far end sees %+v, %v", s, err)
	}
	must(far.SetFault(AtoB, Fault{}))
	must(far.Tune(span.Format{Framing: span.NoCRC4, DInverted: true}))
	if a := c.A().Status().Alarms; a != span.LMFA {
		t.Errorf("the box sees %v, want LMFA", a.Names())
	}
	if err := far.Tune(span.Format{Framing: span.ESF}); !errors.Is(err, span.ErrNotSupported) {
		t.Errorf("ESF on an E1: %v", err)
	}
	must(far.SetPatch(Swapped))
	if a := c.A().Status().Alarms; a != span.LOS {
		t.Errorf("the box sees %v with the plugs swapped, want LOS", a.Names())
	}
	must(far.SetPatch(Straight))
	must(far.Loop(span.LineLoop))
	if a := c.B().Status().Alarms; a&span.Loopback == 0 {
		t.Errorf("the far end shows %v, want its loop", a.Names())
	}
	must(far.Loop(span.NoLoop))
	must(far.PRBS(true))
	must(far.Insert(span.DefectPRBS, 1))
	if r := far.PRBSResult(); !r.On {
		t.Errorf("the sequence: %+v", r)
	}
	must(far.Slip(BtoA, 2))
	must(far.LoopCode(true))
	if err := far.SetFault(7, Fault{}); err == nil {
		t.Error("a cable has taken direction 7")
	}
	far.Close()
	for c.A().Status().Alarms != span.LOS { // until the cable has seen it go
		<-c.A().Events()
	}
	again, err := Dial(path, DialOptions{})
	for err != nil { // the place of the first one is being cleared
		again, err = Dial(path, DialOptions{})
	}
	defer again.Close()
	ticking(t, again)
	if got, err := again.Seen(); err != nil || got.Alarms != 0 || again.Format().Framing != span.CRC4 {
		t.Errorf("the next far process finds %+v in %+v, %v; want a good line", got, again.Format(), err)
	}
}

func TestOrderWithoutAnyoneTicking(t *testing.T) {
	c := New(Options{})
	defer c.A().Close()
	far := serveAndDial(t, c)
	done := make(chan error, 1)
	go func() { done <- far.Loop(span.LineLoop) }()
	far.Close()
	select {
	case err := <-done:
		if err == nil {
			t.Error("an order has had an answer although nobody ticks")
		}
	case <-time.After(10 * answerWait):
		t.Fatal("an order still waits on a closed line")
	}
	if _, err := far.Seen(); !errors.Is(err, io.EOF) {
		t.Errorf("an order after Close: %v, want io.EOF", err)
	}
}

func TestSample(t *testing.T) {
	p := newPair(t, Options{Kind: span.T1, Block: 80})
	p.SetFault(AtoB, Fault{DSlot: 2})
	p.step(4, nil)
	blocks := make([]span.Block, 2)
	got := make(chan error, 1)
	var slots span.Slotset
	go func() {
		var err error
		slots, err = p.B().Sample(context.Background(), blocks)
		got <- err
	}()
	for waiting := true; waiting; {
		p.step(1, nil)
		select {
		case err := <-got:
			waiting = false
			if err != nil {
				t.Fatal(err)
			}
		default:
		}
	}
	if slots.Has(0) || !slots.Has(1) || !slots.Has(24) || slots.Has(25) {
		t.Errorf("the sample has timeslots %032b", slots)
	}
	for i := range blocks {
		for o := range p.block {
			if blocks[i][2][o] != 0x7e || blocks[i][24][o] == 0x7e && blocks[i][24][0] == 0x7e && blocks[i][24][1] == 0x7e {
				t.Fatalf("block %d: timeslot 2 has % x…, want the flags of the D channel, timeslot 24 % x…", i, blocks[i][2][:4], blocks[i][24][:4])
			}
		}
	}
	p.B().Close()
	if _, err := p.B().Sample(context.Background(), blocks); !errors.Is(err, io.EOF) {
		t.Errorf("on a closed line: %v", err)
	}
}

func FuzzOrder(f *testing.F) {
	on, up, looped, patch := true, false, span.LineLoop, Looped
	seed, err := writeControl(orderMagic, order{
		ID: 7, Format: &span.Format{Framing: span.NoCRC4}, Loop: &looped, Code: &up, PRBS: &on, Patch: &patch,
		Insert: &insertOrder{span.DefectCRC, 3}, Fault: &faultOrder{BtoA, Fault{Alarms: span.AIS, SlipsPerS: 2}}, Slip: &slipOrder{AtoB, 3},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte(orderMagic + `{"id":1,"fault":{"direction":9},"insert":{"defect":-1,"n":-5},"slip":{"n":1e18}}`))
	f.Add([]byte(orderMagic + `{"loop":200,"patch":255,"fault":{"fault":{"DSlot":255,"DelayBlocks":99999,"BitErrorRatio":-1,"EchoLossDB":1e308}}}`))
	f.Add([]byte(answerMagic + `{}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var o order
		if is, err := readControl(orderMagic, raw, &o); !is || err != nil {
			return
		}
		p := newPair(t, Options{})
		p.step(2, nil)
		a := p.B().execute(&o)
		if _, err := writeControl(answerMagic, a); err != nil {
			t.Errorf("the answer cannot be written: %v", err)
		}
		p.step(3, nil)
	})
}
