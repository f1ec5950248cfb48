package dsp

import (
	"testing"
	"time"
)

// TestTalkOff plays all recordings there are, over two and a half hours of five people's prompts and
// of music, into a receiver: none of it is a digit. A-law both ways, as recorded and, in the soak, 6 dB louder too.
func TestTalkOff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		folder string
		least  int
	}{{"sounds", 2500}, {"moh", 5}} {
		t.Run(c.folder, func(t *testing.T) {
			heard, samples := 0, int64(0)
			plain, loud := NewDTMF(), NewDTMF()
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
				for i, x := range recording {
					recording[i] = saturate(2 * float32(x))
				}
				loud.Push(recording, emit)
			}
			t.Logf("%d digits in %v", heard, time.Duration(samples)*time.Second/SampleRate)
		})
	}
}
