package rtp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"slices"
	"strings"
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
	counts bool // what is allocated in the pump's turns
	made   uint64
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
	ssrc      uint32
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
	h := &handset{fd: fd, at: netip.AddrPortFrom(loopback, uint16(boundTo(fd))), size: size, sequence: 65500, timestamp: 0xFFFFF000, ssrc: 0xCAFE}
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
	binary.BigEndian.PutUint32(packet[8:], h.ssrc)
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

func (x *box) turn() {
	before := x.mallocs()
	x.ports.pump.turn(x.ports.pump.epoll, x.now)
	x.made += x.mallocs() - before
	x.ports.pump.reporter.tellAll()
	x.ports.pump.reporter.spares.fill()
}

// mallocs is how often memory was allocated so far, where that counts.
func (x *box) mallocs() uint64 {
	if !x.counts {
		return 0
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Mallocs
}

// tick lets one block of time pass.
func (x *box) tick() {
	x.speak()
	x.turn()
	x.engine.Tick()
	x.turn()
	for _, h := range x.phones {
		h.listen(x.t)
	}
	x.now = x.now.Add(time.Duration(x.block) * time.Second / 8000)
}

// late is a tick of the engine before which the pump has not turned.
func (x *box) late() {
	x.speak()
	x.engine.Tick()
}

// speak has all phones speak for one block of time.
func (x *box) speak() {
	for _, h := range x.phones {
		h.speak(x.block)
	}
}

// pass lets time pass.
func (x *box) pass(d time.Duration) {
	for range int(d / (time.Duration(x.block) * time.Second / 8000)) {
		x.tick()
	}
}

// byThreads has a thread tick the engine, beside the pump's own. What it returns is 20 ms in which some phones speak and all
// listen: two ticks, which come when the pump has taken what was said. A machine that lets a thread wait makes the phones
// slower, and not late.
func (x *box) byThreads() (step func(speakers ...*handset)) {
	ticks, ended := make(chan struct{}, 4), make(chan struct{})
	go func() {
		defer close(ended)
		for range ticks {
			x.engine.Tick()
		}
	}()
	x.t.Cleanup(func() { close(ticks); <-ended })
	look := time.NewTicker(500 * time.Microsecond)
	x.t.Cleanup(look.Stop)
	packet := sine(dsp.ALaw, 500, -10, 160)
	return func(speakers ...*handset) {
		x.t.Helper()
		for _, h := range speakers {
			before := h.stream.received.Load()
			h.send(PayloadALaw, h.timestamp, packet)
			h.timestamp += 160
			for deadline := time.Now().Add(20 * time.Second); h.stream.received.Load() == before; <-look.C {
				if time.Now().After(deadline) {
					x.t.Fatal("the pump has not taken a packet for 20 s")
				}
			}
		}
		for range 2 {
			ticks <- struct{}{}
		}
		for _, h := range x.phones {
			h.listen(x.t)
		}
	}
}

// repeat has some phones speak on, step by step, until something is so.
func (x *box) repeat(step func(speakers ...*handset), what string, holds func() bool, speakers ...*handset) {
	x.t.Helper()
	for n := 0; !holds(); n++ {
		if n > 50*60 {
			x.t.Fatalf("not %s after a minute of speech", what)
		}
		step(speakers...)
	}
}

// press presses a key for 100 ms, and says nothing meanwhile: five packets while it is down and three that it is up. step
// lets 20 ms pass after each.
func (h *handset) press(key byte, step func()) {
	says, began := h.says, h.timestamp
	h.says = nil
	for i := 1; i <= 8; i++ {
		length, end := min(i*160, 800), byte(10)
		if i > 5 {
			end |= 0x80
		}
		h.send(101, began, []byte{byte(strings.IndexByte(eventKeys, key)), end, byte(length >> 8), byte(length)})
		step()
	}
	h.says = says
}

// inOrder tells that the numbers of what h heard rise, one by one if the box could send all of it, and its time as well.
func (h *handset) inOrder(t testing.TB) {
	t.Helper()
	whole := h.stream.refusedSends.Load() == 0 // the pump had the processor in time
	for i, p := range h.heard[1:] {
		if before := h.heard[i]; int16(p.sequence-before.sequence) <= 0 || whole && p.sequence != before.sequence+1 || int32(p.timestamp-before.timestamp) <= 0 {
			t.Fatalf("number %d at %d after %d at %d", p.sequence, p.timestamp, before.sequence, before.timestamp)
		}
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
