package dahdi

import (
	"errors"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"trunkbox/drivers/span"
)

func TestFormatsAndLineConfig(t *testing.T) {
	const ntte = 1 << 11 // what is no coding must stay
	for _, test := range []struct {
		kind   span.Kind
		f      span.Format
		config int32
	}{
		{span.E1, span.Format{Framing: span.CRC4, LineCode: span.HDB3}, configCCS | configHDB3 | configCRC4},
		{span.E1, span.Format{Framing: span.NoCRC4, LineCode: span.HDB3}, configCCS | configHDB3},
		{span.E1, span.Format{Framing: span.NoCRC4, LineCode: span.AMI}, configCCS | configAMI},
		{span.T1, span.Format{Framing: span.ESF, LineCode: span.B8ZS}, configCCS | configESF | configB8ZS},
		{span.T1, span.Format{Framing: span.D4, LineCode: span.AMI}, configCCS | configD4 | configAMI},
	} {
		for _, was := range []int32{0, configCCS | configHDB3 | configCRC4, configD4 | configAMI} {
			if got := lineConfigOf(was|ntte|3, test.f); got != test.config|ntte|3 {
				t.Errorf("%v %+v over %#x: lineconfig %#x, want %#x", test.kind, test.f, was|ntte|3, got, test.config|ntte|3)
			}
		}
		card := spanInfo{lineconfig: test.config | 3, linecompat: test.config}
		copy(card.spantype[:], test.kind.String())
		if got := configured(test.kind, &card); got != test.f {
			t.Errorf("lineconfig %#x of an %v is %+v, want %+v", test.config, test.kind, got, test.f)
		}
		loc := card
		copy(loc.spantype[:], "DYNAM\x00")
		if got := configured(test.kind, &loc); got != (span.Format{}) {
			t.Errorf("a span without a framer has %+v", got)
		}
	}
	if syncOf(3, span.FromLine) != 3 || syncOf(3, span.Internal) != 0 || syncOf(3, span.ClockUnknown) != 3 {
		t.Error("a span that gives the clock has its number in DAHDI's order, another 0")
	}
}

func TestChoicesOfHardware(t *testing.T) {
	e1 := spanInfo{linecompat: configCCS | configHDB3 | configCRC4} // no AMI
	c := choices(span.E1, &e1, sigHDLCFCS)
	if !slices.Equal(c.Framings, []span.Framing{span.CRC4, span.NoCRC4}) || !slices.Equal(c.LineCodes, []span.LineCode{span.HDB3}) ||
		len(c.Clocks) != 2 || c.DInverted || len(c.DRates) != 2 {
		t.Errorf("an E1 card without AMI: %+v", c)
	}
	if c := choices(span.E1, &e1, sigHardHDLC); !slices.Equal(c.DRates, []int{64}) {
		t.Errorf("a card that frames by itself: %+v", c)
	}
	loc := spanInfo{linecompat: configCoding}
	copy(loc.name[:], "DYN/loc/1:0")
	if c := choices(span.E1, &loc, sigHDLCFCS); len(c.Framings)+len(c.LineCodes)+len(c.Clocks) != 0 || len(c.DRates) != 2 {
		t.Errorf("a span without a framer: %+v", c)
	}
}

func TestSignalOf(t *testing.T) {
	card := spanInfo{lineconfig: configCCS | configHDB3 | configCRC4, rxlevel: 2, syncsrc: 1}
	if got, want := signalOf(span.E1, &card), (span.Signal{Framing: span.CRC4, Clock: span.FromLine, LevelKnown: true, LevelDB: -15}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	card.alarms, card.syncsrc, card.rxlevel = 0x208, 0, 0
	if got, want := signalOf(span.E1, &card), (span.Signal{Clock: span.Internal}); got != want {
		t.Errorf("without alignment: %+v, want %+v", got, want)
	}
}

func TestGrowersCountFromOpen(t *testing.T) {
	var g growers
	g.see(&spanInfo{bpv: 5, crc4: 6, ebit: 7, fas: 8, fe: 9, cv: 10, be: 11, prbs: 12, errsec: 13})
	g.begin()
	g.see(&spanInfo{bpv: 6, crc4: 8, ebit: 10, fas: 12, fe: 14, cv: 16, be: 18, prbs: 20, errsec: 22})
	got := []uint64{g.bpv.total, g.crc4.total, g.ebit.total, g.fas.total, g.fe.total, g.cv.total, g.be.total, g.prbs.total, g.errsec.total}
	if want := []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSequenceResult(t *testing.T) {
	r := sequenceResult(span.T1, true, 0, 10*time.Second, 154)
	if r.Bits != 15_360_000 || !r.InSync || r.Ratio() < 1.00e-5 || r.Ratio() > 1.01e-5 {
		t.Errorf("ten seconds of a T1: %+v", r)
	}
	if r := sequenceResult(span.E1, true, span.LOS, time.Second, 0); r.InSync || r.Bits != 1_984_000 {
		t.Errorf("a second of an E1 without signal: %+v", r)
	}
}

func TestRefusals(t *testing.T) {
	l := &Line{name: "span1", number: 1}
	for _, errno := range []unix.Errno{unix.ENOSYS, unix.ENOTTY, unix.EINVAL} {
		if err := l.refusal("a loop", errno); !errors.Is(err, span.ErrNotSupported) || !errors.Is(err, errno) {
			t.Errorf("%v becomes %v", errno, err)
		}
	}
	if err := l.refusal("a loop", unix.EIO); errors.Is(err, span.ErrNotSupported) {
		t.Errorf("EIO becomes %v", err)
	}
}
