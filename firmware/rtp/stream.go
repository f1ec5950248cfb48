// Package rtp is the sound of one telephone on the IP side: a G.711 stream in RTP that the bridge
// hears and speaks to like a timeslot.
//
// Sound path: UDP packets come from and go to an agent's phone; firmware/bridge calls Hear and Speak
// from its one thread. Signal path: firmware/sipphone opens a stream for a call and tells it what the
// SDP says; keys that come as telephone-events go back to it through Options.OnDigit.
//
// RFC 3550 and RFC 3551 (payload types 0 and 8), RFC 4733 (telephone-event, received), RFC 4961
// (symmetric RTP), Appendix I/G.711 (concealment). Left out: other codecs, comfort noise (RFC 3389
// packets are taken and not played), telephone-events sent, RTP and RTCP on one port, SRTP.
//
// Only the engine thread may call Hear and Speak; neither waits, locks or allocates. All other
// methods are safe from any goroutine, also while the engine hears and speaks, and also Close.
package rtp

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"trunkbox/dsp"
)

// Direction is who may speak, seen from the box (RFC 8866 clause 6.7).
type Direction uint8

// The four directions of an SDP.
const (
	SendRecv Direction = iota
	SendOnly
	RecvOnly
	Inactive
)

func (d Direction) sends() bool    { return d == SendRecv || d == SendOnly }
func (d Direction) receives() bool { return d == SendRecv || d == RecvOnly }

func (d Direction) String() string {
	return [...]string{"sendrecv", "sendonly", "recvonly", "inactive"}[d&3]
}

// The static payload types of RFC 3551 table 4.
const (
	PayloadMuLaw        = 0
	PayloadALaw         = 8
	payloadComfortNoise = 13
)

// Options are what a stream is opened with.
type Options struct {
	Ports    *Ports     // where the pair of ports comes from
	Local    netip.Addr // address to listen on; the zero value is every IPv4 address
	PacketMS int        // sound in a packet sent, 10 to 60; 0 is 20
	// OnDigit is called once for each key that comes as a telephone-event, '0'..'9' '*' '#' 'A'..'D',
	// from the stream's receive goroutine. It must not wait. nil: keys are only heard in-band.
	OnDigit func(key byte)
	Logger  *slog.Logger // nil: silent
}

// Stream is the sound of one call. Make it with Open.
type Stream struct {
	options Options
	log     *slog.Logger
	pair    pair
	raw     syscall.RawConn
	opened  time.Time
	ssrc    uint32

	law   atomic.Uint32 // of the port, fixed by Start
	peer  atomic.Pointer[peer]
	terms atomic.Pointer[terms]
	held  atomic.Bool

	mu      sync.Mutex // guards the seven below; never taken by the engine thread
	latch   latch
	source  source
	started bool
	every   time.Duration // between RTCP reports
	closed  bool
	rtcpTo  netip.AddrPort
	done    sync.WaitGroup

	inbox   inbox
	playout playout // engine thread
	tone    overlay // engine thread
	sender  sender  // engine thread

	keys keys // receive goroutine

	// Counters of the receive goroutine, then of the RTCP goroutine, then of the engine thread.
	received, lost, duplicate                counter
	foreign, malformed, overflow, digits     counter
	jitter, lastHeard                        gauge
	roundTrip, remoteLost, remoteJitter      gauge // RTCP goroutine
	sent, sentOctets, sendErrors, sentSample counter
}

// terms are what the two sides agreed on.
type terms struct {
	law         dsp.Law
	payloadType uint8
	dtmfType    uint8 // 0: none
	direction   Direction
}

// peer is where packets go, ready for the system call.
type peer struct {
	addr netip.AddrPort
	to   unix.Sockaddr
}

// Open takes a pair of ports. No packet is read or sent before Start.
func Open(o Options) (*Stream, error) {
	if o.PacketMS == 0 {
		o.PacketMS = 20
	}
	if o.PacketMS < 10 || o.PacketMS > 60 || o.PacketMS%10 != 0 {
		return nil, fmt.Errorf("RTP packets of %d ms: want 10, 20, 30, 40, 50 or 60", o.PacketMS)
	}
	if !o.Local.IsValid() {
		o.Local = netip.IPv4Unspecified()
	}
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	pair, err := o.Ports.take(o.Local)
	if err != nil {
		return nil, err
	}
	s := &Stream{options: o, log: log.With("rtp", pair.port), pair: pair, opened: time.Now(), every: reportEvery}
	if s.raw, err = pair.rtp.SyscallConn(); err == nil {
		err = markExpedited(s.raw)
	}
	if err != nil {
		s.release()
		return nil, fmt.Errorf("RTP socket %d: %w", pair.port, err)
	}
	var seed [12]byte
	_, _ = rand.Read(seed[:])
	s.ssrc = binary.BigEndian.Uint32(seed[:])
	s.sender.init(s, binary.BigEndian.Uint16(seed[4:]), binary.BigEndian.Uint32(seed[8:]))
	s.setLaw(dsp.ALaw)
	return s, nil
}

// markExpedited asks routers for DSCP EF (RFC 3246, RFC 4594 clause 4.1).
func markExpedited(raw syscall.RawConn) error {
	const expedited = 46 << 2
	var set error
	err := raw.Control(func(fd uintptr) {
		six, _ := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_DOMAIN)
		if six == unix.AF_INET6 {
			set = unix.SetsockoptInt(int(fd), unix.IPPROTO_IPV6, unix.IPV6_TCLASS, expedited)
			return
		}
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_TOS, expedited)
	})
	if err == nil {
		err = set
	}
	return err
}

// Port is the local RTP port, to be told in the SDP. RTCP is the next one.
func (s *Stream) Port() int { return s.pair.port }

// SetRemote takes what an SDP says: where the phone listens (an invalid or unspecified address: not
// yet told), the law and payload type to send, the payload type of telephone-events (0: none) and the
// direction seen from the box. The law told before Start is that of the port; when a later call names
// the other law, octets are transcoded and Law stays.
func (s *Stream) SetRemote(addr netip.AddrPort, law dsp.Law, payloadType, dtmfType uint8, direction Direction) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.started {
		s.setLaw(law)
	}
	s.terms.Store(&terms{law, payloadType, dtmfType, direction})
	addr = netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	if !addr.IsValid() || addr.Addr().IsUnspecified() || addr.Port() == 0 || addr == s.latch.sdp {
		return
	}
	s.latch.reset(addr)
	s.point(addr)
}

func (s *Stream) setLaw(law dsp.Law) {
	s.law.Store(uint32(law))
	s.playout.reset(law, defaultPrefill, defaultCeiling)
	s.tone.reset(law)
}

const (
	defaultPrefill = 320 // 40 ms
	defaultCeiling = 960 // 120 ms
)

// point sends to addr from now on. Called with mu held.
func (s *Stream) point(addr netip.AddrPort) {
	s.rtcpTo = netip.AddrPortFrom(addr.Addr(), addr.Port()+1)
	p := &peer{addr: addr}
	if s.options.Local.Is4() {
		if !addr.Addr().Is4() {
			s.log.Warn("phone has an IPv6 address, this stream is IPv4", "phone", addr)
			return
		}
		p.to = &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}
	} else {
		p.to = &unix.SockaddrInet6{Port: int(addr.Port()), Addr: addr.Addr().As16()}
	}
	s.peer.Store(p)
}

// Start begins to receive, send and report.
func (s *Stream) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started || s.closed {
		return
	}
	s.started = true
	s.done.Go(s.receive)
	s.done.Go(s.report)
}

// Close gives the ports back. Hear gives silence and Speak does nothing from then on.
func (s *Stream) Close() {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.closed = true
	s.mu.Unlock()
	s.release()
}

func (s *Stream) release() {
	_ = s.pair.rtp.Close()
	_ = s.pair.rtcp.Close()
	s.done.Wait()
	s.options.Ports.give(s.pair.port)
}

// Hold true stops sound both ways without a new SDP; packets are still received and counted.
func (s *Stream) Hold(on bool) { s.held.Store(on) }

// Law is the companding of Hear and Speak.
func (s *Stream) Law() dsp.Law { return dsp.Law(s.law.Load()) }

// Hear gives what the phone says: received sound in order, its concealment, the tone of a key, or
// silence. Engine thread only.
func (s *Stream) Hear(block []byte) {
	for range inboxSlots {
		a := s.inbox.peek()
		if a == nil {
			break
		}
		s.playout.jitter = int(a.jitter)
		if a.restart {
			s.playout.running = false
		}
		if a.press.key != 0 {
			s.tone.press(a.press)
		} else {
			s.playout.put(a.timestamp, a.octets[:a.length])
		}
		s.inbox.pop()
	}
	s.playout.take(block)
	t := s.terms.Load()
	if s.held.Load() || t == nil || !t.direction.receives() {
		fillSilence(block, s.Law())
		return
	}
	s.tone.cover(block)
}

func fillSilence(block []byte, law dsp.Law) {
	octet := law.Silence()
	for i := range block {
		block[i] = octet
	}
}
