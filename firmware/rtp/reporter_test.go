package rtp

import (
	"encoding/binary"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtcp"
	"golang.org/x/sys/unix"

	"trunkbox/dsp"
)

// sink is a socket that reports go to.
type sink struct {
	t      testing.TB
	fd     int
	at     netip.AddrPort // of sound: one port before
	letter letter
}

func newSink(t testing.TB) *sink {
	t.Helper()
	first := freeRange(t, 2)
	fd, err := listen(netip.AddrPortFrom(loopback, uint16(first+1)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	return &sink{t: t, fd: fd, at: netip.AddrPortFrom(loopback, uint16(first))}
}

// next is the next report that lies there, whose it is and where it came from; nil: there is none.
func (k *sink) next() (packets []rtcp.Packet, ssrc uint32, from netip.AddrPort) {
	k.t.Helper()
	datagram, _, number := k.letter.receive(k.fd)
	if number != 0 {
		return nil, 0, from
	}
	packets, err := rtcp.Unmarshal(datagram)
	if err != nil {
		k.t.Error(err)
		return nil, 0, from
	}
	switch first := packets[0].(type) {
	case *rtcp.SenderReport:
		ssrc = first.SSRC
	case *rtcp.ReceiverReport:
		ssrc = first.SSRC
	}
	return packets, ssrc, k.letter.sender.from()
}

// manyPorts are turned by hand.
func manyPorts(t testing.TB) *Ports {
	t.Helper()
	ports, err := NewPorts(20000, 29999) // those that others have are passed over
	if err != nil {
		t.Fatal(err)
	}
	ports.pump.byHand = true
	return ports
}

// stream opens one that reports to the sink.
func (k *sink) stream(ports *Ports) *Stream {
	s, err := Open(Options{Ports: ports, Local: loopback})
	if err != nil {
		k.t.Error(err)
		return nil
	}
	s.SetRemote(k.at, dsp.ALaw, PayloadALaw, 101, SendRecv)
	return s
}

// TestTurnsAllocateNothing: packets come and go, in clear and encrypted, and reports are due in every turn.
func TestTurnsAllocateNothing(t *testing.T) {
	for _, c := range []struct {
		name                         string
		encrypted, oneByOne, refuses bool
	}{
		{"in clear", false, false, false},
		{"one by one", false, true, false},
		{"encrypted", true, false, false},
		{"refused", false, false, true},
		{"refused one by one", false, true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newBox(t, 160)
			if c.oneByOne {
				x.ports.pump.ring = nil
			}
			a := x.phone(Options{}, 160, func(terms *Terms) {
				if c.encrypted {
					terms.Secrets = &Secrets{AES128SHA80, NewMaster(), NewMaster()}
				}
			})
			packet := make([]byte, headerSize+160, headerSize+160+sealSize)
			packet[0], packet[1] = 0x80, PayloadALaw
			const runs = 200
			block, l, q := sine(dsp.ALaw, 500, -10, 160), new(letter), &x.ports.pump.reporter.reports
			due, heard, want := 0, 0, runs+1
			pass := func() {
				a.sequence++
				packet[2], packet[3] = byte(a.sequence>>8), byte(a.sequence)
				datagram := packet
				if a.secrets != nil {
					datagram = a.secrets.lock(packet)
				}
				_ = send(a.fd, datagram, &a.to)
				a.stream.Speak(block)
				x.now = x.now.Add(reportEvery)
				x.turn()
				a.stream.Hear(block)
				for ; q.peek() != nil; q.pop() {
					due++
				}
				if _, _, number := l.receive(a.fd); number == 0 {
					heard++
				}
			}
			for range 20 { // the latch, and buffers that grow once
				pass()
			}
			if c.refuses {
				want = 0
				a.stream.peer.Store(a.stream.peerAt(netip.AddrPortFrom(loopback, 9)))
				pass()
			}
			due, heard = 0, 0
			before, refused := a.stream.received.Load(), a.stream.portRefused.Load()
			if n := testing.AllocsPerRun(runs, pass); n != 0 && !slowed { // the race detector makes some itself
				t.Errorf("%v allocations a turn", n)
			}
			if came := a.stream.received.Load() - before; due != runs+1 || heard != want || came != runs+1 {
				t.Errorf("%d reports were due, %d packets heard, %d came, want %d, %d and %d", due, heard, came, runs+1, want, runs+1)
			}
			if n := a.stream.portRefused.Load() - refused; c.refuses && n < runs {
				t.Errorf("%d packets were refused, want %d", n, runs)
			}
		})
	}
}

// TestAFullQueueLosesNoReport: what finds no room is told with the next look.
func TestAFullQueueLosesNoReport(t *testing.T) {
	k, ports := newSink(t), manyPorts(t)
	const streams = queueSlots + 20
	told := map[uint32]int{}
	var some *Stream
	for range streams {
		some = k.stream(ports)
		some.Start()
		told[some.ssrc] = 0
		defer some.Close()
	}
	q := &ports.pump.reporter.reports
	now := time.Now().Add(reportEvery)
	look := func() {
		now = now.Add(lookEvery)
		ports.pump.turn(ports.pump.epoll, now)
	}
	look()
	look() // nobody has taken the first
	if n := q.tail.Load() - q.head.Load(); n != queueSlots {
		t.Fatalf("%d reports wait, want %d", n, queueSlots)
	}
	for range 3 {
		turnBoth(some, now)
		look()
	}
	for packets, ssrc, _ := k.next(); packets != nil; packets, ssrc, _ = k.next() {
		told[ssrc]++
	}
	for ssrc, n := range told {
		if n != 1 || len(told) != streams {
			t.Fatalf("%d reports of %08x, of %d streams; want one of each of %d", n, ssrc, len(told), streams)
		}
	}
}

// TestTheReportersBeatIsInNoTime: a report of the phone that lay in the socket for a while gives the round trip of its
// arrival, and ours says how long ago that was.
func TestTheReportersBeatIsInNoTime(t *testing.T) {
	k := newSink(t)
	s := open(t, Options{})
	s.SetRemote(k.at, dsp.ALaw, PayloadALaw, 101, SendRecv)
	s.Start()
	s.mu.Lock()
	s.source.packet(0xCAFE, 1, 0, 0)
	s.mu.Unlock()
	s.sent.add(1)
	due := func() []rtcp.Packet {
		t.Helper()
		s.reportAt = time.Now()
		s.options.Ports.pump.lastLook = time.Time{}
		turnBoth(s, time.Now())
		packets, _, _ := k.next()
		if packets == nil {
			t.Fatal("no report")
		}
		return packets
	}
	ours := due()[0].(*rtcp.SenderReport)
	answer, err := rtcp.Marshal([]rtcp.Packet{&rtcp.SenderReport{
		SSRC: 0xCAFE, NTPTime: 7 << 16, Reports: []rtcp.ReceptionReport{{SSRC: s.ssrc, LastSenderReport: uint32(ours.NTPTime>>16) - 65536/50}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	to, _ := post(netip.AddrPortFrom(loopback, uint16(s.Port()+1)), false)
	if number := send(k.fd, answer, &to); number != 0 {
		t.Fatal(number)
	}
	const lay = 120 * time.Millisecond
	sent := time.Now()
	await(t, "some time to pass", func() bool { return time.Since(sent) > lay })
	block := due()[0].(*rtcp.ReceiverReport).Reports[0]
	if trip := s.Stats().RoundTrip; trip < 19*time.Millisecond || trip > lay/2 { // 20 ms were put on top
		t.Errorf("round trip %v", trip)
	}
	if kept := time.Duration(block.Delay) * time.Second / 65536; block.LastSenderReport != 7 || kept < lay-10*time.Millisecond || kept > time.Since(sent)+10*time.Millisecond {
		t.Errorf("the phone's report %d was kept %v, want %v", block.LastSenderReport, kept, lay)
	}
}

// TestReportsGoWhereThePhonesComeFrom, as long as its sound goes where it did then.
func TestReportsGoWhereThePhonesComeFrom(t *testing.T) {
	s := open(t, Options{})
	k, other := newSink(t), newSink(t)
	s.SetRemote(netip.AddrPortFrom(loopback, 9), dsp.ALaw, PayloadALaw, 101, SendRecv)
	s.Start()
	report, err := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 1}})
	if err != nil {
		t.Fatal(err)
	}
	to, _ := post(netip.AddrPortFrom(loopback, uint16(s.Port()+1)), false)
	if number := send(k.fd, report, &to); number != 0 {
		t.Fatal(number)
	}
	now := time.Now()
	turnBoth(s, now)
	turnBoth(s, now.Add(reportEvery))
	if packets, ssrc, from := k.next(); packets == nil || ssrc != s.ssrc || int(from.Port()) != s.Port()+1 {
		t.Errorf("%v of %08x from %v", packets, ssrc, from)
	}
	s.SetRemote(other.at, dsp.ALaw, PayloadALaw, 101, SendRecv)
	turnBoth(s, now.Add(2*reportEvery))
	if packets, _, _ := other.next(); packets == nil {
		t.Error("no report to the other address")
	}
	if packets, _, _ := k.next(); packets != nil {
		t.Error("a report to the address before")
	}
}

// TestClosingWhileReportsAreUnderWay: streams come and go while pump and reporter turn as fast as they can; what is sent
// by a socket is its own stream's, sound and reports.
func TestClosingWhileReportsAreUnderWay(t *testing.T) {
	const closes = 100
	k, ports := newSink(t), manyPorts(t)
	stays := k.stream(ports) // so that there is an epoll
	stays.Start()
	defer stays.Close()
	sound, err := listen(k.at)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(sound)
	p := ports.pump
	var port sync.Map // of reports, by SSRC
	port.Store(stays.ssrc, stays.Port()+1)
	stop := make(chan struct{})
	var turning, closing sync.WaitGroup
	again := func(step func()) {
		turning.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					step()
				}
			}
		})
	}
	now := time.Now()
	again(func() { now = now.Add(lookEvery); p.turn(p.epoll, now) })
	again(func() { p.reporter.turn(p.reporter.epoll, *p.streams.Load(), time.Now) })
	to, _ := post(netip.AddrPortFrom(loopback, uint16(stays.Port())), false)
	for range 2 {
		closing.Go(func() {
			silence := make([]byte, 160)
			for range closes / 2 {
				s := k.stream(ports)
				if s == nil {
					return
				}
				s.every = 0
				port.Store(s.ssrc, s.Port()+1)
				s.Start()
				_ = send(s.pair.rtp, silence, &to)
				s.Speak(silence)
				for turns := p.turns.Load(); p.turns.Load() < turns+3; runtime.Gosched() {
					s.Speak(silence)
				}
				s.Close()
			}
		})
	}
	reports, packets, ended := 0, 0, make(chan struct{})
	ofItsOwn := func(ssrc uint32, from int) {
		t.Helper()
		if want, _ := port.Load(ssrc); want != from {
			t.Errorf("%08x sends from port %d, want %v", ssrc, from, want)
		}
	}
	go func() { closing.Wait(); close(ended) }()
	for open := true; open; {
		select {
		case <-ended:
			open = false
		default:
		}
		for all, ssrc, from := k.next(); all != nil; all, ssrc, from = k.next() {
			reports++
			ofItsOwn(ssrc, int(from.Port()))
		}
		for datagram, _, number := k.letter.receive(sound); number == 0; datagram, _, number = k.letter.receive(sound) {
			packets++
			ofItsOwn(binary.BigEndian.Uint32(datagram[8:]), int(k.letter.sender.from().Port())+1)
		}
	}
	close(stop)
	turning.Wait()
	if taken, _ := ports.Taken(); taken != 1 || reports < closes || packets < closes {
		t.Errorf("%d pairs taken, want 1; %d reports and %d packets came, want %d", taken, reports, packets, closes)
	}
}

// TestTheReporterEndsWithThePump, and begins again with the next stream.
func TestTheReporterEndsWithThePump(t *testing.T) {
	k, ports := newSink(t), manyPorts(t)
	ports.pump.byHand = false
	for range 3 {
		s := k.stream(ports)
		s.every = 0
		s.Start()
		await(t, "a report", func() bool {
			packets, ssrc, _ := k.next()
			return packets != nil && ssrc == s.ssrc
		})
		s.Close()
	}
	for what, done := range map[string]chan struct{}{"pump": ports.pump.done, "reporter": ports.pump.reporter.done} {
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			t.Error("has not ended: ", what)
		}
	}
}

// BenchmarkTurnWithAReport is a turn in which one stream has a report due, beside one in which none has.
func BenchmarkTurnWithAReport(b *testing.B) {
	for name, every := range map[string]time.Duration{"due": 0, "none": time.Hour} {
		b.Run(name, func(b *testing.B) {
			s := open(b, Options{})
			k := newSink(b)
			s.SetRemote(k.at, dsp.ALaw, PayloadALaw, 101, SendRecv)
			s.every = every
			s.Start()
			s.source.packet(0xCAFE, 1, 0, 0)
			p, now := s.options.Ports.pump, time.Now()
			b.ReportAllocs()
			for b.Loop() {
				now = now.Add(lookEvery)
				p.turn(p.epoll, now)
				p.reporter.reports.head.Store(p.reporter.reports.tail.Load())
			}
		})
	}
}
