package timeslot

import (
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/drivers/vspan"
	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/realtime"
)

// litter is where the garbage goes, so that the compiler keeps it.
var litter atomic.Pointer[[]byte]

// fullBox is 16 lines of 30 channels, the threads as in the box, all channels joined two by two in the bridge.
type fullBox struct {
	spans   []*Span
	cables  []*vspan.Cable
	engine  *bridge.Engine
	rows    Rows
	running sync.WaitGroup
}

func startFullBox(b *testing.B) *fullBox {
	const lines, block = 16, 80
	realtime.Processors(2)
	clock := vspan.NewKernel()
	clock.Sleep = func(d time.Duration) { _, _ = realtime.Wait(nil, d) }
	engine, err := bridge.New(block, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	box := &fullBox{engine: engine}
	var pace atomic.Pointer[Span]
	var before *bridge.Party
	for n := range lines {
		cable := vspan.New(vspan.Options{Clock: clock, Block: block, Names: [2]string{fmt.Sprint("line", n), ""}})
		var s *Span
		s = New(cable.A(), dsp.ALaw, func() {
			if pace.Load() == s {
				engine.Wake()
			}
		}, slog.New(slog.DiscardHandler))
		for i, ts := range span.E1.B() {
			party := engine.Add(fmt.Sprintf("line%d/ts%02d", n, ts), s.Open(ts))
			party.DetectDigits(true)
			if i%2 == 1 {
				bridge.Join(before, party)
			}
			before = party
		}
		box.spans, box.cables = append(box.spans, s), append(box.cables, cable)
		box.running.Go(func() { box.rows.Run(s) })
	}
	pace.Store(box.spans[0])
	box.running.Go(engine.Run)
	for box.ticks().Moved < lines*20 { // until the phases are known
		<-time.After(block * time.Second / 8000)
	}
	pace.Store(Pace(box.spans, box.spans[0]))
	return box
}

func (box *fullBox) close() {
	for _, c := range box.cables {
		_ = c.A().Close()
	}
	box.engine.Close()
	box.running.Wait()
}

// ticks are those of all lines together.
func (box *fullBox) ticks() (all Ticks) {
	for _, s := range box.spans {
		t := s.Ticks()
		all.Moved += t.Moved
		all.Late += t.Late
		all.Longest = max(all.Longest, t.Longest)
		all.Losses.Slips += t.Losses.Slips
		all.Losses.Starved += t.Losses.Starved + t.Losses.Silent
		for i, c := range t.Classes {
			if i == len(all.Classes) {
				all.Classes = append(all.Classes, LateClass{UpTo: c.UpTo})
			}
			all.Classes[i].Ticks += c.Ticks
		}
	}
	return all
}

// BenchmarkTicksWhileMemoryIsCollected shows what the collection of memory costs the ticks of a full box: how late they
// come without garbage, and while other goroutines make as much as they can and have it collected all the time. The
// figures are those of the machine; what counts is how the two differ. The histogram is in the log (-v).
func BenchmarkTicksWhileMemoryIsCollected(b *testing.B) {
	if refused := realtime.Program(); len(refused) > 0 {
		b.Logf("not as in the box: %v", refused)
	}
	for _, collecting := range []bool{false, true} {
		b.Run(fmt.Sprintf("collecting=%t", collecting), func(b *testing.B) {
			box := startFullBox(b)
			defer box.close()
			var over atomic.Bool
			var littering sync.WaitGroup
			if collecting {
				for range 2 {
					littering.Go(func() {
						for !over.Load() {
							for range 100 {
								octets := make([]byte, 4096)
								litter.Store(&octets)
							}
							<-time.After(time.Millisecond)
						}
					})
				}
				littering.Go(func() {
					for !over.Load() {
						runtime.GC()
					}
				})
			}
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			collections, paused := memory.NumGC, memory.PauseTotalNs
			before := box.ticks()
			b.ResetTimer()
			for b.Loop() {
				<-time.After(100 * time.Millisecond)
			}
			b.StopTimer()
			after := box.ticks()
			runtime.ReadMemStats(&memory)
			over.Store(true)
			littering.Wait()
			moved, within := float64(after.Moved-before.Moved), uint64(0)
			text := ""
			for i, c := range after.Classes {
				n := c.Ticks - before.Classes[i].Ticks
				if c.UpTo > 0 && c.UpTo <= time.Millisecond {
					within += n
				}
				if c.UpTo > 0 {
					text += fmt.Sprintf(" to %v: %d", c.UpTo, n)
				} else {
					text += fmt.Sprintf(" later: %d", n)
				}
			}
			b.Logf("how late the ticks came:%s", text)
			b.ReportMetric(1e6*(1-float64(within)/moved), "over-1ms/M")
			b.ReportMetric(1e6*float64(after.Late-before.Late)/moved, "missed/M")
			b.ReportMetric(float64(after.Losses.Slips-before.Losses.Slips), "slips")
			b.ReportMetric(float64(memory.NumGC-collections), "collections")
			b.ReportMetric(float64(memory.PauseTotalNs-paused)/1e3/max(1, float64(memory.NumGC-collections)), "pause-µs")
			b.ReportMetric(0, "ns/op")
		})
	}
}
