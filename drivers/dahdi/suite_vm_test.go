//go:build vm

package dahdi_test

import (
	"errors"
	"testing"

	"trunkbox/drivers/dahdi"
	"trunkbox/drivers/span"
	"trunkbox/drivers/spantest"
)

// far is the second of the two spans that board/qemu's system.conf joins back to back.
var far = dahdi.Dynamic{Driver: "loc", Address: "1:1", Kind: span.E1}

// TestSuite runs in a machine whose spans 1 and 2 are joined; test/vm builds and starts it.
func TestSuite(t *testing.T) {
	for _, block := range []int{160, 40} {
		t.Run(map[int]string{160: "Block160", 40: "Block40"}[block], func(t *testing.T) {
			open := func(t *testing.T) (a, b span.Line) {
				return openLine(t, 1, block), openLine(t, 2, block)
			}
			spantest.Suite(t, open, spantest.Breakable(cut, func(t *testing.T, a, _ span.Line) (span.Line, span.Line) {
				if _, err := far.Create(); err != nil {
					t.Fatal(err)
				}
				return a, openLine(t, 2, block)
			}))
		})
	}
}

// t1s are two spans of 24 channels joined back to back, made for the test that needs them.
var t1s = [...]dahdi.Dynamic{
	{Driver: "loc", Address: "2:0", Kind: span.T1},
	{Driver: "loc", Address: "2:1", Kind: span.T1},
}

// TestT1Suite is the suite on spans that are T1s by their number of channels and their law.
func TestT1Suite(t *testing.T) {
	var numbers [len(t1s)]int
	for i, d := range t1s {
		number, err := d.Create()
		if err != nil {
			t.Fatal(err)
		}
		numbers[i] = number
	}
	defer func() {
		for _, d := range t1s {
			if err := d.Destroy(); err != nil {
				t.Error(err)
			}
		}
	}()
	t.Run("Block80", func(t *testing.T) {
		spantest.Suite(t, func(t *testing.T) (a, b span.Line) {
			a, b = openLine(t, numbers[0], 80), openLine(t, numbers[1], 80)
			if a.Kind() != span.T1 {
				t.Fatalf("span %d is an %v", numbers[0], a.Kind())
			}
			return a, b
		})
	})
}

// A span without a framer says so, clearly, to everything that needs one.
func TestWithoutAFramer(t *testing.T) {
	l := openLine(t, 1, 160).(*dahdi.Line)
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	for name, err := range map[string]error{
		"a local loop":   l.Loop(span.LocalLoop),
		"a line loop":    l.Loop(span.LineLoop),
		"a payload loop": l.Loop(span.PayloadLoop),
		"loop-up":        l.LoopCode(true),
		"PRBS":           l.PRBS(true),
		"a CRC defect":   l.Insert(span.DefectCRC, 1),
		"CRC-4":          l.Tune(span.Format{Framing: span.CRC4}),
		"AMI":            l.Tune(span.Format{LineCode: span.AMI}),
		"its clock":      l.Tune(span.Format{Clock: span.Internal}),
		"an inverted D":  l.Tune(span.Format{DInverted: true}),
	} {
		if !errors.Is(err, span.ErrNotSupported) {
			t.Errorf("%s: %v, want ErrNotSupported", name, err)
		}
		t.Logf("%s: %v", name, err)
	}
	if c := l.Maintenance(); len(c.Loops)+len(c.Defects) > 0 || c.PRBS || c.LoopCode {
		t.Errorf("it lists %+v", c)
	}
	if a := l.Status().Alarms; a.Down() {
		t.Errorf("alarms %v after all that", a.Names())
	}
	// With a format in the settings it opens all the same.
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := dahdi.Open(dahdi.Options{Span: 1, Format: span.Format{Framing: span.CRC4, LineCode: span.HDB3, Clock: span.FromLine}})
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func openLine(t *testing.T, number, block int) span.Line {
	t.Helper()
	line, err := dahdi.Open(dahdi.Options{Span: number, Block: block})
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// cut destroys the far span, for which nobody may have it open.
func cut(t *testing.T, _, b span.Line) {
	t.Helper()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := far.Destroy(); err != nil {
		t.Fatal(err)
	}
}

func TestChannelInUseIsSaid(t *testing.T) {
	line := openLine(t, 1, 160)
	defer func() {
		if err := line.Close(); err != nil {
			t.Error(err)
		}
	}()
	second, err := dahdi.Open(dahdi.Options{Span: 1})
	if err == nil {
		t.Fatalf("span 1 was opened twice: %v", second.Close())
	}
	t.Log(err)
}
