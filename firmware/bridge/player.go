package bridge

import "trunkbox/dsp"

// Player is a recorded sound as a Source: prompts, music. Its clips are A-law octets at 8,000 a second,
// played one after the other without a gap. The clips are shared and never written.
type Player struct {
	clips [][]byte
	loop  bool
	clip  int
	at    int
}

// Play makes a player that ends after the last clip.
func Play(clips ...[]byte) *Player { return &Player{clips: clips} }

// Loop makes a player that begins again after the last clip and never ends.
func Loop(clips ...[]byte) *Player { return &Player{clips: clips, loop: true} }

// Next fills block from the clips, and with silence after the last one.
func (p *Player) Next(block []byte, law dsp.Law) (done bool) {
	filled := 0
	for filled < len(block) {
		if p.clip == len(p.clips) {
			if !p.loop || p.empty() {
				silence(block[filled:], law)
				return true
			}
			p.clip, p.at = 0, 0
		}
		rest := p.clips[p.clip][p.at:]
		n := min(len(rest), len(block)-filled)
		dsp.Transcode(block[filled:filled+n], rest[:n], dsp.ALaw, law)
		filled += n
		p.at += n
		if n == len(rest) {
			p.clip, p.at = p.clip+1, 0
		}
	}
	return !p.loop && p.clip == len(p.clips)
}

func (p *Player) empty() bool {
	for _, clip := range p.clips {
		if len(clip) > 0 {
			return false
		}
	}
	return true
}
