package vspan

import "trunkbox/drivers/span"

// pulses follows the bits of a way in the order of the line where its two ends use different line
// codes. What is sent as HDB3 or B8ZS has a pattern with violations in the place of so many zeros; a
// receiver of AMI counts the violations and reads the pattern's pulses as ones. What is sent as AMI
// has the zeros; a receiver of HDB3 or B8ZS counts them as a violation (T1.231 6.1.1.1: excessive
// zeros) and reads them right.
type pulses struct {
	zeros  int  // zeros in a row, up to the length that is replaced
	odd    bool // pulses since the last replacement, an odd number (HDB3)
	places [8]pulse
}

// pulse is where a bit of the run of zeros stands.
type pulse struct{ slot, frame, bit int }

// mangle changes one block as the receiver's decoder reads it and counts the violations.
func (p *pulses) mangle(kind span.Kind, sent span.LineCode, rx *span.Block, block int, receiver *span.Counters) {
	first, last := 0, span.Slots-1
	run := 4
	if kind == span.T1 {
		first, last, run = 1, 24, 8
	}
	for frame := range block {
		for slot := first; slot <= last; slot++ {
			for bit := range 8 {
				if rx[slot][frame]>>(7-bit)&1 == 1 {
					p.zeros, p.odd = 0, !p.odd
					continue
				}
				if frame == 0 && slot == first && bit == 0 {
					p.zeros = 0 // the places of the last block are gone
				}
				p.places[p.zeros] = pulse{slot, frame, bit}
				if p.zeros++; p.zeros < run {
					continue
				}
				p.zeros = 0
				if sent == span.AMI {
					receiver.CodeViolations++
					continue
				}
				p.replace(run, rx, receiver)
			}
		}
	}
}

// replace puts the pulses of the pattern in the place of the zeros: 000V or B00V (HDB3, G.703 Annex A:
// the number of pulses between violations is odd), 000VB0VB (B8ZS).
func (p *pulses) replace(run int, rx *span.Block, receiver *span.Counters) {
	ones := b00v[1:] // 000V
	switch {
	case run == 8:
		ones = b8zs[:]
		receiver.BPV += 2
	case !p.odd:
		ones = b00v[:]
		receiver.BPV++
	default:
		receiver.BPV++
	}
	for _, i := range ones {
		at := p.places[i]
		rx[at.slot][at.frame] |= 0x80 >> at.bit
	}
	p.odd = false
}

var (
	b00v = [...]int{0, 3}
	b8zs = [...]int{3, 4, 6, 7}
)
