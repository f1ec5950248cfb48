package logbook

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/slogtest"
	"testing/synctest"
	"time"
)

func opened(t *testing.T, dir string, octets int64) (*Book, *slog.Logger) {
	t.Helper()
	book, err := New(dir, octets)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = book.Close() })
	return book, slog.New(book)
}

func texts(lines []Line) (texts []string) {
	for _, l := range lines {
		texts = append(texts, l.Text)
	}
	return texts
}

func TestLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // begins at 2000-01-01 00:00 UTC
		book, log := opened(t, t.TempDir(), smallest)
		log.Info("exchange started", "version", "1.0")
		time.Sleep(1500 * time.Millisecond)
		log.With("line", "line1").WithGroup("d").Warn("link down\nforged", "why", "T200 expired", "n", 3, slog.Group("", "x", ""))
		log.Debug("not kept")
		log.Error("failed", "err", errors.New(`"quoted"`))
		want := []string{
			`2000-01-01T00:00:00.000Z INFO  exchange started version=1.0`,
			`2000-01-01T00:00:01.500Z WARN  link down·forged line=line1 d.why="T200 expired" d.n=3 d.x=""`,
			`2000-01-01T00:00:01.500Z ERROR failed err="\"quoted\""`,
		}
		if got := texts(book.Tail(10)); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		if got := texts(book.Tail(1)); !slices.Equal(got, want[2:]) {
			t.Errorf("%q", got)
		}
		book.SetLevel(slog.LevelDebug)
		log.Debug("kept")
		if got := texts(book.Tail(1)); !strings.Contains(got[0], "DEBUG kept") {
			t.Errorf("%q", got)
		}
	})
}

func TestRangeOverRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		start := time.Now()
		for range 3 { // three lives of the box
			book, log := opened(t, dir, smallest)
			for range 10 {
				log.Info("minute", "n", int(time.Since(start).Minutes()))
				time.Sleep(time.Minute)
			}
			_ = book.Close()
		}
		book, _ := opened(t, dir, smallest)
		got := texts(slices.Collect(book.Range(start.Add(8*time.Minute), start.Add(12*time.Minute))))
		want := []string{"n=8", "n=9", "n=10", "n=11"}
		for i := range want {
			if len(got) != len(want) || !strings.HasSuffix(got[i], want[i]) {
				t.Fatalf("%q", got)
			}
		}
		if all := slices.Collect(book.Range(time.Time{}, time.Time{})); len(all) != 30 {
			t.Errorf("%d lines", len(all))
		}
		if tail := book.Tail(5); len(tail) != 5 || !strings.HasSuffix(tail[4].Text, "n=29") {
			t.Errorf("after a restart the tail is %q", texts(tail))
		}
		var out bytes.Buffer
		if err := book.Copy(&out, start, start.Add(time.Minute)); err != nil || !strings.HasSuffix(out.String(), "n=0\n") {
			t.Errorf("%q, %v", out.String(), err)
		}
	})
}

func TestRoomIsBounded(t *testing.T) {
	dir := t.TempDir()
	book, log := opened(t, dir, smallest)
	for n := range 4000 {
		log.Info("some words to fill the line", "n", n)
	}
	var sum int64
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
	}
	if sum > smallest || len(names) != files {
		t.Errorf("%d octets in %d files", sum, len(names))
	}
	lines := slices.Collect(book.Range(time.Time{}, time.Time{}))
	if len(lines) < 300 || !strings.HasSuffix(lines[len(lines)-1].Text, "n=3999") || len(book.Tail(5000)) != ringLines {
		t.Errorf("%d lines, the last %q; %d in memory", len(lines), lines[len(lines)-1].Text, len(book.Tail(5000)))
	}
	log.Info(strings.Repeat("长", lineLongest))
	if tail := book.Tail(1)[0].Text; len(tail) > lineLongest+10 {
		t.Errorf("a line of %d octets", len(tail))
	}
}

func TestDiskGoneAndBack(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	book, log := opened(t, filepath.Join(blocked, "log"), smallest)
	log.Info("first")
	if book.Lost() != 1 || len(book.Tail(9)) != 1 {
		t.Errorf("lost %d, %q", book.Lost(), texts(book.Tail(9)))
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	log.Info("second")
	got := texts(slices.Collect(book.Range(time.Time{}, time.Time{})))
	if book.Lost() != 1 || len(got) != 2 || !strings.HasSuffix(got[0], "second") || !strings.HasSuffix(got[1], "first") {
		t.Errorf("lost %d, %q", book.Lost(), got)
	}
	if _, err := New(t.TempDir(), 10); err == nil {
		t.Error("a log without room")
	}
}

func TestTornLineIsPassedOver(t *testing.T) {
	dir := t.TempDir()
	torn := "2026-03-01T08:00:00.000Z INFO  whole\n2026-03-01T08:0"
	if err := os.WriteFile(filepath.Join(dir, "log-000007.txt"), []byte(torn), 0o600); err != nil {
		t.Fatal(err)
	}
	book, log := opened(t, dir, smallest)
	log.Info("next")
	if got := slices.Collect(book.Range(time.Time{}, time.Time{})); len(got) != 2 {
		t.Errorf("%q", texts(got))
	}
	if _, err := os.Stat(filepath.Join(dir, "log-000008.txt")); err != nil {
		t.Error(err)
	}
}

func TestManyAtOnce(t *testing.T) {
	book, log := opened(t, t.TempDir(), 1<<20)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for n := range 100 {
				log.Info("line", "writer", w, "n", n)
			}
		})
	}
	writers.Wait()
	if got := slices.Collect(book.Range(time.Time{}, time.Time{})); len(got) != 400 {
		t.Errorf("%d lines", len(got))
	}
}

// TestHandler holds the book to what slog asks of a handler. A line without a time gets one here, so that
// check alone does not apply.
func TestHandler(t *testing.T) {
	var book *Book
	slogtest.Run(t, func(t *testing.T) slog.Handler {
		if strings.HasSuffix(t.Name(), "/zero-time") {
			t.Skip("every line of a log has a time")
		}
		book, _ = opened(t, t.TempDir(), smallest)
		return book
	}, func(t *testing.T) map[string]any {
		line := book.Tail(1)[0].Text
		stamp, rest, _ := strings.Cut(line, " ")
		level, rest, _ := strings.Cut(rest, " ")
		result := map[string]any{slog.TimeKey: stamp, slog.LevelKey: level}
		var message []string
		for _, word := range strings.Fields(rest) {
			key, value, found := strings.Cut(word, "=")
			if !found {
				message = append(message, word)
				continue
			}
			into := result
			parts := strings.Split(key, ".")
			for _, part := range parts[:len(parts)-1] {
				if into[part] == nil {
					into[part] = map[string]any{}
				}
				into = into[part].(map[string]any)
			}
			into[parts[len(parts)-1]] = value
		}
		result[slog.MessageKey] = strings.Join(message, " ")
		return result
	})
}

func BenchmarkHandle(b *testing.B) {
	book, err := New(b.TempDir(), 1<<20)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	log := slog.New(book)
	b.ReportAllocs()
	for n := range b.N {
		log.Info("span1/ts07 answered", "call", "20260301-080000-17", "n", fmt.Sprint(n))
	}
}
