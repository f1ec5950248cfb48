package journal

// ring holds the newest events, without gaps.
type ring struct {
	events []Event
	oldest int // index of the oldest once events is full
}

func (r *ring) push(e Event) {
	if len(r.events) < ringEvents {
		r.events = append(r.events, e)
		return
	}
	r.events[r.oldest] = e
	r.oldest = (r.oldest + 1) % ringEvents
}

// first is the number of the oldest event, 0 when there is none.
func (r *ring) first() Seq {
	if len(r.events) == 0 {
		return 0
	}
	return r.events[r.oldest].Seq
}

// from copies the events from seq on.
func (r *ring) from(seq Seq) []Event {
	if len(r.events) == 0 {
		return nil
	}
	skip := 0
	if seq > r.first() {
		skip = int(min(seq-r.first(), Seq(len(r.events))))
	}
	copied := make([]Event, 0, len(r.events)-skip)
	for i := skip; i < len(r.events); i++ {
		copied = append(copied, r.events[(r.oldest+i)%len(r.events)])
	}
	return copied
}
