package rtp

import (
	"time"

	"trunkbox/dsp"
)

// Trouble is why one side of a call does not hear the other, as far as the stream can tell.
type Trouble uint8

// The troubles, the surest sign first.
const (
	NoTrouble    Trouble = iota
	PortRefused          // the phone's host says that nobody listens on the port of its SDP (ICMP)
	OnlyStranger         // packets come, but from an address that is not the phone's
	OnlySilence          // packets come, and all of them are silent: muted, or no microphone
	BehindNAT            // no packet came at all, and the phone's SDP names an address that cannot be reached
	NothingComes         // no packet came, or none any more
)

// String is the word that firmware/journal has for it.
func (t Trouble) String() string {
	return [...]string{"none", "sound_port_refused", "sound_from_stranger", "sound_is_silence", "sound_behind_nat", "sound_does_not_come"}[t%6]
}

const (
	oneWayAfter  = 5 * time.Second
	spokenEnough = 8000 // samples of speech towards the phone within that time: somebody waits for an answer
	refusedOften = 5    // refusals within that time

	spokenPeak = 500 // about -33 dBm0: speech
	alivePeak  = 24  // beyond digital silence in either law
)

// loud tells whether one of every seventh octets is beyond peak; seven, because no tone of telephony has its
// zeros there.
func loud(octets []byte, law dsp.Law, peak int16) bool {
	for i := 0; i < len(octets); i += 7 {
		if x := law.Decode(octets[i]); x > peak || x < -peak {
			return true
		}
	}
	return false
}

// signs are what a stream has counted so far, and how it stands.
type signs struct {
	hears                           bool // the phone may send and nobody holds the sound
	alive, sounds, foreign, refused uint32
	spoken                          uint32 // samples of speech towards the phone
	behind                          bool   // the SDP's address is one beyond a NAT
}

// oneWay watches for sound in one direction only: signs in, at most one trouble for each time it begins.
type oneWay struct {
	begun     bool
	since     time.Duration // when the sound of the phone was last there
	then      signs
	told      bool
	refusedAt time.Duration // begin of the window in which refusals are counted
	refused   uint32
	toldPort  bool
}

// look takes the signs at a time; the result is a trouble that has just become certain.
func (w *oneWay) look(now time.Duration, s signs) Trouble {
	if t := w.lookPort(now, s); t != NoTrouble {
		return t
	}
	if !w.begun || !s.hears || s.alive != w.then.alive {
		w.begun, w.since, w.then, w.told = true, now, s, false
		return NoTrouble
	}
	if w.told || now-w.since < oneWayAfter || s.spoken-w.then.spoken < spokenEnough {
		return NoTrouble
	}
	w.told = true
	switch {
	case s.refused > w.then.refused && w.toldPort:
		return NoTrouble
	case s.refused > w.then.refused:
		w.toldPort = true
		return PortRefused
	case s.sounds > w.then.sounds:
		return OnlySilence
	case s.foreign > w.then.foreign:
		return OnlyStranger
	case s.behind && s.sounds == 0:
		return BehindNAT
	}
	return NothingComes
}

// lookPort watches for a phone whose sound comes and whose port refuses ours.
func (w *oneWay) lookPort(now time.Duration, s signs) Trouble {
	if now-w.refusedAt < oneWayAfter {
		return NoTrouble
	}
	often := s.refused-w.refused >= refusedOften
	w.refusedAt, w.refused = now, s.refused
	if !often {
		w.toldPort = false
		return NoTrouble
	}
	if w.toldPort {
		return NoTrouble
	}
	w.toldPort = true
	return PortRefused
}
