package exchange

import (
	"context"
	"testing"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/drivers/vspan"
	"trunkbox/firmware/config"
)

// TestNumbersForMeasuring: a called number that is sent to the code of the milliwatt gets 1004 Hz, one sent to that of the
// echo test hears itself.
func TestNumbersForMeasuring(t *testing.T) {
	working, end := context.WithCancel(context.Background())
	inWard(t, []config.Line{lineOf("line1")}, func(w *ward) {
		w.far = func(e *vspan.End) { _ = e.Tune(span.Format{Clock: span.Internal}) }
		w.settings.Routes = []config.Route{
			{Called: "9197", To: config.Destination{Kind: "extension", Target: w.settings.Features.Milliwatt}},
			{Called: "9196", To: config.Destination{Kind: "extension", Target: w.settings.Features.Echo}},
		}
		if err := w.Store.Save(w.settings, "admin"); err != nil {
			t.Error(err)
		}
		w.back.Go(func() { // the engine itself waits outside of the bubble's time; here it ticks between two blocks of the line
			for time.Sleep(5 * time.Millisecond); working.Err() == nil; time.Sleep(10 * time.Millisecond) {
				w.engine.Tick()
			}
		})
		w.back.Go(func() {
			for {
				select {
				case event := <-w.engine.Events():
					w.loop.Post(func() { w.heard(event) })
				case <-working.Done():
					return
				}
			}
		})
	}, func(w *ward) {
		defer end()
		ctx, stop := context.WithTimeout(context.Background(), time.Minute)
		defer stop()
		call, err := w.fars["line1"].Call(ctx, "65009197", "02087654321")
		if err == nil {
			err = call.WaitAnswer(ctx)
		}
		if err == nil {
			err = call.WaitHears(ctx, 1004, 0.98)
		}
		if err != nil {
			t.Error(err)
			return
		}
		call.Hangup(16)
		call, err = w.fars["line1"].Call(ctx, "65009196", "02087654321")
		if err == nil {
			err = call.WaitAnswer(ctx)
		}
		if err == nil {
			call.PlayTone(660)
			err = call.WaitHears(ctx, 660, 0.98)
		}
		if err != nil {
			t.Error(err)
			return
		}
		call.Hangup(16)
		if err := call.WaitGone(ctx); err != nil {
			t.Error(err)
		}
	})
}
