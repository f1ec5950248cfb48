package dsp

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestTalkOff plays all recordings there are, over two and a half hours of five people's prompts and
// of music, into a receiver: none of it is a digit. A-law both ways, as recorded and, in the soak, 6 dB louder, two at once, and
// faster and slower by 5 and 10 % too.
func TestTalkOff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		folder string
		least  int
	}{{"sounds", 2500}, {"moh", 5}} {
		t.Run(c.folder, func(t *testing.T) {
			heard, samples := 0, int64(0)
			plain, loud, both, faster, slower := NewDTMF(), NewDTMF(), NewDTMF(), NewDTMF(), NewDTMF()
			var other []int16 // what was said before
			for _, name := range some(recorded(t, c.folder, c.least), 1) {
				recording, before := readRecording(t, name), samples
				emit := func(e DigitEvent) {
					if !e.End {
						heard++
						t.Errorf("%s: a %c is heard at %v, levels %.1f and %.1f dBm0", name, e.Digit,
							time.Duration(e.At-before)*time.Second/SampleRate, e.LowDBm0, e.HighDBm0)
					}
				}
				for i, x := range recording {
					recording[i] = ALaw.Decode(ALaw.Encode(x))
				}
				plain.Push(recording, emit)
				samples += int64(len(recording))
				if !soaking() {
					continue
				}
				faster.Push(pitched(t, recording, 7600), emit)
				slower.Push(pitched(t, recording, 8800), emit)
				for i, x := range recording {
					if i < len(other) {
						other[i] = saturate(float32(x) + float32(other[i]))
					}
					recording[i] = saturate(2 * float32(x))
				}
				loud.Push(recording, emit)
				both.Push(other, emit)
				other = append(other[:0], readRecording(t, name)...)
			}
			t.Logf("%d digits in %v", heard, time.Duration(samples)*time.Second/SampleRate)
		})
	}
}

// pitched is a sound of 8000 samples a second brought to another rate, to be played at 8000 all the same.
func pitched(t *testing.T, sound []int16, hz int) []int16 {
	t.Helper()
	r, err := NewResampler(SampleRate, hz)
	if err != nil {
		t.Fatal(err)
	}
	return r.Push(nil, sound)
}

// TestTalkOffOfMachines: numbers read out by a machine, in ten voices, give no more than one digit in two hours. A whole voice is
// read in the soak, a little of it else.
func TestTalkOffOfMachines(t *testing.T) {
	t.Parallel()
	numbers := fewer(12, 4)
	if soaking() {
		numbers = 300
	}
	heard, samples := 0, 0
	for i, voice := range []string{"en+m3", "en-us+f2", "es+m1", "fr+f4", "it+m7", "ru+f1", "de+m5", "pt+f3", "pl+m2", "sv+f5"} {
		random := rand.New(rand.NewPCG(127, uint64(i)))
		var text strings.Builder
		for range numbers {
			fmt.Fprintln(&text, random.IntN(1000000), ".")
		}
		said := spoken(t, voice, text.String())
		samples += len(said)
		for at, x := range said {
			said[at] = ALaw.Decode(ALaw.Encode(x))
		}
		NewDTMF().Push(said, func(e DigitEvent) {
			if !e.End {
				heard++
				t.Logf("%s: a %c at %v", voice, e.Digit, time.Duration(e.At)*time.Second/SampleRate)
			}
		})
	}
	lasted := time.Duration(samples) * time.Second / SampleRate
	t.Logf("%d digits in %v", heard, lasted)
	if heard > 1 || lasted < time.Duration(numbers)*10*time.Second {
		t.Errorf("%d digits in %v", heard, lasted)
	}
}

// spoken is a text in a voice of espeak-ng, at 8000 samples a second and the level of a loud speaker.
func spoken(t *testing.T, voice, text string) []int16 {
	t.Helper()
	const header, hz = 44, 22050 // of the WAVE file; its lengths are not known to it yet
	command := exec.Command("espeak-ng", "-v", voice, "--stdout", "--stdin")
	command.Stdin = strings.NewReader(text)
	out, err := command.Output()
	if err != nil || len(out) < header || binary.LittleEndian.Uint32(out[24:]) != hz {
		t.Fatalf("espeak-ng -v %s gives %d octets (%v): install espeak-ng", voice, len(out), err)
	}
	wide := make([]int16, (len(out)-header)/2)
	if _, err := binary.Decode(out[header:], binary.LittleEndian, wide); err != nil {
		t.Fatal(err)
	}
	r, err := NewResampler(hz, SampleRate)
	if err != nil {
		t.Fatal(err)
	}
	said := r.Push(nil, wide)
	gain := Amplitude(-15) / Amplitude(Level(said))
	for i, x := range said {
		said[i] = saturate(float32(gain * float64(x)))
	}
	return said
}
