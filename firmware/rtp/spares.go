package rtp

import (
	"sync/atomic"

	"trunkbox/dsp"
)

// spares are what a stream may come to need while the pump is at it, made beforehand by the reporter: the pump allocates
// nothing, for who allocates may have to help the collector, and all calls would wait.
type spares struct {
	apparatuses shelf[apparatus] // when a relay ends
	holds       shelf[hold]      // when one has become steady
	peers       shelf[peer]      // when the phone's sound comes from elsewhere
	tones       shelf[dsp.Tone]  // at its first key
	wides       shelf[wide]      // at its first G.722
}

// fill puts as many there as there is room for. Reporter only.
func (p *spares) fill() {
	p.apparatuses.fill(func(a *apparatus) { a.outbox.init(cell) })
	p.holds.fill(nil)
	p.peers.fill(nil)
	p.tones.fill(nil)
	p.wides.fill(nil)
}

// shelf has room for what several hundred calls need between two turns of the reporter. Nobody waits at it.
type shelf[T any] [8]atomic.Pointer[T]

// take is one nobody has had; when the shelf is empty it is made at once.
func (p *shelf[T]) take() *T {
	for i := range p {
		if p[i].Load() != nil {
			if spare := p[i].Swap(nil); spare != nil {
				return spare
			}
		}
	}
	return new(T)
}

// fill makes what is missing; prepare, unless it is nil, has each before it lies there.
func (p *shelf[T]) fill(prepare func(*T)) {
	for i := range p {
		if p[i].Load() != nil {
			continue
		}
		spare := new(T)
		if prepare != nil {
			prepare(spare)
		}
		p[i].Store(spare)
	}
}

// spares are those of the stream's pump.
func (s *Stream) spares() *spares { return &s.options.Ports.pump.reporter.spares }
