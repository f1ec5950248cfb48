package span

import (
	"errors"
	"fmt"
	"slices"
)

// Framing is how the timeslots are framed. The zero value is "not known", or the usual one of a Kind.
type Framing uint8

// The framings of G.704.
const (
	FramingUnknown Framing = iota
	CRC4                   // E1: basic frame and CRC-4 multiframe (2.3.3)
	NoCRC4                 // E1: basic frame alone (2.3.2)
	ESF                    // T1: extended superframe of 24 frames with CRC-6 (2.1.3.1)
	D4                     // T1: superframe of 12 frames (2.1.3.2)
)

// LineCode is how bits become pulses. The zero value is "not known", or the usual one of a Kind.
type LineCode uint8

// The line codes of G.703.
const (
	LineCodeUnknown LineCode = iota
	HDB3                     // E1: four zeros are replaced (Annex A)
	AMI                      // both: marks alternate, nothing is replaced
	B8ZS                     // T1: eight zeros are replaced (Annex A)
)

// Clock is what a transmitter takes its time from. The zero value is "not known", or the usual one.
type Clock uint8

// The clocks.
const (
	ClockUnknown Clock = iota
	FromLine           // recovered from the received signal; free-running while there is none
	Internal           // the box's own oscillator
)

// The words are those of the settings.
var (
	framingNames  = [...]string{"unknown", "crc4", "no-crc4", "esf", "d4"}
	lineCodeNames = [...]string{"unknown", "hdb3", "ami", "b8zs"}
	clockNames    = [...]string{"unknown", "line", "internal"}
)

func (f Framing) String() string  { return word(framingNames[:], int(f)) }
func (c LineCode) String() string { return word(lineCodeNames[:], int(c)) }
func (c Clock) String() string    { return word(clockNames[:], int(c)) }

func word(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%s %d", names[0], i)
}

// Format is what both ends of a line must agree on, and which of them gives the clock.
type Format struct {
	Framing   Framing
	LineCode  LineCode
	Clock     Clock
	DInverted bool // the octets of the D channel cross the line inverted
	DRate     int  // kbit/s of the D channel: 64, or 56 (bit 8 of each octet is always one and carries nothing)
}

// Format is the usual one of a kind: CRC-4, HDB3 on an E1, ESF, B8ZS on a T1, the clock of the line
// and a D channel of 64 kbit/s as it is.
func (k Kind) Format() Format {
	if k == T1 {
		return Format{Framing: ESF, LineCode: B8ZS, Clock: FromLine, DRate: 64}
	}
	return Format{Framing: CRC4, LineCode: HDB3, Clock: FromLine, DRate: 64}
}

// Choices are the values of Format that a kind can have; the usual one comes first.
func (k Kind) Choices() Choices {
	c := Choices{Clocks: []Clock{FromLine, Internal}, DInverted: true, DRates: []int{64, 56}}
	if k == T1 {
		c.Framings, c.LineCodes = []Framing{ESF, D4}, []LineCode{B8ZS, AMI}
	} else {
		c.Framings, c.LineCodes = []Framing{CRC4, NoCRC4}, []LineCode{HDB3, AMI}
	}
	return c
}

// Choices are the values of Format that a driver can set, the usual one first. An empty list says
// that the driver cannot set that at all.
type Choices struct {
	Framings  []Framing
	LineCodes []LineCode
	Clocks    []Clock
	DInverted bool // the D channel can be inverted
	DRates    []int
}

// Allow says whether f is one of the choices; the error wraps ErrNotSupported and names what is not.
// A value that is zero asks for nothing and is always allowed.
func (c Choices) Allow(f Format) error {
	switch {
	case f.Framing != FramingUnknown && !slices.Contains(c.Framings, f.Framing):
		return fmt.Errorf("framing %v: %w (there are %v)", f.Framing, ErrNotSupported, c.Framings)
	case f.LineCode != LineCodeUnknown && !slices.Contains(c.LineCodes, f.LineCode):
		return fmt.Errorf("line code %v: %w (there are %v)", f.LineCode, ErrNotSupported, c.LineCodes)
	case f.Clock != ClockUnknown && !slices.Contains(c.Clocks, f.Clock):
		return fmt.Errorf("clock %v: %w (there are %v)", f.Clock, ErrNotSupported, c.Clocks)
	case f.DInverted && !c.DInverted:
		return fmt.Errorf("an inverted D channel: %w", ErrNotSupported)
	case f.DRate != 0 && !slices.Contains(c.DRates, f.DRate):
		return fmt.Errorf("a D channel of %d kbit/s: %w (there are %v)", f.DRate, ErrNotSupported, c.DRates)
	}
	return nil
}

// Fill returns f with each value that is zero taken from other.
func (f Format) Fill(other Format) Format {
	if f.Framing == FramingUnknown {
		f.Framing = other.Framing
	}
	if f.LineCode == LineCodeUnknown {
		f.LineCode = other.LineCode
	}
	if f.Clock == ClockUnknown {
		f.Clock = other.Clock
	}
	if f.DRate == 0 {
		f.DRate = other.DRate
	}
	return f
}

// ParseFormat reads the words of the settings; an empty word leaves the value at zero.
func ParseFormat(framing, lineCode, clock string) (Format, error) {
	fi, err1 := parse("framing", framingNames[:], framing)
	li, err2 := parse("line code", lineCodeNames[:], lineCode)
	ci, err3 := parse("clock", clockNames[:], clock)
	return Format{Framing: Framing(fi), LineCode: LineCode(li), Clock: Clock(ci)}, errors.Join(err1, err2, err3)
}

func parse(what string, names []string, s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	if i := slices.Index(names, s); i > 0 {
		return i, nil
	}
	return 0, fmt.Errorf("there is no %s %q: choose one of %q", what, s, names[1:])
}

// Tuner is a Line whose format can be changed while it is open. Not every driver is one: ask by type
// assertion. All methods are safe from anywhere.
type Tuner interface {
	// Format is what is in force.
	Format() Format
	// Tune changes the format at once; a short interruption is to be expected. Values that are zero
	// stay as they are. The error wraps ErrNotSupported, with what, when driver or hardware cannot;
	// then nothing has changed.
	Tune(f Format) error
	// Formats says what Tune can be given.
	Formats() Choices
}

// ErrNotSupported says that a driver, or the hardware below it, cannot do what was asked.
var ErrNotSupported = errors.New("not possible on this line's hardware")
