package e2e

import (
	"testing"

	"trunkbox/firmware/config"
)

// TestAQueueGoesWhileCallersWait: a caller whose queue is removed or renamed begins again and is not cut.
func TestAQueueGoesWhileCallersWait(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	p := b.phone("801")
	b.waitAgent("801", "ready")
	b.api("POST", "/api/agents/801/pause", map[string]string{"reason": "meal"}, nil)
	c := b.toSales("13800000040")
	wait(t, "the caller waits", func() bool { return len(b.now().Queues[0].Waiting) == 1 })
	var in struct {
		Settings config.Settings
		Revision string
	}
	b.api("GET", "/api/settings", nil, &in)
	in.Settings.Queues[0].Name = "Orders"
	for i := range in.Settings.Agents {
		in.Settings.Agents[i].Queues = []string{"Orders"}
	}
	for i, choice := range in.Settings.Menus[0].Choices {
		if choice.To.Target == "Sales" {
			in.Settings.Menus[0].Choices[i].To.Target = "Orders"
		}
	}
	b.api("PUT", "/api/settings", map[string]any{"settings": in.Settings, "revision": in.Revision}, nil)
	wait(t, "the caller is in the menu again", func() bool {
		calls := b.now().Calls
		return len(calls) == 1 && calls[0].State == "menu"
	})
	b.api("POST", "/api/agents/801/resume", nil, nil)
	b.choose("13800000040", c, "1")
	agent := answered(t, p)
	talk(t, c, agent)
	c.Hangup(16)
	b.story("caller", "13800000040").has(t, "queue_left queue=Sales reason=queue_gone", "queue_entered queue=Orders", "agent_joined agent=801")
}
