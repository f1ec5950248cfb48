package exchange

import (
	"log/slog"
	"testing"
	"time"

	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/siptrunk"
)

// TestAnInvitedOutsidePartyIsTreatedAsItsLine: whoever is called to join a talk goes the same way out as who is dialled, and
// the echo of its line is cancelled.
func TestAnInvitedOutsidePartyIsTreatedAsItsLine(t *testing.T) {
	first, second := lineOf("line1"), lineOf("line2")
	first.EchoTailMS, second.EchoTailMS, second.NoiseReduction = 32, 64, true
	withLines(t, []config.Line{first, second}, func(t *testing.T, s *several) {
		engine, err := bridge.New(80, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer engine.Close()
		var c *Call
		var invited *call.Side
		s.loop.Do(func() {
			s.engine, s.trunks = engine, &siptrunk.Trunks{}
			s.settings.Agents = []config.Agent{{Extension: "201", Outbound: true}}
			s.settings.Outbound.Prefix, s.settings.Outbound.Lines = "9", []string{"gone", "line2"}
			caller, agent := &testLeg{name: "phone 202"}, &testLeg{name: "phone 201"}
			c = s.newCall(call.Incoming{Leg: caller, Phone: "202", Called: "201"}, "internal")
			s.calls[c.id] = c
			c.other = call.NewSide(agent, "201", engine)
			c.join("201")
			c.invite(c.other, "913900112233")
			if c.inviting != nil { // the far end, which answers at once, is heard after this
				invited = c.inviting.side
			}
		})
		if invited == nil || lineIn(invited.Leg.Name()) != "line2" {
			t.Fatalf("nobody is rung over line2: %+v", invited)
		}
		if want := (bridge.Treatment{Echo: 64 * time.Millisecond, Noise: true}); invited.Treat != want {
			t.Errorf("who is invited over line2 is treated with %+v, want %+v", invited.Treat, want)
		}
		s.settle()
		s.loop.Do(func() {
			if len(c.thirds) != 1 || c.thirds[0] != invited {
				t.Error("who was invited has answered and does not talk with the others")
			}
		})
		s.loop.Do(func() { c.end(ending{by: "box"}) })
		s.settle()
	})
}
