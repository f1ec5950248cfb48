package console

import (
	"context"
	"strconv"

	"trunkbox/firmware/exchange"
)

// lineTest shows how the tests of a line stand, or does one thing for them: "test line1 loop local".
func (s *session) lineTest(_ context.Context, arguments []string) error {
	if s.Doctor == nil || len(arguments) < 1 || len(arguments) > 4 || len(arguments) == 2 {
		s.usage("test")
		return nil
	}
	line := arguments[0]
	if len(arguments) > 2 {
		test := exchange.LineTest{Do: arguments[1], What: arguments[2], N: 1}
		if len(arguments) == 4 {
			n, err := strconv.Atoi(arguments[3])
			if err != nil {
				s.usage("test")
				return nil
			}
			test.N = n
		}
		if err := s.Doctor.TestLine(line, test, "console"); err != nil {
			s.doctorSays(line, err)
			return nil
		}
	}
	now, err := s.Doctor.LineTests(line)
	if err != nil {
		s.doctorSays(line, err)
		return nil
	}
	s.sayf("环回：%s\n", "loop: %s\n", now.Loop)
	if q := now.Sequence; q != nil {
		sync := s.pick("未同步", "not in sync")
		if q.InSync {
			sync = s.pick("同步", "in sync")
		}
		s.sayf("测试序列：%s，%.0f 秒，%d 比特，误码 %d，误码率 %.1e，失步 %d 次\n",
			"sequence: %s, %.0f s, %d bits, %d errors, ratio %.1e, %d sync losses\n",
			sync, q.Seconds, q.Bits, q.Errors, q.Ratio, q.SyncLosses)
	}
	if now.WhyEN != "" {
		s.say(s.pick(now.WhyZH, now.WhyEN) + "\n")
	}
	return nil
}
