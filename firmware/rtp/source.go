package rtp

import "time"

// source follows the sequence numbers of one SSRC: how many packets were sent, how many came, and
// how unevenly (RFC 3550 appendices A.1, A.3 and A.8).
type source struct {
	known     bool
	ssrc      uint32
	base      uint32 // first extended sequence number
	highest   uint32
	came      uint32
	transit   uint32 // of the last packet, samples
	jitter16  int32  // 16 times the jitter, samples
	window    uint64 // bit i: highest-i came
	bursts    bursts // over the packets that have left the window
	reportExp uint32 // expected and came when the last report was sent
	reportGot uint32
}

const (
	seqCycle  = 1 << 16
	seqLeap   = 3000 // a greater step is a restart of the sender, MAX_DROPOUT of RFC 3550 appendix A.1
	seqOldest = 64   // further back than the window is late beyond use
	seqSettle = 32   // packets behind the highest whose fate is settled
)

// verdict is on one packet.
type verdict uint8

const (
	fresh verdict = iota
	repeated
	restarted // the first packet of another SSRC
)

// packet takes the sequence number, timestamp and time of arrival of one packet.
func (s *source) packet(ssrc uint32, seq uint16, timestamp uint32, now time.Duration) verdict {
	if !s.known || ssrc != s.ssrc {
		s.begin(ssrc, seq)
		s.transit = arrivalSamples(now) - timestamp
		return restarted
	}
	step := int16(seq - uint16(s.highest))
	switch {
	case step > seqLeap || step < -seqLeap:
		s.begin(ssrc, seq)
		s.transit = arrivalSamples(now) - timestamp
		return fresh
	case step > 0:
		s.settle(int(step))
		s.highest += uint32(step)
		s.window = s.window<<min(step, 64) | 1
	case -step < seqOldest:
		bit := uint64(1) << -step
		if s.window&bit != 0 {
			return repeated
		}
		s.window |= bit
	}
	s.came++
	s.interval(timestamp, now)
	return fresh
}

// settle tells the bursts which of the packets came that step more packets push out of reach.
func (s *source) settle(step int) {
	for i := range step {
		back := seqSettle - 1 - i // behind highest
		if s.highest-s.base < uint32(max(back, 0)) {
			continue // before the first packet
		}
		s.bursts.packet(back >= 0 && s.window>>back&1 == 1)
	}
}

func (s *source) begin(ssrc uint32, seq uint16) {
	*s = source{known: true, ssrc: ssrc, base: seqCycle + uint32(seq), highest: seqCycle + uint32(seq), came: 1, window: 1}
}

func arrivalSamples(now time.Duration) uint32 { return uint32(now / (125 * time.Microsecond)) }

// interval is the estimator of RFC 3550 appendix A.8. A leap of the timestamp (the phone was quiet)
// is not jitter.
func (s *source) interval(timestamp uint32, now time.Duration) {
	transit := arrivalSamples(now) - timestamp
	d := int64(int32(transit - s.transit))
	s.transit = transit
	if d < 0 {
		d = -d
	}
	if d > farAhead {
		return
	}
	s.jitter16 += int32(d) - (s.jitter16+8)>>4
}

// jitter is in samples.
func (s *source) jitter() int { return int(s.jitter16 >> 4) }

func (s *source) expected() uint32 { return s.highest - s.base + 1 }

// lost never goes below zero, though late duplicates could make it.
func (s *source) lost() uint64 {
	if e := s.expected(); e > s.came {
		return uint64(e - s.came)
	}
	return 0
}

// interim is the fraction lost since the last call, in 256ths (RFC 3550 appendix A.3).
func (s *source) interim() uint8 {
	expected, got := s.expected()-s.reportExp, s.came-s.reportGot
	s.reportExp, s.reportGot = s.expected(), s.came
	if expected == 0 || got >= expected {
		return 0
	}
	return uint8((expected - got) << 8 / expected)
}
