package rtp

import "trunkbox/dsp"

// concealer fills gaps by repeating the last pitch period of what was heard, fading it out, in the
// manner of Appendix I/G.711. Times are in samples of 125 µs.
//
// Departure: Appendix I/G.711 delays the sound by 3.75 ms to smooth the begin of a loss and repeats
// up to three periods; here good sound passes bit for bit without delay, only its period is taken,
// and the joint is smoothed inside the repeated period.
type concealer struct {
	law   dsp.Law
	past  [pastLength]byte // octets last heard, oldest first
	size  int16            // samples of the period being repeated, which is the last of past
	phase int16            // its next sample
	gone  int16            // samples concealed since the gap began
	quiet bool
}

const (
	minPeriod   = 40  // 200 Hz
	maxPeriod   = 120 // 66 Hz
	matchLength = 160 // 20 ms compared for each lag
	pastLength  = maxPeriod + matchLength
	fadeBegins  = 80  // 10 ms at full level
	fadeEnds    = 480 // silence after 60 ms, Appendix I/G.711
	joint       = 32  // cross-fade back into the sound
)

func (c *concealer) reset(law dsp.Law) {
	c.law = law
	for i := range c.past {
		c.past[i] = law.Silence()
	}
	c.gone, c.quiet = 0, true
}

// heard remembers good sound.
func (c *concealer) heard(octets []byte) {
	if n := len(octets) - pastLength; n > 0 {
		octets = octets[n:]
	}
	copy(c.past[:], c.past[len(octets):])
	copy(c.past[pastLength-len(octets):], octets)
	c.quiet = false
}

// fill conceals len(block) samples.
func (c *concealer) fill(block []byte) {
	if c.gone == 0 && !c.quiet {
		c.begin()
	}
	for i := range block {
		block[i] = c.law.Encode(int16(c.next()))
	}
}

// join fades from the concealment into block, the first sound after a gap. A block that follows
// silence is left as it is.
func (c *concealer) join(block []byte) {
	if c.gone == 0 {
		return
	}
	if c.gone < fadeEnds && !c.quiet {
		n := min(joint, len(block))
		for i := range n {
			old, now := c.next(), int(c.law.Decode(block[i]))
			block[i] = c.law.Encode(int16((old*(n-i) + now*i) / n))
		}
	}
	c.gone = 0
}

// next is one more sample of the faded period.
func (c *concealer) next() int {
	c.gone = min(c.gone+1, fadeEnds+1)
	if c.quiet || c.gone > fadeEnds {
		return 0
	}
	sample := c.cycle(int(c.phase))
	if c.phase++; c.phase == c.size {
		c.phase = 0
	}
	if c.gone > fadeBegins {
		sample = sample * (fadeEnds - int(c.gone)) / (fadeEnds - fadeBegins)
	}
	return sample
}

// cycle is sample i of the period. The last quarter runs over into what came before the first sample, so that the repetition
// has no edge.
func (c *concealer) cycle(i int) int {
	size := int(c.size)
	at, quarter := pastLength-size+i, size/4
	sample := int(c.law.Decode(c.past[at]))
	if over := i - (size - quarter); over >= 0 {
		before := int(c.law.Decode(c.past[at-size]))
		sample = (sample*(quarter-over) + before*over) / quarter
	}
	return sample
}

// begin finds the period of the last sound.
func (c *concealer) begin() {
	var pcm [pastLength]int16
	c.law.Expand(pcm[:], c.past[:])
	c.size, c.phase = int16(period(&pcm)), 0
	c.quiet = true
	for i := range int(c.size) {
		if sample := c.cycle(i); sample > 64 || sample < -64 {
			c.quiet = false
			break
		}
	}
}

// period is the lag at which the end of the past sound is most like itself: the greatest normalized
// cross-correlation, every second sample.
func period(pcm *[pastLength]int16) int {
	end := pcm[pastLength-matchLength:]
	best, bestScore := maxPeriod, 0.0
	for lag := minPeriod; lag <= maxPeriod; lag++ {
		from := pcm[pastLength-matchLength-lag:]
		var cross, energy int64
		for i := 0; i < matchLength; i += 2 {
			a, b := int64(end[i]), int64(from[i])
			cross += a * b
			energy += b * b
		}
		if cross <= 0 || energy == 0 {
			continue
		}
		if score := float64(cross) * float64(cross) / float64(energy); score > bestScore {
			best, bestScore = lag, score
		}
	}
	return best
}
