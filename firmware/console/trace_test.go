package console

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"trunkbox/firmware/trace"
)

// traced is the trace of line1, and none of other lines.
type traced struct{ line *trace.Line }

func (t traced) Trace(line string, filter trace.Filter, limit int) (trace.Page, error) {
	if line != "line1" {
		return trace.Page{}, errors.New("no such line")
	}
	return t.line.Page(filter, limit), nil
}

// TestTrace shows the newest frames in both languages, and refuses what it cannot show.
func TestTrace(t *testing.T) {
	line := trace.Open(trace.Options{Name: "line1", Log: slog.New(slog.DiscardHandler)})
	defer line.Close()
	line.Add(false, false, []byte{2, 1, 0x7f})
	line.Add(true, false, []byte{2, 1, 0x73})
	line.Add(false, false, []byte{2, 1, 0, 0, 8, 2, 0, 5, 5, 0x04, 3, 0x80, 0x90, 0xa3, 0x18, 3, 0xa9, 0x83, 0x9f})
	for _, row := range []struct {
		lang, arguments string
		has, not        []string
	}{
		{"en", "line1", []string{"<-- SABME P=1", "--> UA F=1", "<-- I N(S)=0 N(R)=0 P=0  SETUP cref 5/0, channel 31", "the carrier offers a call, timeslot 31"}, nil},
		{"zh", "line1 1", []string{"对方请求建立呼叫，时隙 31"}, []string{"SABME"}},
		{"en", "line2", []string{`There is no line "line2".`}, nil},
		{"en", "", []string{"Usage: trace <line> [n]"}, nil},
		{"en", "line1 0", []string{"Usage:"}, nil},
		{"en", "line1 x", []string{"Usage:"}, nil},
		{"en", "line1 1 2", []string{"Usage:"}, nil},
	} {
		b := newBench(t, true)
		b.Traces = traced{line}
		term := b.plug(t)
		term.signIn()
		term.run("lang " + row.lang)
		said := term.run("trace " + row.arguments)
		for _, text := range row.has {
			if !strings.Contains(said, text) {
				t.Errorf("trace %s: no %q in\n%s", row.arguments, text, said)
			}
		}
		for _, text := range row.not {
			if strings.Contains(said, text) {
				t.Errorf("trace %s: %q in\n%s", row.arguments, text, said)
			}
		}
	}
}
