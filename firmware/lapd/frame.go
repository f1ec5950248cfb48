package lapd

import "errors"

// Kind is the type of a frame.
type Kind uint8

// The frames of Q.921 Table 5, in its order.
const (
	I Kind = iota
	RR
	RNR
	REJ
	SABME
	DM
	UI
	DISC
	UA
	FRMR
	XID
)

var kindNames = [...]string{"I", "RR", "RNR", "REJ", "SABME", "DM", "UI", "DISC", "UA", "FRMR", "XID"}

func (k Kind) String() string { return kindNames[k] }

// Frame is a frame without flags and FCS.
//
//	       8    7    6    5    4    3    2    1
//	    +----+----+----+----+----+----+----+----+
//	 1  |            SAPI             | C/R|EA=0|  C/R: a command of the network and a response of the user
//	    +----+----+----+----+----+----+----+----+       have 1, the others 0 (Table 1/Q.921)
//	 2  |               TEI                |EA=1|
//	    +----+----+----+----+----+----+----+----+
//	 3  |               N(S)               | 0  |  I
//	 4  |               N(R)               | P  |
//	    +----+----+----+----+----+----+----+----+
//	 3  | X    X    X    X  | S    S  | 0    1  |  RR SS=00, RNR 01, REJ 10; X is reserved and not looked at
//	 4  |               N(R)               | P/F|
//	    +----+----+----+----+----+----+----+----+
//	 3  | M    M    M  | P/F| M    M  | 1    1  |  U: SABME 011.11 DM 000.11 UI 000.00 DISC 010.00
//	    +----+----+----+----+----+----+----+----+     UA 011.00 FRMR 100.01 XID 101.11
//	4/5 | information: I, UI, FRMR, XID only ...|
//	    +----+----+----+----+----+----+----+----+
//
// Figures 5 and 6, Tables 4 and 5/Q.921.
type Frame struct {
	SAPI, TEI uint8
	Kind      Kind
	Command   bool // else response
	PF        bool // poll bit of a command, final bit of a response
	NS, NR    Sequence
	Info      []byte
}

// The ways a frame can be wrong. An invalid frame is dropped in silence (Q.921 2.9); the others are frame errors
// with the letters L, M and N of Table II.1/Q.921.
var (
	ErrInvalid   = errors.New("not a frame: too short for its address and control field, or address not of two octets")
	ErrUndefined = errors.New("control field undefined, not implemented, or not allowed in this direction")
	ErrInformed  = errors.New("information field in a frame that may have none")
	ErrWrongSize = errors.New("unnumbered frame of wrong length")
)

const (
	addressOctets = 2
	frmrOctets    = 5 // information field of FRMR, modulo 128 (Figure 7/Q.921)

	pollBit = 0x10 // of a U frame; an I or S frame has it in bit 1 of octet 4
)

// control says what each control field of a U frame (P/F taken off) means.
var control = map[byte]struct {
	kind              Kind
	command, response bool
	info              int // octets of information, -1: any
}{
	0x6f: {SABME, true, false, 0},
	0x0f: {DM, false, true, 0},
	0x03: {UI, true, false, -1},
	0x43: {DISC, true, false, 0},
	0x63: {UA, false, true, 0},
	0x87: {FRMR, false, true, frmrOctets},
	0xaf: {XID, true, true, -1},
}

// Parse reads a frame of the sender. Info points into octets. With the errors other than ErrInvalid the address
// is filled in.
func Parse(octets []byte, sender Side) (Frame, error) {
	var f Frame
	if len(octets) < addressOctets+1 || octets[0]&1 != 0 || octets[1]&1 != 1 {
		return f, ErrInvalid
	}
	f.SAPI, f.TEI = octets[0]>>2, octets[1]>>1
	f.Command = (octets[0]&2 != 0) == (sender == Network)
	rest := octets[addressOctets:]
	switch {
	case rest[0]&3 == 3:
		return f.unnumbered(rest)
	case len(rest) < 2:
		return f, ErrInvalid
	case rest[0]&1 == 0:
		f.Kind, f.NS = I, Sequence(rest[0]>>1)
		f.Info = rest[2:]
		if !f.Command {
			return f, ErrUndefined
		}
	case rest[0]&0xc == 0xc:
		return f, ErrUndefined
	default:
		f.Kind = RR + Kind(rest[0]>>2&3)
		if len(rest) > 2 {
			return f, ErrInformed
		}
	}
	f.NR, f.PF = Sequence(rest[1]>>1), rest[1]&1 != 0
	return f, nil
}

func (f Frame) unnumbered(rest []byte) (Frame, error) {
	u, known := control[rest[0]&^pollBit]
	if !known || f.Command && !u.command || !f.Command && !u.response {
		return f, ErrUndefined
	}
	f.Kind, f.PF, f.Info = u.kind, rest[0]&pollBit != 0, rest[1:]
	switch {
	case u.info == 0 && len(f.Info) > 0:
		return f, ErrInformed
	case u.info > 0 && len(f.Info) != u.info:
		return f, ErrWrongSize
	}
	return f, nil
}

var unnumberedOctet = [...]byte{SABME: 0x6f, DM: 0x0f, UI: 0x03, DISC: 0x43, UA: 0x63, FRMR: 0x87, XID: 0xaf}

// AppendTo appends the octets of the frame as the sender sends it.
func (f Frame) AppendTo(octets []byte, sender Side) []byte {
	first := f.SAPI << 2
	if f.Command == (sender == Network) {
		first |= 2
	}
	octets = append(octets, first, f.TEI<<1|1)
	var pf byte
	if f.PF {
		pf = 1
	}
	switch f.Kind {
	case I:
		octets = append(octets, byte(f.NS)<<1, byte(f.NR)<<1|pf)
	case RR, RNR, REJ:
		octets = append(octets, byte(f.Kind-RR)<<2|1, byte(f.NR)<<1|pf)
	default:
		octets = append(octets, unnumberedOctet[f.Kind]|pf<<4)
	}
	return append(octets, f.Info...)
}
