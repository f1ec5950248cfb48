package e2e

import (
	"fmt"
	"slices"
	"testing"

	"trunkbox/test/farend"
	"trunkbox/test/farend/phone"
)

// sentOut has a caller talk to the agent and be sent on to an outside number, which answers.
func (b *box) sentOut(p *phone.Phone, caller, number string) (c, out *farend.Call) {
	b.t.Helper()
	c = b.toSales(caller)
	agent := answered(b.t, p)
	talk(b.t, c, agent)
	must(b.t, agent.Transfer(soon(b.t), number))
	out, err := b.far.WaitCall(soon(b.t))
	must(b.t, err)
	must(b.t, out.WaitConnectAck(soon(b.t)))
	return c, out
}

// TestACallerIsSentOutAgain: a call with two channels is shown on both and journalled with both.
func TestACallerIsSentOutAgain(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	p := b.phone("801")
	b.waitAgent("801", "ready")
	c, out := b.sentOut(p, "13800000050", "913911113333")
	var now struct {
		Lines []struct {
			Channels []struct {
				Timeslot int
				Call     string
			}
		}
	}
	b.api("GET", "/api/now", nil, &now)
	var busy []int
	for _, ch := range now.Lines[0].Channels {
		if ch.Call != "" {
			busy = append(busy, ch.Timeslot)
		}
	}
	if want := []int{int(c.Channel()), int(out.Channel())}; !slices.Equal(busy, want) {
		t.Errorf("the channels %v are shown with the call, want %v", busy, want)
	}
	c.Hangup(16)
	cleared(t, out, 16)
	b.story("caller", "13800000050").has(t, fmt.Sprintf("call_dialled line=line1 channel=%d called=13911113333", out.Channel()))
}
