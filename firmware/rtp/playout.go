package rtp

import "trunkbox/dsp"

// playout puts received sound in order and hands it out a block at a time. It lives on the engine
// thread alone. Octets lie in a ring at the place of their timestamp, with a bit each that says
// whether the octet has arrived.
//
//	       play                 end
//	---------|####....########|------------   # arrived   . not (yet) arrived
//	 heard   |<---- depth ---->|
//
// The clock is the line's, not the phone's; how the two are kept together:
//   - nothing left to play: conceal and let play stand still (debt counts those samples), so the delay
//     grows by what was missing;
//   - a hole with sound behind it is a loss: conceal and go on, but first pay the debt by skipping it;
//   - sound that always waits longer than the jitter asks for is shortened, 5 ms at a time.
type playout struct {
	law       dsp.Law
	running   bool
	play, end uint32 // timestamps, compared modulo 2^32
	lead      int    // silence to give before the first sample
	debt      int    // samples concealed while play stood still
	strange   int    // packets in a row that fit nowhere
	minDepth  int    // smallest depth of this window
	window    int    // samples since the window began
	excess    int    // samples still to be taken out
	pause     int    // samples until the next shortening

	prefill, ceiling int // delay to begin with and never to exceed, samples
	jitter           int // last told, samples

	have   [ringSize / 64]uint64
	ring   [ringSize]byte
	hidden concealer

	concealed, skipped, late, duplicate, reordered counter
	depthNow                                       gauge
}

const (
	ringSize     = 8192 // about 1 s
	ringMask     = ringSize - 1
	farAhead     = 4000  // 500 ms: further ahead or behind is another stream
	strangeLimit = 3     // packets that say so before it is believed
	holdLimit    = 1600  // 200 ms without a packet: the phone stopped talking
	windowLength = 16000 // 2 s
	shortening   = 40    // 5 ms
	floor        = 160   // 20 ms
)

func (p *playout) reset(law dsp.Law, prefill, ceiling int) {
	p.law, p.prefill, p.ceiling = law, prefill, ceiling
	p.hidden.reset(law)
	p.running = false
}

// start makes timestamp the first sample to play, prefill samples from now.
func (p *playout) start(timestamp uint32) {
	p.have = [ringSize / 64]uint64{}
	p.running, p.play, p.end = true, timestamp, timestamp
	p.lead, p.debt, p.strange, p.excess, p.pause = p.prefill, 0, 0, 0, 0
	p.minDepth, p.window = ringSize, 0
}

// put takes the octets of one packet, already in the port's law.
func (p *playout) put(timestamp uint32, octets []byte) {
	if !p.running {
		p.start(timestamp)
	}
	ahead := int(int32(timestamp - p.play))
	if ahead > farAhead || ahead < -farAhead {
		if p.strange++; p.strange < strangeLimit {
			p.late.add(1)
			return
		}
		p.start(timestamp)
		ahead = 0
	}
	p.strange = 0
	if ahead < 0 && -ahead <= p.lead { // reordered first packets
		p.play, p.lead = timestamp, p.lead+ahead
		ahead = 0
	}
	if ahead+len(octets) <= 0 {
		p.late.add(1)
		return
	}
	if ahead < 0 {
		octets, timestamp, ahead = octets[-ahead:], p.play, 0
	}
	if p.arrived(timestamp) {
		p.duplicate.add(1)
		return
	}
	if int32(timestamp-p.end) < 0 {
		p.reordered.add(1)
	}
	for i, octet := range octets {
		at := (timestamp + uint32(i)) & ringMask
		p.ring[at] = octet
		p.have[at/64] |= 1 << (at % 64)
	}
	if end := timestamp + uint32(len(octets)); int32(end-p.end) > 0 {
		p.end = end
	}
	if over := p.depth() - p.ceiling - len(octets); over > 0 && p.lead == 0 {
		p.skip(p.depth() - p.prefill)
	}
}

func (p *playout) depth() int { return int(int32(p.end - p.play)) }

func (p *playout) arrived(timestamp uint32) bool {
	at := timestamp & ringMask
	return p.have[at/64]>>(at%64)&1 == 1
}

// advance moves play on by n samples and frees their places.
func (p *playout) advance(n int) {
	for range n {
		at := p.play & ringMask
		p.have[at/64] &^= 1 << (at % 64)
		p.play++
	}
}

// skip throws n samples away.
func (p *playout) skip(n int) {
	p.advance(n)
	p.skipped.add(n)
	p.debt = max(0, p.debt-n)
}

// run counts how many samples from play on have (or, with want false, have not) arrived, limit at most.
func (p *playout) run(want bool, limit int) int {
	n := 0
	for n < limit && p.arrived(p.play+uint32(n)) == want {
		n++
	}
	return n
}

// take fills block.
func (p *playout) take(block []byte) {
	p.adapt(len(block))
	for len(block) > 0 {
		n := p.step(block)
		block = block[n:]
	}
	p.depthNow.set(max(0, p.depth()))
}

// step fills the begin of block and tells how much; 0 when it only moved play.
func (p *playout) step(block []byte) int {
	switch {
	case !p.running:
		p.hidden.fill(block)
		return len(block)

	case p.lead > 0:
		n := min(p.lead, len(block))
		p.hidden.fill(block[:n])
		p.lead -= n
		return n

	case p.depth() <= 0: // nothing left
		p.hidden.fill(block)
		p.concealed.add(len(block))
		if p.debt += len(block); p.debt >= holdLimit {
			p.running = false
		}
		return len(block)

	case p.arrived(p.play):
		n := p.run(true, min(len(block), p.depth()))
		for i := range n {
			block[i] = p.ring[(p.play+uint32(i))&ringMask]
		}
		p.advance(n)
		p.hidden.join(block[:n])
		p.hidden.heard(block[:n])
		return n

	case p.debt > 0: // a hole that was concealed already while play stood
		n := p.run(false, min(p.debt, p.depth()))
		p.advance(n)
		p.debt -= n
		return 0

	default: // a loss
		n := p.run(false, min(len(block), p.depth()))
		p.hidden.fill(block[:n])
		p.concealed.add(n)
		p.advance(n)
		return n
	}
}

// adapt watches how much of the buffer is never used and takes it out.
func (p *playout) adapt(block int) {
	if !p.running || p.lead > 0 {
		return
	}
	p.minDepth = min(p.minDepth, p.depth())
	p.window += block
	if p.window >= windowLength {
		reserve := max(floor, min(3*p.jitter, p.ceiling))
		p.excess = max(0, p.minDepth-block-reserve)
		if p.excess < 2*shortening {
			p.excess = 0
		}
		p.minDepth, p.window = ringSize, 0
	}
	p.pause -= block
	if p.excess >= shortening && p.pause <= 0 && p.shorten() {
		p.excess -= shortening
		p.pause = 800 // 100 ms
	}
}

// shorten takes 5 ms out of the sound before play by fading from each sample into the one 5 ms later.
func (p *playout) shorten() bool {
	if p.depth() < 2*shortening || p.run(true, 2*shortening) < 2*shortening {
		return false
	}
	for i := range shortening {
		from, to := (p.play+uint32(i))&ringMask, (p.play+uint32(i)+shortening)&ringMask
		mixed := int(p.law.Decode(p.ring[from]))*(shortening-i) + int(p.law.Decode(p.ring[to]))*i
		p.ring[to] = p.law.Encode(int16(mixed / shortening))
	}
	p.skip(shortening)
	return true
}
