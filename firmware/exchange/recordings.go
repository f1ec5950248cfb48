package exchange

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/record"
)

var errNoRecorder = errors.New("the directory of recordings cannot be used")

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
	x.setRecording(x.settings)
}

// Recorder gives the recordings to those who show them; nil when there are none.
func (x *Exchange) Recorder() *record.Recorder { return x.recorder }

func (x *Exchange) setRecording(s config.Settings) {
	if r := s.Recording; x.recorder != nil {
		x.recorder.Set(record.Rules{
			Stereo: r.Stereo, Keep: time.Duration(r.KeepDays) * 24 * time.Hour,
			Floor: time.Duration(r.FloorDays) * 24 * time.Hour, LeastMin: uint64(r.MinFreeMB) << 20,
			Zone: zoneOf(s),
		})
	}
}

// runRecorder writes recordings, and checks each night those of the day before.
func (x *Exchange) runRecorder(ctx context.Context) {
	if x.recorder == nil {
		return
	}
	checked := make(chan struct{})
	go func() { x.checkNightly(ctx); close(checked) }()
	x.recorder.Run(ctx.Done())
	<-checked
}

// recorded writes down what the recorder reports. It is called from the recorder's goroutine.
func (x *Exchange) recorded(r record.Report) {
	switch r.Kind {
	case record.Ended:
		x.note(r.Call, journal.RecordingEnded, "file", r.File, "ms", strconv.FormatInt(r.Last.Milliseconds(), 10), "lost_ms", milliseconds(r.Lost))
	case record.Failed:
		x.note(r.Call, journal.RecordingFailed, "file", r.File, "detail", r.Err.Error())
	case record.Deleted:
		x.note("", journal.RecordingsDeleted, "day", r.File, "count", strconv.Itoa(r.Count), "why", r.Why)
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

// checkHour is when the recordings of the day before are checked, in the box's time zone.
const checkHour = 3

// checkNightly checks each night the day before, and after a time without power every day since the last that was
// checked, up to mostUnchecked. It looks at the clock often, as that may be set.
func (x *Exchange) checkNightly(ctx context.Context) {
	tick := time.NewTicker(10 * time.Minute)
	defer tick.Stop()
	for {
		for _, day := range x.unchecked(time.Now()) {
			if err := x.check(ctx, day); err != nil {
				x.Log.Error("the recordings of a day cannot be checked", "day", day.Format(time.DateOnly), "error", err)
				break
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// mostUnchecked is how many days are made up for.
const mostUnchecked = 31

// checkedFile keeps the last day that was checked.
const checkedFile = "checked"

// unchecked are the days to be checked now: midnights in the box's zone. A new box begins with the day before.
func (x *Exchange) unchecked(now time.Time) []time.Time {
	zone := zoneOf(x.Store.Settings())
	now = now.In(zone)
	last := now.AddDate(0, 0, -1)
	if now.Hour() < checkHour {
		last = now.AddDate(0, 0, -2)
	}
	first := last
	if octets, err := os.ReadFile(filepath.Join(x.Recordings, checkedFile)); err == nil {
		if done, err := time.ParseInLocation(time.DateOnly, string(octets), zone); err == nil {
			first = done.AddDate(0, 0, 1)
		}
	}
	if earliest := last.AddDate(0, 0, 1-mostUnchecked); first.Before(earliest) {
		first = earliest
	}
	var days []time.Time
	for day := midnight(first); !day.After(last); day = midnight(day.AddDate(0, 0, 1)) {
		days = append(days, day)
	}
	return days
}

func midnight(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
}

// zoneOf is the box's time zone.
func zoneOf(s config.Settings) *time.Location {
	zone, err := time.LoadLocation(s.Box.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// check writes down which calls of a day lack their recording, and whether its recordings are what was recorded.
func (x *Exchange) check(ctx context.Context, day time.Time) error {
	gaps, err := x.Gaps(day, day.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	for _, gap := range gaps {
		x.note(gap.Call, journal.RecordingGap, "ms", milliseconds(gap.To.Sub(gap.From)), "recorded_ms", milliseconds(gap.Recorded))
	}
	name := day.Format(time.DateOnly)
	proof, err := x.recorder.Verify(ctx, name)
	if err != nil {
		return err
	}
	if proof.LastLink != "" || len(proof.Faults) > 0 {
		x.Proved(proof, "box")
	}
	return os.WriteFile(filepath.Join(x.Recordings, checkedFile), []byte(name), 0o640)
}

// Proved writes down what was found when a day was proved at somebody's wish.
func (x *Exchange) Proved(p record.Proof, by string) {
	x.note("", journal.RecordingsProved, "day", p.Day, "by", by, "count", strconv.Itoa(p.Checked), "faults", strconv.Itoa(len(p.Faults)), "link", p.LastLink)
	if len(p.Faults) == 0 {
		return
	}
	x.loop.Post(func() {
		x.notice("recordings_changed",
			fmt.Sprintf("%s 的录音有 %d 处与当时不符，请到“录音”页查看。", p.Day, len(p.Faults)),
			fmt.Sprintf("%d recordings of %s are not as they were made; see the page of recordings.", len(p.Faults), p.Day))
	})
}

// Heard writes down that somebody listened to a recording, or took it away.
func (x *Exchange) Heard(call, file, by, how, address string) {
	x.note(call, journal.RecordingHeard, "file", file, "by", by, "how", how, "address", address)
}

// Gaps are the answered calls that arrived in a time and whose recording is missing or too short. Calls that were not to
// be recorded, or a part of them only, have none.
func (x *Exchange) Gaps(from, to time.Time) ([]record.Gap, error) {
	if x.recorder == nil {
		return nil, nil
	}
	var talks []record.Talk
	for _, c := range x.Journal.Calls(journal.Filter{From: from, To: to}, mostMatched, "") {
		if c.Recording != journal.NotRecorded && c.Recording != journal.RecordedPartly && !c.Joined.IsZero() {
			talks = append(talks, record.Talk{Call: c.ID, From: c.Joined, To: c.Ended})
		}
	}
	return x.recorder.Match(talks)
}

// mostMatched is how many calls of a day are matched: four a minute on 30 channels, day and night, are 6,000.
const mostMatched = 100_000
