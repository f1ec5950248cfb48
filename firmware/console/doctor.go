package console

import (
	"context"
	"errors"
	"strings"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/firmware/exchange"
)

// Doctor finds out what is wrong with a line, and tests it; *exchange.Exchange does.
type Doctor interface {
	// Examine begins to examine a line. exchange.NoLineError, exchange.ErrExamining.
	Examine(line, by string) error
	// Examination is the newest examination of a line; false when there was none.
	Examination(line string) (exchange.ExaminationNow, bool)
	// ApplyExamination saves what it suggests. exchange.ErrNothingToSave.
	ApplyExamination(line, by string) error
	// LineTests says what tests a line can do, and how they stand. exchange.NoLineError.
	LineTests(line string) (exchange.LineTestsNow, error)
	// TestLine does one thing for a test. exchange.NoLineError, exchange.TestRefusedError.
	TestLine(line string, test exchange.LineTest, by string) error
}

// lookEvery is how often the console asks how far an examination is.
const lookEvery = 200 * time.Millisecond

// doctor examines a line and shows what it found; "save" saves what the last one suggests.
func (s *session) doctor(ctx context.Context, arguments []string) error {
	save := len(arguments) == 2 && arguments[1] == "save"
	if s.Doctor == nil || len(arguments) != 1 && !save {
		s.usage("doctor")
		return nil
	}
	line := arguments[0]
	if save {
		if err := s.Doctor.ApplyExamination(line, "console"); err != nil {
			s.doctorSays(line, err)
			return nil
		}
		s.sayf("已保存，正在生效。\n", "Saved, and taking effect.\n")
		return nil
	}
	if err := s.Doctor.Examine(line, "console"); err != nil && !errors.Is(err, exchange.ErrExamining) {
		s.doctorSays(line, err)
		return nil
	}
	doing := ""
	for {
		now, _ := s.Doctor.Examination(line)
		if !now.Ended.IsZero() {
			s.examined(now)
			return nil
		}
		if step := s.pick(now.DoingZH, now.DoingEN); step != doing && step != "" {
			doing = step
			s.sayf("%3d%% %s\n", "%3d %% %s\n", now.Percent, step)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookEvery):
		}
		if s.failed != nil || s.in.cancelled() {
			s.sayf("诊断在后台继续；稍后再输入 doctor %s 看结果。\n", "The examination goes on; ask again with doctor %s.\n", line)
			return nil
		}
	}
}

// examined shows what an examination has found.
func (s *session) examined(now exchange.ExaminationNow) {
	if now.FailedEN != "" {
		s.say(s.pick(now.FailedZH, now.FailedEN) + "\n")
	}
	for _, f := range now.Findings {
		s.say("\n* " + s.pick(f.ZH, f.EN) + "\n")
		for _, fact := range f.Facts {
			s.say("    - " + s.pick(fact.ZH, fact.EN) + "\n")
		}
		s.say("  -> " + s.pick(f.RemedyZH, f.RemedyEN) + "\n")
	}
	if now.InService {
		s.sayf("\n线路在工作，只听不动。\n", "\nThe line is at work and was only listened to.\n")
	}
	if len(now.Suggestion) > 0 {
		var settings []string
		for _, name := range []string{"framing", "line_code", "clock", "side", "variant", "law"} {
			if value, is := now.Suggestion[name]; is {
				settings = append(settings, name+"="+value)
			}
		}
		s.sayf("\n可以保存：%s。输入 doctor %s save\n", "\nThis can be saved: %s. Type doctor %s save\n", strings.Join(settings, " "), now.Line)
	}
}

// doctorSays tells why something about a line was not done.
func (s *session) doctorSays(line string, err error) {
	var refused exchange.TestRefusedError
	var problems config.ProblemsError
	switch {
	case errors.As(err, new(exchange.NoLineError)):
		s.noLine(line)
	case errors.Is(err, exchange.ErrNothingToSave):
		s.sayf("上次诊断没有可以保存的设置。\n", "The last examination suggests nothing to save.\n")
	case errors.As(err, &refused):
		s.say(s.pick(refused.ZH, refused.EN) + "\n")
	case errors.As(err, &problems) && len(problems) > 0:
		s.say(s.pick(problems[0].ZH, problems[0].EN) + "\n")
	default:
		s.sayf("没有做成：%v\n", "It was not done: %v\n", err)
	}
}
