package gpio

import (
	"time"

	"github.com/warthog618/go-gpiocdev"
)

// debounce is how long a contact may chatter.
const debounce = 20 * time.Millisecond

// Button is one button.
type Button struct{ line *gpiocdev.Line }

// presses turns edges into presses: how long the button was held, told when it is let go.
type presses struct {
	down    bool
	since   time.Duration
	pressed func(held time.Duration)
}

// edge takes one edge with the kernel's time.
func (p *presses) edge(down bool, at time.Duration) {
	if down && !p.down {
		p.since = at
	}
	if !down && p.down {
		p.pressed(at - p.since)
	}
	p.down = down
}

// OpenButton asks for the line of a button. pressed is told how long each press lasted, when it ends; it
// must not wait.
func OpenButton(name string, activeLow bool, pressed func(held time.Duration)) (*Button, error) {
	p := &presses{pressed: pressed}
	handler := func(e gpiocdev.LineEvent) { p.edge(e.Type == gpiocdev.LineEventRisingEdge, e.Timestamp) }
	line, err := request(name, activeLow, gpiocdev.AsInput, gpiocdev.WithBothEdges, gpiocdev.WithDebounce(debounce),
		gpiocdev.WithEventHandler(handler))
	if err != nil {
		return nil, err
	}
	return &Button{line}, nil
}

// Close gives the line back.
func (b *Button) Close() error { return b.line.Close() }
