package bridge

import (
	"fmt"
	"sync/atomic"
	"time"

	"trunkbox/dsp"
)

// Treatment is what is done to the sound of a party before anybody hears it. Without any, octets pass as they are.
type Treatment struct {
	Echo  time.Duration // longest echo that is cancelled (G.168), unless the port is EchoFree; 0: none
	Noise bool          // background noise is brought down
	Level bool          // speech is brought to one level
}

// The level that Treatment.Level aims at, and by how much it may change what is said: the nominal level of speech at the
// 0 dBr point is about -19 dBm0 active (ITU-T P.56 speech at G.111's reference connection), bad lines are 10 dB off.
const (
	levelTarget = -19
	levelMost   = 12
)

// voice treats the sound of one party. It belongs to the engine once it was stored in the party.
type voice struct {
	echo  *dsp.Echo
	noise *dsp.NoiseReduction
	level *dsp.AGC

	off atomic.Bool // a tone has turned the echo canceller off

	sent [maxBlock]byte
}

// EchoOff says whether a modem's or a fax machine's tone has turned the party's echo canceller off (clause 7/G.168).
func (p *Party) EchoOff() bool {
	v := p.voice.Load()
	return v != nil && v.off.Load()
}

// Treat has the sound of the party treated from the next tick on. The treatment begins anew: it knows nothing of what
// was said before. An error tells that the echo tail is one that cannot be cancelled.
func (p *Party) Treat(t Treatment) error {
	if t == (Treatment{}) {
		p.voice.Store(nil)
		return nil
	}
	v := &voice{}
	if t.Echo > 0 {
		echo, err := dsp.NewEcho(t.Echo)
		if err != nil {
			return fmt.Errorf("treatment of %s: %w", p.name, err)
		}
		v.echo = echo
	}
	if t.Noise {
		v.noise = dsp.NewNoiseReduction()
	}
	if t.Level {
		v.level = dsp.NewAGC(levelTarget, levelMost)
	}
	p.voice.Store(v)
	return nil
}

func echoFree(port Port) bool {
	line, ok := port.(EchoFree)
	return ok && line.EchoFree()
}

// hear fills said with what the port of p brings, treated.
func (v *voice) hear(p *Party, said []byte) {
	var samples [2][maxBlock]int16 // on the stack: what each voice kept would be out of the caches
	law, near := p.port.Law(), samples[0][:len(said)]
	if v.echo != nil && !echoFree(p.port) {
		sent, far := v.sent[:len(said)], samples[1][:len(said)]
		if line, ok := p.port.(Echoing); ok {
			line.HearBoth(said, sent)
		} else {
			copy(sent, p.out[:len(said)])
			p.port.Hear(said)
		}
		law.Expand(far, sent)
		law.Expand(near, said)
		v.echo.Cancel(far, near)
		v.off.Store(v.echo.Disabled())
	} else {
		p.port.Hear(said)
		law.Expand(near, said)
	}
	if v.noise != nil {
		v.noise.Push(near)
	}
	if v.level != nil {
		v.level.Push(near)
	}
	law.Compress(said, near)
}
