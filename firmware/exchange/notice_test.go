package exchange

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/journal"
)

// TestTheJournalsNoticeEndsWithItsCause: a disk that takes events again is no longer complained about.
func TestTheJournalsNoticeEndsWithItsCause(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "journal")
	if err := os.WriteFile(dir, nil, 0o600); err != nil { // in the way: no event can be written
		t.Fatal(err)
	}
	j, _, err := journal.Open(dir, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	x := &Exchange{Options: Options{Journal: j, Log: slog.New(slog.DiscardHandler)}, loop: call.NewLoop(), notices: map[string]Notice{}}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go x.loop.Run(ctx)
	shown := func() (is bool) {
		x.loop.Do(func() {
			x.checkJournal()
			_, is = x.notices[journalFailing]
		})
		return is
	}
	x.note("", journal.BoxStarted)
	if !shown() {
		t.Fatal("nobody is told that the events cannot be written")
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	deadline := time.After(20 * time.Second)
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for shown() {
		select {
		case <-deadline:
			t.Fatalf("still shown with %d events unsaved", j.Stats().Unsaved)
		case <-ticker.C:
		}
	}
}
