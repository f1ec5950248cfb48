package span

// Bearing is a Line that says itself which of its timeslots are B channels: one without a D channel, whose calls the D
// channel of another line carries, has one more than its Kind.
type Bearing interface {
	// Bearers returns the B timeslots in rising order.
	Bearers() []Timeslot
}

// Bearers returns the B timeslots of a line: its own word, else those of its kind.
func Bearers(l Line) []Timeslot {
	if b, says := l.(Bearing); says {
		return b.Bearers()
	}
	return l.Kind().B()
}

// Payload returns every timeslot that carries something: 1 to 31 of an E1, 1 to 24 of a T1.
func (k Kind) Payload() []Timeslot {
	last := Timeslot(31)
	if k == T1 {
		last = 24
	}
	all := make([]Timeslot, 0, last)
	for ts := Timeslot(1); ts <= last; ts++ {
		all = append(all, ts)
	}
	return all
}
