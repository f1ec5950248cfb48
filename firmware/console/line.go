package console

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/firmware/evidence"
	"trunkbox/firmware/exchange"
	"trunkbox/firmware/journal"
)

// Lines is what the lines have to tell at length; *exchange.Exchange has it.
type Lines interface {
	// Evidence is what is known of a line and a period; exchange.NoLineError.
	Evidence(wanted evidence.Wanted) (evidence.Pack, error)
	// Ledger is the channels of a line with their last events; false when no such line is in service.
	Ledger(line string) (exchange.LedgerNow, bool)
	// SwitchD puts the D channel in service that stands by for a line's group; pri.ErrNoStandby.
	SwitchD(line string) error
}

const day = 24 * time.Hour

// lineEvents is how many of its last events the command line shows.
const lineEvents = 15

// pack gathers the evidence of a line, or says why not.
func (s *session) pack(wanted evidence.Wanted, period time.Duration) (evidence.Pack, bool) {
	if s.Lines == nil {
		s.noLine(wanted.Line)
		return evidence.Pack{}, false
	}
	wanted.To = time.Now()
	wanted.From = wanted.To.Add(-period)
	p, err := s.Lines.Evidence(wanted)
	if err != nil {
		s.noLine(wanted.Line)
		return p, false
	}
	return p, true
}

func (s *session) noLine(line string) {
	s.sayf("没有线路“%s”。\n", "There is no line %q.\n", line)
}

// oneLine shows one line: how it is, what a day came down to, and what happened last.
func (s *session) oneLine(_ context.Context, arguments []string) error {
	if len(arguments) != 1 {
		s.usage("line")
		return nil
	}
	p, known := s.pack(evidence.Wanted{Line: arguments[0]}, day)
	if !known {
		return nil
	}
	if i := slices.IndexFunc(p.Settings, func(one evidence.Setting) bool { return one.Name == "variant" }); i >= 0 {
		s.say(p.Line + "  " + p.Settings[i].Value + "\n")
	}
	for _, finding := range p.Findings(s.lang) {
		s.say(finding + "\n")
	}
	zone := s.zone()
	t := s.head("时间|time", "事件|event")
	for _, e := range p.Events[max(0, len(p.Events)-lineEvents):] {
		t.row(e.At.In(zone).Format("01-02 15:04:05.000"), s.pick(e.ZH, e.EN))
	}
	if len(t.rows) > 1 {
		s.say("\n" + t.String())
	}
	return nil
}

// ledger shows the last events of every channel of a line, or all that are kept of one.
func (s *session) ledger(_ context.Context, arguments []string) error {
	timeslot, err := 0, error(nil)
	if len(arguments) == 2 {
		timeslot, err = strconv.Atoi(arguments[1])
	}
	if err != nil || len(arguments) < 1 || len(arguments) > 2 {
		s.usage("ledger")
		return nil
	}
	var book exchange.LedgerNow
	known := false
	if s.Lines != nil {
		book, known = s.Lines.Ledger(arguments[0])
	}
	if !known {
		s.noLine(arguments[0])
		return nil
	}
	zone := s.zone()
	t := s.head("时隙|timeslot", "时间|time", "状态|state", "方向|way", "呼叫|call", "呼叫参考|reference", "原因值|cause", "原因|reason")
	for _, ch := range book.Channels {
		if timeslot != 0 && ch.Timeslot != timeslot {
			continue
		}
		events := ch.Events
		if timeslot == 0 {
			events = events[max(0, len(events)-1):]
		}
		for _, e := range events {
			cause := ""
			if e.Cause != 0 {
				cause = strconv.Itoa(e.Cause)
			}
			t.row(strconv.Itoa(ch.Timeslot), e.At.In(zone).Format("01-02 15:04:05.000"), s.word(e.State), s.word(e.Way), e.Call, e.Ref, cause,
				journal.WhyWords(s.lang, e.Reason))
		}
	}
	s.show(t)
	if book.Hunting != "" {
		s.sayf("我方选时隙：%s；对端：%s；同时占用时让出 %d 次，保住 %d 次\n", "we hunt: %s; the far end: %s; met on a channel: gave way %d times, kept it %d times\n",
			book.Hunting, dash(book.Carrier), book.GaveWay, book.Prevailed)
	}
	if len(book.DChannels) > 1 {
		for _, d := range book.DChannels {
			s.sayf("D 通道 %s：%s\n", "D channel %s: %s\n", d.Line, s.word("d "+d.State))
		}
	}
	return nil
}

// switchD has the other D channel of a line's group carry the calls.
func (s *session) switchD(_ context.Context, arguments []string) error {
	if len(arguments) != 1 {
		s.usage("switch")
		return nil
	}
	line := arguments[0]
	known := false
	if s.Lines != nil {
		_, known = s.Lines.Ledger(line)
	}
	if !known {
		s.noLine(line)
		return nil
	}
	if err := s.Lines.SwitchD(line); err != nil {
		s.sayf("线路 %s 没有备用的 D 通道可以换上。\n", "No D channel stands by for the line %s.\n", line)
		return nil
	}
	s.sayf("已换用另一条 D 通道。\n", "The other D channel is in service now.\n")
	return nil
}

// periods are how far back evidence goes, as people ask for it.
var periods = map[string]time.Duration{"24h": day, "7d": 7 * day}

// evidence gives out what an owner hands to the carrier.
func (s *session) evidence(ctx context.Context, arguments []string) error {
	mask, period := false, day
	arguments = slices.DeleteFunc(arguments, func(word string) bool {
		mask = mask || word == "--mask"
		return word == "--mask"
	})
	m, err := s.parseManner(arguments)
	if err != nil {
		s.explain(err)
		return nil
	}
	if len(m.words) == 2 {
		chosen, known := periods[m.words[1]]
		if !known {
			s.explain(config.Problem{ZH: "时段可以是 24h 或 7d。", EN: "The period can be 24h or 7d."})
			return nil
		}
		period = chosen
	}
	if len(m.words) < 1 || len(m.words) > 2 {
		s.usage("evidence")
		return nil
	}
	p, known := s.pack(evidence.Wanted{Line: m.words[0], Ladders: true, Mask: mask}, period)
	if !known {
		return nil
	}
	var text bytes.Buffer
	if err := p.WriteText(&text, s.lang); err != nil {
		return err
	}
	if !m.zmodem {
		return s.text(func(yield func(string) bool) {
			for line := range strings.Lines(text.String()) {
				if !yield(strings.TrimSuffix(line, "\n")) {
					return
				}
			}
		})
	}
	name := fmt.Sprintf("trunkbox-%s-%s.txt", p.Line, p.Made.Format("20060102-150405"))
	return s.file(ctx, name, func(w io.Writer) error {
		_, err := w.Write(text.Bytes())
		return err
	})
}
