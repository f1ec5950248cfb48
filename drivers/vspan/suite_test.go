package vspan

import (
	"context"
	"path/filepath"
	"testing"

	"trunkbox/drivers/span"
	"trunkbox/drivers/spantest"
)

// steady is a transit that a loaded machine keeps step with: 100 ms.
func steady(o Options) Options {
	block := o.Block
	if block == 0 {
		block = span.MaxBlock
	}
	o.Transit = int(blocks(800, block))
	return o
}

func TestSuite(t *testing.T) {
	tests := []struct {
		name string
		open func(t *testing.T) (*Cable, span.Line)
	}{
		{"E1", func(*testing.T) (*Cable, span.Line) {
			c := New(steady(Options{}))
			return c, c.B()
		}},
		{"T1 in blocks of 10 ms, far end behind a socket", func(t *testing.T) (*Cable, span.Line) {
			c := New(steady(Options{Kind: span.T1, Block: 80}))
			return c, serveAndDial(t, c)
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if testing.Short() && test.name != "E1" {
				t.Skip("each run takes 16 s of real time: the second one is left out with -short")
			}
			var c *Cable
			spantest.Suite(t, func(t *testing.T) (a, b span.Line) {
				c, b = test.open(t)
				return c.A(), b
			}, spantest.Breakable(
				func(*testing.T, span.Line, span.Line) { c.SetFault(BtoA, Fault{Alarms: span.LOS}) },
				func(_ *testing.T, a, b span.Line) (span.Line, span.Line) {
					c.SetFault(BtoA, Fault{})
					return a, b
				}))
		})
	}
}

// serveAndDial serves end B on a socket for as long as the test runs and dials it.
func serveAndDial(t *testing.T, c *Cable) *Far {
	t.Helper()
	path := filepath.Join(t.TempDir(), "far")
	serve(t, c, path)
	return dial(t, path)
}

func dial(t *testing.T, path string) *Far {
	t.Helper()
	far, err := Dial(path, DialOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return far
}

func serve(t *testing.T, c *Cable, path string) {
	t.Helper()
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, c.B()) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
