package console

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"trunkbox/firmware/record"
)

// Recordings are what was said on calls; *exchange.Exchange has them. Nobody hears them at the support port.
type Recordings interface {
	// Recorder is nil when nothing can be recorded.
	Recorder() *record.Recorder
	// Proved writes down what was found when somebody had a day proved.
	Proved(p record.Proof, by string)
}

// recordings tells how recording is doing, lists the recordings of a day, or proves them.
func (s *session) recordings(ctx context.Context, arguments []string) error {
	prove := len(arguments) == 2 && arguments[1] == "prove"
	if len(arguments) > 2 || len(arguments) == 2 && !prove {
		s.usage("recordings")
		return nil
	}
	if s.Recordings == nil || s.Recordings.Recorder() == nil {
		s.sayf("这台设备现在不能录音。\n", "This box cannot record now.\n")
		return nil
	}
	recorder := s.Recordings.Recorder()
	var err error
	switch {
	case len(arguments) == 0:
		s.recordingNow(recorder)
	case prove:
		err = s.prove(ctx, recorder, arguments[0])
	default:
		err = s.recordingsOf(recorder, arguments[0])
	}
	if errors.Is(err, record.ErrNone) {
		s.sayf("“%s”不是日期，例如 2026-03-01。\n", "%q is no day; one is 2026-03-01.\n", arguments[0])
		return nil
	}
	return err
}

const mb = 1 << 20

func (s *session) recordingNow(recorder *record.Recorder) {
	now := recorder.Now()
	step := map[record.Step][2]string{
		record.Full: {"按设置", "as set"}, record.Mono: {"单声道（磁盘快满）", "one channel (the disk is nearly full)"},
		record.Stopped: {"停止（磁盘已满）", "not at all (the disk is full)"},
	}[now.Step]
	s.say(s.pick("录音方式 "+step[0], "Calls are recorded: "+step[1]) + "\n")
	s.sayf("正在录音 %d 路；磁盘剩 %d MB，保留 %d MB；录音占 %d MB，%d 天\n",
		"%d being recorded now; %d MB of the disk free, %d MB of them kept free; recordings take %d MB, %d days\n",
		now.Running, now.Free/mb, now.Least/mb, now.Used/mb, now.Days)
	if now.DaysLeft >= 0 {
		s.sayf("每天约 %d MB，还可录约 %d 天\n", "A day takes about %d MB; there is room for about %d days\n", now.ADay/mb, now.DaysLeft)
	}
	for _, day := range recorder.Days() {
		if s.failed != nil || s.in.cancelled() {
			return
		}
		s.say(day + "\n")
	}
}

func (s *session) recordingsOf(recorder *record.Recorder, day string) error {
	entries, err := recorder.Day(day)
	if err != nil {
		return err
	}
	var t table
	for _, e := range entries {
		agent := e.Agent
		if e.Recovered {
			agent += " !"
		}
		t.row(e.Began.In(s.zone()).Format(time.TimeOnly), e.Length().Truncate(time.Second).String(), e.Caller, e.Called, e.Queue, agent, e.Call)
	}
	s.say(t.String())
	s.sayf("%d 个录音（! 为断电后恢复）\n", "%d recordings (! was recovered after a power cut)\n", len(entries))
	return nil
}

// faultWords are what can be wrong with a recording.
var faultWords = map[record.FaultKind][2]string{
	record.LinkBroken: {"链被改动", "the chain was changed"}, record.Changed: {"文件被改动", "the file was changed"},
	record.Missing: {"文件不见了", "the file is gone"}, record.Unlisted: {"不在链中", "not in the chain"},
}

// prove reads every recording of a day, which takes a while; Ctrl-C ends the session's command by its context.
func (s *session) prove(ctx context.Context, recorder *record.Recorder, day string) error {
	proof, err := recorder.Verify(ctx, day)
	if err != nil {
		return err
	}
	s.Recordings.Proved(proof, "console")
	for _, f := range proof.Faults {
		words := faultWords[f.What]
		s.say(fmt.Sprintf("! %s: %s\n", s.pick(words[0], words[1]), f.File))
	}
	if len(proof.Faults) == 0 {
		s.sayf("%s 个录音与当时完全一致。\n", "All %s recordings are exactly as they were made.\n", strconv.Itoa(proof.Checked))
	}
	if proof.LastLink != "" {
		s.sayf("末环 %s\n", "Last link %s\n", proof.LastLink)
	}
	return nil
}
