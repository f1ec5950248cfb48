package rtp

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
)

// TestTermsEndARelay: whatever changes so that a relay is not right any more ends it within one tick, and what the
// other phone hears has no gap and nothing twice.
func TestTermsEndARelay(t *testing.T) {
	change := func(h *handset, change func(*Terms)) {
		change(&h.terms)
		_ = h.stream.Agree(h.terms)
	}
	for _, c := range []struct {
		name string
		do   func(x *box, a, b *handset)
	}{
		{"mix", func(_ *box, a, b *handset) { b.party.Hear(bridge.Mix(a.party)) }},
		{"silence", func(_ *box, _, b *handset) { b.party.Hear(nil) }},
		{"held", func(_ *box, _, b *handset) { b.stream.Hold(true) }},
		{"the other is held", func(_ *box, a, _ *handset) { a.stream.Hold(true) }},
		{"direction", func(_ *box, _, b *handset) { change(b, func(t *Terms) { t.Direction = RecvOnly }) }},
		{"direction of the other", func(_ *box, a, _ *handset) { change(a, func(t *Terms) { t.Direction = SendOnly }) }},
		{"no telephone-event", func(_ *box, _, b *handset) { change(b, func(t *Terms) { t.DTMFType = 0 }) }},
		{"G.722", func(_ *box, _, b *handset) { change(b, func(t *Terms) { t.Codec, t.PayloadType = G722, PayloadG722 }) }},
		{"treated", func(x *box, a, _ *handset) { x.treat(a) }},
		{"the other is treated", func(x *box, _, b *handset) { x.treat(b) }},
		{"a key is sent", func(_ *box, _, b *handset) { b.stream.Press('1') }},
		{"longer packets", func(x *box, a, _ *handset) { a.size, a.every = 240, 0; x.pass(30 * time.Millisecond) }},
		{"comfort noise", func(x *box, a, _ *handset) { a.send(PayloadComfortNoise, a.timestamp, []byte{60}); x.tick() }},
		{"no packets", func(x *box, a, _ *handset) { a.says = nil; x.pass(120 * time.Millisecond) }},
		{"another source", func(x *box, a, _ *handset) { a.sequence += 5000; x.pass(20 * time.Millisecond) }},
		{"a new source", func(x *box, a, _ *handset) { a.ssrc, a.timestamp = 1, a.timestamp-1<<30; x.pass(20 * time.Millisecond) }},
		{"a new source of later", func(x *box, a, _ *handset) { a.ssrc, a.timestamp = 1, a.timestamp+1<<30; x.pass(20 * time.Millisecond) }},
		{"leap of time", func(x *box, a, _ *handset) { a.timestamp += 1000; x.pass(20 * time.Millisecond) }},
		{"removed", func(x *box, a, _ *handset) { x.engine.Remove(a.party) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			said := random(8000 * 10)
			x, a, b := pairRelayed(t, 80, said)
			c.do(x, a, b)
			x.tick()
			if a.relayedTo(b) || !b.stream.relay.leaving && b.stream.relay.from != nil {
				t.Error("relayed in the next tick")
			}
			sequences := map[uint16]bool{}
			x.pass(500 * time.Millisecond)
			for i, p := range b.heard {
				if sequences[p.sequence] {
					t.Fatalf("number %d twice", p.sequence)
				}
				sequences[p.sequence] = true
				if i > 0 && (p.sequence != b.heard[i-1].sequence+1 || p.payloadType != 101 && int32(p.timestamp-b.heard[i-1].timestamp) < int32(0)) {
					t.Fatalf("number %d at %d after %d at %d", p.sequence, p.timestamp, b.heard[i-1].sequence, b.heard[i-1].timestamp)
				}
			}
			if b.stream.relay.from != nil || a.stream.heardBy != nil || a.stream.playout.awaited.on {
				t.Error("the relay is not forgotten")
			}
		})
	}
}

func (x *box) treat(h *handset) {
	x.t.Helper()
	if err := h.party.Treat(bridge.Treatment{Noise: true}); err != nil {
		x.t.Fatal(err)
	}
}

// TestWhatIsNotRelayed: telephones between which no packet can pass as it is hear each other by the tick, as ever.
func TestWhatIsNotRelayed(t *testing.T) {
	for _, c := range []struct {
		name    string
		size    int
		oa, ob  Options
		ta, tb  func(*Terms)
		relayed bool
	}{
		{name: "alike", size: 160, relayed: true},
		{name: "nobody asked, packets of 10 ms", size: 80, relayed: true},
		{name: "20 ms asked for, packets of 10 ms", size: 80, ob: Options{PacketMS: 20}},
		{name: "packets of 30 ms", size: 240},
		{name: "30 ms asked for, packets of 30 ms", size: 240, ob: Options{PacketMS: 30}, relayed: true},
		{name: "one without telephone-event", size: 160, tb: func(t *Terms) { t.DTMFType = 0 }},
		{name: "both without", size: 160, ta: func(t *Terms) { t.DTMFType = 0 }, tb: func(t *Terms) { t.DTMFType = 0 }, relayed: true},
		{name: "silence suppressed", size: 160, ob: Options{SuppressSilence: true}},
		{name: "G.722 to one", size: 160, tb: func(t *Terms) { t.Codec, t.PayloadType = G722, PayloadG722 }},
		{
			name: "G.722 to both", size: 160, relayed: true,
			ta: func(t *Terms) { t.Codec, t.PayloadType = G722, PayloadG722 }, tb: func(t *Terms) { t.Codec, t.PayloadType = G722, PayloadG722 },
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newBox(t, 80)
			a, b := x.phone(c.oa, c.size, c.ta), x.phone(c.ob, c.size, c.tb)
			a.says = random(8000 * 5)
			bridge.Join(a.party, b.party)
			x.pass(2 * time.Second)
			if a.relayedTo(b) != c.relayed {
				t.Errorf("relayed: %v", !c.relayed)
			}
			b.sound(t)
			if b.terms.Codec == G722 && c.relayed { // what left last is what the phone said, octet by octet
				if last := b.heard[len(b.heard)-1].octets; !bytes.Contains(random(8000*5), last) {
					t.Error("G.722 was not passed on as it is")
				}
			}
		})
	}
}

// TestLossAndDisorderPassARelay: a lost packet leaves its number out, one that is overtaken has its own, and one that
// comes twice goes once.
func TestLossAndDisorderPassARelay(t *testing.T) {
	x, a, b := pairRelayed(t, 80, random(8000*10))
	x.pass(20 * time.Millisecond)
	b.heard = nil
	first, at, says := a.sequence, a.timestamp, a.says
	for _, n := range []int{0, 2, 1, 1, 5, 4} { // 3 is lost
		a.sequence = first + uint16(n)
		a.send(PayloadALaw, at+uint32(160*n), says[160*n:160*n+160])
	}
	for range 6 { // one packet of a socket in a turn
		x.turn()
	}
	b.listen(t)
	if !a.relayedTo(b) {
		t.Fatal("the relay has ended")
	}
	var came []int
	for _, p := range b.heard {
		n := int(p.sequence - b.heard[0].sequence)
		came = append(came, n)
		if p.timestamp != b.heard[0].timestamp+uint32(160*n) || !bytes.Equal(p.octets, says[160*n:160*n+160]) {
			t.Errorf("packet %d is another one", n)
		}
	}
	if !slices.Equal(came, []int{0, 2, 1, 5, 4}) {
		t.Errorf("packets went %v", came)
	}
}

// recording keeps what it is shown.
type recording struct{ said, heard []byte }

func (r *recording) Take(said, heard []byte, _ dsp.Law) {
	r.said, r.heard = append(r.said, said...), append(r.heard, heard...)
}

// TestARecordingDoesNotSeeTheRelay: it is the same octet by octet whether the sound is relayed or not, also where a
// relay begins and ends.
func TestARecordingDoesNotSeeTheRelay(t *testing.T) {
	record := func(relay bool) *recording {
		x := newBox(t, 80)
		a, b := x.phone(Options{}, 160, nil), x.phone(Options{SuppressSilence: !relay}, 160, nil)
		a.says, b.says = random(8000*10), random(8000 * 11)[8000:]
		var r recording
		b.party.Attach(&r)
		bridge.Join(a.party, b.party)
		for range 3 {
			x.pass(1500 * time.Millisecond)
			if a.relayedTo(b) != relay {
				t.Errorf("relayed: %v", !relay)
			}
			b.party.Hear(bridge.Mix(a.party))
			x.pass(50 * time.Millisecond)
			b.party.Hear(a.party)
		}
		return &r
	}
	with, without := record(true), record(false)
	if !bytes.Equal(with.said, without.said) || !bytes.Equal(with.heard, without.heard) {
		t.Error("the recordings differ")
	}
}

// TestRelayedSoundIsCounted: statistics, reports and the watch for one-way sound know of what was relayed.
func TestRelayedSoundIsCounted(t *testing.T) {
	loudly := bytes.Repeat(sine(dsp.ALaw, 500, -10, 1600), 50)
	x, a, b := pairRelayed(t, 80, loudly)
	before, octets := b.stream.sent.Load(), b.stream.sentOctets.Load()
	spoken := b.stream.spoken.Load()
	x.pass(time.Second)
	if got := b.stream.sent.Load() - before; got != 50 {
		t.Errorf("%d packets counted as sent in a second, want 50", got)
	}
	if got := b.stream.sentOctets.Load() - octets; got != 8000 {
		t.Errorf("%d octets counted", got)
	}
	if b.stream.spoken.Load() != spoken || b.stream.relay.spoken.Load() < 8000 {
		t.Errorf("%d samples of speech counted", b.stream.relay.spoken.Load())
	}
	if last := b.heard[len(b.heard)-1]; b.stream.sentSample.Load() != uint64(last.timestamp) {
		t.Errorf("a report would tell the timestamp %d, the last sent is %d", b.stream.sentSample.Load(), last.timestamp)
	}
	if got := b.stream.Stats(); got.SendErrors != 0 || a.stream.Stats().Overflow != 0 {
		t.Errorf("statistics %+v", got)
	}
}

// TestARelayDoesNotAllocate: neither in the tick nor in the turn.
func TestARelayDoesNotAllocate(t *testing.T) {
	x, a, b := pairRelayed(t, 80, random(8000*30))
	if n := testing.AllocsPerRun(200, x.engine.Tick); n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
	x, a, b = pairRelayed(t, 80, random(8000*30))
	packet := make([]byte, headerSize+160)
	packet[0], packet[1] = 0x80, PayloadALaw
	binary.BigEndian.PutUint32(packet[8:], 0xCAFE)
	var l letter
	n := testing.AllocsPerRun(200, func() {
		binary.BigEndian.PutUint16(packet[2:], a.sequence)
		binary.BigEndian.PutUint32(packet[4:], a.timestamp)
		a.sequence, a.timestamp = a.sequence+1, a.timestamp+160
		_ = send(a.fd, packet, &a.to)
		x.turn()
		_, _, _ = l.receive(b.fd)
		x.engine.Tick()
	})
	if !a.relayedTo(b) {
		t.Error("the relay has ended")
	}
	if n > 0 {
		t.Errorf("%v allocations a packet", n)
	}
}

// TestRelayWithThreads: with the pump's and the engine's own threads and a mix that comes and goes, no number leaves
// twice or is left out, and time does not go back.
func TestRelayWithThreads(t *testing.T) {
	x := newBox(t, 80)
	x.ports.pump.byHand = false
	a, b := x.phone(Options{}, 160, nil), x.phone(Options{}, 160, nil)
	bridge.Join(a.party, b.party)
	step := x.byThreads()
	live := func() bool { return b.stream.relay.word.Load()&relayState == relayLive }
	over := func() bool { return !live() }
	for range 3 {
		x.repeat(step, "relayed", live, a)
		for range 20 {
			step(a)
		}
		b.party.Hear(bridge.Mix(a.party))
		x.repeat(step, "mixed", over, a)
		for range 20 {
			step(a)
		}
		b.party.Hear(a.party)
	}
	if len(b.heard) < 100 {
		t.Fatalf("only %d packets heard", len(b.heard))
	}
	b.inOrder(t)
}

// TestARelayOutlastsTheSequenceNumbers: half a cycle of them and more, eleven minutes.
func TestARelayOutlastsTheSequenceNumbers(t *testing.T) {
	t.Parallel()
	x, a, b := pairRelayed(t, 160, random(8000))
	packet := random(160)
	a.says, b.heard = nil, nil
	turn := b.stream.relay.turn
	before := b.stream.sent.Load()
	const packets = 1<<15 + 200
	var l letter
	for range packets {
		a.send(PayloadALaw, a.timestamp, packet)
		a.timestamp += 160
		x.turn()
		x.engine.Tick()
		_, _, _ = l.receive(b.fd)
	}
	if !a.relayedTo(b) || b.stream.relay.turn != turn {
		t.Error("the relay has ended")
	}
	if got := b.stream.sent.Load() - before; got < packets-1 {
		t.Errorf("%d of %d packets sent on", got, packets)
	}
}
