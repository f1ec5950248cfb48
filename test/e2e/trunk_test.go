package e2e

import (
	"slices"
	"testing"

	"trunkbox/firmware/config"
	"trunkbox/test/farend/phone"
)

// withTrunk opens a box with an IP trunk to a switch that knows its address.
func withTrunk(t *testing.T, edit func(*config.Settings)) (*box, *phone.Phone) {
	t.Helper()
	var carrier *phone.Phone
	b := open(t, func(s *config.Settings) {
		var err error
		carrier, err = phone.New(phone.Options{Server: s.Phones.UDP, User: "5550000", Password: "none"})
		must(t, err)
		t.Cleanup(func() { _ = carrier.Close() })
		s.Trunks = []config.Trunk{{
			Name: "carrier", Server: carrier.Address(), Transport: "udp", Law: "alaw", MaxCalls: 2, Enabled: true,
			Numbers: []config.NumberRule{{Direction: "in", Match: "+86", Strip: 3}, {Direction: "out", Match: "0", Strip: 1, Add: "+86"}},
		}}
		s.Outbound.Lines = []string{"carrier"}
		if edit != nil {
			edit(s)
		}
	})
	wait(t, "the trunk is up", func() bool { return b.trunk().State == "up" })
	return b, carrier
}

type trunkNow struct {
	Name, State, Reason string
	Calls               int
}

func (b *box) trunk() trunkNow {
	b.t.Helper()
	var n struct{ Trunks []trunkNow }
	b.api("GET", "/api/now", nil, &n)
	return n.Trunks[0]
}

// talks checks that two telephones hear each other.
func talks(t *testing.T, a, b *phone.Call) {
	t.Helper()
	a.PlayTone(700)
	b.PlayTone(1300)
	if err := b.WaitTone(soon(t), 700); err != nil {
		t.Errorf("the second does not hear the first: %v", err)
	}
	if err := a.WaitTone(soon(t), 1300); err != nil {
		t.Errorf("the first does not hear the second: %v", err)
	}
}

// A caller of an IP trunk goes the way of one of a line: menu, a key, queue, agent; both hear each other; the record has
// the trunk's name.
func TestACallerComesOverAnIPTrunk(t *testing.T) {
	t.Parallel()
	b, carrier := withTrunk(t, nil)
	p := b.phone("801")
	b.waitAgent("801", "ready")
	caller, err := carrier.PlaceAs("13900000001", "+865551000")
	must(t, err)
	must(t, caller.WaitAnswer(soon(t)))
	b.choose("13900000001", caller, "1")
	agent := answered(t, p)
	if agent.Number() != "13900000001" {
		t.Errorf("the phone shows %q", agent.Number())
	}
	talks(t, caller, agent)
	if n := b.trunk(); n.Calls != 1 {
		t.Errorf("in a call: %+v", n)
	}
	must(t, caller.Hold(soon(t)))
	must(t, caller.Resume(soon(t)))
	talks(t, caller, agent)
	caller.Hangup()
	_, _, err = agent.WaitEnded(soon(t))
	must(t, err)
	b.waitAgent("801", "ready")
	b.story("caller", "13900000001").has(t,
		"call_arrived line=carrier called=5551000", "call_answered by=box", "menu_entered", "menu_key key=1",
		"queue_entered queue=Sales position=1", "agent_offered agent=801", "agent_joined agent=801 queue=Sales", "call_ended cause=16 by=caller")
	wait(t, "the place of the call is free again", func() bool { return b.trunk().Calls == 0 })
}

// Keys count once, whether the caller's switch tells them by telephone-event or they are in his sound alone.
func TestKeysOverAnIPTrunkCountOnce(t *testing.T) {
	t.Parallel()
	b, carrier := withTrunk(t, nil)
	inSound, err := phone.New(phone.Options{Server: b.settings.Phones.UDP, User: "5550001", Password: "none", NoKeys: true})
	must(t, err)
	t.Cleanup(func() { _ = inSound.Close() })
	for caller, p := range map[string]*phone.Phone{"13900000011": carrier, "13900000012": inSound} {
		c, err := p.PlaceAs(caller, "5551000")
		must(t, err)
		must(t, c.WaitAnswer(soon(t)))
		must(t, c.SendKeys("801"))
		wait(t, "the extension that was keyed", func() bool {
			return slices.ContainsFunc(b.now().Calls, func(now struct{ ID, Direction, State, Where, Caller string }) bool {
				return now.Caller == caller && now.Where == "801"
			}) ||
				c.Ended()
		})
		c.Hangup()
		b.story("caller", caller).has(t, "call_arrived line=carrier called=5551000", "menu_key key=801")
	}
}

// An agent dials out over the trunk, whose rules change the number.
func TestAnAgentDialsOverAnIPTrunk(t *testing.T) {
	t.Parallel()
	b, carrier := withTrunk(t, nil)
	p := b.phone("801")
	b.waitAgent("801", "ready")
	agent, err := p.Place("902155551234")
	must(t, err)
	called, err := carrier.WaitCall(soon(t))
	must(t, err)
	if called.Number() != "5551000" {
		t.Errorf("the switch is told that %q calls", called.Number())
	}
	must(t, agent.WaitRinging(soon(t)))
	must(t, called.Answer(soon(t)))
	must(t, agent.WaitAnswer(soon(t)))
	talks(t, agent, called)
	agent.Hangup()
	_, _, err = called.WaitEnded(soon(t))
	must(t, err)
	wait(t, "the place of the call is free again", func() bool { return b.trunk().Calls == 0 })
	b.story("called", "902155551234").has(t, "call_dialled agent=801", "call_dialled line=carrier called=02155551234", "call_answered by=far", "call_ended cause=16 by=agent")
	var calls struct {
		Calls []struct{ Line, Called string }
	}
	b.api("GET", "/api/calls", nil, &calls)
	if len(calls.Calls) != 1 || calls.Calls[0].Line != "carrier" {
		t.Errorf("records: %+v", calls.Calls)
	}
}

// A busy number is busy, and a trunk that is full or gone lets the next way out have the call.
func TestTheNextWayOutTakesTheCall(t *testing.T) {
	t.Parallel()
	b, carrier := withTrunk(t, func(s *config.Settings) { s.Outbound.Lines = []string{"carrier", "line1"}; s.Trunks[0].MaxCalls = 1 })
	p := b.phone("801")
	b.waitAgent("801", "ready")
	first, err := p.Place("910010")
	must(t, err)
	called, err := carrier.WaitCall(soon(t))
	must(t, err)
	called.Reject(486)
	_, _, err = first.WaitEnded(soon(t))
	must(t, err)
	b.story("called", "910010").has(t, "call_dialled line=carrier called=10010", "call_ended cause=17 by=called")

	taken, err := carrier.PlaceAs("13900000021", "5551000")
	must(t, err)
	must(t, taken.WaitAnswer(soon(t)))
	second, err := p.Place("910086")
	must(t, err)
	far, err := b.far.WaitCall(soon(t))
	must(t, err)
	far.Answer()
	must(t, second.WaitAnswer(soon(t)))
	second.Hangup()
	taken.Hangup()
	b.story("called", "910086").has(t, "call_dialled line=line1 called=10086", "call_ended cause=16 by=agent")
}

// change puts changed settings in force.
func (b *box) change(edit func(*config.Settings)) {
	b.t.Helper()
	var in struct {
		Settings config.Settings
		Revision any
	}
	b.api("GET", "/api/settings", nil, &in)
	edit(&in.Settings)
	b.api("PUT", "/api/settings", map[string]any{"settings": in.Settings, "revision": in.Revision}, nil)
}

// New settings of a trunk take effect under a call, which goes on.
func TestTrunkSettingsChangeUnderACall(t *testing.T) {
	t.Parallel()
	b, carrier := withTrunk(t, nil)
	p := b.phone("801")
	b.waitAgent("801", "ready")
	agent, err := p.Place("910086")
	must(t, err)
	called, err := carrier.WaitCall(soon(t))
	must(t, err)
	must(t, called.Answer(soon(t)))
	must(t, agent.WaitAnswer(soon(t)))
	b.change(func(s *config.Settings) { s.Trunks[0].User = "5550000" })
	wait(t, "the trunk with its new account is up", func() bool { n := b.trunk(); return n.State == "up" && n.Calls == 1 })
	talks(t, agent, called)
	b.change(func(s *config.Settings) { s.Trunks, s.Outbound.Lines = []config.Trunk{}, []string{} })
	wait(t, "the trunk is gone", func() bool {
		var n struct{ Trunks []trunkNow }
		b.api("GET", "/api/now", nil, &n)
		return len(n.Trunks) == 0
	})
	talks(t, agent, called)
	called.Hangup()
	_, _, err = agent.WaitEnded(soon(t))
	must(t, err)
	b.story("called", "910086").has(t, "call_dialled line=carrier called=10086", "call_ended cause=16 by=called")
}

// When every line is gone, an emergency call goes over an IP trunk that no other call may take.
func TestAnEmergencyCallTakesTheTrunk(t *testing.T) {
	t.Parallel()
	b, carrier := withTrunk(t, func(s *config.Settings) { s.Outbound.Lines = []string{"line1"} })
	p := b.phone("801")
	b.waitAgent("801", "ready")
	b.farEnds()
	b.farEnds = nil
	wait(t, "the line is gone", func() bool { return b.now().Lines[0].Link != "up" })
	usual, err := p.Place("910086")
	must(t, err)
	_, _, err = usual.WaitEnded(soon(t))
	must(t, err)
	b.story("called", "910086").has(t, "call_ended by=box")
	agent, err := p.Place("110")
	must(t, err)
	called, err := carrier.WaitCall(soon(t))
	must(t, err)
	must(t, called.Answer(soon(t)))
	must(t, agent.WaitAnswer(soon(t)))
	talks(t, agent, called)
	agent.Hangup()
	b.story("called", "110").has(t, "call_dialled line=carrier called=110", "call_answered by=far", "call_ended cause=16 by=agent")
}

// Who gives up before the answer, on either side, ends the ringing.
func TestGivingUpOverAnIPTrunk(t *testing.T) {
	t.Parallel()
	b, carrier := withTrunk(t, func(s *config.Settings) {
		s.Routes = []config.Route{{Line: "carrier", To: config.Destination{Kind: "extension", Target: "801"}}}
	})
	p := b.phone("801")
	b.waitAgent("801", "ready")
	caller, err := carrier.PlaceAs("13900000031", "5551000")
	must(t, err)
	must(t, caller.WaitRinging(soon(t)))
	rung, err := p.WaitCall(soon(t))
	must(t, err)
	caller.Hangup()
	_, _, err = rung.WaitEnded(soon(t))
	must(t, err)
	b.story("caller", "13900000031").has(t, "call_arrived line=carrier called=5551000", "call_ended cause=16 by=caller")

	agent, err := p.Place("910010")
	must(t, err)
	called, err := carrier.WaitCall(soon(t))
	must(t, err)
	must(t, agent.WaitRinging(soon(t)))
	agent.Hangup()
	_, _, err = called.WaitEnded(soon(t))
	must(t, err)
	b.story("called", "910010").has(t, "call_dialled line=carrier called=10010", "call_ended cause=16 by=agent")
	wait(t, "every place is free again", func() bool { return b.trunk().Calls == 0 })
}
