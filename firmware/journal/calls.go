package journal

import "strings"

// Calls is the fold of events to call records. It keeps the newest calls up to a limit.
type Calls struct {
	limit int
	order []*entry // by arrival, oldest first
	byID  map[string]*entry
	words map[string]string
}

// NewCalls makes the fold with room for limit calls.
func NewCalls(limit int) *Calls {
	return &Calls{limit: limit, byID: map[string]*entry{}, words: map[string]string{}}
}

// Fold makes the records of the calls among events, oldest first.
func Fold(events []Event) []CDR {
	calls := NewCalls(len(events) + 1)
	for _, e := range events {
		calls.Add(e)
	}
	records := make([]CDR, 0, len(calls.order))
	for _, c := range calls.order {
		records = append(records, c.record())
	}
	return records
}

// Add takes the next event.
func (c *Calls) Add(e Event) {
	if e.Kind == BoxStarted {
		c.interrupted(e)
		return
	}
	if e.Call == "" {
		return
	}
	call := c.byID[e.Call]
	if call == nil {
		if e.Kind != CallArrived && e.Kind != CallDialled {
			return // its beginning is no longer in the journal
		}
		call = c.begin(e)
	}
	call.Last = e.Seq
	call.told(e)
	if call.progress == nil {
		return // it has ended
	}
	call.latest = e.At
	if call.add(e); e.Kind == CallEnded {
		c.close(call)
	}
}

// close lets go of what an ended call needs no more. Names that many records have are kept once.
func (c *Calls) close(call *entry) {
	call.progress = nil
	for _, name := range []*string{&call.Line, &call.Channel, &call.Called, &call.Menu, &call.Queue, &call.Agent, &call.EndedBy, &call.Reason, &call.about} {
		*name = c.word(*name)
	}
	for i := range call.Agents {
		call.Agents[i] = c.word(call.Agents[i])
	}
	call.Caller, call.CallerName = strings.Clone(call.Caller), strings.Clone(call.CallerName) // they may be a part of a whole message
}

// wordsMost is how many names are kept once.
const wordsMost = 1000

func (c *Calls) word(name string) string {
	if kept, known := c.words[name]; known {
		return kept
	}
	if len(c.words) >= wordsMost {
		clear(c.words)
	}
	name = strings.Clone(name)
	c.words[name] = name
	return name
}

// begin makes room for a new call.
func (c *Calls) begin(e Event) *entry {
	if len(c.order) >= c.limit {
		delete(c.byID, c.order[0].ID)
		c.order[0] = nil
		c.order = c.order[1:]
	}
	call := &entry{CDR: CDR{ID: strings.Clone(e.Call), Arrived: e.At, First: e.Seq, Agents: []string{}}, progress: &progress{}}
	c.order = append(c.order, call)
	c.byID[e.Call] = call
	return call
}

// interrupted ends every call that was up when the box last stopped without saying so.
func (c *Calls) interrupted(e Event) {
	for _, call := range c.order {
		if call.Ended.IsZero() {
			call.end(Event{At: call.latest, Kind: CallEnded, Fields: map[string]string{"by": "box", "cause": "41", "reason": string(BoxRestarted)}})
			if call.Outcome != Answered {
				call.Outcome = SystemError
			}
			c.close(call)
		}
	}
}

// List returns up to limit ended calls that pass, newest arrival first, beginning after the call before;
// an empty before begins with the newest.
func (c *Calls) List(filter Filter, limit int, before string) []CDR {
	list := []CDR{}
	skipping := before != ""
	for i := len(c.order) - 1; i >= 0 && len(list) < limit; i-- {
		call := c.order[i]
		if skipping {
			skipping = call.ID != before
			continue
		}
		if call.Outcome != "" && filter.Match(call.CDR) {
			list = append(list, call.record())
		}
	}
	return list
}
