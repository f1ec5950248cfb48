package browser

import (
	"log/slog"
	"testing"

	"trunkbox/firmware/journal"
)

// openLog opens a real journal.
func openLog(t *testing.T) *callLog {
	t.Helper()
	j, _, err := journal.Open(t.TempDir(), journal.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return &callLog{t, j}
}

type callLog struct {
	t *testing.T
	*journal.Journal
}

// happened writes the events of one call: kinds with their fields as pairs.
func (l *callLog) happened(id string, events ...[]string) {
	l.t.Helper()
	for _, e := range events {
		fields := map[string]string{}
		for i := 1; i+1 < len(e); i += 2 {
			fields[e[i]] = e[i+1]
		}
		if _, err := l.Append(journal.Event{Call: id, Kind: journal.Kind(e[0]), Fields: fields}); err != nil {
			l.t.Fatal(err)
		}
	}
}

// answered, abandoned and refused are three calls as they happen every day.
func (l *callLog) answered(id, caller, queue, agent string) {
	l.happened(id,
		[]string{"call_arrived", "line", "line1", "channel", "31", "caller", caller, "called", "02087654321"},
		[]string{"call_answered", "by", "box"},
		[]string{"menu_entered", "menu", "主菜单"},
		[]string{"menu_key", "menu", "主菜单", "key", "1", "reason", "queue " + queue},
		[]string{"queue_entered", "queue", queue, "position", "1"},
		[]string{"agent_offered", "queue", queue, "agent", agent, "reason", "longest_idle"},
		[]string{"agent_joined", "queue", queue, "agent", agent, "ms", "4200"},
		[]string{"queue_left", "queue", queue, "outcome", "answered", "ms", "9300"},
		[]string{"call_ended", "cause", "16", "location", "0", "by", "caller"})
}

func (l *callLog) abandoned(id, caller, queue string) {
	l.happened(id,
		[]string{"call_arrived", "line", "line1", "channel", "30", "caller", caller, "called", "02087654321"},
		[]string{"call_answered", "by", "box"},
		[]string{"queue_entered", "queue", queue, "position", "3"},
		[]string{"queue_left", "queue", queue, "outcome", "abandoned", "ms", "73000"},
		[]string{"call_ended", "cause", "16", "location", "0", "by", "caller"})
}

func (l *callLog) refused(id, agent, called string) {
	l.happened(id,
		[]string{"call_dialled", "agent", agent, "called", called, "caller", "02087654321", "line", "line1", "channel", "1"},
		[]string{"call_ended", "cause", "34", "location", "2", "by", "network"})
}
