package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary runs itself as the process that is killed, or whose disk is full.
func TestMain(m *testing.M) {
	switch os.Getenv("JOURNAL_TEST_CHILD") {
	case "append":
		appendUntilKilled(os.Getenv("JOURNAL_TEST_DIR"))
	case "full":
		appendOnFullDisk(os.Getenv("JOURNAL_TEST_DIR"))
	default:
		os.Exit(m.Run())
	}
}

func child(dir, what string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "JOURNAL_TEST_CHILD="+what, "JOURNAL_TEST_DIR="+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

func opened(t *testing.T, dir string, options Options) (*Journal, Report) {
	t.Helper()
	j, report, err := Open(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j, report
}

func event(kind Kind, call string, pairs ...string) Event {
	fields := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		fields[pairs[i]] = pairs[i+1]
	}
	return Event{Call: call, Kind: kind, Fields: fields}
}

// fill appends n events that tell their own number.
func fill(t *testing.T, j *Journal, n int) {
	t.Helper()
	for range n {
		if _, err := j.Append(event(AgentReady, "", "agent", strconv.Itoa(int(j.Last())+1))); err != nil {
			t.Fatal(err)
		}
	}
}

// numbers reads the journal and checks that each event is the one it says it is.
func numbers(t *testing.T, j *Journal, from Seq) (read []Seq, damage []DamageError) {
	t.Helper()
	for e, err := range j.Read(from) {
		var d DamageError
		if errors.As(err, &d) {
			damage = append(damage, d)
			continue
		}
		if err != nil || e.Fields["agent"] != strconv.Itoa(int(e.Seq)) || e.Kind != AgentReady || e.At.IsZero() {
			t.Fatalf("event %+v, %v", e, err)
		}
		read = append(read, e.Seq)
	}
	return read, damage
}

func TestAppendReadReopen(t *testing.T) {
	dir := t.TempDir()
	options := Options{SegmentBytes: 2000}
	j, report := opened(t, dir, options)
	if report != (Report{}) {
		t.Errorf("a new journal reports %+v", report)
	}
	fill(t, j, 100)
	for _, from := range []Seq{0, 1, 50, 100, 101} {
		read, damage := numbers(t, j, from)
		if want := 101 - max(int(from), 1); len(read) != want || len(damage) > 0 {
			t.Errorf("from %d: %d events, %v", from, len(read), damage)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Append(Event{}); !errors.Is(err, ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
	j, report = opened(t, dir, options)
	if report.Events != 100 || report.EN != "" || j.Stats().Segments < 4 {
		t.Errorf("reopened with %+v, %+v", report, j.Stats())
	}
	fill(t, j, 3)
	read, damage := numbers(t, j, 1)
	if len(read) != 103 || read[102] != 103 || len(damage) > 0 {
		t.Errorf("%d events, %v", len(read), damage)
	}
	for range j.Read(1) {
		break // a reader may stop early
	}
}

func TestMoreEventsThanMemory(t *testing.T) {
	j, _ := opened(t, t.TempDir(), Options{})
	fill(t, j, unsavedMost+500)
	read, damage := numbers(t, j, 1)
	if len(read) != unsavedMost+500 || len(damage) > 0 {
		t.Errorf("%d events, %v", len(read), damage)
	}
	for i, seq := range read {
		if seq != Seq(i+1) {
			t.Fatalf("event %d comes at place %d", seq, i+1)
		}
	}
	if read, _ := numbers(t, j, 400); len(read) != unsavedMost+101 {
		t.Errorf("from 400: %d events", len(read))
	}
}

func TestFieldsAreCopied(t *testing.T) {
	j, _ := opened(t, t.TempDir(), Options{})
	e := event(AgentReady, "", "agent", "1")
	if _, err := j.Append(e); err != nil {
		t.Fatal(err)
	}
	e.Fields["agent"] = "changed"
	numbers(t, j, 1)
}

// TestTornEnd cuts the journal at every octet of its last two events.
func TestTornEnd(t *testing.T) {
	dir := t.TempDir()
	j, _ := opened(t, dir, Options{})
	fill(t, j, 10)
	_ = j.Close()
	path := filepath.Join(dir, segmentName(1))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	line := len(whole) / 10
	for cut := len(whole) - 2*line; cut < len(whole); cut++ {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		j, report := opened(t, dir, Options{})
		read, damage := numbers(t, j, 1)
		if len(read) < 7 || len(read) > 9 || report.Events != uint64(len(read)) || len(damage) > 0 || report.EN != "" {
			t.Fatalf("cut at %d of %d: %d events, %v, %+v", cut, len(whole), len(read), damage, report)
		}
		fill(t, j, 1) // goes on where the whole events end
		again, damage := numbers(t, j, 1)
		if len(again) != len(read)+1 || len(damage) > 0 {
			t.Fatalf("cut at %d: then %d events, %v", cut, len(again), damage)
		}
		_ = j.Close()
	}
}

func TestFlippedBits(t *testing.T) {
	dir := t.TempDir()
	j, _ := opened(t, dir, Options{SegmentBytes: 1000})
	fill(t, j, 40)
	_ = j.Close()
	random := rand.New(rand.NewPCG(5, 6))
	for range 150 {
		damaged := t.TempDir()
		if err := os.CopyFS(damaged, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		paths, _ := filepath.Glob(filepath.Join(damaged, "*.jnl"))
		path := paths[random.IntN(len(paths)-1)] // not the last: its end would be taken for torn
		octets, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		bit := random.IntN(len(octets) * 8)
		octets[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(path, octets, 0o600); err != nil {
			t.Fatal(err)
		}
		j, report := opened(t, damaged, Options{SegmentBytes: 1000})
		read, damage := numbers(t, j, 1)
		if len(read) < 38 || len(read) > 39 || len(damage) == 0 || report.Damaged == 0 || report.EN == "" || report.ZH == "" {
			t.Fatalf("bit %d of %s: %d events read, %v, %+v", bit, path, len(read), damage, report)
		}
		_ = j.Close()
	}
}

func TestGap(t *testing.T) {
	dir := t.TempDir()
	j, _ := opened(t, dir, Options{SegmentBytes: 1000})
	fill(t, j, 40)
	_ = j.Close()
	paths, _ := filepath.Glob(filepath.Join(dir, "*.jnl"))
	if err := os.Remove(paths[1]); err != nil {
		t.Fatal(err)
	}
	j, report := opened(t, dir, Options{SegmentBytes: 1000})
	read, damage := numbers(t, j, 1)
	if len(damage) != 1 || damage[0].Missing != report.Missing || int(report.Missing)+len(read) != 40 {
		t.Errorf("%d events, %v, %+v", len(read), damage, report)
	}
}

func TestRetention(t *testing.T) {
	dir := t.TempDir()
	options := Options{SegmentBytes: 1000, MaxBytes: 5000}
	j, _ := opened(t, dir, options)
	fill(t, j, 500)
	if s := j.Stats(); s.Bytes > 5000 || s.Segments < 3 {
		t.Errorf("%+v", s)
	}
	_ = j.Close()
	j, report := opened(t, dir, options)
	read, damage := numbers(t, j, 1)
	if len(damage) > 0 || report.EN != "" || read[len(read)-1] != 500 || len(read) < 30 {
		t.Errorf("%d events, %v, %+v", len(read), damage, report)
	}
	fill(t, j, 1)
}

func TestBetween(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, _, err := Open(t.TempDir(), Options{SegmentBytes: 1000})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for range 60 {
			fill(t, j, 1)
			time.Sleep(time.Minute)
		}
		_ = j.Close()
		j, _, err = Open(j.dir, Options{SegmentBytes: 1000}) // so that the events come from the disk
		if err != nil {
			t.Fatal(err)
		}
		var got []Seq
		for e, err := range j.Between(start.Add(10*time.Minute), start.Add(15*time.Minute)) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Seq)
		}
		if want := []Seq{11, 12, 13, 14, 15}; !reflect.DeepEqual(got, want) {
			t.Errorf("%v", got)
		}
		_ = j.Close()
	})
}

// TestDiskComesBack takes the directory away and gives it back.
func TestDiskComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blocked := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(blocked, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(blocked, "journal")
		j, _, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for n := Seq(1); n <= 5; n++ {
			seq, err := j.Append(event(AgentReady, "", "agent", strconv.Itoa(int(n))))
			var kept KeptError
			if !errors.As(err, &kept) || seq != n || kept.Unsaved != int(n) {
				t.Errorf("append %d: %d, %v", n, seq, err)
			}
		}
		if read, _ := numbers(t, j, 1); len(read) != 5 {
			t.Errorf("%d events can be read meanwhile", len(read))
		}
		if s := j.Stats(); s.Unsaved != 5 || s.Refused == 0 {
			t.Errorf("%+v", s)
		}
		if err := os.Remove(blocked); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		if s := j.Stats(); s.Unsaved != 0 {
			t.Errorf("%+v", s)
		}
		fill(t, j, 1)
		_ = j.Close()
		j, report, err := Open(dir, Options{})
		if err != nil || report.Events != 6 || report.EN != "" {
			t.Errorf("%+v, %v", report, err)
		}
		numbers(t, j, 1)
		_ = j.Close()
	})
}

func TestTooManyUnsaved(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	j, _ := opened(t, filepath.Join(blocked, "journal"), Options{})
	for range unsavedMost + 7 {
		if _, err := j.Append(event(AgentReady, "", "agent", strconv.Itoa(int(j.Last())+1))); err == nil {
			t.Fatal("a disk that is not there took an event")
		}
	}
	if s := j.Stats(); s.Dropped != 7 || s.Unsaved != unsavedMost {
		t.Errorf("%+v", s)
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j, report := opened(t, filepath.Join(blocked, "journal"), Options{})
	if read, _ := numbers(t, j, 1); len(read) != unsavedMost || read[0] != 8 || report.Events != unsavedMost {
		t.Errorf("%d events from %d, %+v", len(read), read[0], report)
	}
}

// appendOnFullDisk bounds the size of files, which is to write(2) what a full disk is.
func appendOnFullDisk(dir string) {
	signal.Ignore(unix.SIGXFSZ)
	j, _, err := Open(dir, Options{})
	limit := unix.Rlimit{Cur: 5000, Max: unix.RLIM_INFINITY}
	if err = errors.Join(err, unix.Setrlimit(unix.RLIMIT_FSIZE, &limit)); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	kept := 0
	for n := 1; n <= 100; n++ {
		_, err := j.Append(event(AgentReady, "", "agent", strconv.Itoa(n)))
		var k KeptError
		if errors.As(err, &k) {
			kept++
		}
	}
	limit.Cur = unix.RLIM_INFINITY
	if err := errors.Join(unix.Setrlimit(unix.RLIMIT_FSIZE, &limit), j.Close()); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("kept", kept)
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	out, err := child(dir, "full").Output()
	kept, _ := strconv.Atoi(strings.TrimSpace(strings.TrimPrefix(string(out), "kept ")))
	if err != nil || kept < 10 {
		t.Fatalf("%s, %v", out, err)
	}
	j, report := opened(t, dir, Options{})
	read, damage := numbers(t, j, 1)
	if len(read) != 100 || len(damage) > 0 || report.Torn > 0 || report.EN != "" {
		t.Errorf("%d events, %v, %+v", len(read), damage, report)
	}
}

// appendUntilKilled prints each number once Append returned it.
func appendUntilKilled(dir string) {
	j, _, err := Open(dir, Options{SegmentBytes: 3000})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	out := bufio.NewWriter(os.Stdout)
	for {
		seq, err := j.Append(event(AgentReady, "", "agent", strconv.Itoa(int(j.Last())+1)))
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		_, _ = fmt.Fprintln(out, seq)
		_ = out.Flush()
	}
}

func TestKilledProcessLosesNothing(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(7, 8))
	for round := range 20 {
		cmd := child(dir, "append")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		acknowledged, wanted := 0, 1+random.IntN(60)
		lines := bufio.NewScanner(out)
		for count := 0; lines.Scan(); count++ {
			if n, err := strconv.Atoi(lines.Text()); err == nil {
				acknowledged = n
			} else {
				t.Fatalf("round %d: %s", round, lines.Text())
			}
			if count == wanted {
				_ = cmd.Process.Kill()
			}
		}
		_ = cmd.Wait()
		j, report := opened(t, dir, Options{SegmentBytes: 3000})
		read, damage := numbers(t, j, 1)
		if len(read) < acknowledged || len(damage) > 0 || report.Damaged > 0 || report.Missing > 0 {
			t.Fatalf("round %d: %d acknowledged, %d read, %v, %+v", round, acknowledged, len(read), damage, report)
		}
		_ = j.Close()
	}
}

func TestWatch(t *testing.T) {
	j, _ := opened(t, t.TempDir(), Options{})
	fill(t, j, 5)
	ctx, cancel := context.WithCancel(t.Context())
	events := j.Watch(ctx, 3)
	for want := Seq(3); want <= 5; want++ {
		if e := <-events; e.Seq != want {
			t.Fatalf("event %d, expected %d", e.Seq, want)
		}
	}
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for range 50 {
				_, _ = j.Append(event(PhoneUp, ""))
			}
		})
	}
	for want := Seq(6); want <= 205; want++ {
		if e := <-events; e.Seq != want {
			t.Fatalf("event %d, expected %d", e.Seq, want)
		}
	}
	writers.Wait()
	cancel()
	if _, more := <-events; more {
		t.Error("an event after the end")
	}
	events = j.Watch(t.Context(), 206)
	_ = j.Close()
	if _, more := <-events; more {
		t.Error("an event after Close")
	}
}

func TestOpenNeedsADirectory(t *testing.T) {
	if _, _, err := Open("", Options{}); err == nil {
		t.Error("a journal without a directory")
	}
}

func TestTooLongAnEvent(t *testing.T) {
	j, _ := opened(t, t.TempDir(), Options{})
	if _, err := j.Append(event(PhoneUp, "", "address", strings.Repeat("x", lineLongest))); err == nil {
		t.Error("an event of 64 KiB was taken")
	}
	fill(t, j, 1)
}

func FuzzLine(f *testing.F) {
	line, err := appendLine(nil, Event{Seq: 1, At: time.Unix(1, 0).UTC(), Kind: CallArrived, Call: "c1", Fields: map[string]string{"caller": "张三"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(line[:len(line)-1])
	f.Add([]byte("00000000 {}"))
	f.Fuzz(func(t *testing.T, octets []byte) {
		var report Report
		(&segment{}).scan(octets, 0, true, &report)
		e, err := parseLine(octets)
		if err != nil {
			return
		}
		again, err := appendLine(nil, e)
		if err != nil {
			return // longer than a line may be once it is escaped
		}
		back, err := parseLine(again[:len(again)-1])
		if err != nil || back.Seq != e.Seq || !back.At.Equal(e.At) || !maps.Equal(back.Fields, e.Fields) {
			t.Fatalf("%+v came back as %+v, %v", e, back, err)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	j, _, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = j.Close() }()
	e := event(AgentOffered, "20260301-080000-17", "queue", "Sales", "agent", "201", "reason", "longest_idle", "ms", "192000")
	b.ReportAllocs()
	for range b.N {
		if _, err := j.Append(e); err != nil {
			b.Fatal(err)
		}
	}
}
