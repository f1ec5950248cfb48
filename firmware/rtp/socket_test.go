package rtp

import (
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"trunkbox/dsp"
)

// boundTo is the local port of a socket, 0 when it has none.
func boundTo(fd int) int {
	switch at, _ := unix.Getsockname(fd); at := at.(type) {
	case *unix.SockaddrInet4:
		return at.Port
	case *unix.SockaddrInet6:
		return at.Port
	}
	return 0
}

// Packets of sound carry DSCP EF, as the receiver sees it, over IPv4 and IPv6.
func TestSoundIsMarked(t *testing.T) {
	for _, c := range []struct {
		addr                string
		level, option, kind int
	}{
		{"127.0.0.1", unix.IPPROTO_IP, unix.IP_RECVTOS, unix.IP_TOS},
		{"::1", unix.IPPROTO_IPV6, unix.IPV6_RECVTCLASS, unix.IPV6_TCLASS},
	} {
		at := netip.AddrPortFrom(netip.MustParseAddr(c.addr), 0)
		from, err := listen(at)
		if err != nil {
			t.Fatal(err)
		}
		to, err := listen(at)
		if err != nil {
			t.Fatal(err)
		}
		if err := unix.SetsockoptInt(to, c.level, c.option, 1); err != nil {
			t.Fatal(err)
		}
		if err := unix.SetsockoptInt(to, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 0); err != nil {
			t.Fatal(err)
		}
		there := netip.AddrPortFrom(at.Addr(), uint16(boundTo(to)))
		postal, ok := post(there, at.Addr().Is6())
		if !ok {
			t.Fatal("no way to ", there)
		}
		if number := send(from, []byte("x"), &postal); number != 0 {
			t.Fatal(number)
		}
		var data, control [128]byte
		_, n, _, _, err := unix.Recvmsg(to, data[:], control[:], 0)
		if err != nil {
			t.Fatal(err)
		}
		messages, _ := unix.ParseSocketControlMessage(control[:n])
		class := -1
		for _, m := range messages {
			if int(m.Header.Level) == c.level && int(m.Header.Type) == c.kind {
				class = int(m.Data[0])
			}
		}
		if class != 46<<2 {
			t.Errorf("%s: class %#x arrives, want EF", c.addr, class)
		}
		_, _ = unix.Close(from), unix.Close(to)
	}
}

// The time of arrival is the kernel's, and the sender's address is right over both families.
func TestLetterTellsWhenAndWhence(t *testing.T) {
	for _, addr := range []string{"127.0.0.1", "::1"} {
		at := netip.AddrPortFrom(netip.MustParseAddr(addr), 0)
		fd, err := listen(at)
		if err != nil {
			t.Fatal(err)
		}
		self := netip.AddrPortFrom(at.Addr(), uint16(boundTo(fd)))
		to, _ := post(self, at.Addr().Is6())
		before := time.Now().UnixNano()
		if number := send(fd, []byte("hello"), &to); number != 0 {
			t.Fatal(number)
		}
		after := time.Now().UnixNano()
		l := new(letter)
		datagram, stamp, number := l.receive(fd)
		if number != 0 || string(datagram) != "hello" || l.sender.from() != self {
			t.Errorf("%q from %v: %v", datagram, l.sender.from(), number)
		}
		const coarse = int64(10 * time.Millisecond) // of a kernel that stamps by its tick
		if stamp < before-coarse || stamp > after+coarse {
			t.Errorf("stamped %d, sent between %d and %d", stamp, before, after)
		}
		if _, _, number := l.receive(fd); number != unix.EAGAIN {
			t.Errorf("an empty socket says %v", number)
		}
		_ = unix.Close(fd)
	}
}

// A phone whose port is closed is found out by the ICMP messages that come back, and once.
func TestClosedPortIsTold(t *testing.T) {
	var told []Trouble
	s := open(t, Options{OnTrouble: func(trouble Trouble) { told = append(told, trouble) }})
	p := newPhone(t, s.address())
	s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	s.Start()
	_ = p.conn.Close()
	now := time.Now()
	tone := sine(dsp.ALaw, 500, -10, 160)
	for range 50 * 8 {
		s.Speak(tone)
		now = now.Add(20 * time.Millisecond)
		pump := s.options.Ports.pump
		pump.turn(pump.epoll, now)
		pump.reporter.tellAll()
	}
	if len(told) != 1 || told[0] != PortRefused || s.Stats().PortRefused < 100 {
		t.Errorf("told %v, %d refusals counted", told, s.Stats().PortRefused)
	}
}

// A phone that sends nothing while it is spoken to is told once, and again after it was heard between.
func TestSilentPhoneIsTold(t *testing.T) {
	var told []Trouble
	s := open(t, Options{OnTrouble: func(trouble Trouble) { told = append(told, trouble) }})
	p := newPhone(t, s.address())
	s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	s.Start()
	now := time.Now()
	tone, silence, block := sine(dsp.ALaw, 500, -10, 160), make([]byte, 160), make([]byte, 160)
	fillSilence(silence, dsp.ALaw)
	pass := func(seconds int, phone []byte) {
		for range 50 * seconds {
			if phone != nil {
				p.speak(PayloadALaw, phone)
			}
			s.Hear(block)
			s.Speak(tone)
			now = now.Add(20 * time.Millisecond)
			pump := s.options.Ports.pump
			pump.turn(pump.epoll, now)
			pump.reporter.tellAll()
		}
	}
	pass(12, nil)
	pass(2, tone)
	pass(12, silence)
	if len(told) != 2 || told[0] != NothingComes || told[1] != OnlySilence {
		t.Errorf("told %v, want nothing comes, then only silence", told)
	}
}

// A phone that begins anew with another SSRC, sequence and timestamp is heard at once.
func TestAnotherSourceIsHeard(t *testing.T) {
	s := open(t, Options{})
	p := newPhone(t, s.address())
	s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	s.Start()
	block := make([]byte, 160)
	hear := func(hz float64) (level float64) {
		for range 8 {
			p.speak(PayloadALaw, sine(dsp.ALaw, hz, -10, 160))
			turn(s)
			s.Hear(block)
		}
		return dBm0At(dsp.ALaw, block, hz)
	}
	hear(500)
	p.ssrc, p.seq, p.stamp = 0xBEEF, 7, 99_000_000
	if level := hear(1500); level < -11 {
		t.Errorf("the new source is heard with %.1f dBm0", level)
	}
	if st := s.Stats(); st.Lost != 0 || st.Received != 16 {
		t.Errorf("%+v", st)
	}
}

// G.722 both ways, at the level it was spoken with.
func TestWideBandStreamsHearEachOther(t *testing.T) {
	a, b := open(t, Options{}), open(t, Options{})
	for _, s := range [][2]*Stream{{a, b}, {b, a}} {
		if err := s[0].Agree(Terms{Addr: s[1].address(), Codec: G722, PayloadType: PayloadG722, DTMFType: 101}); err != nil {
			t.Fatal(err)
		}
		s[0].Start()
	}
	heardA, heardB := converse(t, a, b, sine(dsp.ALaw, 500, -10, 8000), sine(dsp.ALaw, 1300, -10, 8000))
	if level := dBm0At(dsp.ALaw, heardA[1600:], 1300); level < -10.6 || level > -9.4 {
		t.Errorf("a hears %.1f dBm0", level)
	}
	if level := dBm0At(dsp.ALaw, heardB[1600:], 500); level < -10.6 || level > -9.4 {
		t.Errorf("b hears %.1f dBm0", level)
	}
}
