//go:build vm

package inside

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkbox/drivers/dahdi"
	"trunkbox/drivers/span"
	"trunkbox/test/farend/phone"
)

// agentTone is what the agent's telephone plays, in Hz.
const agentTone = 1300

// alarmLimit is how soon the page must show an alarm, and its end.
const alarmLimit = 5 * time.Second

func TestAppliance(t *testing.T) {
	api := signIn(t)
	carrier := startPeer(t)
	carrier.until(t, "up")
	api.await(t, "the line is idle", idle)
	agent, err := phone.New(phone.Options{Server: "127.0.0.1:5060", User: "801", Password: os.Getenv("AGENT")})
	must(t, err)
	t.Cleanup(func() { _ = agent.Close() })
	must(t, agent.Register(soon(t)))
	api.ask(t, "POST", "/api/agents/801/in", struct{}{}, nil)

	api.await(t, "the kernel cancels echo", func(n now) bool { return n.Lines[0].Echo.By == "kernel" && n.Lines[0].Echo.Name == "MG2" })
	t.Run("CallIn", func(t *testing.T) { callIn(t, api, carrier, agent) })
	t.Run("CallOut", func(t *testing.T) { callOut(t, api, carrier, agent) })
	t.Run("CableCutAndJoined", func(t *testing.T) { cable(t, api, carrier, agent) })
	api.await(t, "the counters", func(n now) bool { t.Logf("counters of the line: %v", n.Lines[0].Counters); return true })
}

// callIn is a caller from the carrier who is sent to the queue, where the agent answers.
func callIn(t *testing.T, api *page, carrier *peer, agent *phone.Phone) {
	api.await(t, "the agent is ready", ready)
	var number int
	carrier.say(t, "dial 3 5551000 13800000001")
	carrier.until(t, "dialling %d", &number)
	call, err := agent.WaitCall(soon(t))
	must(t, err)
	if call.Number() != "13800000001" {
		t.Errorf("the agent's telephone shows %q", call.Number())
	}
	must(t, call.Answer(soon(t)))
	hearEachOther(t, carrier, number, call)
	if n := cancellers(t); n != 1 {
		t.Errorf("%d cancellers of the kernel are at work in the call, want 1", n)
	}
	carrier.say(t, "hangup %d 16", number)
	_, _, err = call.WaitEnded(soon(t))
	must(t, err)
	api.await(t, "the line is idle", idle)
	if n := cancellers(t); n != 0 {
		t.Errorf("%d cancellers of the kernel are at work after the call", n)
	}
}

// cancellers is how many of the kernel's echo cancellers are at work on span 1.
func cancellers(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/dahdi/1")
	must(t, err)
	return strings.Count(string(text), "(EC: MG2 - ACTIVE)")
}

// callOut is the agent calling somebody outside.
func callOut(t *testing.T, api *page, carrier *peer, agent *phone.Phone) {
	api.await(t, "the agent is ready", ready)
	call, err := agent.Place("913900000002")
	must(t, err)
	var number, channel int
	var called, calling string
	carrier.until(t, "ring %d %d %s %s", &number, &channel, &called, &calling)
	if called != "13900000002" || calling != "5551000" {
		t.Errorf("the carrier is called by %s for %s", calling, called)
	}
	carrier.say(t, "proceed %d", number)
	carrier.say(t, "answer %d", number)
	must(t, call.WaitAnswer(soon(t)))
	hearEachOther(t, carrier, number, call)
	call.Hangup()
	var cause int
	carrier.until(t, "hangup %d cause %d", &number, &cause)
	if cause != 16 {
		t.Errorf("the carrier is told cause %d", cause)
	}
	api.await(t, "the line is idle", idle)
}

// hearEachOther checks both directions of the sound by the spectrum of what each side hears.
func hearEachOther(t *testing.T, carrier *peer, number int, call *phone.Call) {
	t.Helper()
	call.PlayTone(agentTone)
	if err := call.WaitTone(soon(t), peerTone); err != nil {
		t.Errorf("the agent does not hear the carrier's tone: %v", err)
	}
	carrier.hears(t, number, agentTone)
}

// cable destroys the far span, which is a cut cable, and creates it again.
func cable(t *testing.T, api *page, carrier *peer, agent *phone.Phone) {
	far := dahdi.Dynamic{Driver: "loc", Address: "1:1", Kind: span.E1}
	carrier.stop(t) // a span cannot be destroyed while somebody has it open
	began := time.Now()
	must(t, far.Destroy())
	api.await(t, "an alarm", func(n now) bool { return slices.Contains(n.Lines[0].AlarmsNow, "LOS") })
	within(t, "the alarm on the page", time.Since(began), alarmLimit)
	api.await(t, "the lamp is red and the link down", func(n now) bool {
		return n.Lines[0].Lamp == "red" && n.Lines[0].Link != "up" && slices.Contains(n.Lines[0].Alarms, "LOS")
	})

	began = time.Now()
	number, err := far.Create()
	must(t, err)
	if number != 2 {
		t.Errorf("the new span has number %d", number)
	}
	api.await(t, "no alarm", func(n now) bool { return len(n.Lines[0].AlarmsNow) == 0 })
	within(t, "the end of the alarm on the page", time.Since(began), alarmLimit)
	again := startPeer(t)
	again.until(t, "up")
	api.await(t, "the line is idle", idle)
	t.Logf("the D channel and every channel back after %.1f s", time.Since(began).Seconds())
	t.Run("CallAfterwards", func(t *testing.T) { callIn(t, api, again, agent) })
}

func within(t *testing.T, what string, took, limit time.Duration) {
	t.Helper()
	t.Logf("%s after %.1f s", what, took.Seconds())
	if took > limit {
		t.Errorf("%s after %v, want %v at most", what, took, limit)
	}
}

// soon is a time within which anything that works has happened.
func soon(t *testing.T) context.Context {
	ctx, stop := context.WithTimeout(context.Background(), patience)
	t.Cleanup(stop)
	return ctx
}
