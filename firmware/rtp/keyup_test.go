package rtp

import (
	"math"
	"strings"
	"testing"
	"time"

	"trunkbox/dsp"
)

// TestKeysThatAreLetGoAreTold: once each, with length and level, however often the end comes and also when the packets
// before it are lost; of a phone without telephone-event as they sounded.
func TestKeysThatAreLetGoAreTold(t *testing.T) {
	var ups []KeyUp
	downs := ""
	s := open(t, Options{OnDigit: func(key byte, _ bool) { downs += string(key) }, OnKeyUp: func(up KeyUp) { ups = append(ups, up) }})
	p := newPhone(t, s.address())
	s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 101, SendRecv)
	s.Start()
	const long = 960 // 120 ms
	for i, key := range []byte("5#") {
		event := byte(strings.IndexByte(eventKeys, key))
		for d := uint16(160); d < long && i == 0; d += 160 {
			p.send(101, p.stamp, []byte{event, 7, byte(d >> 8), byte(d & 0xFF)})
		}
		for range 3 {
			p.send(101, p.stamp, []byte{event, 0x80 | 7, long >> 8, long & 0xFF})
		}
		p.stamp += 2 * long
		turn(s)
	}
	if downs != "5#" || len(ups) != 2 || ups[0].Key != '5' || ups[1].Key != '#' {
		t.Fatalf("pressed %q, let go %+v", downs, ups)
	}
	for _, up := range ups {
		if up.Inband || up.Lasted != 120*time.Millisecond || len(up.Levels) != 1 || up.Levels[0] != -7 {
			t.Errorf("%+v", up)
		}
	}
	s = open(t, Options{OnDigit: func(byte, bool) {}, OnKeyUp: func(up KeyUp) { ups = append(ups, up) }})
	p = newPhone(t, s.address())
	s.SetRemote(p.address(), dsp.ALaw, PayloadALaw, 0, SendRecv)
	s.Start()
	block := make([]byte, 160)
	sound := append(dtmf(t, '7', 960), sine(dsp.ALaw, 300, -60, 1600)...)
	for ; len(sound) > 0; sound = sound[160:] {
		p.speak(PayloadALaw, sound[:160])
		turn(s)
		s.Hear(block)
	}
	turn(s)
	if len(ups) != 3 || ups[2].Key != '7' || !ups[2].Inband || math.Abs(float64(ups[2].Lasted.Milliseconds())-120) > 12 ||
		len(ups[2].Levels) != 2 || math.Abs(ups[2].Levels[0]-dsp.DTMFLowDBm0) > 1 || math.Abs(ups[2].Levels[1]-dsp.DTMFHighDBm0) > 1 {
		t.Errorf("heard %+v", ups[2:])
	}
}
