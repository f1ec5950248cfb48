package timeslot

import (
	"trunkbox/drivers/span"
	"trunkbox/dsp"
)

// Octets are left out or said twice where a block is flattest: where the sample that follows is most like the one that
// would have. What is heard of one octet, a jump of 125 µs, is in speech and music below the noise of G.711's steps, in
// silence nothing. A modem or fax hears it as a jump of its phase, wherever it is: one of V.17 at 1,800 Hz loses 81°.

// mostCut is how many octets at once a cut may have: an eighth of the longest block.
const mostCut = span.MaxBlock / 8

// quietPeak is the largest sample of a block that is taken for silence, about -45 dBm0.
const quietPeak = 128

// between is how many octets of sound lie between two that are cut: 50 ms, by which it is a quarter of a percent off its
// pitch. A key may be one and a half off, and most of that is the telephone's own.
const between = 400

// haste is how many octets of the next n may be cut at once, when the last was cut so many octets ago: one in 50 ms of sound,
// an eighth of silence.
func haste(r *ring, law dsp.Law, n, ago int) int {
	var next [span.MaxBlock]byte
	copyOut(next[:n], &r.octets, r.tail.Load())
	for _, octet := range next[:n] {
		if sample := law.Decode(octet); sample > quietPeak || sample < -quietPeak {
			return min(ago/between, 1)
		}
	}
	return max(n/8, 1)
}

// leaveOut fills block with what is in the ring but for cut octets, up to mostCut; so many more must be there.
func leaveOut(r *ring, law dsp.Law, block, beside []byte, cut int) {
	var from [span.MaxBlock + mostCut]byte
	n := len(block) + cut
	tail := r.tail.Load()
	copyOut(from[:n], &r.octets, tail)
	at := flattest(from[:n], law, cut)
	copy(block[copy(block[:at], from[:]):], from[at+cut:n])
	if r.beside != nil && beside != nil {
		copyOut(from[:n], r.beside, tail)
		copy(beside[copy(beside[:at], from[:]):], from[at+cut:n])
	}
	r.skip(uint32(n))
}

// sayTwice fills block with what is in the ring, twice octets of it, up to mostCut, two times.
func sayTwice(r *ring, law dsp.Law, block, beside []byte, twice int) {
	var from [span.MaxBlock]byte
	n := len(block) - twice
	tail := r.tail.Load()
	copyOut(from[:n], &r.octets, tail)
	at := flattest(from[:n], law, twice)
	copy(block[copy(block[:at+twice], from[:]):], from[at:n])
	if r.beside != nil && beside != nil {
		copyOut(from[:n], r.beside, tail)
		copy(beside[copy(beside[:at+twice], from[:]):], from[at:n])
	}
	r.skip(uint32(n))
}

// flattest is where so many octets may be cut out, or put in once more, with the least jump between what then stands side
// by side.
func flattest(octets []byte, law dsp.Law, cut int) (at int) {
	least := 1 << 17
	for i, octet := range octets[:len(octets)-cut] {
		jump := int(law.Decode(octet)) - int(law.Decode(octets[i+cut]))
		if jump = max(jump, -jump); jump < least {
			at, least = i, jump
		}
	}
	return at
}
