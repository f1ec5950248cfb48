package exchange

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/record"
)

// taping is the recording of a call: the tape, and the parties that it is shown.
type taping struct {
	tape *record.Tape
	taps map[*bridge.Party]bridge.Tap
	told bool // the consent prompt was played, or there is none
}

// newRecorder makes the recorder of the box. Without one, calls go on and are not recorded.
func (x *Exchange) newRecorder() {
	if x.Recordings == "" {
		return
	}
	recorder, err := record.New(record.Options{Dir: x.Recordings, Log: x.Log, Report: x.recorded})
	if err != nil {
		x.noticeFault("recordings", "录音不可用", "Calls cannot be recorded", err)
		return
	}
	x.recorder = recorder
	x.setRecording(x.settings.Recording)
}

// Recorder gives the recordings to those who show them; nil when there are none.
func (x *Exchange) Recorder() *record.Recorder { return x.recorder }

func (x *Exchange) setRecording(r config.Recording) {
	if x.recorder != nil {
		x.recorder.Set(record.Rules{
			Stereo: r.Stereo, Keep: time.Duration(r.KeepDays) * 24 * time.Hour,
			Floor: time.Duration(r.FloorDays) * 24 * time.Hour, LeastMin: uint64(r.MinFreeMB) << 20,
		})
	}
}

// runRecorder writes recordings, and matches each night the talks of the day before with them.
func (x *Exchange) runRecorder(ctx context.Context) {
	if x.recorder == nil {
		return
	}
	x.loop.Post(x.matchNightly)
	x.recorder.Run(ctx.Done())
}

// wanted says whether the call is to be recorded, from an agent's answer on or from the first queue.
func (c *Call) wanted() (from string) {
	r := c.x.settings.Recording
	if c.x.recorder == nil || c.line == "" {
		return "off"
	}
	switch c.x.queueSettings(c.served).Record {
	case "no":
		return "off"
	case "yes":
		if r.Start == "off" {
			return "answer"
		}
	}
	return r.Start
}

// consent plays the consent prompt before the first recording of a call, and then goes on with next; false says that
// there is nothing to play.
func (c *Call) consent(next func()) bool {
	prompt := c.x.settings.Recording.Consent
	if c.taping.told || prompt == "" || c.wanted() == "off" {
		return false
	}
	c.taping.told = true
	c.answer()
	c.note(journal.ConsentPlayed, "name", prompt)
	c.play(c.x.clips(prompt), next)
	return true
}

// record begins the recording, if the call is to be recorded from here.
func (c *Call) record(here string) {
	from := c.wanted()
	if c.taping.tape != nil || from == "off" || here == "queue" && from != "queue" {
		return
	}
	tape, err := c.x.recorder.Start(record.About{
		Call: c.id, Began: time.Now(), Queue: c.served, Agent: c.agentOf(), Caller: c.calling.Digits, Called: c.called,
	})
	if err != nil {
		c.note(journal.RecordingFailed, "detail", err.Error())
		return
	}
	c.taping.tape, c.taping.taps = tape, map[*bridge.Party]bridge.Tap{}
	c.note(journal.RecordingBegan, "reason", here)
	c.tap()
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
	if agent := c.agentOf(); agent != "" {
		tape.With(agent, c.served)
	}
	present, left := map[*bridge.Party]bool{}, false
	for _, s := range c.sides() {
		p := s.Party()
		if p == nil {
			continue
		}
		present[p] = true
		outside := s.Phone == "" && !left
		left = left || outside
		if c.taping.taps[p] != nil {
			continue
		}
		var tap bridge.Tap = tape.Agent()
		if outside {
			tap = tape
		}
		c.taping.taps[p] = tap
		p.Attach(tap)
	}
	for p, tap := range c.taping.taps {
		if !present[p] {
			p.Detach(tap)
			delete(c.taping.taps, p)
		}
	}
}

// mark notes in the recording what happens now.
func (c *Call) mark(what string) {
	if c.taping.tape != nil {
		c.taping.tape.Mark(what)
	}
}

// pauseRecording stops the recording at an agent's code, so that a card number is not in it, and goes on with it at the
// next.
func (c *Call) pauseRecording(by *call.Side, _ string) {
	tape := c.taping.tape
	switch {
	case tape == nil:
	case tape.Paused():
		tape.Resume()
		c.note(journal.RecordingResumed, "by", by.Phone)
	default:
		tape.Pause()
		c.note(journal.RecordingPaused, "by", by.Phone)
	}
}

// endRecording lets the recorder seal the tape.
func (c *Call) endRecording() {
	if c.taping.tape != nil {
		c.taping.tape.End()
	}
}

// recorded writes down what the recorder reports. It is called from the recorder's goroutine.
func (x *Exchange) recorded(r record.Report) {
	switch r.Kind {
	case record.Ended:
		x.note(r.Call, journal.RecordingEnded, "file", r.File, "ms", strconv.FormatInt(r.Last.Milliseconds(), 10), "lost_ms", milliseconds(r.Lost))
	case record.Failed:
		x.note(r.Call, journal.RecordingFailed, "file", r.File, "detail", r.Err.Error())
	case record.Deleted:
		x.Log.Info("a recording was deleted", "file", r.File)
	case record.Stepped:
		x.note("", journal.RecordingStep, "state", r.Step.String(), "about", strconv.FormatUint(r.Free>>20, 10))
		x.loop.Post(func() { x.noticeStep(r.Step, r.Free) })
	}
}

// noticeStep shows how much is recorded when the disk is too full for all.
func (x *Exchange) noticeStep(step record.Step, free uint64) {
	const id = "recordings_step"
	switch step {
	case record.Full:
		x.clearNotice(id)
	case record.Mono:
		x.notice(id, fmt.Sprintf("磁盘快满了（剩 %d MB），新的录音改为单声道；电话照常。", free>>20),
			fmt.Sprintf("The disk is nearly full (%d MB left); new recordings have one channel. Calls go on as always.", free>>20))
	case record.Stopped:
		x.notice(id, fmt.Sprintf("磁盘已满（剩 %d MB），不再录音；电话照常。请删除旧录音或换更大的磁盘。", free>>20),
			fmt.Sprintf("The disk is full (%d MB left) and nothing more is recorded. Calls go on as always. Delete old recordings or use a larger disk.", free>>20))
	}
}

// matchHour is when the talks of the day before are matched with their recordings, in the box's time zone.
const matchHour = 3

// matchNightly matches at each matchHour.
func (x *Exchange) matchNightly() {
	now := time.Now().In(x.zone())
	next := time.Date(now.Year(), now.Month(), now.Day(), matchHour, 0, 0, 0, now.Location())
	if !next.After(now) {
		next = next.AddDate(0, 0, 1)
	}
	x.loop.After(time.Until(next), func() {
		x.disk.Post(func() { x.match(next.AddDate(0, 0, -1)) })
		x.matchNightly()
	})
}

func (x *Exchange) zone() *time.Location {
	zone, err := time.LoadLocation(x.settings.Box.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// match lists the answered calls of the day that began at the midnight before at, and writes down those whose recording
// is missing or too short. What was not to be recorded has no beginning of a recording in the journal and is left out by
// the settings of today.
func (x *Exchange) match(at time.Time) {
	day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
	gaps, err := x.Gaps(day, day.AddDate(0, 0, 1))
	if err != nil {
		x.Log.Error("the talks of a day cannot be matched with their recordings", "day", day.Format(time.DateOnly), "error", err)
		return
	}
	for _, gap := range gaps {
		x.note(gap.Call, journal.RecordingGap, "ms", milliseconds(gap.Talk.Talk), "recorded_ms", milliseconds(gap.Recorded))
	}
}

// Gaps are the answered calls that arrived in a time and whose recording is missing or too short.
func (x *Exchange) Gaps(from, to time.Time) ([]record.Gap, error) {
	var settings config.Settings
	x.loop.Do(func() { settings = x.settings })
	if x.recorder == nil || settings.Recording.Start == "off" {
		return nil, nil
	}
	unrecorded := map[string]bool{}
	for _, q := range settings.Queues {
		unrecorded[q.Name] = q.Record == "no"
	}
	var talks []record.Talk
	for _, c := range x.Journal.Calls(journal.Filter{From: from, To: to}, mostMatched, "") {
		if c.Line != "" && !c.Joined.IsZero() && !unrecorded[c.Queue] {
			talks = append(talks, record.Talk{Call: c.ID, Began: c.Arrived, Talk: c.Ended.Sub(c.Joined)})
		}
	}
	return x.recorder.Match(talks)
}

// mostMatched is how many calls of a day are matched: four a minute on 30 channels, day and night, are 6,000.
const mostMatched = 100_000
