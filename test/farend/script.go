package farend

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"trunkbox/drivers/span"
)

// Dialogue says octets and wants octets back: a script at layer 2 (Script) or layer 3 (Exchange.Script).
//
// Octets are written in hexadecimal with blanks where one likes: "08 02 00 01 7b". In what is wanted,
// ".." stands for any octet, and "*" at the end for any number of octets.
type Dialogue struct {
	send func([]byte) error
	came chan []byte

	// Skip, when it is set, says which octets Expect passes over, RR frames for one.
	Skip func(octets []byte) bool
}

func newDialogue(send func([]byte) error) *Dialogue {
	return &Dialogue{send: send, came: make(chan []byte, 1024)}
}

func (d *Dialogue) deliver(octets []byte) {
	select {
	case d.came <- append([]byte(nil), octets...):
	default: // a script that expects nothing more
	}
}

// Send says octets as they are.
func (d *Dialogue) Send(octets string) error {
	raw, err := hex.DecodeString(strings.Join(strings.Fields(octets), ""))
	if err != nil {
		return fmt.Errorf("farend: octets to send %q: %w", octets, err)
	}
	return d.send(raw)
}

// Next returns the next octets that came, and whether there were any. It does not wait.
func (d *Dialogue) Next() ([]byte, bool) {
	for {
		select {
		case got := <-d.came:
			if d.Skip == nil || !d.Skip(got) {
				return got, true
			}
		default:
			return nil, false
		}
	}
}

// Expect waits for the next octets, which must be as wanted, and returns them.
func (d *Dialogue) Expect(ctx context.Context, wanted string) ([]byte, error) {
	for {
		select {
		case got := <-d.came:
			if d.Skip != nil && d.Skip(got) {
				continue
			}
			return got, match(got, wanted)
		case <-ctx.Done():
			return nil, fmt.Errorf("farend: waiting for %q: %w", wanted, context.Cause(ctx))
		}
	}
}

// ExpectNothing wants no octets, but for those that Skip passes over, for some time.
func (d *Dialogue) ExpectNothing(quiet time.Duration) error {
	over := time.After(quiet)
	for {
		select {
		case got := <-d.came:
			if d.Skip == nil || !d.Skip(got) {
				return fmt.Errorf("farend: got % x, want nothing for %v", got, quiet)
			}
		case <-over:
			return nil
		}
	}
}

// match compares octets with a pattern.
func match(got []byte, wanted string) error {
	pattern := strings.Join(strings.Fields(wanted), "")
	open := strings.HasSuffix(pattern, "*")
	pattern = strings.TrimSuffix(pattern, "*")
	if len(pattern)%2 != 0 {
		return fmt.Errorf("farend: %q has half an octet", wanted)
	}
	if n := len(pattern) / 2; len(got) < n || len(got) > n && !open {
		return fmt.Errorf("farend: got % x (%d octets), want %s", got, len(got), wanted)
	}
	for i := 0; i < len(pattern); i += 2 {
		want := pattern[i : i+2]
		if is := fmt.Sprintf("%02x", got[i/2]); want != ".." && !strings.EqualFold(is, want) {
			return fmt.Errorf("farend: octet %d of % x is %s, want %s (%s)", i/2+1, got, is, want, wanted)
		}
	}
	return nil
}

// Script gives the D channel of a line to a dialogue of frames (address, control, information; no
// FCS), without any link below it. It owns the line until stop is called, which closes it.
func Script(line span.Line) (d *Dialogue, stop func()) {
	d = newDialogue(line.SendFrame)
	var working sync.WaitGroup
	working.Go(func() {
		buf := make([]byte, span.MaxFrame)
		for {
			n, err := line.ReceiveFrame(buf)
			if err != nil {
				return
			}
			d.deliver(buf[:n])
		}
	})
	working.Go(func() {
		var rx, tx span.Block
		for line.Tick(&rx, &tx) == nil {
			continue
		}
	})
	return d, func() {
		line.Close()
		working.Wait()
	}
}

// Script gives the messages of layer 3 to a dialogue from now on; the link goes on by itself. The calls
// there are hear nothing more.
func (e *Exchange) Script() *Dialogue {
	d := newDialogue(func(octets []byte) error {
		if !e.post(func() { e.link.information(time.Now(), octets) }) {
			return errEnded
		}
		return nil
	})
	done := make(chan struct{})
	if e.post(func() { e.raw = d; close(done) }) {
		select {
		case <-done:
		case <-e.ended:
		}
	}
	return d
}

// Establish begins the D channel's link anew with SABME, whatever its state: what is under way is lost.
func (e *Exchange) Establish() { e.post(func() { e.link.establish(time.Now()) }) }

// Disconnect ends the D channel's link with DISC. The exchange does not set it up again by itself.
func (e *Exchange) Disconnect() { e.post(func() { e.link.disconnect() }) }
