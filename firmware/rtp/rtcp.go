package rtp

import (
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
)

// reportEvery is the fixed interval of reports. Departure: RFC 3550 clause 6.2 scales and randomizes
// it by the number of participants; there are two.
const reportEvery = 5 * time.Second

// control is what the reporter has of one stream; secure is given to it.
type control struct {
	lastSR   uint32                 // middle 32 bits of the NTP time in the phone's last SR
	lastRR   uint32                 // the same of its last RRTR (RFC 3611 clause 4.4)
	lastSRAt time.Duration          // since the stream was opened; 0: none came
	lastRRAt time.Duration          // the same
	sentThen uint64                 // packets, at the last report
	from     netip.AddrPort         // where reports of the phone came from
	then     *peer                  // where sound went when they did
	secure   atomic.Pointer[secure] // nil: not encrypted
	agreed   atomic.Int64           // ns since the stream was opened: the last Agree

	foreign, malformed, rejected counter
}

// address is where reports go while sound goes to p: where the phone's own came from, or the port after that of sound.
func (c *control) address(p *peer) netip.AddrPort {
	if c.then == p {
		return c.from
	}
	return netip.AddrPortFrom(p.addr.Addr(), p.addr.Port()+1)
}

// readReport takes a compound packet of the phone that came at now. Strangers are told by their address; what came before
// the last Agree, and waited for the reporter, may be a stranger's, or encrypted otherwise. Reporter only.
func (s *Stream) readReport(datagram []byte, from netip.AddrPort, now time.Time) {
	c := &s.control
	p := s.peer.Load()
	if p == nil || from.Addr() != p.addr.Addr() || int64(now.Sub(s.opened)) < c.agreed.Load() {
		c.foreign.add(1)
		return
	}
	if with := c.secure.Load(); with != nil {
		datagram = with.unlockControl(datagram)
	}
	packets, err := rtcp.Unmarshal(datagram)
	if err != nil {
		c.malformed.add(1)
		return
	}
	c.from, c.then = from, p
	for _, packet := range packets {
		switch r := packet.(type) {
		case *rtcp.SenderReport:
			c.lastSR, c.lastSRAt = uint32(r.NTPTime>>16), max(now.Sub(s.opened), 1)
			s.readBlocks(r.Reports, now)
		case *rtcp.ReceiverReport:
			s.readBlocks(r.Reports, now)
		case *rtcp.ExtendedReport:
			s.readExtended(r.Reports, now)
		}
	}
}

// readBlocks takes what the phone says of our stream; the round trip is that of RFC 3550 figure 2.
func (s *Stream) readBlocks(blocks []rtcp.ReceptionReport, now time.Time) {
	for _, b := range blocks {
		if b.SSRC != s.ssrc {
			continue
		}
		s.remoteLost.set(int(b.FractionLost))
		s.remoteTotal.set(int(b.TotalLost))
		s.remoteJitter.set(int(b.Jitter))
		s.trip(b.LastSenderReport, b.Delay, now)
	}
}

// trip takes the round trip: our time that the phone repeats, and how long it kept it, in 65536ths of a second.
func (s *Stream) trip(sent, kept uint32, now time.Time) {
	if sent == 0 {
		return
	}
	trip := int32(uint32(ntp(now)>>16) - sent - kept)
	if trip >= 0 && trip < 10<<16 {
		s.roundTrip.Store(int64(trip) * int64(time.Second) >> 16)
	}
}

// ntp is the 64-bit NTP time of t: seconds since 1900, 32 bits after the binary point.
func ntp(t time.Time) uint64 {
	const seconds1900to1970 = 2208988800
	return uint64(t.Unix()+seconds1900to1970)<<32 | uint64(t.Nanosecond())<<32/1e9
}

// keptFor is how long ago something was, in 65536ths of a second.
func (s *Stream) keptFor(at time.Duration, now time.Time) uint32 {
	return uint32((now.Sub(s.opened) - at) * 65536 / time.Second)
}

// compound is a report as it is sent: an SR when we sent since the last one, else an RR, with the CNAME and, once there is
// something to tell, the VoIP metrics. It is empty when it cannot be made. Reporter only.
func (s *Stream) compound(due *report, now time.Time) []byte {
	c := &s.control
	blocks := s.receptionReports(due, now)
	var first rtcp.Packet = &rtcp.ReceiverReport{SSRC: s.ssrc, Reports: blocks}
	if sent := s.sent.Load(); sent != c.sentThen {
		c.sentThen = sent
		first = &rtcp.SenderReport{
			SSRC: s.ssrc, NTPTime: ntp(now), RTPTime: uint32(s.sentSample.Load()),
			PacketCount: uint32(sent), OctetCount: uint32(s.sentOctets.Load()), Reports: blocks,
		}
	}
	all := []rtcp.Packet{first, rtcp.NewCNAMESourceDescription(s.ssrc, fmt.Sprintf("%08x@trunkbox", s.ssrc))}
	if len(blocks) > 0 {
		all = append(all, &rtcp.ExtendedReport{SenderSSRC: s.ssrc, Reports: s.extended(&due.reception, now)})
	}
	datagram, err := rtcp.Marshal(all)
	if err != nil {
		s.log.Error("RTCP report not made", "error", err)
		return nil
	}
	if with := c.secure.Load(); with != nil {
		return with.lockControl(datagram)
	}
	return datagram
}

// receptionReports is our block on the phone's stream, once there is one.
func (s *Stream) receptionReports(due *report, now time.Time) []rtcp.ReceptionReport {
	o := &due.reception
	if !o.known {
		return nil
	}
	b := rtcp.ReceptionReport{
		SSRC: o.ssrc, FractionLost: due.fractionLost, TotalLost: min(o.lost, 0x7FFFFF), LastSequenceNumber: o.highest, Jitter: o.jitter,
	}
	if c := &s.control; c.lastSRAt != 0 {
		b.LastSenderReport, b.Delay = c.lastSR, s.keptFor(c.lastSRAt, now)
	}
	return []rtcp.ReceptionReport{b}
}
