// Package rtp is the sound of one telephone on the IP side: a stream in RTP that the bridge hears and
// speaks to like a timeslot.
//
// Sound path: UDP packets come from and go to an agent's phone; firmware/bridge calls Hear and Speak
// from its one thread, and one thread of the package's own moves the packets of all streams; between two phones
// that hear each other directly it passes them on as they come, see relay. Signal path:
// firmware/sipphone opens a stream for a call and tells it what the SDP says; keys that come as
// telephone-events and one-way sound go back to it through Options.
//
// RFC 3550 and RFC 3551 (G.711 and G.722), RFC 4733 (telephone-event), RFC 4961 (symmetric RTP),
// RFC 3389 (comfort noise), RFC 3611 (VoIP metrics), RFC 3711 (SRTP), Appendix I/G.711 (concealment), G.107
// (rating). Left out: other codecs, RTP and RTCP on one port.
//
// Only the engine thread may call Hear, Speak and Relay; none waits, locks or allocates. All other
// methods are safe from any goroutine, also while the engine hears and speaks, and also Close. OnDigit,
// OnKeyUp and OnTrouble are called from one goroutine for all streams and must not wait.
package rtp

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
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

// Options are what a stream is opened with.
type Options struct {
	Ports    *Ports     // where the pair of ports comes from
	Local    netip.Addr // address to listen on; the zero value is every IPv4 address
	PacketMS int        // sound in a packet sent, 10 to 60; 0 is 20
	// OnDigit is called once for each key that comes as a telephone-event, '0'..'9' '*' '#' 'A'..'D', or
	// of a phone that offers none, inband, for each that is heard in its sound. nil: nobody is told.
	OnDigit func(key byte, inband bool)
	// OnKeyUp is called once for each such key when it was let go. nil: nobody is told.
	OnKeyUp func(KeyUp)
	// OnTrouble is called when the sound has become one-way, once for each time. nil: it is only logged.
	OnTrouble func(Trouble)
	// SuppressSilence sends comfort noise in place of silence to a phone that takes it.
	SuppressSilence bool
	Logger          *slog.Logger // nil: silent
}

// Terms are what the two sides agreed on, seen from the box.
type Terms struct {
	Addr         netip.AddrPort // where the phone listens; invalid or unspecified: not yet told
	Codec        Codec          // to send
	PayloadType  uint8          // of Codec
	DTMFType     uint8          // of telephone-events, 0: none
	ComfortNoise bool           // the phone takes payload type 13
	Direction    Direction
	Secrets      *Secrets // nil: not encrypted
	BehindNAT    bool     // Addr is one that the box cannot reach; the phone's packets will tell
}

// Stream is the sound of one call. Make it with Open.
type Stream struct {
	options   Options
	anyLength bool // of packets up to 20 ms, for none was asked for
	log       *slog.Logger
	pair      pair
	place     int // among the pump's streams
	opened    time.Time
	ssrc      uint32

	law   atomic.Uint32 // of the port, fixed by Start
	peer  atomic.Pointer[peer]
	terms atomic.Pointer[Terms]
	held  atomic.Bool
	// inband listens for keys; nil when the phone tells them.
	inband atomic.Pointer[inband]

	life    sync.Mutex // held by Agree, Start and Close, by no thread with a priority
	started bool       // guarded by life

	// mu guards what follows up to numbers. The pump takes it for each packet, so whoever else does holds it for a few
	// loads and stores; the engine thread never takes it.
	mu       sync.Mutex
	latch    latch
	source   source
	keys     keys
	wide     *wide   // nil before the first G.722
	secure   *secure // of sound; nil: not encrypted
	oneWay   oneWay
	every    time.Duration // between RTCP reports
	reportAt time.Time
	numbers  numbering

	closed  atomic.Bool // see pump.moving for its sockets
	control control     // reporter

	plain       plain   // pump, but for its word
	forward     *Stream // pump: to whom what comes is relayed; nil: to nobody
	forwardTurn uint16

	lane       lane
	fitting    atomic.Uint32
	wanted     atomic.Bool // stored true by the engine thread, false by the pump
	*apparatus             // see there

	relay   relay   // of another's sound to this phone
	heardBy *Stream // engine thread: to whom this one's is relayed, or was until play comes there
	asked   bool    // engine thread: whether that one was spoken to in this tick
	blocks  uint32  // engine thread: heard
	without int     // engine thread: samples since a packet of sound came
	relayed int     // engine thread: samples for which both directions are, while there is an apparatus

	playout playout // engine thread
	tone    overlay // engine thread, but for ready
	sender  sender  // engine thread
	presses presses

	// Counters of the pump, then of the engine thread.
	received, lost, duplicate, rejected      counter
	foreign, malformed, overflow, digits     counter
	sounds, alive, portRefused               counter
	sent, sentOctets, sendErrors, sentSample counter
	jitter, remoteLost, remoteJitter         gauge
	remoteRating, remoteTotal                gauge
	lastHeard, roundTrip                     atomic.Int64 // ns
	queued, spoken, refusedSends             counter      // of the engine thread; see relay.spoken
}

// peer is where packets go, ready for the system call.
type peer struct {
	addr netip.AddrPort
	to   postal
}

// Open takes a pair of ports. No packet is read or sent before Start.
func Open(o Options) (*Stream, error) {
	anyLength := o.PacketMS == 0
	if anyLength {
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
	s := &Stream{options: o, anyLength: anyLength, log: log.With("rtp", pair.port), pair: pair, opened: time.Now(), every: reportEvery}
	s.begin(o.PacketMS * 8)
	var seed [12]byte
	_, _ = rand.Read(seed[:])
	s.ssrc = binary.BigEndian.Uint32(seed[:])
	s.sender.init(o.PacketMS, binary.BigEndian.Uint16(seed[4:]), binary.BigEndian.Uint32(seed[8:]))
	if o.SuppressSilence {
		s.sender.hush = newHush()
	}
	s.setLaw(dsp.ALaw)
	return s, nil
}

// Port is the local RTP port, to be told in the SDP. RTCP is the next one.
func (s *Stream) Port() int { return s.pair.port }

// SetRemote is Agree for a G.711 stream without encryption.
func (s *Stream) SetRemote(addr netip.AddrPort, law dsp.Law, payloadType, dtmfType uint8, direction Direction) {
	_ = s.Agree(Terms{Addr: addr, Codec: CodecOf(law), PayloadType: payloadType, DTMFType: dtmfType, Direction: direction})
}

// Agree takes what an SDP says. The codec told before Start fixes the law of the port (A-law for G.722);
// when a later call names another, octets are transcoded and Law stays. An error says that the secrets
// cannot be used; then nothing has changed.
func (s *Stream) Agree(t Terms) error {
	s.life.Lock()
	defer s.life.Unlock()
	sound, reports, err := s.encryption(t.Secrets)
	if err != nil {
		return err
	}
	if !s.started {
		s.setLaw(t.Codec.law())
	}
	inband := s.inband.Load()
	switch {
	case t.DTMFType != 0:
		inband = nil
	case inband == nil && s.options.OnDigit != nil:
		inband = newInband(s.options.Ports.pump.kick)
	}
	addr := netip.AddrPortFrom(t.Addr.Addr().Unmap(), t.Addr.Port())
	var to *peer
	elsewhere := addr.IsValid() && !addr.Addr().IsUnspecified() && addr.Port() != 0 && addr != s.latch.sdp // which nobody else changes
	if elsewhere {
		to = s.peerAt(addr)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secure = sound
	s.control.secure.Store(reports)
	s.control.agreed.Store(int64(time.Since(s.opened)))
	s.terms.Store(&t)
	s.inband.Store(inband)
	if elsewhere {
		s.latch.reset(addr)
	}
	if to != nil {
		s.peer.Store(to)
	}
	return nil
}

func (s *Stream) setLaw(law dsp.Law) {
	s.law.Store(uint32(law))
	s.playout.reset(law, defaultPrefill, defaultCeiling)
	s.tone.reset(law)
}

const (
	defaultPrefill = 320  // 40 ms
	defaultCeiling = 1600 // 200 ms
)

// peerAt is a peer at addr; nil: this stream cannot reach it.
func (s *Stream) peerAt(addr netip.AddrPort) *peer {
	to, ok := post(addr, s.options.Local.Is6())
	if !ok {
		s.log.Warn("phone has an IPv6 address, this stream is IPv4", "phone", addr)
		return nil
	}
	return &peer{addr, to}
}

// Start begins to receive, send and report.
func (s *Stream) Start() {
	s.life.Lock()
	defer s.life.Unlock()
	if s.started || s.closed.Load() {
		return
	}
	s.reportAt = time.Now().Add(s.every / 2)
	if err := s.options.Ports.pump.join(s); err != nil {
		s.log.Error("stream cannot be watched", "error", err)
		return
	}
	s.started = true
}

// Close gives the ports back. Hear gives silence and Speak does nothing from then on.
func (s *Stream) Close() {
	s.life.Lock()
	defer s.life.Unlock()
	if s.closed.Load() {
		return
	}
	s.closed.Store(true)
	p := s.options.Ports.pump
	if s.started {
		p.leave(s)
	}
	p.moved()
	_ = unix.Close(s.pair.rtp)
	p.reporter.closing.Lock()
	_ = unix.Close(s.pair.rtcp)
	p.reporter.closing.Unlock()
	s.options.Ports.give(s.pair.port)
}

// Hold true stops sound both ways without a new SDP; packets are still received and counted.
func (s *Stream) Hold(on bool) { s.held.Store(on) }

// Law is the companding of Hear and Speak.
func (s *Stream) Law() dsp.Law { return dsp.Law(s.law.Load()) }

// Hear gives what the phone says: received sound in order, its concealment, the tone of a key, or
// silence. Engine thread only.
func (s *Stream) Hear(block []byte) {
	s.dropRelay()
	s.watchRelay(false)
	s.without = min(s.without+len(block), starvedAfter)
	state := s.settle()
	s.hearLane()
	if state < left {
		s.hearInbox()
	}
	s.playout.take(block)
	s.blocks++
	t := s.terms.Load()
	if s.held.Load() || t == nil || !t.Direction.receives() {
		fillSilence(block, s.Law())
		return
	}
	if w := &s.playout.awaited; w.on { // to whom it was relayed is still to hear what was before the key
		s.tone.cover(block[min(w.reached, len(block)):])
	} else {
		s.tone.cover(block)
	}
	if n := s.inband.Load(); n != nil {
		n.detector.PushOctets(block, s.Law(), n.heard)
	}
}

// hearInbox takes what came by the inbox.
func (s *Stream) hearInbox() {
	for range inboxSlots {
		a := s.inbox.peek()
		if a == nil {
			return
		}
		s.watchRelay(a.restart || a.kind != soundArrived)
		if a.restart {
			s.playout.running = false
		}
		switch a.kind {
		case soundArrived:
			s.playout.put(a.timestamp, a.octets[:a.length])
			s.playout.noise.off()
			s.without = 0
		case noiseArrived:
			s.playout.noise.set(a.level)
		case keyArrived:
			s.tone.press(a.press)
			s.playout.mute(a.timestamp-leakBefore, a.timestamp+uint32(a.press.length)+leakAfter)
		}
		s.inbox.pop()
	}
}

// hearLane takes what came by the lane.
func (s *Stream) hearLane() {
	for range laneSlots {
		timestamp, octets := s.lane.peek()
		if octets == nil {
			return
		}
		if !s.playout.fits(timestamp, len(octets)) {
			s.wantFit()
			return
		}
		s.watchRelay(false)
		s.playout.put(timestamp, octets)
		s.playout.noise.off()
		s.without = 0
		s.lane.pop()
	}
}

// A phone's sound may still have the tone for so long before and after a telephone-event: 40 and 20 ms, what
// it takes to hear a key begin and end. That sound is not played, so that the key is not heard twice.
const leakBefore, leakAfter = 320, 160

func fillSilence(block []byte, law dsp.Law) {
	octet := law.Silence()
	for i := range block {
		block[i] = octet
	}
}
