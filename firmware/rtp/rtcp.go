package rtp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"github.com/pion/rtcp"
)

// reportEvery is the fixed interval of reports. Departure: RFC 3550 clause 6.2 scales and randomizes
// it by the number of participants; there are two.
const reportEvery = 5 * time.Second

// control is what the RTCP goroutine knows of the phone's reports.
type control struct {
	lastSR   uint32 // middle 32 bits of the NTP time in the phone's last SR
	lastSRAt time.Time
	sentThen uint64
}

// report sends a report every so often and reads the phone's until the socket is closed.
func (s *Stream) report() {
	buf := make([]byte, 2048)
	var c control
	next := time.Now().Add(s.every / 2)
	for {
		_ = s.pair.rtcp.SetReadDeadline(next)
		n, from, err := s.pair.rtcp.ReadFromUDPAddrPort(buf)
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case errors.Is(err, os.ErrDeadlineExceeded):
			s.sendReport(&c, time.Now())
			next = time.Now().Add(s.every)
		case err == nil:
			s.readReport(&c, buf[:n], netip.AddrPortFrom(from.Addr().Unmap(), from.Port()), time.Now())
		}
	}
}

// readReport takes a compound packet of the phone. Strangers are told by their address.
func (s *Stream) readReport(c *control, datagram []byte, from netip.AddrPort, now time.Time) {
	p := s.peer.Load()
	if p == nil || from.Addr() != p.addr.Addr() {
		s.foreign.add(1)
		return
	}
	packets, err := rtcp.Unmarshal(datagram)
	if err != nil {
		s.malformed.add(1)
		return
	}
	s.mu.Lock()
	s.rtcpTo = from
	s.mu.Unlock()
	for _, packet := range packets {
		switch r := packet.(type) {
		case *rtcp.SenderReport:
			c.lastSR, c.lastSRAt = uint32(r.NTPTime>>16), now
			s.readBlocks(r.Reports, now)
		case *rtcp.ReceiverReport:
			s.readBlocks(r.Reports, now)
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
		s.remoteJitter.set(int(b.Jitter))
		if b.LastSenderReport == 0 {
			continue
		}
		trip := int32(uint32(ntp(now)>>16) - b.LastSenderReport - b.Delay)
		if trip >= 0 && trip < 10<<16 {
			s.roundTrip.Store(int64(trip) * int64(time.Second) >> 16)
		}
	}
}

// ntp is the 64-bit NTP time of t: seconds since 1900, 32 bits after the binary point.
func ntp(t time.Time) uint64 {
	const seconds1900to1970 = 2208988800
	return uint64(t.Unix()+seconds1900to1970)<<32 | uint64(t.Nanosecond())<<32/1e9
}

// sendReport sends an SR when we sent since the last one, else an RR, with the CNAME.
func (s *Stream) sendReport(c *control, now time.Time) {
	s.mu.Lock()
	to := s.rtcpTo
	s.mu.Unlock()
	if !to.IsValid() {
		return
	}
	var blocks []rtcp.ReceptionReport
	if b, ok := s.reception(c, now); ok {
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
	name := rtcp.NewCNAMESourceDescription(s.ssrc, fmt.Sprintf("%08x@trunkbox", s.ssrc))
	datagram, err := rtcp.Marshal([]rtcp.Packet{first, name})
	if err != nil {
		s.log.Error("RTCP report not made", "error", err)
		return
	}
	_, _ = s.pair.rtcp.WriteToUDPAddrPort(datagram, to)
}

// reception is our report block on the phone's stream.
func (s *Stream) reception(c *control, now time.Time) (rtcp.ReceptionReport, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.source.known {
		return rtcp.ReceptionReport{}, false
	}
	b := rtcp.ReceptionReport{
		SSRC:               s.source.ssrc,
		FractionLost:       s.source.interim(),
		TotalLost:          uint32(min(s.source.lost(), 0x7FFFFF)),
		LastSequenceNumber: uint32(s.source.highest - seqCycle),
		Jitter:             uint32(s.source.jitter()),
	}
	if !c.lastSRAt.IsZero() {
		b.LastSenderReport = c.lastSR
		b.Delay = uint32(now.Sub(c.lastSRAt) * 65536 / time.Second)
	}
	return b, true
}
