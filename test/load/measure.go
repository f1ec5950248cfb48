package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"trunkbox/test/farend/phone"
)

// row is one line of the table.
type row struct {
	calls     int
	box, load float64 // percent of one processor
	memory    float64 // MiB
	ticks     now
	missed    uint64
	packets   uint64 // that came to the phones
	lost      uint64 // gaps in them
	jitter    time.Duration
	delays    []time.Duration
	setUps    []time.Duration
	churned   int64
	refused   int
	written   float64 // MiB/s
	ears      ears
	looks     int
}

const heading = "calls  box%  load%   MiB  ticks  missed  late ms  under  slips  set-up p50/p99 ms  new  refused  packets  lost  jitter ms  delay p50/p99.9 ms  MiB/s  heard right/looked  crossed  silent"

func (r row) String() string {
	out := &strings.Builder{}
	fmt.Fprintf(out, "%5d %5.1f %6.1f %5.0f %6d %7d %8.1f %6d %6d", r.calls, r.box, r.load, r.memory,
		r.ticks.Tick.Moved, r.missed, float64(r.ticks.Tick.LateUS)/1000, r.ticks.Tick.Underruns, r.ticks.Tick.Slips)
	fmt.Fprintf(out, " %9.0f/%7.0f %4d %8d %8d %5d %9.1f", ms(quantile(r.setUps, 0.5)), ms(quantile(r.setUps, 0.99)), r.churned, r.refused, r.packets, r.lost, ms(r.jitter))
	fmt.Fprintf(out, " %11.0f/%7.0f %6.1f", ms(quantile(r.delays, 0.5)), ms(quantile(r.delays, 0.999)), r.written)
	all := r.ears.right + r.ears.crossed + r.ears.silent
	fmt.Fprintf(out, " %9d/%d %8d %7d", r.ears.right, all, r.ears.crossed+r.ears.strange, r.ears.silent)
	if len(r.ticks.Tick.Refused) > 0 {
		fmt.Fprintf(out, "\n      the kernel did not grant: %s", strings.Join(r.ticks.Tick.Refused, "; "))
	}
	return out.String()
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func quantile(of []time.Duration, q float64) time.Duration {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}

// measure lets calls come and go for as long as the plan says, and reports what was used and heard.
func (t *town) measure(ctx context.Context, calls int) (row, error) {
	<-time.After(2 * time.Second) // what grew settles
	t.mu.Lock()
	t.setUps, t.refused = nil, 0
	t.mu.Unlock()
	t.churned.Store(0)
	r := row{calls: calls}
	before, err := t.b.now()
	if err != nil {
		return r, err
	}
	boxBefore, err := usageOf(t.b.command.Process.Pid)
	if err != nil {
		return r, err
	}
	ownBefore, err := usageOf(os.Getpid())
	if err != nil {
		return r, err
	}
	trafficBefore := t.traffic()

	working, stop := context.WithTimeout(ctx, t.p.each)
	defer stop()
	var running sync.WaitGroup
	running.Go(func() { t.churn(working) })
	running.Go(func() { r.delays = t.probe(working) })
	looks := time.NewTicker(2 * time.Second)
	for working.Err() == nil {
		select {
		case <-looks.C:
			e := t.look()
			r.ears.right += e.right
			r.ears.crossed += e.crossed
			r.ears.silent += e.silent
			r.ears.strange += e.strange
			r.looks++
		case <-working.Done():
		}
	}
	looks.Stop()
	boxAfter, err := usageOf(t.b.command.Process.Pid)
	if err != nil {
		return r, fmt.Errorf("the box is gone: %w; it said:\n%s", err, t.b.out.String())
	}
	ownAfter, err := usageOf(os.Getpid())
	if err != nil {
		return r, err
	}
	running.Wait()
	traffic := t.traffic()
	r.packets, r.lost, r.jitter = traffic.Received-trafficBefore.Received, traffic.Lost-trafficBefore.Lost, traffic.Jitter
	if r.ticks, err = t.b.now(); err != nil {
		return r, err
	}
	r.missed = r.ticks.Tick.Missed - before.Tick.Missed
	r.ticks.Tick.Moved -= before.Tick.Moved
	r.ticks.Tick.Underruns -= before.Tick.Underruns
	r.ticks.Tick.Slips -= before.Tick.Slips
	elapsed := boxAfter.at.Sub(boxBefore.at).Seconds()
	r.box = 100 * (boxAfter.processor - boxBefore.processor).Seconds() / elapsed
	r.load = 100 * (ownAfter.processor - ownBefore.processor).Seconds() / elapsed
	r.memory, r.written = boxAfter.memory, (boxAfter.written-boxBefore.written)/elapsed
	t.mu.Lock()
	r.setUps, r.refused, r.churned = t.setUps, t.refused, t.churned.Load()
	t.mu.Unlock()
	return r, nil
}

// traffic is that of all phones.
func (t *town) traffic() (all phone.Traffic) {
	for _, a := range t.agents {
		one := a.phone.Traffic()
		all.Sent += one.Sent
		all.Received += one.Received
		all.Lost += one.Lost
		all.Jitter = max(all.Jitter, one.Jitter)
	}
	return all
}
