// Package e2e holds the whole box as a process against the exchange at the far end of its virtual line and
// telephones on its network: what callers and agents hear and what the journal says of it.
//
// In: calls placed by test/farend and dialled by test/farend/phone. Out: verdicts. The box is asked through
// its page's API and its disk only.
//
// The tests keep real time: a second of speech takes a second. Times are never asserted.
//
// Each test has a box of its own, on ports and in a directory of its own.
package e2e
