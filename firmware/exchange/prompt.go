package exchange

import (
	"trunkbox/firmware/prompt"
)

// clips finds prompts in the box's language: the owner's own before the built-in ones. A name that
// is neither is logged and left out, so that a caller is never stopped by it.
func (x *Exchange) clips(names ...string) [][]byte {
	lang := x.settings.Box.Language
	var clips [][]byte
	for _, name := range names {
		if own, found := x.Store.Prompt(name, lang); found {
			clips = append(clips, own)
		} else if clip, found := prompt.Find(lang, name); found {
			clips = append(clips, clip)
		} else {
			x.Log.Warn("there is no such prompt", "prompt", name, "language", lang)
		}
	}
	return clips
}

// music is what waiting callers hear: the named prompt, or the built-in music.
func (x *Exchange) music(name string) [][]byte {
	if name != "" {
		if clips := x.clips(name); len(clips) > 0 {
			return clips
		}
	}
	return [][]byte{prompt.Music()}
}

// position says "you are number n" in the box's language.
func (x *Exchange) position(n int) [][]byte {
	lang := x.settings.Box.Language
	return x.clips(prompt.Position(lang, n)...)
}
