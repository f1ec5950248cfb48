package rtp

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/pion/rtcp"
)

// reportEvery is the fixed interval of reports. Departure: RFC 3550 clause 6.2 scales and randomizes
// it by the number of participants; there are two.
const reportEvery = 5 * time.Second

// control is what is known of the phone's reports.
type control struct {
	lastSR   uint32 // middle 32 bits of the NTP time in the phone's last SR
	lastSRAt time.Time
	lastRR   uint32 // the same of its last RRTR (RFC 3611 clause 4.4)
	lastRRAt time.Time
	sentThen uint64
}

// look does what is due: a report, and a look at whether sound goes both ways. Pump only.
func (s *Stream) look(now time.Time) Trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return NoTrouble
	}
	if !now.Before(s.reportAt) {
		s.reportAt = now.Add(s.every)
		s.sendReport(now)
	}
	s.unfit()
	t := s.terms.Load()
	return s.oneWay.look(now.Sub(s.opened), signs{
		hears: t != nil && t.Direction == SendRecv && !s.held.Load(), behind: t != nil && t.BehindNAT,
		alive: s.alive.n.Load(), sounds: s.sounds.n.Load(), foreign: s.foreign.n.Load(), refused: s.portRefused.n.Load(), spoken: s.spoken.n.Load() + s.relay.spoken.n.Load(),
	})
}

// takeControl reads one packet from the RTCP socket. Pump only.
func (s *Stream) takeControl(l *letter, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	_ = refused(s.pair.rtcp) // a phone without RTCP: its refusals must not stand before its next packet
	if datagram, _, number := l.receive(s.pair.rtcp); number == 0 {
		s.readReport(datagram, l.sender.from(), now)
	}
}

// readReport takes a compound packet of the phone. Strangers are told by their address. Called with mu held.
func (s *Stream) readReport(datagram []byte, from netip.AddrPort, now time.Time) {
	p := s.peer.Load()
	if p == nil || from.Addr() != p.addr.Addr() {
		s.foreign.add(1)
		return
	}
	if s.secure != nil {
		datagram = s.secure.unlockControl(datagram)
	}
	packets, err := rtcp.Unmarshal(datagram)
	if err != nil {
		s.malformed.add(1)
		return
	}
	s.rtcpTo = from
	for _, packet := range packets {
		switch r := packet.(type) {
		case *rtcp.SenderReport:
			s.control.lastSR, s.control.lastSRAt = uint32(r.NTPTime>>16), now
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

// sendReport sends an SR when we sent since the last one, else an RR, with the CNAME and, once there is
// something to tell, the VoIP metrics. Called with mu held.
func (s *Stream) sendReport(now time.Time) {
	if !s.rtcpTo.IsValid() {
		return
	}
	c := &s.control
	var blocks []rtcp.ReceptionReport
	if b, ok := s.reception(now); ok {
		blocks = append(blocks, b)
	}
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
		all = append(all, &rtcp.ExtendedReport{SenderSSRC: s.ssrc, Reports: s.extended(now)})
	}
	datagram, err := rtcp.Marshal(all)
	if err != nil {
		s.log.Error("RTCP report not made", "error", err)
		return
	}
	if s.secure != nil {
		datagram = s.secure.lockControl(datagram)
	}
	if to, ok := post(s.rtcpTo, s.options.Local.Is6()); ok && len(datagram) > 0 {
		if send(s.pair.rtcp, datagram, &to) != 0 { // an ICMP error of an earlier report
			_ = refused(s.pair.rtcp)
			_ = send(s.pair.rtcp, datagram, &to)
		}
	}
}

// reception is our report block on the phone's stream. Called with mu held.
func (s *Stream) reception(now time.Time) (rtcp.ReceptionReport, bool) {
	if !s.source.known {
		return rtcp.ReceptionReport{}, false
	}
	b := rtcp.ReceptionReport{
		SSRC:               s.source.ssrc,
		FractionLost:       s.source.interim(),
		TotalLost:          uint32(min(s.source.lost(), 0x7FFFFF)),
		LastSequenceNumber: s.source.highest - seqCycle,
		Jitter:             uint32(s.source.jitter()),
	}
	if at := s.control.lastSRAt; !at.IsZero() {
		b.LastSenderReport = s.control.lastSR
		b.Delay = uint32(now.Sub(at) * 65536 / time.Second)
	}
	return b, true
}
