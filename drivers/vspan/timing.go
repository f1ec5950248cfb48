package vspan

import "trunkbox/drivers/span"

// DefaultPPM is by how much the oscillator of end A runs faster than that of end B unless Options say
// otherwise. With two masters a slip then comes every 6.25 s.
const DefaultPPM = 20

// pull is how far two transmitters are carried off that take their clock from each other: to the end
// of the range in which a receiver must still follow (G.703: 50 ppm at 2,048 kbit/s, 32 at 1,544).
func (c *Cable) pull() float64 {
	if c.kind == span.T1 {
		return 32
	}
	return 50
}

// oscillator is the rate of an end's own oscillator against that of B, in ppm.
func (c *Cable) oscillator(e *End) float64 {
	if e == &c.ends[0] {
		return c.ppm
	}
	return 0
}

// rate is what an end's transmitter runs at against the oscillator of B, in ppm. through is how many
// further line clocks are followed.
func (c *Cable) rate(e *End, through int) (ppm float64, in span.Clock) {
	if e.format.Clock == span.Internal {
		return c.oscillator(e), span.Internal
	}
	s := c.arrives(e, facing)
	switch {
	case !s.present:
		return c.oscillator(e), span.Internal // nothing to follow
	case s.timedBy == e || through == 0:
		return c.pull(), span.FromLine
	}
	ppm, _ = c.rate(s.timedBy, through-1)
	return ppm, span.FromLine
}

// timing compares what arrives with the oscillator of an end and with what its system runs at.
func (c *Cable) timing(e *End, s signal) (in span.Clock, offset, slip float64) {
	own, in := c.rate(e, 1)
	if !s.present {
		return in, 0, 0
	}
	came, _ := c.rate(s.timedBy, 1)
	return in, came - c.oscillator(e), came - own
}
