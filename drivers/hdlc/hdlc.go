// Package hdlc carries frames in the octets of one timeslot: flags between frames, zeros stuffed into
// them, a frame check sequence behind them.
//
// In: the octets of the D channel's timeslot as a line without its own HDLC controller receives them, and
// the frames to send. Out: the frames received and the octets to transmit. drivers/vspan stands on both sides;
// lines whose driver does HDLC itself (drivers/dahdi) do not pass here.
//
// ISO/IEC 13239 and Q.921 clause 2 (flags 2.2, transparency 2.6, FCS 2.7, invalid frames 2.9, abort 2.10).
// Of the two idle patterns, flags are sent and both are received. At
// 56 kbit/s bit 8 of every octet is a one and carries nothing. FCS-32 and octet stuffing are left out.
//
// An Encoder takes frames from any goroutine and is emptied by one; a Decoder belongs to one goroutine and
// only its Counters may be read elsewhere. Neither allocates once its buffers have met the longest frame.
//
// # Order of bits
//
// Two conventions meet here. Q.921 clause 2.8.1 sends bit 1 of a frame's octet, the least significant,
// first. G.704 and G.711 number the bits of a timeslot from 1, sent first, and write bit 1 as the most significant.
// So the stream of bits is taken from the timeslot's octets from the most significant bit down and laid into the
// frame's octets from the least significant bit up: a frame octet 0x02 crosses the line as 0100 0000, and with
// flags that happen to be aligned it is seen in the timeslot as 0x40. After the first stuffed zero
// nothing is aligned any more.
//
//	frame octet   0x02   bit  8 7 6 5 4 3 2 1      on the line, first to last   0 1 0 0 0 0 0 0
//	                          0 0 0 0 0 0 1 0
//	timeslot octet 0x40  bit  1 2 3 4 5 6 7 8 (1 = most significant, sent first)
//
//	 7E      02       01       7F ...                      FCS low   FCS high   7E
//	+------+--------+--------+----------+-------------+---------+----------+------+
//	| flag | addr.  | addr.  | control  | information |        FCS         | flag |
//	+------+--------+--------+----------+-------------+---------+----------+------+
//	        \____ after each run of five ones a zero is sent that is no data ____/
package hdlc

import "fmt"

// Flag is the octet between frames; it reads the same in both orders of bits.
const Flag = 0x7e

// MinFrame is the shortest frame in octets without its FCS: two of address, one of control (Q.921 2.9 calls
// what is shorter invalid).
const MinFrame = 3

const fcsOctets = 2

// LengthError says that a frame of so many octets is too short to be sent.
type LengthError int

func (e LengthError) Error() string {
	return fmt.Sprintf("a frame has at least %d octets before its FCS, this one has %d", MinFrame, int(e))
}

// Counters counts what the Decoder dropped since it was made. They only grow.
type Counters struct {
	Aborts    uint64 // frames broken off by seven ones or more
	BadFCS    uint64 // frames whose check sequence does not fit
	BadFrames uint64 // frames too short, too long, or not of whole octets
}
