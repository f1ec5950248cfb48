package prompt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"trunkbox/dsp"
)

// recording is a WAVE file to be made for a test.
type recording struct {
	coding, channels, rate, bits int
	extensible                   bool
	seconds                      float64
	offset                       float64 // constant, of full scale
	gain                         float64 // of full scale
}

// wav writes a 1004 Hz sine; on the second channel it is turned by a quarter.
func (r recording) wav() []byte {
	var data []byte
	for i := range int(r.seconds * float64(r.rate)) {
		for channel := range r.channels {
			angle := 2*math.Pi*1004*float64(i)/float64(r.rate) + float64(channel)*math.Pi/2
			data = r.sample(data, r.gain*math.Sin(angle)+r.offset)
		}
	}
	return r.file(data)
}

func (r recording) sample(to []byte, v float64) []byte {
	switch {
	case r.coding == 3 && r.bits == 32:
		return binary.LittleEndian.AppendUint32(to, math.Float32bits(float32(v)))
	case r.coding == 3:
		return binary.LittleEndian.AppendUint64(to, math.Float64bits(v))
	case r.coding == 6:
		return append(to, dsp.ALaw.Encode(int16(v*32767)))
	case r.coding == 7:
		return append(to, dsp.MuLaw.Encode(int16(v*32767)))
	case r.bits == 8:
		return append(to, byte(math.Round(v*127)+128))
	}
	wide := uint32(int32(v * (1<<31 - 1)))
	var octets [4]byte
	binary.LittleEndian.PutUint32(octets[:], wide)
	return append(to, octets[4-r.bits/8:]...)
}

func (r recording) file(data []byte) []byte {
	format := make([]byte, 16)
	binary.LittleEndian.PutUint16(format, uint16(r.coding))
	binary.LittleEndian.PutUint16(format[2:], uint16(r.channels))
	binary.LittleEndian.PutUint32(format[4:], uint32(r.rate))
	binary.LittleEndian.PutUint16(format[12:], uint16(r.channels*r.bits/8))
	binary.LittleEndian.PutUint16(format[14:], uint16(r.bits))
	if r.extensible {
		format = append(format, 22, 0, byte(r.bits), 0, 0, 0, 0, 0)
		format = append(format, byte(r.coding), 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71)
		binary.LittleEndian.PutUint16(format, 0xFFFE)
	}
	file := append([]byte("RIFF\x00\x00\x00\x00WAVE"), chunk("LIST", []byte("odd"))...)
	file = append(append(file, chunk("fmt ", format)...), chunk("data", data)...)
	return append(file, chunk("id3 ", []byte("tail"))...)
}

func chunk(name string, content []byte) []byte {
	c := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(content)))
	c = append(c, content...)
	if len(content)%2 == 1 {
		c = append(c, 0)
	}
	return c
}

func usual() recording {
	return recording{coding: 1, channels: 1, rate: 16000, bits: 16, seconds: 1, gain: 0.1}
}

// heardIn asks for a clip of a lone 1004 Hz tone at the level.
func heardIn(t *testing.T, what string, clip Clip, dBm0 float64) {
	t.Helper()
	samples := samplesOf(clip)
	if len(samples) < 7990 || len(samples) > 8010 {
		t.Errorf("%s: a second has become %d samples", what, len(samples))
		return
	}
	middle := samples[800:7200]
	hz, level := dsp.Strongest(middle, 100, 3900)
	if math.Abs(hz-1004) > 1 || math.Abs(level-dBm0) > 0.3 {
		t.Errorf("%s: %.1f Hz at %.2f dBm0, want 1004 at %.2f", what, hz, level, dBm0)
	}
	if all := dsp.Level(middle); math.Abs(all-level) > 0.3 {
		t.Errorf("%s: %.2f dBm0 in all beside the tone's %.2f", what, all, level)
	}
}

func TestConvert(t *testing.T) {
	level := dsp.FullScaleDBm0 - 20
	for _, rate := range []int{4000, 6000, 8000, 11025, 16000, 22050, 44100, 48000, 96000, 192000} {
		for _, kind := range [][2]int{{1, 8}, {1, 16}, {1, 24}, {1, 32}, {3, 32}, {3, 64}, {6, 8}, {7, 8}} {
			for channels := 1; channels <= 2; channels++ {
				r := usual()
				r.rate, r.coding, r.bits, r.channels = rate, kind[0], kind[1], channels
				r.extensible = rate == 48000
				if rate != 8000 && rate != 44100 && kind != [2]int{1, 24} {
					continue // the coding does not touch the rate: all pairs of them tell no more
				}
				want := level
				if channels == 2 {
					want -= 3.01 // half the sum of two sines a quarter apart
				}
				clip, err := Convert(r.wav())
				if err != nil {
					t.Errorf("%+v: %v", r, err)
					continue
				}
				heardIn(t, fmt.Sprintf("%+v", r), clip, want)
			}
		}
	}
}

func TestConvertLevels(t *testing.T) {
	loud := usual()
	loud.gain = 1
	clip, err := Convert(loud.wav())
	if err != nil {
		t.Fatal(err)
	}
	heardIn(t, "full scale", clip, loudestDBm0)

	beyond := usual()
	beyond.coding, beyond.bits, beyond.gain = 3, 32, 4
	if clip, err = Convert(beyond.wav()); err != nil {
		t.Fatal(err)
	}
	heardIn(t, "floating point beyond 1", clip, loudestDBm0)

	offset := usual()
	offset.offset = 0.2
	if clip, err = Convert(offset.wav()); err != nil {
		t.Fatal(err)
	}
	heardIn(t, "with an offset", clip, dsp.FullScaleDBm0-20)

	// Clicks over quiet speech: the peak rules.
	click := usual()
	data := make([]byte, 0, 32000)
	for i := range 16000 {
		v := 0.01 * math.Sin(float64(i)/3)
		if i%4000 < 40 {
			v = 0.99 * math.Sin(float64(i%4000)/40*math.Pi)
		}
		data = click.sample(data, v)
	}
	if clip, err = Convert(click.file(data)); err != nil {
		t.Fatal(err)
	}
	if peak := dsp.Peak(samplesOf(clip)); peak > highestPeak+600 {
		t.Errorf("peak %d, want %d at most", peak, highestPeak)
	}
}

func TestConvertUnknownSize(t *testing.T) {
	for _, size := range []uint32{0, 0x7FFFF000, 0xFFFFFFFF} {
		r := usual()
		wav := r.wav()
		wav = wav[:len(wav)-12] // without the chunk behind the sound
		at := strings.Index(string(wav), "data")
		binary.LittleEndian.PutUint32(wav[at+4:], size)
		clip, err := Convert(wav)
		if err != nil {
			t.Errorf("size %#x: %v", size, err)
			continue
		}
		heardIn(t, fmt.Sprintf("size %#x", size), clip, dsp.FullScaleDBm0-20)
	}
}

// claiming changes the width in the format chunk.
func claiming(wav []byte, bits, octetsAFrame byte) []byte {
	wav = append([]byte(nil), wav...)
	at := strings.Index(string(wav), "fmt ") + chunkHeader
	wav[at+12], wav[at+14] = octetsAFrame, bits
	return wav
}

// TestRefused: every file that cannot be used is refused with a sentence that holds the reason.
func TestRefused(t *testing.T) {
	with := func(change func(*recording)) []byte {
		r := usual()
		r.seconds = 0.1
		change(&r)
		return r.wav()
	}
	good := with(func(*recording) {})
	at := strings.Index(string(good), "data")
	longHeader := recording{coding: 6, channels: 1, rate: 4000, bits: 8}
	for _, c := range []struct {
		what   string
		wav    []byte
		zh, en string
	}{
		{"nothing", nil, "不是 WAV", "not a WAV"},
		{"text", []byte("hello, this is no sound at all"), "不是 WAV", "not a WAV"},
		{"MP3", []byte("ID3\x04\x00aaaaaaaaaaaaaaaa"), "MP3", "MP3"},
		{"M4A", []byte("\x00\x00\x00\x20ftypM4A aaaaaaaa"), "M4A", "M4A"},
		{"Ogg", []byte("OggS\x00aaaaaaaaaaaaaaaa"), "Ogg", "Ogg"},
		{"RF64", []byte("RF64\xFF\xFF\xFF\xFFWAVEds64"), "RF64", "RF64"},
		{"RIFF of another kind", []byte("RIFF\x00\x00\x00\x00AVI LIST"), "不是 WAV", "not a WAV"},
		{"header only", good[:12], "没有声音数据", "no sound"},
		{"no sound", good[:at], "没有声音数据", "no sound"},
		{"empty sound", append(good[:at:at], "data\x00\x00\x00\x00"...), "没有声音数据", "no sound"},
		{"sound before format", []byte("RIFF\x00\x00\x00\x00WAVEdata\x02\x00\x00\x00ab"), "格式说明", "format chunk"},
		{"short format", []byte("RIFF\x00\x00\x00\x00WAVEfmt \x02\x00\x00\x00ab"), "格式说明", "format chunk"},
		{"cut format", []byte("RIFF\x00\x00\x00\x00WAVEfmt \xFF\x00\x00\x00ab"), "格式说明", "255"},
		{"cut short", good[:at+100], "不完整", "cut short"},
		{"three channels", with(func(r *recording) { r.channels = 3 }), "3 个声道", "3 channels"},
		{"no channel", with(func(r *recording) { r.channels = 0 }), "0 个声道", "0 channels"},
		{"slow", with(func(r *recording) { r.rate = 2000 }), "2000 Hz", "2000 Hz"},
		{"fast", with(func(r *recording) { r.rate, r.seconds = 400000, 0.01 }), "400000 Hz", "400000 Hz"},
		{"ADPCM", with(func(r *recording) { r.coding = 0x11 }), "IMA ADPCM", "IMA ADPCM"},
		{"unknown coding", with(func(r *recording) { r.coding = 0x1234 }), "0x1234", "0x1234"},
		{"40 bits", claiming(good, 40, 5), "40 位", "40 bits"},
		{"16-bit floating point", claiming(with(func(r *recording) { r.coding, r.bits = 3, 64 }), 16, 2), "16 位", "16 bits"},
		{"silence", with(func(r *recording) { r.gain = 0 }), "听不到", "Nothing can be heard"},
		{"whisper", with(func(r *recording) { r.gain = 0.0002 }), "听不到", "Nothing can be heard"},
		{"eleven minutes", longHeader.file(make([]byte, 660*4000)), "660 秒", "660 s"},
		{"101 MB", append(good, make([]byte, 101<<20)...), "101.0 MB", "101.0 MB"},
	} {
		_, err := Convert(c.wav)
		var refused *RefusedError
		if !errors.As(err, &refused) {
			t.Errorf("%s: %v is no refusal", c.what, err)
			continue
		}
		if !strings.Contains(refused.ZH, c.zh) || !strings.HasSuffix(refused.ZH, "。") {
			t.Errorf("%s: %q, want %q in it", c.what, refused.ZH, c.zh)
		}
		if !strings.Contains(refused.EN, c.en) || !strings.HasSuffix(refused.EN, ".") || refused.Error() != refused.EN {
			t.Errorf("%s: %q, want %q in it", c.what, refused.EN, c.en)
		}
		if strings.IndexFunc(refused.EN, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0 {
			t.Errorf("%s: %q mixes languages", c.what, refused.EN)
		}
	}
}

// TestAgainstSox lets an independent program write the files that Convert reads and read the file
// that WAV writes.
func TestAgainstSox(t *testing.T) {
	if _, err := exec.LookPath("sox"); err != nil {
		t.Fatal("this test needs sox: apt-get install sox")
	}
	dir := t.TempDir()
	sox := func(arguments ...string) {
		t.Helper()
		if out, err := exec.Command("sox", arguments...).CombinedOutput(); err != nil {
			t.Fatalf("sox %q: %v: %s", arguments, err, out)
		}
	}
	for _, format := range []string{
		"-b 16 -r 44100", "-b 24 -r 48000 -c 2", "-b 8 -r 11025", "-b 32 -r 22050", "-e float -b 32 -r 32000",
		"-e a-law -r 8000", "-e mu-law -r 16000 -c 2",
	} {
		path := filepath.Join(dir, "a.wav")
		sox(append(append([]string{"-n"}, strings.Fields(format)...), path, "synth", "1", "sine", "1004", "gain", "-20")...)
		wav, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		clip, err := Convert(wav)
		if err != nil {
			t.Errorf("sox %s: %v", format, err)
			continue
		}
		heardIn(t, "sox "+format, clip, dsp.FullScaleDBm0-20)
	}

	clip, _ := Find("zh", "welcome")
	ours, raw := filepath.Join(dir, "ours.wav"), filepath.Join(dir, "ours.al")
	if err := os.WriteFile(ours, WAV(clip), 0o600); err != nil {
		t.Fatal(err)
	}
	sox("-D", ours, "-t", "al", raw)
	back, err := os.ReadFile(raw)
	if err != nil {
		t.Fatal(err)
	}
	if string(back) != string(clip) {
		t.Errorf("sox reads %d octets of our file otherwise than the clip's %d", len(back), len(clip))
	}
}

// FuzzConvert: no file breaks it; what is refused is refused with a sentence; what is taken is no
// longer than it may be.
func FuzzConvert(f *testing.F) {
	for _, kind := range [][3]int{{1, 8, 1}, {1, 16, 2}, {1, 24, 1}, {3, 32, 2}, {6, 8, 1}, {7, 8, 2}} {
		r := recording{coding: kind[0], bits: kind[1], channels: kind[2], rate: 11025, seconds: 0.01, gain: 0.5, extensible: kind[1] == 24}
		f.Add(r.wav())
	}
	f.Add([]byte("ID3"))
	f.Fuzz(func(t *testing.T, wav []byte) {
		clip, err := Convert(wav)
		var refused *RefusedError
		if err != nil && (!errors.As(err, &refused) || refused.ZH == "" || refused.EN == "") {
			t.Errorf("%v is no refusal in both languages", err)
		}
		if err == nil && (len(clip) == 0 || len(clip) > (longestSeconds+1)*dsp.SampleRate) {
			t.Errorf("a clip of %d octets", len(clip))
		}
		if err == nil && dsp.Peak(samplesOf(clip)) > highestPeak+600 {
			t.Errorf("a clip with a peak of %d", dsp.Peak(samplesOf(clip)))
		}
	})
}

func BenchmarkConvertMinute(b *testing.B) {
	r := usual()
	r.rate, r.channels, r.seconds = 44100, 2, 60
	wav := r.wav()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Convert(wav); err != nil {
			b.Fatal(err)
		}
	}
}
