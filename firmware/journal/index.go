package journal

import (
	"bytes"
	"os"
	"strings"
	"time"
)

// Filter chooses call records. Zero fields let everything pass.
type Filter struct {
	From, To time.Time // of arrival; To itself is not in it
	Text     string    // in caller, name, called, line, call number; without regard to case
	Queue    string
	Agent    string // talked, or dialled
	Outcome  Outcome
}

// Match says whether a record passes.
func (f Filter) Match(c CDR) bool {
	if !f.From.IsZero() && c.Arrived.Before(f.From) || !f.To.IsZero() && !c.Arrived.Before(f.To) {
		return false
	}
	if f.Queue != "" && c.Queue != f.Queue || f.Outcome != "" && c.Outcome != f.Outcome {
		return false
	}
	if f.Agent != "" && c.Agent != f.Agent {
		found := false
		for _, agent := range c.Agents {
			found = found || agent == f.Agent
		}
		if !found {
			return false
		}
	}
	text := strings.ToLower(strings.TrimSpace(f.Text))
	if text == "" {
		return true
	}
	for _, field := range []string{c.Caller, c.CallerName, c.Called, c.Line, c.ID} {
		if strings.Contains(strings.ToLower(field), text) {
			return true
		}
	}
	return false
}

// Calls returns up to limit ended calls that pass, newest arrival first, beginning after the call before;
// an empty before begins with the newest. It knows the calls of the index.
func (j *Journal) Calls(filter Filter, limit int, before string) []CDR {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.calls.List(filter, limit, before)
}

// Call returns one call of the index, also one that is still up, and its events.
func (j *Journal) Call(id string) (CDR, []Event, bool) {
	j.mu.Lock()
	call := j.calls.byID[id]
	if call == nil {
		j.mu.Unlock()
		return CDR{}, nil, false
	}
	record := call.record()
	j.mu.Unlock()
	var events []Event
	for e, err := range j.Read(record.First) {
		if err != nil {
			continue
		}
		if e.Seq > record.Last {
			break
		}
		if e.Call == id {
			events = append(events, e)
		}
	}
	return record, events, true
}

// Today returns the figures since midnight.
func (j *Journal) Today() Day {
	now := time.Now()
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.figures.Day(j.figures.Date(now), now)
}

// Queue returns a queue's figures since midnight.
func (j *Journal) Queue(name string) QueueDay {
	j.mu.Lock()
	defer j.mu.Unlock()
	if d := j.figures.days[j.figures.Date(time.Now())]; d != nil && d.queues[name] != nil {
		copied := *d.queues[name]
		copied.Outcomes = nil
		return copied
	}
	return QueueDay{}
}

// Agent returns an agent's figures since midnight; log-ins and pauses that last are not in them (see Today).
func (j *Journal) Agent(extension string) AgentDay {
	j.mu.Lock()
	defer j.mu.Unlock()
	if d := j.figures.days[j.figures.Date(time.Now())]; d != nil && d.agents[extension] != nil {
		return *d.agents[extension]
	}
	return AgentDay{}
}

// Day returns the figures of one date (2026-03-01). For a date before those in memory the journal is read
// from the day before, so that who was logged in at midnight is known if it was seen that day.
func (j *Journal) Day(date string) (Day, error) {
	now := time.Now()
	j.mu.Lock()
	zone, first := j.figures.zone, j.figures.first
	begins, err := time.ParseInLocation(time.DateOnly, date, zone)
	if err != nil || (!first.IsZero() && begins.After(first.AddDate(0, 0, 1))) || date == j.figures.Date(now) {
		defer j.mu.Unlock()
		return j.figures.Day(date, now), err
	}
	j.mu.Unlock()
	figures := NewFigures(zone)
	ends := begins.AddDate(0, 0, 1)
	for e, err := range j.Between(begins.AddDate(0, 0, -1), ends.AddDate(0, 0, 1)) {
		if err == nil {
			figures.Add(e)
		}
	}
	return figures.Day(date, now), nil
}

// SetZone changes where a day begins. The figures are counted again from what the index covers.
func (j *Journal) SetZone(zone *time.Location) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.options.Zone.String() == zone.String() {
		return
	}
	j.options.Zone = zone
	j.figures = NewFigures(zone)
	for _, s := range j.segments {
		if s.last < j.folded {
			continue
		}
		previous := Seq(0)
		for e, err := range s.events(j.folded, &previous) {
			if err == nil && e.Seq >= j.folded {
				j.figures.Add(e)
			}
		}
	}
	for _, l := range j.unsaved.lines {
		j.figures.Add(l.event())
	}
}

// foldNewest fills index and figures from the newest segments: as many as hold the calls of the index and
// the figures of today and yesterday.
func (j *Journal) foldNewest() {
	yesterday := time.Now().AddDate(0, 0, -2)
	begin, calls := len(j.segments), 0
	for begin > 0 && (calls < j.options.Calls || j.segments[begin-1].late.After(yesterday)) {
		begin--
		calls += countCalls(j.segments[begin].path)
	}
	for _, s := range j.segments[begin:] {
		previous := Seq(0)
		for e, err := range s.events(0, &previous) {
			if err != nil {
				continue
			}
			if j.folded == 0 {
				j.folded = e.Seq
			}
			j.calls.Add(e)
			j.figures.Add(e)
		}
	}
}

// countCalls counts the calls that begin in a segment, without decoding it.
func countCalls(path string) int {
	octets, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	return bytes.Count(octets, []byte(`"kind":"`+string(CallArrived)+`"`)) + bytes.Count(octets, []byte(`"kind":"`+string(CallDialled)+`"`))
}
