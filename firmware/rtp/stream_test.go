package rtp

import (
	"encoding/binary"
	"log/slog"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"

	"trunkbox/dsp"
	"trunkbox/firmware/realtime"
)

// await waits for a condition that other goroutines bring about.
func await(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("waited 5 s for: %s", what)
		}
		runtime.Gosched()
	}
}

// open makes a stream on the loopback.
func open(t testing.TB, o Options) *Stream {
	t.Helper()
	first := freeRange(t, 4)
	ports, err := NewPorts(first, first+3)
	if err != nil {
		t.Fatal(err)
	}
	ports.pump.byHand = true // packets move when the test turns, and only then
	o.Ports, o.Local = ports, loopback
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// turn moves the packets of streams: what they have said goes out, and what is there comes in.
func turn(streams ...*Stream) {
	for range 2 {
		for _, s := range streams {
			p := s.options.Ports.pump
			p.turn(p.epoll, time.Now())
			p.reporter.tellAll()
		}
	}
}

// turnBoth moves the packets of a stream, and then its reports.
func turnBoth(s *Stream, now time.Time) {
	p := s.options.Ports.pump
	p.turn(p.epoll, now)
	p.reporter.turn(p.reporter.epoll, *p.streams.Load(), func() time.Time { return now })
}

func (s *Stream) address() netip.AddrPort {
	return netip.AddrPortFrom(loopback, uint16(s.Port()))
}

// phone is a telephone made of one socket and hand-written packets.
type phone struct {
	t     testing.TB
	conn  *net.UDPConn
	to    netip.AddrPort
	seq   uint16
	stamp uint32
	ssrc  uint32
}

func newPhone(t testing.TB, to netip.AddrPort) *phone {
	t.Helper()
	conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &phone{t: t, conn: conn, to: to, seq: 65530, stamp: 0xFFFFFE00, ssrc: 0xCAFE}
}

func (p *phone) address() netip.AddrPort { return p.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

func (p *phone) send(payloadType byte, stamp uint32, payload []byte) {
	p.t.Helper()
	b := make([]byte, 12, 12+len(payload))
	b[0], b[1] = 0x80, payloadType
	binary.BigEndian.PutUint16(b[2:], p.seq)
	binary.BigEndian.PutUint32(b[4:], stamp)
	binary.BigEndian.PutUint32(b[8:], p.ssrc)
	p.seq++
	if _, err := p.conn.WriteToUDPAddrPort(append(b, payload...), p.to); err != nil {
		p.t.Fatal(err)
	}
}

func (p *phone) speak(payloadType byte, octets []byte) {
	for len(octets) >= 160 {
		p.send(payloadType, p.stamp, octets[:160])
		p.stamp += 160
		octets = octets[160:]
	}
}

// converse lets two streams speak in and hears both for n ticks of 10 ms.
func converse(t *testing.T, a, b *Stream, fromA, fromB []byte) (heardA, heardB []byte) {
	t.Helper()
	blockA, blockB := make([]byte, tick), make([]byte, tick)
	for at := 0; at+tick <= len(fromA); at += tick {
		a.Hear(blockA)
		b.Hear(blockB)
		heardA, heardB = append(heardA, blockA...), append(heardB, blockB...)
		a.Speak(fromA[at : at+tick])
		b.Speak(fromB[at : at+tick])
		turn(a, b)
	}
	return heardA, heardB
}

func TestTwoStreamsHearEachOther(t *testing.T) {
	for _, c := range []struct {
		name       string
		lawA, lawB dsp.Law // of the wire, as each side understood it
		payload    uint8
		packetMS   int
		oneByOne   bool // a system call a packet, as on a kernel without io_uring
	}{
		{"A-law", dsp.ALaw, dsp.ALaw, PayloadALaw, 20, false},
		{"µ-law", dsp.MuLaw, dsp.MuLaw, PayloadMuLaw, 20, false},
		{"30 ms packets", dsp.ALaw, dsp.ALaw, PayloadALaw, 30, false},
		{"60 ms packets", dsp.ALaw, dsp.ALaw, PayloadALaw, 60, false},
		{"one by one", dsp.ALaw, dsp.ALaw, PayloadALaw, 20, true},
		{"60 ms packets one by one", dsp.ALaw, dsp.ALaw, PayloadALaw, 60, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := open(t, Options{PacketMS: c.packetMS}), open(t, Options{PacketMS: c.packetMS})
			for _, s := range []*Stream{a, b} {
				if c.oneByOne {
					s.options.Ports.pump.ring = nil
				}
			}
			a.SetRemote(b.address(), c.lawA, c.payload, 101, SendRecv)
			b.SetRemote(a.address(), c.lawB, c.payload, 101, SendRecv)
			a.Start()
			b.Start()
			const n = 8000
			heardA, heardB := converse(t, a, b, sine(c.lawA, 500, -10, n), sine(c.lawB, 1300, -10, n))
			for _, h := range []struct {
				who            string
				law            dsp.Law
				octets         []byte
				theirs, theOwn float64
			}{{"a", a.Law(), heardA, 1300, 500}, {"b", b.Law(), heardB, 500, 1300}} {
				sound := h.octets[1600:]
				if level := dBm0At(h.law, sound, h.theirs); level < -10.5 || level > -9.5 {
					t.Errorf("%s hears %.1f dBm0 at %.0f Hz, want -10", h.who, level, h.theirs)
				}
				if level := dBm0At(h.law, sound, h.theOwn); level > -50 {
					t.Errorf("%s hears its own tone with %.1f dBm0", h.who, level)
				}
			}
			if st := a.Stats(); st.Lost+st.Duplicate+st.Foreign+st.Malformed+st.Overflow+st.SendErrors != 0 || st.Remote != b.address() || st.LastHeard.IsZero() {
				t.Errorf("statistics %+v", st)
			}
		})
	}
}

func TestLawChangesLive(t *testing.T) {
	s := open(t, Options{})
	p := newPhone(t, s.address())
	s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 0, SendRecv)
	s.Start()
	hear := func(law dsp.Law, payloadType byte) float64 {
		tone := sine(law, 1000, -10, 1600)
		var got []byte
		block := make([]byte, 160)
		for at := 0; at < len(tone); at += 160 {
			p.speak(payloadType, tone[at:at+160])
			turn(s)
			s.Hear(block)
			got = append(got, block...)
		}
		return dBm0At(dsp.ALaw, got[800:], 1000)
	}
	if level := hear(dsp.ALaw, PayloadALaw); level < -11 || level > -9 {
		t.Errorf("A-law: %.1f dBm0", level)
	}
	s.SetRemote(p.address(), dsp.MuLaw, PayloadMuLaw, 0, SendRecv)
	if level := hear(dsp.MuLaw, PayloadMuLaw); level < -11 || level > -9 {
		t.Errorf("µ-law after the change: %.1f dBm0", level)
	}
	if s.Law() != dsp.ALaw {
		t.Error("the law of the port changed with that of the wire")
	}
	sent := sine(dsp.ALaw, 1000, -10, 160)
	s.Speak(sent)
	turn(s)
	got := make([]byte, 1500)
	n, _, err := p.conn.ReadFromUDPAddrPort(got)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]byte, 160)
	dsp.Transcode(want, sent, dsp.ALaw, dsp.MuLaw)
	if n != 172 || got[1]&0x7F != PayloadMuLaw || string(got[12:n]) != string(want) {
		t.Errorf("the box sends %d octets of type %d, not µ-law", n, got[1]&0x7F)
	}
}

func TestKeysAreToldOnceAndHeardInBand(t *testing.T) {
	var mu sync.Mutex
	told := ""
	s := open(t, Options{OnDigit: func(key byte, inband bool) {
		mu.Lock()
		told += string(key)
		mu.Unlock()
	}})
	p := newPhone(t, s.address())
	s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	s.Start()
	const dial = "147*2580369#ABCD"
	detector := dsp.NewDTMF()
	inBand := ""
	block := make([]byte, 160)
	hear := func() {
		turn(s)
		s.Hear(block)
		detector.PushOctets(block, dsp.ALaw, func(e dsp.DigitEvent) {
			if !e.End {
				inBand += string(e.Digit)
			}
		})
	}
	quiet := sine(dsp.ALaw, 300, -60, 160)
	for _, key := range []byte(dial) {
		event := byte(strings.IndexByte(eventKeys, key))
		for i := uint16(1); i <= 4; i++ { // 80 ms down, one start packet in two is lost
			if i%2 == 0 {
				p.send(101, p.stamp, []byte{event, 10, byte(i * 160 >> 8), byte(i * 160)})
			}
			hear()
		}
		for range 3 {
			p.send(101, p.stamp, []byte{event, 0x80 | 10, 800 >> 8, 800 & 0xFF})
			hear()
		}
		p.stamp += 800
		for range 5 {
			p.speak(PayloadALaw, quiet)
			hear()
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if told != dial {
		t.Errorf("keys told %q, want %q", told, dial)
	}
	if inBand != dial {
		t.Errorf("keys heard in-band %q, want %q", inBand, dial)
	}
	if d := s.Stats().Digits; d != uint64(len(dial)) {
		t.Errorf("%d digits counted", d)
	}
}

func TestStrangersAreNotHeard(t *testing.T) {
	s := open(t, Options{})
	p, thief := newPhone(t, s.address()), newPhone(t, s.address())
	s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	s.Start()
	p.speak(PayloadALaw, speech(0, 160))
	turn(s)
	thief.speak(PayloadALaw, speech(0, 1600))
	turn(s)
	if st := s.Stats(); st.Remote != p.address() || st.Received != 1 || st.Foreign != 10 {
		t.Errorf("statistics %+v", st)
	}
	_, _ = thief.conn.WriteToUDPAddrPort([]byte("not RTP at all, no"), s.address())
	turn(s)
	if n := s.malformed.Load(); n != 1 {
		t.Errorf("%d packets counted as malformed, want 1", n)
	}
}

func TestBoxFollowsAPhoneBeyondANAT(t *testing.T) {
	s := open(t, Options{})
	inside, outside := newPhone(t, s.address()), newPhone(t, s.address())
	s.SetRemote(inside.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	s.Start()
	outside.speak(PayloadALaw, speech(0, 160*latchPackets))
	turn(s)
	if r := s.Stats().Remote; r != outside.address() {
		t.Errorf("sound goes to %v, want %v", r, outside.address())
	}
	s.Speak(speech(0, 160))
	turn(s)
	_ = outside.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if n, _, err := outside.conn.ReadFromUDPAddrPort(make([]byte, 1500)); err != nil || n != 172 {
		t.Errorf("the phone beyond the NAT got %d octets: %v", n, err)
	}
	s.SetRemote(inside.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	if s.Stats().Remote != outside.address() {
		t.Error("a re-INVITE with the same address threw the latch away")
	}
}

func TestDirectionAndHold(t *testing.T) {
	s := open(t, Options{})
	p := newPhone(t, s.address())
	s.Start()
	block := make([]byte, 160)
	for _, c := range []struct {
		direction    Direction
		held         bool
		sends, hears bool
	}{
		{SendRecv, false, true, true},
		{SendOnly, false, true, false},
		{RecvOnly, false, false, true},
		{Inactive, false, false, false},
		{SendRecv, true, false, false},
		{SendRecv, false, true, true},
	} {
		s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 101, c.direction)
		s.Hold(c.held)
		heard := false
		for range 8 {
			p.speak(PayloadALaw, sine(dsp.ALaw, 1000, 0, 160))
			turn(s)
			s.Hear(block)
			heard = dBm0At(dsp.ALaw, block, 1000) > -6
		}
		sent := s.sent.Load()
		s.Speak(block)
		turn(s)
		if got := s.sent.Load() > sent; got != c.sends || heard != c.hears {
			t.Errorf("%v held %v: sends %v hears %v, want %v %v", c.direction, c.held, got, heard, c.sends, c.hears)
		}
	}
	_ = p.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	b := make([]byte, 1500)
	// Sent with SendRecv, SendOnly, and SendRecv after a silence: the marker says where sound begins.
	for i, want := range []bool{true, false, true} {
		if _, _, err := p.conn.ReadFromUDPAddrPort(b); err != nil || b[1]&0x80 != 0 != want {
			t.Errorf("packet %d: marker %v, want %v; error %v", i, b[1]&0x80 != 0, want, err)
		}
	}
}

func TestReportsTellRoundTripAndLoss(t *testing.T) {
	a, b := open(t, Options{}), open(t, Options{})
	a.SetRemote(b.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	b.SetRemote(a.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	a.Start()
	b.Start()
	block := speech(0, 160)
	now := time.Now()
	// talk lets ten seconds of reports pass, each side answering the other's after 40 ms.
	talk := func() {
		for range 4 {
			a.Speak(block)
			b.Speak(block)
			now = now.Add(2500 * time.Millisecond)
			for range 2 {
				for _, s := range []*Stream{a, b} {
					turnBoth(s, now)
					now = now.Add(20 * time.Millisecond)
				}
			}
			a.Hear(block)
			b.Hear(block)
		}
	}
	talk()
	talk()
	st := a.Stats()
	if st.RoundTrip <= 0 || st.RoundTrip > 50*time.Millisecond || st.RemoteLost != 0 {
		t.Errorf("round trip %v, loss %v", st.RoundTrip, st.RemoteLost)
	}
	if st.RemoteR < 90 || st.Quality.MOS < 4.3 {
		t.Errorf("rating told by the phone %d, MOS %.2f, want the best there is", st.RemoteR, st.Quality.MOS)
	}
	a.sender.sequence += 50 // as if 50 packets were lost
	talk()
	if a.Stats().RemoteTotal != 50 {
		t.Errorf("the phone tells of %d packets lost, want 50", a.Stats().RemoteTotal)
	}
	if r := a.Stats().RemoteR; r > 40 {
		t.Errorf("the phone rates us %d after it lost most packets", r)
	}
}

func TestCloseWhileTheEngineRuns(t *testing.T) {
	s := open(t, Options{})
	other := open(t, Options{})
	s.options.Ports.pump.byHand = false // the real thread
	s.SetRemote(other.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	s.Start()
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		block := make([]byte, tick)
		for {
			select {
			case <-stop:
				return
			default:
				s.Hear(block)
				s.Speak(block)
			}
		}
	}()
	await(t, "packets to be sent", func() bool { return s.sent.Load() > 10 })
	s.Close()
	s.Close()
	failed := s.refusedSends.Load()
	await(t, "the engine to notice", func() bool { return s.refusedSends.Load() > failed })
	close(stop)
	<-done
	if taken, _ := s.options.Ports.Taken(); taken != 0 {
		t.Errorf("%d pairs still taken", taken)
	}
}

func TestEngineCallsDoNotAllocate(t *testing.T) {
	a, b := open(t, Options{}), open(t, Options{})
	a.SetRemote(b.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	b.SetRemote(a.address(), dsp.MuLaw, PayloadMuLaw, 101, SendRecv)
	a.Start()
	b.Start()
	block := make([]byte, tick)
	if n := testing.AllocsPerRun(500, func() {
		a.Speak(block)
		b.Hear(block)
		a.Hear(block)
		b.Speak(block)
	}); n != 0 {
		t.Errorf("%v allocations a tick", n)
	}
}

// FuzzPacket gives the receive path datagrams of any kind, and the engine what becomes of them.
func FuzzPacket(f *testing.F) {
	f.Add([]byte{0x80, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7, 1, 2, 3, 4}, uint8(1))
	f.Add([]byte{0x80, 0xE5, 0, 2, 0, 0, 0, 160, 0, 0, 0, 7, 5, 0x8A, 1, 0x90}, uint8(0))
	f.Add([]byte{0xB2, 0, 0, 3, 0, 0, 0, 160, 0, 0, 0, 7, 0xBE, 0xDE, 0, 1, 0x10, 1, 0, 0, 9, 1}, uint8(3))
	f.Add([]byte{0x80, 13, 0, 4, 0, 0, 1, 160, 0, 0, 0, 7, 46}, uint8(9))
	f.Add([]byte{0x80, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7, 1, 2, 3, 4}, uint8(129))
	f.Add([]byte{0x80, 0xE5, 0, 2, 0, 0, 0, 160, 0, 0, 0, 7, 5, 0x8A, 1, 0x90}, uint8(130))
	f.Add([]byte{0x80, 9, 0, 5, 0, 0, 2, 160, 0, 0, 0, 7, 0x3E, 0xFF, 0, 1}, uint8(9))
	f.Add([]byte{0x80, 207, 0, 4, 0, 0, 0, 7, 4, 0, 0, 2, 0, 1, 2, 3, 4, 5, 6, 7}, uint8(0)) // XR: RRTR
	bell, err := realtime.NewBell()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, datagram []byte, ticks uint8) {
		s := &Stream{log: slog.New(slog.DiscardHandler), opened: time.Unix(0, 0)}
		s.options.Local, s.options.PacketMS = loopback, 20
		s.options.Ports = &Ports{pump: &pump{wake: bell}}
		s.begin(cell)
		s.setLaw(dsp.ALaw)
		from := netip.MustParseAddrPort("127.0.0.1:9")
		s.SetRemote(from, dsp.ALaw, PayloadALaw, 101, SendRecv)
		block := make([]byte, tick)
		if ticks > 127 { // as if it had been relayed for long
			s.lane.hold = new(hold)
			s.playout.move(s.lane.hold.have[:], s.lane.hold.ring[:])
			s.apparatus = nil
			s.fitting.Store(gone)
		}
		for i := range int(ticks%16) + 1 {
			s.received1(new(rtp.Packet), datagram, from, time.Duration(i)*packetTime)
			s.Hear(block)
			if len(datagram) > 4 {
				datagram[3]++
			}
		}
		s.readReport(datagram, from, time.Unix(5, 0))
		o := s.source.reception()
		s.extended(&o, time.Unix(6, 0))
	})
}

func BenchmarkHearSpeak(b *testing.B) {
	s, other := open(b, Options{}), open(b, Options{})
	s.SetRemote(other.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	s.Start()
	block := make([]byte, tick)
	b.ReportAllocs()
	for b.Loop() {
		s.Hear(block)
		s.Speak(block)
	}
}

func BenchmarkPlayoutWithLoss(b *testing.B) {
	p := newPlayout()
	packet := sine(dsp.ALaw, 200, -10, 160)
	block := make([]byte, 160)
	stamp := uint32(0)
	b.ReportAllocs()
	for b.Loop() {
		if stamp += 160; stamp%1600 != 0 {
			p.put(stamp, packet)
		}
		p.take(block)
	}
}
