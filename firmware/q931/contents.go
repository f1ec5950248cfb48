package q931

import (
	"encoding/binary"

	"trunkbox/firmware/q850"
)

// The parsers below get the contents of one element, at least one octet, and keep parts of it. They
// return false for contents that are not understood.

// parseBearer (Figure 4-11/Q.931).
//
//	  8   7   6   5   4   3   2   1
//	+---+---+---+---+---+---+---+---+
//	| 1 |coding |    capability     |  octet 3
//	+---+---+---+---+---+---+---+---+
//	| 1 | mode  |       rate        |  octet 4
//	+---+---+---+---+---+---+---+---+
//	| 1 |        multiplier         |  octet 4.1, only with rate 11000
//	+---+---+---+---+---+---+---+---+
//	|ext| 0   1 |  layer 1 protocol |  octet 5; 5a to 5d follow as long as ext is 0
//	+---+---+---+---+---+---+---+---+
//	|ext| 1   0 |  layer 2 protocol |  octet 6
//	+---+---+---+---+---+---+---+---+
//	|ext| 1   1 |  layer 3 protocol |  octet 7
//	+---+---+---+---+---+---+---+---+
func parseBearer(d []byte) (Bearer, bool) {
	if len(d) < 2 || d[0]&0x80 == 0 || d[1]&0x80 == 0 {
		return Bearer{}, false
	}
	v := Bearer{
		Given:      true,
		Coding:     d[0] >> 5 & 3,
		Capability: Capability(d[0] & 0x1f),
		Mode:       d[1] >> 5 & 3,
		Rate:       d[1] & 0x1f,
	}
	rest := d[2:]
	if v.Rate == RateMulti {
		if len(rest) == 0 || rest[0]&0x80 == 0 {
			return Bearer{}, false
		}
		v.Multiplier, rest = rest[0]&0x7f, rest[1:]
	}
	if len(rest) > 0 && rest[0]>>5&3 == 1 && rest[0]&0x1f != 0 {
		v.Layer1 = rest[0] & 0x1f
		v.Extended = rest[0]&0x80 == 0
		rest = rest[1:]
		if v.Extended && len(rest) == 0 {
			return Bearer{}, false
		}
	}
	v.Rest = some(rest)
	return v, true
}

func (v *Bearer) append(dst []byte) []byte {
	dst = append(dst, 0x80|v.Coding&3<<5|uint8(v.Capability)&0x1f, 0x80|v.Mode&3<<5|v.Rate&0x1f)
	if v.Rate == RateMulti {
		dst = append(dst, 0x80|v.Multiplier&0x7f)
	}
	if v.Layer1 != 0 {
		dst = append(dst, ext(!v.Extended)|0x20|v.Layer1&0x1f)
	}
	return append(dst, v.Rest...)
}

// parseCause (Figure 1/Q.850).
//
//	+---+---+---+---+---+---+---+---+
//	|ext|coding | 0 |   location    |  octet 3
//	+---+---+---+---+---+---+---+---+
//	| 1 |      recommendation       |  octet 3a, only when ext is 0
//	+---+---+---+---+---+---+---+---+
//	| 1 |        cause value        |  octet 4
//	+---+---+---+---+---+---+---+---+
//	|          diagnostics          |
func parseCause(d []byte) (Cause, bool) {
	v := Cause{Coding: d[0] >> 5 & 3, Location: q850.Location(d[0] & 0x0f)}
	rest := d[1:]
	if d[0]&0x80 == 0 {
		if len(rest) == 0 || rest[0]&0x80 == 0 {
			return Cause{}, false
		}
		v.Recommendation, rest = rest[0]&0x7f, rest[1:]
	}
	if len(rest) == 0 || rest[0]&0x7f == 0 {
		return Cause{}, false
	}
	v.Value = q850.Cause(rest[0] & 0x7f)
	v.Diagnostic = some(rest[1:])
	return v, true
}

func (v *Cause) append(dst []byte) []byte {
	dst = append(dst, ext(v.Recommendation == 0)|v.Coding&3<<5|uint8(v.Location)&0x0f)
	if v.Recommendation != 0 {
		dst = append(dst, 0x80|v.Recommendation)
	}
	dst = append(dst, 0x80|uint8(v.Value))
	return append(dst, v.Diagnostic...)
}

// parseChannel (Figures 4-18 to 4-20/Q.931).
//
//	+---+---+---+---+---+---+---+---+
//	| 1 |int|prm| 0 |exc| D |select |  octet 3: explicit interface, primary rate, exclusive, D channel,
//	+---+---+---+---+---+---+---+---+           information channel selection
//	|ext|   interface identifier    |  octet 3.1, only with int
//	+---+---+---+---+---+---+---+---+
//	| 1 |coding |map| channel type  |  octet 3.2
//	+---+---+---+---+---+---+---+---+
//	|ext|      channel number       |  octet 3.3, or a slot map of 24 or 32 bits, highest slot first;
//	+---+---+---+---+---+---+---+---+             the last bit is timeslot 0 on E1, timeslot 1 on T1
func parseChannel(d []byte) (Channel, bool) {
	if d[0]&0x80 == 0 {
		return Channel{}, false
	}
	v := Channel{
		Given:     true,
		Basic:     d[0]&0x20 == 0,
		Exclusive: d[0]&0x08 != 0,
		DChannel:  d[0]&0x04 != 0,
		Selection: Selection(d[0] & 3),
	}
	rest := d[1:]
	if d[0]&0x40 != 0 {
		n := 0
		for n < len(rest) && rest[n]&0x80 == 0 {
			n++
		}
		if n == len(rest) {
			return Channel{}, false
		}
		v.Interface, rest = rest[:n+1], rest[n+1:]
	}
	if len(rest) == 0 {
		return v, true
	}
	v.Coding, v.Type = rest[0]>>5&3, rest[0]&0x0f
	isMap := rest[0]&0x10 != 0
	rest = rest[1:]
	switch {
	case v.Type == 0 || len(rest) == 0:
		return Channel{}, false
	case !isMap:
		v.Number, v.Further = rest[0]&0x7f, some(rest[1:])
	case len(rest) == 3:
		v.Map = Slots{3, uint32(rest[0])<<17 | uint32(rest[1])<<9 | uint32(rest[2])<<1}
	case len(rest) == 4:
		v.Map = Slots{4, binary.BigEndian.Uint32(rest)}
	default:
		return Channel{}, false
	}
	return v, true
}

func (v *Channel) append(dst []byte) []byte {
	octet3 := 0x80 | uint8(v.Selection)&3
	for _, b := range [...]struct {
		is  bool
		bit uint8
	}{{len(v.Interface) > 0, 0x40}, {!v.Basic, 0x20}, {v.Exclusive, 0x08}, {v.DChannel, 0x04}} {
		if b.is {
			octet3 |= b.bit
		}
	}
	dst = append(dst, octet3)
	dst = append(dst, v.Interface...)
	if v.Type == 0 {
		return dst
	}
	octet32 := 0x80 | v.Coding&3<<5 | v.Type&0x0f
	switch v.Map.Octets {
	case 0:
		dst = append(dst, octet32, ext(len(v.Further) == 0)|v.Number&0x7f)
		return append(dst, v.Further...)
	case 3:
		return append(dst, octet32|0x10, uint8(v.Map.Bits>>17), uint8(v.Map.Bits>>9), uint8(v.Map.Bits>>1))
	default:
		return binary.BigEndian.AppendUint32(append(dst, octet32|0x10), v.Map.Bits)
	}
}

// parseProgress (Figure 4-29/Q.931).
//
//	+---+---+---+---+---+---+---+---+
//	| 1 |coding | 0 |   location    |  octet 3
//	+---+---+---+---+---+---+---+---+
//	| 1 |   progress description    |  octet 4
//	+---+---+---+---+---+---+---+---+
func parseProgress(d []byte) (Progress, bool) {
	if len(d) != 2 || d[0]&0x80 == 0 || d[1]&0x7f == 0 {
		return Progress{}, false
	}
	return Progress{Description: d[1] & 0x7f, Location: q850.Location(d[0] & 0x0f), Coding: d[0] >> 5 & 3}, true
}

func (v *Progress) append(dst []byte) []byte {
	return append(dst, 0x80|v.Coding&3<<5|uint8(v.Location)&0x0f, 0x80|v.Description)
}

// parseNumber (Figures 4-14 and 4-16/Q.931; octet 3b Q.952).
//
//	+---+---+---+---+---+---+---+---+
//	|ext|   type    |     plan      |  octet 3
//	+---+---+---+---+---+---+---+---+
//	|ext| pres. | 0   0   0 |screen.|  octet 3a, when octet 3 has ext 0
//	+---+---+---+---+---+---+---+---+
//	| 1 | 0   0   0 |    reason     |  octet 3b, when octet 3a has ext 0
//	+---+---+---+---+---+---+---+---+
//	| 0 |    digits, IA5            |
func parseNumber(d []byte) (Number, bool) {
	v := Number{Given: true, Type: NumberType(d[0] >> 4 & 7), Plan: d[0] & 0x0f}
	more, rest := d[0]&0x80 == 0, d[1:]
	if more {
		if len(rest) == 0 {
			return Number{}, false
		}
		v.HasOctet3a, v.Presentation, v.Screening = true, Presentation(rest[0]>>5&3), rest[0]&3
		more, rest = rest[0]&0x80 == 0, rest[1:]
	}
	if more {
		if len(rest) == 0 || rest[0]&0x80 == 0 {
			return Number{}, false
		}
		v.HasReason, v.Reason, rest = true, rest[0]&0x0f, rest[1:]
	}
	v.Digits = some(rest)
	return v, true
}

func (v *Number) append(dst []byte) []byte {
	has3a := v.HasOctet3a || v.HasReason
	dst = append(dst, ext(!has3a)|uint8(v.Type)&7<<4|v.Plan&0x0f)
	if has3a {
		dst = append(dst, ext(!v.HasReason)|uint8(v.Presentation)&3<<5|v.Screening&3)
	}
	if v.HasReason {
		dst = append(dst, 0x80|v.Reason&0x0f)
	}
	return append(dst, v.Digits...)
}

// parseDateTime (Figure 4-24/Q.931): year, month, day, then hour and minute, then second, one binary
// octet each; all but the date is optional.
func parseDateTime(d []byte) (DateTime, bool) {
	if len(d) < 3 || d[1] < 1 || d[1] > 12 || d[2] < 1 || d[2] > 31 || len(d) == 4 {
		return DateTime{}, false
	}
	v := DateTime{Given: true, Year: d[0], Month: d[1], Day: d[2]}
	if len(d) > 4 {
		v.HasTime, v.Hour, v.Minute = true, d[3], d[4]
	}
	if len(d) > 5 {
		v.HasSecond, v.Second = true, d[5]
	}
	return v, v.Hour < 24 && v.Minute < 60 && v.Second < 60
}

func (v *DateTime) append(dst []byte) []byte {
	dst = append(dst, v.Year, v.Month, v.Day)
	if v.HasTime || v.HasSecond {
		dst = append(dst, v.Hour, v.Minute)
	}
	if v.HasSecond {
		dst = append(dst, v.Second)
	}
	return dst
}

// ext is bit 8 of an octet: 1 when it is the last of its group.
func ext(last bool) uint8 {
	if last {
		return 0x80
	}
	return 0
}

// some returns b, or nil when it is empty.
func some(b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	return b
}
