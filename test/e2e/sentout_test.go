package e2e

import (
	"fmt"
	"slices"
	"testing"
)

// TestACallerIsSentOutAgain: a call with two channels is shown on both and journalled with both.
func TestACallerIsSentOutAgain(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	p := b.phone("801")
	b.waitAgent("801", "ready")
	c := b.toSales("13800000050")
	agent := answered(t, p)
	talk(t, c, agent)
	must(t, agent.Transfer(soon(t), "913911113333"))
	out, err := b.far.WaitCall(soon(t))
	must(t, err)
	must(t, out.WaitConnectAck(soon(t)))
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
