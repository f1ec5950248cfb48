package evidence

import "trunkbox/firmware/performance"

// sheet is what a report is written on: a PDF, or text.
type sheet interface {
	title(text string)
	heading(text string)
	paragraph(text string)
	table(t table)
	// bars draws quarter hours beside each other, each with its look.
	bars(bins []performance.Bin, legend string)
	// call is one failed call: its head, and the messages that were said.
	call(head, why string, steps []step)
}

// table is rows under heads. Exactly one column is the wide one, which takes the room that is left and folds.
type table struct {
	columns []tableColumn
	rows    [][]string
}

// tableColumn is one column of a table.
type tableColumn struct {
	head  string
	right bool // numbers stand at the right edge
	wide  bool
}

// step is one message of a ladder.
type step struct {
	at    string
	sent  bool
	said  string // in the words of the protocol
	plain string
}

// look of a quarter hour; the first that fits counts.
type look int

const (
	lookNothing look = iota // without data
	lookUnavailable
	lookSevere
	lookErrored
	lookFine
)

func lookOf(b performance.Bin) look {
	switch {
	case b.Measured == 0:
		return lookNothing
	case b.UAS > 0:
		return lookUnavailable
	case b.SES > 0:
		return lookSevere
	case b.ES > 0:
		return lookErrored
	}
	return lookFine
}
