package dsp

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Recordings of people and of music come from these Debian packages; they stay there, as their licence
// is another than ours.
const (
	recordings = "/usr/share/asterisk"
	packages   = "asterisk-core-sounds-{en,es,fr,it,ru}-wav and asterisk-moh-opsound-wav"
)

var speakers = []string{"en_US_f_Allison", "es_MX_f_Allison", "fr_CA_f_June", "it_IT_m_Carlo", "ru_RU_f_IvrvoiceRU"}

// recorded gives the names of the recordings in the folder, which must hold at least least of them.
func recorded(t *testing.T, folder string, least int) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(filepath.Join(recordings, folder), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".wav") {
			names = append(names, path)
		}
		return err
	})
	if err == nil && len(names) >= least {
		return names
	}
	t.Fatalf("%d recordings in %s, want %d (%v): install %s", len(names), filepath.Join(recordings, folder), least, err, packages)
	return nil
}

// soaking tells that time is no matter and all packages are there.
func soaking() bool { return os.Getenv("TRUNKBOX_SOAK") != "" }

// some leaves one in so many of the names, all of them in the soak, and fewer under the race detector.
func some(names []string, oneIn int) (left []string) {
	if soaking() && !slowed {
		return names
	}
	oneIn *= fewer(1, 5)
	for i := 0; i < len(names); i += oneIn {
		left = append(left, names[i])
	}
	return left
}

// readRecording gives the samples of a WAVE file of 8000 samples a second, 16 bits, one channel.
func readRecording(t *testing.T, name string) []int16 {
	t.Helper()
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	const format = "\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00"
	at := bytes.Index(file, []byte("data"))
	if at < 36 || !bytes.Contains(file[:at], []byte(format)) {
		t.Fatalf("%s is no WAVE file of 8000 samples a second, 16 bits, one channel", name)
	}
	octets := file[at+8:]
	octets = octets[:min(len(octets), int(binary.LittleEndian.Uint32(file[at+4:])))]
	samples := make([]int16, len(octets)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(octets[2*i:]))
	}
	return samples
}

// speaking is a source that plays a speaker's prompts one after the other, at the level.
func speaking(t *testing.T, speaker string, dBm0 float64, from int) func() float64 {
	names := recorded(t, filepath.Join("sounds", speaker), 300)
	at := from
	var samples []int16
	gain := 1.0
	return func() float64 {
		for len(samples) == 0 {
			if samples = readRecording(t, names[at%len(names)]); len(samples) > 0 {
				gain = Amplitude(dBm0) / Amplitude(Level(samples))
			}
			at++
		}
		x := samples[0]
		samples = samples[1:]
		return gain * float64(x)
	}
}

// TestEchoOfSpeech is the canceller between people: it learns from speech, keeps what it knows while
// both speak, and then lets the near end through with the suppressor on.
func TestEchoOfSpeech(t *testing.T) {
	t.Parallel()
	for i, h := range hybrids[:fewer(8, 1)] {
		line := cancelling(t, 32, ALaw, h.response(9, 20))
		line.echo.Suppress(false)
		line.far = speaking(t, speakers[i%5], -16, 40+i)
		line.run(3000, 0)
		before := line.run(8000, 0)
		line.near = speaking(t, speakers[(i+2)%5], -16, 90+i)
		line.run(20000, 0)
		line.near = nil
		line.echo.Freeze(true)
		after := line.run(8000, 500)
		line.echo.Freeze(false)
		line.echo.Suppress(true)
		line.near = speaking(t, speakers[(i+2)%5], -16, 130+i)
		spoken, clipped := 0, 0
		for range 500 {
			if l := line.run(20, 0); l.Near > -35 {
				spoken++
				if l.Out < l.Near-10 {
					clipped++
				}
			}
		}
		t.Logf("%q: %.1f dB cancelled, %.1f after both have spoken; %d of %d blocks of near speech clipped",
			h.name, before.lessDB(), after.lessDB(), clipped, spoken)
		if before.lessDB() < 30 || after.lessDB() < before.lessDB()-3 || clipped*50 > spoken {
			t.Errorf("%q: %.1f dB cancelled, %.1f after both have spoken; %d of %d blocks of near speech clipped",
				h.name, before.lessDB(), after.lessDB(), clipped, spoken)
		}
	}
}
