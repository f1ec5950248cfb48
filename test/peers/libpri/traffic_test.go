package libpri

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
)

// load is how much is to be called.
type load struct {
	calls int
	every time.Duration // between the begins of two calls
	talks time.Duration // between answer and clearing
	most  int           // calls at once; one more waits until another is over
	limit time.Duration // the longest that a call may take for its signalling, from its begin to its end
}

// traffic makes many calls at once, every other one of ours, cleared by both ends in turn. All of it happens in the
// goroutine of run.
type traffic struct {
	*office
	load
	begun, over int
	inFlight    [2]int           // ours, the peer's
	talks       map[int]*talk    // by the peer's number
	waiting     map[string]*talk // ours by called number, until the peer rings; the peer's until it arrives
	dialled     []*talk          // of the peer, until it tells their numbers
	taken       [span.Slots]bool // channels that the peer dials on
	told        chan heard       // of our legs
	due         chan *talk       // talked long enough
	wrong       []string
	bad         int             // calls of which something is wrong
	answeredIn  []time.Duration // from the begin to the answer, of every call
	collected   atomic.Int64    // calls that nobody remembers any more
}

// heard is an event of a leg of ours.
type heard struct {
	talk  *talk
	event call.Event
}

// talk is one call at both ends.
type talk struct {
	called   string
	ours     bool // placed by us
	we       bool // we clear it
	number   int  // of the peer's, -1: not known yet
	channel  span.Timeslot
	leg      call.Leg
	began    time.Time
	answered [2]bool // here, there
	cleared  [2]bool // here, there
	cause    [2]int
	due      bool
	bad      bool
	givenUp  bool
}

// run makes the calls of a load and waits until they are over.
func (o *office) run(l load) *traffic {
	o.t.Helper()
	f := &traffic{
		office: o, load: l, talks: map[int]*talk{}, waiting: map[string]*talk{},
		told: make(chan heard, 1024), due: make(chan *talk, 1024),
	}
	half := len(o.line.kind.B()) / 2 // ours and the peer's calls must not meet on a channel
	next := time.NewTicker(l.every)
	defer next.Stop()
	look := time.NewTicker(250 * time.Millisecond)
	defer look.Stop()
	for f.over < l.calls {
		begin := next.C
		if f.begun == l.calls || f.begun-f.over >= l.most || f.inFlight[f.begun%2] == half {
			begin = nil
		}
		select {
		case <-begin:
			f.begin()
		case event := <-o.peer.events:
			f.peerTells(event)
		case p := <-o.arrived:
			f.arrives(p)
		case h := <-f.told:
			f.legTells(h)
		case t := <-f.due:
			f.clear(t)
		case <-look.C:
			f.giveUp()
		}
	}
	return f
}

// fail notes what is wrong, of a call if it is of one.
func (f *traffic) fail(t *talk, format string, values ...any) {
	f.wrong = append(f.wrong, fmt.Sprintf(format, values...))
	if t != nil && !t.bad {
		t.bad = true
		f.bad++
	}
}

// giveUp gives up the calls that take too long. What is still told of them is not looked at.
func (f *traffic) giveUp() {
	var late []*talk
	for _, t := range f.waiting {
		late = append(late, t)
	}
	for _, t := range f.talks {
		if !slices.Contains(late, t) {
			late = append(late, t)
		}
	}
	for _, t := range late {
		if t.givenUp || time.Since(t.began) < f.limit+f.load.talks {
			continue
		}
		f.fail(t, "call %s is not over after %v: answered %v, cleared %v for %v (here, there)",
			t.called, time.Since(t.began).Round(time.Second), t.answered, t.cleared, t.cause)
		t.givenUp = true
		f.over++
		if t.leg != nil {
			t.leg.Hangup(q850.NormalClearing)
		}
		if t.number >= 0 && !t.cleared[1] {
			f.peer.say("hangup %d 16", t.number)
		}
	}
}

// begin places the next call: by us, then by the peer.
func (f *traffic) begin() {
	n := f.begun
	t := &talk{called: fmt.Sprintf("9%06d", n), ours: n%2 == 0, we: n%4 < 2, number: -1, began: time.Now()}
	f.inFlight[n%2]++
	f.begun++
	runtime.AddCleanup(t, func(n *atomic.Int64) { n.Add(1) }, &f.collected)
	f.waiting[t.called] = t
	if !t.ours {
		for t.channel = 1; f.taken[t.channel]; t.channel++ {
		}
		f.taken[t.channel] = true
		f.dialled = append(f.dialled, t)
		f.peer.say("dial %d %s 13800000000", t.channel, t.called)
		return
	}
	leg, err := f.access.Dial(call.Outgoing{Called: t.called, Calling: call.Number{Digits: us}}, f.tells(t))
	if err != nil {
		f.fail(t, "call %s was not placed: %v", t.called, err)
		f.done(t)
		return
	}
	t.leg = leg
}

func (f *traffic) tells(t *talk) call.Handler {
	return func(event call.Event) { f.told <- heard{t, event} }
}

// arrives: a call of the peer's is offered to us.
func (f *traffic) arrives(p *party) {
	t := f.waiting[p.incoming.Called]
	if t == nil || t.ours {
		f.fail(nil, "a call to %s arrived that nobody placed", p.incoming.Called)
		p.leg.Hangup(q850.UnallocatedNumber)
		return
	}
	t.leg = p.leg
	tells := f.tells(t)
	p.next.Store(&tells)
	if t.number >= 0 {
		delete(f.waiting, t.called)
	}
	t.leg.Alert()
	t.leg.Answer()
	t.answered[0] = true
}

// peerTells deals with an event of the peer.
func (f *traffic) peerTells(event string) {
	words := strings.Fields(event)
	number := -1
	if len(words) > 1 {
		_, _ = fmt.Sscan(words[1], &number)
	}
	t := f.talks[number]
	switch {
	case words[0] == "dialling" && len(f.dialled) > 0:
		t, f.dialled[0] = f.dialled[0], nil
		f.dialled = f.dialled[1:]
		t.number, f.talks[number] = number, t
	case words[0] == "ring" && len(words) > 3:
		f.rung(number, words[3])
	case t == nil:
		f.fail(nil, "the peer told %q of no call that is up", event)
	case words[0] == "proceeding", words[0] == "alerting", words[0] == "connected":
	case words[0] == "answered":
		t.answered[1] = true
		f.talking(t)
	case words[0] == "hangup":
		_, _ = fmt.Sscan(words[3], &t.cause[1])
	case words[0] == "released":
		t.cleared[1] = true
		f.finish(t)
	default:
		f.fail(t, "the peer told %q", event)
	}
}

// rung: a call of ours reached the peer.
func (f *traffic) rung(number int, called string) {
	t := f.waiting[called]
	if t == nil || !t.ours {
		f.fail(nil, "the peer was rung for %s, which nobody called", called)
		return
	}
	delete(f.waiting, called)
	t.number, f.talks[number] = number, t
	f.peer.say("proceed %d\nalert %d inband\nanswer %d", number, number, number)
	t.answered[1] = true
}

// legTells deals with an event of a leg of ours.
func (f *traffic) legTells(h heard) {
	t := h.talk
	switch e := h.event.(type) {
	case call.Answered:
		t.answered[0] = true
		f.talking(t)
	case call.Cleared:
		t.cleared[0], t.cause[0] = true, int(e.Cause)
		if e.Remote == t.we && !t.givenUp {
			f.fail(t, "call %s was cleared by the wrong end: %+v", t.called, e)
		}
		f.finish(t)
	}
}

// talking: the call is answered at both ends.
func (f *traffic) talking(t *talk) {
	if t.answered != [2]bool{true, true} || t.due {
		return
	}
	t.due = true
	f.answeredIn = append(f.answeredIn, time.Since(t.began))
	time.AfterFunc(f.load.talks, func() { f.due <- t })
}

func (f *traffic) clear(t *talk) {
	if t.we {
		t.leg.Hangup(q850.NormalClearing)
	} else {
		f.peer.say("hangup %d 16", t.number)
	}
}

// finish: both ends have cleared, for the cause that one of them gave.
func (f *traffic) finish(t *talk) {
	if t.cleared != [2]bool{true, true} {
		return
	}
	if !t.givenUp && (!t.due || t.cause[0] != 16 || t.we && t.cause[1] != 16) {
		f.fail(t, "call %s ended with causes %v, answered %v", t.called, t.cause, t.answered)
	}
	f.done(t)
}

func (f *traffic) done(t *talk) {
	if !t.givenUp {
		f.over++
	}
	if t.ours {
		f.inFlight[0]--
	} else {
		f.inFlight[1]--
	}
	delete(f.waiting, t.called)
	delete(f.talks, t.number)
	if !t.ours {
		f.taken[t.channel] = false
	}
}
