package pri

import (
	"cmp"
	"slices"
	"time"

	"trunkbox/firmware/q931"
)

const (
	// auditEvery is how often the access looks whether its own books agree with each other and with the far end's.
	auditEvery = time.Minute
	// quietFor is how long a call has had no message when the far end is asked what it knows of it. After silentAfter
	// questions in a row without an answer it is not asked any more until the link is set up anew.
	quietFor    = 10 * time.Minute
	silentAfter = 3
	// atATime is how many calls are asked about in one look.
	atATime = 8
	// stuckFor is how long a channel or a reference may be left over by a call that has ended, and how long a channel
	// may be blocked for no reason that is known.
	stuckFor = 2 * time.Minute
)

// audit compares the books: every channel in use has a call, every reference has a call that is not over, every blocked
// channel has a reason, and the far end knows the calls that have been quiet for long.
func (g *Group) audit() {
	g.audits = g.loop.After(auditEvery, g.audit)
	for _, a := range g.lines {
		for _, p := range a.places() {
			g.auditChannel(p)
		}
	}
	g.auditReferences()
	g.auditService()
	if g.isUp() && g.profile.Enquire {
		g.enquire()
	}
}

func (g *Group) auditChannel(p place) {
	s := p.on.channels.slot(p.ts)
	old := time.Since(s.since) >= stuckFor
	switch {
	case s.state == Blocked && s.reason == "" && old && time.Since(s.since) < stuckFor+auditEvery:
		g.found(p.name(), BlockedSilently, "")
	case s.state == Blocked || s.state == Idle || s.state == Restarting:
	case old && (s.leg == nil || s.leg.isOver && s.leg.machine == nil || s.leg.place() != p && s.reserved != s.leg):
		g.found(p.name(), ChannelStuck, "")
		g.release(p)
	}
}

// auditReferences gives up the references of calls that ended without giving them up.
func (g *Group) auditReferences() {
	for ref, l := range g.calls {
		switch {
		case !l.isOver:
		case l.overSince.IsZero():
			l.overSince = time.Now()
		case time.Since(l.overSince) >= stuckFor:
			g.found(l.Name(), ReferenceStuck, q931.Ref{Flag: ref.Flag, Value: ref.Value, Length: g.profile.RefLength}.String())
			g.giveUp(ref, l)
		}
	}
}

// giveUp ends a call that nobody needs any more, without a message.
func (g *Group) giveUp(ref q931.Ref, l *leg) {
	if l.machine != nil {
		l.ask(q931.RestartReq, nil)
	}
	if g.calls[ref] == l {
		delete(g.calls, ref)
		l.stopTimers()
		l.letGo()
	}
}

// enquire asks about the calls that have been quiet for longest.
func (g *Group) enquire() {
	var quiet []*leg
	for _, l := range g.calls {
		if l.machine != nil && l.machine.State() == q931.StateActive && time.Since(l.heard) >= quietFor {
			quiet = append(quiet, l)
		}
	}
	slices.SortFunc(quiet, func(a, b *leg) int { return cmp.Or(a.heard.Compare(b.heard), a.began.Compare(b.began)) })
	for _, l := range quiet[:min(len(quiet), atATime)] {
		if g.silent > silentAfter {
			return
		}
		g.enquiry(l)
		l.heard = time.Now()
		if g.silent++; g.silent > silentAfter {
			g.found(g.active.name(), StatusNotAnswered, "")
		}
	}
}

// enquiry is a STATUS ENQUIRY of ours about a call that nobody complained of. An answer is taken as any STATUS is.
//
// Departure: T322 is not run for it (clause 5.8.10/Q.931), so that a far end that gives no answers costs no call.
func (g *Group) enquiry(l *leg) {
	g.send(&q931.Message{Ref: l.machine.Ref().Answer(), Type: q931.MsgStatusEnquiry})
}
