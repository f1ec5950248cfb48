// Package q932 is what a FACILITY element carries: the components of supplementary services, as an exchange and a
// private branch exchange ask each other for a name, a charge, a transfer or a deflection, and answer.
//
// In: the contents of facility elements (0x1c) from firmware/q931, through firmware/pri. Out: components with their
// operations as typed values, and the octets of our own. Signal path.
//
// Q.932 and EN 300 196-1 (ROSE over the D channel), ECMA-165 (network facility extension, interpretation); the
// operations of EN 300 182 (charges), EN 300 369 (transfer), EN 300 207 (deflection), EN 300 130 (malicious calls),
// ECMA-164, 174 and 178 (QSIG names, diversion, transfer), and what North America uses: names and two-channel transfer
// of National ISDN, release link trunk of the DMS-100. Their numbers were compared with tables in public use; the
// Standards themselves were not at hand, and for North America a number that rests on such tables alone is marked so.
// Left out: completion of calls, message waiting, activation of diversions, and the extensions of manufacturers.
//
// Everything here is pure: nothing is kept, and what is parsed refers to the octets given. An operation that is not
// known stays a component with its raw argument; see Unrecognised for what the far side is owed then.
package q932

import (
	"errors"
	"fmt"
)

// Facility is the contents of one facility element.
type Facility struct {
	// Extended: protocol profile 0x9f, networking extensions; the three parts after it are allowed only then.
	Extended bool
	// Service is the service identifier octet of a DMS-100 (without bit 8), 0: none.
	Service        uint8
	Extension      *Extension // network facility extension
	Profile        *int       // network protocol profile, 0 to 254
	Interpretation *Interpretation
	Components     []Component
}

// Extension is a network facility extension: between which kinds of exchange the components travel (ECMA-165).
type Extension struct {
	Source, Destination Entity
	// SourceAddress and DestinationAddress are raw encodings of a party number, nil when absent.
	SourceAddress, DestinationAddress []byte
}

// Entity is a kind of exchange (PINX).
type Entity uint8

// Entities (AnyEntity's ends are where a call begins or ends).
const (
	EndPINX Entity = 0
	AnyPINX Entity = 1
)

// Interpretation says what is to become of an invoke that is not recognised (ECMA-165).
type Interpretation uint8

// Interpretations.
const (
	Discard   Interpretation = 0
	ClearCall Interpretation = 1
	Reject    Interpretation = 2
)

// The octets of a facility element.
const (
	profileROSE     = 0x11
	profileExtended = 0x1f
	tagExtension    = 0xaa
	tagProfile      = 0x92
	tagInterpret    = 0x8b
)

// ErrProfile is given for a facility element of another protocol than remote operations.
var ErrProfile = errors.New("q932: not a protocol profile of remote operations")

// ETSI is a facility of the European public network.
func ETSI(components ...Component) Facility { return Facility{Components: components} }

// QSIG is a facility between private exchanges, from end to end of a call, with what is to be done where an operation
// is not known.
func QSIG(i Interpretation, components ...Component) Facility {
	return Facility{Extended: true, Extension: &Extension{}, Interpretation: &i, Components: components}
}

// DMS100 is a facility of release link trunk.
func DMS100(components ...Component) Facility {
	return Facility{Service: serviceRLT, Components: components}
}

// ParseFacility parses the contents of a facility element. A component that cannot be read is left out and told in the
// error beside those that could; a facility of which nothing can be read is an error alone.
//
//	  8   7   6   5   4   3   2   1
//	+---+---+---+---+---+---+---+---+
//	|ext| 0   0 | protocol profile  |  0x11 remote operations, 0x1f with networking extensions
//	+---+---+---+---+---+---+---+---+
//	| 1 |    service identifier     |  only when ext is 0 (DMS-100)
//	+---+---+---+---+---+---+---+---+
//	| 0xaa  network facility ext.   |  only with 0x1f, each optional
//	| 0x92  network protocol prof.  |
//	| 0x8b  interpretation          |
//	+---+---+---+---+---+---+---+---+
//	| 0xa1 … 0xa4  components       |
func ParseFacility(octets []byte) (Facility, error) {
	var f Facility
	if len(octets) == 0 {
		return f, fmt.Errorf("%w: the element is empty", ErrProfile)
	}
	rest := octets[1:]
	switch octets[0] & 0x7f {
	case profileROSE:
	case profileExtended:
		f.Extended = true
	default:
		return f, fmt.Errorf("%w: octet 0x%02x", ErrProfile, octets[0])
	}
	if octets[0]&0x80 == 0 {
		if len(rest) == 0 || rest[0]&0x80 == 0 {
			return f, fmt.Errorf("%w: no service identifier after octet 0x%02x", ErrProfile, octets[0])
		}
		f.Service, rest = rest[0]&0x7f, rest[1:]
	}
	r := reader{b: rest}
	f.header(&r)
	var faults error
	for r.more() {
		c, err := parseComponent(&r)
		if r.err != nil {
			break
		}
		if err != nil {
			faults = errors.Join(faults, err)
			continue
		}
		f.Components = append(f.Components, c)
	}
	return f, errors.Join(faults, r.err)
}

func (f *Facility) header(r *reader) {
	if content, ok := r.optional(tagExtension); ok {
		f.Extension = parseExtension(&reader{b: content})
	}
	if content, ok := r.optional(tagProfile); ok {
		if v, err := integer(content); err == nil {
			f.Profile = &v
		}
	}
	if content, ok := r.optional(tagInterpret); ok {
		if v, err := integer(content); err == nil {
			i := Interpretation(v)
			f.Interpretation = &i
		}
	}
}

func parseExtension(r *reader) *Extension {
	x := &Extension{}
	if content, ok := r.optional(0x80); ok {
		v, _ := integer(content)
		x.Source = Entity(v)
	}
	x.SourceAddress, _ = r.optional(0xa1)
	if content, ok := r.optional(0x82); ok {
		v, _ := integer(content)
		x.Destination = Entity(v)
	}
	x.DestinationAddress, _ = r.optional(0xa3)
	return x
}

// AppendTo encodes the facility: the contents of one element.
func (f *Facility) AppendTo(dst []byte) []byte {
	profile := uint8(profileROSE)
	if f.Extended {
		profile = profileExtended
	}
	if f.Service != 0 {
		dst = append(dst, profile, 0x80|f.Service)
	} else {
		dst = append(dst, 0x80|profile)
	}
	w := writer{b: dst}
	if x := f.Extension; x != nil {
		w.group(tagExtension, func(w *writer) {
			w.integer(0x80, int(x.Source))
			if x.SourceAddress != nil {
				w.octets(0xa1, x.SourceAddress)
			}
			w.integer(0x82, int(x.Destination))
			if x.DestinationAddress != nil {
				w.octets(0xa3, x.DestinationAddress)
			}
		})
	}
	if f.Profile != nil {
		w.integer(tagProfile, *f.Profile)
	}
	if f.Interpretation != nil {
		w.integer(tagInterpret, int(*f.Interpretation))
	}
	for i := range f.Components {
		f.Components[i].append(&w)
	}
	return w.b
}

// Unrecognised is what an invoke whose operation is not known here asks for: a component to answer with (when answer
// is true), or that the call be cleared. Without an interpretation a rejection is due (EN 300 196-1, ECMA-165). Other
// components than an invoke are never answered.
func (f *Facility) Unrecognised(c *Component) (reject Component, answer, clear bool) {
	if c.Kind != Invoke {
		return Component{}, false, false
	}
	if f.Interpretation != nil {
		switch *f.Interpretation {
		case Discard:
			return Component{}, false, false
		case ClearCall:
			return Component{}, false, true
		}
	}
	return RejectOf(c.ID, UnrecognisedOperation), true, false
}
