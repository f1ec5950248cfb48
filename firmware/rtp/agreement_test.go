package rtp

import (
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtcp"

	"trunkbox/dsp"
)

// TestAReportFromBeforeTheAgreement: one that waited for the reporter while the phone's keys came is a stranger's; one that
// comes afterwards is read with them.
func TestAReportFromBeforeTheAgreement(t *testing.T) {
	s, k := open(t, Options{}), newSink(t)
	s.SetRemote(k.at, dsp.ALaw, PayloadALaw, 101, SendRecv)
	s.Start()
	report, err := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: 1}})
	if err != nil {
		t.Fatal(err)
	}
	to, _ := post(netip.AddrPortFrom(loopback, uint16(s.Port()+1)), false)
	for came := uint64(1); came <= 2; came++ {
		if number := send(k.fd, report, &to); number != 0 {
			t.Fatal(number)
		}
		if came == 1 {
			secrets := Secrets{AES128SHA80, NewMaster(), NewMaster()}
			if err := s.Agree(Terms{Addr: k.at, Codec: ALaw, PayloadType: PayloadALaw, Direction: SendRecv, Secrets: &secrets}); err != nil {
				t.Fatal(err)
			}
		}
		turnBoth(s, time.Now())
		if got := s.Stats(); got.Foreign != 1 || got.Rejected != came-1 {
			t.Errorf("report %d: %d of strangers, %d rejected", came, got.Foreign, got.Rejected)
		}
	}
}
