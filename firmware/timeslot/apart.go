package timeslot

// apart counts the controlled slips of a line: frames that its elastic buffers left out or said twice because its clock
// is not that of whoever joins it with others. A frame is one octet of every timeslot, so it is the mean of the channels
// in use. The two directions slip for the same difference, the one leaving out what the other says twice: the one that
// has more counts.
//
// What a stall of ours has piled up looks the same in a ring when ticks were lost with it. So nothing counts around the
// time in which this line or the one that sets the pace was late by more than a block, or the channel starved for more than
// the one block that an order of ticks costs which turns round. On a machine that stalls again and again slips of clocks
// are missed by that; none is made up. That another line sets the pace is no such time: lines that drift take turns at it.
type apart struct {
	rx, tx float64 // frames
	late   uint64  // ticks
	pace   *Span
	paces  uint64 // late ticks of pace
	held   int    // looks
}

// apartOf is the same of a channel.
type apartOf struct {
	rx, tx, starved uint64
	held            int
}

// settle is for how many looks, seconds, nothing counts after a stall: until the end of the window in which it is found,
// and as long as its four blocks of 20 ms take that are brought down an octet at a time, a hundred in a window of 2 s.
const settle = 16

// ClockSlips returns how many frames the line has slipped since the start for its clock not being that of pace, the span
// that sets the pace, which may be nil. It is for one caller, who comes once a second.
func (s *Span) ClockSlips(pace *Span) uint64 {
	a := &s.apart
	late, paces := s.late.missed.Load(), uint64(0)
	if pace != nil {
		paces = pace.late.missed.Load()
	}
	if late != a.late || pace == a.pace && paces != a.paces {
		a.held = settle
	}
	a.late, a.pace, a.paces = late, pace, paces
	var rx, tx uint64
	channels := 0
	for _, ts := range s.b {
		if c := s.slots[ts].Load(); c != nil {
			r, t := c.clockSlips()
			rx, tx, channels = rx+r, tx+t, channels+1
		}
	}
	switch {
	case a.held > 0:
		a.held--
	case channels > 0:
		a.rx += float64(rx) / float64(channels)
		a.tx += float64(tx) / float64(channels)
	}
	return uint64(max(a.rx, a.tx))
}

// clockSlips returns the octets of either direction that slipped since the last call.
func (c *Channel) clockSlips() (rx, tx uint64) {
	a := &c.apart
	r, t, starved := c.apartRx.Load(), c.apartTx.Load(), c.starved.Load()+c.silent.Load()
	rx, tx = r-a.rx, t-a.tx
	if starved > a.starved+1 {
		a.held = settle
	}
	a.rx, a.tx, a.starved = r, t, starved
	if a.held > 0 {
		a.held--
		return 0, 0
	}
	return rx, tx
}
