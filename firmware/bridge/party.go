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
	// with a position of its own (Player) is therefore for one party only, another Party for any number.
	Next(block []byte, law dsp.Law) (done bool)
}

// Party is a Port with what it hears. What it says is there for any other party to hear.
type Party struct {
	name   string
	port   Port
	hears  atomic.Pointer[Source] // stored by anybody, read by the engine
	digits atomic.Bool
	voice  atomic.Pointer[voice]
	taps   atomic.Pointer[[]Tap]
	change sync.Mutex     // orders Attach and Detach
	gone   atomic.Bool    // removed from the engine: whoever still hears it hears silence
	said   [maxBlock]byte // this tick's block from the port; the engine's
	out    [maxBlock]byte
	block  int
	dtmf   *dsp.DTMF
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

// DetectDigits switches the detection of keys in the party's own sound on or off.
func (p *Party) DetectDigits(on bool) { p.digits.Store(on) }

// Next gives another party what this one says. In the same law the octets pass bit-exact. It ends when
// the party has been removed.
func (p *Party) Next(block []byte, law dsp.Law) (done bool) {
	if p.gone.Load() {
		silence(block, law)
		return true
	}
	dsp.Transcode(block, p.said[:p.block], p.port.Law(), law)
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
	if p.digits.Load() {
		p.dtmf.PushOctets(said, p.port.Law(), p.keys)
	}
}

// speak gives the port its block; it returns the source that has just ended, or nil.
func (p *Party) speak() (ended Source) {
	out := p.out[:p.block]
	source := p.hears.Load()
	if source == nil {
		silence(out, p.port.Law())
	} else if (*source).Next(out, p.port.Law()) {
		p.hears.CompareAndSwap(source, nil)
		ended = *source
	}
	p.port.Speak(out)
	for _, tap := range p.tapped() {
		tap.Take(p.said[:p.block], out, p.port.Law())
	}
	return ended
}

func silence(block []byte, law dsp.Law) {
	octet := law.Silence()
	for i := range block {
		block[i] = octet
	}
}
