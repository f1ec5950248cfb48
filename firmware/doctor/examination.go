package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/lapd"
)

// Examination looks at one line, for less than two minutes.
type Examination struct {
	Patient
	Pace
	tuner    span.Tuner // nil: the line is in service, or its driver cannot be tuned
	evidence Evidence
	percent  int
}

// Examine looks at the line and gives the evidence. A line in service, one that has a call, or a data link on timeslots that
// can be read, is only listened to: nothing is sent on it and nothing changed. On others it tries settings that their driver knows, and
// puts the old ones back before it returns, unless a call has come with those tried last, which it would end: Left says so. The error is ctx's, or the driver's when the old settings
// cannot be put back; the evidence gathered so far comes with it.
func (x *Examination) Examine(ctx context.Context) (e Evidence, err error) {
	if tuner, can := x.Line.(span.Tuner); can {
		x.Setup = x.Setup.in(tuner.Format())
	}
	x.evidence = Evidence{Configured: x.Setup, InService: x.inService(), Before: x.Before}
	x.tell(0, listening)
	x.evidence.Seen = x.observe(ctx, x.Listen, time.Time{})
	x.tell(listened, listening)
	x.evidence.InService = x.inService() // a link lives on for a while when the line has gone
	if x.Clocks != nil {
		x.evidence.Clocks = x.Clocks()
	}
	if !x.evidence.InService && ctx.Err() == nil {
		tuner, can := x.Line.(span.Tuner)
		if can {
			x.tuner = tuner
			was := tuner.Format()
			defer func() {
				x.tell(96, restoring)
				if x.evidence.Left = len(x.Busy()) > 0 && tuner.Format() != was; !x.evidence.Left {
					if failed := tuner.Tune(was); failed != nil {
						err = errors.Join(err, fmt.Errorf("putting back the settings of %s: %w", x.Line.Name(), failed))
					}
				}
				e = x.finish()
			}()
		}
		x.tryAll(ctx)
	}
	return x.finish(), ctx.Err()
}

// finish adds what the calls say.
func (x *Examination) finish() Evidence {
	x.evidence.Calls = ReadCalls(x.Patient.Calls())
	x.evidence.Busy = x.Talks()
	return x.evidence
}

func (x *Examination) inService() bool {
	return len(x.Busy()) > 0 || x.Link() && x.Line.Status().Alarms&unreadable == 0
}

// unreadable are the alarms under which no octet comes through; without a multiframe the timeslots are still there.
const unreadable = span.LOS | span.LFA | span.AIS | span.NotOpen

// listened is how far the examination is, in percent, when the trials begin.
const listened = 40

func (x *Examination) tell(percent int, doing Step) {
	x.percent = max(percent, x.percent)
	if x.Told != nil {
		x.Told(x.percent, doing)
	}
}

// tryAll tries other settings, one thing after the other: what helped stays for the next thing, so that a second fault
// behind the first one shows.
func (x *Examination) tryAll(ctx context.Context) {
	best := Trial{x.Setup, x.evidence.Seen}
	best = x.tryFormats(ctx, best)
	x.tell(65, tryClock)
	best = x.tryClocks(ctx, best)
	x.tell(75, tryD)
	best = x.tryReadings(ctx, best)
	x.tell(90, trySide)
	x.probe(ctx, best)
}

// tryFormats tries framings and line codes when the line is not aligned, or the far end has an alarm.
func (x *Examination) tryFormats(ctx context.Context, best Trial) Trial {
	a := best.Alarms
	broken := a.LFA > mostly || a.LMFA > mostly || !a.down() && best.violations() >= manyViolations
	deafened := !broken && !a.down() && a.RAI > mostly
	if x.tuner == nil || !broken && !deafened {
		return best
	}
	var sets []Setup
	for _, code := range names(x.tuner.Formats().LineCodes, best.Setup.LineCode) {
		for _, framing := range names(x.tuner.Formats().Framings, best.Setup.Framing) {
			set := best.Setup
			set.Framing, set.LineCode = framing, code
			if set != best.Setup && (broken || code == best.Setup.LineCode) {
				sets = append(sets, set)
			}
		}
	}
	for i, set := range sets {
		x.tell(listened+25*i/len(sets), tryFormat)
		t, done := x.try(ctx, set, x.Look)
		if done && !t.Alarms.down() && t.violations() < manyViolations && (broken || t.Alarms.RAI <= mostly) {
			return t
		}
	}
	if up, is := x.evidence.working(); is {
		return up
	}
	return best
}

// Aligned says that neither signal nor frame was missed.
func (o *Observation) Aligned() bool { return !o.Alarms.down() }

// names lists what can be set, the one in force first.
func names[T fmt.Stringer](all []T, first string) []string {
	list := []string{first}
	for _, one := range all {
		if one.String() != first {
			list = append(list, one.String())
		}
	}
	return list
}

// longestLook at a clock: two slips have to be missed to say that they have ended.
const longestLook = 20 * time.Second

// tryClocks tries the other clock when there are slips often enough to see them go.
func (x *Examination) tryClocks(ctx context.Context, best Trial) Trial {
	if x.tuner == nil || best.Alarms.down() || best.slipsPerHour() == 0 {
		return best
	}
	two := time.Duration(2.5 / best.slipsPerHour() * float64(time.Hour))
	if two > longestLook {
		return best
	}
	for _, clock := range names(x.tuner.Formats().Clocks, best.Setup.Clock)[1:] {
		set := best.Setup
		set.Clock = clock
		if t, done := x.try(ctx, set, max(x.Look, two)); done && !t.Alarms.down() && t.Grown.Slips == 0 {
			return t
		}
	}
	return best
}

// tryReadings reads the D channel inverted or at 56 kbit/s when its octets look so.
func (x *Examination) tryReadings(ctx context.Context, best Trial) Trial {
	if x.tuner == nil || best.Alarms.down() || best.LinkUp || x.NoD {
		return best
	}
	set, seen := best.Setup, signs{}
	best.Sound.Slots[best.Setup.Kind.D()].reads(set, seen)
	switch {
	case seen.is(dInverted):
		set.DInverted = !set.DInverted
	case seen.is(dSeven):
		set.DRate = 56
	default:
		return best
	}
	if t, done := x.try(ctx, set, x.Look); done {
		return t
	}
	return best
}

// try changes the settings and looks. It says false when the driver refused them, or a call has come meanwhile.
func (x *Examination) try(ctx context.Context, set Setup, look time.Duration) (Trial, bool) {
	if ctx.Err() != nil || len(x.Busy()) > 0 || x.tuner.Tune(set.format()) != nil {
		return Trial{}, false
	}
	changed := time.Now()
	wait(ctx, x.Settle)
	t := Trial{set, x.observe(ctx, look, changed)}
	x.evidence.Trials = append(x.evidence.Trials, t)
	return t, ctx.Err() == nil
}

// probe asks for the data link as the other side. Who agrees takes us for that side, and is ours. Where the other side is
// heard there is nothing to ask.
func (x *Examination) probe(ctx context.Context, best Trial) {
	if _, other := x.evidence.sides(); other > 0 {
		return
	}
	if x.NoD || best.Alarms.down() || best.LinkUp || x.Link() || len(x.Busy()) > 0 || ctx.Err() != nil {
		return
	}
	side, name := lapd.Network, "network"
	if x.Setup.Side == "network" {
		side, name = lapd.User, "user"
	}
	sabme := lapd.Frame{Kind: lapd.SABME, Command: true, PF: true}.AppendTo(nil, side)
	began := time.Now()
	if x.Line.SendFrame(sabme) != nil {
		return
	}
	t := Trial{Setup: best.Setup, Observation: x.observe(ctx, x.Probe, began)}
	t.Talk.Probed = name
	far := whose(userSide)
	if side == lapd.User {
		far = networkSide
	}
	for _, f := range x.Frames(began) {
		if f.Sent {
			continue
		}
		kind, from, known := identify(f.Octets)
		t.Talk.ProbeReturned = t.Talk.ProbeReturned || bytes.Equal(f.Octets, sabme)
		t.Talk.ProbeTaken = t.Talk.ProbeTaken || known && kind == lapd.UA && from == far
		t.Talk.ProbeRefused = t.Talk.ProbeRefused || known && kind == lapd.DM && from == far
	}
	if t.Talk.ProbeTaken && !x.Link() {
		_ = x.Line.SendFrame(lapd.Frame{Kind: lapd.DISC, Command: true, PF: true}.AppendTo(nil, side))
	}
	x.evidence.Trials = append(x.evidence.Trials, t)
}

// observe looks at the line for so long. Frames count from the time given; zero: from now.
func (x *Examination) observe(ctx context.Context, long time.Duration, from time.Time) Observation {
	began, first := time.Now(), x.Line.Status().Counters
	if from.IsZero() {
		from = began
	}
	looking, stop := context.WithTimeout(ctx, long)
	defer stop()
	var sampling sync.WaitGroup
	listener := NewListener(x.Line.Kind())
	sampling.Go(func() { x.listen(looking, listener, long) })
	var alarms AlarmShares
	looks := 0
	for looking.Err() == nil {
		alarms.count(x.Line.Status().Alarms)
		looks++
		if x.percent < listened {
			x.tell(int(listened*time.Since(began)/long), listening)
		}
		wait(looking, x.Every)
	}
	sampling.Wait()
	alarms.share(looks)
	last := x.Line.Status()
	return Observation{
		Seconds: time.Since(began).Seconds(), Alarms: alarms, Grown: grown(first, last.Counters), Signal: last.Signal,
		Sound: listener.Sound(), Talk: Listen(x.Frames(from)), LinkUp: x.Link(),
	}
}

// Sampling. To read every bit of every timeslot all the time would take work from the sound of other lines.
const (
	chunk = 16 // blocks sampled at a time
	rests = 2  // times that long nothing is sampled
)

// listen samples the timeslots until ctx is done. A driver that cannot read the D channel's timeslot beside its frames
// reads it alone in the last quarter of the time, when the link is not up: that stops the D channel.
func (x *Examination) listen(ctx context.Context, listener *Listener, long time.Duration) {
	sampler, can := x.Line.(span.Sampler)
	if !can {
		return
	}
	d := x.Line.Kind().D()
	apart := time.Now().Add(long * 3 / 4) // when the D channel is read alone
	rest := rests * time.Duration(chunk*x.Line.Block()) * time.Second / 8000
	dSeen := x.evidence.InService
	for ctx.Err() == nil {
		blocks, pause := make([]span.Block, chunk), rest
		set, err := span.Slotset(0).With(d), error(nil)
		if left := time.Until(apart); dSeen || left > 0 || x.Link() {
			set, err = sampler.Sample(ctx, blocks)
			if dSeen = dSeen || set.Has(d); !dSeen {
				pause = min(pause, time.Until(apart))
			}
		} else {
			err, pause = sampler.SampleD(ctx, blocks), 0
		}
		switch {
		case err == nil:
			for i := range blocks {
				listener.Push(&blocks[i], x.Line.Block(), set)
			}
			wait(ctx, pause)
		case errors.Is(err, io.EOF) || errors.Is(err, span.ErrNotSupported):
			return
		default:
			wait(ctx, x.Every)
		}
	}
}

// count adds one look.
func (a *AlarmShares) count(now span.Alarm) {
	for _, one := range a.all() {
		if now&one.alarm != 0 {
			*one.share++
		}
	}
}

// share makes parts of the whole out of counts.
func (a *AlarmShares) share(looks int) {
	for _, one := range a.all() {
		*one.share /= float64(max(looks, 1))
	}
}

type alarmShare struct {
	alarm span.Alarm
	share *float64
}

func (a *AlarmShares) all() []alarmShare {
	return []alarmShare{
		{span.LOS, &a.LOS},
		{span.LFA, &a.LFA},
		{span.LMFA, &a.LMFA},
		{span.AIS, &a.AIS},
		{span.RAI, &a.RAI},
		{span.Loopback, &a.Loopback},
		{span.NotOpen, &a.NotOpen},
	}
}

// grown is by how much counters grew. One that was set to zero meanwhile has grown by what it is.
func grown(was, is span.Counters) span.Counters {
	less := func(was, is uint64) uint64 {
		if is < was {
			return is
		}
		return is - was
	}
	return span.Counters{
		Ticks: less(was.Ticks, is.Ticks), Slips: less(was.Slips, is.Slips), BPV: less(was.BPV, is.BPV),
		CodeViolations: less(was.CodeViolations, is.CodeViolations), CRC4: less(was.CRC4, is.CRC4), EBit: less(was.EBit, is.EBit), FAS: less(was.FAS, is.FAS),
		Aborts: less(was.Aborts, is.Aborts), BadFCS: less(was.BadFCS, is.BadFCS), BadFrames: less(was.BadFrames, is.BadFrames),
		RxOverruns: less(was.RxOverruns, is.RxOverruns), TxUnderruns: less(was.TxUnderruns, is.TxUnderruns),
	}
}

// wait waits, or until ctx is done.
func wait(ctx context.Context, long time.Duration) {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
