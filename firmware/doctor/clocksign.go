package doctor

import (
	"math"
	"strings"
)

// Clocks are how fast the lines of the box are, measured from when the driver brings their octets: the clock by which the
// card takes a line. Against what they are measured falls out.
type Clocks struct {
	Known  bool // that of the line that is examined is
	PPM    float64
	Others []Clock // the other lines of which it is known
}

// Clock is how fast one line is.
type Clock struct {
	Line string
	PPM  float64
}

// clocksDiffer is from how many ppm on two lines have two clocks. A busy machine measures one as two within 2 ppm; 5 are 144
// slips an hour.
const clocksDiffer = 5

// like are the lines that have a clock of so many ppm, ours among them.
func (c Clocks) like(ppm float64) (n int, names []string) {
	if math.Abs(c.PPM-ppm) < clocksDiffer {
		n++
	}
	for _, o := range c.Others {
		if math.Abs(o.PPM-ppm) < clocksDiffer {
			n++
			names = append(names, o.Line)
		}
	}
	return n, names
}

// other is the line of another clock that most lines share; of several the one that is farthest from ours.
func (c Clocks) other() (far Clock, is bool) {
	most := 0
	for _, o := range c.Others {
		apart := math.Abs(o.PPM - c.PPM)
		n, _ := c.like(o.PPM)
		if apart >= clocksDiffer && (n > most || n == most && apart > math.Abs(far.PPM-c.PPM)) {
			far, most = o, n
		}
	}
	return far, most > 0
}

// lineClocks compares the line's clock with those of the other lines. Without a signal it is the card's own and says
// nothing.
func (s signs) lineClocks(e *Evidence) {
	c, a := e.Clocks, e.Seen.Alarms
	far, apart := c.other()
	if !c.Known || !apart || max(a.LOS, a.LFA, a.AIS, a.NotOpen) > mostly {
		return
	}
	ours, _ := c.like(c.PPM)
	theirs, others := c.like(far.PPM)
	odd, oddZH, oddEN := "none", "无法判断是哪一条", "which of them cannot be told"
	switch {
	case ours < theirs:
		odd, oddZH, oddEN = "this", "是这条线路", "this line"
	case ours > theirs:
		list := strings.Join(others, ", ")
		odd, oddZH, oddEN = list, "是 "+list, list
	}
	ppm := math.Abs(c.PPM - far.PPM)
	s.note(unlike, true, fact("clock_other", far.Line), number("clock_apart", ppm), number("join_slips", ppm/slipMicroseconds*3600),
		fact("clock_lines", 1+len(c.Others)), said("clock_odd", odd, oddZH, oddEN), fact("clock_now", e.Configured.Clock))
	s.note(oddOwn, odd == "this" && e.Configured.Clock == "internal" && e.Configured.Side == "user", fact("clock_to", "line"))
}
