package rtp

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
)

// TestRelayLosesAndDoublesNothing: what one phone says reaches the other octet by octet, once and in order, while it
// comes by the tick, by the relay, by the tick through a mix, by the relay, by a conference and by the relay.
func TestRelayLosesAndDoublesNothing(t *testing.T) {
	secrets := func(t *Terms) { t.Secrets = &Secrets{Send: NewMaster(), Receive: NewMaster()} }
	wide := func(t *Terms) { t.Codec, t.PayloadType = MuLaw, PayloadMuLaw }
	for _, c := range []struct {
		name        string
		block, size int
		o           Options
		termsA, b   func(*Terms)
		oneByOne    bool
	}{
		{name: "ticks of 10 ms, packets of 20", block: 80, size: 160},
		{name: "one by one", block: 80, size: 160, oneByOne: true},
		{name: "ticks of 5 ms", block: 40, size: 160},
		{name: "ticks of 20 ms", block: 160, size: 160},
		{name: "ticks of 2 ms", block: 16, size: 160},
		{name: "ticks of 6.5 ms", block: 52, size: 160},
		{name: "packets of 10 ms", block: 80, size: 80},
		{name: "packets of 30 ms", block: 80, size: 240, o: Options{PacketMS: 30}},
		{name: "packets of 60 ms", block: 80, size: 480, o: Options{PacketMS: 60}},
		{name: "encrypted", block: 80, size: 160, termsA: secrets, b: secrets},
		{name: "encrypted to one", block: 80, size: 160, b: secrets},
		{name: "another law", block: 80, size: 160, b: wide},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newBox(t, c.block)
			if c.oneByOne {
				x.ports.pump.ring = nil
			}
			a, b := x.phone(c.o, c.size, c.termsA), x.phone(c.o, c.size, c.b)
			said := random(8000 * 20)
			a.says = said
			a.stream.playout.delay.prefill = max(leastReserve, c.block) + lack // a delay that needs no correction
			bridge.Join(a.party, b.party)
			x.tick()
			x.tick()
			x.until(a, b, true)
			x.pass(333 * time.Millisecond)
			b.party.Hear(bridge.Mix(a.party))
			x.tick()
			if a.relayedTo(b) {
				t.Error("relayed although there is a mix between")
			}
			x.pass(200 * time.Millisecond)
			b.party.Hear(a.party)
			x.until(a, b, true)
			x.pass(100 * time.Millisecond)
			conference, err := x.engine.Confer(a.party)
			if err != nil {
				t.Fatal(err)
			}
			hear, err := conference.Seat([]*bridge.Party{a.party}, []*bridge.Party{b.party})
			if err != nil {
				t.Fatal(err)
			}
			if b.terms.Codec == ALaw { // a conference is linear: another law is rounded otherwise than by the table
				b.party.Hear(hear[b.party])
			} else {
				b.party.Hear(bridge.Mix(a.party))
			}
			x.pass(200 * time.Millisecond)
			b.party.Hear(a.party)
			x.until(a, b, true)
			x.pass(100 * time.Millisecond)

			b.heardWhole(t, said, 8000*5/2)
		})
	}
}

// TestARelayBeginsWithTheSecondPacket: before the first sample of the call would be played.
func TestARelayBeginsWithTheSecondPacket(t *testing.T) {
	for _, c := range []struct {
		name   string
		packet []int // of 20 ms each, in the order in which they come
		second bool
	}{
		{"in order", []int{0, 1, 2, 3}, true},
		{"the second is late", []int{0, 2, 1, 3}, true},
		{"the first is late", []int{1, 0, 2, 3}, false},
		{"another length", []int{0, -1, 2, 3}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newBox(t, 80)
			a, b := x.phone(Options{}, 160, nil), x.phone(Options{}, 160, nil)
			said := random(8000 * 5)
			bridge.Join(a.party, b.party)
			x.tick()
			sequence, timestamp := a.sequence, a.timestamp
			for i, n := range c.packet {
				size := 160
				if n < 0 {
					n, size = i, 80
				}
				a.sequence = sequence + uint16(n)
				a.send(PayloadALaw, timestamp+uint32(n*160), said[n*160:n*160+size])
				x.pass(20 * time.Millisecond)
				if i == 1 && a.relayedTo(b) != c.second {
					t.Errorf("relayed: %v", !c.second)
				}
			}
			a.sequence, a.timestamp, a.says = sequence+4, timestamp+4*160, said[4*160:]
			x.pass(3 * time.Second)
			if !a.relayedTo(b) {
				t.Error("not relayed after 3 s")
			}
			if c.packet[1] < 0 {
				return // 10 ms were never said
			}
			slices.SortStableFunc(b.heard, func(p, q heardPacket) int { return int(int16(p.sequence - q.sequence)) })
			if b.heardWhole(t, said, 8000*5/2); b.stream.Stats().SendErrors > 0 {
				t.Error("not all was sent")
			}
		})
	}
}

// TestAnAnnouncementAfterARelayIsWhole: it begins after the last octet that was relayed, with its first one.
func TestAnAnnouncementAfterARelayIsWhole(t *testing.T) {
	said, prompt := random(8000*10), random(8000)
	slices.Reverse(prompt)
	x, a, b := pairRelayed(t, 80, said)
	b.party.Hear(bridge.Play(prompt))
	x.pass(1300 * time.Millisecond)
	b.party.Hear(a.party)
	x.until(a, b, true)
	heard := b.sound(t)
	begin, at := bytes.Index(heard, said[:160]), bytes.Index(heard, prompt[:160])
	if begin < 0 || at < 0 {
		t.Fatalf("the call begins at %d, the announcement at %d", begin, at)
	}
	if !bytes.Equal(heard[begin:at], said[:at-begin]) {
		t.Error("what was relayed before the announcement is not what was said")
	}
	if !bytes.Equal(heard[at:at+len(prompt)], prompt) {
		t.Error("the announcement is cut")
	}
	silent := 0
	for rest := heard[at+len(prompt):]; silent < len(rest) && rest[silent] == dsp.ALaw.Silence(); {
		silent++
	}
	rest := heard[at+len(prompt)+silent:]
	again := bytes.Index(said, rest[:160])
	if again < at-begin {
		t.Fatalf("after the announcement the call goes on at %d, of which %d were heard before", again, at-begin)
	}
	if !bytes.Equal(rest, said[again:again+len(rest)]) {
		t.Error("what was said after the announcement is not whole")
	}
}

// TestAStalledPumpLosesNothing: the engine asks for a relay and ends it again before the pump has turned, or the pump
// turns late.
func TestAStalledPumpLosesNothing(t *testing.T) {
	for _, c := range []struct {
		name  string
		stall int // ticks without a turn of the pump, from the one on in which the relay is asked for
		leave bool
	}{{"late", 1, false}, {"too late", 2, true}, {"in the next tick", 1, true}} {
		t.Run(c.name, func(t *testing.T) {
			x := newBox(t, 80)
			a, b := x.phone(Options{}, 160, nil), x.phone(Options{}, 160, nil)
			said := random(8000 * 10)
			a.says = said
			a.stream.playout.delay.prefill = 600
			bridge.Join(a.party, b.party)
			for b.stream.relay.from == nil {
				x.speak()
				x.turn()
				x.engine.Tick()
			}
			for range c.stall {
				x.late()
			}
			if c.leave {
				b.party.Hear(bridge.Mix(a.party))
				x.engine.Tick()
			}
			x.pass(500 * time.Millisecond)
			if got := a.relayedTo(b); got == c.leave {
				t.Errorf("relayed: %v", got)
			}
			b.heardWhole(t, said, 8000/3)
		})
	}
}

// TestKeysAreNotRelayed: a telephone-event ends the relay at once; the key is told once and the other phone hears its
// tone once, from the place on where the relay ended.
func TestKeysAreNotRelayed(t *testing.T) {
	for _, c := range []struct {
		name  string
		leaks bool // the phone leaves 40 ms of the tone in its sound
	}{{"plain", false}, {"leaking", true}} {
		t.Run(c.name, func(t *testing.T) {
			quiet := bytes.Repeat([]byte{dsp.ALaw.Silence()}, 8000*20)
			x, a, b := pairRelayed(t, 80, quiet)
			a.stream.playout.delay.prefill = 240
			var got []byte
			press := func(key byte) {
				if c.leaks {
					dial, err := dsp.DTMFDigits(string(key), dsp.DTMFOn, dsp.DTMFOff)
					if err != nil {
						t.Fatal(err)
					}
					dsp.NewTone(dial).FillOctets(a.says[:320], dsp.ALaw)
					x.pass(40 * time.Millisecond)
				}
				a.press(key, func() {
					if a.relayedTo(b) {
						x.turn()
						if a.relayedTo(b) {
							t.Fatal("relayed after the pump took a key")
						}
					}
					x.pass(20 * time.Millisecond)
				})
			}
			press('5')
			x.pass(1500 * time.Millisecond)
			if again := a.relayedTo(b); again == c.leaks {
				t.Errorf("relayed again: %v", again)
			}
			press('#')
			x.pass(500 * time.Millisecond)
			if string(a.keys) != "5#" {
				t.Errorf("told %q", a.keys)
			}
			detector := dsp.NewDTMF()
			for _, p := range b.heard {
				got = append(got, p.octets...)
			}
			keys, least := "", time.Hour
			detector.PushOctets(got, dsp.ALaw, func(e dsp.DigitEvent) {
				if e.End {
					least = min(least, e.Lasted())
				} else {
					keys += string(e.Digit)
				}
			})
			if keys != "5#" {
				t.Errorf("the other phone hears %q", keys)
			}
			if !c.leaks && least < 90*time.Millisecond {
				t.Errorf("a key was heard for %v only, want 100 ms", least)
			}
		})
	}
}

// TestChangesAtAnyTimeLoseNothing: the source changes at any tick, also before the pump has begun a relay, which turns
// late at times; every octet is heard once and in order.
func TestChangesAtAnyTimeLoseNothing(t *testing.T) {
	said := random(8000 * 8)
	for seed := range uint64(30) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			x := newBox(t, []int{40, 50, 80}[seed%3])
			a, b := x.phone(Options{}, 160, nil), x.phone(Options{}, 160, nil)
			a.says = said
			a.stream.playout.delay.prefill = 150
			bridge.Join(a.party, b.party)
			late := false
			for range 6 * 8000 / x.block {
				b.stream.relay.rest = 0 // at once again
				switch r.IntN(12) {
				case 0:
					b.party.Hear(bridge.Mix(a.party))
				case 1, 2:
					b.party.Hear(a.party)
				case 3: // the pump turns in the next tick
					if late = !late; late {
						x.late()
						continue
					}
				}
				late = false
				x.tick()
			}
			x.tick()
			if relays := b.stream.relay.turn; relays < 10 {
				t.Errorf("%d relays only", relays)
			}
			if p := &a.stream.playout; p.corrections.Load()+p.concealed.Load()+p.skipped.Load() > 0 {
				t.Fatalf("the playout made %d corrections and concealed %d", p.corrections.Load(), p.concealed.Load())
			}
			b.heardWhole(t, said, 8000*5)
		})
	}
}
