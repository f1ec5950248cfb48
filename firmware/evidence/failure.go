package evidence

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"trunkbox/firmware/journal"
	"trunkbox/firmware/performance"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/trace"
)

// peoples are the causes that people give, not lines: what they mean is no fault of anybody's equipment.
var peoples = map[q850.Cause]bool{
	0: true, q850.UnallocatedNumber: true, 14: true, q850.NormalClearing: true, q850.UserBusy: true, q850.NoUserResponding: true,
	q850.NoAnswer: true, q850.SubscriberAbsent: true, q850.CallRejected: true, q850.NumberChanged: true, q850.Redirection: true,
	q850.RejectedByFeature: true, q850.NonSelectedUserClearing: true, q850.InvalidNumberFormat: true, q850.ResponseToStatusEnquiry: true,
	q850.NormalUnspecified: true, q850.OutgoingCallsBarred: true, q850.OutgoingCallsBarredInGroup: true,
	q850.IncomingCallsBarred: true, q850.IncomingCallsBarredInGroup: true,
}

// failed says whether a call came to nothing, or to its end, by a fault.
func failed(c journal.CDR) bool {
	return !peoples[q850.Cause(c.Cause)] || c.Outcome == journal.SystemError
}

// The two who can clear a call of a line.
const (
	byFar = "far"
	byBox = "box"
)

// clearedBy says whether the line brought the cause or the box gave up by itself, which it then has a reason for.
func clearedBy(c journal.CDR) string {
	theirs := c.Direction == "in" && c.EndedBy == "caller" || c.Direction == "out" && c.EndedBy == "called"
	if theirs && c.Reason == "" {
		return byFar
	}
	return byBox
}

// add counts a call; calls come newest first.
func (p *Pack) add(c journal.CDR, ladder func(journal.CDR) []trace.Row) {
	p.Calls++
	if !failed(c) {
		return
	}
	f := Failure{
		ID: c.ID, At: c.Arrived, Direction: c.Direction, Channel: c.Channel, Caller: c.Caller, Called: c.Called,
		Cause: q850.Cause(c.Cause), Location: q850.Location(c.Location), By: clearedBy(c), ZH: c.ReasonZH, EN: c.ReasonEN, Ladder: []trace.Row{},
	}
	p.tally(Cause{Cause: f.Cause, Location: f.Location, By: f.By})
	if len(p.Failures) >= maxFailures {
		return
	}
	if len(p.Failures) < Ladders && ladder != nil {
		rows := ladder(c)
		f.Ladder = append(f.Ladder, rows[:min(len(rows), LadderRows)]...)
	}
	p.Failures = append(p.Failures, f)
}

// tally counts one failed call by its cause.
func (p *Pack) tally(of Cause) {
	p.Failed++
	i := slices.IndexFunc(p.Causes, func(one Cause) bool {
		return one.Cause == of.Cause && one.Location == of.Location && one.By == of.By
	})
	if i < 0 {
		i = len(p.Causes)
		p.Causes = append(p.Causes, of)
	}
	p.Causes[i].Calls++
}

// addRefused counts a call that the line itself refused, for which there is no record but this event.
func (p *Pack) addRefused(e journal.Event) {
	if e.Kind != journal.LineFound || e.Fields["reason"] != string(journal.CallRefused) || e.Fields["line"] != p.Line {
		return
	}
	cause, err := strconv.Atoi(e.Fields["about"])
	if err != nil {
		return
	}
	p.Calls++
	p.tally(Cause{Cause: q850.Cause(cause), By: "box"})
}

func (p *Pack) sortCauses() {
	slices.SortStableFunc(p.Causes, func(a, b Cause) int {
		return cmp.Or(b.Calls-a.Calls, cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Location, b.Location), strings.Compare(a.By, b.By))
	})
}

// worst are the n bins with the most unavailable, then severely errored, then errored, then slipped seconds.
func worst(bins []performance.Bin, n int) []performance.Bin {
	bad := slices.DeleteFunc(slices.Clone(bins), func(b performance.Bin) bool { return b.ES+b.UAS == 0 })
	slices.SortStableFunc(bad, func(a, b performance.Bin) int {
		return cmp.Or(b.UAS-a.UAS, b.SES-a.SES, b.ES-a.ES, b.CSS-a.CSS, a.Start.Compare(b.Start))
	})
	return bad[:min(n, len(bad))]
}

func alarmsIn(e journal.Event) []string {
	if e.Kind != journal.LineAlarm || e.Fields["alarms"] == "" {
		return nil
	}
	return strings.Split(e.Fields["alarms"], "+")
}
