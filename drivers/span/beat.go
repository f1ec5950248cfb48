package span

import "errors"

// Beat is what the ticks of several lines are counted by. They fall due at the same moments, so that one thread can wait
// for all of them and make them one after the other.
type Beat interface {
	// Count is how many ticks have fallen due since the beat began.
	Count() uint64
	// Wait returns when Count is n or more. It makes no allocation.
	Wait(n uint64)
}

// InStep is a Line that may have its beat in common with others.
type InStep interface {
	// Beat waits until the line is open and returns what its ticks are counted by; lines that return the same, which can be
	// compared, are in step; nil: the line has a clock of its own. The error is io.EOF after Close.
	Beat() (Beat, error)

	// TickAt makes the tick of number n, which is due and comes after that of any call before, if beat is the line's.
	// It does not wait, and returns what Tick does; or ErrOutOfStep if the line is not open, or has not that beat.
	TickAt(beat Beat, n uint64, rx, tx *Block) error
}

// ErrOutOfStep says that a line is not ticked by the beat given, or no longer.
var ErrOutOfStep = errors.New("the line is not in step")
