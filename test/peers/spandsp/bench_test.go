package spandsp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"trunkbox/dsp"
)

// peer builds the program on libspandsp.
func peer(b *testing.B) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "peer")
	if out, err := exec.Command("gcc", "-O2", "-o", path, "peer/peer.c", "-lspandsp", "-lm").CombinedOutput(); err != nil {
		b.Fatalf("building the peer (apt-get install gcc libspandsp-dev libtiff-dev): %v\n%s", err, out)
	}
	return path
}

// ask lets the peer work on samples and returns its answer and its ns a block.
func ask(b *testing.B, path string, samples []int16, args ...string) (answer string, ns float64) {
	b.Helper()
	var in bytes.Buffer
	if err := binary.Write(&in, binary.NativeEndian, samples); err != nil {
		b.Fatal(err)
	}
	command := exec.Command(path, args...)
	command.Stdin = &in
	out, err := command.Output()
	lines := strings.Split(string(out), "\n")
	if err != nil || len(lines) < 2 {
		b.Fatalf("the peer says %q: %v", out, err)
	}
	if ns, err = strconv.ParseFloat(lines[1], 64); err != nil {
		b.Fatal(err)
	}
	return lines[0], ns
}

const (
	block  = 160
	rounds = 20
)

// processor is the time this process has run, as the peer measures its own.
func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// ours is the processor time a block of what work does with all samples, so many rounds.
func ours(samples int, work func()) float64 {
	began := processor()
	for range rounds {
		work()
	}
	return float64(processor()-began) / float64(rounds*samples/block)
}

// report tells both and the ratio. More than one operation is the same again: the figures are of the last.
func report(b *testing.B, unit string, own, other float64) {
	b.ReportMetric(own, "ours_ns/"+unit)
	b.ReportMetric(other, "spandsp_ns/"+unit)
	b.ReportMetric(own/other, "ours/spandsp")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkDTMF hears the same 200 keys in noise 15 dB below them.
func BenchmarkDTMF(b *testing.B) {
	path := peer(b)
	r := rand.New(rand.NewPCG(1, 2))
	keys := make([]byte, 200)
	for i := range keys {
		keys[i] = "0123456789*#ABCD"[r.IntN(16)]
	}
	cadence, err := dsp.DTMFDigits(string(keys), 50*time.Millisecond, 50*time.Millisecond)
	if err != nil {
		b.Fatal(err)
	}
	samples := make([]int16, dsp.Samples(cadence.Duration())/block*block)
	dsp.NewTone(cadence).Fill(samples)
	amplitude := dsp.Amplitude(-20) / 1.414
	octets := make([]byte, len(samples))
	for i := range samples {
		samples[i] += int16(r.NormFloat64() * amplitude)
	}
	dsp.ALaw.Compress(octets, samples)
	dsp.ALaw.Expand(samples, octets)
	for b.Loop() {
		heard := ""
		own := ours(len(samples), func() {
			d := dsp.NewDTMF()
			heard = ""
			for at := 0; at < len(samples); at += block {
				d.Push(samples[at:at+block], func(e dsp.DigitEvent) {
					if !e.End {
						heard += string(e.Digit)
					}
				})
			}
		})
		theirs, ns := ask(b, path, samples, "dtmf", strconv.Itoa(rounds))
		report(b, "block", own, ns)
		b.ReportMetric(float64(right(keys, heard)), "ours_keys")
		b.ReportMetric(float64(right(keys, theirs)), "spandsp_keys")
	}
}

// BenchmarkKeys is a box of 480 channels that listens for keys: each block is the next channel's, so that no receiver
// finds in the cache what it left there. Speech and music come from Debian's packages (test/packages.txt).
func BenchmarkKeys(b *testing.B) {
	const channels, turns = 480, 500
	path := peer(b)
	r := rand.New(rand.NewPCG(5, 6))
	dialling, err := dsp.DTMFDigits(strings.Repeat("0123456789*#ABCD", 25), 100*time.Millisecond, 100*time.Millisecond)
	if err != nil {
		b.Fatal(err)
	}
	digits, line := make([]int16, dsp.Samples(dialling.Duration())), make([]int16, 8000*10)
	dsp.NewTone(dialling).Fill(digits)
	for i := range line { // a quiet line has steps of the law about 0
		line[i] = int16(r.NormFloat64() * 8)
	}
	for _, sound := range []struct {
		name    string
		samples []int16
	}{
		{"speech", recording(b, "sounds/en_US_f_Allison", 8000*300)},
		{"music", recording(b, "moh", 8000*300)},
		{"silence", line},
		{"digits", digits},
	} {
		b.Run(sound.name, func(b *testing.B) {
			samples := sound.samples[:len(sound.samples)/block*block]
			octets := make([]byte, len(samples))
			dsp.ALaw.Compress(octets, samples)
			dsp.ALaw.Expand(samples, octets)
			for b.Loop() {
				var receivers [channels]*dsp.DTMF
				for c := range receivers {
					receivers[c] = dsp.NewDTMF()
				}
				heard := 0
				emit := func(e dsp.DigitEvent) {
					if !e.End {
						heard++
					}
				}
				began := processor()
				for turn := range turns {
					for c, receiver := range receivers {
						at := (c*7919 + turn) % (len(samples) / block) * block
						receiver.Push(samples[at:at+block], emit)
					}
				}
				own := float64(processor()-began) / (turns * channels)
				theirs, ns := ask(b, path, samples, "keys", strconv.Itoa(turns), strconv.Itoa(channels))
				report(b, "block", own, ns)
				b.ReportMetric(float64(heard), "ours_keys")
				other, err := strconv.Atoi(theirs)
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(other), "spandsp_keys")
			}
		})
	}
}

// recording gives the samples of the WAVE files in a folder one after the other, as many as are asked for: 8000 a second,
// 16 bits, one channel.
func recording(b *testing.B, folder string, samples int) []int16 {
	b.Helper()
	files, err := filepath.Glob(filepath.Join("/usr/share/asterisk", folder, "*.wav"))
	if err != nil {
		b.Fatal(err)
	}
	var all []int16
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		at := bytes.Index(file, []byte("data")) + 8
		for ; at+1 < len(file) && len(all) < samples; at += 2 {
			all = append(all, int16(binary.LittleEndian.Uint16(file[at:])))
		}
	}
	if len(all) < samples {
		b.Fatalf("%d samples in %s, want %d: install what test/packages.txt names", len(all), folder, samples)
	}
	return all
}

// right counts the keys in order, up to the first that is wrong.
func right(keys []byte, heard string) int {
	n := 0
	for n < min(len(keys), len(heard)) && keys[n] == heard[n] {
		n++
	}
	return n
}

// BenchmarkEcho cancels the echo of speech-like noise that comes back 12 dB weaker after 8 ms, in tails of 16 to 128 ms.
func BenchmarkEcho(b *testing.B) {
	path := peer(b)
	r := rand.New(rand.NewPCG(3, 4))
	const samples = 8000 * 10
	far, near := make([]int16, samples), make([]int16, samples)
	level := 0.0
	for i := range far {
		if i%1600 == 0 {
			level = 500 + 4000*r.Float64()
		}
		far[i] = int16(r.NormFloat64() * level)
		if i >= 70 {
			near[i] = int16(0.18*float64(far[i-64]) - 0.12*float64(far[i-66]) + 0.08*float64(far[i-70]))
		}
	}
	both := make([]int16, 0, 2*samples)
	for i := range far {
		both = append(both, far[i], near[i])
	}
	for _, tail := range []int{16, 32, 64, 128} {
		b.Run(fmt.Sprintf("%dms", tail), func(b *testing.B) {
			for b.Loop() {
				left := make([]int16, samples)
				own := ours(samples, func() {
					e, err := dsp.NewEcho(time.Duration(tail) * time.Millisecond)
					if err != nil {
						b.Fatal(err)
					}
					e.Suppress(false)
					copy(left, near)
					for at := 0; at < samples; at += block {
						e.Cancel(far[at:at+block], left[at:at+block])
					}
				})
				theirs, ns := ask(b, path, both, "echo", strconv.Itoa(rounds), strconv.Itoa(8*tail))
				report(b, "block", own, ns)
				b.ReportMetric(dsp.Level(near[samples/2:])-dsp.Level(left[samples/2:]), "ours_ERLE_dB")
				var first, second float64
				if _, err := fmt.Sscan(theirs, &first, &second); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(dsp.Level(near[samples/2:])-second, "spandsp_ERLE_dB")
			}
		})
	}
}
