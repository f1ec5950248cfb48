package console

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"trunkbox/firmware/record"
)

// shelf is a real recorder with one recording of 2026-03-01.
type shelf struct {
	recorder *record.Recorder

	mu     sync.Mutex // the console is another goroutine, at the other end of a port
	proved []string
}

func (s *shelf) Recorder() *record.Recorder { return s.recorder }

func (s *shelf) Proved(p record.Proof, by string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proved = append(s.proved, p.Day+" "+by)
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	r, err := record.New(record.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	tape, err := r.Start(record.About{Call: "c1", Began: time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC), Queue: "销售", Agent: "801", Caller: "13800000001"})
	if err != nil {
		t.Fatal(err)
	}
	tape.End()
	stop := make(chan struct{})
	close(stop)
	r.Run(stop)
	return &shelf{recorder: r}
}

func TestRecordings(t *testing.T) {
	s := newShelf(t)
	run := func(lang, arguments string) string {
		b := newBench(t, true)
		b.Recordings = s
		term := b.plug(t)
		term.signIn()
		term.run("lang " + lang)
		return term.run("recordings " + arguments)
	}
	for _, row := range []struct{ lang, arguments, has string }{
		{"en", "", "Calls are recorded: as set"},
		{"en", "", "2026-03-01"},
		{"zh", "", "录音方式 按设置"},
		{"en", "2026-03-01", "1 recordings"},
		{"zh", "2026-03-01", "销售"},
		{"en", "2026-03-02", "0 recordings"},
		{"en", "2026-03-99", "is no day"},
		{"en", "../x prove", "is no day"},
		{"en", "2026-03-01 prove", "All 1 recordings are exactly as they were made."},
		{"zh", "2026-03-01 prove", "末环"},
		{"en", "2026-03-01 play", "Usage: recordings"},
	} {
		if said := run(row.lang, row.arguments); !strings.Contains(said, row.has) {
			t.Errorf("recordings %s: no %q in\n%s", row.arguments, row.has, said)
		}
	}
	files, _ := filepath.Glob(filepath.Join(s.recorder.Dir, "2026-03-01", "*.wav"))
	if len(files) != 1 {
		t.Fatal(files)
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	if said := run("en", "2026-03-01 prove"); !strings.Contains(said, "! the file is gone: 2026-03-01/") {
		t.Errorf("said %s", said)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.proved) != 3 || s.proved[0] != "2026-03-01 console" {
		t.Errorf("written down: %q", s.proved)
	}
}

func TestNoRecordings(t *testing.T) {
	term := newBench(t, true).plug(t)
	term.signIn()
	term.run("lang en")
	if said := term.run("recordings"); !strings.Contains(said, "cannot record") {
		t.Errorf("said %s", said)
	}
}
