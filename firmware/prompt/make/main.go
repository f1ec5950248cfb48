// Command make speaks the box's built-in prompts and plays its music on hold.
//
// It reads the table voice/prompts.tsv that firmware/prompt embeds and writes the clips beside it:
// voice/zh/<name>.alaw, voice/en/<name>.alaw and voice/music.alaw, which the next build of
// firmware/prompt embeds. It is run from the top of the repository by `make prompts`.
//
// The speech synthesizer espeak-ng must be installed; it is run as a program and is no part of the
// box. Chinese is given to it as pinyin, because it reads Chinese characters as English letters.
//
// Caveats: the same espeak-ng gives the same clips to the octet; another version gives others.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"trunkbox/dsp"
	"trunkbox/firmware/prompt"
)

// What is spoken is brought to speechDBm0 (active level) and the music to musicDBm0 (mean).
const (
	speechDBm0 = -16.0
	musicDBm0  = -18.0

	// Pauses at the end: after a sentence, and after a piece that others follow.
	sentencePause = dsp.SampleRate / 5
	piecePause    = dsp.SampleRate / 50
)

// voices are the synthesizer's voice and its speed in words a minute.
var voices = map[string]struct{ name, speed string }{
	"zh": {"cmn-latn-pinyin", "155"},
	"en": {"en-us", "150"},
}

func main() {
	dir := flag.String("dir", "firmware/prompt/voice", "where the clips are written")
	flag.Parse()
	if err := run(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "make prompts:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		return fmt.Errorf("espeak-ng is needed (Debian package espeak-ng): %w", err)
	}
	scripts, err := prompt.Scripts()
	if err != nil {
		return err
	}
	total := 0
	for _, lang := range prompt.Languages {
		clips := map[string]prompt.Clip{}
		for _, s := range scripts {
			wording, spoken := wordingOf(s, lang)
			if wording == "" {
				continue
			}
			if clips[s.Name+".alaw"], err = speak(lang, wording, spoken); err != nil {
				return fmt.Errorf("prompt %s (%s) %q: %w", s.Name, lang, spoken, err)
			}
			total += len(clips[s.Name+".alaw"])
		}
		if err := replace(filepath.Join(dir, lang), clips); err != nil {
			return err
		}
		fmt.Printf("%s: %d clips\n", lang, len(clips))
	}
	music := compose()
	prompt.Amplify(music, musicDBm0-dsp.Level(music))
	total += len(music)
	fmt.Printf("%.1f s of sound, %d octets\n", float64(total)/dsp.SampleRate, total)
	return os.WriteFile(filepath.Join(dir, "music.alaw"), prompt.Compress(music), 0o644)
}

// wordingOf gives what is written and what is spoken.
func wordingOf(s prompt.Script, lang string) (wording, spoken string) {
	switch {
	case lang == "zh":
		return s.ZH, s.Pinyin
	case s.SpokenE != "":
		return s.EN, s.SpokenE
	}
	return s.EN, s.EN
}

// speak makes the clip of one wording.
func speak(lang, wording, spoken string) (prompt.Clip, error) {
	voice := voices[lang]
	var wav, complaint bytes.Buffer
	program := exec.Command("espeak-ng", "-v", voice.name, "-s", voice.speed, "--stdout", "--", spoken)
	program.Stdout, program.Stderr = &wav, &complaint
	if err := program.Run(); err != nil {
		return nil, fmt.Errorf("espeak-ng: %w: %s", err, complaint.String())
	}
	samples, err := prompt.Read(wav.Bytes())
	if err != nil {
		return nil, err
	}
	samples = prompt.Trim(samples)
	prompt.Amplify(samples, speechDBm0-prompt.ActiveLevel(samples))
	pause := piecePause
	if strings.HasSuffix(wording, ".") && len(wording) > len("a.m.") || strings.HasSuffix(wording, "。") {
		pause = sentencePause
	}
	return prompt.Compress(append(samples, make([]int16, pause)...)), nil
}

// replace writes the clips into the directory and removes the clips that are no longer wanted.
func replace(dir string, clips map[string]prompt.Clip) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.alaw"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if _, wanted := clips[filepath.Base(path)]; !wanted {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	for name, clip := range clips {
		if err := os.WriteFile(filepath.Join(dir, name), clip, 0o644); err != nil {
			return err
		}
	}
	return nil
}
