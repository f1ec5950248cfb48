package rtp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
)

// box is a bridge with telephones, all moved by hand: a tick of the engine, a turn of the pump before and after it.
type box struct {
	t      testing.TB
	ports  *Ports
	engine *bridge.Engine
	block  int // octets
	now    time.Time
	phones []*handset
}

// handset is a telephone with its stream and its party. It says what is in says, a packet when it is time for one.
type handset struct {
	fd      int
	at      netip.AddrPort
	to      postal
	terms   Terms
	stream  *Stream
	party   *bridge.Party
	secrets *secure

	says      []byte
	size      int // octets in a packet
	every     int // octets of time that wait
	sequence  uint16
	timestamp uint32
	lose      func(sequence uint16) bool

	heard []heardPacket
	keys  []byte
}

type heardPacket struct {
	sequence    uint16
	timestamp   uint32
	marker      bool
	payloadType uint8
	octets      []byte
}

func newEngine(t testing.TB, block int) *bridge.Engine {
	t.Helper()
	engine, err := bridge.New(block, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

func newBox(t testing.TB, block int) *box {
	t.Helper()
	first := freeRange(t, 16)
	ports, err := NewPorts(first, first+15)
	if err != nil {
		t.Fatal(err)
	}
	ports.pump.byHand = true
	return &box{t: t, ports: ports, engine: newEngine(t, block), block: block, now: time.Now()}
}

// phone adds a telephone; change may alter what is agreed on before its stream starts.
func (x *box) phone(o Options, size int, change func(*Terms)) *handset {
	x.t.Helper()
	fd, err := listen(netip.AddrPortFrom(loopback, 0))
	if err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() { _ = unix.Close(fd) })
	h := &handset{fd: fd, at: netip.AddrPortFrom(loopback, uint16(boundTo(fd))), size: size, sequence: 65500, timestamp: 0xFFFFF000}
	o.Ports, o.Local = x.ports, loopback
	o.OnDigit = func(key byte, _ bool) { h.keys = append(h.keys, key) }
	if h.stream, err = Open(o); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(h.stream.Close)
	h.terms = Terms{Addr: h.at, Codec: ALaw, PayloadType: PayloadALaw, DTMFType: 101, Direction: SendRecv}
	if change != nil {
		change(&h.terms)
	}
	if s := h.terms.Secrets; s != nil {
		if h.secrets, err = newSecure(Secrets{s.Suite, s.Receive, s.Send}, new(counter)); err != nil {
			x.t.Fatal(err)
		}
	}
	h.agree(x.t)
	h.stream.Start()
	h.to, _ = post(h.stream.address(), false)
	h.party = x.engine.Add("phone "+fmt.Sprint(len(x.phones)), h.stream)
	x.phones = append(x.phones, h)
	return h
}

func (h *handset) agree(t testing.TB) {
	t.Helper()
	if err := h.stream.Agree(h.terms); err != nil {
		t.Fatal(err)
	}
}

// send sends one packet and counts its number.
func (h *handset) send(payloadType byte, timestamp uint32, payload []byte) {
	packet := make([]byte, headerSize, headerSize+len(payload))
	packet[0], packet[1] = 0x80, payloadType
	binary.BigEndian.PutUint16(packet[2:], h.sequence)
	binary.BigEndian.PutUint32(packet[4:], timestamp)
	binary.BigEndian.PutUint32(packet[8:], 0xCAFE)
	packet = append(packet, payload...)
	if h.secrets != nil {
		packet = h.secrets.lock(packet)
	}
	if h.sequence++; h.lose == nil || !h.lose(h.sequence-1) {
		_ = send(h.fd, packet, &h.to)
	}
}

// speak lets n octets of time pass, and sends the packets that are due.
func (h *handset) speak(n int) {
	for h.every += n; h.every >= h.size; h.every -= h.size {
		if len(h.says) >= h.size {
			h.send(h.terms.Codec.Type(), h.timestamp, h.says[:h.size])
			h.says = h.says[h.size:]
		}
		h.timestamp += uint32(h.size)
	}
}

// listen takes what has come.
func (h *handset) listen(t testing.TB) {
	var l letter
	for {
		datagram, _, number := l.receive(h.fd)
		if number != 0 {
			return
		}
		if h.secrets != nil {
			if datagram = h.secrets.unlock(datagram); datagram == nil {
				t.Fatal("a packet of the box cannot be decrypted")
			}
		}
		h.heard = append(h.heard, heardPacket{
			binary.BigEndian.Uint16(datagram[2:]), binary.BigEndian.Uint32(datagram[4:]), datagram[1]&0x80 != 0, datagram[1] & 0x7F,
			slices.Clone(datagram[headerSize:]),
		})
	}
}

func (x *box) turn() { x.ports.pump.turn(x.ports.pump.epoll, x.now) }

// tick lets one block of time pass.
func (x *box) tick() {
	for _, h := range x.phones {
		h.speak(x.block)
	}
	x.turn()
	x.engine.Tick()
	x.turn()
	for _, h := range x.phones {
		h.listen(x.t)
	}
	x.now = x.now.Add(time.Duration(x.block) * time.Second / 8000)
}

// pass lets time pass.
func (x *box) pass(d time.Duration) {
	for range int(d / (time.Duration(x.block) * time.Second / 8000)) {
		x.tick()
	}
}

// relayed tells whether what h says goes to other as it comes.
func (h *handset) relayedTo(other *handset) bool {
	return h.stream.forward == other.stream && other.stream.relay.word.Load()&relayState == relayLive
}

// until lets time pass until h is relayed to other, or with want false is not.
func (x *box) until(h, other *handset, want bool) {
	x.t.Helper()
	for range 3 * 8000 / x.block {
		if h.relayedTo(other) == want {
			return
		}
		x.tick()
	}
	x.t.Fatalf("relayed: %v after 3 s", !want)
}

// sound is all that h heard, put together; numbers and timestamps must go on without a gap.
func (h *handset) sound(t testing.TB) []byte {
	t.Helper()
	var all []byte
	for i, p := range h.heard {
		if i > 0 {
			before := h.heard[i-1]
			if p.sequence != before.sequence+1 {
				t.Fatalf("packet %d: number %d after %d", i, p.sequence, before.sequence)
			}
			if p.timestamp != before.timestamp+uint32(len(before.octets)) {
				t.Fatalf("packet %d: timestamp %d after %d with %d octets", i, p.timestamp, before.timestamp, len(before.octets))
			}
		}
		all = append(all, p.octets...)
	}
	return all
}

// heardWhole tells that h heard said from its beginning on, each octet once and in order, least of them and more.
func (h *handset) heardWhole(t testing.TB, said []byte, least int) {
	t.Helper()
	want := slices.Clone(said)
	dsp.Transcode(want, want, dsp.ALaw, h.terms.Codec.law())
	heard := h.sound(t)
	at := bytes.Index(heard, want[:200])
	if at < 0 {
		t.Fatal("the begin is not heard")
	}
	if heard = heard[at:]; len(heard) < least {
		t.Fatalf("only %d octets heard, want %d", len(heard), least)
	}
	for i := range heard {
		if heard[i] != want[i] {
			t.Fatalf("octet %d is %#x, want %#x", i, heard[i], want[i])
		}
	}
}

// random is n octets of A-law in no order, none so loud that a conference turns it down.
func random(n int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	octets := make([]byte, 0, n)
	for len(octets) < n {
		octet := byte(r.Uint32())
		if x := dsp.ALaw.Decode(octet); x < 8000 && x > -8000 {
			octets = append(octets, octet)
		}
	}
	return octets
}

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
			hear, err := x.engine.Confer([]*bridge.Party{a.party, b.party}, nil)
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

// pairRelayed is two telephones that hear each other, the first one's sound relayed to the other.
func pairRelayed(t *testing.T, block int, said []byte) (x *box, a, b *handset) {
	t.Helper()
	x = newBox(t, block)
	a, b = x.phone(Options{}, 160, nil), x.phone(Options{}, 160, nil)
	a.says = said
	a.stream.playout.delay.prefill = max(leastReserve, block) + lack
	bridge.Join(a.party, b.party)
	x.tick()
	x.tick()
	x.until(a, b, true)
	x.pass(200 * time.Millisecond)
	return x, a, b
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
				a.speak(x.block)
				x.turn()
				x.engine.Tick()
			}
			for range c.stall {
				a.speak(x.block)
				x.engine.Tick()
			}
			if c.leave {
				b.party.Hear(bridge.Mix(a.party))
				x.engine.Tick()
			}
			x.pass(300 * time.Millisecond)
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
			press := func(key byte, event byte) {
				if c.leaks {
					dial, err := dsp.DTMFDigits(string(key), dsp.DTMFOn, dsp.DTMFOff)
					if err != nil {
						t.Fatal(err)
					}
					dsp.NewTone(dial).FillOctets(a.says[:320], dsp.ALaw)
					x.pass(40 * time.Millisecond)
				}
				began := a.timestamp
				for i := 1; i <= 8; i++ { // 100 ms down, three ends
					length, end := min(i*160, 800), byte(10)
					if i > 5 {
						end |= 0x80
					}
					a.send(101, began, []byte{event, end, byte(length >> 8), byte(length)})
					if a.relayedTo(b) {
						x.turn()
						if a.relayedTo(b) {
							t.Fatal("relayed after the pump took a key")
						}
					}
					says := a.says
					a.says = nil
					x.pass(20 * time.Millisecond)
					a.says = says
				}
			}
			press('5', 5)
			x.pass(1500 * time.Millisecond)
			if again := a.relayedTo(b); again == c.leaks {
				t.Errorf("relayed again: %v", again)
			}
			press('#', 11)
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
	if n > 1 { // io_uring's results are told by a closure
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
	ended := make(chan struct{})
	go func() { defer close(ended); x.engine.Run() }()
	defer func() { x.engine.Close(); <-ended }()
	live := func() bool { return b.stream.relay.word.Load()&relayState == relayLive }
	clock := time.NewTicker(5 * time.Millisecond) // four times as fast as a phone speaks: the line's clock follows
	defer clock.Stop()
	packet := sine(dsp.ALaw, 500, -10, 160)
	step := func() {
		<-clock.C
		a.send(PayloadALaw, a.timestamp, packet)
		a.timestamp += 160
		x.engine.Wake()
		x.engine.Wake()
		b.listen(t)
	}
	for range 3 {
		deadline := time.Now().Add(10 * time.Second)
		for !live() {
			if step(); time.Now().After(deadline) {
				t.Fatal("not relayed after 10 s")
			}
		}
		for range 20 {
			step()
		}
		b.party.Hear(bridge.Mix(a.party))
		for live() {
			step()
		}
		for range 20 {
			step()
		}
		b.party.Hear(a.party)
	}
	if len(b.heard) < 100 {
		t.Fatalf("only %d packets heard", len(b.heard))
	}
	whole := b.stream.refusedSends.Load() == 0 // the pump had the processor in time
	for i, p := range b.heard[1:] {
		if before := b.heard[i]; int16(p.sequence-before.sequence) <= 0 || whole && p.sequence != before.sequence+1 || int32(p.timestamp-before.timestamp) <= 0 {
			t.Fatalf("number %d at %d after %d at %d", p.sequence, p.timestamp, before.sequence, before.timestamp)
		}
	}
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
