package exchange

import (
	"cmp"
	"slices"
	"time"

	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/record"
)

// taping is the recording of a call: the tape, and the parties that it is shown.
type taping struct {
	tape   *record.Tape
	taps   []tapping
	agents []string // who is in it
	asked  string   // the extension that began it by its code
	paused string   // the extension that paused it
	told   bool     // the consent prompt was played, or there is none
	failed bool     // the journal knows that it could not begin
}

// tapping is a party whom the tape is shown.
type tapping struct {
	party *bridge.Party
	tap   bridge.Tap
}

// beginning is where in a call its recording begins, as the settings and the journal name it.
type beginning string

const (
	never    beginning = "off"
	atAnswer beginning = "answer" // an agent's
	inQueue  beginning = "queue"  // the first
	byCode   beginning = "code"   // where an agent keys it
)

// unasked says whether it begins by itself.
func (b beginning) unasked() bool { return b == atAnswer || b == inQueue }

// due says whether it begins here, unless it has begun before; asked is whether an agent has keyed the code.
func (b beginning) due(here beginning, asked bool) bool {
	switch b {
	case inQueue:
		return true
	case atAnswer:
		return here != inQueue
	case byCode:
		return here != inQueue && asked
	}
	return false
}

// wanted says from where on the call is to be recorded.
func (c *Call) wanted() beginning {
	start := beginning(c.x.settings.Recording.Start)
	if c.line == "" {
		return never
	}
	switch c.x.queueSettings(c.served).Record {
	case "no":
		return never
	case "yes":
		if !start.unasked() {
			return atAnswer
		}
	}
	return start
}

// consent plays the consent prompt before the first recording of a call, and then goes on with next; false says that
// there is nothing to play.
func (c *Call) consent(next func()) bool {
	prompt := c.x.settings.Recording.Consent
	if c.taping.told || prompt == "" || !c.wanted().unasked() {
		return false
	}
	c.taping.told = true
	c.answer()
	c.caller.ListenForKeys(false)
	c.note(journal.ConsentPlayed, "name", prompt)
	c.play(c.x.clips(prompt), next)
	return true
}

// record begins the recording, if the call is to be recorded from here, and ends one that is not to go on.
func (c *Call) record(here beginning) {
	from := c.wanted()
	if from == never && c.taping.tape != nil {
		c.endRecording()
		c.note(journal.RecordingStopped, "queue", c.served)
	}
	running := c.taping.tape != nil && c.taping.tape.Running()
	if running || !from.due(here, c.taping.asked != "") {
		return
	}
	by := ""
	if from == byCode {
		here, by = byCode, c.taping.asked
	}
	c.endRecording()
	err := errNoRecorder
	var tape *record.Tape
	if c.x.recorder != nil {
		tape, err = c.x.recorder.Start(record.About{
			Call: c.id, Began: time.Now(), Queue: c.served, Agent: c.agentOf(), Caller: c.calling.Digits, Called: c.called,
		})
	}
	if err != nil {
		if !c.taping.failed {
			c.note(journal.RecordingFailed, "detail", err.Error())
		}
		c.taping.failed = true
		return
	}
	c.taping.tape, c.taping.taps, c.taping.agents = tape, nil, nil
	c.note(journal.RecordingBegan, "reason", string(here), "by", by)
	if c.taping.told {
		tape.Mark("consent")
	}
	c.tapWords()
	c.tellOfRecording()
}

// tellOfRecording says the consent prompt into a talk whose recording has begun without it: all hear it, once all can.
func (c *Call) tellOfRecording() {
	prompt := c.x.settings.Recording.Consent
	deaf := func(s *call.Side) bool { return s.Party() == nil }
	if c.taping.tape == nil || c.taping.told || prompt == "" || c.joined.IsZero() || slices.ContainsFunc(c.sides(), deaf) {
		return
	}
	if len(c.lay(prompt, c.sides())) > 0 {
		c.taping.told = true
		c.note(journal.ConsentPlayed, "name", prompt, "to", "all")
		c.taping.tape.Mark("consent")
	}
}

// agentOf is the extension on our side of the call, empty while there is none.
func (c *Call) agentOf() string {
	for _, s := range c.sides() {
		if s.Phone != "" {
			return s.Phone
		}
	}
	return ""
}

// tap shows the tape the parties of the call: the outside one left, all others right, also while they hold.
func (c *Call) tap() {
	tape := c.taping.tape
	if tape == nil {
		return
	}
	present := c.tapped()
	c.taping.taps = slices.DeleteFunc(c.taping.taps, func(t tapping) bool {
		if left, is := present[t.party]; !is || left != (t.tap == bridge.Tap(tape)) {
			t.party.Detach(t.tap)
			return true
		}
		delete(present, t.party)
		return false
	})
	for p, left := range present {
		var tap bridge.Tap = tape.Agent()
		if left {
			tap = tape
		}
		c.taping.taps = append(c.taping.taps, tapping{p, tap})
		p.Attach(tap)
	}
	stayed := false // who paused it
	for _, s := range c.sides() {
		stayed = stayed || s.Phone == c.taping.paused
		if s.Phone != "" && !slices.Contains(c.taping.agents, s.Phone) {
			c.taping.agents = append(c.taping.agents, s.Phone)
			tape.With(s.Phone, c.served)
		}
	}
	if tape.Paused() && !stayed {
		tape.Resume()
		c.note(journal.RecordingResumed, "by", "box")
	}
}

// tapped are the parties that the tape is shown, and which of them is left: the first from outside, or the first of all
// when only ours are left. Supervisors are heard by the tape when the caller hears them. While something is announced to
// the left one the tape is shown no other: right is then what the left one hears, the words and the others under them.
func (c *Call) tapped() map[*bridge.Party]bool {
	parties := map[*bridge.Party]bool{}
	var first, outside *call.Side
	for _, s := range c.sides() {
		p := s.Party()
		if p == nil {
			continue
		}
		parties[p] = false
		if first == nil {
			first = s
		}
		if outside == nil && s.Phone == "" {
			outside = s
		}
	}
	left := cmp.Or(outside, first)
	switch {
	case left == nil:
	case left.Announced():
		return map[*bridge.Party]bool{left.Party(): true}
	default:
		parties[left.Party()] = true
	}
	for _, w := range c.watchers {
		if p := w.side.Party(); p != nil && w.how == barging {
			parties[p] = false
		}
	}
	return parties
}

// mark notes in the recording what happens now.
func (c *Call) mark(what string) {
	if c.taping.tape != nil {
		c.taping.tape.Mark(what)
	}
}

// pauseRecording stops the recording at an agent's code, so that a card number is not in it, and goes on with it at the
// next. Where the settings leave it to the agent it begins with the first.
func (c *Call) pauseRecording(by *call.Side, _ string) {
	tape := c.taping.tape
	switch {
	case tape == nil && c.wanted() == byCode:
		c.taping.asked = by.Phone
		c.record(byCode)
	case tape == nil:
		c.beep(by, false)
	case tape.Paused():
		tape.Resume()
		c.note(journal.RecordingResumed, "by", by.Phone)
	default:
		c.taping.paused = by.Phone
		tape.Pause()
		c.note(journal.RecordingPaused, "by", by.Phone)
	}
	c.x.watch.tell()
}

// recordingNow is what the snapshot tells of the recording: on, paused, failed, or nothing.
func (c *Call) recordingNow() string {
	tape := c.taping.tape
	switch {
	case tape == nil && c.taping.failed, tape != nil && !tape.Running():
		return "failed"
	case tape == nil:
		return ""
	case tape.Paused():
		return "paused"
	}
	return "on"
}

// endRecording lets the recorder seal the tape.
func (c *Call) endRecording() {
	tape := c.taping.tape
	if tape == nil {
		return
	}
	tape.End()
	for _, t := range c.taping.taps {
		t.party.Detach(t.tap)
	}
	c.taping.tape, c.taping.taps = nil, nil
}
