package dahdi

import (
	"errors"
	"io"
	"log/slog"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"trunkbox/drivers/span"
)

func TestNamesOfCancellers(t *testing.T) {
	field := func(text string) []byte { return append([]byte(text), make([]byte, 80-len(text))...) }
	for text, want := range map[string][]string{
		"":                nil,
		"HWEC":            {"hwec"},
		"MG2, KB1":        {"mg2", "kb1"},
		"HWEC, MG2, ":     {"hwec", "mg2"}, // the last one was not to be told
		"MG2, OSLEC, HPE": {"mg2", "oslec", "hpe"},
	} {
		if got := namesOf(field(text)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := namesOf([]byte("MG2")); !slices.Equal(got, []string{"mg2"}) {
		t.Errorf("a list without a zero: %q", got)
	}
}

// The text is of a span as DAHDI 2.11 tells it, with the card's canceller on channel 3.
const spanText = `Span 1: TE2/0/1 "T2XXP (PCI) Card 0 Span 1" (MASTER) HDB3/CCS/CRC4

	   1 TE2/0/1/1 Clear (In use) (EC: MG2 - ACTIVE)
	   2 TE2/0/1/2 Clear (In use)
	   3 TE2/0/1/3 Clear (In use) (EC: VPMOCT064 - INACTIVE)
	  16 TE2/0/1/16 HDLCFCS (In use)
	 100 TE2/0/1/31 Clear RED (EC: HWEC - INACTIVE)
`

func TestAttachedTo(t *testing.T) {
	for _, test := range []struct {
		channel int32
		name    string
		found   bool
	}{{1, "MG2", true}, {2, "", true}, {3, "VPMOCT064", true}, {16, "", true}, {100, "HWEC", true}, {10, "", false}, {31, "", false}} {
		if name, found := attachedTo(spanText, test.channel); name != test.name || found != test.found {
			t.Errorf("channel %d: %q %v, want %q %v", test.channel, name, found, test.name, test.found)
		}
	}
}

// What dahdi_cfg has attached stays, what does harm and what is missing is replaced.
func TestSoftwareOfASpan(t *testing.T) {
	l := &Line{log: slog.New(slog.DiscardHandler), b: []slot{{ts: 1, channel: 1}, {ts: 2, channel: 2}, {ts: 3, channel: 3}}}
	for _, test := range []struct {
		text string
		name string
		have []span.Timeslot
	}{
		{"", "", nil},
		{"\t   1 x Clear (EC: OSLEC - INACTIVE)\n\t   2 x Clear\n\t   3 x Clear (EC: MG2 - ACTIVE)\n", "oslec", []span.Timeslot{1, 3}},
		{"\t   1 x Clear (EC: SEC - INACTIVE)\n\t   2 x Clear (EC: SEC2 - INACTIVE)\n\t   3 x Clear (EC: JPAH - INACTIVE)\n", "", nil},
		{"\t   1 x Clear (EC: SEC - INACTIVE)\n\t   2 x Clear (EC: KB1 - INACTIVE)\n", "kb1", []span.Timeslot{2}},
	} {
		var want span.Slotset
		for _, ts := range test.have {
			want = want.With(ts)
		}
		if name, have := l.software(test.text); name != test.name || have != want {
			t.Errorf("%q: %q %b, want %q %b", test.text, name, have, test.name, want)
		}
	}
}

func TestTapsOfATail(t *testing.T) {
	for _, test := range []struct {
		ms   int
		want int32
	}{{1, 128}, {8, 128}, {16, 128}, {17, 256}, {32, 256}, {33, 512}, {64, 512}, {65, 1024}, {128, 1024}} {
		if taps, err := tapsOf(time.Duration(test.ms) * time.Millisecond); taps != test.want || err != nil {
			t.Errorf("%d ms: %d taps, %v, want %d", test.ms, taps, err, test.want)
		}
	}
	if taps, err := tapsOf(129 * time.Millisecond); !errors.Is(err, span.ErrNotSupported) {
		t.Errorf("129 ms: %d taps, %v", taps, err)
	}
}

// A tone makes several events of one kind; each turn is told once, and anew after the canceller was made anew.
func TestEachTurnOfACancellerIsToldOnce(t *testing.T) {
	l := &Line{echo: canceller{changes: make(chan span.EchoChange, heldChanges)}}
	for _, off := range []bool{true, true, false, false, true} {
		l.echoToned(7, off)
	}
	l.echoToned(8, true)
	l.echoToned(31, false) // was never off
	close(l.echo.changes)
	var got []span.EchoChange
	for change := range l.echo.changes {
		if change.At.IsZero() {
			t.Error("a change has no time")
		}
		change.At = time.Time{}
		got = append(got, change)
	}
	want := []span.EchoChange{{Timeslot: 7, Off: true}, {Timeslot: 7}, {Timeslot: 7, Off: true}, {Timeslot: 8, Off: true}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestTheOldestChangeOfACancellerIsLost(t *testing.T) {
	l := &Line{echo: canceller{changes: make(chan span.EchoChange, 2)}}
	for ts := range span.Timeslot(4) {
		l.echoToned(ts+1, true)
	}
	if a, b := <-l.echo.changes, <-l.echo.changes; a.Timeslot != 3 || b.Timeslot != 4 {
		t.Errorf("timeslots %d and %d are left", a.Timeslot, b.Timeslot)
	}
}

func TestWithoutACanceller(t *testing.T) {
	l := &Line{name: "span1", b: []slot{{ts: 1, fd: -1}}}
	if c := l.Canceller(); c != (span.Canceller{}) {
		t.Errorf("it has %+v", c)
	}
	if err := l.CancelEcho(1, 32*time.Millisecond); !errors.Is(err, span.ErrNotSupported) {
		t.Errorf("cancelling: %v", err)
	}
	l.echo.is = span.Canceller{By: span.ByKernel, Name: "MG2", Longest: longestTail}
	if err := l.CancelEcho(16, 32*time.Millisecond); !errors.Is(err, span.ErrNotSupported) {
		t.Errorf("cancelling on the D channel: %v", err)
	}
	l.closed.Store(true)
	if err := l.CancelEcho(1, 0); !errors.Is(err, io.EOF) {
		t.Errorf("cancelling on a closed line: %v", err)
	}
}

// ENODEV of a canceller says that the card has none; of anything else it says that the card is gone.
func TestErrorsOfACanceller(t *testing.T) {
	l := &Line{name: "span1", echo: canceller{is: span.Canceller{By: span.ByHardware, Name: "VPMOCT064"}}}
	for _, test := range []struct {
		errno unix.Errno
		none  bool
	}{{unix.ENODEV, true}, {unix.EINVAL, true}, {unix.ENOTTY, true}, {unix.ENOMEM, false}} {
		err := l.echoError(slot{ts: 7}, 256, test.errno)
		if errors.Is(err, span.ErrNotSupported) != test.none || !errors.Is(err, test.errno) {
			t.Errorf("%v becomes %v", test.errno, err)
		}
	}
	if err := l.echoError(slot{ts: 7}, 256, nil); err != nil {
		t.Error(err)
	}
}
