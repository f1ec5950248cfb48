package q932

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Name is what ECMA-164 says of a party's name.
type Name struct {
	Text       string // empty with Restricted: a name that was kept back; empty without: there is none
	Restricted bool
}

// The operations of names. NI2 sends CallingName with the same value as QSIG, in SETUP, or in a FACILITY of its own
// after a SETUP with InformationFollowing.
type (
	CallingName   struct{ Name }
	CalledName    struct{ Name }
	ConnectedName struct{ Name }
	BusyName      struct{ Name }
	// InformationFollowing: the calling name is being looked for and comes later (GR-1367). The value is from tables in
	// public use; what its argument means is not known to us.
	InformationFollowing struct{ Value int }
)

// Operations of National ISDN: iso(1) member-body(2) usa(840) ansi-t1(10005) operations(0).
const niOID = "1.2.840.10005.0"

var names = []row{
	nameRow(Private, 0, "callingName", func(v *CallingName) *Name { return &v.Name }),
	nameRow(Private, 1, "calledName", func(v *CalledName) *Name { return &v.Name }),
	nameRow(Private, 2, "connectedName", func(v *ConnectedName) *Name { return &v.Name }),
	nameRow(Private, 3, "busyName", func(v *BusyName) *Name { return &v.Name }),
	nameRow(NationalISDN, 0, "callingName", func(v *CallingName) *Name { return &v.Name }),
	nameRow(DMS, 0, "callingName", func(v *CallingName) *Name { return &v.Name }),
	operation(NationalISDN, global(niOID+".4"), "informationFollowing",
		func(r *reader, v *InformationFollowing) { v.Value = r.integer(tagEnum) },
		func(w *writer, v *InformationFollowing) { w.integer(tagEnum, v.Value) }),
}

func nameRow[T any](f Family, code int, title string, of func(*T) *Name) row {
	return operation(f, local(code), title,
		func(r *reader, v *T) { *of(v) = r.nameArgument() },
		func(w *writer, v *T) { w.name(*of(v)) })
}

// Tags of a Name, and the character sets that we write.
const (
	nameAllowed        = 0x80
	nameAllowedSet     = 0xa1
	nameRestricted     = 0x82
	nameRestrictedSet  = 0xa3
	nameNotAvailable   = 0x84
	nameRestrictedNull = 0x87
	setLatin1          = 1
	setBMP             = 8
	setUTF8            = 9
	longestName        = 50 // octets
)

// nameArgument takes a Name, bare or with extensions after it in a SEQUENCE.
func (r *reader) nameArgument() Name {
	if tag, ok := r.peek(); ok && tag == tagSequence {
		var n Name
		r.group(tagSequence, func(r *reader) { n = r.name() })
		return n
	}
	return r.name()
}

// name takes a Name.
//
//	[0] OCTET STRING                                  may be shown, ISO 8859-1
//	[1] SEQUENCE { OCTET STRING, INTEGER character set }  may be shown
//	[2] [3] as [0] [1], not to be shown; [7] NULL not to be shown, and not there
//	[4] NULL                                          not available
func (r *reader) name() Name {
	tag, content := r.next()
	if r.err != nil {
		return Name{}
	}
	switch tag {
	case nameAllowed:
		return Name{Text: text(content, setLatin1)}
	case nameRestricted:
		return Name{Text: text(content, setLatin1), Restricted: true}
	case nameAllowedSet, nameRestrictedSet:
		in := reader{b: content}
		data, set := in.take(tagOctets), setLatin1
		if in.more() {
			set = in.integer(tagInteger)
		}
		r.err = in.err
		return Name{Text: text(data, set), Restricted: tag == nameRestrictedSet}
	case nameNotAvailable:
		return Name{}
	case nameRestrictedNull:
		return Name{Restricted: true}
	}
	r.fail("a name with tag 0x%02x", tag)
	return Name{}
}

// nameIn takes an optional Name inside an explicit tag.
func (r *reader) nameIn(tag uint8) Name {
	content, ok := r.optional(tag)
	if !ok {
		return Name{}
	}
	in := reader{b: content}
	n := in.name()
	r.err = in.err
	return n
}

func (w *writer) nameIn(tag uint8, n Name) {
	if n != (Name{}) {
		w.group(tag, func(w *writer) { w.name(n) })
	}
}

func (w *writer) name(n Name) {
	switch {
	case n.Text == "" && n.Restricted:
		w.null(nameRestrictedNull)
		return
	case n.Text == "":
		w.null(nameNotAvailable)
		return
	}
	plain, extended := uint8(nameAllowed), uint8(nameAllowedSet)
	if n.Restricted {
		plain, extended = nameRestricted, nameRestrictedSet
	}
	if isASCII(n.Text) {
		w.text(plain, cut(n.Text))
		return
	}
	w.group(extended, func(w *writer) {
		w.text(tagOctets, cut(n.Text))
		w.integer(tagInteger, setUTF8)
	})
}

// text is the text of a name's octets, without what cannot be shown.
//
// Departure: octets beyond ASCII that are well-formed UTF-8 are taken as that whatever set is told, since exchanges of
// today send names as they were typed; in ISO 8859-1 such a sequence is no word of any language. Of the sets 3 to 7
// only ASCII is shown.
func text(b []byte, set int) string {
	var s string
	switch {
	case set == setBMP:
		units := make([]uint16, len(b)/2)
		for i := range units {
			units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
		}
		s = string(utf16.Decode(units))
	case utf8.Valid(b):
		s = string(b)
	case set == setLatin1:
		runes := make([]rune, len(b))
		for i, o := range b {
			runes[i] = rune(o)
		}
		s = string(runes)
	default:
		s = strings.ToValidUTF8(string(b), "?")
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 {
			return -1
		}
		return r
	}, s))
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0
}

// cut shortens a name to what fits, at the end of a character.
func cut(s string) string {
	if len(s) <= longestName {
		return s
	}
	n := longestName
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
