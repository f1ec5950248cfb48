package exchange

import (
	"sync/atomic"
	"time"

	"trunkbox/dsp"
	"trunkbox/firmware/journal"
)

// answererTap listens to who has answered a dialled call (bridge.Tap).
type answererTap struct {
	detector dsp.AnswererDetector
	linear   [160]int16
	verdict  atomic.Uint32 // a dsp.Answerer
}

// Take hears a block of the called party.
func (a *answererTap) Take(said, _ []byte, law dsp.Law) {
	if a.verdict.Load() != uint32(dsp.NotSure) {
		return
	}
	linear := a.linear[:len(said)]
	law.Expand(linear, said)
	a.verdict.Store(uint32(a.detector.Push(linear)))
}

// answererEvery is how often the verdict is looked for.
const answererEvery = 200 * time.Millisecond

// whoAnswered listens, where the settings want it, to whether a person or a machine has answered, and tells it in the
// call's story and on the page.
func (c *Call) whoAnswered() {
	if !c.x.settings.Outbound.MachineDetection || c.other == nil || c.other.Party() == nil {
		return
	}
	party, tap := c.other.Party(), &answererTap{}
	party.Attach(tap)
	var look func()
	look = func() {
		verdict := dsp.Answerer(tap.verdict.Load())
		switch {
		case c.ended:
		case verdict == dsp.NotSure:
			c.x.loop.After(answererEvery, look)
			return
		default:
			c.note(journal.AnswererHeard, "outcome", verdict.String())
		}
		party.Detach(tap)
	}
	c.x.loop.After(answererEvery, look)
}
