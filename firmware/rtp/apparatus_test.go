package rtp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
)

// tape is the sound of a party as a recording has it.
type tape struct{ octets []byte }

func (t *tape) Take(said, _ []byte, _ dsp.Law) { t.octets = append(t.octets, said...) }

// whole tells that a recording has what was said, from its beginning on and without a gap, least of it and more.
func (r *tape) whole(t *testing.T, said []byte, least int) {
	t.Helper()
	at := bytes.Index(r.octets, said[:200])
	if at < 0 {
		t.Fatal("the recording has not the begin")
	}
	got := r.octets[at:]
	for i := range got {
		if got[i] != said[i] {
			t.Fatalf("octet %d of the recording is %#x, want %#x", i, got[i], said[i])
		}
	}
	if len(got) < least {
		t.Fatalf("only %d octets recorded, want %d", len(got), least)
	}
}

// bare is two telephones that hear each other so long that neither stream has its apparatus, with a recording of the first.
func bare(t *testing.T, block int, said []byte) (x *box, a, b *handset, recording *tape) {
	t.Helper()
	x = newBox(t, block)
	a, b = x.phone(Options{}, 160, nil), x.phone(Options{}, 160, nil)
	a.says, b.says = said, said
	for _, h := range x.phones {
		h.stream.playout.delay.prefill = max(leastReserve, block) + lack
	}
	recording = new(tape)
	a.party.Attach(recording)
	bridge.Join(a.party, b.party)
	x.untilBare(a, b)
	return x, a, b, recording
}

// untilBare lets time pass until neither stream has an apparatus.
func (x *box) untilBare(a, b *handset) {
	x.t.Helper()
	for range 6 * 8000 / x.block {
		if a.stream.apparatus == nil && b.stream.apparatus == nil {
			return
		}
		x.tick()
	}
	x.t.Fatalf("after 6 s: %d and %d, relayed %v and %v", a.stream.fitting.Load(), b.stream.fitting.Load(), a.relayedTo(b), b.relayedTo(a))
}

// steadily tells that nothing was lost, made up or corrected.
func (h *handset) steadily(t *testing.T) {
	t.Helper()
	got := h.stream.Stats()
	if got.Overflow+got.SendErrors+got.Late+got.Reordered+got.Corrections+uint64(got.Concealed+got.Skipped) > 0 {
		t.Fatalf("statistics %+v", got)
	}
}

// TestWithoutApparatusNothingChanges: the source of one of two telephones changes at any time, the pump turns late and the
// apparatus comes and goes; both hear, and a recording has, all of what was said.
func TestWithoutApparatusNothingChanges(t *testing.T) {
	said := random(8000 * 30)
	for seed := range uint64(9) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 2))
			x, a, b, recording := bare(t, []int{40, 50, 80}[seed%3], said)
			for range 5 {
				switch b.stream.relay.rest = 0; r.IntN(3) {
				case 0: // a word into one ear, which mixes all else to it
					b.party.Hear(bridge.Mix(a.party))
				case 1: // nobody hears the other for a moment
					a.party.Hear(nil)
				case 2: // the pump turns in the next tick
					x.late()
				}
				for range r.IntN(20) {
					x.tick()
				}
				bridge.Join(a.party, b.party)
				x.untilBare(a, b)
				for range r.IntN(20) {
					x.tick()
				}
			}
			a.steadily(t)
			b.heardWhole(t, said, 8000*8)
			recording.whole(t, said, 8000*8)
		})
	}
}

// TestALateEngineFindsTheInbox: what the lane does not take waits where it always did.
func TestALateEngineFindsTheInbox(t *testing.T) {
	for _, late := range []time.Duration{70 * time.Millisecond, 100 * time.Millisecond, 160 * time.Millisecond} {
		t.Run(late.String(), func(t *testing.T) {
			said := random(8000 * 20)
			x, a, b, recording := bare(t, 80, said)
			for range int(late / (10 * time.Millisecond)) {
				x.speak()
				x.turn()
				b.listen(t)
			}
			if got := a.stream.fitting.Load() == fitted; got != (late > laneSlots*20*time.Millisecond) {
				t.Errorf("an apparatus: %v", got)
			}
			x.pass(40 * time.Millisecond) // the longer delay is corrected later
			a.steadily(t)
			recording.whole(t, said, 8000*2)
			x.pass(2 * time.Second)
			b.heardWhole(t, said, 8000*4)
		})
	}
}

// TestKeysWithoutApparatus: a key is told once, ends the relay and is heard once, and leaves no apparatus away.
func TestKeysWithoutApparatus(t *testing.T) {
	quiet := bytes.Repeat([]byte{dsp.ALaw.Silence()}, 8000*30)
	x, a, b, _ := bare(t, 80, quiet)
	a.press('7', func() { x.pass(20 * time.Millisecond) })
	x.untilBare(a, b)
	if string(a.keys) != "7" {
		t.Errorf("told %q", a.keys)
	}
	keys := ""
	detector := dsp.NewDTMF()
	for _, p := range b.heard {
		detector.PushOctets(p.octets, dsp.ALaw, func(e dsp.DigitEvent) {
			if !e.End {
				keys += string(e.Digit)
			}
		})
	}
	if keys != "7" {
		t.Errorf("the other phone hears %q", keys)
	}
	if !b.stream.Press('1') {
		t.Fatal("a key is refused")
	}
	before := len(b.heard)
	x.pass(300 * time.Millisecond)
	events := 0
	for _, p := range b.heard[before:] {
		if p.payloadType == 101 {
			events++
		}
	}
	if events != 7 || b.stream.Stats().SendErrors != 0 {
		t.Errorf("%d packets of a key, want 5 and 2 more that it is up; statistics %+v", events, b.stream.Stats())
	}
}

// TestAGreaterDelayTakesTheApparatus: a phone whose packets come in heaps gets the longer buffer back, and what it says is
// whole.
func TestAGreaterDelayTakesTheApparatus(t *testing.T) {
	said := random(8000 * 20)
	x, a, b, recording := bare(t, 80, said)
	for range 14 { // 140 ms of packets come before their time
		a.speak(x.block)
	}
	x.pass(60 * time.Millisecond)
	if a.stream.fitting.Load() != fitted {
		t.Errorf("no apparatus with %d samples to play", a.stream.playout.depth())
	}
	a.steadily(t)
	recording.whole(t, said, 8000*2)
	b.heardWhole(t, said, 8000*2)
}

// TestWithoutApparatusNothingIsAllocated: neither in the tick nor in the turn.
func TestWithoutApparatusNothingIsAllocated(t *testing.T) {
	x, a, b, _ := bare(t, 80, random(8000*20))
	packet := make([]byte, headerSize+160)
	packet[0], packet[1] = 0x80, PayloadALaw
	binary.BigEndian.PutUint32(packet[8:], a.ssrc)
	var l letter
	n := testing.AllocsPerRun(200, func() {
		for _, h := range x.phones {
			binary.BigEndian.PutUint16(packet[2:], h.sequence)
			binary.BigEndian.PutUint32(packet[4:], h.timestamp)
			h.sequence, h.timestamp = h.sequence+1, h.timestamp+160
			_ = send(h.fd, packet, &h.to)
		}
		x.turn()
		_, _, _ = l.receive(a.fd)
		_, _, _ = l.receive(b.fd)
		x.engine.Tick()
		x.turn()
		x.engine.Tick()
	})
	if n > 0 || a.stream.fitting.Load() != gone {
		t.Errorf("%v allocations a packet, fitting %d", n, a.stream.fitting.Load())
	}
}

// TestApparatusWithThreads: it goes and comes with the pump's and the engine's own threads; no number leaves twice or is left
// out.
func TestApparatusWithThreads(t *testing.T) {
	t.Parallel()
	x := newBox(t, 80)
	x.ports.pump.byHand = false
	a, b := x.phone(Options{}, 160, nil), x.phone(Options{}, 160, nil)
	bridge.Join(a.party, b.party)
	step := x.byThreads()
	both := func(state uint32) func() bool {
		return func() bool { return a.stream.fitting.Load() == state && b.stream.fitting.Load() == state }
	}
	x.repeat(step, "bare", both(gone), a, b)
	b.party.Hear(bridge.Mix(a.party))
	x.repeat(step, "fitted", both(fitted), a, b)
	b.inOrder(t)
}
