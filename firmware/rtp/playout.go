package rtp

import (
	"math/bits"

	"trunkbox/dsp"
)

// playout puts received sound in order and hands it out a block at a time. It lives on the engine
// thread alone. Octets lie in a ring at the place of their timestamp, with a bit each that says
// whether the octet has arrived.
//
//	       play                 end
//	---------|####....########|------------   # arrived   . not (yet) arrived
//	 heard   |<---- depth ---->|
//
// The clock is the line's, not the phone's. Nothing left to play: conceal and let play stand still (debt
// counts those samples), so the delay grows by what was missing. A hole with sound behind it is a loss:
// conceal and go on, but first pay the debt by skipping it. How much delay there is to be, and how it is
// brought about without a click, stands in delay.go.
type playout struct {
	law       dsp.Law
	running   bool
	play, end uint32 // timestamps, compared modulo 2^32
	lead      int    // silence to give before the first sample
	debt      int    // samples concealed while play stood still
	strange   int    // packets in a row that fit nowhere
	fluent    int    // samples before play that came from the ring without a gap

	mutedFrom, mutedTo uint32 // timestamps of sound that is not played: a key's leak
	muted              bool

	began   uint32 // play before the block played last
	stood   int    // samples given since play last moved through sound
	awaited awaited

	ceiling int // delay never to exceed, samples
	delay   delay
	noise   noise

	have   []uint64
	ring   []byte // its length is a power of two
	hidden concealer

	concealed, skipped, inserted, corrections counter
	late, duplicate, reordered                counter
	depthNow                                  gauge
}

const (
	ringSize     = 2048 // 256 ms: the ceiling and a packet of 50 ms
	leastBehind  = 160  // 20 ms that stay in the ring behind play: more may be put in, or repeated
	farAhead     = 3200 // 400 ms: further ahead or behind is another stream
	strangeLimit = 3    // packets that say so before it is believed
	holdLimit    = 1600 // 200 ms without a packet: the phone stopped talking
)

func (p *playout) reset(law dsp.Law, prefill, ceiling int) {
	p.law, p.ceiling = law, ceiling
	p.delay.reset(prefill)
	p.hidden.reset(law)
	p.running = false
}

// start makes timestamp the first sample to play, after as much silence as the jitter known asks for. Who awaits the end of
// what came before has it there.
func (p *playout) start(timestamp uint32) {
	if p.awaited.on {
		p.awaited.goal = timestamp
	} else {
		p.stood = 0
	}
	clear(p.have)
	p.running, p.play, p.end = true, timestamp, timestamp
	p.lead, p.debt, p.strange, p.fluent, p.muted = p.delay.prefill, 0, 0, 0, false
	p.delay.begin()
	p.noise.off()
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
	p.delay.arrived(ahead + p.lead)
	if ahead < 0 && -ahead <= p.lead && p.depth()-ahead <= len(p.ring) { // reordered first packets
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
	if over := ahead + len(octets) - len(p.ring); over > 0 { // far beyond the ceiling
		over += len(p.ring) - p.delay.prefill
		p.skip(min(over, ahead))
		p.fluent = 0
		if int32(p.end-p.play) < 0 {
			p.end = p.play
		}
	}
	if p.arrived(timestamp) {
		p.duplicate.add(1)
		return
	}
	if int32(timestamp-p.end) < 0 {
		p.reordered.add(1)
	}
	p.write(timestamp, octets)
	if end := timestamp + uint32(len(octets)); int32(end-p.end) > 0 {
		p.end = end
	}
	if over := p.depth() - p.ceiling - len(octets); over > 0 && p.lead == 0 {
		p.skip(p.depth() - p.delay.prefill)
		p.fluent = 0
	}
}

// at is the place of a timestamp in the ring.
func (p *playout) at(timestamp uint32) int { return int(timestamp) & (len(p.ring) - 1) }

// write lays octets at their place.
func (p *playout) write(timestamp uint32, octets []byte) {
	n := copy(p.ring[p.at(timestamp):], octets)
	copy(p.ring, octets[n:])
	p.mark(timestamp, len(octets), true)
}

// mark sets or clears the bits of n places from timestamp on.
func (p *playout) mark(timestamp uint32, n int, arrived bool) {
	at := p.at(timestamp)
	for n > 0 {
		bit := at % 64
		size := min(n, 64-bit)
		mask := ^uint64(0) >> (64 - size) << bit
		if arrived {
			p.have[at/64] |= mask
		} else {
			p.have[at/64] &^= mask
		}
		at = (at + size) & (len(p.ring) - 1)
		n -= size
	}
}

func (p *playout) depth() int { return int(int32(p.end - p.play)) }

func (p *playout) arrived(timestamp uint32) bool {
	at := p.at(timestamp)
	return p.have[at/64]>>(at%64)&1 == 1
}

// run counts how many samples from play on have (or, with want false, have not) arrived, limit at most.
func (p *playout) run(want bool, limit int) int {
	n, at := 0, p.at(p.play)
	for n < limit {
		word := p.have[at/64] >> (at % 64)
		if want {
			word = ^word
		}
		size := min(bits.TrailingZeros64(word), 64-at%64)
		n += size
		at = (at + size) & (len(p.ring) - 1)
		if size == 0 || at%64 != 0 {
			break
		}
	}
	return min(n, limit)
}

// advance moves play on by n samples and frees their places.
func (p *playout) advance(n int) {
	p.mark(p.play, n, false)
	p.play += uint32(n)
}

// skip throws n samples away.
func (p *playout) skip(n int) {
	p.advance(n)
	p.skipped.add(n)
	p.delay.moved(-n)
	p.debt = max(0, p.debt-n)
}

// mute keeps the sound between two timestamps from being heard.
func (p *playout) mute(from, to uint32) { p.mutedFrom, p.mutedTo, p.muted = from, to, true }

// take fills block.
func (p *playout) take(block []byte) {
	p.adapt(len(block))
	p.began = p.play
	for at := 0; at < len(block); {
		at += p.step(block[at:p.untilAwaited(at, len(block))])
	}
	if p.running && p.depth() > 0 { // when the phone is gone, what it last was
		p.depthNow.set(p.depth())
	}
}

// step fills the begin of block and tells how much; 0 when it only moved play.
func (p *playout) step(block []byte) int {
	switch {
	case !p.running:
		p.stood += len(block)
		if p.noise.on {
			p.noise.fill(block, p.law)
			return len(block)
		}
		p.hidden.fill(block)
		return len(block)

	case p.lead > 0:
		n := min(p.lead, len(block))
		p.hidden.fill(block[:n])
		p.lead -= n
		return n

	case p.depth() <= 0 && p.noise.on: // the phone said that it falls silent
		p.running = false
		return 0

	case p.depth() <= 0: // nothing left
		p.stood += len(block)
		p.hidden.fill(block)
		p.concealed.add(len(block))
		p.fluent = 0
		p.delay.moved(len(block))
		if p.debt += len(block); p.debt >= holdLimit {
			p.running = false
		}
		return len(block)

	case p.arrived(p.play):
		n := p.run(true, min(len(block), p.depth()))
		p.read(block[:n])
		p.advance(n)
		p.fluent, p.stood = min(p.fluent+n, ringSize), 0
		p.hidden.join(block[:n])
		p.hidden.heard(block[:n])
		return n

	case p.debt > 0: // a hole that was concealed already while play stood
		n := p.run(false, min(p.debt, p.depth()))
		p.advance(n)
		p.delay.moved(-n)
		p.debt -= n
		p.fluent = 0
		return 0

	default: // a loss
		n := p.run(false, min(len(block), p.depth()))
		p.hidden.fill(block[:n])
		p.concealed.add(n)
		p.advance(n)
		p.fluent = 0
		return n
	}
}

// copy gives what lies in the ring from timestamp on, up to end or up to behind samples before play.
func (p *playout) copy(block []byte, timestamp uint32) {
	n := copy(block, p.ring[p.at(timestamp):])
	copy(block[n:], p.ring)
}

// behind is how many samples before play came without a gap and are still there.
func (p *playout) behind() int { return min(p.fluent, len(p.ring)-p.depth()) }

// mayShrink tells whether, with so many samples more, all that is to be played finds room in the ring of a lane.
func (p *playout) mayShrink(more int) bool {
	return p.running && p.lead == 0 && p.depth()+more+cell+leastBehind <= laneRing
}

// fits tells whether a packet can be put into the ring without throwing anything away.
func (p *playout) fits(timestamp uint32, size int) bool {
	ahead := int(int32(timestamp - p.play))
	return !p.running || len(p.ring) == ringSize || ahead > farAhead || ahead+size+leastBehind <= len(p.ring)
}

// move goes on in another ring, with all that finds room there.
func (p *playout) move(have []uint64, ring []byte) {
	before := playout{have: p.have, ring: p.ring}
	p.have, p.ring = have, ring
	clear(have)
	end := p.play + uint32(max(0, p.depth()))
	for t := end - uint32(min(len(ring), len(before.ring))); t != end; t++ {
		ring[p.at(t)] = before.ring[before.at(t)]
	}
	for t := p.play; t != end; t++ {
		if before.arrived(t) {
			p.mark(t, 1, true)
		}
	}
}

// read gives the sound at play, but for what is muted.
func (p *playout) read(block []byte) {
	p.copy(block, p.play)
	if !p.muted {
		return
	}
	from, to := int(int32(p.mutedFrom-p.play)), int(int32(p.mutedTo-p.play))
	if to <= 0 {
		p.muted = false
		return
	}
	if from = max(from, 0); from < len(block) {
		fillSilence(block[from:min(to, len(block))], p.law)
	}
}

// awaited is the place that somebody who was given the sound past the playout waits for play to come to.
type awaited struct {
	on      bool
	goal    uint32
	reached int // octets of the last block before play came there; more than a block: not yet
	gap     int // samples that were given there while play stood still
}

const notReached = 1 << 20

// await looks out for goal from now on.
func (p *playout) await(goal uint32) { p.awaited = awaited{on: true, goal: goal, reached: notReached} }

// forget no longer does; the result is how long play stood at the goal.
func (p *playout) forget() (gap int) {
	gap, p.awaited.on = p.awaited.gap, false
	return gap
}

// untilAwaited is how far the block, of which at octets are filled and size are to be, may be filled in one step, so
// that play comes to the goal between two steps.
func (p *playout) untilAwaited(at, size int) int {
	w := &p.awaited
	if !w.on || w.reached < notReached {
		return size
	}
	left := int(int32(w.goal - p.play))
	if left <= 0 || !p.running {
		w.reached, w.gap = at, max(0, p.stood-max(left, 0))
		return size
	}
	return min(size, at+left)
}

// steady tells whether the last block of n samples was all sound as it came, and play not moved a moment ago; or whether
// all that came is still to be played.
func (p *playout) steady(n int) bool {
	if p.lead > 0 {
		return p.running && !p.muted && p.play == p.began
	}
	return p.running && !p.muted && p.fluent >= n && int(int32(p.play-p.began)) == n && p.delay.pause <= 0
}
