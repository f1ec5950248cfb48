package vspan

import (
	"context"
	"fmt"
	"io"
	"sync"
	"syscall"
	"time"

	"trunkbox/drivers/span"
)

// answerWait is how long an order waits for its answer, which comes between blocks.
const answerWait = 3 * time.Second

// remote is what a Far knows of its orders under way.
type remote struct {
	mu      sync.Mutex
	last    uint64 // id of the last order
	waiting map[uint64]chan answer
}

// ask sends an order and waits for its answer, which Tick fetches.
func (f *Far) ask(o order) (answer, error) {
	came := make(chan answer, 1)
	f.orders.mu.Lock()
	f.orders.last++
	o.ID = f.orders.last
	if f.orders.waiting == nil {
		f.orders.waiting = make(map[uint64]chan answer)
	}
	f.orders.waiting[o.ID] = came
	f.orders.mu.Unlock()
	defer func() {
		f.orders.mu.Lock()
		defer f.orders.mu.Unlock()
		delete(f.orders.waiting, o.ID)
	}()
	octets, err := writeControl(orderMagic, o)
	if err != nil {
		return answer{}, err
	}
	var sent error
	err = f.raw.Write(func(fd uintptr) bool {
		_, sent = syscall.SendmsgN(int(fd), octets, nil, nil, syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL)
		return sent != syscall.EAGAIN
	})
	if f.ended() {
		return answer{}, io.EOF
	}
	if err == nil {
		err = sent
	}
	if err != nil {
		return answer{}, fmt.Errorf("vspan: an order to the line of %s: %w", f.name, err)
	}
	late := time.NewTimer(answerWait)
	defer late.Stop()
	select {
	case a := <-came:
		return a, a.err()
	case <-f.gone:
		return answer{}, io.EOF
	case <-late.C:
		return answer{}, fmt.Errorf("vspan: the line of %s has not answered in %v: does anybody tick?", f.name, answerWait)
	}
}

// answered hands an answer to who waits for it.
func (f *Far) answered(a answer) {
	f.orders.mu.Lock()
	defer f.orders.mu.Unlock()
	if came := f.orders.waiting[a.ID]; came != nil {
		came <- a
		delete(f.orders.waiting, a.ID)
	}
}

// do sends an order of which only the error matters.
func (f *Far) do(o order) error {
	_, err := f.ask(o)
	return err
}

// The orders of a Far need somebody who ticks it, and wait for the cable's answer. A Far sees the
// far end's side: it is end B of the cable.

// SetFault orders what is wrong with one direction of the cable.
func (f *Far) SetFault(d Direction, fault Fault) error {
	return f.do(order{Fault: &faultOrder{d, fault}})
}

// SetPatch changes the wiring of the cable.
func (f *Far) SetPatch(p Patch) error { return f.do(order{Patch: &p}) }

// Slip orders n controlled slips.
func (f *Far) Slip(d Direction, n int) error { return f.do(order{Slip: &slipOrder{d, n}}) }

// Format is what is in force at the far end; the zero value when the cable does not answer.
func (f *Far) Format() span.Format {
	a, _ := f.ask(order{})
	return a.Format
}

// Formats are all that the kind can have.
func (f *Far) Formats() span.Choices { return f.kind.Choices() }

// Tune changes the format of the far end.
func (f *Far) Tune(format span.Format) error {
	a, err := f.ask(order{Format: &format})
	if err == nil {
		f.d.tune(a.Format) // the D channel's octets are made here
	}
	return err
}

// Maintenance says what can be done.
func (*Far) Maintenance() span.Capabilities { return capabilities() }

// Loop sets the loop of the far end.
func (f *Far) Loop(l span.Loop) error { return f.do(order{Loop: &l}) }

// LoopCode sends the code for five seconds.
func (f *Far) LoopCode(up bool) error { return f.do(order{Code: &up}) }

// PRBS switches the sequence.
func (f *Far) PRBS(on bool) error { return f.do(order{PRBS: &on}) }

// PRBSResult is what the far end's checker has counted.
func (f *Far) PRBSResult() span.PRBSResult {
	a, _ := f.ask(order{})
	return a.PRBS
}

// Insert sends n defects.
func (f *Far) Insert(d span.Defect, n int) error {
	return f.do(order{Insert: &insertOrder{d, n}})
}

// Seen is the status of the far end as its framer has it. Status knows only what has crossed the
// socket.
func (f *Far) Seen() (span.Status, error) {
	a, err := f.ask(order{})
	return a.Status, err
}

// Sample copies what is received.
func (f *Far) Sample(ctx context.Context, blocks []span.Block) (span.Slotset, error) {
	return sampled(f.kind), f.tap.Draw(ctx, blocks, f.ended)
}

// SampleD copies the D channel's timeslot.
func (f *Far) SampleD(ctx context.Context, blocks []span.Block) error {
	return f.tap.Draw(ctx, blocks, f.ended)
}

var (
	_ span.Maintainer = (*Far)(nil)
	_ span.Tuner      = (*Far)(nil)
	_ span.Sampler    = (*Far)(nil)
)
