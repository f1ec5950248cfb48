package rtp

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
)

// TestRareTurnsAllocateNothing: neither does what comes once in a call, or never. The thread that all sound waits for has no
// reason to help the collector.
func TestRareTurnsAllocateNothing(t *testing.T) {
	if slowed {
		t.Skip("the race detector allocates itself")
	}
	for _, c := range rareEvents {
		t.Run(c.name, func(t *testing.T) {
			least := 1 << 30
			for range 3 { // the runtime allocates at times
				x := newBox(t, 80)
				a, b := x.phone(Options{}, 160, c.terms), x.phone(Options{}, 160, c.terms)
				a.says, b.says = random(8000*20), random(8000*20)
				for _, h := range x.phones {
					h.stream.playout.delay.prefill = max(leastReserve, x.block) + lack
				}
				if c.joined {
					bridge.Join(a.party, b.party)
				}
				if c.before != nil {
					c.before(x, a, b)
				}
				x.counts = true
				c.do(x, a, b)
				if least = min(least, int(x.made)); least <= c.most {
					return
				}
			}
			t.Errorf("%d allocations, want %d at most", least, c.most)
		})
	}
}

// rareEvents are what happens between a and b, or to a alone.
var rareEvents = []struct {
	name       string
	terms      func(*Terms)
	joined     bool // they hear each other as they come
	before, do func(x *box, a, b *handset)
	most       int // what pion/srtp makes for itself
}{
	{name: "the first packets", do: speaks},
	{name: "the first packets, encrypted", terms: encrypted, do: speaks, most: 2 * 9},
	{name: "the first packets of G.722", terms: wideBand, do: speaks},
	{name: "G.722 that was not agreed on", before: speaks, do: func(x *box, a, _ *handset) {
		a.terms.Codec = G722
		x.pass(100 * time.Millisecond)
		if a.stream.wide == nil {
			x.t.Error("none came")
		}
	}},
	{name: "another codec", before: speaks, do: func(x *box, a, b *handset) {
		a.terms.Codec, a.terms.PayloadType = MuLaw, PayloadMuLaw
		a.agree(x.t)
		speaks(x, a, b)
	}},
	{name: "another source", before: speaks, do: func(x *box, a, b *handset) { a.ssrc++; speaks(x, a, b) }},
	{name: "another source, encrypted", terms: encrypted, before: speaks, do: func(x *box, a, b *handset) { a.ssrc++; speaks(x, a, b) }, most: 4},
	{name: "a key", before: speaks, do: presses5},
	{name: "a key again", before: presses5, do: presses5},
	{name: "a key whose tone leaks", before: func(x *box, a, b *handset) {
		speaks(x, a, b)
		copy(a.says, dtmf(x.t, '5', 480))
		x.pass(60 * time.Millisecond)
	}, do: func(x *box, a, b *handset) {
		presses5(x, a, b)
		if !a.stream.plain.leaks {
			x.t.Error("not found")
		}
	}},
	{name: "a key while there is no apparatus", joined: true, before: untilBare, do: presses5},
	{name: "a key in the sound", terms: func(t *Terms) { t.DTMFType = 0 }, before: speaks, do: func(x *box, a, b *handset) {
		copy(a.says, dtmf(x.t, '5', 800))
		speaks(x, a, b)
		speaks(x, a, b)
		if string(a.keys) != "5" {
			x.t.Errorf("told %q", a.keys)
		}
	}},
	{name: "comfort noise", before: speaks, do: fallsSilent},
	{name: "comfort noise while there is no apparatus", joined: true, before: untilBare, do: fallsSilent},
	{name: "the phone moves", before: speaks, do: func(x *box, a, _ *handset) {
		a.fd = elsewhere(x)
		x.pass(relatchAfter + 200*time.Millisecond)
		if port := a.stream.peer.Load().addr.Port(); int(port) != boundTo(a.fd) {
			x.t.Errorf("sound goes to port %d, want %d", port, boundTo(a.fd))
		}
	}},
	{name: "a relay begins", joined: true, before: alone, do: hearsTheOther},
	{name: "a relay begins, encrypted", terms: encrypted, joined: true, before: alone, do: hearsTheOther},
	{name: "a relay begins, of G.722", terms: wideBand, joined: true, before: alone, do: hearsTheOther},
	{name: "the apparatus goes", joined: true, before: speaks, do: untilBare},
	{name: "the apparatus comes", joined: true, before: untilBare, do: func(x *box, a, b *handset) {
		b.party.Hear(bridge.Mix(a.party))
		speaks(x, a, b)
		if a.stream.apparatus == nil || b.stream.apparatus == nil {
			x.t.Error("not yet")
		}
	}},
	{name: "the phone is held while there is no apparatus", joined: true, before: untilBare, do: func(x *box, a, b *handset) {
		a.stream.Hold(true)
		speaks(x, a, b)
		if a.relayedTo(b) {
			x.t.Error("still relayed")
		}
	}},
	{name: "sound goes one way only", before: speaks, do: func(x *box, a, _ *handset) {
		a.says = nil
		for range 2 * oneWayAfter / (20 * time.Millisecond) {
			a.stream.Speak(sine(dsp.ALaw, 500, -10, 160))
			x.pass(20 * time.Millisecond)
		}
		if !a.stream.oneWay.told {
			x.t.Error("not told")
		}
	}},
	{name: "what is no RTP", before: speaks, do: func(x *box, a, _ *handset) { a.throws(x, []byte("SIP/2.0 200 OK"), []byte{0x80, 8}) }},
	{name: "what is no RTP, encrypted", terms: encrypted, before: speaks, do: func(x *box, a, _ *handset) { a.throws(x, []byte("SIP/2.0 200 OK"), []byte{0x80, 8}) }},
	{name: "sources and an extension", before: speaks, do: func(x *box, a, _ *handset) {
		head := []byte{0x92, PayloadALaw, 0, 1, 0, 0, 0, 1, 0, 0, 0xCA, 0xFE, 0, 0, 0, 1, 0, 0, 0, 2, 0xBE, 0xDE, 0, 1, 0x10, 0xFF, 0, 0}
		a.throws(x, append(head, bytes.Repeat([]byte{0x55}, 160)...))
	}},
	{name: "forged", terms: encrypted, before: speaks, do: func(x *box, a, _ *handset) { a.throws(x, plainPacket) }},
	{name: "a stranger", before: speaks, do: func(x *box, a, _ *handset) { (&handset{fd: elsewhere(x), to: a.to}).throws(x, plainPacket) }},
	{name: "a stranger, encrypted", terms: encrypted, before: speaks, do: func(x *box, a, _ *handset) {
		(&handset{fd: elsewhere(x), to: a.to}).throws(x, plainPacket)
	}},
}

func encrypted(t *Terms) { t.Secrets = &Secrets{Send: NewMaster(), Receive: NewMaster()} }

func wideBand(t *Terms) { t.Codec, t.PayloadType = G722, PayloadG722 }

// plainPacket is of the source that handsets have.
var plainPacket = append([]byte{0x80, PayloadALaw, 0, 1, 0, 0, 0, 1, 0, 0, 0xCA, 0xFE}, bytes.Repeat([]byte{0x55}, 160)...)

func speaks(x *box, _, _ *handset) { x.pass(200 * time.Millisecond) }

func alone(x *box, a, b *handset) {
	b.party.Hear(nil)
	speaks(x, a, b)
}

func hearsTheOther(x *box, a, b *handset) {
	b.party.Hear(a.party)
	x.until(a, b, true)
}

func untilBare(x *box, a, b *handset) { x.untilBare(a, b) }

func presses5(x *box, a, _ *handset) {
	a.keys = nil
	a.press('5', func() { x.pass(20 * time.Millisecond) })
	if string(a.keys) != "5" {
		x.t.Errorf("told %q", a.keys)
	}
}

func fallsSilent(x *box, a, _ *handset) {
	a.send(PayloadComfortNoise, a.timestamp, []byte{60, 1, 2})
	a.says = nil
	x.pass(100 * time.Millisecond)
}

// elsewhere is another socket.
func elsewhere(x *box) (fd int) {
	fd, err := listen(netip.AddrPortFrom(loopback, 0))
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { _ = unix.Close(fd) })
	return fd
}

// throws sends each datagram ten times.
func (h *handset) throws(x *box, datagrams ...[]byte) {
	for range 10 {
		for _, d := range datagrams {
			_ = send(h.fd, d, &h.to)
		}
		x.tick()
	}
}
