package spantest

import (
	"errors"
	"testing"

	"trunkbox/drivers/span"
)

// tuner checks, on lines that can be tuned, that every format listed is taken or refused in so many
// words, that what is not listed is refused and changes nothing, and that frames pass when both ends
// have changed what concerns the D channel.
func tuner(t *testing.T, a, b span.Line) {
	ta, isA := a.(span.Tuner)
	tb, isB := b.(span.Tuner)
	if !isA || !isB {
		t.Logf("%s and %s cannot be tuned", a.Name(), b.Name())
		return
	}
	moving(t, a, b)
	began := ta.Format()
	choices := ta.Formats()
	if err := choices.Allow(began); err != nil {
		t.Errorf("%s: the format in force, %+v, is not among the choices: %v", a.Name(), began, err)
	}
	for _, f := range listed(choices) {
		tune(t, a.Name(), ta, f)
	}
	other := span.T1
	if a.Kind() == span.T1 {
		other = span.E1
	}
	for _, f := range []span.Format{{Framing: other.Format().Framing}, {LineCode: other.Format().LineCode}, {DRate: 48}} {
		before := ta.Format()
		if err := ta.Tune(f); !errors.Is(err, span.ErrNotSupported) {
			t.Errorf("%s: an %v took %+v: %v", a.Name(), a.Kind(), f, err)
		}
		if ta.Format() != before {
			t.Errorf("%s: a format refused has changed %+v to %+v", a.Name(), before, ta.Format())
		}
	}
	if err := ta.Tune(began); err != nil {
		t.Fatalf("%s: back to %+v: %v", a.Name(), began, err)
	}
	for _, f := range []span.Format{{DRate: 56}, {DRate: 64}, {DInverted: true}, {}} {
		errA, errB := ta.Tune(f), tb.Tune(f)
		if errors.Is(errA, span.ErrNotSupported) && errors.Is(errB, span.ErrNotSupported) {
			t.Logf("%s: %v", a.Name(), errA)
			continue
		}
		if errA != nil || errB != nil {
			t.Errorf("%+v: %v, %v", f, errA, errB)
			continue
		}
		oneFrame(t, a, b)
	}
}

// listed is each value of the choices by itself.
func listed(c span.Choices) (formats []span.Format) {
	for _, f := range c.Framings {
		formats = append(formats, span.Format{Framing: f})
	}
	for _, l := range c.LineCodes {
		formats = append(formats, span.Format{LineCode: l})
	}
	for _, clock := range c.Clocks {
		formats = append(formats, span.Format{Clock: clock})
	}
	for _, rate := range c.DRates {
		formats = append(formats, span.Format{DRate: rate})
	}
	return formats
}

// tune sets a format and looks whether it is in force; a driver may find out only now that its
// hardware cannot.
func tune(t *testing.T, name string, line span.Tuner, f span.Format) {
	t.Helper()
	before := line.Format()
	want := f.Fill(before)
	switch err := line.Tune(f); {
	case err == nil:
	case errors.Is(err, span.ErrNotSupported):
		want = before
		t.Logf("%s: %v", name, err)
	default:
		t.Errorf("%s: %+v: %v", name, f, err)
	}
	if got := line.Format(); got != want {
		t.Errorf("%s: the format is %+v, want %+v", name, got, want)
	}
}

// oneFrame sends frames from b until one has reached a: what a change has broken in two is not the
// line's fault.
func oneFrame(t *testing.T, a, b span.Line) {
	t.Helper()
	got := make(chan error, 1)
	want := frame(7, 7, 20)
	go func() {
		buf := make([]byte, span.MaxFrame)
		for {
			n, err := a.ReceiveFrame(buf)
			if err != nil || string(buf[:n]) == string(want) {
				got <- err
				return
			}
		}
	}()
	m := newTicker(b)
	for {
		if err := b.SendFrame(want); err != nil && !errors.Is(err, span.ErrBusy) {
			t.Fatalf("%s: SendFrame: %v", b.Name(), err)
		}
		select {
		case err := <-got:
			if err != nil {
				t.Fatalf("%s: ReceiveFrame: %v", a.Name(), err)
			}
			return
		default:
		}
		m.next(t)
	}
}
