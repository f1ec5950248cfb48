// Package prompt is what the box says and plays: its built-in prompts in Chinese and English, the
// reading of numbers, money, dates and times out of recorded pieces, music on hold, and the owner's
// own recordings.
//
// Sound path: a Clip goes to firmware/exchange, which lets a caller hear it through firmware/bridge;
// an uploaded WAV file comes from webadmin, and its clip goes to firmware/config to be kept. The
// signal path decides which prompt is played (firmware/ivr, firmware/exchange) and knows it by name.
//
// Clips are A-law of G.711, 8000 octets a second. Files are RIFF WAVE of PCM, floating point, A-law
// or µ-law. Left out: MP3, AAC, Opus and other coded files (they are refused by name), and speaking
// free text.
//
// Caveats: a clip that Find, Say or Music hands out is shared or embedded and must not be written
// to. All functions may be called from several goroutines. The voice is a speech synthesizer's
// (`make prompts` makes it anew from voice/prompts.tsv); it is meant to be replaced by the owner's.
package prompt

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"trunkbox/dsp"
)

// Clip is a piece of sound: octets of A-law, 8000 a second.
type Clip []byte

// Duration is how long the clip plays.
func (c Clip) Duration() time.Duration {
	return time.Duration(len(c)) * time.Second / dsp.SampleRate
}

// Languages that prompts exist in.
var Languages = []string{"zh", "en"}

// MusicName is the name under which Find knows the music on hold, in every language.
const MusicName = "music"

// voice holds prompts.tsv, zh/<name>.alaw and en/<name>.alaw.
//
//go:embed voice/prompts.tsv voice/zh voice/en
var voice embed.FS

// music stays in the program's file; what is read out of voice is a copy in memory.
//
//go:embed voice/music.alaw
var music []byte

// Entry is one built-in prompt or piece, with its wording. A wording is empty where the language has
// no such piece: Chinese has no "eleven", it is put together.
type Entry struct {
	Name   string
	ZH, EN string
}

// Script is an Entry as the speech synthesizer is given it.
type Script struct {
	Entry
	Pinyin  string // of ZH, with tone digits
	SpokenE string // of EN as it is to be pronounced, if that differs
}

// Scripts reads the table that the voice is made from, voice/prompts.tsv: a heading, then a line of
// name, Chinese, pinyin, English and spoken English, parted by tabs.
func Scripts() ([]Script, error) {
	table, err := voice.ReadFile("voice/prompts.tsv")
	if err != nil {
		return nil, fmt.Errorf("the table of prompts: %w", err)
	}
	var scripts []Script
	for i, line := range strings.Split(strings.TrimRight(string(table), "\n"), "\n") {
		if i == 0 {
			continue
		}
		field := strings.Split(line, "\t")
		if len(field) != 5 {
			return nil, fmt.Errorf("the table of prompts: line %d has %d fields, not 5: %q", i+1, len(field), line)
		}
		scripts = append(scripts, Script{Entry{field[0], field[1], field[3]}, field[2], field[4]})
	}
	return scripts, nil
}

// library is the table as it is used: read once, when first asked for.
var library = sync.OnceValue(func() (l struct {
	entries []Entry
	byName  map[string]Entry
},
) {
	scripts, err := Scripts()
	if err != nil {
		panic(err) // the table is part of the program; TestTable reads it
	}
	l.byName = map[string]Entry{}
	for _, s := range scripts {
		l.entries = append(l.entries, s.Entry)
		l.byName[s.Name] = s.Entry
	}
	return l
})

// heard are the clips that were asked for, by their file: of all there are, a box plays a few.
var heard sync.Map // string to Clip

// Find gives the built-in clip of a name in a language ("zh" or "en").
func Find(lang, name string) (Clip, bool) {
	if name == MusicName {
		return music, slices.Contains(Languages, lang)
	}
	if _, known := library().byName[name]; !known {
		return nil, false
	}
	file := path(lang, name)
	if clip, is := heard.Load(file); is {
		return clip.(Clip), true
	}
	octets, err := voice.ReadFile(file)
	if err != nil {
		return nil, false
	}
	clip, _ := heard.LoadOrStore(file, Clip(octets))
	return clip.(Clip), true
}

// Length is how long the built-in clip of a name is, without taking it into memory.
func Length(lang, name string) (time.Duration, bool) {
	if name == MusicName {
		return Clip(music).Duration(), slices.Contains(Languages, lang)
	}
	info, err := fs.Stat(voice, path(lang, name))
	if err != nil {
		return 0, false
	}
	return time.Duration(info.Size()) * time.Second / dsp.SampleRate, true
}

func path(lang, name string) string { return "voice/" + lang + "/" + name + ".alaw" }

// Names lists all built-in prompts and pieces in the order of the table, without the music.
func Names() []Entry {
	return append([]Entry(nil), library().entries...)
}

// Music is the music on hold: a loop of about half a minute whose end runs into its beginning.
func Music() Clip { return music }

// Say joins pieces to one clip. An error names the first piece that the language lacks. It copies.
func Say(lang string, pieces ...string) (Clip, error) {
	var said Clip
	for _, name := range pieces {
		clip, found := Find(lang, name)
		if !found {
			return nil, fmt.Errorf("there is no prompt %q in language %q", name, lang)
		}
		said = append(said, clip...)
	}
	return said, nil
}

// Text is the wording of pieces, to be shown. A piece that the language lacks is shown as its name
// in brackets.
func Text(lang string, pieces []string) string {
	var b strings.Builder
	for i, name := range pieces {
		entry := library().byName[name]
		word := entry.EN
		if lang == "zh" {
			word = entry.ZH
		} else if i > 0 {
			b.WriteString(englishJoint(pieces[i-1], name))
		}
		if word == "" {
			word = "[" + name + "]"
		}
		b.WriteString(word)
	}
	return b.String()
}

// englishJoint is a hyphen within twenty-one to ninety-nine, first and second alike, or a space.
func englishJoint(before, name string) string {
	tens := len(before) == 2 && before >= "20" && before[1] == '0'
	unit := name >= "1" && name < ":" && (len(name) == 1 || len(name) == 3 && name[1] > '9')
	if tens && unit {
		return "-"
	}
	return " "
}

// Position gives the pieces of "you are number n in the queue".
func Position(lang string, n int) []string {
	pieces := append([]string{"you_are_number"}, Number(lang, int64(n))...)
	return append(pieces, "in_the_queue")
}
