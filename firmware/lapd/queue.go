package lapd

// queue keeps messages in order, each in a buffer of its own that is used again.
type queue struct {
	places [][]byte
	first  int // place of the oldest
	n      int
}

func newQueue(places int) queue { return queue{places: make([][]byte, max(places, modulus))} }

// put copies a message to the end; false when there is no place.
func (q *queue) put(message []byte) bool {
	if q.n == len(q.places) {
		return false
	}
	place := &q.places[(q.first+q.n)%len(q.places)]
	*place = append((*place)[:0], message...)
	q.n++
	return true
}

// at returns the message i places behind the oldest.
func (q *queue) at(i int) []byte { return q.places[(q.first+i)%len(q.places)] }

// drop forgets the n oldest.
func (q *queue) drop(n int) {
	q.first = (q.first + n) % len(q.places)
	q.n -= n
}
