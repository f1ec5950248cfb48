package vspan

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
)

func TestRealClockDoesNotDrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(Options{})
		began := time.Now()
		var rx, tx span.Block
		for range 500 {
			if err := c.A().Tick(&rx, &tx); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Millisecond) // work between ticks must not add up
		}
		if took := time.Since(began) - 3*time.Millisecond; took != 10*time.Second {
			t.Errorf("500 blocks of 20 ms took %v", took)
		}
	})
}

func TestCatchesUpAfterAStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pair{Cable: New(Options{Transit: 4}), t: t}
		var rx, tx span.Block
		tick := func(e *End) {
			if err := e.Tick(&rx, &tx); err != nil {
				t.Fatal(err)
			}
		}
		tick(p.A())
		time.Sleep(600 * time.Millisecond)
		for range 30 { // the blocks of the stall are there at once
			tick(p.A())
		}
		if c := p.A().Status().Counters; c.Ticks != 31 || c.RxOverruns != 0 {
			t.Errorf("after a stall of 0.6 s: %d ticks, %d overruns; want 31 and 0", c.Ticks, c.RxOverruns)
		}
		time.Sleep(5 * time.Second)
		tick(p.A())
		if c := p.A().Status().Counters; c.RxOverruns < 248 || c.RxOverruns > 250 {
			t.Errorf("after a stall of 5 s: %d blocks counted as missed, want 249", c.RxOverruns)
		}
	})
}

// A stalled sender loses sound, which is counted, and no D channel frame.
func TestStalledSenderKeepsItsFrames(t *testing.T) {
	p := newPair(t, Options{})
	frame := bytes.Repeat([]byte{0x00, 0x01, 0x7e}, 60)
	var rx, tx span.Block
	p.step(3, nil)
	if err := p.A().SendFrame(frame); err != nil {
		t.Fatal(err)
	}
	p.step(1, nil) // the first 160 octets of the frame are on their way
	for range 3 {  // A stalls
		p.clock.Step()
		if err := p.B().Tick(&rx, &tx); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // A catches up
		if err := p.A().Tick(&rx, &tx); err != nil {
			t.Fatal(err)
		}
	}
	p.step(4, nil)
	c := p.B().Status().Counters
	if c.BadFCS+c.Aborts+c.BadFrames != 0 || p.B().d.head != 1 {
		t.Fatalf("%d frames, %d wrong FCS, %d aborts, %d bad", p.B().d.head, c.BadFCS, c.Aborts, c.BadFrames)
	}
	buf := make([]byte, span.MaxFrame)
	if n, _ := p.B().ReceiveFrame(buf); !bytes.Equal(buf[:n], frame) {
		t.Errorf("received % x", buf[:n])
	}
	if n := p.A().Status().Counters.TxUnderruns; n != 2 {
		t.Errorf("A counts %d blocks not given, want 2", n)
	}
}

func TestTickDoesNotAllocate(t *testing.T) {
	p := newPair(t, Options{Block: 40})
	for d := range Direction(2) {
		p.SetFault(d, Fault{BitErrorRatio: 1e-3, SlipsPerS: 3, DelayBlocks: 2, EchoLossDB: 6, EchoDelayOctets: 30})
	}
	var rx, tx span.Block
	frame := make([]byte, 60)
	warm := func() {
		p.clock.mu.Lock()
		p.clock.count++
		p.clock.mu.Unlock()
		for i := range p.ends {
			p.ends[i].SendFrame(frame)
			p.ends[i].Tick(&rx, &tx)
		}
	}
	for range 500 {
		warm()
	}
	if n := testing.AllocsPerRun(500, warm); n != 0 {
		t.Errorf("%.1f allocations a tick, want none", n)
	}
}

func TestFarProcessComesAndGoes(t *testing.T) {
	c := New(Options{})
	defer c.A().Close()
	path := filepath.Join(t.TempDir(), "far")
	serve(t, c, path)
	if e := <-c.A().Events(); e.Alarms != span.LOS { // nobody is there
		t.Fatalf("alarms %v before the far process, want LOS", e.Alarms.Names())
	}
	for range 2 {
		far, err := Dial(path, DialOptions{Name: "carrier"})
		if err != nil {
			t.Fatal(err)
		}
		if e := <-c.A().Events(); e.Alarms != 0 {
			t.Fatalf("alarms %v with the far process there, want none", e.Alarms.Names())
		}
		if _, err := Dial(path, DialOptions{}); err == nil {
			t.Fatal("a second far process got the line")
		}
		far.Send(span.AIS)
		var rx, tx span.Block
		if err := far.Tick(&rx, &tx); err != nil {
			t.Fatal(err)
		}
		if e := <-c.A().Events(); e.Alarms != span.AIS {
			t.Fatalf("alarms %v while the far process sends AIS", e.Alarms.Names())
		}
		far.Close()
		if e := <-c.A().Events(); e.Alarms != span.LOS {
			t.Fatalf("alarms %v after the far process, want LOS", e.Alarms.Names())
		}
		if err := far.Tick(&rx, &tx); !errors.Is(err, io.EOF) {
			t.Errorf("Tick after Close: %v", err)
		}
	}
}

func TestFarProcessSeesTheBoxEnd(t *testing.T) {
	c := New(Options{})
	far := serveAndDial(t, c)
	defer far.Close()
	c.A().Close() // the box's end of the cable is switched off: LOS
	var rx, tx span.Block
	if e := far.tickUntilEvent(t, &rx, &tx); e.Alarms != span.LOS {
		t.Fatalf("alarms %v, want LOS", e.Alarms.Names())
	}
	c.B().Close() // the box is gone
	var err error
	for err == nil {
		err = far.Tick(&rx, &tx)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		t.Errorf("Tick after the box has gone: %v", err)
	}
	if err := far.Tick(&rx, &tx); err != io.EOF {
		t.Errorf("Tick after that: %v, want io.EOF", err)
	}
	if a := far.Status().Alarms; a != span.LOS {
		t.Errorf("alarms %v, want LOS", a.Names())
	}
}

// tickUntilEvent ticks until there is an event.
func (f *Far) tickUntilEvent(t *testing.T, rx, tx *span.Block) span.Event {
	t.Helper()
	for len(f.events) == 0 {
		if err := f.Tick(rx, tx); err != nil {
			t.Fatal(err)
		}
	}
	return <-f.events
}

func TestListenTakesOverADeadSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "far")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(path); err == nil {
		t.Fatal("a socket in use was taken over")
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	l, err = Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

func BenchmarkTick(b *testing.B) {
	clock := NewManual()
	c := New(Options{Clock: clock})
	var rx, tx span.Block
	b.ReportAllocs()
	for b.Loop() {
		clock.count++
		c.A().Tick(&rx, &tx)
		c.B().Tick(&rx, &tx)
	}
}
