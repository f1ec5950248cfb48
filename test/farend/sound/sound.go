// Package sound is a mouth and an ear for tests: what is played into one direction of a call and what
// is heard from the other, by spectrum and by keys rather than by octets.
//
// Sound path: test/farend joins it to a B channel, test/farend/phone to an RTP stream; both hand it
// blocks of companded octets, in and out. The signal path is not known here.
//
// G.711 for the octets; the levels of dsp. What counts as heard is a choice of ours: the share of the
// energy of the last half second that lies at one frequency, and nothing below -45 dBm0. Who follows
// another's clip knows its octets again, and how long they were under way.
//
// Every method is safe from anywhere; Fill, Said and Hear never wait for more than the others' mutex, and
// do no more with a block than to copy it unless keys are listened for: hundreds are a light load.
package sound

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"trunkbox/dsp"
)

// Sound is the two directions of one party. Make one with New.
type Sound struct {
	mu      sync.Mutex
	law     dsp.Law
	echo    bool
	at      int // in the clip
	filledN int // of the last block: octets of the clip, which ended at at
	clip    *clip
	saying  atomic.Pointer[clip] // clip, for those who follow
	tone    *dsp.Tone            // instead of the clip, if any
	queue   []*dsp.Tone          // played once, one after the other, before anything else
	follow  following

	window *[keptSamples]byte // the last second as a ring, but for the octets that follow keeps
	next   int
	filled int
	record []byte
	most   int
	dtmf   *dsp.DTMF     // nil: keys are not listened for
	blocks chan struct{} // closed with the next block heard; nil while nobody waits
	echoed []byte        // the last block, for echo
	keys   []byte
	empty  chan struct{}
}

const (
	hearSamples = dsp.SampleRate / 2 // how much Hears looks at
	keptSamples = dsp.SampleRate
)

// New makes a party that says nothing and keeps the first recordS seconds of what it hears. With a negative recordS it
// keeps nothing and listens for no keys: hundreds of such parties are a light load.
func New(law dsp.Law, recordS int) *Sound {
	s := &Sound{law: law, window: new([keptSamples]byte), most: max(recordS, 0) * dsp.SampleRate, empty: make(chan struct{})}
	if recordS >= 0 {
		s.dtmf = dsp.NewDTMF()
	}
	close(s.empty)
	return s
}

// Fill makes the next block to send.
func (s *Sound) Fill(block []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.filledN = 0
	for len(s.queue) > 0 {
		n := s.queue[0].FillOctets(block, s.law)
		if !s.queue[0].Done() {
			return
		}
		block, s.queue = block[n:], s.queue[1:]
		if len(s.queue) == 0 {
			close(s.empty)
		}
	}
	switch {
	case s.echo:
		Silence(block[copy(block, s.echoed):], s.law)
	case s.tone != nil:
		s.tone.FillOctets(block, s.law)
	case s.clip != nil:
		s.at = s.clip.fill(block, s.at)
		s.filledN = len(block)
	default:
		Silence(block, s.law)
	}
}

// silences are blocks of it, to be copied.
var silences = func() (all [2][dsp.SampleRate / 50]byte) {
	for _, law := range []dsp.Law{dsp.ALaw, dsp.MuLaw} {
		for i := range all[law] {
			all[law][i] = law.Silence()
		}
	}
	return all
}()

// Silence fills the octets with silence.
func Silence(octets []byte, law dsp.Law) {
	for len(octets) > 0 {
		octets = octets[copy(octets, silences[law][:]):]
	}
}

// Hear takes a block as it was received, now.
func (s *Sound) Hear(block []byte) { s.HearAt(block, 0) }

// HearAt takes a block that came at a moment in ns since 1970; 0: now.
func (s *Sound) HearAt(block []byte, at int64) {
	if at == 0 {
		at = time.Now().UnixNano()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.echo {
		s.echoed = append(s.echoed[:0], block...)
	}
	if s.follow.of == nil || !s.follow.take(block, at, s.keep) {
		s.keep(block)
	}
	if room := s.most - len(s.record); room > 0 {
		s.record = append(s.record, block[:min(room, len(block))]...)
	}
	if s.dtmf != nil {
		s.dtmf.PushOctets(block, s.law, func(d dsp.DigitEvent) {
			if !d.End {
				s.keys = append(s.keys, d.Digit)
			}
		})
	}
	if s.blocks != nil {
		close(s.blocks)
		s.blocks = nil
	}
}

// keep keeps what was heard for a second.
func (s *Sound) keep(octets []byte) {
	s.filled = min(s.filled+len(octets), keptSamples)
	for len(octets) > 0 {
		n := copy(s.window[s.next:], octets)
		s.next, octets = (s.next+n)%keptSamples, octets[n:]
	}
}

// play sets what sounds when the queue is empty.
func (s *Sound) play(tone *dsp.Tone, octets []byte, echo bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tone, s.clip, s.at, s.echo, s.echoed = tone, nil, 0, echo, s.echoed[:0]
	if len(octets) > 0 {
		s.clip = newClip(octets)
	}
	s.saying.Store(s.clip)
}

// PlayTone sounds a tone at -10 dBm0 until something else is played.
func (s *Sound) PlayTone(hz float64) {
	s.PlayCadence(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: hz, DBm0: -10}}}}})
}

// PlayCadence plays tones and pauses.
func (s *Sound) PlayCadence(c dsp.Cadence) { s.play(dsp.NewTone(c), nil, false) }

// PlayClip plays octets, which are copied, over and over.
func (s *Sound) PlayClip(octets []byte) { s.play(nil, octets, false) }

// PlayEcho says what is heard, a block later.
func (s *Sound) PlayEcho() { s.play(nil, nil, true) }

// PlayNothing is silent.
func (s *Sound) PlayNothing() { s.play(nil, nil, false) }

// Stop forgets what is to be played.
func (s *Sound) Stop() {
	s.play(nil, nil, false)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) > 0 {
		s.queue = nil
		close(s.empty)
	}
}

// SendKeys plays keys (0-9, *, #, A-D) before anything else, after those that still wait: 200 ms each
// with 100 ms between. A person takes that long, and a block that a busy machine loses in the middle of a
// key leaves a part of it that is long enough.
func (s *Sound) SendKeys(keys string) error {
	cadence, err := dsp.DTMFDigits(keys, 200*time.Millisecond, 100*time.Millisecond)
	if err != nil {
		return err
	}
	cadence.Once = true
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		s.empty = make(chan struct{})
	}
	s.queue = append(s.queue, dsp.NewTone(cadence))
	return nil
}

// WaitKeysSent waits until every key has been played, or Stop, or ctx is done.
func (s *Sound) WaitKeysSent(ctx context.Context) error {
	s.mu.Lock()
	empty := s.empty
	s.mu.Unlock()
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Note adds a key that came by other means than sound.
func (s *Sound) Note(key byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = append(s.keys, key)
}

// Keys are the keys heard so far.
func (s *Sound) Keys() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.keys)
}

// Recorded is what was heard from the beginning on.
func (s *Sound) Recorded() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]byte(nil), s.record...)
}

// Hears says whether the share of one frequency in the last half second of what is heard is at least
// least (0 to 1).
func (s *Sound) Hears(hz, least float64) bool { return s.share(hz) >= least }

// Enough is the share that makes a tone: the greater part of what is heard.
const Enough = 0.6

// Wait looks again with each block heard until heard says so, or ctx is done.
func (s *Sound) Wait(ctx context.Context, heard func() bool) error {
	for {
		s.mu.Lock()
		if s.blocks == nil {
			s.blocks = make(chan struct{})
		}
		block := s.blocks
		s.mu.Unlock()
		if heard() {
			return nil
		}
		select {
		case <-block:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Recent is the last half second heard, or as much as there is.
func (s *Sound) Recent() []int16 {
	kept := s.Kept()
	return kept[max(0, len(kept)-hearSamples):]
}

// Kept is the last second heard, or as much as there is.
func (s *Sound) Kept() []int16 {
	s.mu.Lock()
	s.follow.deliver(s.keep)
	window, next, filled := *s.window, s.next, s.filled
	s.mu.Unlock()
	kept := make([]int16, keptSamples)
	n := keptSamples - next
	s.law.Expand(kept[:n], window[next:])
	s.law.Expand(kept[n:], window[:next])
	return kept[keptSamples-filled:]
}

// Level is the level in dBm0 of the last half second heard.
func (s *Sound) Level() float64 { return dsp.Level(s.Recent()) }

// share is how much of the energy of the last half second is at one frequency, 0 to 1; 0 when there is
// no sound to speak of.
func (s *Sound) share(hz float64) float64 { return Share(s.Recent(), hz) }

// quietDBm0 is the level below which nothing counts as heard.
const quietDBm0 = -45

// Share is how much of the energy of the samples is at one frequency, 0 to 1; 0 for silence.
func Share(samples []int16, hz float64) float64 {
	all := dsp.Level(samples)
	if len(samples) < dsp.SampleRate/20 || all < quietDBm0 {
		return 0
	}
	return min(math.Pow(10, (dsp.Goertzel(samples, hz)-all)/10), 1)
}
