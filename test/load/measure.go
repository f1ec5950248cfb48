package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// reading is everything that is counted, at one moment.
type reading struct {
	now    now
	box    usage
	own    usage
	crowd  crowdReading
	stolen time.Duration
	stood  int    // standstills of processors
	far    uint64 // blocks that the far ends of the lines did not fetch in time
}

func (t *town) read() (r reading, err error) {
	var err1, err2, err3 error
	r.now, err1 = t.b.now()
	r.box, err2 = usageOf(t.b.command.Process.Pid)
	r.own, err3 = usageOf(os.Getpid())
	r.crowd, r.stolen = crowdReading{t.b.crowd.Figures(), t.delays.Read()}, stolen()
	r.stood = t.machine.told()
	for _, line := range t.fars {
		r.far += line.Status().Counters.RxOverruns
	}
	if err = errors.Join(err1, err2, err3); err != nil {
		err = fmt.Errorf("is the box gone? %w; it said:\n%s", err, t.b.out.String())
	}
	return r, err
}

// measure looks and listens for some time, with or without calls that come and go.
func (t *town) measure(ctx context.Context, calls int, churn bool, length time.Duration) (row, error) {
	<-time.After(2 * time.Second) // what grew settles
	t.mu.Lock()
	t.setUps, t.refused = nil, 0
	t.mu.Unlock()
	r := row{Calls: calls, Churn: churn}
	before, err := t.read()
	if err != nil {
		return r, err
	}
	working, stop := context.WithTimeout(ctx, length)
	defer stop()
	var running sync.WaitGroup
	if churn {
		running.Go(func() { t.churn(working) })
	}
	running.Go(func() { r.Ears = t.watch(working) })
	<-working.Done()
	after, err := t.read()
	if err != nil {
		return r, err
	}
	out, in := t.b.crowd.Jitters()
	running.Wait()
	if err := ctx.Err(); err != nil {
		return r, err
	}
	r.fill(before, after)
	r.Stood, r.StoodMS = t.machine.between(before.stood, after.stood)
	r.JitterIn, r.JitterOut = jitterOf(out), jitterOf(in)
	r.KiBPerCall = 1024 * (r.Memory.Anon - t.empty.Anon) / float64(calls)
	t.mu.Lock()
	defer t.mu.Unlock()
	r.SetUps, r.Refused, r.SetUp = len(t.setUps), t.refused, timesOf(t.setUps)
	return r, nil
}

// fill takes over what is the difference of two readings.
func (r *row) fill(before, after reading) {
	elapsed := after.box.at.Sub(before.box.at).Seconds()
	r.Seconds = elapsed
	r.Box, r.Load = after.box.percent(before.box), after.own.percent(before.own)
	r.Memory, r.Written = after.box.memory, (after.box.written-before.box.written)/elapsed
	threads, others := after.box.since(before.box)
	r.SoundPushed, r.SoundUnservedMS, r.OthersPushed = threads.pushed, ms(threads.unserved), others.pushed
	r.StolenMS = ms(after.stolen - before.stolen)
	r.Ticks, r.NotGranted = ticksOf(before.now, after.now, before.box.at), after.now.Tick.Refused
	r.Ticks.FarMissed = after.far - before.far
	moved := after.crowd.figures.Since(before.crowd.figures)
	r.Packets, r.SendLate, r.TakenLate = packetsOf(moved), spreadOf(moved.SendLate), spreadOf(moved.TakenLate)
	r.Delay = spreadOf(after.crowd.delays.Since(before.crowd.delays))
}

// step measures without churn, counts the system calls, and measures with it.
func (t *town) step(ctx context.Context, calls int) ([]row, error) {
	length := t.p.each
	if t.p.perSecond > 0 {
		length = max(length/3, shortest)
	}
	quiet, err := t.measure(ctx, calls, false, length)
	if err != nil {
		return nil, err
	}
	if quiet.SystemCalls, err = systemCalls(ctx, t.b.command.Process.Pid); err != nil {
		t.noCalls = err
	} else if packets := float64(quiet.Packets.Sent + quiet.Packets.Received); packets > 0 {
		quiet.CallsPerPacket = quiet.SystemCalls / (packets / quiet.Seconds)
	}
	if t.p.perSecond <= 0 {
		return []row{quiet}, nil
	}
	busy, err := t.measure(ctx, calls, true, t.p.each)
	if err != nil {
		return []row{quiet}, err
	}
	if busy.SetUps > 0 {
		busy.PerCall = 10 * (busy.Box - quiet.Box) * busy.Seconds / float64(busy.SetUps) // a percent of a second is 10 ms
	}
	return []row{quiet, busy}, nil
}

// shortest is how long is measured without churn at least.
const shortest = 5 * time.Second
