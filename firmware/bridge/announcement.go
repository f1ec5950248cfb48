package bridge

import (
	"sync/atomic"

	"trunkbox/dsp"
)

// Announcement is a sound laid over what a party hears, or heard in place of it: words into a talk, a tone. It is for one
// party. Where it ends the party hears the talk as before, octet for octet and with no tick between; two that relay leave
// the relay for it and go back to it.
//
// The talk goes down before the words and comes up behind them, in the same 20 ms. What a party hears may change
// meanwhile: the announcement goes on over what it hears then (see Over).
type Announcement struct {
	ended, stopped atomic.Bool

	// The engine's.
	words      Source
	background Background
	said       bool    // the last of the words
	talk       float32 // how loud the talk is now
	voice      float32 // and the words
	octets     [maxBlock]byte
	word, sum  [maxBlock]int16
}

// Background is how loud the talk is under an announcement, as a factor.
type Background float32

// The ways in which an announcement is heard.
const (
	Untouched Background = 1    // beside the talk
	Lowered   Background = 0.25 // over the talk, which is 12 dB lower
	Silenced  Background = 0    // in place of it
)

// fade is how far the loudness of anything changes in a sample: from all to nothing in 20 ms.
const fade = 1.0 / 160

// Announce makes an announcement of words, which are for this party only.
func Announce(words Source, background Background) *Announcement {
	return &Announcement{words: words, background: background, talk: 1, voice: 1}
}

// Stop fades the words out before their end. It may be called from anywhere.
func (a *Announcement) Stop() { a.stopped.Store(true) }

// Ended says whether all of it was heard, and the talk is as loud as before. It may be called from anywhere.
func (a *Announcement) Ended() bool { return a.ended.Load() }

// Over is the announcement over a talk, nil for silence, as a source for its party. A party that is to hear another talk
// meanwhile is given the announcement over that, which goes on where it is. When it ends the party goes on with the talk;
// the end of the talk itself is not told while the announcement lasts.
func (a *Announcement) Over(talk Source) Source { return &overTalk{a, talk} }

// overTalk is an announcement over one talk. It belongs to the engine.
type overTalk struct {
	*Announcement
	under Source // nil: there is none, or no more
}

// Next fills block with the talk and the words over it.
func (o *overTalk) Next(block []byte, law dsp.Law) (done bool) {
	if o.under == nil {
		silence(block, law)
	} else if o.under.Next(block, law) {
		next := following(o.under)
		if o.under = nil; next != nil {
			o.under = *next
		}
	}
	return o.lay(block, law)
}

// then is what the party goes on with.
func (o *overTalk) then() *Source {
	if o.under == nil {
		return nil
	}
	return &o.under
}

// lay lays the next of the words over the talk in block; it returns true when there was nothing left of them, and the talk
// is as loud as before.
func (a *Announcement) lay(block []byte, law dsp.Law) (done bool) {
	if a.ended.Load() {
		return true
	}
	over := a.said
	word, sum := a.speak(len(block), law), a.sum[:len(block)]
	law.Expand(sum, block)
	loud, low := float32(1), a.stopped.Load()
	if !over {
		loud = float32(a.background)
	}
	changed := 0
	for i := range sum {
		a.talk = toward(a.talk, loud)
		if over && a.talk == 1 {
			break // from here on the octets are those of the talk
		}
		if low {
			a.voice = toward(a.voice, 0)
		}
		sum[i] = int16(min(max(a.talk*float32(sum[i])+a.voice*float32(word[i]), -32768), 32767))
		changed = i + 1
	}
	law.Compress(block[:changed], sum[:changed])
	a.said = a.said || a.voice == 0
	done = over && a.talk == 1
	a.ended.Store(done)
	return done
}

// speak is the next of the words, silence behind their end.
func (a *Announcement) speak(n int, law dsp.Law) []int16 {
	word := a.word[:n]
	if a.said {
		clear(word)
		return word
	}
	a.said = a.words.Next(a.octets[:n], law)
	law.Expand(word, a.octets[:n])
	return word
}

// toward is a loudness one sample nearer to another.
func toward(from, to float32) float32 {
	return from + min(max(to-from, -fade), fade)
}
