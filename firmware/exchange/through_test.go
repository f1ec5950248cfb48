package exchange

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/firmware/call"
)

// Two outside parties may talk as long as the settings say; an agent's call out and an emergency call have no such limit.
func TestACallFromOutsideToOutsideEnds(t *testing.T) {
	for _, c := range []struct {
		name, phone string
		emergency   bool
		ends        bool
	}{
		{"two outside parties", "", false, true}, {"an agent calls out", "201", false, false}, {"an emergency call", "", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := servicesExchange(t, false)
			synctest.Test(t, func(t *testing.T) {
				x.loop = call.NewLoop()
				ctx, stop := context.WithCancel(context.Background())
				go x.loop.Run(ctx)
				x.settings.Outbound.ThroughCalls, x.settings.Outbound.ThroughMinutes = 1, 30
				joined := x.newCall(call.Incoming{Leg: &testLeg{name: "line1/ts01"}, Phone: c.phone, Trunk: "line1"}, "in")
				x.loop.Do(func() {
					x.calls[joined.id] = joined
					joined.other = call.NewSide(&testLeg{name: "line1/ts02"}, "", x.engine)
					joined.route = &outward{number: "13911113333", emergency: c.emergency}
					joined.join("13911113333")
					joined.limitThrough()
				})
				next := x.newCall(call.Incoming{Leg: &testLeg{name: "line1/ts03"}, Trunk: "line1"}, "in")
				x.loop.Do(func() {
					if refused := next.throughRefused(); refused != c.ends || next.ended != c.ends {
						t.Errorf("one more is refused: %v, ended %v; want %v", refused, next.ended, c.ends)
					}
				})
				time.Sleep(30*time.Minute - time.Second) // of the bubble's clock
				x.loop.Do(func() {
					if joined.ended {
						t.Error("it ended too early")
					}
				})
				time.Sleep(2 * time.Second)
				x.loop.Do(func() {
					if joined.ended != c.ends {
						t.Errorf("ended %v after 30 minutes, want %v", joined.ended, c.ends)
					}
				})
				stop()
			})
		})
	}
}
