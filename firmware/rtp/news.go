package rtp

import (
	"trunkbox/dsp"
)

// news is what a stream has to tell. The pump finds it, the reporter tells it: a log and whoever is told take locks, and
// the log may wait for who reads it.
type news struct {
	stream  *Stream
	press   press
	inband  bool
	heard   dsp.DigitEvent // of a key in the sound that is up
	leaks   bool           // found with this key
	moved   bool           // sound comes from elsewhere now
	trouble Trouble
}

// tell keeps news until the stream's lock is free.
func (p *pump) tell(s *Stream, t Trouble) {
	if t != NoTrouble {
		p.news = append(p.news, news{stream: s, trouble: t})
	}
}

// deliver hands the news to the reporter, what it has no room for in a later turn.
func (p *pump) deliver() {
	given := 0
	for ; given < len(p.news); given++ {
		slot := p.reporter.news.slot()
		if slot == nil {
			break
		}
		*slot = p.news[given]
		p.reporter.news.push()
	}
	if given > 0 {
		left := copy(p.news, p.news[given:])
		clear(p.news[left:])
		p.news = p.news[:left]
		p.reporter.ring()
	}
}

// tell logs the news and tells whom they concern.
func (n *news) tell() {
	log, o := n.stream.log, &n.stream.options
	if n.moved {
		log.Debug("sound comes from", "phone", n.stream.peer.Load().addr)
	}
	if n.leaks {
		log.Info("the phone leaves the tones of its keys in its sound", "key", string(n.press.key))
	}
	if n.press.first && o.OnDigit != nil {
		o.OnDigit(n.press.key, n.inband)
	}
	if n.press.end {
		n.logUp()
		if o.OnKeyUp != nil {
			o.OnKeyUp(n.up())
		}
	}
	if n.trouble != NoTrouble {
		log.Warn("one-way sound", "why", n.trouble, "phone", n.stream.Stats().Remote)
		if o.OnTrouble != nil {
			o.OnTrouble(n.trouble)
		}
	}
}

// logUp logs a key that was let go.
func (n *news) logUp() {
	if e := &n.heard; n.inband {
		n.stream.log.Info("key in the sound", "ms", e.Lasted().Milliseconds(), "dBm0", int(max(e.LowDBm0, e.HighDBm0)), "twist_dB", int(e.TwistDB()))
		return
	}
	n.stream.log.Info("key by telephone-event", "ms", n.press.length/8, "dBm0", -int(n.press.volume))
}
