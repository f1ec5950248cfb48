package console

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
)

// manner is how an output is asked for.
type manner struct {
	from, to time.Time // zero: no limit
	zmodem   bool
	words    []string // what is left: no option
}

// timeForms are the ways to write a time, in the box's zone; the last is of today.
var timeForms = []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02", "15:04:05", "15:04"}

// parseTime reads a local time.
func parseTime(text string, zone *time.Location, now time.Time) (time.Time, error) {
	for _, form := range timeForms {
		at, err := time.ParseInLocation(form, text, zone)
		if err != nil {
			continue
		}
		if !strings.HasPrefix(form, "2006") {
			today := now.In(zone)
			at = time.Date(today.Year(), today.Month(), today.Day(), at.Hour(), at.Minute(), at.Second(), 0, zone)
		}
		return at, nil
	}
	return time.Time{}, config.Problem{
		ZH: fmt.Sprintf("看不懂时间“%s”，请写成 08:30、2026-03-01 或 \"2026-03-01 08:30\"。", text),
		EN: fmt.Sprintf("The time %q is not clear; write 08:30, 2026-03-01 or \"2026-03-01 08:30\".", text),
	}
}

// parseManner takes the options out of the arguments. A date and a time may stand as two words.
func (s *session) parseManner(arguments []string) (manner, error) {
	var m manner
	zone, now := s.zone(), time.Now()
	for len(arguments) > 0 {
		word := arguments[0]
		arguments = arguments[1:]
		var into *time.Time
		switch word {
		case "--from":
			into = &m.from
		case "--to":
			into = &m.to
		case "--zmodem":
			m.zmodem = true
			continue
		default:
			m.words = append(m.words, word)
			continue
		}
		if len(arguments) == 0 {
			return m, config.Problem{ZH: word + " 后面要有时间。", EN: word + " needs a time after it."}
		}
		text := arguments[0]
		arguments = arguments[1:]
		if len(arguments) > 0 && strings.Contains(arguments[0], ":") && !strings.Contains(text, ":") {
			text += " " + arguments[0]
			arguments = arguments[1:]
		}
		var err error
		if *into, err = parseTime(text, zone, now); err != nil {
			return m, err
		}
	}
	return m, nil
}

// log shows the newest lines, or those of a time.
func (s *session) log(_ context.Context, arguments []string) error {
	m, err := s.parseManner(arguments)
	if err != nil {
		s.explain(err)
		return nil
	}
	if !m.from.IsZero() || !m.to.IsZero() {
		return s.text(s.logLines(m))
	}
	n := 20
	if len(m.words) > 0 {
		n, err = strconv.Atoi(m.words[0])
	}
	if err != nil || n < 1 || len(m.words) > 1 {
		s.usage("log")
		return nil
	}
	for _, line := range s.Log.Tail(n) {
		s.say(line.Text + "\n")
	}
	return nil
}

// logLines are the lines of the log.
func (s *session) logLines(m manner) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range s.Log.Range(m.from, m.to) {
			if !yield(line.Text) {
				return
			}
		}
	}
}

// eventLines are the events of the journal: time, number, call, kind, fields, and the sentence.
func (s *session) eventLines(m manner) iter.Seq[string] {
	return func(yield func(string) bool) {
		for e, err := range s.Journal.Between(m.from, m.to) {
			line := ""
			if err != nil {
				line = "! " + err.Error()
			} else {
				line = fmt.Sprintf("%s %d %s %s %s # %s", e.At.Format("2006-01-02T15:04:05.000Z"), e.Seq, dash(e.Call), e.Kind,
					fields(e), journal.Sentence(s.lang, e))
			}
			if !yield(line) {
				return
			}
		}
	}
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// fields writes the fields of an event in the order of their names.
func fields(e journal.Event) string {
	var list []string
	for _, name := range slices.Sorted(keys(e.Fields)) {
		list = append(list, name+"="+strconv.Quote(e.Fields[name]))
	}
	return dash(strings.Join(list, " "))
}

// text writes lines until Ctrl-C.
func (s *session) text(lines iter.Seq[string]) error {
	n := 0
	for line := range lines {
		if s.failed != nil {
			return nil
		}
		if s.in.cancelled() {
			s.sayf("^C 已中止。\n", "^C stopped.\n")
			return nil
		}
		s.say(line + "\n")
		n++
	}
	s.sayf("（共 %d 行）\n", "(%d lines)\n", n)
	return nil
}

// dump gives out the log or the journal.
func (s *session) dump(ctx context.Context, arguments []string) error {
	m, err := s.parseManner(arguments)
	if err != nil {
		s.explain(err)
		return nil
	}
	sources := map[string]func(manner) iter.Seq[string]{"log": s.logLines, "journal": s.eventLines}
	if len(m.words) != 1 || sources[m.words[0]] == nil {
		s.usage("dump")
		return nil
	}
	what := m.words[0]
	lines := sources[what](m)
	if !m.zmodem {
		return s.text(lines)
	}
	name := fmt.Sprintf("trunkbox-%s-%s.txt", what, time.Now().In(s.zone()).Format("20060102-150405"))
	return s.file(ctx, name, func(w io.Writer) error {
		for line := range lines {
			if _, err := io.WriteString(w, line+"\n"); err != nil {
				return err
			}
		}
		return nil
	})
}

// settings gives out the settings.
func (s *session) settings(ctx context.Context, arguments []string) error {
	m, err := s.parseManner(arguments)
	if err != nil {
		s.explain(err)
		return nil
	}
	if len(m.words) != 1 || m.words[0] != "export" {
		s.usage("settings")
		return nil
	}
	document := config.Export(s.Store.Settings())
	if !m.zmodem {
		s.say(string(document))
		return nil
	}
	name := fmt.Sprintf("trunkbox-settings-%s.json", time.Now().In(s.zone()).Format("20060102-150405"))
	return s.file(ctx, name, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(document))
		return err
	})
}
