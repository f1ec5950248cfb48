package q932

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// The basic encoding rules of X.690: tag, length, contents. Universal tags that the operations use:
const (
	tagBoolean  = 0x01
	tagInteger  = 0x02
	tagOctets   = 0x04
	tagNull     = 0x05
	tagOID      = 0x06
	tagEnum     = 0x0a
	tagNumeric  = 0x12 // NumericString
	tagSequence = 0x30
)

// What is wrong with an encoding.
var (
	errShort = errors.New("q932: an encoding ends before its end")
	errDeep  = errors.New("q932: an encoding of indefinite length is nested too deeply")
)

// mostNested is how deep encodings of indefinite length may lie in each other. The operations need 6.
const mostNested = 16

// element splits the first encoding off b. The tag is its first octet; where more octets follow in it (a tag over 30)
// no operation here knows it. Contents of indefinite length come without their end mark.
//
//	+---+---+---+---+---+---+---+---+
//	| class |con|        tag        |  tag 31: more octets, bit 8 set in all but the last
//	+---+---+---+---+---+---+---+---+
//	| 0 |          length           |  or 0x81 and one octet, 0x82 and two, or 0x80: until 00 00
//	+---+---+---+---+---+---+---+---+
//	|            contents           |
func element(b []byte, depth int) (tag uint8, content, rest []byte, err error) {
	if len(b) < 2 {
		return 0, nil, nil, errShort
	}
	tag, b = b[0], b[1:]
	if tag&0x1f == 0x1f {
		for len(b) > 0 && b[0]&0x80 != 0 {
			b = b[1:]
		}
		if len(b) < 2 {
			return 0, nil, nil, errShort
		}
		b = b[1:]
	}
	n := int(b[0])
	b = b[1:]
	switch {
	case n < 0x80:
	case n == 0x80:
		content, rest, err = indefinite(b, depth)
		return tag, content, rest, err
	case n <= 0x82 && len(b) >= n-0x80:
		octets := n - 0x80
		n = 0
		for _, o := range b[:octets] {
			n = n<<8 | int(o)
		}
		b = b[octets:]
	default:
		return 0, nil, nil, fmt.Errorf("%w: length octet 0x%02x", errShort, n)
	}
	if n > len(b) {
		return 0, nil, nil, fmt.Errorf("%w: length %d, %d octets are left", errShort, n, len(b))
	}
	return tag, b[:n:n], b[n:], nil
}

// indefinite finds the end mark of contents.
func indefinite(b []byte, depth int) (content, rest []byte, err error) {
	if depth >= mostNested {
		return nil, nil, errDeep
	}
	for at := b; ; {
		if len(at) >= 2 && at[0] == 0 && at[1] == 0 {
			n := len(b) - len(at)
			return b[:n:n], at[2:], nil
		}
		if _, _, at, err = element(at, depth+1); err != nil {
			return nil, nil, err
		}
	}
}

// reader reads encodings one after the other. The first fault stays in err and ends the reading.
type reader struct {
	b   []byte
	err error
}

// more says whether something is left.
func (r *reader) more() bool { return r.err == nil && len(r.b) > 0 }

// peek is the tag of the next encoding.
func (r *reader) peek() (uint8, bool) {
	if !r.more() {
		return 0, false
	}
	return r.b[0], true
}

// next takes the next encoding, whatever it is.
func (r *reader) next() (uint8, []byte) {
	if r.err != nil {
		return 0, nil
	}
	tag, content, rest, err := element(r.b, 0)
	if err != nil {
		r.err = err
		return 0, nil
	}
	r.b = rest
	return tag, content
}

// raw takes the next encoding with its tag and length.
func (r *reader) raw() []byte {
	before := r.b
	r.next()
	if r.err != nil {
		return nil
	}
	n := len(before) - len(r.b)
	return before[:n:n]
}

// optional takes the next encoding if it has the tag.
func (r *reader) optional(tag uint8) ([]byte, bool) {
	if got, ok := r.peek(); !ok || got != tag {
		return nil, false
	}
	_, content := r.next()
	return content, r.err == nil
}

// take takes the next encoding, which must have the tag.
func (r *reader) take(tag uint8) []byte {
	content, ok := r.optional(tag)
	if !ok && r.err == nil {
		r.err = fmt.Errorf("q932: an encoding with tag 0x%02x is missing, % x is left", tag, head(r.b))
	}
	return content
}

// group reads what is inside the next encoding, which must have the tag.
func (r *reader) group(tag uint8, read func(*reader)) {
	inner := reader{b: r.take(tag), err: r.err}
	read(&inner)
	r.err = inner.err
}

// integer takes an INTEGER or ENUMERATED with the tag.
func (r *reader) integer(tag uint8) int {
	content := r.take(tag)
	if r.err != nil {
		return 0
	}
	v, err := integer(content)
	r.err = err
	return v
}

// fail notes the first fault.
func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("q932: "+format, args...)
	}
}

func head(b []byte) []byte { return b[:min(len(b), 8)] }

// integer is the value of a two's complement number of up to four octets.
func integer(content []byte) (int, error) {
	if len(content) == 0 || len(content) > 4 {
		return 0, fmt.Errorf("q932: a number of %d octets", len(content))
	}
	v := int64(int8(content[0]))
	for _, o := range content[1:] {
		v = v<<8 | int64(o)
	}
	return int(v), nil
}

// writer writes encodings, all of definite length.
type writer struct{ b []byte }

func (w *writer) octets(tag uint8, content []byte) {
	w.b = append(w.b, tag)
	switch n := len(content); {
	case n < 0x80:
		w.b = append(w.b, uint8(n))
	case n < 0x100:
		w.b = append(w.b, 0x81, uint8(n))
	default:
		w.b = append(w.b, 0x82, uint8(n>>8), uint8(n))
	}
	w.b = append(w.b, content...)
}

func (w *writer) group(tag uint8, write func(*writer)) {
	var inner writer
	write(&inner)
	w.octets(tag, inner.b)
}

func (w *writer) text(tag uint8, s string) { w.octets(tag, []byte(s)) }

func (w *writer) null(tag uint8) { w.octets(tag, nil) }

func (w *writer) boolean(tag uint8, v bool) {
	if v {
		w.octets(tag, []byte{0xff})
		return
	}
	w.octets(tag, []byte{0})
}

// integer writes a number of 32 bits in as few octets as it needs.
func (w *writer) integer(tag uint8, v int) {
	content := []byte{uint8(v >> 24), uint8(v >> 16), uint8(v >> 8), uint8(v)}
	for len(content) > 1 && (content[0] == 0 && content[1] < 0x80 || content[0] == 0xff && content[1] >= 0x80) {
		content = content[1:]
	}
	w.octets(tag, content)
}

// oid is an object identifier in its dotted form. It fails for one that has no such form of ours: parts over 28 bits.
func oid(content []byte) (string, error) {
	var parts []string
	v, digits := uint32(0), 0
	for i, o := range content {
		v, digits = v<<7|uint32(o&0x7f), digits+1
		if digits > 4 {
			return "", fmt.Errorf("q932: the object identifier % x has a part that is too large", content)
		}
		if o&0x80 != 0 {
			if i == len(content)-1 {
				return "", errShort
			}
			continue
		}
		if parts == nil {
			first := min(v/40, 2)
			parts, v = append(parts, strconv.Itoa(int(first))), v-40*first
		}
		parts = append(parts, strconv.Itoa(int(v)))
		v, digits = 0, 0
	}
	if parts == nil {
		return "", errShort
	}
	return strings.Join(parts, "."), nil
}

// oid writes an object identifier given in its dotted form.
func (w *writer) oid(dotted string) {
	var content []byte
	parts := strings.Split(dotted, ".")
	first := uint32(0)
	for i, part := range parts {
		v64, _ := strconv.ParseUint(part, 10, 28)
		v := uint32(v64)
		switch i {
		case 0:
			first = v * 40
			continue
		case 1:
			v += first
		}
		var septets []byte
		for septets = append(septets, uint8(v&0x7f)); v > 0x7f; {
			v >>= 7
			septets = append(septets, 0x80|uint8(v&0x7f))
		}
		for n := len(septets) - 1; n >= 0; n-- {
			content = append(content, septets[n])
		}
	}
	w.octets(tagOID, content)
}
