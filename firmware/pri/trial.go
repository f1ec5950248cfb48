package pri

import (
	"strconv"
	"time"

	"trunkbox/firmware/call"
)

// A channel that did not clear, or whose RESTART was not acknowledged twice, is blocked (clauses 5.3.3 and 5.5.1/Q.931)
// and tried by itself with another RESTART: after firstTrial, then after twice as long each time, up to lastTrial.
const (
	firstTrial = 2 * time.Minute
	lastTrial  = 30 * time.Minute
)

// trial is one channel that waits for its next trial.
type trial struct {
	timer *call.Timer
	after time.Duration // of the next
}

// quarantine blocks a channel until a trial brings it back, or the far side uses or restarts it.
func (g *Group) quarantine(p place, reason Reason) {
	p.set(Blocked, reason)
	t := g.trials[p]
	if t == nil {
		t = &trial{after: firstTrial}
		g.trials[p] = t
	} else {
		g.found(p.name(), TrialFailed, strconv.Itoa(int(t.after/time.Minute)))
	}
	t.timer.Stop()
	t.timer = g.loop.After(t.after, func() { g.try(p) })
	t.after = min(2*t.after, lastTrial)
}

// try restarts a blocked channel. One that was taken out of service meanwhile is left alone.
func (g *Group) try(p place) {
	if s := p.on.channels.slot(p.ts); s.state != Blocked || s.kept() != "" {
		delete(g.trials, p)
		return
	}
	g.log.Info("a blocked channel is tried with RESTART", "entity", p.name())
	p.set(Restarting, p.on.channels.slot(p.ts).reason)
	g.restart.waiting = append(g.restart.waiting, p)
	g.nextRestart()
}

// healed returns a channel whose RESTART was acknowledged.
func (g *Group) healed(p place) {
	if g.trials[p] != nil {
		g.found(p.name(), ChannelBack, "")
	}
	g.release(p)
}

// release returns a channel that has no call.
func (g *Group) release(p place) {
	g.trialEnds(p)
	g.passOn(p)
}

func (g *Group) trialEnds(p place) {
	if t := g.trials[p]; t != nil {
		t.timer.Stop()
		delete(g.trials, p)
	}
}

// found tells what was found wrong, and what became of it.
func (g *Group) found(where string, finding Reason, about string) {
	g.log.Warn("found by the access itself", "entity", where, "finding", string(finding), "about", about)
	if finder, ok := g.lines[0].Observer.(Finder); ok {
		finder.Found(where, string(finding), about)
	}
}

// Finder is what an Observer may be besides: it is told what an access found wrong by itself. where is a channel
// ("line1/ts07") or a D channel ("line1/D"), finding a Reason.
type Finder interface {
	Found(where, finding, about string)
}
