package e2e

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/test/farend"
	"trunkbox/test/farend/phone"
)

// toSales brings a caller through the menu into the queue Sales.
func (b *box) toSales(caller string) *farend.Call {
	b.t.Helper()
	c := b.call(caller)
	b.choose(caller, c, "1")
	return c
}

// choose has a caller press a key until the menu has taken it. As a person does, the caller presses again when the menu goes
// on talking: on a starved machine a key's sound may be lost.
func (b *box) choose(caller string, c interface{ SendKeys(keys string) error }, key string) {
	b.t.Helper()
	pressed := time.Time{}
	wait(b.t, "the menu has taken the key of "+caller, func() bool {
		for _, now := range b.now().Calls {
			if now.Caller == caller && (now.State == "menu" || now.State == "arriving") {
				if time.Since(pressed) > 2*time.Second {
					must(b.t, c.SendKeys(key))
					pressed = time.Now()
				}
				return false
			}
		}
		return true
	})
}

// answered lets the next call ring at a phone and answers it.
func answered(t testing.TB, p *phone.Phone) *phone.Call {
	t.Helper()
	c, err := p.WaitCall(soon(t))
	must(t, err)
	must(t, c.Answer(soon(t)))
	return c
}

// talk checks that a caller and an agent hear each other, by the spectrum of what each hears.
func talk(t testing.TB, caller *farend.Call, agent *phone.Call) {
	t.Helper()
	caller.PlayTone(700)
	agent.PlayTone(1300)
	if err := agent.WaitTone(soon(t), 700); err != nil {
		t.Errorf("the agent does not hear the caller: %v", err)
	}
	if err := caller.WaitTone(soon(t), 1300); err != nil {
		t.Errorf("the caller does not hear the agent: %v", err)
	}
}

func cleared(t testing.TB, c *farend.Call, want int) {
	t.Helper()
	cause, _, err := c.WaitCleared(soon(t))
	must(t, err)
	if cause != want {
		t.Errorf("cleared with cause %d, want %d", cause, want)
	}
}

func TestACallerHearsTheMenuWaitsAndTalksToAnAgent(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) { s.Lines[0].Restart = true })
	p := b.phone("801")
	b.waitAgent("801", "ready")
	c := b.toSales("13800000001")
	agent := answered(t, p)
	if agent.Number() != "13800000001" {
		t.Errorf("the phone shows %q", agent.Number())
	}
	talk(t, c, agent)
	b.waitAgent("801", "on_call")
	c.Hangup(16)
	_, _, err := agent.WaitEnded(soon(t))
	must(t, err)
	b.waitAgent("801", "wrap_up")
	b.waitAgent("801", "ready")
	b.story("caller", "13800000001").has(t,
		"call_arrived line=line1 called=5551000", "call_answered by=box", "menu_entered", "menu_key key=1",
		"queue_entered queue=Sales position=1", "agent_offered agent=801 reason=only_ready",
		"queue_left queue=Sales outcome=answered", "agent_joined agent=801 queue=Sales", "call_ended cause=16 by=caller")
	var calls struct {
		Calls []struct{ ID, Outcome, Agent, Caller string }
	}
	b.api("GET", "/api/calls", nil, &calls)
	if len(calls.Calls) != 1 || calls.Calls[0].Outcome != "answered" || calls.Calls[0].Agent != "801" {
		t.Errorf("the log of calls says %+v", calls)
	}
}

func TestTheAgentHangsUp(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	p := b.phone("801")
	b.waitAgent("801", "ready")
	c := b.toSales("13800000002")
	agent := answered(t, p)
	talk(t, c, agent)
	agent.Hangup()
	cleared(t, c, 16)
	b.story("caller", "13800000002").has(t, "call_ended cause=16 by=agent")
}

func TestSilenceAndWrongKeysInTheMenu(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) {
		s.Menus[0].Retries = 1
		s.Menus[0].OnFail = config.Destination{Kind: "hangup"}
		s.Menus[0].Welcome, s.Menus[0].Prompt = "", "please_wait"
	})
	silent := b.call("13800000003")
	wrong := b.call("13800000004")
	must(t, wrong.SendKeys("9"))
	cleared(t, silent, 16)
	cleared(t, wrong, 16)
	b.story("caller", "13800000003").has(t, "menu_timeout reason=no_input", "call_ended cause=16 by=box")
	b.story("caller", "13800000004").has(t, "menu_timeout reason=invalid")
}

func TestTheNextAgentRingsWhenTheFirstDoesNotAnswer(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	first, second := b.phone("801"), b.phone("802")
	b.waitAgent("801", "ready")
	b.waitAgent("802", "ready")
	c := b.toSales("13800000005")
	ringing, err := first.WaitCall(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	agent := answered(t, second)
	talk(t, c, agent)
	if _, _, err := ringing.WaitEnded(soon(t)); err != nil {
		t.Errorf("the first phone still rings: %v", err)
	}
	c.Hangup(16)
	b.story("caller", "13800000005").has(t, "agent_offered agent=801 reason=longest_idle", "agent_refused agent=801 reason=no_answer", "agent_joined agent=802")
}

func TestTheCallerHangsUpAnywhere(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	inMenu := b.call("13800000006")
	inMenu.Hangup(16)
	b.story("caller", "13800000006").has(t, "call_ended cause=16 by=caller")

	inQueue := b.toSales("13800000007") // nobody has a phone: it waits
	wait(t, "the caller is in the queue", func() bool { return len(b.now().Queues[0].Waiting) == 1 })
	if reason := b.now().Queues[0].Waiting[0].Reason; reason != "all_unreachable" {
		t.Errorf("the caller waits because %q", reason)
	}
	inQueue.Hangup(16)
	b.story("caller", "13800000007").has(t, "queue_left outcome=abandoned", "call_ended cause=16 by=caller")

	p := b.phone("801")
	b.waitAgent("801", "ready")
	ringing := b.toSales("13800000008")
	rung, err := p.WaitCall(soon(t))
	must(t, err)
	ringing.Hangup(16)
	if _, _, err := rung.WaitEnded(soon(t)); err != nil {
		t.Errorf("the phone still rings: %v", err)
	}
	b.story("caller", "13800000008").has(t, "agent_offered agent=801", "queue_left outcome=abandoned")
	b.waitAgent("801", "ready")
}

func TestNobodyLoggedIn(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) {
		for i := range s.Agents {
			s.Agents[i].LoggedIn = false
		}
		s.Queues[0].OnEmpty = "refuse"
	})
	c := b.toSales("13800000009")
	cleared(t, c, 18)
	b.story("caller", "13800000009").has(t, "queue_left outcome=joinempty reason=nobody_logged_in", "call_ended cause=18 by=box")
}

func TestEveryChannelBusy(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	var calls []*farend.Call
	for i := range 30 {
		calls = append(calls, b.call(fmt.Sprintf("139000000%02d", i)))
	}
	if _, err := b.far.Call(soon(t), "5551000", "13900000099"); !errors.Is(err, farend.ErrNoChannel) {
		t.Errorf("the 31st call in: %v", err)
	}
	p := b.phone("801")
	b.waitAgent("801", "ready")
	out, err := p.Place("910100")
	must(t, err)
	if code, why, err := out.WaitEnded(soon(t)); code != 503 {
		t.Errorf("an agent who dials out with all channels busy gets %d %s %v", code, why, err)
	}
	b.story("called", "910100").has(t, "call_ended cause=34 by=box")
	// An emergency call takes a channel by force.
	emergency, err := p.Place("110")
	must(t, err)
	taken, err := b.far.WaitCall(soon(t))
	must(t, err)
	if taken.Called() != "110" {
		t.Errorf("the far end is called for %q", taken.Called())
	}
	must(t, emergency.WaitAnswer(soon(t)))
	emergency.Hangup()
	for _, c := range calls {
		c.Hangup(16)
	}
	wait(t, "every channel is idle again", func() bool { return b.idle() == 30 })
}

func TestThePhoneCannotBeReached(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	gone, there := b.phone("801"), b.phone("802")
	b.waitAgent("801", "ready")
	b.waitAgent("802", "ready")
	must(t, gone.Close())
	c := b.toSales("13800000010")
	agent := answered(t, there)
	talk(t, c, agent)
	c.Hangup(16)
	b.story("caller", "13800000010").has(t, "agent_offered agent=801", "agent_refused agent=801 reason=unreachable", "agent_joined agent=802")
}

func TestAnAgentDialsOut(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) {
		s.Agents[0].CallerID = "5551001"
		s.Agents[1].Outbound = false
		s.Outbound.Barred = []string{"00", "96"}
	})
	p, internal := b.phone("801"), b.phone("802")
	b.waitAgent("801", "ready")
	b.waitAgent("802", "ready")

	out, err := p.Place("913911112222")
	must(t, err)
	far, err := b.far.WaitCall(soon(t))
	must(t, err)
	must(t, out.WaitAnswer(soon(t)))
	if far.Called() != "13911112222" || far.Calling() != "5551001" {
		t.Errorf("the far end sees %q calling %q", far.Calling(), far.Called())
	}
	talk(t, far, out)
	out.Hangup()
	cleared(t, far, 16)
	b.story("called", "913911112222").has(t, "call_dialled agent=801", "call_dialled line=line1 caller=5551001", "call_answered by=far", "call_ended cause=16 by=agent")

	for _, c := range []struct {
		phone  *phone.Phone
		number string
		code   int
		cause  string
	}{
		{p, "910017", 486, "17"},
		{p, "910001", 404, "1"},
		{p, "910021", 603, "21"},
		{p, "910034", 503, "34"},
		{p, "910042", 503, "42"},
		{p, "90012345", 403, "52"},      // barred
		{internal, "910200", 403, "52"}, // may not dial out
	} {
		out, err := c.phone.Place(c.number)
		must(t, err)
		code, why, err := out.WaitEnded(soon(t))
		must(t, err)
		if code != c.code && !(c.code == 603 && code == 403) {
			t.Errorf("%s: the phone is told %d %s, want %d", c.number, code, why, c.code)
		}
		b.story("called", c.number).has(t, "call_ended cause="+c.cause)
	}
	emergency, err := internal.Place("110") // whoever dials it, with or without the prefix
	must(t, err)
	if far, err = b.far.WaitCall(soon(t)); err != nil || far.Called() != "110" {
		for err == nil && far.Called() != "110" { // the refused ones above were calls too
			far, err = b.far.WaitCall(soon(t))
		}
		must(t, err)
	}
	must(t, emergency.WaitAnswer(soon(t)))
	emergency.Hangup()
}

func TestTheCarriersAnnouncementIsHeard(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	p := b.phone("801")
	b.waitAgent("801", "ready")
	out, err := p.Place("910002")
	must(t, err)
	if err := out.WaitTone(soon(t), 900); err != nil {
		t.Errorf("the agent does not hear why: %v", err)
	}
	out.Hangup()
	b.story("called", "910002").has(t, "call_ended cause=1 by=called")
	wait(t, "every channel is idle again", func() bool { return b.idle() == 30 })
}

func TestBlindTransfer(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"refer", "keys"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			b := open(t, nil)
			p, target := b.phone("801"), b.phone("803")
			b.waitAgent("801", "ready")
			b.waitAgent("803", "ready")
			c := b.toSales("13800000011")
			agent := answered(t, p)
			talk(t, c, agent)
			if way == "refer" {
				must(t, agent.Transfer(soon(t), "803"))
			} else {
				must(t, agent.SendKeys("##803#"))
			}
			second := answered(t, target)
			talk(t, c, second)
			b.waitAgent("801", "ready")
			c.Hangup(16)
			b.story("caller", "13800000011").has(t, "call_moved by=801 to=803", "agent_joined agent=803", "call_ended cause=16 by=caller")
		})
	}
}

func TestATransferThatFails(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	p, busy := b.phone("801"), b.phone("803")
	b.waitAgent("801", "ready")
	b.waitAgent("803", "ready")
	c := b.toSales("13800000021")
	agent := answered(t, p)
	talk(t, c, agent)
	must(t, agent.SendKeys("##899#")) // there is no such number: nobody is let go
	talk(t, c, agent)

	busy.SetBusy(true)
	must(t, agent.SendKeys("##803#")) // refuses: the caller comes back
	again := answered(t, p)
	talk(t, c, again)
	c.Hangup(16)
	b.story("caller", "13800000021").has(t, "call_moved by=801 to=803", "agent_refused agent=803 reason=busy", "call_moved by=box to=801", "call_ended cause=16 by=caller")
}

func TestABreakIsKeptOverARestart(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	b.phone("801")
	b.waitAgent("801", "ready")
	b.api("POST", "/api/agents/801/pause", map[string]string{"reason": "meal"}, nil)
	b.waitAgent("801", "paused")
	b.stop()
	b.start()
	b.signIn()
	b.waitAgent("801", "paused")
}

func TestHoldAndItsMusic(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	p := b.phone("801")
	b.waitAgent("801", "ready")
	c := b.toSales("13800000012")
	agent := answered(t, p)
	talk(t, c, agent)
	must(t, agent.Hold(soon(t)))
	wait(t, "the caller no longer hears the agent", func() bool { return !c.Hears(1300, 0.2) })
	must(t, agent.Resume(soon(t)))
	talk(t, c, agent)
	agent.Hangup()
	b.story("caller", "13800000012").has(t, "call_held agent=801", "call_resumed agent=801")
}

func TestLogInAndPauseByFeatureCode(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) { s.Agents[0].LoggedIn = false })
	p := b.phone("801")
	b.waitAgent("801", "logged_out")
	for _, step := range []struct{ code, state string }{
		{"*45", "ready"}, {"*46", "paused"}, {"*46", "ready"}, {"*45", "logged_out"},
	} {
		c, err := p.Dial(soon(t), step.code)
		must(t, err)
		b.waitAgent("801", step.state)
		if _, _, err := c.WaitEnded(soon(t)); err != nil {
			t.Errorf("%s: the box does not hang up: %v", step.code, err)
		}
	}
}

func TestAgentsCallEachOther(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	p, q := b.phone("801"), b.phone("802")
	b.waitAgent("802", "ready")
	out, err := p.Place("802")
	must(t, err)
	in := answered(t, q)
	must(t, out.WaitAnswer(soon(t)))
	out.PlayTone(700)
	must(t, in.WaitTone(soon(t), 700))
	b.waitAgent("801", "on_call")
	in.Hangup()
	_, _, err = out.WaitEnded(soon(t))
	must(t, err)
}

func TestTheLineIsCutAndComesBack(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	c := b.call("13800000013")
	b.farEnds()
	wait(t, "the line has its alarm", func() bool { return len(b.now().Lines[0].Alarms) > 0 && b.now().Lines[0].Lamp == "red" })
	b.story("caller", "13800000013").has(t, "call_ended")
	b.connectFar()
	wait(t, "the lamp is green again", func() bool { return b.now().Lines[0].Lamp == "green" })
	_ = c
	c = b.call("13800000014")
	c.Hangup(16)
	b.story("caller", "13800000014").has(t, "call_ended cause=16 by=caller")
}

func TestSettingsChangeUnderACall(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	p := b.phone("801")
	b.waitAgent("801", "ready")
	c := b.toSales("13800000015")
	agent := answered(t, p)
	talk(t, c, agent)
	var in struct {
		Settings config.Settings
		Revision string
	}
	b.api("GET", "/api/settings", nil, &in)
	in.Settings.Queues[0].WrapUpSeconds = 30
	in.Settings.Menus[0].Choices[0].To.Target = in.Settings.Queues[1].Name
	in.Settings.Agents = append(in.Settings.Agents, config.Agent{Extension: "810", Name: "New", Password: "password-810", Queues: []string{"Sales"}})
	b.api("PUT", "/api/settings", map[string]any{"settings": in.Settings, "revision": in.Revision}, nil)
	talk(t, c, agent)
	agent.Hangup()
	b.waitAgent("801", "wrap_up")
	next := b.toSales("13800000016") // the same key leads to the other queue now
	wait(t, "the next caller waits in the other queue", func() bool { return len(b.now().Queues[1].Waiting) == 1 })
	next.Hangup(16)
}

func TestASecondStartFindsItsData(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	p := b.phone("801")
	b.waitAgent("801", "ready")
	c := b.call("13800000017")
	c.Hangup(16)
	b.story("caller", "13800000017")
	began := time.Now()
	b.stop()
	t.Logf("stopped in %v", time.Since(began))
	b.start()
	b.signIn()
	b.connectFar()
	b.waitAgent("801", "ready") // its phone was remembered
	var calls struct{ Calls []struct{ Caller string } }
	b.api("GET", "/api/calls", nil, &calls)
	if len(calls.Calls) != 1 || calls.Calls[0].Caller != "13800000017" {
		t.Errorf("after the restart the log of calls says %+v", calls)
	}
	c = b.toSales("13800000018")
	agent := answered(t, p)
	talk(t, c, agent)
	c.Hangup(16)
}
