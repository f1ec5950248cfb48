package vspan

import (
	"bytes"
	"net"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"trunkbox/drivers/hdlc"
	"trunkbox/drivers/span"
)

// aFrame spans three blocks of 160 octets.
var aFrame = bytes.Repeat([]byte{0x00, 0x01, 0x7e}, 60)

// TestAFarProcessThatAnswersLateKeepsItsFrames: it was kept waiting and answers six blocks at once. The sound of those whose
// moment has passed is lost, and of the D channel nothing.
func TestAFarProcessThatAnswersLateKeepsItsFrames(t *testing.T) {
	for _, dark := range []bool{false, true} {
		p := newPair(t, Options{Transit: 2})
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		thread, encoder := uint32(unix.Gettid()), hdlc.NewEncoder(1)
		var rx, tx span.Block
		tick := func(times int) {
			for range times {
				p.clock.Step()
				if err := p.A().Tick(&rx, &tx); err != nil {
					t.Fatal(err)
				}
			}
		}
		answer := func(moment uint64) {
			m := message{kind: span.E1, block: p.block}
			if err := m.parse((&message{moment: moment, block: p.block}).write(nil, &tx)); err != nil {
				t.Fatal(err)
			}
			encoder.Fill(m.place(int(span.E1.D())))
			p.B().give(&m, thread)
		}
		for n := range uint64(3) {
			tick(1)
			answer(n + 1)
		}
		if err := encoder.Send(aFrame); err != nil {
			t.Fatal(err)
		}
		tick(6)
		if dark {
			p.SetFault(BtoA, Fault{Alarms: span.LOS})
		}
		for n := range uint64(6) {
			answer(n + 4)
		}
		tick(1)
		p.SetFault(BtoA, Fault{})
		tick(3)
		want := uint64(1)
		if dark { // no late sound of a line that is cut
			want = 0
		}
		if got := p.A().d.head; got != want || len(p.B().out.overdue) != 0 {
			t.Errorf("LOS %v: %d frames came, %d octets are overdue; want %d and 0", dark, got, len(p.B().out.overdue), want)
		}
		if c := p.A().Status().Counters; !dark && c.BadFCS+c.Aborts+c.BadFrames != 0 {
			t.Errorf("%d wrong FCS, %d aborts, %d bad", c.BadFCS, c.Aborts, c.BadFrames)
		}
	}
}

// TestOctetsThatAreOverdueHaveAnEnd: a far process cannot fill the memory with answers nobody waits for.
func TestOctetsThatAreOverdueHaveAnEnd(t *testing.T) {
	w := newPair(t, Options{}).B().out
	for range 200 {
		w.owe(make([]byte, 160))
	}
	if got := len(w.overdue); got != catchUpOctets {
		t.Errorf("%d octets are overdue after 200 blocks, want %d", got, catchUpOctets)
	}
	if w.switchOn(false); len(w.overdue) != 0 {
		t.Errorf("%d octets are overdue from a transmitter that is off", len(w.overdue))
	}
}

// TestAFarProcessThatDoesNotFetchFindsItsFrames: what its socket does not hold waits for it, for a second.
func TestAFarProcessThatDoesNotFetchFindsItsFrames(t *testing.T) {
	p := newPair(t, Options{})
	box, far := socket(t)
	g, err := newGuest(p.B(), box)
	if err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	thread := uint32(unix.Gettid())
	var rx, tx span.Block
	tick := func() {
		p.clock.Step()
		if err := p.A().Tick(&rx, &tx); err != nil {
			t.Fatal(err)
		}
		g.send(thread)
	}
	for !g.kept {
		tick()
	}
	if err := p.A().SendFrame(aFrame); err != nil {
		t.Fatal(err)
	}
	for range 40 {
		tick()
	}
	decoder, frames := hdlc.NewDecoder(span.MaxFrame), 0
	for range 20 {
		hear(t, far, decoder, &frames)
		tick()
	}
	if c := decoder.Counters(); frames != 1 || c.BadFCS+c.Aborts+c.BadFrames != 0 {
		t.Errorf("%d frames, %d wrong FCS, %d aborts, %d bad; want 1 and none", frames, c.BadFCS, c.Aborts, c.BadFrames)
	}
	if n := p.B().Status().Counters.RxOverruns; n != 0 {
		t.Errorf("%d blocks were left out, want none", n)
	}
}

// socket is both ends of one as the line's.
func socket(t *testing.T) (box, far *net.UnixConn) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "far")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	far, err = net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: path, Net: "unixpacket"})
	if err != nil {
		t.Fatal(err)
	}
	box, err = l.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { box.Close(); far.Close() })
	return box, far
}

// TestAFarProcessThatIsNotFetchedKeepsItsFrames: a full socket takes no block, and what the D channel had in it comes with
// the next one.
func TestAFarProcessThatIsNotFetchedKeepsItsFrames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "far")
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dialled := make(chan *Far)
	go func() { dialled <- dial(t, path) }()
	box, err := l.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	defer box.Close()
	var rx, tx span.Block
	moment := uint64(0)
	say := func() {
		moment++
		if _, err := box.Write((&message{moment: moment, block: span.MaxBlock}).write(nil, &tx)); err != nil {
			t.Fatal(err)
		}
	}
	say()
	far := <-dialled
	defer far.Close()
	tick := func() {
		if err := far.Tick(&rx, &tx); err != nil {
			t.Fatal(err)
		}
	}
	tick()
	for !far.refused {
		say()
		tick()
	}
	if err := far.SendFrame(aFrame); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		say()
		tick()
	}
	decoder, frames := hdlc.NewDecoder(span.MaxFrame), 0
	hear(t, box, decoder, &frames)
	for range 4 {
		say()
		tick()
	}
	hear(t, box, decoder, &frames)
	if c := decoder.Counters(); frames != 1 || c.BadFCS+c.Aborts+c.BadFrames != 0 {
		t.Errorf("%d frames, %d wrong FCS, %d aborts, %d bad; want 1 and none", frames, c.BadFCS, c.Aborts, c.BadFrames)
	}
}

// hear takes the messages that have come and counts the frames in them.
func hear(t *testing.T, conn *net.UnixConn, decoder *hdlc.Decoder, frames *int) {
	t.Helper()
	raw, err := conn.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var letters mail
	letters.init()
	for {
		came, err := letters.fetch(raw)
		if err != nil {
			t.Fatal(err)
		}
		for i := range came {
			var m message
			if err := m.parse(letters.letter(i)); err != nil {
				t.Fatal(err)
			}
			decoder.Push(m.place(int(span.E1.D())), func([]byte) { *frames++ })
		}
		if came == 0 {
			return
		}
	}
}
