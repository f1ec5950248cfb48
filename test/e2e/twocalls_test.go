package e2e

import (
	"testing"

	"trunkbox/firmware/config"
)

// TestAnAgentAsksAColleagueMeanwhile: the caller on hold is still the agent's after the other call is over.
func TestAnAgentAsksAColleagueMeanwhile(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) { s.Queues[0].WrapUpSeconds = 30 })
	p, colleague := b.phone("801"), b.phone("802")
	b.waitAgent("801", "ready")
	b.waitAgent("802", "ready")
	c := b.toSales("13800000030")
	agent := answered(t, p)
	must(t, agent.Hold(soon(t)))
	asking, err := p.Place("802")
	must(t, err)
	asked := answered(t, colleague)
	must(t, asking.WaitAnswer(soon(t)))
	b.waitAgent("802", "on_call")
	asking.Hangup()
	_, _, err = asked.WaitEnded(soon(t))
	must(t, err)
	b.waitAgent("802", "ready")
	b.waitAgent("801", "on_call")
	must(t, agent.Resume(soon(t)))
	talk(t, c, agent)
	agent.Hangup()
	b.waitAgent("801", "wrap_up") // as after every caller of a queue
	cleared(t, c, 16)
}

// TestACallComesBackToItsAgent: the end of the agent's old leg is not taken for the end of the new ringing.
func TestACallComesBackToItsAgent(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) { s.Queues[0].WrapUpSeconds = 0 })
	p := b.phone("801")
	b.waitAgent("801", "ready")
	c := b.toSales("13800000031")
	agent := answered(t, p)
	talk(t, c, agent)
	must(t, agent.Transfer(soon(t), "801"))
	_, _, err := agent.WaitEnded(soon(t))
	must(t, err)
	b.waitAgent("801", "ringing")
	again := answered(t, p)
	talk(t, c, again)
	c.Hangup(16)
	b.story("caller", "13800000031").has(t, "call_moved by=801 to=801", "agent_joined agent=801", "call_ended cause=16 by=caller")
}

// TestAPhoneThatTestsItsEchoIsNotRung: whatever an agent has dialled, his phone is in use.
func TestAPhoneThatTestsItsEchoIsNotRung(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	p := b.phone("801")
	b.waitAgent("801", "ready")
	echo, err := p.Dial(soon(t), "*9196")
	must(t, err)
	b.waitAgent("801", "on_call")
	c := b.toSales("13800000032")
	wait(t, "the caller waits because the agent is on a call", func() bool {
		waiting := b.now().Queues[0].Waiting
		return len(waiting) == 1 && waiting[0].Reason == "all_talking"
	})
	echo.Hangup()
	agent := answered(t, p)
	talk(t, c, agent)
	c.Hangup(16)
	b.story("caller", "13800000032").has(t, "agent_offered agent=801", "agent_joined agent=801")
}
