package rtp

import (
	"math"
	"time"

	"github.com/pion/rtcp"
)

// The extended reports of RFC 3611: receiver reference time, so that a phone that sends nothing has a round
// trip too (clauses 4.4, 4.5), and the VoIP metrics (clause 4.7).

const (
	unknownLevel  = 127 // signal and noise level, clause 4.7.4
	unknownRating = 127 // R factor and MOS, clause 4.7.5
	// plcStandard is the concealment of Appendix I/G.711 or better, adaptiveBuffer a jitter buffer that
	// adapts: PLC 2 bits, JBA 2 bits, rate 4 bits (clause 4.7.6).
	plcStandard, adaptiveBuffer = 3 << 6, 3 << 4
)

// extended is what we tell. Reporter only.
func (s *Stream) extended(o *reception, now time.Time) []rtcp.ReportBlock {
	blocks := []rtcp.ReportBlock{
		&rtcp.ReceiverReferenceTimeReportBlock{NTPTimestamp: ntp(now)},
		s.metrics(o),
	}
	if c := &s.control; c.lastRRAt != 0 {
		blocks = append(blocks, &rtcp.DLRRReportBlock{Reports: []rtcp.DLRRReport{{
			SSRC: o.ssrc, LastRR: c.lastRR, DLRR: s.keptFor(c.lastRRAt, now),
		}}})
	}
	return blocks
}

// metrics is the VoIP metrics block on the phone's stream.
func (s *Stream) metrics(o *reception) *rtcp.VoIPMetricsReportBlock {
	q := s.quality(o)
	packetMS := float64(s.options.PacketMS) // of the phone's packets it is not known
	b := &rtcp.VoIPMetricsReportBlock{
		SSRC:     o.ssrc,
		LossRate: fraction(q.Lost), DiscardRate: fraction(q.Discarded),
		BurstDensity: fraction(q.BurstDensity), GapDensity: fraction(q.GapDensity),
		BurstDuration: clamped16(q.BurstPackets * packetMS), GapDuration: clamped16(q.GapPackets * packetMS),
		RoundTripDelay: clamped16(float64(s.roundTrip.Load()) / 1e6),
		EndSystemDelay: clamped16(float64(samples(uint64(s.playout.depthNow.Load()))/time.Millisecond) + packetMS),
		SignalLevel:    unknownLevel, NoiseLevel: unknownLevel, RERL: unknownLevel, Gmin: burstEnds,
		RFactor: uint8(math.Round(q.R)), ExtRFactor: unknownRating,
		MOSLQ: uint8(math.Round(10 * opinion(q.ListeningR))), MOSCQ: uint8(math.Round(10 * q.MOS)),
		RXConfig:  plcStandard | adaptiveBuffer,
		JBNominal: uint16(s.playout.depthNow.Load() / 8), JBMaximum: uint16(s.playout.depthNow.Load() / 8), JBAbsMax: defaultCeiling / 8,
	}
	return b
}

// fraction is a share in 256ths, 255 at most.
func fraction(share float64) uint8 { return uint8(min(share*256, 255)) }

func clamped16(x float64) uint16 { return uint16(min(max(x, 0), 65535)) }

// readExtended takes what the phone tells. Reporter only.
func (s *Stream) readExtended(blocks []rtcp.ReportBlock, now time.Time) {
	for _, block := range blocks {
		switch b := block.(type) {
		case *rtcp.ReceiverReferenceTimeReportBlock:
			s.control.lastRR, s.control.lastRRAt = uint32(b.NTPTimestamp>>16), max(now.Sub(s.opened), 1)
		case *rtcp.DLRRReportBlock:
			for _, r := range b.Reports {
				if r.SSRC == s.ssrc {
					s.trip(r.LastRR, r.DLRR, now)
				}
			}
		case *rtcp.VoIPMetricsReportBlock:
			if b.SSRC == s.ssrc && b.RFactor <= 100 {
				s.remoteRating.set(int(b.RFactor))
			}
		}
	}
}

// Quality is how the phone's sound reaches the box, by RFC 3611 and G.107.
type Quality struct {
	Lost      float64 // share of packets that never came, 0 to 1
	Discarded float64 // share of packets that came after their time

	Bursts       int     // stretches with losses close together
	BurstDensity float64 // share lost within bursts
	BurstPackets float64 // mean length of a burst
	GapDensity   float64 // share lost between bursts
	GapPackets   float64 // mean length of a gap

	OneWay     time.Duration // from mouth to ear: half the round trip, packet and buffer
	ListeningR float64       // rating without the delay
	R          float64       // rating, 0 to 93.2
	MOS        float64       // mean opinion score of a conversation, 1 to 4.4
}

// quality is how it stands when the phone's stream has come so.
func (s *Stream) quality(o *reception) Quality {
	t := o.bursts.total()
	q := Quality{
		Lost: share(o.lost, o.expected), Discarded: min(share(s.playout.late.Load(), uint64(o.expected)), 1), Bursts: int(t.burstCount),
		BurstDensity: share(t.burstLost, t.burstPackets), BurstPackets: share(t.burstPackets, t.burstCount),
		GapDensity: share(t.gapLost, t.gapPackets), GapPackets: share(t.gapPackets, t.burstCount+1),
	}
	packet := time.Duration(s.options.PacketMS) * time.Millisecond
	q.OneWay = time.Duration(s.roundTrip.Load())/2 + packet + samples(uint64(s.playout.depthNow.Load()))
	loss := min(q.Lost+q.Discarded, 1)
	q.ListeningR = rating(loss, t.clumping(), 0)
	q.R = rating(loss, t.clumping(), q.OneWay)
	q.MOS = opinion(q.R)
	return q
}

// Quality tells how the phone's sound reaches the box. Safe from any goroutine.
func (s *Stream) Quality() Quality {
	s.mu.Lock()
	o := s.source.reception()
	s.mu.Unlock()
	return s.quality(&o)
}
