package record

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkbox/dsp"
)

var began = time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC)

// opened is a recorder on a directory, with its reports.
func opened(t *testing.T, dir string, change func(*Options)) (*Recorder, *[]Report) {
	t.Helper()
	reports := &[]Report{}
	o := Options{
		Dir: dir, Log: slog.New(slog.DiscardHandler), Clock: func() time.Time { return began },
		Free:   func(string) (uint64, error) { return 1 << 40, nil },
		Report: func(r Report) { *reports = append(*reports, r) },
	}
	if change != nil {
		change(&o)
	}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r, reports
}

func started(t *testing.T, r *Recorder, call string) *Tape {
	t.Helper()
	tape, err := r.Start(About{Call: call, Began: began, Queue: "销售", Caller: "13800000001"})
	if err != nil {
		t.Fatal(err)
	}
	return tape
}

// settle has what was taken written, and what has ended sealed.
func settle(r *Recorder) {
	r.write()
	r.seal()
}

// play gives a tape so many milliseconds of two tones, and has them written as often as the recorder does.
func play(r *Recorder, t *Tape, ms int, callerHz, agentHz float64, law dsp.Law) {
	caller := dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: callerHz, DBm0: -10}}}}})
	speaker := dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: agentHz, DBm0: -10}}}}})
	said, answered, heard := make([]byte, 80), make([]byte, 80), make([]byte, 80)
	for i := range heard {
		heard[i] = law.Silence()
	}
	agent := t.Agent()
	for tick := range ms / 10 {
		caller.FillOctets(said, law)
		speaker.FillOctets(answered, law)
		if agentHz > 0 {
			agent.Take(answered, nil, law)
		}
		t.Take(said, heard, law)
		r.supply()
		if tick%50 == 49 {
			settle(r)
		}
	}
}

// sound reads the channels of a recording.
func sound(t *testing.T, path string) (channels [][]int16) {
	t.Helper()
	octets, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n, err := readHeader(bytes.NewReader(octets))
	if err != nil {
		t.Fatal(err)
	}
	linear := make([]int16, len(octets)-headerSize)
	dsp.ALaw.Expand(linear, octets[headerSize:])
	channels = make([][]int16, n)
	for i, x := range linear {
		channels[i%n] = append(channels[i%n], x)
	}
	return channels
}

func TestCallerLeftAgentRight(t *testing.T) {
	for _, law := range []dsp.Law{dsp.ALaw, dsp.MuLaw} {
		r, reports := opened(t, t.TempDir(), nil)
		tape := started(t, r, "a1")
		tape.With("801", "销售")
		play(r, tape, 3000, 500, 900, law)
		tape.End()
		settle(r)
		if len(*reports) != 1 || (*reports)[0].Kind != Ended || (*reports)[0].Last != 3*time.Second || (*reports)[0].Lost != 0 {
			t.Fatalf("reports %+v", *reports)
		}
		file := (*reports)[0].File
		if want := "2026-03-01/20260301-093000_销售_801_13800000001_a1.wav"; file != want {
			t.Errorf("file %q, want %q", file, want)
		}
		channels := sound(t, filepath.Join(r.Dir, file))
		if len(channels) != 2 || len(channels[0]) != 24000 {
			t.Fatalf("%d channels of %d samples", len(channels), len(channels[0]))
		}
		for i, want := range []float64{500, 900} {
			if hz, level := dsp.Strongest(channels[i][4000:20000], 300, 3400); hz < want-10 || hz > want+10 || level < -12 {
				t.Errorf("channel %d has %.0f Hz at %.1f dBm0, want %.0f", i, hz, level, want)
			}
		}
	}
}

// TestOthersPlayIt: a program that nobody here wrote reads the file, while it is made and after.
func TestOthersPlayIt(t *testing.T) {
	if _, err := exec.LookPath("soxi"); err != nil {
		t.Fatal("soxi is missing: apt-get install sox")
	}
	r, reports := opened(t, t.TempDir(), nil)
	tape := started(t, r, "a2")
	play(r, tape, 2000, 500, 900, dsp.ALaw)
	open, err := filepath.Glob(filepath.Join(r.Dir, "*", "*"+unfinished))
	if err != nil || len(open) != 1 {
		t.Fatalf("%v, %v", open, err)
	}
	tape.End()
	settle(r)
	out, err := exec.Command("soxi", filepath.Join(r.Dir, (*reports)[0].File)).CombinedOutput()
	for _, want := range []string{"Channels       : 2", "Sample Rate    : 8000", "00:00:02.00", "A-law"} {
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("%v: no %q in %s", err, want, out)
		}
	}
}

func TestAPauseIsSilentAndMarked(t *testing.T) {
	r, reports := opened(t, t.TempDir(), nil)
	tape := started(t, r, "a3")
	play(r, tape, 1000, 500, 900, dsp.ALaw)
	tape.Pause()
	play(r, tape, 1000, 500, 900, dsp.ALaw)
	tape.Resume()
	play(r, tape, 1000, 500, 900, dsp.ALaw)
	tape.End()
	settle(r)
	for i, channel := range sound(t, filepath.Join(r.Dir, (*reports)[0].File)) {
		if level := dsp.Level(channel[8000:16000]); level > -60 {
			t.Errorf("channel %d has %.1f dBm0 in the pause", i, level)
		}
		if level := dsp.Level(channel[16000:]); level < -12 {
			t.Errorf("channel %d has %.1f dBm0 after the pause", i, level)
		}
	}
	entries, err := r.Day("2026-03-01")
	if want := []Mark{{time.Second, "paused"}, {2 * time.Second, "resumed"}}; err != nil || !slices.Equal(entries[0].Marks, want) {
		t.Errorf("marks %v, %v", entries, err)
	}
}

// TestAKilledBoxLosesTheLastWritingAtMost: what was written is complete and in the chain after the next start.
func TestAKilledBoxLosesTheLastWritingAtMost(t *testing.T) {
	dir := t.TempDir()
	r, _ := opened(t, dir, nil)
	tape := started(t, r, "20260301-093000-00ff")
	play(r, tape, 2700, 500, 900, dsp.ALaw) // written up to 2.5 s; then the process is gone
	again, _ := opened(t, dir, nil)
	again.recover()
	entries, err := again.Day("2026-03-01")
	if err != nil || len(entries) != 1 || !entries[0].Recovered || entries[0].Call != "20260301-093000-00ff" || !entries[0].Began.Equal(began) {
		t.Fatalf("%+v, %v", entries, err)
	}
	if length := entries[0].Length(); length != 2500*time.Millisecond {
		t.Errorf("%v of 2.7 s are left", length)
	}
	proven(t, again, 1)
}

// TestWhatWasChangedIsFound: a changed sample, a changed entry, a file taken away or slipped in.
func TestWhatWasChangedIsFound(t *testing.T) {
	r, reports := opened(t, t.TempDir(), nil)
	for i := range 5 {
		tape := started(t, r, fmt.Sprint("c", i))
		play(r, tape, 100, 500, 900, dsp.ALaw)
		tape.End()
		settle(r)
	}
	proven(t, r, 5)
	path := func(i int) string { return filepath.Join(r.Dir, (*reports)[i].File) }
	octets, _ := os.ReadFile(path(1))
	octets[headerSize+77] ^= 1
	must(t, os.WriteFile(path(1), octets, 0o600))
	must(t, os.Remove(path(2)))
	must(t, os.WriteFile(filepath.Join(r.Dir, "2026-03-01", "x.wav"), octets, 0o600))
	list := filepath.Join(r.Dir, "2026-03-01", chainFile)
	chain, _ := os.ReadFile(list)
	must(t, os.WriteFile(list, bytes.Replace(chain, []byte(`"call":"c3"`), []byte(`"call":"c9"`), 1), 0o600))
	proof, err := r.Verify(t.Context(), "2026-03-01")
	want := []Fault{{(*reports)[3].File, LinkBroken}, {(*reports)[1].File, Changed}, {(*reports)[2].File, Missing}, {"2026-03-01/x.wav", Unlisted}}
	if err != nil || !slices.Equal(proof.Faults, want) {
		t.Errorf("%v, %v\nwant %v", proof.Faults, err, want)
	}
}

// proven wants the chain of the day of the tests to hold, with so many recordings.
func proven(t *testing.T, r *Recorder, checked int) {
	t.Helper()
	if p, err := r.Verify(t.Context(), "2026-03-01"); p.Checked != checked || len(p.Faults) != 0 || err != nil {
		t.Errorf("%+v, %v", p, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestATornEntryIsCutOff: a power cut in the middle of an entry's line does not keep the next from being written.
func TestATornEntryIsCutOff(t *testing.T) {
	r, _ := opened(t, t.TempDir(), nil)
	for i := range 2 {
		tape := started(t, r, fmt.Sprint("c", i))
		tape.End()
		settle(r)
		list := filepath.Join(r.Dir, "2026-03-01", chainFile)
		file, err := os.OpenFile(list, os.O_APPEND|os.O_WRONLY, 0)
		must(t, err)
		_, err = file.WriteString(`{"call":"torn`)
		must(t, errors.Join(err, file.Close()))
	}
	proven(t, r, 2)
}

// TestTheDiskFills: stereo, mono, nothing; and back. Old days go first, young ones never.
func TestTheDiskFills(t *testing.T) {
	room, now := uint64(10000), began
	r, reports := opened(t, t.TempDir(), func(o *Options) {
		o.Free = func(string) (uint64, error) { return room, nil }
		o.Clock = func() time.Time { return now }
	})
	r.Set(Rules{Stereo: true, Keep: 100 * 24 * time.Hour, Floor: 30 * 24 * time.Hour, LeastMin: 1000})
	old := started(t, r, "old")
	play(r, old, 1000, 500, 900, dsp.ALaw)
	old.End()
	settle(r)
	record := func(step string, channels int) {
		t.Helper()
		r.look()
		tape, err := r.Start(About{Call: "x" + step, Began: now})
		if channels == 0 {
			if !errors.Is(err, ErrStopped) {
				t.Fatalf("%s: %v", step, err)
			}
			return
		}
		if err != nil || tape.channels != channels {
			t.Fatalf("%s: %+v, %v", step, tape, err)
		}
		tape.End()
		settle(r)
	}
	record("enough", 2)
	room = 900
	record("little", 1)
	room = 400
	record("none", 0)
	room = 1100
	record("little more", 1)
	room = 5000
	record("enough again", 2)
	if len(r.Days()) != 1 {
		t.Fatalf("days %v", r.Days())
	}
	now, room = began.Add(40*24*time.Hour), 900
	record("a month later", 1)
	if days := r.Days(); len(days) != 1 || days[0] != "2026-04-10" {
		t.Errorf("the days that are left: %v", days)
	}
	entries, err := r.Day("2026-03-01")
	if err != nil || len(entries) != 0 {
		t.Errorf("of the deleted day there are %v, %v", entries, err)
	}
	proven(t, r, 0)
	var steps []string
	for _, report := range *reports {
		if report.Kind == Stepped {
			steps = append(steps, report.Step.String())
		}
	}
	if want := []string{"mono", "stopped", "mono", "full", "mono"}; !slices.Equal(steps, want) {
		t.Errorf("steps %v", steps)
	}
	r.look()
	if s := r.Now(); s.Step != Mono || s.Days != 1 || s.Running != 0 {
		t.Errorf("now %+v", s)
	}
}

// TestADiskThatRefuses: the recording ends early with a report; the tape goes on taking, and nothing waits for it.
func TestADiskThatRefuses(t *testing.T) {
	r, reports := opened(t, t.TempDir(), nil)
	tape := started(t, r, "f1")
	play(r, tape, 600, 500, 900, dsp.ALaw)
	must(t, tape.file.Close())
	play(r, tape, 2000, 500, 900, dsp.ALaw)
	r.seal()
	r.seal()
	if len(*reports) != 1 || (*reports)[0].Kind != Failed || (*reports)[0].Err == nil || tape.Running() {
		t.Errorf("reports %+v", *reports)
	}
}

// TestASlowDiskLosesSound, says how much, and keeps the rest in order.
func TestASlowDiskLosesSound(t *testing.T) {
	r, reports := opened(t, t.TempDir(), nil)
	tape := started(t, r, "s1")
	block := make([]byte, 80)
	r.write()
	for range 600 { // six seconds without a writing
		tape.Take(block, block, dsp.ALaw)
		r.supply()
	}
	tape.End()
	settle(r)
	report := (*reports)[0]
	if report.Lost+report.Last != 6*time.Second || report.Last < 4*time.Second {
		t.Errorf("%+v", report)
	}
	entries, _ := r.Day("2026-03-01")
	if marks := entries[0].Marks; len(marks) != 1 || !strings.HasPrefix(marks[0].What, "lost ") {
		t.Errorf("marks %v", marks)
	}
}

func TestEveryTalkHasItsRecording(t *testing.T) {
	r, _ := opened(t, t.TempDir(), nil)
	for _, call := range []string{"a", "b"} {
		tape := started(t, r, call)
		play(r, tape, 4000, 500, 900, dsp.ALaw)
		tape.End()
		settle(r)
	}
	gaps, err := r.Match([]Talk{
		{"a", began, began.Add(4 * time.Second)},
		{"b", began, began.Add(time.Minute)},
		{"c", began, began.Add(5 * time.Second)},
	})
	if err != nil || len(gaps) != 2 || gaps[0].Call != "b" || gaps[0].Recorded != 4*time.Second || gaps[1].Call != "c" || gaps[1].Recorded != 0 {
		t.Errorf("%+v, %v", gaps, err)
	}
}

func TestOnlyRecordingsAreOpened(t *testing.T) {
	r, reports := opened(t, t.TempDir(), nil)
	tape := started(t, r, "o1")
	tape.End()
	settle(r)
	file, err := r.Open((*reports)[0].File)
	must(t, err)
	must(t, file.Close())
	for _, bad := range []string{"", "chain", "2026-03-01/chain", "../x.wav", "2026-03-01/../../x.wav", "2026-03-01/none.wav", "/etc/passwd", "2026-03-01/x.part.wav", "2026-03-01/a\x00.wav", "2026-03-01/..\\x.wav", "./2026-03-01/x.wav"} {
		if _, err := r.Open(bad); !errors.Is(err, ErrNone) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestATakeDoesNotAllocate(t *testing.T) {
	r, _ := opened(t, t.TempDir(), nil)
	tape := started(t, r, "n1")
	agent, block := tape.Agent(), make([]byte, 160)
	if n := testing.AllocsPerRun(10, func() {
		agent.Take(block, nil, dsp.MuLaw)
		tape.Take(block, block, dsp.ALaw)
	}); n > 0 {
		t.Errorf("%.1f allocations", n)
	}
}
