package e2e

import (
	"testing"

	"trunkbox/firmware/config"
)

// TestCallsFromOutsideToOutsideAreLimited: of two callers that an agent sends out again the second comes back to him.
func TestCallsFromOutsideToOutsideAreLimited(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) { s.Outbound.ThroughCalls = 1 })
	p := b.phone("801")
	b.waitAgent("801", "ready")
	first, out := b.sentOut(p, "13800000071", "913911113333")

	second := b.toSales("13800000072")
	agent := answered(t, p)
	talk(t, second, agent)
	must(t, agent.Transfer(soon(t), "913911114444"))
	agent = answered(t, p)
	talk(t, second, agent)
	first.Hangup(16)
	cleared(t, out, 16)
	second.Hangup(16)
	b.story("caller", "13800000072").has(t, "call_moved by=801 to=913911114444", "call_moved by=box to=801 reason=through_full about=1", "call_ended cause=16 by=caller")
}
