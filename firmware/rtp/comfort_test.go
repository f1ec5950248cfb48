package rtp

import (
	"testing"

	"trunkbox/dsp"
)

// While the phone says that it is silent, noise of its level is heard, nothing is made up, and speech after
// it is whole.
func TestComfortNoiseIsHeard(t *testing.T) {
	s := open(t, Options{})
	p := newPhone(t, s.address())
	s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	s.Start()
	block, pcm := make([]byte, 160), make([]int16, 160)
	hear := func() float64 {
		turn(s)
		s.Hear(block)
		dsp.ALaw.Expand(pcm, block)
		return dsp.Level(pcm)
	}
	for range 10 {
		p.speak(PayloadALaw, sine(dsp.ALaw, 500, -10, 160))
		hear()
	}
	const level = 46 // minus dBov: -40 dBm0
	p.send(PayloadComfortNoise, p.stamp, []byte{level})
	for range 3 {
		hear() // what was waiting
	}
	for range 100 { // two seconds in which no packet comes
		p.stamp += 160
		if got := hear(); got < -42 || got > -38 {
			t.Fatalf("noise of %.1f dBm0, want -40", got)
		}
	}
	if c := s.playout.concealed.Load(); c != 0 {
		t.Errorf("%d samples made up", c)
	}
	heard := dsp.SilenceDBm0
	for range 10 {
		p.speak(PayloadALaw, sine(dsp.ALaw, 500, -10, 160))
		heard = hear()
	}
	if heard < -11 {
		t.Errorf("speech after the silence has %.1f dBm0", heard)
	}
	p.send(PayloadComfortNoise, p.stamp, nil)
	turn(s)
	if s.malformed.Load() != 1 {
		t.Error("comfort noise without a level was taken")
	}
}

// Silence towards the phone is only told, not sent, when that is switched on and the phone takes it.
func TestSilenceIsSuppressedOnlyToOrder(t *testing.T) {
	for _, c := range []struct {
		name            string
		on, takes       bool
		sound, comforts int // packets in 2 s of silence after 1 s of speech
	}{
		{"off", false, true, 100, 0},
		{"the phone does not take it", true, false, 100, 0},
		{"on", true, true, 40, 2},
	} {
		s := open(t, Options{SuppressSilence: c.on})
		p := newPhone(t, s.address())
		if err := s.Agree(Terms{Addr: p.address(), PayloadType: PayloadALaw, ComfortNoise: c.takes}); err != nil {
			t.Fatal(err)
		}
		s.Start()
		read := func(octets []byte) (sound, comforts int, marked bool) {
			b := make([]byte, 1500)
			for at := 0; at < len(octets); at += 80 {
				before := s.sent.Load()
				s.Speak(octets[at : at+80])
				turn(s)
				for range s.sent.Load() - before {
					n, _, err := p.conn.ReadFromUDPAddrPort(b)
					switch {
					case err != nil:
						t.Fatal(err)
					case b[1]&0x7F == PayloadComfortNoise && n == 13:
						comforts++
					default:
						sound++
						marked = marked || b[1]&0x80 != 0
					}
				}
			}
			return sound, comforts, marked
		}
		voice := make([]byte, 0, 8000)
		for range 10 { // syllables: a steady tone would be noise
			voice = append(voice, sine(dsp.ALaw, 300, -10, 400)...)
			voice = append(voice, sine(dsp.ALaw, 300, -60, 400)...)
		}
		read(voice)
		quiet := sine(dsp.ALaw, 300, -62, 16000)
		if sound, comforts, _ := read(quiet); sound > c.sound || sound < c.sound/4 || comforts != c.comforts {
			t.Errorf("%s: %d packets of sound and %d of noise, want about %d and %d", c.name, sound, comforts, c.sound, c.comforts)
		}
		if sound, _, marked := read(voice); sound < 40 || marked != (c.comforts > 0) {
			t.Errorf("%s: %d packets of speech afterwards, marker %v", c.name, sound, marked)
		}
	}
}

// TestACallThatBeginsInSilenceTellsItsNoise: as soon as nothing is sent any more, not a second later.
func TestACallThatBeginsInSilenceTellsItsNoise(t *testing.T) {
	h := newHush()
	quiet := sine(dsp.ALaw, 300, -62, 160)
	for at := 0; at < hushAfter+hushEvery; at += len(quiet) {
		_, silent, tell := h.push(quiet, dsp.ALaw)
		after := at + len(quiet)
		if silent != (after >= hushAfter) || tell != (after == hushAfter || after == hushAfter+hushEvery) {
			t.Errorf("after %d ms: silent %t, tell %t", after/8, silent, tell)
		}
	}
}
