package vspan

import (
	"time"

	"trunkbox/drivers/span"
)

// signal is what arrives at an end of the cable.
type signal struct {
	present bool
	ones    bool // AIS: ones without a frame
	framing span.Framing
	code    span.LineCode
	framer  *End // which has made the frame; nil under ones
	timedBy *End // whose transmitter gave the pulses their rate
	source  *way // where the octets are
}

// sight is what an end makes of its signal; refresh works it out, the ticks only read it.
type sight struct {
	signal
	dark     bool // no octet can be told: the timeslots read as ones
	crc      bool // check sequences are sent and looked at
	mangled  bool // the line codes differ
	clock    span.Clock
	offset   float64 // rate of what arrives against the own oscillator, in ppm
	slipPPM  float64 // rate of what arrives against what the own system runs at
	levelDB  float64
	hasLevel bool
}

// facing is how many line loops one signal is followed through; two that face each other hold none.
const facing = 2

// sends is what an end puts on the line.
func (c *Cable) sends(e *End, through int) signal {
	switch {
	case !e.out.on:
		return signal{}
	case e.loop == span.LineLoop && through > 0:
		if s := c.arrives(e, through-1); s.present {
			s.source = e.out
			return s
		}
		return signal{present: true, ones: true, timedBy: e, source: e.out}
	case e.loop == span.LocalLoop, e.loop == span.LineLoop:
		return signal{present: true, ones: true, timedBy: e, source: e.out}
	}
	return signal{present: true, framing: e.format.Framing, code: e.format.LineCode, framer: e, timedBy: e, source: e.out}
}

// arrives is what an end receives, faults of the way included.
func (c *Cable) arrives(e *End, through int) signal {
	var s signal
	switch {
	case e.loop == span.LocalLoop: // before the line: no fault of it
		return signal{
			present: true, framing: e.format.Framing, code: e.format.LineCode, framer: e, timedBy: e, source: e.out,
		}
	case e.in.cut || c.patch == Swapped:
		return signal{}
	case c.patch == Looped:
		s = c.sends(e, through)
	default:
		s = c.sends(e.other(), through)
	}
	if (e.in.fault.Alarms|e.in.ordered)&span.LOS != 0 || e.in.fault.AttenuationDB >= deaf {
		return signal{}
	}
	if (e.in.fault.Alarms|e.in.ordered)&span.AIS != 0 {
		s.ones, s.framing, s.framer = true, span.FramingUnknown, nil
	}
	return s
}

// deaf is the attenuation from which a receiver takes the signal for none, in dB: between the 9 and
// the 35 of G.775 4.2.
const deaf = 30.0

// judge works out what an end sees and which alarms it raises by itself, RAI apart.
func (c *Cable) judge(e *End) (sight, span.Alarm) {
	v := sight{signal: c.arrives(e, facing)}
	v.clock, v.offset, v.slipPPM = c.timing(e, v.signal)
	if !v.present {
		v.dark = true
		return v, span.LOS
	}
	v.hasLevel = true
	own := e.burst
	if e.loop != span.LocalLoop {
		v.levelDB = -e.in.fault.AttenuationDB
		own |= (e.in.fault.Alarms | e.in.ordered) & (span.LFA | span.LMFA)
	}
	if v.ones {
		v.dark, v.framing = true, span.FramingUnknown
		return v, own | span.AIS
	}
	own |= mismatch(v.framing, e.format.Framing)
	v.dark = own&span.LFA != 0
	v.crc = v.framing == e.format.Framing && (v.framing == span.CRC4 || v.framing == span.ESF)
	v.mangled = v.code != e.format.LineCode
	if v.dark {
		v.framing = span.FramingUnknown
	}
	return v, own
}

// mismatch is what a framer sees that expects another framing than it gets. On an E1 the basic frame
// is the same: without CRC-4 in the signal the multiframe cannot be found (G.706 4.2, without the
// automatic interworking of its Annex B); with CRC-4 that nobody expects nothing is missed. The two
// framings of a T1 have nothing in common.
func mismatch(sent, expected span.Framing) span.Alarm {
	switch {
	case sent == expected:
		return 0
	case expected == span.CRC4 && sent == span.NoCRC4:
		return span.LMFA
	case expected == span.NoCRC4 && sent == span.CRC4:
		return 0
	}
	return span.LFA
}

// unreadable are the alarms under which the bit that carries RAI cannot be read.
const unreadable = span.LOS | span.LFA | span.AIS

// refresh works out what both ends see and tells each whose alarms have changed. An end that is Down
// sends RAI back in its own frame, as a framer does by itself. The caller holds mu.
func (c *Cable) refresh() {
	var alarms [2]span.Alarm
	for i := range c.ends {
		c.ends[i].sight, alarms[i] = c.judge(&c.ends[i])
	}
	now := time.Now()
	for i := range c.ends {
		e, a := &c.ends[i], alarms[i]
		if a&unreadable == 0 {
			if e.loop != span.LocalLoop {
				a |= (e.in.fault.Alarms | e.in.ordered) & span.RAI
			}
			for j := range c.ends {
				if e.sight.framer == &c.ends[j] && alarms[j].Down() {
					a |= span.RAI
				}
			}
		}
		if e.loop != span.NoLoop {
			a |= span.Loopback
		}
		e.setAlarms(a, now)
	}
}
