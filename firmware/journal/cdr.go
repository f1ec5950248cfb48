package journal

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"trunkbox/firmware/q850"
)

// CDR is the record of one call. Times that did not come are zero; lengths are in milliseconds.
type CDR struct {
	ID         string    `json:"id"`
	Direction  string    `json:"direction"` // in, out, internal
	Line       string    `json:"line,omitempty"`
	Channel    string    `json:"channel,omitempty"`
	Caller     string    `json:"caller"`
	CallerName string    `json:"caller_name,omitempty"`
	Restricted bool      `json:"restricted,omitempty"` // the caller withheld the number
	Called     string    `json:"called"`
	Menu       string    `json:"menu,omitempty"`  // the last one
	Queue      string    `json:"queue,omitempty"` // the last one
	Agent      string    `json:"agent,omitempty"` // the last who talked; of an outgoing call, who dialled
	Agents     []string  `json:"agents"`          // all who talked, in order
	Moves      int       `json:"moves"`           // transfers
	Arrived    time.Time `json:"arrived"`
	Answered   time.Time `json:"answered"` // the line was answered: from here the carrier charges
	Joined     time.Time `json:"joined"`   // the first agent could talk with the other party
	Ended      time.Time `json:"ended"`
	WaitMS     int64     `json:"wait_ms"` // in queues
	RingMS     int64     `json:"ring_ms"` // at agents, or at the called party of an outgoing call
	TalkMS     int64     `json:"talk_ms"` // without hold
	HoldMS     int64     `json:"hold_ms"`
	Diverted   string    `json:"diverted,omitempty"` // who sent the call here
	Charge     string    `json:"charge,omitempty"`   // what the network charged, the last it told: "EUR 1.20", "5"
	Recording  Recorded  `json:"recording,omitempty"`
	Cause      int       `json:"cause"`            // Q.850
	Location   int       `json:"location"`         // Q.850
	EndedBy    string    `json:"ended_by"`         // caller, called, agent, box
	Outcome    Outcome   `json:"outcome"`          // empty as long as the call is up
	Reason     string    `json:"reason,omitempty"` // a Reason
	ReasonZH   string    `json:"reason_zh"`
	ReasonEN   string    `json:"reason_en"`
	First      Seq       `json:"first"` // its first and last event
	Last       Seq       `json:"last"`
}

// Recorded is what there is of a call to hear.
type Recorded string

// What there may be.
const (
	NotRecorded    Recorded = ""        // it was not to be recorded
	RecordingRuns  Recorded = "running" // or was not sealed yet
	RecordedWhole  Recorded = "kept"
	RecordedPartly Recorded = "partly" // from an agent's code on, or up to a queue whose calls are not recorded
	RecordingFails Recorded = "failed"
)

// recorded takes an event of the recording.
func (r *Recorded) recorded(e Event) {
	switch kind := e.Kind; {
	case *r == RecordedPartly:
	case kind == RecordingBegan && e.Fields["reason"] == "code":
		*r = RecordedPartly
	case kind == RecordingBegan:
		*r = RecordingRuns
	case kind == RecordingEnded:
		*r = RecordedWhole
	case kind == RecordingStopped:
		*r = RecordedPartly
	case kind == RecordingFailed:
		*r = RecordingFails
	}
}

// span is a stretch of time that is still open while began is set.
type span struct{ began time.Time }

func (s *span) begin(at time.Time) {
	if s.began.IsZero() {
		s.began = at
	}
}

// end closes the span and returns its length in milliseconds.
func (s *span) end(at time.Time) int64 {
	if s.began.IsZero() {
		return 0
	}
	length := at.Sub(s.began).Milliseconds()
	s.began = time.Time{}
	return max(length, 0)
}

// entry is a call's record, of which there are thousands, without its two sentences. While the call is up there is what they
// are made of, too.
type entry struct {
	CDR
	*progress
	about string // of Reason
}

// progress is a call on its way to be a record.
type progress struct {
	latest             time.Time // of its events
	waiting, ringing   span
	talking, holding   span
	left               Outcome // of the last queue
	dialled, connected bool
	refused            bool // an agent rung by extension did not answer
}

// record is the record with its sentences.
func (c *entry) record() CDR {
	r := c.CDR
	if r.Outcome != "" {
		r.ReasonZH, r.ReasonEN = c.sentence("zh"), c.sentence("en")
	}
	return r
}

// told takes what is told of a call at any time, also after its end.
func (c *entry) told(e Event) {
	f := e.Fields
	switch e.Kind {
	case CallNamed:
		if f["by"] == "caller" && c.CallerName == "" {
			c.CallerName = f["name"]
		}
	case CallCharged:
		if sum := f["amount"] + f["units"]; sum != "" && f["state"] != "rates" {
			c.Charge = sum
		}
	case RecordingBegan, RecordingEnded, RecordingStopped, RecordingFailed:
		c.Recording.recorded(e)
	}
}

// add takes one event of a call that is up.
func (c *entry) add(e Event) {
	f := e.Fields
	switch e.Kind {
	case CallArrived:
		c.Direction = "in"
		c.Line, c.Channel, c.Caller, c.CallerName, c.Called = f["line"], f["channel"], f["caller"], f["name"], f["called"]
		c.Restricted = f["restricted"] == "yes"
	case CallDialled:
		c.dial(e)
	case CallAlerting:
		c.ringing.begin(e.At)
	case CallAnswered:
		if c.Answered.IsZero() {
			c.Answered = e.At
		}
		if f["by"] == "far" {
			c.RingMS += c.ringing.end(e.At)
			c.join(e.At, "")
		}
	case MenuEntered:
		c.Menu = f["menu"]
	case QueueEntered:
		c.stopTalking(e.At)
		c.Queue, c.left = f["queue"], ""
		c.waiting.begin(e.At)
	case QueueLeft:
		c.leaveQueue(e)
	case AgentOffered:
		c.ringing.begin(e.At)
	case AgentRefused:
		c.RingMS += c.ringing.end(e.At)
		c.refused = true
	case AgentJoined:
		c.RingMS += c.ringing.end(e.At)
		c.join(e.At, f["agent"])
	case CallHeld:
		if !c.talking.began.IsZero() {
			c.TalkMS += c.talking.end(e.At)
			c.holding.begin(e.At)
		}
	case CallResumed:
		if !c.holding.began.IsZero() {
			c.HoldMS += c.holding.end(e.At)
			c.talking.begin(e.At)
		}
	case CallMoved:
		c.stopTalking(e.At)
		c.Moves++
	case CallDiverted:
		c.Diverted = f["caller"]
	case CallEnded:
		c.end(e)
	}
}

// dial takes the dialling of a call: first by the agent, then, perhaps more than once, on a line.
func (c *entry) dial(e Event) {
	f := e.Fields
	if c.Direction == "" {
		c.Direction, c.Agent, c.Caller, c.Called, c.dialled = "internal", f["agent"], f["agent"], f["called"], true
	}
	if f["line"] == "" {
		return
	}
	if c.Direction == "internal" {
		c.Direction = "out"
		if f["caller"] != "" {
			c.Caller = f["caller"]
		}
	}
	if c.dialled {
		c.Line, c.Channel, c.Called = f["line"], f["channel"], f["called"]
	}
}

// join begins talking; agent is empty when the called party of a dialled call answered.
func (c *entry) join(at time.Time, agent string) {
	c.connected = true
	if c.Joined.IsZero() {
		c.Joined = at
	}
	if agent == "" {
		agent = c.Agent
	} else if !c.dialled || c.Moves > 0 {
		c.Agent = agent
	}
	if agent != "" && !slices.Contains(c.Agents, agent) {
		c.Agents = append(c.Agents, agent)
	}
	c.talking.begin(at)
}

func (c *entry) stopTalking(at time.Time) {
	c.TalkMS += c.talking.end(at)
	c.HoldMS += c.holding.end(at)
	c.ringing.end(at)
}

// leaveQueue takes the wait from the event, which measured it, or from the clock.
func (c *entry) leaveQueue(e Event) {
	waited := c.waiting.end(e.At)
	if ms, err := strconv.ParseInt(e.Fields["ms"], 10, 64); err == nil {
		waited = ms
	}
	c.Queue, c.left = e.Fields["queue"], Outcome(e.Fields["outcome"])
	c.WaitMS += waited
	if c.left == Abandoned && time.Duration(waited)*time.Millisecond < ShortWait {
		c.left = ShortAbandon
	}
}

// end closes the record.
func (c *entry) end(e Event) {
	f := e.Fields
	c.stopTalking(e.At)
	c.WaitMS += c.waiting.end(e.At)
	c.Ended = e.At
	c.Cause, _ = strconv.Atoi(f["cause"])
	c.Location, _ = strconv.Atoi(f["location"])
	c.EndedBy, c.Reason, c.about = f["by"], f["reason"], f["about"]
	c.Outcome = c.outcome()
}

// outcome decides how the call came out.
func (c *entry) outcome() Outcome {
	switch {
	case c.connected:
		return Answered
	case c.Queue != "" && c.left != "":
		return c.left
	case c.Queue != "":
		return SystemError // it was waiting and nobody said how it left
	case c.Direction == "in" && c.Menu != "" && !c.refused:
		return Menu
	case !c.Answered.IsZero() && !c.refused && c.Direction != "out" && q850.Cause(c.Cause) == q850.NormalClearing:
		return Menu // the box itself was called: a feature code, the echo test, a prompt
	}
	switch q850.Cause(c.Cause) {
	case q850.UserBusy:
		return Busy
	case q850.NoUserResponding, q850.NoAnswer, q850.SubscriberAbsent:
		return NoAnswer
	case q850.CallRejected:
		return Rejected
	}
	switch {
	case c.EndedBy == "caller" || (c.dialled && c.EndedBy == "agent"):
		return Cancelled
	case c.refused:
		return NoAnswer
	}
	return Failed
}

func (c *entry) sentence(lang string) string {
	var parts []string
	say := func(zh, en string) { parts = append(parts, pick(lang, zh, en)) }
	queue := ""
	if c.Queue != "" {
		queue = pick(lang, "（队列“"+c.Queue+"”）", " (queue "+c.Queue+")")
	}
	waited := length(lang, c.WaitMS)
	switch {
	case c.Outcome == Answered && c.Direction == "in":
		who := strings.Join(c.Agents, pick(lang, "、", ", "))
		if who == "" {
			say("外线接听"+queue, "a party outside answered"+queue)
		} else {
			say("坐席 "+who+" 接听"+queue, "agent "+who+" answered"+queue)
		}
		if c.Queue != "" {
			say("等待 "+waited, "the caller waited "+waited)
		}
		say("通话 "+length(lang, c.TalkMS), "they talked "+length(lang, c.TalkMS))
	case c.Outcome == Answered:
		say("对方应答，通话 "+length(lang, c.TalkMS), "the called party answered and they talked "+length(lang, c.TalkMS))
	case c.Queue != "":
		say(c.Outcome.Plain("zh")+queue+"，等待 "+waited, c.Outcome.Plain("en")+queue+" after "+waited)
	default:
		parts = append(parts, c.Outcome.Plain(lang))
	}
	parts = append(parts, end{c.EndedBy, c.Cause, c.Location, c.Reason, c.about}.say(lang))
	return strings.Join(parts, pick(lang, "；", "; "))
}
