package rtp

import (
	"net/netip"
	"sync/atomic"
	"time"
)

// counter and gauge have one writer each; anybody may read them.
type counter struct{ atomic.Uint64 }

func (c *counter) add(n int) { c.Store(c.Load() + uint64(n)) }

type gauge struct{ atomic.Int64 }

func (g *gauge) set(n int) { g.Store(int64(n)) }

// Stats is what a stream did since it was opened.
type Stats struct {
	Remote netip.AddrPort // where packets go and come from; invalid before the first SDP

	Sent       uint64 // packets
	SendErrors uint64 // packets the kernel did not take

	Received  uint64 // packets of the phone, sound and keys
	Lost      uint64 // packets that never came, RFC 3550 clause 6.4.1
	Late      uint64 // packets after their time
	Duplicate uint64
	Reordered uint64
	Foreign   uint64 // packets of strangers, refused
	Malformed uint64 // not RTP, or of a payload type nobody agreed on
	Overflow  uint64 // packets dropped because the engine did not hear

	Concealed time.Duration // sound made up
	Skipped   time.Duration // sound taken out
	Delay     time.Duration // in the buffer now
	Jitter    time.Duration // interarrival, RFC 3550 clause 6.4.1

	RoundTrip    time.Duration // from RTCP; 0 as long as the phone sends none
	RemoteLost   float64       // fraction of our packets the phone missed lately, from RTCP
	RemoteJitter time.Duration // from RTCP

	Digits    uint64    // keys by telephone-event
	LastHeard time.Time // of any packet of the phone; zero: none yet
}

// samples turns a number of samples into time.
func samples(n uint64) time.Duration { return time.Duration(n) * 125 * time.Microsecond }

// Stats tells how the stream is doing. Safe from any goroutine.
func (s *Stream) Stats() Stats {
	t := Stats{
		Sent:         s.sent.Load(),
		SendErrors:   s.sendErrors.Load(),
		Received:     s.received.Load(),
		Lost:         s.lost.Load(),
		Late:         s.playout.late.Load(),
		Duplicate:    s.duplicate.Load() + s.playout.duplicate.Load(),
		Reordered:    s.playout.reordered.Load(),
		Foreign:      s.foreign.Load(),
		Malformed:    s.malformed.Load(),
		Overflow:     s.overflow.Load(),
		Concealed:    samples(s.playout.concealed.Load()),
		Skipped:      samples(s.playout.skipped.Load()),
		Delay:        samples(uint64(s.playout.depthNow.Load())),
		Jitter:       samples(uint64(s.jitter.Load())),
		RoundTrip:    time.Duration(s.roundTrip.Load()),
		RemoteLost:   float64(s.remoteLost.Load()) / 256,
		RemoteJitter: samples(uint64(s.remoteJitter.Load())),
		Digits:       s.digits.Load(),
	}
	if peer := s.peer.Load(); peer != nil {
		t.Remote = peer.addr
	}
	if ns := s.lastHeard.Load(); ns != 0 {
		t.LastHeard = s.opened.Add(time.Duration(ns))
	}
	return t
}
