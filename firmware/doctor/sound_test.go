package doctor

import (
	"math/rand/v2"
	"testing"

	"trunkbox/drivers/hdlc"
	"trunkbox/drivers/prbs"
	"trunkbox/drivers/span"
	"trunkbox/dsp"
	"trunkbox/firmware/prompt"
)

// heard pushes octets into timeslot 16 and nothing else.
func heard(octets []byte) Slot {
	l := NewListener(span.E1)
	for len(octets) > 0 {
		var block span.Block
		n := copy(block[16][:], octets)
		l.Push(&block, n, span.Slotset(0).With(16))
		octets = octets[n:]
	}
	return l.Sound().Slots[16]
}

// dChannel is four seconds of a D channel with an SABME each second.
func dChannel(t *testing.T, kbits int, shift int) []byte {
	t.Helper()
	encoder := hdlc.NewEncoder(8)
	encoder.SetRate(kbits)
	var octets []byte
	for range 4 {
		if err := encoder.Send([]byte{0, 1, 0x7f}); err != nil {
			t.Fatal(err)
		}
		second := make([]byte, 8000)
		encoder.Fill(second)
		octets = append(octets, second...)
	}
	if shift == 0 {
		return octets
	}
	shifted := make([]byte, len(octets)-1) // flags that stand across two octets
	for i := range shifted {
		shifted[i] = octets[i]<<shift | octets[i+1]>>(8-shift)
	}
	return shifted
}

// notSlowed skips what is arithmetic of one goroutine under the race detector.
func notSlowed(t *testing.T) {
	t.Helper()
	if slowed {
		t.Skip("one goroutine, and the race detector makes it ten times slower")
	}
}

func turn(octets []byte) []byte {
	turned := make([]byte, len(octets))
	for i, octet := range octets {
		turned[i] = ^octet
	}
	return turned
}

func TestReadingsOfTheDChannel(t *testing.T) {
	notSlowed(t)
	for shift := range 8 {
		slot := heard(dChannel(t, 64, shift))
		if !slot.Plain.found() || slot.Plain.Frames < 3 || slot.Plain.Flags < 0.95 || slot.Turned.found() || slot.Seven.Frames > 0 {
			t.Errorf("64 kbit/s, shifted %d: %+v", shift, slot)
		}
		if slot := heard(turn(dChannel(t, 64, shift))); slot.Plain.found() || slot.Turned.Frames < 3 {
			t.Errorf("inverted, shifted %d: %+v", shift, slot)
		}
	}
	slot := heard(dChannel(t, 56, 0))
	if slot.Plain.found() || slot.Turned.found() || slot.Seven.Frames != 4 || slot.Bit8 != 1 {
		t.Errorf("56 kbit/s: %+v", slot)
	}
	for _, c := range []struct {
		set  Setup
		line []byte
		want sign
	}{
		{Setup{}, dChannel(t, 64, 3), ""},
		{Setup{}, turn(dChannel(t, 64, 3)), dInverted},
		{Setup{}, dChannel(t, 56, 0), dSeven},
		{Setup{DInverted: true}, turn(dChannel(t, 64, 0)), ""},
		{Setup{DRate: 56}, dChannel(t, 56, 0), ""},
	} {
		s := signs{}
		if !heard(c.line).reads(c.set, s) || (c.want != "") != s.is(c.want) || len(s) > 1 {
			t.Errorf("%+v: noted %v, want %q", c.set, s, c.want)
		}
	}
}

// TestNoDChannel: what is no HDLC is not taken for it, nor for speech of any law.
func TestNoDChannel(t *testing.T) {
	notSlowed(t)
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 32000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	fill := func(octet byte) []byte {
		octets := make([]byte, 32000)
		for i := range octets {
			octets[i] = octet
		}
		return octets
	}
	for _, c := range []struct {
		name   string
		octets []byte
	}{{"noise", noise}, {"ones", fill(0xff)}, {"A-law silence", fill(0xd5)}, {"idle", fill(0x54)}, {"µ-law silence", fill(0x7f)}, {"zeros", fill(0)}} {
		s, slot := signs{}, heard(c.octets)
		if slot.reads(Setup{}, s) || len(s) > 0 {
			t.Errorf("%s is read as HDLC: %+v", c.name, slot)
		}
		if slot.ALaw+slot.MuLaw > 5 {
			t.Errorf("%s is heard as speech: %d blocks of A-law, %d of µ-law", c.name, slot.ALaw, slot.MuLaw)
		}
		if e := slot.Entropy; c.name == "noise" && e < 7.9 || c.name != "noise" && (e != 0 || slot.Idle != 1) {
			t.Errorf("%s: entropy %.2f, idle %.2f", c.name, e, slot.Idle)
		}
	}
}

// TestLaws: speech and music, in either law.
func TestLaws(t *testing.T) {
	notSlowed(t)
	var speech []byte
	for _, name := range prompt.Names() {
		if clip, is := prompt.Find("zh", name.Name); is {
			speech = append(speech, clip...)
		}
	}
	for _, c := range []struct {
		name string
		alaw []byte
	}{{"speech", speech[:8000*20]}, {"music", prompt.Music()[:8000*10]}} {
		mulaw := make([]byte, len(c.alaw))
		dsp.Transcode(mulaw, c.alaw, dsp.ALaw, dsp.MuLaw)
		a, mu := heard(c.alaw), heard(mulaw)
		t.Logf("%s: %d blocks, A-law %d:%d, µ-law %d:%d", c.name, len(c.alaw)/160, a.ALaw, a.MuLaw, mu.MuLaw, mu.ALaw)
		for _, law := range []struct {
			name         string
			right, wrong int
		}{{"A-law", a.ALaw, a.MuLaw}, {"µ-law", mu.MuLaw, mu.ALaw}} {
			if law.right < enough || law.right < 20*law.wrong {
				t.Errorf("%s in %s: %d blocks for it, %d against", c.name, law.name, law.right, law.wrong)
			}
		}
	}
}

// TestPattern: the test sequence of either kind of line, and what only looks like one.
func TestPattern(t *testing.T) {
	notSlowed(t)
	for _, c := range []struct {
		kind     span.Kind
		sequence prbs.Sequence
		last     int
	}{{span.E1, prbs.O151, 31}, {span.T1, prbs.QRSS, 24}} {
		for _, inverted := range []bool{false, true} {
			l, generator := NewListener(c.kind), prbs.NewGenerator(c.sequence)
			var block span.Block
			all := ^span.Slotset(0)
			for range 20 {
				for i := range 160 {
					for ts := 1; ts <= c.last; ts++ {
						octet := generator.Octet()
						if inverted {
							octet = ^octet
						}
						block[ts][i] = octet
					}
				}
				l.Push(&block, 160, all)
			}
			if share := l.Sound().Pattern; share < 0.98 {
				t.Errorf("%v, inverted %t: %.3f of the bits fit", c.kind, inverted, share)
			}
		}
		l := NewListener(c.kind)
		var block span.Block
		for ts := range block {
			for i := range block[ts] {
				block[ts][i] = 0xff
			}
		}
		l.Push(&block, 160, ^span.Slotset(0))
		if share := l.Sound().Pattern; share != 0 {
			t.Errorf("%v: all ones fit by %.3f", c.kind, share)
		}
	}
}

// FuzzListener: no octets of a line are too strange.
func FuzzListener(f *testing.F) {
	f.Add([]byte{0x7e, 0x7e, 0x80, 0x81, 0xff, 0x7e}, uint32(1<<16), true)
	f.Add([]byte{0xd5, 0x55, 0xd5, 0x55}, ^uint32(0), false)
	f.Fuzz(func(t *testing.T, octets []byte, set uint32, e1 bool) {
		kind := span.T1
		if e1 {
			kind = span.E1
		}
		l := NewListener(kind)
		var block span.Block
		for len(octets) > 0 {
			n := 0
			for ts := range block {
				n = copy(block[ts][:], octets)
			}
			l.Push(&block, n, span.Slotset(set))
			octets = octets[n:]
		}
		heard := l.Sound()
		for ts, slot := range heard.Slots {
			if slot.Plain.Flags > 1 || slot.Idle > 1 || slot.Entropy > 8 || slot.Bit8 > 1 || (slot.Octets > 0) && !span.Slotset(set).Has(span.Timeslot(ts)) {
				t.Errorf("timeslot %d: %+v", ts, slot)
			}
		}
		Examine(Evidence{Configured: Setup{Kind: kind}, Seen: Observation{Seconds: 1, Sound: heard}})
	})
}
