package record

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"
	"unsafe"

	"trunkbox/dsp"
)

// many starts n recordings in a directory.
func many(b testing.TB, dir string, n int, create func(string) (file, error)) (*Recorder, []*Tape) {
	b.Helper()
	r, err := New(Options{Dir: dir, Log: slog.New(slog.DiscardHandler), Free: func(string) (uint64, error) { return 1 << 40, nil }})
	if err != nil {
		b.Fatal(err)
	}
	if create != nil {
		r.create = create
	}
	var tapes []*Tape
	for i := range n {
		tape, err := r.Start(About{Call: fmt.Sprint(i), Began: began})
		if err != nil {
			b.Fatal(err)
		}
		tapes = append(tapes, tape)
	}
	return r, tapes
}

// BenchmarkRecording is a second of 480 recordings: what the bridge's thread pays, the writing, and its longest pass.
func BenchmarkRecording(b *testing.B) {
	r, tapes := many(b, b.TempDir(), 480, nil)
	r.write() // the files are made
	var agents []*Agent
	for _, tape := range tapes {
		agents = append(agents, tape.Agent())
	}
	block := make([]byte, 80)
	b.ReportAllocs()
	var taking, supplying, writing, longest time.Duration
	for b.Loop() {
		for pass := range int(time.Second / (writeEvery / turns)) {
			at := time.Now()
			for range 5 {
				for i, tape := range tapes {
					agents[i].Take(block, nil, dsp.ALaw)
					tape.Take(block, block, dsp.ALaw)
				}
			}
			taking += time.Since(at)
			at = time.Now()
			r.supply()
			supplying += time.Since(at)
			at = time.Now()
			r.writeTurn(pass % turns)
			took := time.Since(at)
			writing, longest = writing+took, max(longest, took)
		}
	}
	b.ReportMetric(100*taking.Seconds()/float64(b.N), "%core-taking")
	b.ReportMetric(100*supplying.Seconds()/float64(b.N), "%core-supplying")
	b.ReportMetric(100*writing.Seconds()/float64(b.N), "%core-writing")
	b.ReportMetric(float64(longest.Microseconds())/1000, "ms-longest-write")
	b.ReportMetric(480*16, "kB/s-written")
	b.ReportMetric(float64(r.stock.made)*float64(unsafe.Sizeof(piece{}))/1024/480, "KiB/recording")
	b.StopTimer()
	at := time.Now()
	for _, tape := range tapes {
		tape.End()
	}
	settle(r)
	b.ReportMetric(float64(time.Since(at).Milliseconds()), "ms-sealing-480")
}

// stalling is a disk whose next writing waits until it is let go.
type stalling struct{ waits, begun chan struct{} }

func (s stalling) Write(octets []byte) (int, error) {
	select {
	case s.begun <- struct{}{}:
	default:
	}
	<-s.waits
	return len(octets), nil
}
func (stalling) WriteAt(octets []byte, _ int64) (int, error) { return len(octets), nil }
func (stalling) Sync() error                                 { return nil }
func (stalling) Close() error                                { return nil }

// TestADiskThatStandsStill: while a writing waits, every Take and every order goes on; of 480 recordings four seconds are kept,
// and what is lost is counted.
func TestADiskThatStandsStill(t *testing.T) {
	disk := stalling{make(chan struct{}), make(chan struct{}, 1)}
	r, tapes := many(t, t.TempDir(), 480, func(string) (file, error) { return disk, nil })
	done := make(chan struct{})
	go func() { r.write(); close(done) }()
	<-disk.begun
	block := bytes.Repeat([]byte{0x55}, 80)
	for range 1000 { // ten seconds of sound, all of it while the disk stands still
		for _, tape := range tapes {
			tape.Take(block, block, dsp.ALaw)
		}
		r.supply()
	}
	tapes[0].Pause()
	tapes[1].End()
	if _, err := r.Start(About{Call: "one more", Began: began}); err != nil {
		t.Error(err)
	}
	select {
	case <-done:
		t.Fatal("the disk did not stand still")
	default:
	}
	for _, tape := range tapes {
		if kept := tape.length(); kept < 4*time.Second || kept+tape.lostTime(tape.lost.Load()) != 10*time.Second {
			t.Fatalf("%v kept, %v lost", kept, tape.lostTime(tape.lost.Load()))
		}
	}
	close(disk.waits)
	<-done
}

// BenchmarkVerify proves a day of 100 recordings of a minute.
func BenchmarkVerify(b *testing.B) {
	r, tapes := many(b, b.TempDir(), 100, nil)
	block := make([]byte, 160)
	for range 120 {
		for range 25 {
			for _, tape := range tapes {
				tape.Take(block, block, dsp.ALaw)
			}
			r.supply()
		}
		r.write()
	}
	for _, tape := range tapes {
		tape.End()
	}
	settle(r)
	b.SetBytes(100 * 60 * 16000)
	for b.Loop() {
		if p, err := r.Verify(b.Context(), "2026-03-01"); err != nil || p.Checked != 100 || len(p.Faults) > 0 {
			b.Fatal(p, err)
		}
	}
}
