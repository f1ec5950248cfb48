package exchange

import (
	"log/slog"
	"strings"
	"testing"

	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
)

// testLeg is a leg that notes what is asked of it.
type testLeg struct {
	name  string
	asked []string
}

func (l *testLeg) note(what string)    { l.asked = append(l.asked, what) }
func (l *testLeg) Name() string        { return l.name }
func (l *testLeg) Remote() call.Number { return call.Number{Digits: "13900112233"} }
func (l *testLeg) Sound() bridge.Port  { return nil }
func (l *testLeg) Alert()              { l.note("alert") }
func (l *testLeg) Progress()           { l.note("progress") }
func (l *testLeg) Answer()             { l.note("answer") }
func (l *testLeg) Hangup(q850.Cause)   { l.note("hangup") }

// lineLeg is a leg of a line.
type lineLeg struct{ testLeg }

func (l *lineLeg) Report()              { l.note("report") }
func (l *lineLeg) Merge(other call.Leg) { l.note("merge " + other.Name()) }
func (l *lineLeg) Deflect(to string)    { l.note("deflect " + to) }

func (l *lineLeg) ConnectAs(now call.Number) {
	if now.Restricted {
		now.Name = "hidden"
	}
	l.note("connect as " + now.Name)
}

func (l *testLeg) heard() string {
	all := strings.Join(l.asked, ", ")
	l.asked = nil
	return all
}

// servicesExchange is an exchange with a line that nobody can dial over, and a journal.
func servicesExchange(t *testing.T, transfer bool) *Exchange {
	t.Helper()
	j, _, err := journal.Open(t.TempDir(), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	log := slog.New(slog.DiscardHandler)
	store, _, err := config.Open(t.TempDir(), log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	engine, err := bridge.New(80, log)
	if err != nil {
		t.Fatal(err)
	}
	x := &Exchange{Options: Options{Journal: j, Store: store, Log: log}, loop: call.NewLoop(), calls: map[string]*Call{}, engine: engine}
	x.ids = call.NewIDs(x.started)
	x.settings = config.Default("CN", "en")
	x.settings.Agents = []config.Agent{{Extension: "201", HideNumber: true}, {Extension: "202", Name: "Bob"}}
	x.settings.Features.Malicious = "*39"
	x.lines = map[string]*line{"line1": {settings: config.Line{Name: "line1", NetworkTransfer: transfer}}}
	return x
}

// story is the call's events since the last time, kinds with state and reason.
func story(t *testing.T, x *Exchange) string {
	t.Helper()
	var all []string
	for e, err := range x.Journal.Read(1) {
		if err != nil {
			t.Fatal(err)
		}
		words := []string{string(e.Kind)}
		for _, name := range []string{"by", "state", "caller", "called", "to", "name", "text", "amount", "units", "reason", "about"} {
			if v := e.Fields[name]; v != "" {
				words = append(words, v)
			}
		}
		all = append(all, strings.Join(words, " "))
	}
	return strings.Join(all, "\n")
}

// arrived is an unanswered call on timeslot 1 of line1.
func arrived(x *Exchange, in call.Incoming) (*Call, *lineLeg) {
	leg := &lineLeg{testLeg{name: "line1/ts01"}}
	in.Leg, in.Trunk, in.Called = leg, "line1", "88886500"
	c := x.newCall(in, "in")
	x.calls[c.id] = c
	return c, leg
}

func expectStory(t *testing.T, x *Exchange, want ...string) {
	t.Helper()
	if got := story(t, x); got != strings.Join(want, "\n") {
		t.Errorf("the journal tells\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestWhatACallTellsOfItself(t *testing.T) {
	x := servicesExchange(t, false)
	c, leg := arrived(x, call.Incoming{
		Calling: call.Number{Digits: "13900112233"}, Text: "hello",
		Diverted: &call.Diversion{By: call.Number{Digits: "4000", Name: "Ann"}, Reason: "busy", Count: 1},
	})
	c.note(journal.CallArrived, "caller", c.calling.Digits)
	c.noteServices()
	c.from(leg, call.Named{Party: call.Number{Name: "ACME"}})
	c.from(leg, call.Texted{Text: "again"})
	c.from(leg, call.Charged{Charge: call.Charge{Phase: "so_far", Units: 2}})
	now := c.now()
	if now.Diverted != "4000" || now.DivertedName != "Ann" || now.DivertedReason != "busy" || now.Text != "again" || now.Charge != "2" || now.CallerName != "ACME" {
		t.Errorf("%+v", now)
	}
	c.end(ending{cause: q850.NormalClearing, by: "agent"})
	c.from(leg, call.Charged{Charge: call.Charge{Phase: "final", Money: "EUR 1.20"}})
	c.from(leg, call.Named{Party: call.Number{Name: "too late"}})
	expectStory(t, x,
		"call_arrived 13900112233", "call_diverted 4000 Ann diverted_busy", "call_text caller hello", "call_named caller ACME", "call_text caller again",
		"call_charged so_far 2", "call_ended agent", "call_charged final EUR 1.20")
	if record, _, found := x.Journal.Call(c.id); !found || record.Charge != "EUR 1.20" || record.Diverted != "4000" {
		t.Errorf("%+v", record)
	}
}

func TestAWithheldDiverterIsForgotten(t *testing.T) {
	x := servicesExchange(t, false)
	c, leg := arrived(x, call.Incoming{
		Calling:  call.Number{Restricted: true},
		Diverted: &call.Diversion{By: call.Number{Digits: "4000", Name: "Ann", Restricted: true}, Reason: "no_reply"},
	})
	c.noteServices()
	c.from(leg, call.Named{Party: call.Number{Name: "ACME"}})
	if now := c.now(); now.Diverted != "" || now.DivertedName != "" || now.CallerName != "" {
		t.Errorf("%+v", now)
	}
	expectStory(t, x, "call_diverted diverted_no_reply")
}

func TestTheNetworkTakesACallElsewhere(t *testing.T) {
	x := servicesExchange(t, true)
	c, leg := arrived(x, call.Incoming{})
	c.goTo(config.Destination{Kind: "outside", Target: "13900112233"})
	if got := leg.heard(); got != "deflect 13900112233" {
		t.Errorf("the leg was asked %s", got)
	}
	c.from(leg, call.Serviced{Service: call.Deflect, Done: true})
	c.from(leg, call.Cleared{Cause: q850.NormalClearing, Remote: true})
	expectStory(t, x, "call_deflected asked 13900112233", "call_deflected done 13900112233", "call_ended network taken_elsewhere 13900112233")
}

// TestACallThatTheNetworkDoesNotTakeIsDialled: here over no line, since there is none to dial over.
func TestACallThatTheNetworkDoesNotTakeIsDialled(t *testing.T) {
	x := servicesExchange(t, true)
	c, leg := arrived(x, call.Incoming{Diverted: &call.Diversion{Reason: "busy", Count: 2}})
	c.goTo(config.Destination{Kind: "outside", Target: "13900112233"})
	c.from(leg, call.Serviced{Service: call.Deflect, Reason: "service_refused"})
	if c.route == nil || c.route.number != "13900112233" || c.route.diverted.Count != 3 || c.route.diverted.By.Digits != "88886500" {
		t.Errorf("%+v", c.route)
	}
	expectStory(t, x, "call_deflected asked 13900112233", "call_deflected refused 13900112233 service_refused", "call_ended box no_line")
}

func TestAnAnsweredCallIsNotDeflected(t *testing.T) {
	x := servicesExchange(t, true)
	c, leg := arrived(x, call.Incoming{})
	c.answered = true
	c.goOutside("13900112233")
	if got := leg.heard(); strings.Contains(got, "deflect") {
		t.Errorf("the leg was asked %s", got)
	}
}

// joinedOutside is a call whose sides are both on lines.
func joinedOutside(t *testing.T, transfer bool, second string) (*Exchange, *Call, *lineLeg, *lineLeg) {
	t.Helper()
	x := servicesExchange(t, transfer)
	c, leg := arrived(x, call.Incoming{})
	other := &lineLeg{testLeg{name: second}}
	c.other = call.NewSide(other, "", x.engine)
	c.join("13900112233")
	c.askToMerge()
	return x, c, leg, other
}

func TestTheNetworkJoinsBothParties(t *testing.T) {
	x, c, leg, other := joinedOutside(t, true, "line1/ts02")
	if got := leg.heard(); got != "merge line1/ts02" {
		t.Errorf("the leg was asked %s", got)
	}
	c.from(leg, call.Serviced{Service: call.Merge, Done: true})
	c.from(leg, call.Cleared{Cause: q850.NormalClearing, Remote: true})
	if !strings.Contains(other.heard(), "hangup") {
		t.Error("the other leg was left")
	}
	expectStory(t, x, "call_merged asked", "call_merged done", "call_ended network joined_by_network")
}

func TestARefusedJoiningChangesNothing(t *testing.T) {
	x, c, leg, other := joinedOutside(t, true, "line1/ts02")
	c.from(leg, call.Serviced{Service: call.Merge, Reason: "service_unknown"})
	if c.ended || strings.Contains(other.heard(), "hangup") || c.joinedTo(c.caller) != c.other {
		t.Error("they are no longer joined")
	}
	c.from(leg, call.Cleared{Cause: q850.NormalClearing, Remote: true})
	expectStory(t, x, "call_merged asked", "call_merged refused service_unknown", "call_ended caller")
}

func TestNobodyAsksToJoinWhereItCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		transfer bool
		second   string
	}{"not set": {false, "line1/ts02"}, "another line": {true, "line2/ts01"}} {
		_, _, leg, _ := joinedOutside(t, c.transfer, c.second)
		if got := leg.heard(); strings.Contains(got, "merge") {
			t.Errorf("%s: the leg was asked %s", name, got)
		}
	}
}

func TestLinesOfOneGroupShareTheirSignalling(t *testing.T) {
	x := &Exchange{lines: map[string]*line{
		"line1": {settings: config.Line{Group: "a"}}, "line2": {settings: config.Line{Group: "a"}}, "line3": {settings: config.Line{Group: "b"}}, "line4": {}, "line5": {},
	}}
	for pair, want := range map[[2]string]bool{
		{"line1", "line1"}: true, {"line1", "line2"}: true, {"line1", "line3"}: false, {"line4", "line4"}: true, {"line4", "line5"}: false, {"line1", "gone"}: false,
	} {
		if got := x.shareSignalling(pair[0], pair[1]); got != want {
			t.Errorf("%v: %v", pair, got)
		}
	}
}

func TestAnAgentReportsAMaliciousCall(t *testing.T) {
	x := servicesExchange(t, false)
	c, leg := arrived(x, call.Incoming{})
	agent := &testLeg{name: "phone 201"}
	c.other = call.NewSide(agent, "201", x.engine)
	c.join("201")
	for _, key := range "*39" {
		c.from(agent, call.Digit{Key: byte(key)})
	}
	if got := leg.heard(); got != "report" {
		t.Errorf("the leg was asked %s", got)
	}
	c.from(leg, call.Serviced{Service: call.Report, Done: true})
	expectStory(t, x, "key_heard", "key_heard", "key_heard", "call_reported asked", "call_reported done")
}

func TestAPhoneCannotBeReported(t *testing.T) {
	x := servicesExchange(t, false)
	caller := &testLeg{name: "phone 202"}
	c := x.newCall(call.Incoming{Leg: caller, Phone: "202", Called: "201"}, "internal")
	agent := &testLeg{name: "phone 201"}
	c.other = call.NewSide(agent, "201", x.engine)
	c.join("201")
	c.report(c.other, "")
	expectStory(t, x, "call_reported refused service_unknown")
}

func TestAPrivateExchangeIsToldTheCallersName(t *testing.T) {
	x := servicesExchange(t, false)
	c := x.newCall(call.Incoming{Leg: &testLeg{name: "phone 202"}, Phone: "202", Calling: call.Number{Digits: "202", Name: "Bob"}}, "out")
	c.route = &outward{calling: call.Number{Digits: "5551000"}, over: "line1"}
	if got := c.callingOver(c.route); got != (call.Number{Digits: "5551000"}) {
		t.Errorf("%+v", got)
	}
	x.lines["line1"].settings.Variant = "qsig"
	if got := c.callingOver(c.route); got != (call.Number{Digits: "5551000", Name: "Bob"}) {
		t.Errorf("%+v", got)
	}
	c.route.calling.Restricted = true
	if got := c.callingOver(c.route); got.Name != "" {
		t.Errorf("%+v", got)
	}
}

func TestTheCallerIsNotToldAHiddenNumber(t *testing.T) {
	x := servicesExchange(t, false)
	c, leg := arrived(x, call.Incoming{})
	c.connectAs("202")
	if got := leg.heard(); got != "" {
		t.Errorf("the leg was asked %s", got)
	}
	c.connectAs("201")
	if got := leg.heard(); got != "connect as hidden" {
		t.Errorf("the leg was asked %q", got)
	}
	x.lines["line1"].settings.Variant = "qsig"
	c.connectAs("202")
	if got := leg.heard(); got != "connect as Bob" {
		t.Errorf("the leg was asked %q", got)
	}
}
