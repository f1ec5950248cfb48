package rtp

import "slices"

// delay decides how long sound waits before it is played: as short as a local network allows, as long as
// a home line needs. Engine thread only; times are in samples of 125 µs.
//
// What counts is the margin of a packet: how long before its turn it came. The least margin of each window
// of 2 s is kept for eight windows, so that a disturbance that comes back every few seconds is remembered;
// the least of them should be the reserve. Play moves by blocks, so a margin is only known to a block: a phone
// that is slow loses a whole block of it at once, and the reserve is one block at least. What is beyond is
// taken out, what is missing is put in:
//
//   - what drift of the phone's clock does, a block at most, one sample at a time: over 20 ms the sound
//     fades from where it is to one sample later or earlier, which is an interpolation nobody hears;
//   - more than that, 5 ms at a time, where the sound is quiet or, after a second in vain, where it is.
//
// Every move of play against the time of day is told to moved, so that margins measured before it hold.
type delay struct {
	prefill int      // delay to begin with
	least   [8]int32 // margins of the last windows, the running one last
	most    int      // greatest margin of the running window
	window  int      // samples since the running window began
	wrong   int      // samples to be taken out, negative: to be put in
	coarse  bool     // in steps of 5 ms
	pause   int      // samples until the next correction
	waited  int      // samples since a quiet place is looked for
	packets int      // in the running window
	reserve int      // the least margin aimed at
}

const (
	windowLength = 16000 // 2 s
	leastReserve = 80    // 10 ms
	surplus      = 80    // 10 ms: a margin above the reserve by no more is right
	lack         = 40    // 5 ms: or below it
	stepSize     = 40    // 5 ms
	smallFade    = 160   // 20 ms over which one sample is gained or lost
	smallPause   = 400   // 50 ms between two of them: at most 2,500 ppm
	largePause   = 800   // 100 ms
	quietPeak    = 256   // about -39 dBm0: no one hears a correction below
	noMargin     = 1 << 20
)

// reset forgets everything.
func (d *delay) reset(prefill int) {
	*d = delay{prefill: prefill, reserve: leastReserve}
	d.begin()
}

// begin is the first packet of a talk: margins are measured anew.
func (d *delay) begin() {
	for i := range d.least {
		d.least[i] = noMargin
	}
	d.most, d.window, d.wrong, d.pause, d.waited, d.packets = -noMargin, 0, 0, 0, 0, 0
}

// arrived takes the margin of a packet. One that was too late makes the delay grow at once.
func (d *delay) arrived(margin int) {
	last := len(d.least) - 1
	d.least[last] = min(d.least[last], int32(min(margin, noMargin)))
	d.most = max(d.most, margin)
	d.packets++
	if margin < 0 {
		d.wrong, d.coarse = min(d.wrong, margin-d.reserve), true
	}
}

// moved says that sound is played n samples later than before, or with n < 0 earlier.
func (d *delay) moved(n int) {
	for i := range d.least {
		if d.least[i] != noMargin {
			d.least[i] += int32(n)
		}
	}
	if d.most != -noMargin {
		d.most += n
	}
	if d.wrong < 0 && n > 0 {
		d.wrong = min(0, d.wrong+n)
	}
}

// passed tells that a block of n samples is played; at the end of a window it judges. ceiling is the most that
// prefill may become.
func (d *delay) passed(n, ceiling int) {
	d.reserve = max(leastReserve, n)
	d.window += n
	d.pause -= n
	if d.window < windowLength {
		return
	}
	least := int(slices.Min(d.least[:]))
	off := least - d.reserve
	begun := d.wrong != 0 && d.wrong > 0 == (off > 0) // what was begun goes on to the end
	if d.wrong = 0; least != noMargin && (begun || off > surplus || off < -lack) {
		d.wrong = off
		d.coarse = begun && d.coarse || off > d.reserve+surplus || off < -d.reserve-surplus
	}
	last := len(d.least) - 1
	if d.packets > 1 {
		d.prefill = min(max(d.most-int(d.least[last])+d.reserve, 2*leastReserve), ceiling/2)
	}
	copy(d.least[:], d.least[1:])
	d.least[last], d.most, d.window, d.packets = noMargin, -noMargin, 0, 0
}

// adapt corrects the delay by one step, if there is something to correct and a place for it.
func (p *playout) adapt(block int) {
	if !p.running || p.lead > 0 {
		return
	}
	d := &p.delay
	d.passed(block, p.ceiling)
	if d.wrong == 0 || d.pause > 0 || p.awaited.on {
		return
	}
	size, fade, pause := 1, smallFade, smallPause
	if d.coarse {
		if d.wrong < stepSize && d.wrong > -stepSize { // the rest is no more than what is left alone
			d.wrong, d.coarse = 0, false
			return
		}
		size, fade, pause = stepSize, stepSize, largePause
		if d.waited += block; d.waited < 8000 && !p.quiet(2*stepSize) {
			return
		}
	}
	wrong := d.wrong // moved, called below, counts it down when it grows
	switch {
	case wrong > 0 && p.shorten(size, fade):
		d.wrong = wrong - size
	case wrong < 0 && p.lengthen(size, fade):
		d.wrong = wrong + size
	default:
		return
	}
	p.corrections.add(1)
	d.pause, d.waited = pause, 0
}

// quiet tells whether the next n samples are there and weak.
func (p *playout) quiet(n int) bool {
	if p.depth() < n || p.run(true, n) < n {
		return false
	}
	for i := range n {
		if x := p.law.Decode(p.ring[p.at(p.play+uint32(i))]); x > quietPeak || x < -quietPeak {
			return false
		}
	}
	return true
}

// shorten takes n samples out by fading, over fade samples, from each into the one n later.
//
//	play                         before:  x0 x1 x2 x3 …
//	   n   |<----- fade ----->|  after:   (n skipped) x0..xn more and more
func (p *playout) shorten(n, fade int) bool {
	if need := n + fade; p.depth() < need || p.run(true, need) < need {
		return false
	}
	for i := fade - 1; i >= 0; i-- { // from behind: what is written is not read again
		from, to := p.at(p.play+uint32(i)), p.at(p.play+uint32(i+n))
		p.ring[to] = p.mix(p.ring[from], p.ring[to], i, fade)
	}
	p.skip(n)
	return true
}

// lengthen puts n samples in by fading, over fade samples, from each into the one n earlier; the n before
// play are still in the ring when they were played from it.
func (p *playout) lengthen(n, fade int) bool {
	fade = max(fade, 2*n)
	if p.fluent < n || p.depth() < fade || p.run(true, fade) < fade || p.depth()+n > min(p.ceiling, len(p.ring)) {
		return false
	}
	for i := range fade {
		later, earlier := p.at(p.play+uint32(i)), p.at(p.play+uint32(i-n))
		p.ring[earlier] = p.mix(p.ring[later], p.ring[earlier], i, fade)
	}
	p.play -= uint32(n)
	p.mark(p.play, n, true)
	p.inserted.add(n)
	p.delay.moved(n)
	return true
}

// mix is a octet between a and b: i of n parts on the way.
func (p *playout) mix(a, b byte, i, n int) byte {
	if a == b {
		return a
	}
	return p.law.Encode(int16((int(p.law.Decode(a))*(n-i) + int(p.law.Decode(b))*i) / n))
}
