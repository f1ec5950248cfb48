package trace

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// open begins a trace that is closed with the test.
func open(t testing.TB, dir string) *Line {
	t.Helper()
	l := Open(Options{Name: "line1", Dir: dir, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(l.Close)
	return l
}

// numbered is a frame that can be told from others: an RR with the number in octets of its own behind it.
func numbered(n int) []byte { return []byte{0, 1, 1, 0, byte(n >> 16), byte(n >> 8), byte(n)} }

func numberOf(f Frame) int { return int(f.Octets[4])<<16 | int(f.Octets[5])<<8 | int(f.Octets[6]) }

// all lists the numbers of the frames of all times.
func all(l *Line) []int {
	var numbers []int
	for f := range l.Frames(time.Time{}, time.Time{}) {
		numbers = append(numbers, numberOf(f))
	}
	return numbers
}

// gapless wants the numbers from first to last.
func gapless(t *testing.T, numbers []int, first, last int) {
	t.Helper()
	if len(numbers) != last-first+1 || numbers[0] != first || numbers[len(numbers)-1] != last || !slices.IsSorted(numbers) {
		t.Errorf("%d frames, %v … %v; expected %d to %d", len(numbers), numbers[:min(3, len(numbers))], numbers[max(0, len(numbers)-3):], first, last)
	}
}

func TestRingKeepsTheNewest(t *testing.T) {
	l := open(t, "")
	for n := range kept + 1234 {
		l.Add(n%3 == 0, false, numbered(n))
	}
	gapless(t, all(l), 1234, kept+1233)
	l.Add(true, true, make([]byte, longest+50))
	l.Add(true, true, nil)
	for f := range l.ring.since(l.ring.end() - 1) {
		if len(f.Octets) != longest || !f.Sent || !f.Network {
			t.Errorf("a frame too long: %d octets, sent %t, network %t", len(f.Octets), f.Sent, f.Network)
		}
	}
}

// TestOneWriterManyReaders: under the race detector, and each reader sees frames whole and in order.
func TestOneWriterManyReaders(t *testing.T) {
	l := open(t, t.TempDir())
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		readers.Go(func() {
			for {
				last := -1
				for f := range l.Frames(time.Time{}, time.Time{}) {
					if n := numberOf(f); n <= last || int(f.Seq) != n+1 {
						t.Errorf("frame %d, number %d after %d", f.Seq, n, last)
						return
					} else {
						last = n
					}
				}
				l.Page(Filter{Messages: true}, 10)
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	for n := range kept + 3*copied {
		l.Add(true, false, numbered(n))
	}
	close(done)
	readers.Wait()
}

func TestAddAllocatesNothing(t *testing.T) {
	l := open(t, "")
	_, end := l.watch()
	defer end()
	frame := numbered(1)
	if n := testing.AllocsPerRun(1000, func() { l.Add(true, false, frame) }); n != 0 {
		t.Errorf("%v allocations a frame", n)
	}
}

func BenchmarkAdd(b *testing.B) {
	l := open(b, "")
	frame := numbered(1)
	b.ReportAllocs()
	for b.Loop() {
		l.Add(true, false, frame)
	}
}

// TestDiskOutlivesTheProcess: what was written is there again, with rising numbers, and is passed over in memory.
func TestDiskOutlivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	total := 0
	for range 3 {
		l := open(t, dir)
		for range 500 {
			l.Add(true, false, numbered(total))
			total++
		}
		gapless(t, all(l), 0, total-1)
		l.Close()
		gapless(t, all(l), 0, total-1)
	}
	if names := open(t, dir).disk.files(); len(names) != 1 {
		t.Errorf("%d files, a small trace goes on in the same: %q", len(names), names)
	}
}

// TestBatches: frames reach the disk without Close, together.
func TestBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := open(t, t.TempDir())
		l.Add(true, false, numbered(0))
		l.Add(true, false, numbered(1))
		synctest.Wait()
		if names := l.disk.files(); len(names) != 0 {
			t.Errorf("written at once: %q", names)
		}
		time.Sleep(batch)
		synctest.Wait()
		n := 0
		for range l.disk.frames() {
			n++
		}
		if n != 2 {
			t.Errorf("%d frames on the disk after %v, expected 2", n, batch)
		}
		l.Close()
	})
}

// TestFilesAreBounded: the oldest go, also those that a longer name shares its beginning with stay apart.
func TestFilesAreBounded(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "line1-2-000007.bin")
	if err := os.WriteFile(other, []byte(magic), 0o600); err != nil {
		t.Fatal(err)
	}
	d := openDisk(dir, "line1")
	frame := Frame{Octets: make([]byte, longest)}
	perFile := (fileOctets - len(magic)) / (headOctets + longest + sumOctets)
	count := perFile*(files+2) + 1
	for range count {
		frame.Seq++
		if err := d.write(func(yield func(Frame) bool) { yield(frame) }); err != nil {
			t.Fatal(err)
		}
	}
	d.close()
	names := d.files()
	if len(names) != files || !strings.HasSuffix(names[0], fmt.Sprintf("-%06d.bin", 4)) {
		t.Errorf("%d files: %q", len(names), names)
	}
	for _, name := range names {
		if info, err := os.Stat(name); err != nil || info.Size() > fileOctets {
			t.Errorf("%s: %d octets, %v", name, info.Size(), err)
		}
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
	var last Seq
	for f := range d.frames() {
		last = f.Seq
	}
	if last != Seq(count) {
		t.Errorf("the last frame is %d, expected %d", last, count)
	}
}

// TestTornFiles cuts a file at every octet and spoils every octet: what stands before is read, and the trace goes on.
func TestTornFiles(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	for n := range 3 {
		l.Add(true, false, numbered(n))
	}
	l.Close()
	name := l.disk.files()[0]
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	record := (len(whole) - len(magic)) / 3
	check := func(how string, content []byte, want int) {
		t.Helper()
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
		l := open(t, dir)
		l.Add(false, false, numbered(want))
		l.Close()
		if numbers := all(open(t, dir)); len(numbers) != want+1 || numbers[want] != want {
			t.Errorf("%s: frames %v, expected 0 to %d", how, numbers, want)
		}
		for _, more := range l.disk.files() {
			if more != name {
				_ = os.Remove(more)
			}
		}
	}
	for cut := range whole {
		check(fmt.Sprintf("cut at %d", cut), whole[:cut], max(0, cut-len(magic))/record)
	}
	for at := range whole {
		spoilt := slices.Clone(whole)
		spoilt[at] ^= 0x5a
		check(fmt.Sprintf("spoilt at %d", at), spoilt, max(0, at-len(magic))/record)
	}
}

// TestDiskRefuses: a directory that cannot be made costs the files only, and writing goes on when it can.
func TestDiskRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "trace")
		if err := os.WriteFile(dir, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		l := open(t, dir)
		l.Add(true, false, numbered(0))
		time.Sleep(2 * batch)
		synctest.Wait()
		if l.Lost() != 1 {
			t.Errorf("%d frames lost, expected 1", l.Lost())
		}
		gapless(t, all(l), 0, 0)
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
		l.Add(true, false, numbered(1))
		l.Close()
		if numbers := all(open(t, dir)); len(numbers) != 1 || numbers[0] != 1 {
			t.Errorf("on the disk: %v, expected 1 alone", numbers)
		}
	})
}

// TestFullDisk writes to a file that takes nothing more.
func TestFullDisk(t *testing.T) {
	l := open(t, t.TempDir())
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	d := openDisk(t.TempDir(), "line1")
	d.file, d.size = full, len(magic)
	l.Add(true, false, numbered(0))
	if err := d.write(l.ring.since(1)); err == nil || d.lost.Load() != 1 {
		t.Errorf("a full disk took a frame: %v, %d lost", err, d.lost.Load())
	}
	l.Add(true, false, numbered(1))
	if err := d.write(l.ring.since(d.next)); err != nil || d.lost.Load() != 1 {
		t.Errorf("the next file: %v, %d lost", err, d.lost.Load())
	}
	d.close()
}

// FuzzRecords reads foreign octets as a file: what is read can be written again, octet by octet.
func FuzzRecords(f *testing.F) {
	one := appendRecord([]byte(magic), Frame{Seq: 1, At: time.Unix(1, 2), Sent: true, Octets: []byte{0, 1, 0x7f}})
	f.Add([]byte{})
	f.Add([]byte(magic))
	f.Add(one)
	f.Add(append(slices.Clone(one), one[:10]...))
	f.Fuzz(func(t *testing.T, content []byte) {
		again := []byte(magic)
		for frame := range records(content) {
			if len(frame.Octets) == 0 || len(frame.Octets) > longest {
				t.Fatalf("a frame of %d octets", len(frame.Octets))
			}
			again = appendRecord(again, frame)
		}
		if whole := wholeOctets(content); whole > len(content) || whole > 0 && whole != len(again) {
			t.Fatalf("%d octets hold of %d, %d written again", whole, len(content), len(again))
		}
	})
}

// FuzzRow decodes any octets as a frame.
func FuzzRow(f *testing.F) {
	f.Add([]byte{0, 1, 0x7f}, true, false)
	f.Add([]byte{2, 1, 0, 0, 8, 2, 0, 1, 5, 4, 3, 0x80, 0x90, 0xa3}, false, false)
	f.Add([]byte{0, 1, 0, 0, 8, 0}, true, true)
	f.Fuzz(func(t *testing.T, octets []byte, sent, network bool) {
		row := newRow(Frame{Octets: octets, Sent: sent, Network: network})
		if row.ZH == "" || row.EN == "" || row.Layer2 == "" || strings.ContainsAny(row.EN, "{}") {
			t.Fatalf("a row without words: %+v", row)
		}
	})
}
