package exchange

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"trunkbox/firmware/config"
)

// TestEveryDayIsChecked once, at night, and after days without power all of them.
func TestEveryDayIsChecked(t *testing.T) {
	store, _, err := config.Open(t.TempDir(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	settings := store.Settings()
	settings.Box.TimeZone = "Asia/Shanghai"
	if err := store.Save(settings, "test"); err != nil {
		t.Fatal(err)
	}
	x := &Exchange{Options: Options{Store: store, Recordings: t.TempDir()}}
	zone := zoneOf(settings)
	for _, row := range []struct {
		checked string // the last
		now     time.Time
		want    []string
	}{
		{"", time.Date(2026, 3, 5, 2, 59, 0, 0, zone), []string{"2026-03-03"}},
		{"", time.Date(2026, 3, 5, 3, 0, 0, 0, zone), []string{"2026-03-04"}},
		{"2026-03-04", time.Date(2026, 3, 5, 23, 0, 0, 0, zone), nil},
		{"2026-03-03", time.Date(2026, 3, 5, 2, 0, 0, 0, zone), nil},
		{"2026-03-01", time.Date(2026, 3, 5, 4, 0, 0, 0, zone), []string{"2026-03-02", "2026-03-03", "2026-03-04"}},
		{"2099-01-01", time.Date(2026, 3, 5, 4, 0, 0, 0, zone), nil},
		{"no day", time.Date(2026, 3, 5, 4, 0, 0, 0, zone), []string{"2026-03-04"}},
	} {
		if err := os.WriteFile(filepath.Join(x.Recordings, checkedFile), []byte(row.checked), 0o600); err != nil {
			t.Fatal(err)
		}
		var days []string
		for _, day := range x.unchecked(row.now.UTC()) {
			days = append(days, day.Format(time.DateOnly))
		}
		if !slices.Equal(days, row.want) {
			t.Errorf("at %v, checked up to %q: %v, want %v", row.now, row.checked, days, row.want)
		}
	}
	if err := os.WriteFile(filepath.Join(x.Recordings, checkedFile), []byte("2020-01-01"), 0o600); err != nil {
		t.Fatal(err)
	}
	if days := x.unchecked(time.Date(2026, 3, 5, 4, 0, 0, 0, zone)); len(days) != mostUnchecked {
		t.Errorf("years are made up for in %d days", len(days))
	}
}
