package exchange

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/doctor"
	"trunkbox/firmware/performance"
	"trunkbox/firmware/pri"
	"trunkbox/firmware/timeslot"
	"trunkbox/firmware/trace"
)

// ExaminationNow is an examination of a line by the line doctor, under way or done.
type ExaminationNow struct {
	Line    string    `json:"line"`
	By      string    `json:"by"`
	Began   time.Time `json:"began"`
	Ended   time.Time `json:"ended"` // zero while it is under way
	Percent int       `json:"percent"`
	DoingZH string    `json:"doing_zh"` // what it does now
	DoingEN string    `json:"doing_en"`

	// Of one that has ended.
	InService  bool              `json:"in_service"` // the line was only listened to
	Left       bool              `json:"left"`       // a call has come with the settings tried last, so they stay for now
	VerdictZH  string            `json:"verdict_zh"`
	VerdictEN  string            `json:"verdict_en"`
	Findings   []doctor.Finding  `json:"findings"`   // the lowest layer first; one at least, unless it failed
	Suggestion map[string]string `json:"suggestion"` // settings of the line that may be saved: "framing": "no-crc4"
	Tried      []TriedNow        `json:"tried"`
	FailedZH   string            `json:"failed_zh"` // why it could not be done, or not to the end
	FailedEN   string            `json:"failed_en"`
}

// TriedNow is a set of settings that an examination tried.
type TriedNow struct {
	Framing   string `json:"framing"`
	LineCode  string `json:"line_code"`
	Clock     string `json:"clock"`
	DInverted bool   `json:"d_inverted"`
	DRate     int    `json:"d_rate"`
	AskedAs   string `json:"asked_as"` // side as which the data link was asked for; empty: as it is set
	Aligned   bool   `json:"aligned"`  // the line was up with them
	Link      bool   `json:"link"`     // the data link too
}

// ErrExamining says that the line is being examined already.
var ErrExamining = errors.New("the line is being examined already")

// ErrNothingToSave says that the last examination of the line suggests nothing, or that there was none.
var ErrNothingToSave = errors.New("the last examination suggests no settings")

// examinations are the newest of each line.
type examinations struct {
	mu  sync.Mutex
	all map[string]*ExaminationNow
}

// Examination is the newest examination of a line; false when there was none since the start.
func (x *Exchange) Examination(name string) (ExaminationNow, bool) {
	x.examinations.mu.Lock()
	defer x.examinations.mu.Unlock()
	now := x.examinations.all[name]
	if now == nil {
		return ExaminationNow{}, false
	}
	return *now, true
}

// Examine begins to examine a line, for less than two minutes. A line in service is only listened to; one that is switched
// off in the settings is opened for as long as it takes, and takes no calls. NoLineError for a line that is not in the
// settings, ErrExamining while it is examined already.
func (x *Exchange) Examine(name, by string) error {
	settings, known := x.lineSettings(name)
	if !known {
		return NoLineError(name)
	}
	x.examinations.mu.Lock()
	defer x.examinations.mu.Unlock()
	if now := x.examinations.all[name]; now != nil && now.Ended.IsZero() {
		return ErrExamining
	}
	if x.examinations.all == nil {
		x.examinations.all = map[string]*ExaminationNow{}
	}
	x.examinations.all[name] = &ExaminationNow{Line: name, By: by, Began: time.Now()}
	go x.examine(settings)
	return nil
}

// ApplyExamination saves what the last examination of a line suggests, and puts it in force; ErrNothingToSave when that is
// nothing.
func (x *Exchange) ApplyExamination(name, by string) error {
	now, _ := x.Examination(name)
	if len(now.Suggestion) == 0 {
		return ErrNothingToSave
	}
	to := x.Settings()
	to.Lines = slices.Clone(to.Lines)
	for i := range to.Lines {
		if to.Lines[i].Name == name {
			take(&to.Lines[i], now.Suggestion)
			if err := x.Apply(to, by); err != nil {
				return err
			}
			x.examined(name, func(now *ExaminationNow) { now.Suggestion = nil }) // it is done
			return nil
		}
	}
	return NoLineError(name)
}

// take puts suggested settings into those of a line.
func take(l *config.Line, suggestion map[string]string) {
	for setting, field := range map[string]*string{
		"framing": &l.Framing, "line_code": &l.LineCode, "clock": &l.Clock, "side": &l.Side, "variant": &l.Variant, "law": &l.Law,
	} {
		if value, is := suggestion[setting]; is {
			*field = value
		}
	}
}

func (x *Exchange) lineSettings(name string) (config.Line, bool) {
	lines := x.Settings().Lines
	i := slices.IndexFunc(lines, func(l config.Line) bool { return l.Name == name })
	if i < 0 {
		return config.Line{}, false
	}
	return lines[i], true
}

// examine works until the examination is over.
func (x *Exchange) examine(settings config.Line) {
	ctx, stop := context.WithTimeout(context.Background(), examinationLimit)
	defer stop()
	defer func() {
		if value := recover(); value != nil {
			x.panicked(value, debug.Stack())
			x.examined(settings.Name, func(now *ExaminationNow) {
				now.Ended = time.Now()
				now.FailedZH, now.FailedEN = "诊断程序出错，没有结果。", "The examination met a defect of the software and has no outcome."
			})
		}
	}()
	patient, leave, err := x.patient(settings)
	var e doctor.Evidence
	if err == nil {
		patient.Told = func(percent int, doing doctor.Step) {
			x.examined(settings.Name, func(now *ExaminationNow) {
				now.Percent, now.DoingZH, now.DoingEN = percent, doing.ZH, doing.EN
			})
		}
		pace := x.ExaminationPace
		if pace == (doctor.Pace{}) {
			pace = doctor.Usual
		}
		examination := doctor.Examination{Patient: patient, Pace: pace}
		e, err = examination.Examine(ctx)
		leave()
	} else {
		e = doctor.Evidence{Configured: setupOf(settings), Seen: doctor.Observation{Seconds: 1, Alarms: doctor.AlarmShares{NotOpen: 1}}}
	}
	found := doctor.Examine(e)
	x.Log.Info("a line was examined", "line", settings.Name, "found", found[0].ID, "findings", len(found), "error", err)
	x.examined(settings.Name, func(now *ExaminationNow) {
		now.Ended, now.Percent = time.Now(), 100
		now.InService, now.Left, now.Findings, now.Suggestion = e.InService, e.Left, found, doctor.Suggested(found)
		now.VerdictZH, now.VerdictEN = doctor.Verdict(found)
		for _, t := range e.Trials {
			now.Tried = append(now.Tried, TriedNow{
				Framing: t.Setup.Framing, LineCode: t.Setup.LineCode, Clock: t.Setup.Clock, DInverted: t.Setup.DInverted,
				DRate: t.Setup.DRate, AskedAs: t.Talk.Probed, Aligned: t.Aligned(), Link: t.LinkUp,
			})
		}
		if err != nil {
			now.FailedZH, now.FailedEN = "诊断没有做完："+err.Error(), "The examination was not finished: "+err.Error()
		}
	})
}

// examinationLimit ends an examination whose driver hangs.
const examinationLimit = 2 * time.Minute

func (x *Exchange) examined(name string, change func(*ExaminationNow)) {
	x.examinations.mu.Lock()
	defer x.examinations.mu.Unlock()
	next := *x.examinations.all[name] // readers have the old one
	change(&next)
	x.examinations.all[name] = &next
}

func setupOf(l config.Line) doctor.Setup {
	set := doctor.Setup{
		Framing: l.Framing, LineCode: l.LineCode, Clock: l.Clock, Side: l.Side, Variant: l.Variant, Law: l.Law,
		NoD: l.DChannel == "none" || l.DChannel == "backup",
	}
	if l.Kind == "T1" {
		set.Kind = span.T1
	}
	return set
}

// patient is the line as the doctor meets it, and what is to be done when it leaves. The error is the driver's.
func (x *Exchange) patient(settings config.Line) (p doctor.Patient, leave func(), err error) {
	var driver span.Line
	var access *pri.Access
	x.loop.Do(func() {
		if l := x.lines[settings.Name]; l != nil {
			driver, access = l.span, l.access
		}
	})
	leave = func() {}
	if driver == nil || access == nil {
		if settings.Enabled {
			return p, leave, errors.New("the driver of the line is not open")
		}
		driver, access, leave, err = x.openAside(settings)
		if err != nil {
			return p, leave, err
		}
	}
	inState := func(states ...string) (list []span.Timeslot) {
		for _, ch := range access.Now().Channels {
			if slices.Contains(states, ch.State) {
				list = append(list, ch.Timeslot)
			}
		}
		return list
	}
	frames := x.traces.open(settings.Name)
	return doctor.Patient{
		Line: driver, Setup: setupOf(settings), Before: x.before(settings.Name, frames),
		Link:   func() bool { return access.Now().Link == pri.LinkUp },
		Busy:   func() []span.Timeslot { return inState("seized", "ringing", "talking", "clearing") },
		Talks:  func() []span.Timeslot { return inState("talking") },
		Frames: func(from time.Time) []doctor.Frame { return spoken(frames, from) },
		Calls:  func() []doctor.Frame { return spoken(frames, time.Now().Add(-callsCount)) },
		Clocks: func() (clocks doctor.Clocks) {
			x.loop.Do(func() { clocks = x.lineClocks(settings.Name) })
			return clocks
		},
	}, leave, nil
}

// callsCount is how long calls say something of the line as it is.
const callsCount = 6 * time.Hour

// spoken are the frames of a trace.
func spoken(line *trace.Line, from time.Time) (list []doctor.Frame) {
	for f := range line.Frames(from, time.Time{}) {
		list = append(list, doctor.Frame{At: f.At, Sent: f.Sent, Octets: slices.Clone(f.Octets)})
	}
	return list
}

// before is what the histories of a line know.
func (x *Exchange) before(name string, frames *trace.Line) (b doctor.Before) {
	for f := range frames.Frames(time.Time{}, time.Time{}) {
		if !f.Sent {
			b.Signal = true
			break
		}
	}
	report, known := x.Performance(name)
	if !known {
		return b
	}
	for _, day := range report.Days {
		b.Signal = b.Signal || day.Measured > day.UAS+notYet
	}
	if slippedLately(report) {
		b.Slips, b.Of = report.Last24.Slips-report.Last24.Joins, time.Duration(report.Last24.Measured)*time.Second
	}
	return b
}

// lately is eight quarter hours that have passed and the one that has not.
const lately = 9

// slippedLately says whether the slips of a day go on: a clock that was put right an hour or two ago is no finding any more.
// What the box slips between two lines says nothing of the clocks of this one's ends.
func slippedLately(report performance.Report) bool {
	bins := report.Bins[max(0, len(report.Bins)-lately):]
	return slices.ContainsFunc(bins, func(b performance.Bin) bool { return b.Slips > b.Joins })
}

// notYet is how many seconds a dead line is not called unavailable yet, and more.
const notYet = 20

// openAside opens a line that is switched off, beside all that work, and refuses its calls.
func (x *Exchange) openAside(settings config.Line) (span.Line, *pri.Access, func(), error) {
	settings.BlockMS, settings.Group, settings.DChannel = x.block/8, "", "own"
	driver, err := x.OpenLine(settings)
	if err != nil {
		return nil, nil, func() {}, fmt.Errorf("the line cannot be opened: %w", err)
	}
	law := dsp.ALaw
	if settings.Law == "mulaw" {
		law = dsp.MuLaw
	}
	slots := timeslot.New(driver, law, nil, x.Log)
	frames, network := x.traces.open(settings.Name), settings.Side == "network"
	access, err := pri.New(pri.Options{
		Line: driver, Settings: settings, Channels: channels{slots}, Observer: nobody{}, Logger: slog.New(slog.DiscardHandler),
		Accept: func(call.Incoming) call.Handler { return nil },
		Trace:  func(sent bool, frame []byte) { frames.Add(sent, network, frame) },
	})
	if err != nil {
		return nil, nil, func() {}, errors.Join(err, driver.Close())
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(slots.Run)
	running.Go(func() { _ = access.Run(ctx) })
	running.Go(func() {
		for range driver.Events() {
			continue // nobody journals them
		}
	})
	return driver, access, func() {
		stop()
		_ = driver.Close()
		running.Wait()
	}, nil
}

// nobody watches the signalling of a line that is only examined.
type nobody struct{}

func (nobody) Link(string, string)            {}
func (nobody) Channel(string, string, string) {}
