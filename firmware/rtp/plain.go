package rtp

import (
	"math"
	"sync/atomic"

	"trunkbox/dsp"
)

// plain tells whether what a phone sends is sound and nothing else, packet after packet of one codec and one
// length, each with the timestamp that its sequence number asks for. Only such a stream is relayed. Pump only,
// but for word.
type plain struct {
	word atomic.Uint32 // what the engine thread reads: 0, or what the packets are like

	codec     Codec
	length    int // octets
	sequence  uint16
	timestamp uint32 // both of the newest packet
	since     uint32 // place in the inbox where the run began
	sound     int    // samples of the run, 0: none
	need      int    // samples it takes to be believed; 0: nothing has come yet
	leaks     bool   // the phone leaves its keys' tones in the sound: never
}

const (
	plainAtFirst    = 2     // packets that agree, when nothing has come before
	plainAfter      = 2000  // 250 ms
	plainAfterNoise = 80000 // 10 s: a phone that is silent between words would change to and fro
)

// likeness is what one packet is like, never 0.
func likeness(codec Codec, length int) uint32 { return uint32(codec+1)<<16 | uint32(length) }

// packet takes a packet of sound that was not there before and has its place in the inbox; false: it does not
// go on what went before.
func (l *plain) packet(sequence uint16, timestamp uint32, codec Codec, length int, place uint32) bool {
	step := int(int16(sequence - l.sequence))
	goesOn := l.sound > 0 && codec == l.codec && length == l.length && step > -seqOldest && step < seqLeap &&
		int(int32(timestamp-l.timestamp)) == step*length
	if !goesOn {
		after := plainAfter
		if l.need == 0 {
			after = plainAtFirst * length
		}
		l.interrupt(after)
		l.codec, l.length, l.since = codec, length, place
	}
	if !goesOn || step > 0 {
		l.sequence, l.timestamp = sequence, timestamp
	}
	l.sound = min(l.sound+length, plainAfterNoise)
	if l.sound >= l.need && !l.leaks {
		l.need = plainAfter
		l.word.Store(likeness(codec, length))
	}
	return goesOn
}

// interrupt ends the run; the next must have need samples.
func (l *plain) interrupt(need int) {
	l.sound, l.need = 0, max(l.need, need)
	l.word.Store(0)
}

const (
	leakWindow = 160 // 20 ms
	leakLevel  = -36 // dBm0 of the weaker tone
	leakShare  = -3  // dB: both tones together against all that is there
)

// leaked looks for the two tones of a key in the last 40 ms of sound: a phone that leaves them there besides
// telling the key would have it heard twice by whom its sound reaches before the event does. Pump only.
func (s *Stream) leaked(key byte) bool {
	var pcm [2 * leakWindow]int16
	n := len(pcm)
	for i := uint32(1); n > 0; i++ {
		part := s.last(i)
		if part == nil {
			break
		}
		part = part[max(0, len(part)-n):]
		n -= len(part)
		s.Law().Expand(pcm[n:n+len(part)], part)
	}
	sines := soundOf(key).sines
	for at := 0; at+leakWindow <= len(pcm); at += leakWindow / 2 {
		window := pcm[at : at+leakWindow]
		level := dsp.Level(window)
		if level < leakLevel-2 {
			continue // in a Hann window no tone seems louder than 1.8 dB above all that is there
		}
		low, high := dsp.Goertzel(window, sines[0].Hz), dsp.Goertzel(window, sines[1].Hz)
		if min(low, high) > leakLevel && both(low, high) > level+leakShare {
			return true
		}
	}
	return false
}

// both is the level of two sounds together.
func both(dBm0, other float64) float64 {
	return 10 * math.Log10(math.Pow(10, dBm0/10)+math.Pow(10, other/10))
}
