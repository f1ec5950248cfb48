package hdlc

// The check sequence is FCS-16 of Q.921 2.7: the remainder of division by x^16 + x^12 + x^5 + 1, begun with
// all ones, sent inverted, the coefficient of x^15 first. As the stream is taken least significant bit first the register
// is kept mirrored: polynomial 0x8408, low octet first.
const (
	fcsPolynomial = 0x8408
	fcsBegin      = 0xffff
	fcsGood       = 0xf0b8 // what remains after a frame and its own FCS
)

var fcsTable = makeFCSTable()

func makeFCSTable() (table [256]uint16) {
	for i := range table {
		r := uint16(i)
		for range 8 {
			carry := r & 1
			r >>= 1
			if carry != 0 {
				r ^= fcsPolynomial
			}
		}
		table[i] = r
	}
	return table
}

func fcsAdd(fcs uint16, octet byte) uint16 {
	return fcs>>8 ^ fcsTable[byte(fcs)^octet]
}

// FCS returns the check sequence of a frame as it is appended: low octet first.
func FCS(frame []byte) uint16 {
	fcs := uint16(fcsBegin)
	for _, octet := range frame {
		fcs = fcsAdd(fcs, octet)
	}
	return ^fcs
}
