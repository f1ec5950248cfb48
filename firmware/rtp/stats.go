package rtp

import (
	"net/netip"
	"sync/atomic"
	"time"
)

// counter and gauge have one writer each; anybody may read them. There are some thirty to a stream, so they are small:
// samples are counted for six days.
type counter struct{ n atomic.Uint32 }

func (c *counter) add(n int)      { c.n.Store(c.n.Load() + uint32(n)) }
func (c *counter) Store(n uint64) { c.n.Store(uint32(n)) }
func (c *counter) Load() uint64   { return uint64(c.n.Load()) }

type gauge struct{ n atomic.Int32 }

func (g *gauge) set(n int)   { g.n.Store(int32(n)) }
func (g *gauge) Load() int64 { return int64(g.n.Load()) }

// Stats is what a stream did since it was opened.
type Stats struct {
	Remote    netip.AddrPort // where packets go and come from; invalid before the first SDP
	Codec     Codec          // sent
	Encrypted bool

	Sent        uint64 // packets
	SendErrors  uint64 // packets the kernel did not take
	PortRefused uint64 // ICMP messages that nobody listens where packets go

	Received  uint64 // packets of the phone, sound and keys
	Lost      uint64 // packets that never came, RFC 3550 clause 6.4.1
	Late      uint64 // packets after their time
	Duplicate uint64
	Reordered uint64
	Foreign   uint64 // packets of strangers, refused
	Malformed uint64 // not RTP, or of a payload type nobody agreed on
	Rejected  uint64 // encrypted packets that are not authentic, or came before
	Overflow  uint64 // packets dropped because the engine did not hear

	Concealed   time.Duration // sound made up
	Skipped     time.Duration // sound taken out
	Inserted    time.Duration // sound put in
	Corrections uint64        // how often, without a click, for the phone's clock or a shorter delay
	Delay       time.Duration // in the buffer now
	Jitter      time.Duration // interarrival, RFC 3550 clause 6.4.1

	RoundTrip    time.Duration // from RTCP; 0 as long as the phone sends none
	RemoteLost   float64       // fraction of our packets the phone missed lately, from RTCP
	RemoteTotal  uint64        // how many it missed at all
	RemoteJitter time.Duration // from RTCP
	RemoteR      int           // its rating of our sound, from RTCP XR; 0: it tells none

	Digits    uint64    // keys by telephone-event
	LastHeard time.Time // of any packet of the phone; zero: none yet
	Quality   Quality
}

// samples turns a number of samples into time.
func samples(n uint64) time.Duration { return time.Duration(n) * 125 * time.Microsecond }

// strangers is how many packets, of sound and of reports, were refused.
func (s *Stream) strangers() uint64 { return s.foreign.Load() + s.control.foreign.Load() }

// Stats tells how the stream is doing, and after Close how it did. Safe from any goroutine.
func (s *Stream) Stats() Stats {
	t := Stats{
		Sent:         s.sent.Load(),
		SendErrors:   s.sendErrors.Load() + s.refusedSends.Load(),
		PortRefused:  s.portRefused.Load(),
		Received:     s.received.Load(),
		Lost:         s.lost.Load(),
		Late:         s.playout.late.Load(),
		Duplicate:    s.duplicate.Load() + s.playout.duplicate.Load(),
		Reordered:    s.playout.reordered.Load(),
		Foreign:      s.strangers(),
		Malformed:    s.malformed.Load() + s.control.malformed.Load(),
		Rejected:     s.rejected.Load() + s.control.rejected.Load(),
		Overflow:     s.overflow.Load(),
		Concealed:    samples(s.playout.concealed.Load()),
		Skipped:      samples(s.playout.skipped.Load()),
		Inserted:     samples(s.playout.inserted.Load()),
		Corrections:  s.playout.corrections.Load(),
		Delay:        samples(uint64(s.playout.depthNow.Load())),
		Jitter:       samples(uint64(s.jitter.Load())),
		RoundTrip:    time.Duration(s.roundTrip.Load()),
		RemoteLost:   float64(s.remoteLost.Load()) / 256,
		RemoteTotal:  uint64(s.remoteTotal.Load()),
		RemoteJitter: samples(uint64(s.remoteJitter.Load())),
		RemoteR:      int(s.remoteRating.Load()),
		Digits:       s.digits.Load(),
		Quality:      s.Quality(),
	}
	if peer := s.peer.Load(); peer != nil {
		t.Remote = peer.addr
	}
	if terms := s.terms.Load(); terms != nil {
		t.Codec, t.Encrypted = terms.Codec, terms.Secrets != nil
	}
	if ns := s.lastHeard.Load(); ns != 0 {
		t.LastHeard = s.opened.Add(time.Duration(ns))
	}
	return t
}
