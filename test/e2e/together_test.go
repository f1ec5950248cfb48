package e2e

import (
	"testing"

	"trunkbox/firmware/config"
	"trunkbox/test/farend/phone"
)

// hearing is somebody who hears tones.
type hearing interface{ Hears(hz, least float64) bool }

// hears waits until who hears exactly these of the tones of the test.
func hears(t *testing.T, name string, who hearing, tones ...float64) {
	t.Helper()
	wait(t, name+" hears who should be heard", func() bool {
		for _, hz := range []float64{callerTone, agentTone, supervisorTone, colleagueTone} {
			should := false
			for _, tone := range tones {
				should = should || tone == hz
			}
			if who.Hears(hz, 0.2) != should {
				return false
			}
		}
		return true
	})
}

// The tones of each party, which is how the others are known.
const callerTone, agentTone, supervisorTone, colleagueTone = 500, 800, 1150, 1700

func placed(t *testing.T, p *phone.Phone, number string) *phone.Call {
	t.Helper()
	c, err := p.Place(number)
	must(t, err)
	must(t, c.WaitAnswer(soon(t)))
	return c
}

// TestASupervisorListensWhispersAndBarges: only who should hears the supervisor, who hears both; keys change the way.
func TestASupervisorListensWhispersAndBarges(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) {
		for i := range s.Agents {
			s.Agents[i].Supervisor = s.Agents[i].Extension == "802"
		}
	})
	p, q := b.phone("801"), b.phone("802")
	b.waitAgent("801", "ready")
	b.api("POST", "/api/agents/802/out", nil, nil)
	line := b.toSales("13800000041")
	agent := answered(t, p)
	line.PlayTone(callerTone)
	agent.PlayTone(agentTone)
	hears(t, "the agent", agent, callerTone)

	supervisor := placed(t, q, "*71801")
	supervisor.PlayTone(supervisorTone)
	hears(t, "the supervisor", supervisor, callerTone, agentTone)
	hears(t, "the agent", agent, callerTone)
	must(t, supervisor.SendKeys("2"))
	hears(t, "the agent", agent, callerTone, supervisorTone)
	hears(t, "the caller", line, agentTone)
	must(t, supervisor.SendKeys("3"))
	hears(t, "the caller", line, agentTone, supervisorTone)
	hears(t, "the supervisor", supervisor, callerTone, agentTone)
	supervisor.Hangup()
	hears(t, "the caller", line, agentTone)
	hears(t, "the agent", agent, callerTone)
	line.Hangup(16)
	b.story("caller", "13800000041").has(t, "supervisor_in by=802 agent=801 how=listen", "supervisor_in how=whisper", "supervisor_in how=barge", "supervisor_out by=802", "call_ended cause=16")
}

// TestAConferenceOfThree: the agent keys a colleague in, everybody hears the others, and who leaves does not end it.
func TestAConferenceOfThree(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	p, q := b.phone("801"), b.phone("802")
	b.waitAgent("801", "ready")
	b.waitAgent("802", "ready")
	b.api("POST", "/api/agents/802/out", nil, nil)
	line := b.toSales("13800000042")
	agent := answered(t, p)
	line.PlayTone(callerTone)
	agent.PlayTone(agentTone)
	hears(t, "the agent", agent, callerTone)
	must(t, agent.SendKeys("#3802#"))
	colleague := answered(t, q)
	colleague.PlayTone(colleagueTone)
	hears(t, "the caller", line, agentTone, colleagueTone)
	hears(t, "the agent", agent, callerTone, colleagueTone)
	hears(t, "the colleague", colleague, callerTone, agentTone)
	agent.Hangup()
	hears(t, "the caller", line, colleagueTone)
	hears(t, "the colleague", colleague, callerTone)
	colleague.Hangup()
	cleared(t, line, 16)
	b.story("caller", "13800000042").has(t, "party_invited by=801 to=802", "party_joined to=802", "party_left to=801", "call_ended cause=16 by=agent")
}
