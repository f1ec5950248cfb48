package farend

import (
	"time"

	"trunkbox/dsp"
)

// Number is what happens when the box dials a number. The zero values refuse nothing and answer at
// once.
type Number struct {
	Digits string        // the whole number; empty: any that is not in the table
	Alert  bool          // ALERTING, with ringback on the B channel
	After  time.Duration // from ALERTING (or CALL PROCEEDING) to the answer or the clearing
	Cause  int           // clear with this cause instead of answering; with Alert false and After 0 without a word before
	// AnnounceHz is what sounds with the clearing by Cause, as an announcement does that says why: DISCONNECT
	// with in-band information. 0: no announcement.
	AnnounceHz float64
	Talk       time.Duration // after the answer: clear with cause 16 then; 0: the box clears

	ToneHz float64 // sounds after the answer; 0: silence
	Echo   bool    // what is heard comes back after the answer
	Never  bool    // no answer and no clearing: CALL PROCEEDING and, with Alert, ALERTING only
}

// DefaultNumbers answer after two seconds with a tone of 1,000 Hz; 100NN clears with cause NN the way
// a carrier does, 10002 is unallocated with an announcement of 900 Hz, 10100 echoes, 10200 answers and clears five seconds later, 10300 rings for ever,
// 10400 answers at once.
var DefaultNumbers = []Number{
	{Digits: "10001", Cause: 1},
	{Digits: "10002", Cause: 1, After: 300 * time.Millisecond, AnnounceHz: 900},
	{Digits: "10017", Cause: 17, After: 300 * time.Millisecond},
	{Digits: "10018", Cause: 18, After: 8 * time.Second},
	{Digits: "10019", Cause: 19, After: 15 * time.Second, Alert: true},
	{Digits: "10021", Cause: 21, After: 2 * time.Second, Alert: true},
	{Digits: "10028", Cause: 28},
	{Digits: "10034", Cause: 34},
	{Digits: "10038", Cause: 38},
	{Digits: "10041", Cause: 41, After: 300 * time.Millisecond},
	{Digits: "10042", Cause: 42, After: 300 * time.Millisecond},
	{Digits: "10100", Alert: true, After: time.Second, Echo: true},
	{Digits: "10200", Alert: true, After: time.Second, Talk: 5 * time.Second, ToneHz: 1000},
	{Digits: "10300", Alert: true, Never: true},
	{Digits: "10400", ToneHz: 1000},
	{Alert: true, After: 2 * time.Second, ToneHz: 1000},
}

// number finds what to do about the digits dialled. A table without a row for any other number
// leaves those unallocated.
func (e *Exchange) number(digits string) Number {
	other := Number{Cause: 1}
	for _, n := range e.o.Numbers {
		switch n.Digits {
		case digits:
			return n
		case "":
			other = n
		}
	}
	return other
}

// ringback is what a caller hears while the called party is alerted: the tone plan of the law's home.
func ringback(law dsp.Law) dsp.Cadence {
	code := "CN"
	if law == dsp.MuLaw {
		code = "US"
	}
	country, _ := dsp.CountryByCode(code)
	return country.Ringback
}
