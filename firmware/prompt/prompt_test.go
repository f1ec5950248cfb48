package prompt

import (
	"io/fs"
	"math"
	"strings"
	"testing"
	"time"
	"unicode"

	"trunkbox/dsp"
)

// TestTable: the table is whole, and there is a clip for each wording and nothing else.
func TestTable(t *testing.T) {
	scripts, err := Scripts()
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]bool{"voice/prompts.tsv": true}
	seen := map[string]bool{MusicName: true}
	for _, s := range scripts {
		if seen[s.Name] || s.Name == "" || strings.Trim(s.Name, "abcdefghijklmnopqrstuvwxyz_0123456789") != "" {
			t.Errorf("name %q is bad or there twice", s.Name)
		}
		seen[s.Name] = true
		if s.ZH == "" && s.EN == "" {
			t.Errorf("%s has no wording", s.Name)
		}
		if (s.ZH == "") != (s.Pinyin == "") {
			t.Errorf("%s: Chinese %q goes with pinyin %q", s.Name, s.ZH, s.Pinyin)
		}
		if han, syllables := hanOf(s.ZH), len(strings.Fields(s.Pinyin)); han != syllables {
			t.Errorf("%s: %q has %d characters, %q has %d syllables", s.Name, s.ZH, han, s.Pinyin, syllables)
		}
		for _, syllable := range strings.Fields(s.Pinyin) {
			if tone := strings.TrimRight(syllable, ","); len(tone) < 2 || tone[len(tone)-1] < '1' || tone[len(tone)-1] > '5' {
				t.Errorf("%s: syllable %q has no tone", s.Name, syllable)
			}
		}
		if s.ZH != "" {
			wanted["voice/zh/"+s.Name+".alaw"] = true
		}
		if s.EN != "" {
			wanted["voice/en/"+s.Name+".alaw"] = true
		}
	}
	size := int64(len(music))
	err = fs.WalkDir(voice, "voice", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if size += info.Size(); !wanted[path] {
			t.Errorf("%s is not wanted by the table: make prompts", path)
		}
		delete(wanted, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path := range wanted {
		t.Errorf("%s is missing: make prompts", path)
	}
	if size >= 3<<20 {
		t.Errorf("the voice takes %d octets, 3 MB are allowed", size)
	}
	if len(Names()) != len(scripts) {
		t.Errorf("%d names for %d lines", len(Names()), len(scripts))
	}
}

func hanOf(s string) int {
	n := 0
	for _, r := range s {
		if unicode.Is(unicode.Han, r) {
			n++
		}
	}
	return n
}

func TestLengthIsOfTheClip(t *testing.T) {
	for _, entry := range append(Names(), Entry{Name: MusicName}) {
		for _, lang := range append([]string{"fr"}, Languages...) {
			clip, found := Find(lang, entry.Name)
			if length, is := Length(lang, entry.Name); is != found || length != clip.Duration() {
				t.Errorf("%s in %q: length %v, %v; the clip has %v, %v", entry.Name, lang, length, is, clip.Duration(), found)
			}
		}
	}
}

// TestNeeded are the names that the other rooms of the box play, in both languages.
func TestNeeded(t *testing.T) {
	for _, name := range []string{
		"welcome", "menu", "invalid_key", "no_input", "please_wait", "please_hold", "all_agents_busy",
		"nobody_available", "transferring", "number_not_in_service", "cannot_be_reached", "line_busy",
		"number_barred", "echo_test", "agent_logged_in", "agent_logged_out", "agent_paused",
		"agent_resumed", "wrong_code", "goodbye", "emergency", "recorded", "closed", MusicName,
	} {
		for _, lang := range Languages {
			if _, found := Find(lang, name); !found {
				t.Errorf("there is no %s in %s", name, lang)
			}
		}
	}
	for _, c := range [][2]string{{"zh", "11"}, {"en", "yao"}, {"fr", "welcome"}, {"zh", "../prompts"}, {"", ""}} {
		if _, found := Find(c[0], c[1]); found {
			t.Errorf("there is a %q in %q", c[1], c[0])
		}
		if _, err := Say(c[0], c[1]); err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("saying %q in %q: %v", c[1], c[0], err)
		}
	}
}

// TestClips listens to every clip: speech at the right level, neither clipped nor padded with
// silence, about as long as its wording needs, and never taken for a dialled digit.
func TestClips(t *testing.T) {
	for _, entry := range Names() {
		for _, lang := range Languages {
			wording, low, high := entry.ZH, 0.14, 0.50 // seconds a syllable
			units := float64(hanOf(entry.ZH))
			if lang == "en" {
				wording, low, high = entry.EN, 0.025, 0.19 // seconds a letter
				units = float64(len(wording))
				high += 0.5 / (units + 0.01)
			}
			if wording == "" {
				continue
			}
			name := lang + "/" + entry.Name
			clip, found := Find(lang, entry.Name)
			if !found {
				t.Fatalf("there is no %s", name)
			}
			samples := samplesOf(clip)
			if level := ActiveLevel(samples); math.Abs(level+16) > 1.5 {
				t.Errorf("%s speaks at %.1f dBm0, want -16", name, level)
			}
			if peak := dsp.Peak(samples); peak > highestPeak+600 || peak < 8000 {
				t.Errorf("%s has a peak of %d", name, peak)
			}
			spoken := Trim(samples)
			if silence := len(samples) - len(spoken); silence > dsp.SampleRate/4 {
				t.Errorf("%s has %d ms of silence at its ends", name, silence/8)
			}
			if dsp.Level(samples[:frame]) < -60 {
				t.Errorf("%s begins with silence: %.1f dBm0", name, dsp.Level(samples[:frame]))
			}
			seconds := float64(len(spoken)) / dsp.SampleRate
			if seconds < low*units || seconds > high*units {
				t.Errorf("%s (%s) takes %.2f s, want %.2f to %.2f", name, wording, seconds, low*units, high*units)
			}
			if share := speechShare(samples); share < 0.9 {
				t.Errorf("%s has only %.0f %% of its energy between 80 and 3600 Hz", name, share*100)
			}
			noDigits(t, name, samples)
		}
	}
}

func samplesOf(clip Clip) []int16 {
	samples := make([]int16, len(clip))
	dsp.ALaw.Expand(samples, clip)
	return samples
}

// speechShare is the part of the energy that lies where a telephone carries speech.
func speechShare(samples []int16) float64 {
	inside, all := 0.0, 0.0
	spectrum := dsp.Spectrum(samples)
	for i, level := range spectrum {
		power := math.Pow(10, level/10)
		all += power
		if hz := float64(i) * 4000 / float64(len(spectrum)); hz > 80 && hz < 3600 {
			inside += power
		}
	}
	return inside / all
}

func noDigits(t *testing.T, name string, samples []int16) {
	t.Helper()
	dsp.NewDTMF().Push(samples, func(e dsp.DigitEvent) {
		t.Errorf("%s sounds like the digit %c at %d ms", name, e.Digit, e.At/8)
	})
}

// TestMusic: half a minute at -18 dBm0, without holes, with many different notes, whose end joins
// its beginning.
func TestMusic(t *testing.T) {
	samples := samplesOf(Music())
	if d := Music().Duration(); d < 25*time.Second || d > 35*time.Second {
		t.Errorf("the music lasts %v", d)
	}
	if level := dsp.Level(samples); math.Abs(level+18) > 0.5 {
		t.Errorf("the music plays at %.1f dBm0, want -18", level)
	}
	notes := map[int]bool{}
	for at := 0; at+4000 <= len(samples); at += 4000 {
		half := samples[at : at+4000]
		if level := dsp.Level(half); level < -32 || level > -8 {
			t.Errorf("at %d ms the music is at %.1f dBm0", at/8, level)
		}
		hz, _ := dsp.Strongest(half, 200, 2000)
		notes[int(math.Round(12*math.Log2(hz/440)))] = true
	}
	if len(notes) < 7 {
		t.Errorf("only %d different notes", len(notes))
	}
	if step := math.Abs(float64(samples[0]) - float64(samples[len(samples)-1])); step > 3000 {
		t.Errorf("the loop joins with a step of %.0f", step)
	}
	noDigits(t, "the music, twice", append(samples, samples...))
}

func TestSay(t *testing.T) {
	one, _ := Find("en", "1")
	two, _ := Find("en", "2")
	said, err := Say("en", "1", "2")
	if err != nil || string(said) != string(one)+string(two) {
		t.Errorf("one two: %d octets, %v", len(said), err)
	}
	said[0] ^= 0xFF
	if again, _ := Find("en", "1"); again[0] == said[0] {
		t.Error("what is said is not a copy")
	}
}
