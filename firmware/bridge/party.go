package bridge

import (
	"sync"
	"sync/atomic"

	"trunkbox/dsp"
)

// maxBlock is the longest block of an Engine in octets: 20 ms.
const maxBlock = 160

// Source is a sound for a party to hear.
type Source interface {
	// Next fills block with the next sound in law. It returns true with its last block, and is then not
	// asked again. The Engine calls it from its thread, once a tick for each party that hears it; a source
	// with a position of its own (Player) is therefore for one party only, another Party for any number. A block
	// shorter than the tick is the end of it: the party has heard something else before.
	Next(block []byte, law dsp.Law) (done bool)
}

// Party is a Port with what it hears. What it says is there for any other party to hear.
type Party struct {
	name   string
	port   Port
	relays Relaying               // port, if it can
	hears  atomic.Pointer[Source] // stored by anybody, read by the engine
	digits atomic.Bool
	voice  atomic.Pointer[voice]
	taps   atomic.Pointer[[]Tap]
	change sync.Mutex     // orders Attach and Detach
	gone   atomic.Bool    // removed from the engine: whoever still hears it hears silence
	said   [maxBlock]byte // this tick's block from the port; the engine's
	out    [maxBlock]byte
	block  int
	before Source                   // what was relayed last; the engine's
	dtmf   atomic.Pointer[dsp.DTMF] // nil while no keys are asked for; see DetectDigits and keysIn
	keys   func(dsp.DigitEvent)
}

// Name is the party's name in traces.
func (p *Party) Name() string { return p.name }

// Hear makes source what the party hears from the next tick on; nil is silence. The change falls
// between two blocks: none is lost and none is heard twice.
func (p *Party) Hear(source Source) {
	if source == nil {
		p.hears.Store(nil)
		return
	}
	p.hears.Store(&source)
}

// DetectDigits switches the detection of keys in the party's own sound on or off. The end of a key that sounds is
// told of also after it.
//
// The detector is as large as all else of a party, and most talk without one: it is made here, not in a tick, and the
// engine lets go of it.
func (p *Party) DetectDigits(on bool) {
	p.digits.Store(on)
	if on && p.dtmf.Load() == nil {
		p.dtmf.CompareAndSwap(nil, dsp.NewDTMF())
	}
}

// Next gives another party what this one says. In the same law the octets pass bit-exact. It ends when
// the party has been removed.
func (p *Party) Next(block []byte, law dsp.Law) (done bool) {
	if p.gone.Load() {
		silence(block, law)
		return true
	}
	dsp.Transcode(block, p.said[p.block-len(block):p.block], p.port.Law(), law)
	return false
}

// Join lets two parties hear each other.
func Join(a, b *Party) {
	a.Hear(b)
	b.Hear(a)
}

// listen takes this tick's block from the port, treats it, and looks for keys in it.
func (p *Party) listen() {
	said := p.said[:p.block]
	if v := p.voice.Load(); v != nil {
		v.hear(p, said)
	} else {
		p.port.Hear(said)
	}
	p.keysIn(said)
}

// keysIn looks for keys in said, if they are asked for.
func (p *Party) keysIn(said []byte) {
	dtmf := p.dtmf.Load()
	if dtmf == nil {
		return
	}
	if p.digits.Load() || dtmf.Digit() != 0 { // a key that was told is heard to its end
		dtmf.PushOctets(said, p.port.Law(), p.keys)
		return
	}
	p.dtmf.CompareAndSwap(dtmf, nil)
	if p.digits.Load() { // since we looked, and DetectDigits may have found the detector still there
		p.dtmf.CompareAndSwap(nil, dtmf)
	}
}

// speak gives the port its block, but for what was relayed to it; it returns the source that has just ended, or nil.
func (p *Party) speak() (ended Source) {
	out, law := p.out[:p.block], p.port.Law()
	source, taps := p.hears.Load(), p.tapped()
	given := p.relayed(source)
	if given > 0 && len(taps) > 0 {
		silence(out, law)
		if p.before != nil {
			p.before.Next(out, law) // a recording has it when the tick comes to it
		}
	}
	if rest := out[given:]; len(rest) > 0 {
		if source == nil {
			silence(rest, law)
		} else if (*source).Next(rest, law) {
			p.hears.CompareAndSwap(source, following(*source))
			ended = *source
		}
		p.port.Speak(rest)
	}
	for _, tap := range taps {
		tap.Take(p.said[:p.block], out, law)
	}
	return ended
}

// followed is a Source behind which the party goes on with another, from the next tick on; nil is silence.
type followed interface{ then() *Source }

// following is what a party hears after a source that has ended.
func following(ended Source) *Source {
	if f, is := ended.(followed); is {
		return f.then()
	}
	return nil
}

// relayed tells how much of this tick's block needs no Speak, for the port was or will be given it past the engine.
func (p *Party) relayed(source *Source) (given int) {
	if p.relays == nil {
		return 0
	}
	relayed, given := p.relays.Relay(p.direct(source), p.block)
	if relayed {
		p.before, given = *source, p.block
	}
	return given
}

// direct is the port of the party that p hears with nothing in between; nil: it hears something else, or there is.
func (p *Party) direct(source *Source) Port {
	if source == nil || p.voice.Load() != nil {
		return nil
	}
	other, ok := (*source).(*Party)
	if !ok || other.voice.Load() != nil || other.gone.Load() {
		return nil
	}
	return other.port
}

func silence(block []byte, law dsp.Law) {
	octet := law.Silence()
	for i := range block {
		block[i] = octet
	}
}
