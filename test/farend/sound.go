package farend

import (
	"math"
	"sync"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
)

// sound is what one B channel carries for a call: what is played into it and what is heard from it.
type sound struct {
	law dsp.Law

	mu     sync.Mutex
	queue  []*dsp.Tone // played once, one after the other, before anything else
	empty  chan struct{}
	tone   *dsp.Tone // then this, if any
	clip   []byte    // else this, round and round
	at     int
	echo   bool
	heard  [span.MaxBlock]byte // the last block, for echo
	window [hearSamples]int16  // the last half second as a ring
	next   int
	filled int
	record []byte
	most   int
	keys   []byte
	dtmf   *dsp.DTMF
	blocks chan struct{} // closed and replaced with each block heard
}

// hearSamples is how much Hears looks at: half a second.
const hearSamples = dsp.SampleRate / 2

func newSound(law dsp.Law, recordS int) *sound {
	s := &sound{law: law, most: recordS * dsp.SampleRate, dtmf: dsp.NewDTMF(), blocks: make(chan struct{}), empty: make(chan struct{})}
	close(s.empty)
	return s
}

// moveSound ticks the line until it ends.
func (e *Exchange) moveSound() error {
	var rx, tx span.Block
	n, slots := e.line.Block(), e.line.Kind().B()
	for {
		for _, ts := range slots {
			if s := e.sounds[ts].Load(); s != nil {
				s.fill(tx[ts][:n])
				continue
			}
			for i := range n {
				tx[ts][i] = e.law.Silence()
			}
		}
		if err := e.line.Tick(&rx, &tx); err != nil {
			return err
		}
		for _, ts := range slots {
			if s := e.sounds[ts].Load(); s != nil {
				s.hear(rx[ts][:n])
			}
		}
	}
}

// fill makes the next block to send.
func (s *sound) fill(block []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
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
		copy(block, s.heard[:])
	case s.tone != nil:
		s.tone.FillOctets(block, s.law)
	case len(s.clip) > 0:
		for i := range block {
			block[i] = s.clip[s.at]
			s.at = (s.at + 1) % len(s.clip)
		}
	default:
		for i := range block {
			block[i] = s.law.Silence()
		}
	}
}

// hear takes a block as it was received.
func (s *sound) hear(block []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	copy(s.heard[:], block)
	for _, octet := range block {
		s.window[s.next] = s.law.Decode(octet)
		s.next = (s.next + 1) % hearSamples
	}
	s.filled = min(s.filled+len(block), hearSamples)
	if room := s.most - len(s.record); room > 0 {
		s.record = append(s.record, block[:min(room, len(block))]...)
	}
	s.dtmf.PushOctets(block, s.law, func(d dsp.DigitEvent) {
		if !d.End {
			s.keys = append(s.keys, d.Digit)
		}
	})
	close(s.blocks)
	s.blocks = make(chan struct{})
}

// play sets what sounds when the queue is empty.
func (s *sound) play(tone *dsp.Tone, clip []byte, echo bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tone, s.clip, s.at, s.echo = tone, clip, 0, echo
}

// stop forgets what is to be played.
func (s *sound) stop() {
	s.play(nil, nil, false)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) > 0 {
		s.queue = nil
		close(s.empty)
	}
}

// once puts a tone at the end of the queue.
func (s *sound) once(tone *dsp.Tone) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		s.empty = make(chan struct{})
	}
	s.queue = append(s.queue, tone)
}

// share is how much of the energy of the last half second is at one frequency, 0 to 1; 0 when there is
// no sound to speak of.
func (s *sound) share(hz float64) float64 {
	s.mu.Lock()
	recent := make([]int16, 0, hearSamples)
	recent = append(recent, s.window[s.next:]...)
	recent = append(recent, s.window[:s.next]...)
	recent = recent[hearSamples-s.filled:]
	s.mu.Unlock()
	return ToneShare(recent, hz)
}

// quietDBm0 is the level below which nothing counts as heard.
const quietDBm0 = -45

// ToneShare is how much of the energy of the samples is at one frequency, 0 to 1; 0 for silence.
func ToneShare(samples []int16, hz float64) float64 {
	all := dsp.Level(samples)
	if len(samples) < dsp.SampleRate/20 || all < quietDBm0 {
		return 0
	}
	return min(math.Pow(10, (dsp.Goertzel(samples, hz)-all)/10), 1)
}

// steady is a tone that does not end.
func steady(hz, dBm0 float64) *dsp.Tone {
	return dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: hz, DBm0: dBm0}}}}})
}

// dial is the cadence of keys at 100 ms each with 100 ms between.
func dial(keys string) (*dsp.Tone, error) {
	cadence, err := dsp.DTMFDigits(keys, 100*time.Millisecond, 100*time.Millisecond)
	if err != nil {
		return nil, err
	}
	cadence.Once = true
	return dsp.NewTone(cadence), nil
}
