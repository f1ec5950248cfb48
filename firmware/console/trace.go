package console

import (
	"context"
	"strconv"

	"trunkbox/firmware/trace"
)

// Traces is what the lines said on their D channels; *exchange.Exchange has it.
type Traces interface {
	// Trace gives the newest frames of a line that pass the filter, at most limit.
	Trace(line string, filter trace.Filter, limit int) (trace.Page, error)
}

const (
	traceFrames  = 20    // shown when no number is given
	traceLongest = 10000 // may be asked for
)

// trace shows the last frames of a line's D channel, newest last.
func (s *session) trace(_ context.Context, arguments []string) error {
	n, err := traceFrames, error(nil)
	if len(arguments) == 2 {
		n, err = strconv.Atoi(arguments[1])
	}
	if err != nil || n < 1 || n > traceLongest || len(arguments) < 1 || len(arguments) > 2 {
		s.usage("trace")
		return nil
	}
	if s.Traces == nil {
		s.sayf("这台设备不保存信令。\n", "This box keeps no trace.\n")
		return nil
	}
	page, err := s.Traces.Trace(arguments[0], trace.Filter{}, n)
	if err != nil {
		s.sayf("没有线路“%s”。\n", "There is no line %q.\n", arguments[0])
		return nil
	}
	zone := s.zone()
	for _, row := range page.Rows {
		if s.failed != nil || s.in.cancelled() {
			return nil
		}
		arrow, said := "<--", row.Layer3
		if row.Sent {
			arrow = "-->"
		}
		if said != "" {
			said = "  " + said
		}
		s.say(row.At.In(zone).Format("15:04:05.000") + " " + arrow + " " + row.Layer2 + said + "\n")
		if row.Layer3 != "" {
			s.say("                 " + s.pick(row.ZH, row.EN) + "\n")
		}
	}
	s.sayf("（--> 我方发出，<-- 收到）\n", "(--> sent by us, <-- received)\n")
	return nil
}
