package vspan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"trunkbox/drivers/span"
)

// What the far process wants beside moving blocks crosses the socket as messages of two more kinds:
//
//	  0     1     2     3     4 …
//	+-----+-----+-----+-----+------------------------+
//	| 'T' | 'B' | 'O' |  1  | an order, JSON         |   far process to cable
//	+-----+-----+-----+-----+------------------------+
//	| 'T' | 'B' | 'A' |  1  | its answer, JSON       |   cable to far process
//	+-----+-----+-----+-----+------------------------+
//
// Each order has one answer of the same id; several things may be wanted in one.
type order struct {
	ID     uint64       `json:"id"`
	Format *span.Format `json:"format,omitempty"`
	Loop   *span.Loop   `json:"loop,omitempty"`
	Code   *bool        `json:"code,omitempty"` // up
	PRBS   *bool        `json:"prbs,omitempty"` // on
	Insert *insertOrder `json:"insert,omitempty"`
	Patch  *Patch       `json:"patch,omitempty"`
	Fault  *faultOrder  `json:"fault,omitempty"`
	Slip   *slipOrder   `json:"slip,omitempty"`
}

type insertOrder struct {
	Defect span.Defect `json:"defect"`
	N      int         `json:"n"`
}

type faultOrder struct {
	Direction Direction `json:"direction"`
	Fault     Fault     `json:"fault"`
}

type slipOrder struct {
	Direction Direction `json:"direction"`
	N         int       `json:"n"`
}

// answer is what came of an order, and how the end of the far process is.
type answer struct {
	ID           uint64          `json:"id"`
	Error        string          `json:"error,omitempty"`
	NotSupported bool            `json:"not_supported,omitempty"`
	Format       span.Format     `json:"format"`
	Status       span.Status     `json:"status"`
	PRBS         span.PRBSResult `json:"prbs"`
}

const (
	orderMagic  = "TBO\x01"
	answerMagic = "TBA\x01"
)

// err is the error of an answer.
func (a *answer) err() error {
	switch {
	case a.Error == "":
		return nil
	case a.NotSupported:
		return remoteError{a.Error}
	}
	return errors.New(a.Error)
}

// remoteError is an ErrNotSupported that has crossed the socket.
type remoteError struct{ said string }

func (e remoteError) Error() string { return e.said }
func (remoteError) Unwrap() error   { return span.ErrNotSupported }

// writeControl makes an order's or an answer's message.
func writeControl(magic string, what any) ([]byte, error) {
	octets, err := json.Marshal(what)
	if err != nil {
		return nil, fmt.Errorf("vspan: writing an order: %w", err)
	}
	if n := len(magic) + len(octets); n > maxMessage {
		return nil, fmt.Errorf("vspan: an order of %d octets, there is room for %d", n, maxMessage)
	}
	return append([]byte(magic), octets...), nil
}

// readControl reads a message of a kind into what; it says false when the message is of another kind.
func readControl(magic string, raw []byte, what any) (bool, error) {
	octets, is := bytes.CutPrefix(raw, []byte(magic))
	if !is {
		return false, nil
	}
	if err := json.Unmarshal(octets, what); err != nil {
		return true, messageError(fmt.Sprintf("an order or answer of %d octets: %v", len(octets), err))
	}
	return true, nil
}

// execute does what an order says, on the end e of the far process.
func (e *End) execute(o *order) answer {
	if *o != (order{ID: o.ID}) {
		e.c.mu.Lock()
		e.byOrder = true
		e.c.mu.Unlock()
	}
	var errs []error
	do := func(wanted bool, act func() error) {
		if wanted {
			errs = append(errs, act())
		}
	}
	do(o.Format != nil, func() error { return e.Tune(*o.Format) })
	do(o.Loop != nil, func() error { return e.Loop(*o.Loop) })
	do(o.Code != nil, func() error { return e.LoopCode(*o.Code) })
	do(o.PRBS != nil, func() error { return e.PRBS(*o.PRBS) })
	do(o.Insert != nil, func() error { return e.Insert(o.Insert.Defect, o.Insert.N) })
	do(o.Patch != nil, func() error { e.c.SetPatch(*o.Patch); return nil })
	do(o.Fault != nil, func() error { return e.c.setFault(o.Fault.Direction, o.Fault.Fault) })
	do(o.Slip != nil, func() error { return e.c.slip(o.Slip.Direction, o.Slip.N) })
	a := answer{ID: o.ID, Format: e.Format(), Status: e.Status(), PRBS: e.PRBSResult()}
	if err := errors.Join(errs...); err != nil {
		a.Error, a.NotSupported = err.Error(), errors.Is(err, span.ErrNotSupported)
	}
	return a
}

// setFault and slip are for directions that come from a foreign process.
func (c *Cable) setFault(d Direction, f Fault) error {
	if d > BtoA {
		return fmt.Errorf("vspan: a cable has directions 0 and 1, not %d", d)
	}
	c.SetFault(d, f)
	return nil
}

func (c *Cable) slip(d Direction, n int) error {
	if d > BtoA {
		return fmt.Errorf("vspan: a cable has directions 0 and 1, not %d", d)
	}
	c.Slip(d, min(n, 1000))
	return nil
}

// restore makes the cable as new when a far process is gone that has given orders.
func (e *End) restore() {
	c := e.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if !e.byOrder {
		return
	}
	e.byOrder = false
	c.patch = Straight
	for d := range c.ways {
		c.ways[d].order(Fault{}, c.block)
	}
	e.format, e.looping, e.measure, e.insert = e.usual, looping{}, measuring{}, inserted{}
	c.refresh()
}
