package e2e

import (
	"encoding/hex"
	"strings"
	"testing"

	"trunkbox/firmware/config"
	"trunkbox/test/farend"
)

// octets reads hex; blanks are layout.
func octets(t *testing.T, written string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(written, " ", ""))
	must(t, err)
	return raw
}

// TestWhatTheNetworkTellsOfACall: who it was for, the caller's text and the charge are shown and kept, and an agent has the
// network trace the caller.
func TestWhatTheNetworkTellsOfACall(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) {
		s.Routes = []config.Route{{To: config.Destination{Kind: "queue", Target: "Sales"}}}
		s.Features.Malicious = "*39"
	})
	p := b.phone("801")
	b.waitAgent("801", "ready")
	c, err := b.far.Place(soon(t), farend.Setup{
		Called: "5551000", Calling: "13800777123", Name: "ACME",
		Extra: octets(t, "74 07 00 01 82 34 30 30 30  7e 06 04 68 65 6c 6c 6f"),
	})
	must(t, err)
	agent := answered(t, p)
	if told := agent.Header("Diversion"); !strings.Contains(told, "sip:4000@") || !strings.Contains(told, "reason=no-answer") {
		t.Errorf("the phone is told %q", told)
	}
	talk(t, c, agent)
	c.Tell(farend.Facility, octets(t, "1c 15 91 a1 12 02 01 02 02 01 22 30 0a a1 05 30 03 02 01 02 82 01 00")) // 2 units so far
	must(t, agent.SendKeys("*39"))
	asked, err := c.WaitFacility(soon(t), "02 01 03")
	must(t, err)
	c.Tell(farend.Facility, octets(t, "1c 06 91 a2 03 02 01 "+asked[10:12])) // done
	var now struct {
		Calls []struct {
			CallerName     string `json:"caller_name"`
			Diverted       string
			DivertedReason string `json:"diverted_reason"`
			Text, Charge   string
		}
	}
	wait(t, "the page shows it", func() bool {
		b.api("GET", "/api/now", nil, &now)
		return len(now.Calls) == 1 && now.Calls[0].Charge == "2"
	})
	if n := now.Calls[0]; n.Diverted != "4000" || n.DivertedReason != "no_reply" || n.Text != "hello" || n.CallerName != "ACME" {
		t.Errorf("the page shows %+v", n)
	}
	wait(t, "the network's answer is written down", func() bool {
		for _, e := range b.journal() {
			if e.Kind == "call_reported" && e.F["state"] == "done" {
				return true
			}
		}
		return false
	})
	c.Hangup(16)
	b.story("caller", "13800777123").has(t,
		"call_diverted caller=4000 reason=diverted_no_reply", "call_text by=caller text=hello", "call_charged state=so_far units=2",
		"call_reported agent=801 state=asked", "call_reported agent=801 state=done")
}

// TestTheNetworkJoinsTwoCalls: a caller whom an agent sends out again is joined with the called party by the network.
func TestTheNetworkJoinsTwoCalls(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) {
		s.Routes = []config.Route{{To: config.Destination{Kind: "queue", Target: "Sales"}}}
		s.Lines[0].NetworkTransfer = true
	})
	p := b.phone("801")
	b.waitAgent("801", "ready")
	c, err := b.far.Place(soon(t), farend.Setup{Called: "5551000", Calling: "13800777124"})
	must(t, err)
	agent := answered(t, p)
	talk(t, c, agent)
	must(t, agent.SendKeys("##913900112233#"))
	out, err := b.far.WaitCall(soon(t))
	must(t, err)
	asked, err := out.WaitFacility(soon(t), "06 06 04 00 82 71 01 04")
	must(t, err)
	id := asked[10:12]
	out.Tell(farend.Facility, octets(t, "1c 13 91 a2 10 02 01 "+id+" 30 0b 06 06 04 00 82 71 01 04 02 01 2a"))
	asked, err = c.WaitFacility(soon(t), "06 06 04 00 82 71 01 01 02 01 2a")
	must(t, err)
	c.Tell(farend.Facility, octets(t, "1c 06 91 a2 03 02 01 "+asked[10:12]))
	c.Hangup(16)
	out.Hangup(16)
	b.story("caller", "13800777124").has(t, "call_merged line=line1 state=asked", "call_merged line=line1 state=done", "call_ended by=network reason=joined_by_network")
	wait(t, "every channel is free", func() bool { return b.idle() == 30 })
}

// TestTheNetworkTakesACallElsewhere: the network refuses, so the box dials; then it takes the call.
func TestTheNetworkTakesACallElsewhere(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) {
		s.Routes = []config.Route{{To: config.Destination{Kind: "outside", Target: "13900112233"}}}
		s.Lines[0].NetworkTransfer = true
	})
	c, err := b.far.Place(soon(t), farend.Setup{Called: "5551000", Calling: "13800777125"})
	must(t, err)
	asked, err := c.WaitFacility(soon(t), "02 01 0e 30")
	must(t, err)
	if !strings.Contains(asked, hex.EncodeToString([]byte("13900112233"))) {
		t.Errorf("the network is asked for %s", asked)
	}
	c.Tell(farend.Facility, octets(t, "1c 09 91 a3 06 02 01 "+asked[10:12]+" 02 01 03"))
	out, err := b.far.WaitCall(soon(t))
	must(t, err)
	if out.Called() != "13900112233" {
		t.Errorf("%s is dialled", out.Called())
	}
	must(t, c.WaitAnswer(soon(t)))
	c.PlayTone(700)
	must(t, out.WaitTone(soon(t), 700))
	c.Hangup(16)
	b.story("caller", "13800777125").has(t, "call_deflected state=refused reason=service_refused", "call_dialled line=line1 called=13900112233", "call_answered by=far")

	c, err = b.far.Place(soon(t), farend.Setup{Called: "5551000", Calling: "13800777126"})
	must(t, err)
	asked, err = c.WaitFacility(soon(t), "02 01 0e 30")
	must(t, err)
	c.Tell(farend.Facility, octets(t, "1c 06 91 a2 03 02 01 "+asked[10:12]))
	c.Hangup(16)
	b.story("caller", "13800777126").has(t, "call_deflected state=done to=13900112233", "call_ended by=network reason=taken_elsewhere")
}
