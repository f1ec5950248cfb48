package record

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/dsp"
)

// faulty is a disk on which one thing fails as long as it is said to.
type faulty struct {
	file
	failing *error
}

func (f faulty) Write(octets []byte) (int, error) {
	if *f.failing != nil {
		n, _ := f.file.Write(octets[:len(octets)/3])
		return n, *f.failing
	}
	return f.file.Write(octets)
}

func (f faulty) Sync() error {
	if *f.failing != nil {
		return *f.failing
	}
	return f.file.Sync()
}

// TestAFullDisk: the recording ends early with a report, what there is of it is sealed when there is room again.
func TestAFullDisk(t *testing.T) {
	r, reports := opened(t, t.TempDir(), nil)
	var failing error
	r.create = func(path string) (file, error) {
		made, err := create(path)
		return faulty{made, &failing}, err
	}
	tape := started(t, r, "full")
	play(r, tape, 1000, 500, 900, dsp.ALaw)
	failing = syscall.ENOSPC
	play(r, tape, 1000, 500, 900, dsp.ALaw)
	settle(r)
	settle(r)
	if len(*reports) != 1 || (*reports)[0].Kind != Failed || !errors.Is((*reports)[0].Err, syscall.ENOSPC) || tape.Running() {
		t.Fatalf("reports %+v", *reports)
	}
	failing = nil
	settle(r)
	if len(*reports) != 2 || (*reports)[1].Kind != Ended || (*reports)[1].Last < time.Second || (*reports)[1].Last > 1500*time.Millisecond {
		t.Errorf("reports %+v", *reports)
	}
	proven(t, r, 1)
}

// TestADiskThatTakesNothing leaves no file and no entry behind.
func TestADiskThatTakesNothing(t *testing.T) {
	r, reports := opened(t, t.TempDir(), nil)
	failing := error(syscall.ENOSPC)
	r.create = func(path string) (file, error) {
		made, err := create(path)
		return faulty{made, &failing}, err
	}
	started(t, r, "none")
	settle(r)
	settle(r)
	if len(*reports) != 1 || (*reports)[0].Kind != Failed || len(r.live) != 0 {
		t.Errorf("reports %+v, live %v", *reports, r.live)
	}
	if left, _ := filepath.Glob(filepath.Join(r.Dir, "*", "*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// TestAPowerCutBetweenTheSteps: of the list and the file's name, whichever is done is done once.
func TestAPowerCutBetweenTheSteps(t *testing.T) {
	dir := t.TempDir()
	r, _ := opened(t, dir, nil)
	tape := started(t, r, "c1")
	tape.With("801", "销售")
	play(r, tape, 1000, 500, 900, dsp.ALaw)
	tape.End()
	settle(r)
	entries, _ := r.Day("2026-03-01")
	part := filepath.Join(dir, "2026-03-01", "20260301-093000_销售__13800000001_c1"+unfinished)
	must(t, os.Rename(filepath.Join(dir, entries[0].File), part)) // as if the power had gone before this
	again, reports := opened(t, dir, nil)
	again.recover()
	after, err := again.Day("2026-03-01")
	if err != nil || len(after) != 1 || after[0].File != entries[0].File || after[0].Agent != "801" || len(*reports) != 1 {
		t.Errorf("%+v, %v, reports %+v", after, err, *reports)
	}
	proven(t, again, 1)
}

// TestWhatAPowerCutLeft: a file without sound goes, one that is no recording stands aside, a name tells what the file is of.
func TestWhatAPowerCutLeft(t *testing.T) {
	dir := t.TempDir()
	day := filepath.Join(dir, "2026-03-01")
	must(t, os.MkdirAll(day, 0o700))
	for name, content := range map[string][]byte{
		"20260301-093000_q_801_1380_c1.part.wav": append(header(2, unknownLength), bytes.Repeat([]byte{0xd5}, 16001)...),
		"20260301-093001_q_801_1380_c2.part.wav": header(2, unknownLength),
		"20260301-093002_q_801_1380_c3.part.wav": bytes.Repeat([]byte{0}, 100),
		"odd.part.wav":                           append(header(1, unknownLength), 0xd5, 0xd5),
	} {
		must(t, os.WriteFile(filepath.Join(day, name), content, 0o600))
	}
	r, _ := opened(t, dir, nil)
	r.recover()
	entries, err := r.Day("2026-03-01")
	if err != nil || len(entries) != 2 {
		t.Fatalf("%+v, %v", entries, err)
	}
	if e := entries[0]; e.Call != "c1" || e.Queue != "q" || e.Agent != "801" || e.Caller != "1380" || !e.Began.Equal(began) || e.Octets != 16001 || !e.Recovered {
		t.Errorf("%+v", e)
	}
	if entries[1].Call != "odd" {
		t.Errorf("%+v", entries[1])
	}
	proven(t, r, 2)
	if damaged, _ := filepath.Glob(filepath.Join(day, "*.damaged")); len(damaged) != 1 {
		t.Errorf("damaged: %v", damaged)
	}
}

// TestTheDayGoesWhileItIsRecorded: whoever deletes the directory does not keep the recorder busy for ever.
func TestTheDayGoesWhileItIsRecorded(t *testing.T) {
	r, reports := opened(t, t.TempDir(), nil)
	tape := started(t, r, "d1")
	play(r, tape, 1000, 500, 900, dsp.ALaw)
	must(t, os.RemoveAll(filepath.Join(r.Dir, "2026-03-01")))
	play(r, tape, 1000, 500, 900, dsp.ALaw)
	tape.End()
	settle(r)
	settle(r)
	if len(*reports) != 1 || (*reports)[0].Kind != Failed || len(r.live) != 0 {
		t.Errorf("reports %+v", *reports)
	}
	proven(t, r, 0)
	next := started(t, r, "d2")
	next.End()
	settle(r)
	proven(t, r, 1)
}

// TestOddNames: what numbers and names may be never leaves the directory, fits into a name and comes back from the chain.
func TestOddNames(t *testing.T) {
	r, _ := opened(t, t.TempDir(), nil)
	odd := []About{
		{Call: "1", Queue: "../../etc", Agent: "..", Caller: "sip:a/b\\c\x00@x"},
		{Call: "2", Queue: strings.Repeat("销售", 60), Agent: "801", Caller: strings.Repeat("9", 300), Called: strings.Repeat("8", 90)},
		{Call: "3", Queue: "bad \xff\xfe octets", Caller: "a_b_c"},
		{Call: "4", Queue: "Verkauf <b>&amp;\"' \u2028", Caller: "+49 (30) 1"},
		{Call: strings.Repeat("5", 200)},
	}
	for _, about := range odd {
		about.Began = began
		tape, err := r.Start(about)
		must(t, err)
		tape.Mark("agent \xff")
		settle(r)
		tape.End()
		settle(r)
	}
	proven(t, r, len(odd))
	entries, err := r.Day("2026-03-01")
	must(t, err)
	for i, e := range entries {
		name := filepath.Base(e.File)
		if filepath.Dir(e.File) != "2026-03-01" || len(name)+len(".damaged") > 255 || strings.Count(name, "_") != 4 {
			t.Errorf("%q is called %q", odd[i].Queue, e.File)
		}
		file, err := r.Open(e.File)
		must(t, err)
		must(t, file.Close())
	}
}

// TestADayIsTheBoxs: a call before midnight in Shanghai belongs to that day, also when it ends after.
func TestADayIsTheBoxs(t *testing.T) {
	zone := time.FixedZone("CST", 8*3600)
	r, reports := opened(t, t.TempDir(), nil)
	r.Set(Rules{Stereo: true, Zone: zone})
	at := time.Date(2026, 3, 1, 23, 59, 59, 0, zone)
	tape, err := r.Start(About{Call: "m", Began: at.UTC()})
	must(t, err)
	play(r, tape, 3000, 500, 900, dsp.ALaw)
	tape.End()
	settle(r)
	if file := (*reports)[0].File; file != "2026-03-01/20260301-235959____m.wav" {
		t.Errorf("file %q", file)
	}
	if found, err := r.Find("m", at.UTC()); err != nil || len(found) != 1 || !found[0].Began.Equal(at) {
		t.Errorf("found %+v, %v", found, err)
	}
	if gaps, err := r.Match([]Talk{{"m", at.UTC(), at.UTC().Add(3 * time.Second)}}); err != nil || len(gaps) != 0 {
		t.Errorf("gaps %+v, %v", gaps, err)
	}
}

// TestOldRecordingsGoADayAnHour: a clock that is years ahead does not delete everything at once.
func TestOldRecordingsGoADayAnHour(t *testing.T) {
	now := began
	r, reports := opened(t, t.TempDir(), func(o *Options) { o.Clock = func() time.Time { return now } })
	r.Set(Rules{Keep: 10 * 24 * time.Hour})
	for i := range 5 {
		tape, err := r.Start(About{Call: "k", Began: began.AddDate(0, 0, i)})
		must(t, err)
		tape.End()
		settle(r)
	}
	now = began.AddDate(10, 0, 0)
	for range 10 {
		r.look()
	}
	if days := r.Days(); len(days) != 4 {
		t.Errorf("%v are left", days)
	}
	now = now.Add(time.Hour)
	r.look()
	r.look()
	if days := r.Days(); len(days) != 3 {
		t.Errorf("an hour later %v are left", days)
	}
	if last := (*reports)[len(*reports)-1]; last.Kind != Deleted || last.File != "2026-03-02" || last.Count != 1 || last.Why != "age" {
		t.Errorf("%+v", last)
	}
}

// TestTheLastRoomIsTheJournals: below a quarter of the least, recordings that run end.
func TestTheLastRoomIsTheJournals(t *testing.T) {
	room := uint64(10000)
	r, reports := opened(t, t.TempDir(), func(o *Options) { o.Free = func(string) (uint64, error) { return room, nil } })
	r.Set(Rules{Stereo: true, LeastMin: 1000})
	tape := started(t, r, "r1")
	play(r, tape, 1000, 500, 900, dsp.ALaw)
	room = 400
	r.look()
	if !tape.Running() {
		t.Error("half of the least ends a recording that runs")
	}
	room = 249
	r.look()
	settle(r)
	last := (*reports)[len(*reports)-1]
	entries, _ := r.Day("2026-03-01")
	if tape.Running() || last.Kind != Ended || len(entries) != 1 || entries[0].Marks[0].What != "disk_full" {
		t.Errorf("%+v, %+v", last, entries)
	}
}

// TestWithoutUs: the tools of any Unix prove a day.
func TestWithoutUs(t *testing.T) {
	r, _ := opened(t, t.TempDir(), nil)
	for _, call := range []string{"u1", "u2"} {
		tape := started(t, r, call)
		play(r, tape, 200, 500, 900, dsp.ALaw)
		tape.End()
		settle(r)
	}
	script := exec.Command("sh", "-c", `last=
while read -r link entry; do
  [ "$(printf '%s%s' "$last" "$entry" | sha256sum | cut -c1-64)" = "$link" ] || echo "link $entry"
  file=$(printf '%s' "$entry" | sed 's/.*"file":"\([^"]*\)".*/\1/'); sum=$(printf '%s' "$entry" | sed 's/.*"sha256":"\([^"]*\)".*/\1/')
  [ "$(tail -c +59 "$file" | sha256sum | cut -c1-64)" = "$sum" ] || echo "changed $file"
  last=$link
done < 2026-03-01/chain; echo $last`)
	script.Dir = r.Dir
	out, err := script.CombinedOutput()
	proof, _ := r.Verify(t.Context(), "2026-03-01")
	if err != nil || strings.TrimSpace(string(out)) != proof.LastLink || len(proof.LastLink) != 64 {
		t.Errorf("%v: %s, want %s", err, out, proof.LastLink)
	}
}

// TestVerifyWhileItRecords: nothing is a fault that is only on its way.
func TestVerifyWhileItRecords(t *testing.T) {
	r, _ := opened(t, t.TempDir(), nil)
	var proving sync.WaitGroup
	stop := make(chan struct{})
	proving.Go(func() {
		for {
			if p, err := r.Verify(t.Context(), "2026-03-01"); err != nil || len(p.Faults) > 0 {
				t.Errorf("%+v, %v", p, err)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	for i := range 100 {
		tape := started(t, r, fmt.Sprint("v", i))
		tape.Take(make([]byte, 80), make([]byte, 80), dsp.ALaw)
		tape.End()
		settle(r)
		if i%30 == 29 {
			r.delete(r.shelf.days(r.Dir)[0], "room")
		}
	}
	close(stop)
	proving.Wait()
	proven(t, r, 10)
}

// TestRun: what is said is written twice a second, sealed when it ends, and all of it when the box stops.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		ended := 0
		r, _ := opened(t, dir, func(o *Options) {
			o.Clock = time.Now
			o.Report = func(report Report) {
				mu.Lock()
				defer mu.Unlock()
				if report.Kind == Ended {
					ended++
				}
			}
		})
		var flushed atomic.Int32
		r.flush = func(string) error { flushed.Add(1); return nil }
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() { r.Run(stop); close(stopped) }()
		first, second := started(t, r, "r1"), started(t, r, "r2")
		first.Take(make([]byte, 80), make([]byte, 80), dsp.ALaw)
		time.Sleep(21 * time.Second)
		synctest.Wait()
		if parts, _ := filepath.Glob(filepath.Join(dir, "*", "*"+unfinished)); len(parts) != 2 {
			t.Errorf("being written: %v", parts)
		}
		if n := flushed.Load(); n != 4 {
			t.Errorf("brought to the disk %d times in 21 s", n)
		}
		first.End()
		time.Sleep(time.Second)
		synctest.Wait()
		mu.Lock()
		if ended != 1 || r.Now().Running != 1 {
			t.Errorf("%d ended, %+v", ended, r.Now())
		}
		mu.Unlock()
		second.Mark("held")
		close(stop)
		<-stopped
		if ended != 2 || r.Now().Running != 0 {
			t.Errorf("after the stop %d ended, %+v", ended, r.Now())
		}
	})
}

func TestFlush(t *testing.T) {
	must(t, flush(t.TempDir()))
	if flush(filepath.Join(t.TempDir(), "none")) == nil {
		t.Error("a directory that is not there was brought to the disk")
	}
}

// TestALongCall: a header holds what its numbers can say.
func TestALongCall(t *testing.T) {
	for _, octets := range []int64{0, 1, 0xffffffff - headerSize, 0xffffffff, 1 << 40} {
		h := header(2, octets)
		size, riff := binary.LittleEndian.Uint32(h[54:]), binary.LittleEndian.Uint32(h[4:])
		if want := uint32(min(octets, 0xffffffff-headerSize)); size != want || riff != size+headerSize-8 {
			t.Errorf("%d octets: data %d, RIFF %d", octets, size, riff)
		}
	}
}

// TestListen: from anywhere, the decoded recording is that of the file.
func TestListen(t *testing.T) {
	r, reports := opened(t, t.TempDir(), nil)
	tape := started(t, r, "l1")
	play(r, tape, 3000, 500, 900, dsp.ALaw)
	tape.End()
	settle(r)
	path := filepath.Join(r.Dir, (*reports)[0].File)
	want, err := exec.Command("sox", path, "-t", "wav", "-e", "signed", "-b", "16", "-").Output()
	if err != nil {
		t.Fatalf("sox: %v (apt-get install sox)", err)
	}
	file, err := r.Open((*reports)[0].File)
	must(t, err)
	defer file.Close()
	heard, err := Listen(file)
	must(t, err)
	got, err := io.ReadAll(heard)
	must(t, err)
	if !bytes.Equal(got[linearHeaderSize:], want[44:]) || len(got) != linearHeaderSize+2*48000 {
		t.Fatalf("%d octets, want %d, or others", len(got), len(want))
	}
	for _, from := range []int64{0, 1, 43, 44, 45, 46, 50001, int64(len(got)) - 1} {
		_, err := heard.Seek(from, io.SeekStart)
		must(t, err)
		if part, err := io.ReadAll(heard); err != nil || !bytes.Equal(part, got[from:]) {
			t.Errorf("from %d: %d octets, %v", from, len(part), err)
		}
	}
	if n, err := heard.Seek(0, io.SeekEnd); n != int64(len(got)) || err != nil {
		t.Errorf("the end is at %d, %v", n, err)
	}
	if _, err := Listen(bytes.NewReader(make([]byte, 100))); !errors.Is(err, errNotOurs) {
		t.Errorf("no recording: %v", err)
	}
}
