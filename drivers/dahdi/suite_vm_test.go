//go:build vm

package dahdi_test

import (
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
