package rtp

import (
	"strings"
	"testing"

	"trunkbox/dsp"
)

// dtmf is a key's two tones.
func dtmf(t testing.TB, key byte, n int) []byte {
	t.Helper()
	dial, err := dsp.DTMFDigits(string(key), dsp.DTMFOn, dsp.DTMFOff)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, n)
	dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: dial.Steps[0].Sines}}}).FillOctets(b, dsp.ALaw)
	return b
}

// A phone that leaves the tone in its sound beside the telephone-event: whoever listens in-band hears each
// key once, wherever the leak lies.
func TestLeakBesideAnEventIsNotHeard(t *testing.T) {
	for _, c := range []struct {
		name        string
		before, end int // samples of the tone that leak before the event begins and after it has ended
	}{{"no leak", 0, 0}, {"before", 320, 0}, {"before and after", 320, 160}} {
		t.Run(c.name, func(t *testing.T) {
			told := ""
			s := open(t, Options{OnDigit: func(key byte, inband bool) {
				if inband {
					t.Error("a key heard in the sound was told of a phone that has telephone-event")
				}
				told += string(key)
			}})
			p := newPhone(t, s.address())
			s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
			s.Start()
			detector, heard := dsp.NewDTMF(), ""
			block := make([]byte, 160)
			hear := func() {
				turn(s)
				s.Hear(block)
				detector.PushOctets(block, dsp.ALaw, func(e dsp.DigitEvent) {
					if !e.End {
						heard += string(e.Digit)
					}
				})
			}
			quiet := sine(dsp.ALaw, 300, -60, 160)
			const dial = "15590#"
			for _, key := range []byte(dial) {
				for range 10 {
					p.speak(PayloadALaw, quiet)
					hear()
				}
				tone := dtmf(t, key, max(c.before, c.end))
				for at := 0; at < c.before; at += 160 {
					p.speak(PayloadALaw, tone[at:at+160])
					hear()
				}
				event := byte(strings.IndexByte(eventKeys, key))
				const long = 960 // 120 ms
				for d := uint16(160); d <= long; d += 160 {
					p.send(101, p.stamp, []byte{event, 10, byte(d >> 8), byte(d & 0xFF)})
					hear()
				}
				for range 3 {
					p.send(101, p.stamp, []byte{event, 0x80 | 10, long >> 8, long & 0xFF})
				}
				p.stamp += long
				for at := 0; at < c.end; at += 160 {
					p.speak(PayloadALaw, tone[at:at+160])
					hear()
				}
			}
			for range 20 {
				p.speak(PayloadALaw, quiet)
				hear()
			}
			if heard != dial || told != dial {
				t.Errorf("heard in-band %q, told %q, want %q", heard, told, dial)
			}
		})
	}
}

// A phone without telephone-event presses its keys in its sound.
func TestKeysInTheSoundAreTold(t *testing.T) {
	told := ""
	s := open(t, Options{OnDigit: func(key byte, inband bool) {
		if inband {
			told += string(key)
		}
	}})
	p := newPhone(t, s.address())
	s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 0, SendRecv)
	s.Start()
	block := make([]byte, 160)
	hear := func(octets []byte) {
		for ; len(octets) >= 160; octets = octets[160:] {
			p.speak(PayloadALaw, octets[:160])
			turn(s)
			s.Hear(block)
		}
	}
	const dial = "*2580#"
	for _, key := range []byte(dial) {
		hear(dtmf(t, key, 800))
		hear(sine(dsp.ALaw, 300, -60, 800))
	}
	hear(sine(dsp.ALaw, 300, -60, 1600))
	turn(s)
	if told != dial || s.Stats().Digits != uint64(len(dial)) {
		t.Errorf("told %q, want %q; %d counted", told, dial, s.Stats().Digits)
	}
	s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	hear(dtmf(t, '7', 800))
	hear(sine(dsp.ALaw, 300, -60, 1600))
	if told != dial {
		t.Errorf("told %q after the phone offered telephone-event", told)
	}
}
