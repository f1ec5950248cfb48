package e2e

import (
	"testing"

	"trunkbox/dsp"
	"trunkbox/firmware/config"
	"trunkbox/test/farend"
	"trunkbox/test/peers/baresip"
)

// A telephone that other people wrote is the agent's: keys in the caller's sound choose the queue, the
// phone answers by itself, both sides hear each other, and either one hangs up.
func TestBaresipIsTheAgentsPhone(t *testing.T) {
	t.Parallel()
	hangUps := map[string]func(*farend.Call, *baresip.Phone){
		"caller": func(caller *farend.Call, _ *baresip.Phone) { caller.Hangup(16) },
		"agent":  func(_ *farend.Call, agent *baresip.Phone) { agent.Do("hangup", "") },
	}
	for _, c := range []struct{ key, queue, extension, transport, hangsUp string }{
		{"1", "Sales", "801", "udp", "caller"},
		{"2", "Support", "802", "tcp", "agent"},
	} {
		t.Run("key "+c.key, func(t *testing.T) {
			t.Parallel()
			b := open(t, func(s *config.Settings) {
				s.Agents[1].Queues = []string{"Support"}
				s.Phones.TCP = s.Phones.UDP
			})
			agent := baresip.Start(t, baresip.Account{
				Extension: c.extension, Password: "password-" + c.extension, Server: b.settings.Phones.UDP, Transport: c.transport,
				SaysHz: 1300, Params: "answermode=auto",
			})
			b.waitAgent(c.extension, "ready")
			caller := b.call("13800000101")
			b.choose("13800000101", caller, c.key)
			b.waitAgent(c.extension, "on_call")
			caller.PlayTone(700)
			must(t, caller.WaitTone(soon(t), 1300))
			heard := agent.WaitTone(700)
			if own := dsp.Goertzel(heard, 1300); own > -40 {
				t.Errorf("baresip hears its own tone with %.1f dBm0", own)
			}
			hangUps[c.hangsUp](caller, agent)
			cleared(t, caller, 16)
			b.waitAgent(c.extension, "ready")
			b.story("caller", "13800000101").has(t,
				"call_arrived line=line1 called=5551000", "menu_key key="+c.key, "queue_entered queue="+c.queue,
				"agent_offered agent="+c.extension, "queue_left queue="+c.queue+" outcome=answered",
				"agent_joined agent="+c.extension+" queue="+c.queue, "call_ended cause=16 by="+c.hangsUp)
		})
	}
}
