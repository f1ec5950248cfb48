package e2e

import (
	"strings"
	"testing"
)

// TestSilenceOneWayIsTold: one party speaks for five seconds and a phone sends digital silence all the time; the call's
// story says so, on a call from the line and on one between two phones.
func TestSilenceOneWayIsTold(t *testing.T) {
	t.Parallel()
	const told = "sound_one_way agent=801 reason=sound_is_silence"
	b := open(t, nil)
	p, other := b.phone("801"), b.phone("802")
	b.waitAgent("801", "ready")
	c := b.toSales("13800000091")
	agent := answered(t, p)
	c.PlayTone(700)
	must(t, agent.WaitTone(soon(t), 700))
	wait(t, "the silence is told", func() bool { return strings.Contains(story(b.journal()).String(), "sound_one_way") })
	c.Hangup(16)
	b.story("caller", "13800000091").has(t, told)

	b.waitAgent("801", "ready")
	calls, err := other.Place("801")
	must(t, err)
	agent = answered(t, p)
	must(t, calls.WaitAnswer(soon(t)))
	calls.PlayTone(900)
	must(t, agent.WaitTone(soon(t), 900))
	wait(t, "the silence between phones is told", func() bool {
		return strings.Count(story(b.journal()).String(), "sound_one_way") == 2
	})
	calls.Hangup()
}
