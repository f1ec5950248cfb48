package dsp

import "fmt"

// Law is the companding law of an octet stream, G.711 clause 3.
type Law uint8

// The two laws of G.711: A-law on E1, µ-law on T1 and J1.
const (
	ALaw Law = iota
	MuLaw
)

// An octet of speech as it stands on the line, bit 1 (sign) first:
//
//	bit  1   2 3 4   5 6 7 8
//	   +---+-------+---------+
//	   | S |segment|  step   |   A-law: even bits inverted (XOR 0x55)
//	   +---+-------+---------+   µ-law: all bits inverted  (XOR 0xFF)
//
// S is 1 for positive values before inversion on both laws.
const (
	signBit      = 0x80
	aLawInvert   = 0x55 // Note 2 to Table 1a/G.711
	muLawInvert  = 0x7F // Table 2a/G.711: S is already 1 for positive values, the other seven are inverted
	aLawShift    = 3    // 13-bit uniform code of Table 1/G.711 -> 16-bit sample
	muLawShift   = 2    // 14-bit uniform code of Table 2/G.711 -> 16-bit sample
	muLawBias    = 33
	muLawMaximum = 8158 // the virtual decision value 8159 of Table 2/G.711 is not reached
)

// The tables are worked out once from the formulae: 256 samples a law, 65536 octets a law indexed
// by the sample as uint16, 256 octets for each crossing of laws.
var (
	decodeTable = [2]*[256]int16{ALaw: tableOf(decodeALaw), MuLaw: tableOf(decodeMuLaw)}
	encodeTable = [2]*[65536]byte{ALaw: encoderOf(encodeALaw), MuLaw: encoderOf(encodeMuLaw)}
	crossTable  = [2]*[256]byte{ALaw: crossing(ALaw), MuLaw: crossing(MuLaw)}
)

func tableOf(decode func(byte) int16) *[256]int16 {
	t := new([256]int16)
	for i := range t {
		t[i] = decode(byte(i))
	}
	return t
}

func encoderOf(encode func(int16) byte) *[65536]byte {
	t := new([65536]byte)
	for i := range t {
		t[i] = encode(int16(uint16(i)))
	}
	return t
}

// decodeALaw gives the quantized value y of Table 1/G.711 as a 16-bit sample.
func decodeALaw(octet byte) int16 {
	octet ^= aLawInvert
	segment, step := int(octet>>4)&7, int(octet)&15
	value := 2*step + 1
	if segment > 0 {
		value = (2*step + 33) << (segment - 1)
	}
	value <<= aLawShift
	if octet&signBit == 0 {
		value = -value
	}
	return int16(value)
}

// encodeALaw finds the interval between decision values of Table 1/G.711 that holds the sample. A
// negative sample that lies on a decision value takes the interval nearer to zero.
func encodeALaw(sample int16) byte {
	octet := byte(signBit)
	value := int(sample)
	if value < 0 {
		octet, value = 0, ^value
	}
	value >>= aLawShift
	segment := 0
	for limit := 32; value >= limit; limit <<= 1 {
		segment++
	}
	octet |= byte(segment<<4 | value>>max(segment, 1)&15)
	return octet ^ aLawInvert
}

// decodeMuLaw gives the quantized value y of Table 2/G.711 as a 16-bit sample.
func decodeMuLaw(octet byte) int16 {
	octet ^= muLawInvert
	segment, step := int(octet>>4)&7, int(octet)&15
	value := ((2*step+muLawBias)<<segment - muLawBias) << muLawShift
	if octet&signBit == 0 {
		value = -value
	}
	return int16(value)
}

// encodeMuLaw finds the interval between decision values of Table 2/G.711 that holds the sample.
//
// Departure: the all-zero octet is sent as it is, not as 0x02 (Note 2 to Table 2a/G.711): T1 lines
// that need ones density use B8ZS.
func encodeMuLaw(sample int16) byte {
	octet := byte(signBit)
	value := int(sample)
	if value < 0 {
		octet, value = 0, ^value
	}
	value = min(value>>muLawShift, muLawMaximum) + muLawBias
	segment := 0
	for limit := 64; value >= limit; limit <<= 1 {
		segment++
	}
	octet |= byte(segment<<4 | value>>(segment+1)&15)
	return octet ^ muLawInvert
}

// ruledCrossings are the magnitudes (segment and step, 0..127) that Table 3 (µ to A) and Table
// 4/G.711 (A to µ) carry over otherwise than decoding and encoding again would: they make the
// fifth segment keep its number, so that a signal that crosses twice changes least.
var ruledCrossings = [2]map[byte]byte{
	MuLaw: {
		48: 45, 49: 47, 64: 63,
		81: 81, 82: 82, 83: 83, 84: 84, 85: 85, 86: 86, 87: 87, 88: 88,
		89: 89, 90: 90, 91: 91, 92: 92, 93: 93, 94: 94, 95: 95,
	},
	ALaw: {
		80: 80, 81: 81, 82: 82, 83: 83, 84: 84, 85: 85, 86: 86, 87: 87,
		88: 88, 89: 89, 90: 90, 91: 91, 92: 92, 93: 93, 94: 94, 95: 95,
	},
}

// crossing gives the octet-to-octet table from one law to the other.
func crossing(from Law) *[256]byte {
	decode, encode := decodeALaw, encodeMuLaw
	fromInvert, toInvert := byte(aLawInvert), byte(muLawInvert)
	if from == MuLaw {
		decode, encode = decodeMuLaw, encodeALaw
		fromInvert, toInvert = toInvert, fromInvert
	}
	t := new([256]byte)
	for magnitude := range byte(128) {
		crossed, ruled := ruledCrossings[from][magnitude]
		if !ruled {
			crossed = (encode(decode((magnitude|signBit)^fromInvert)) ^ toInvert) &^ signBit
		}
		for _, sign := range []byte{0, signBit} {
			t[(magnitude|sign)^fromInvert] = (crossed | sign) ^ toInvert
		}
	}
	return t
}

// Decode expands one octet to a 16-bit sample: ±32256 at most on A-law, ±32124 on µ-law.
func (l Law) Decode(octet byte) int16 { return decodeTable[l&1][octet] }

// Encode compresses one 16-bit sample.
func (l Law) Encode(sample int16) byte { return encodeTable[l&1][uint16(sample)] }

// Silence is the octet of the smallest positive value, sent when there is nothing to send.
func (l Law) Silence() byte {
	if l == MuLaw {
		return 0xFF
	}
	return 0xD5
}

func (l Law) String() string {
	switch l {
	case ALaw:
		return "A-law"
	case MuLaw:
		return "µ-law"
	}
	return fmt.Sprintf("law %d", uint8(l))
}

// Expand decodes the octets of src into dst, as many as the shorter of both holds.
func (l Law) Expand(dst []int16, src []byte) {
	table := decodeTable[l&1]
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	for i, octet := range src {
		dst[i] = table[octet]
	}
}

// Compress encodes the samples of src into dst, as many as the shorter of both holds.
func (l Law) Compress(dst []byte, src []int16) {
	table := encodeTable[l&1]
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	for i, sample := range src {
		dst[i] = table[uint16(sample)]
	}
}

// Transcode carries the octets of src over from one law to the other into dst (Tables 3 and
// 4/G.711), as many as the shorter of both holds. The same law on both sides copies. dst and src
// may be the same slice.
func Transcode(dst, src []byte, from, to Law) {
	if from == to {
		copy(dst, src)
		return
	}
	table := crossTable[from&1]
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	for i, octet := range src {
		dst[i] = table[octet]
	}
}
