package journal

import (
	"maps"
	"strconv"
	"time"
)

// daysKept is how many days of figures stay in memory.
const daysKept = 40

// Figures is the fold of events to daily figures.
type Figures struct {
	zone   *time.Location
	first  time.Time // of the first event
	days   map[string]*day
	stays  map[string]stay // by call: in a queue now
	talks  map[string]talk // by call: an agent talks now
	agents map[string]*duty
}

type day struct {
	queues map[string]*QueueDay
	agents map[string]*AgentDay
}

// stay is a call in a queue.
type stay struct {
	queue string
	at    time.Time
}

// talk is an agent on a call.
type talk struct {
	queue, agent string
	since        time.Time
	held         bool
}

// duty is what an agent is doing, across calls.
type duty struct {
	in, paused, wrapUp span
	ringing            span
	queue              string // of the last call, for its wrap-up
}

// NewFigures makes the fold; a day begins at midnight in zone.
func NewFigures(zone *time.Location) *Figures {
	return &Figures{zone: zone, days: map[string]*day{}, stays: map[string]stay{}, talks: map[string]talk{}, agents: map[string]*duty{}}
}

// Date is the day of a time, 2026-03-01.
func (f *Figures) Date(at time.Time) string { return at.In(f.zone).Format(time.DateOnly) }

func (f *Figures) day(at time.Time) *day {
	date := f.Date(at)
	d := f.days[date]
	if d == nil {
		d = &day{queues: map[string]*QueueDay{}, agents: map[string]*AgentDay{}}
		f.days[date] = d
		oldest := at.AddDate(0, 0, -daysKept)
		maps.DeleteFunc(f.days, func(date string, _ *day) bool { return date < f.Date(oldest) })
	}
	return d
}

func (f *Figures) queue(name string, at time.Time) *QueueDay {
	d := f.day(at)
	if d.queues[name] == nil {
		d.queues[name] = &QueueDay{Outcomes: map[Outcome]int{}}
	}
	return d.queues[name]
}

func (f *Figures) agent(extension string, at time.Time) *AgentDay {
	d := f.day(at)
	if d.agents[extension] == nil {
		d.agents[extension] = &AgentDay{}
	}
	return d.agents[extension]
}

// duty returns what is known of an agent. Who is first seen working was logged in before the first event.
func (f *Figures) duty(extension string, working bool) *duty {
	d := f.agents[extension]
	if d == nil {
		d = &duty{}
		f.agents[extension] = d
		if working {
			d.in.begin(f.first)
		}
	}
	return d
}

// spread adds the time from since to at to each day it touches.
func (f *Figures) spread(extension string, s *span, at time.Time, to func(*AgentDay) *int64) {
	if s.began.IsZero() {
		return
	}
	for from := s.began; from.Before(at); {
		local := from.In(f.zone)
		midnight := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, f.zone)
		until := at
		if midnight.Before(at) {
			until = midnight
		}
		*to(f.agent(extension, from)) += until.Sub(from).Milliseconds()
		from = until
	}
	s.began = time.Time{}
}

// Add takes the next event.
func (f *Figures) Add(e Event) {
	if f.first.IsZero() {
		f.first = e.At
	}
	agent := e.Fields["agent"]
	switch e.Kind {
	case QueueEntered, QueueLeft:
		f.addQueue(e)
	case AgentOffered, AgentRefused, AgentJoined:
		f.addRing(e, agent)
	case CallDialled:
		if agent != "" {
			f.agent(agent, e.At).Dialled++
			f.talks[e.Call] = talk{agent: agent}
		}
	case CallAnswered:
		if t, dialling := f.talks[e.Call]; dialling && e.Fields["by"] == "far" && t.since.IsZero() {
			f.agent(t.agent, e.At).Connected++
			t.since = e.At
			f.talks[e.Call] = t
		}
	case CallHeld, CallResumed:
		f.hold(e, e.Kind == CallHeld)
	case CallMoved:
		f.stopTalk(e)
	case CallEnded:
		f.stopTalk(e)
		f.endStay(e)
	case AgentIn, AgentOut, AgentPaused, AgentResumed, AgentWrapUp, AgentReady:
		f.addDuty(e, agent)
	case BoxStarted:
		f.restart(e.At)
	}
}

// addQueue takes a call's coming and going.
func (f *Figures) addQueue(e Event) {
	name := e.Fields["queue"]
	if e.Kind == QueueEntered {
		f.stopTalk(e)
		f.endStay(e)
		f.stays[e.Call] = stay{name, e.At}
		q := f.queue(name, e.At)
		q.Offered++
		q.Waiting++
		return
	}
	s, inside := f.stays[e.Call]
	if !inside || s.queue != name { // refused before it came in: full, closed, nobody there
		s = stay{name, e.At}
		q := f.queue(name, e.At)
		q.Offered++
		q.Waiting++
	}
	waited := e.At.Sub(s.at).Milliseconds()
	if ms, err := strconv.ParseInt(e.Fields["ms"], 10, 64); err == nil {
		waited = ms
	}
	f.leave(e.Call, s, Outcome(e.Fields["outcome"]), waited)
}

// leave books one stay under its outcome.
func (f *Figures) leave(call string, s stay, outcome Outcome, waitedMS int64) {
	delete(f.stays, call)
	q := f.queue(s.queue, s.at)
	waited := time.Duration(waitedMS) * time.Millisecond
	q.Waiting--
	q.WaitMS += waitedMS
	q.LongestMS = max(q.LongestMS, waitedMS)
	switch outcome {
	case Answered:
		q.Answered++
		q.AnsweredMS += waitedMS
		if waited <= TargetWait {
			q.InTarget++
		}
	case Abandoned, ShortAbandon:
		q.Abandoned++
		q.AbandonedMS += waitedMS
		outcome = Abandoned
		if waited <= TargetWait {
			q.AbandonedInT++
		}
		if waited < ShortWait {
			q.Short++
			outcome = ShortAbandon
		}
	case Timeout, Full, Closed, JoinEmpty, LeaveEmpty, ExitKey, DivertWait, DivertRatio, Transferred:
		q.Overflowed++
	case Callback:
		q.Callback++
	case Voicemail:
		q.Voicemail++
	default:
		q.Lost++
		outcome = SystemError
	}
	q.Outcomes[outcome]++
}

// endStay books a call that ended, or entered another queue, without leaving the first.
func (f *Figures) endStay(e Event) {
	s, inside := f.stays[e.Call]
	if !inside {
		return
	}
	outcome := SystemError
	if e.Kind == CallEnded && e.Fields["by"] == "caller" {
		outcome = Abandoned
	}
	f.leave(e.Call, s, outcome, e.At.Sub(s.at).Milliseconds())
}

// addRing takes the ringing of an agent and how it ended.
func (f *Figures) addRing(e Event, agent string) {
	d, day := f.duty(agent, true), f.agent(agent, e.At)
	rung := func() int64 {
		ms := d.ringing.end(e.At)
		if given, err := strconv.ParseInt(e.Fields["ms"], 10, 64); err == nil {
			ms = given
		}
		return ms
	}
	switch e.Kind {
	case AgentOffered:
		day.Offered++
		d.ringing.begin(e.At)
	case AgentRefused:
		if e.Fields["reason"] == "caller_left" {
			day.Withdrawn++
		} else {
			day.Missed++
		}
		day.RingMS += rung()
	case AgentJoined:
		f.stopTalk(e)
		day.Answered++
		day.RingMS += rung()
		d.queue = e.Fields["queue"]
		f.talks[e.Call] = talk{queue: d.queue, agent: agent, since: e.At}
	}
}

// hold changes between talking and holding.
func (f *Figures) hold(e Event, held bool) {
	t, talking := f.talks[e.Call]
	if !talking || t.since.IsZero() || t.held == held {
		return
	}
	f.book(t, e.At)
	t.since, t.held = e.At, held
	f.talks[e.Call] = t
}

// book adds a stretch of talk or hold to the agent's day and the queue's.
func (f *Figures) book(t talk, at time.Time) {
	if t.since.IsZero() {
		return
	}
	ms := max(at.Sub(t.since).Milliseconds(), 0)
	day := f.agent(t.agent, t.since)
	if t.held {
		day.HoldMS += ms
	} else {
		day.TalkMS += ms
	}
	if t.queue == "" {
		return
	}
	q := f.queue(t.queue, t.since)
	if t.held {
		q.HoldMS += ms
	} else {
		q.TalkMS += ms
	}
}

func (f *Figures) stopTalk(e Event) {
	if t, talking := f.talks[e.Call]; talking {
		f.book(t, e.At)
		delete(f.talks, e.Call)
	}
}

// addDuty takes an agent's log-ins, pauses and wrap-up.
func (f *Figures) addDuty(e Event, agent string) {
	d := f.duty(agent, e.Kind != AgentIn)
	loggedIn := func(day *AgentDay) *int64 { return &day.LoggedInMS }
	paused := func(day *AgentDay) *int64 { return &day.PausedMS }
	if !d.wrapUp.began.IsZero() && e.Kind != AgentWrapUp {
		ms := d.wrapUp.end(e.At)
		f.agent(agent, e.At).WrapUpMS += ms
		if d.queue != "" {
			f.queue(d.queue, e.At).WrapUpMS += ms
		}
	}
	switch e.Kind {
	case AgentIn:
		d.in.begin(e.At)
	case AgentOut:
		f.spread(agent, &d.in, e.At, loggedIn)
		f.spread(agent, &d.paused, e.At, paused)
	case AgentPaused:
		d.paused.begin(e.At)
	case AgentResumed:
		f.spread(agent, &d.paused, e.At, paused)
	case AgentWrapUp:
		d.wrapUp.begin(e.At)
	}
}

// restart books what a box that stopped left open: its calls are lost, its pauses over.
func (f *Figures) restart(at time.Time) {
	for call, s := range f.stays {
		f.leave(call, s, SystemError, 0)
	}
	clear(f.talks)
	for extension, d := range f.agents {
		f.spread(extension, &d.paused, at, func(day *AgentDay) *int64 { return &day.PausedMS })
		d.wrapUp, d.ringing = span{}, span{}
	}
}

// Day returns the figures of one date, with log-ins and pauses that still last counted up to now.
func (f *Figures) Day(date string, now time.Time) Day {
	result := Day{Date: date, Queues: map[string]QueueDay{}, Agents: map[string]AgentDay{}}
	if d := f.days[date]; d != nil {
		for name, q := range d.queues {
			copied := *q
			copied.Outcomes = maps.Clone(q.Outcomes)
			result.Queues[name] = copied
		}
		for extension, a := range d.agents {
			result.Agents[extension] = *a
		}
	}
	for extension, d := range f.agents {
		a, known := result.Agents[extension]
		in, paused := f.share(d.in, date, now), f.share(d.paused, date, now)
		if !known && in == 0 && paused == 0 {
			continue
		}
		a.LoggedInMS += in
		a.PausedMS += paused
		result.Agents[extension] = a
	}
	return result
}

// share is how much of an open span lies in a date.
func (f *Figures) share(s span, date string, now time.Time) int64 {
	begins, err := time.ParseInLocation(time.DateOnly, date, f.zone)
	if err != nil || s.began.IsZero() {
		return 0
	}
	ends := begins.AddDate(0, 0, 1)
	from, to := s.began, now
	if from.Before(begins) {
		from = begins
	}
	if ends.Before(to) {
		to = ends
	}
	return max(to.Sub(from).Milliseconds(), 0)
}
