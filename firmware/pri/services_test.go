package pri

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q932"
)

// servicesTold is an event of services in words.
func servicesTold(event call.Event) string {
	switch e := event.(type) {
	case call.Named:
		return strings.TrimSpace("named " + e.Party.Digits + " " + e.Party.Name)
	case call.Texted:
		return "text " + e.Text
	case call.Charged:
		return fmt.Sprintf("charged %s %d %s free=%v none=%v", e.Charge.Phase, e.Charge.Units, e.Charge.Money, e.Charge.Free, e.Charge.None)
	case call.Forwarded:
		return strings.TrimSpace("forwarded " + e.Reason + " " + e.To.Digits)
	case call.Serviced:
		return strings.TrimSpace(fmt.Sprintf("%s done=%v %s %s", e.Service, e.Done, e.Reason, e.Detail))
	}
	return fmt.Sprintf("%T", event)
}

// NetworkTime notes the clock of the network.
func (e *end) NetworkTime(at time.Time, seconds bool) {
	e.note(fmt.Sprintf("clock %s %v", at.Format("2006-01-02 15:04:05"), seconds))
}

// element is a facility element as the far end writes it, in hex.
func element(t *testing.T, f q932.Facility) string {
	t.Helper()
	octets := f.AppendTo(nil)
	return fmt.Sprintf("1c%02x%s", len(octets), hex.EncodeToString(octets))
}

func invoke(t *testing.T, family q932.Family, id int, op q932.Operation) q932.Component {
	t.Helper()
	c, err := q932.NewInvoke(family, id, op)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func result(id int) q932.Facility { return q932.ETSI(q932.Component{Kind: q932.Result, ID: id}) }

func refusal(id, code int) q932.Facility {
	return q932.ETSI(q932.Component{Kind: q932.Error, ID: id, Code: q932.Code{Local: code}})
}

// The messages of services in the call with reference 5 of the far end, and in ours with reference 1.
const (
	facility5 = "08 02 00 05 62 "
	ours5     = "08 02 80 05 "
	proceed5  = ours5 + "02 " + ts1
	speech5   = setup5 + speech + ts1
)

func TestWhoACallWasFor(t *testing.T) {
	for _, c := range []struct {
		name, variant, setup string
		facility             func(*testing.T) string
		want                 call.Incoming
	}{
		{
			name: "redirecting number, no reply", variant: "euroisdn-e1",
			setup: called + "74 07 00 01 82 34 30 30 30",
			want:  call.Incoming{Diverted: &call.Diversion{By: call.Number{Digits: "4000"}, Reason: "no_reply", Count: 1}},
		},
		{
			name: "redirecting number kept back", variant: "euroisdn-e1",
			setup: called + "74 07 11 21 8f 34 30 30 30",
			want:  call.Incoming{Diverted: &call.Diversion{By: call.Number{Digits: "+4000", Restricted: true}, Reason: "unconditional", Count: 1}},
		},
		{
			name: "by operation", variant: "euroisdn-e1", setup: called,
			facility: func(t *testing.T) string {
				return element(t, q932.ETSI(invoke(t, q932.European, 1, q932.DivertingLeg2{
					Counter: 2, Reason: q932.WhenBusy, Diverting: &q932.Presented{Number: q932.PartyNumber{Plan: q932.PlanPublic, Digits: "4000"}},
					OriginallyCalled: &q932.Presented{Number: q932.PartyNumber{Plan: q932.PlanPublic, Type: 1, Digits: "4930123"}},
				})))
			},
			want: call.Incoming{Diverted: &call.Diversion{
				By: call.Number{Digits: "4000"}, First: call.Number{Digits: "+4930123"}, Reason: "busy", Count: 2,
			}},
		},
		{
			name: "QSIG: name and who diverted", variant: "qsig", setup: called,
			facility: func(t *testing.T) string {
				return element(t, q932.QSIG(q932.Discard,
					invoke(t, q932.Private, 1, q932.CallingName{Name: q932.Name{Text: "张三"}}),
					invoke(t, q932.Private, 2, q932.PrivateLeg2{
						Counter: 1, Reason: q932.WithoutReply, Diverting: &q932.Presented{Number: q932.PartyNumber{Digits: "8001"}},
						DivertingName: q932.Name{Text: "Ann"},
					})))
			},
			want: call.Incoming{
				Calling:  call.Number{Name: "张三"},
				Diverted: &call.Diversion{By: call.Number{Digits: "8001", Name: "Ann"}, Reason: "no_reply", Count: 1},
			},
		},
		{name: "text", variant: "euroisdn-e1", setup: called + "7e 06 04 68 65 6c 6c 6f", want: call.Incoming{Text: "hello"}},
		{name: "no text", variant: "euroisdn-e1", setup: called + "7e 04 00 01 02 03", want: call.Incoming{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			scripted(t, func(l *config.Line) { l.Variant = c.variant }, func(t *testing.T, user *end, x *exchange) {
				extra := ""
				if c.facility != nil {
					extra = c.facility(t)
				}
				// elements in the order of their identifiers: facility before the numbers
				x.say(setup5[:len(setup5)-len(complete)] + speech + ts1 + extra + c.setup)
				got := user.last().incoming
				if (got.Diverted == nil) != (c.want.Diverted == nil) || got.Diverted != nil && *got.Diverted != *c.want.Diverted {
					t.Errorf("diverted %+v", got.Diverted)
				}
				if got.Text != c.want.Text || got.Calling != c.want.Calling {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

func TestNamesThatComeLater(t *testing.T) {
	ni := func(l *config.Line) { l.Variant = "ni2" }
	scripted(t, ni, func(t *testing.T, user *end, x *exchange) {
		x.say(speech5 + "1c 15 9f 8b 01 00 a1 0f 02 01 01 06 07 2a 86 48 ce 15 00 04 0a 01 00" + called)
		if name := user.last().incoming.Calling.Name; name != "" {
			t.Errorf("named %s at once", name)
		}
		x.hears(proceed5)
		x.say(facility5 + "1c 12 9f 8b 01 00 a1 0c 02 01 02 02 01 00 80 04 41 43 4d 45")
		expect(t, "the caller", user.last(), "named  ACME")
		x.hears()
	})
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		p := user.dial(call.Outgoing{Called: "4001"})
		x.hears("08 02 00 01 05 *")
		x.say("08 02 80 01 02 " + ts1)
		x.say("08 02 80 01 07 28 03 42 6f 62 4c 06 21 83 34 30 30 32")
		expect(t, "the called", p, "proceeding, sounding, answered by 4002")
	})
	scripted(t, func(l *config.Line) { l.Variant = "qsig" }, func(t *testing.T, user *end, x *exchange) {
		p := user.dial(call.Outgoing{Called: "4001"})
		x.hears("08 02 00 01 05 *")
		x.say("08 02 80 01 02 " + ts1)
		x.say("08 02 80 01 07 " + element(t, q932.QSIG(q932.Discard, invoke(t, q932.Private, 1, q932.ConnectedName{Name: q932.Name{Text: "Bob"}}))))
		expect(t, "the called", p, "proceeding, named  Bob, sounding, answered")
		x.say("08 02 80 01 62 " + element(t, q932.QSIG(q932.Discard, invoke(t, q932.Private, 2, q932.TransferComplete{
			Other: q932.Presented{Number: q932.PartyNumber{Plan: q932.PlanPrivate, Digits: "8009"}}, Name: q932.Name{Text: "Eve"},
		}))))
		expect(t, "the called", p, "named 8009 Eve")
	})
}

func TestCharges(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		p := user.dial(call.Outgoing{Called: "4001"})
		x.hears("08 02 00 01 05 *")
		x.say("08 02 80 01 02 " + ts1)
		x.say("08 02 80 01 07 " + element(t, q932.ETSI(invoke(t, q932.European, 1, q932.AOCSCurrency{Tariffs: []q932.Tariff{
			{Item: q932.Communication, Kind: q932.Duration, Money: q932.Money{Currency: "CNY", Amount: 22, Multiplier: 1}, Every: time.Minute},
		}}))))
		x.say("08 02 80 01 62 1c 15 91 a1 12 02 01 02 02 01 22 30 0a a1 05 30 03 02 01 02 82 01 00")
		x.say("08 02 80 01 62 " + element(t, q932.ETSI(invoke(t, q932.European, 3, q932.AOCDCurrency{Charge: q932.Charge{Free: true}}))))
		x.say("08 02 80 01 45 08 02 80 90 " + element(t, q932.ETSI(invoke(t, q932.European, 4, q932.AOCECurrency{
			Charge: q932.Charge{Money: q932.Money{Currency: "EUR", Amount: 120, Multiplier: 1}},
		}))))
		expect(t, "the called", p, "proceeding, charged rates 0 CNY 0.22 / 60 s free=false none=false, sounding, answered, "+
			"charged so_far 2  free=false none=false, charged so_far 0  free=true none=false, "+
			"charged final 0 EUR 1.20 free=false none=false, cleared 16 by them")
	})
}

func TestMaliciousCallsAreReported(t *testing.T) {
	ask := ours5 + "62 1c 09 91 a1 06 02 01 01 02 01 03"
	for _, c := range []struct {
		name   string
		answer string // contents of the facility element
		want   string
	}{
		{"done", "91 a2 03 02 01 01", "report done=true"},
		{"refused", "91 a3 06 02 01 01 02 01 00", "report done=false service_refused the service is not subscribed"},
		{"not known", "91 a4 06 02 01 01 81 01 01", "report done=false service_unknown the service is not known there"},
		{"no answer", "", "report done=false network_unanswered"},
		{"another answer", "91 a2 03 02 01 07", "report done=false network_unanswered"},
	} {
		t.Run(c.name, func(t *testing.T) {
			scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
				x.say(speech5 + called)
				x.hears(proceed5)
				user.last().leg.(call.Networked).Report()
				x.hears(ask)
				if c.answer != "" {
					x.say(facility5 + fmt.Sprintf("1c %02x ", len(strings.ReplaceAll(c.answer, " ", ""))/2) + c.answer)
				}
				time.Sleep(serviceWait + time.Second)
				synctest.Wait()
				expect(t, "the caller", user.last(), c.want)
			})
		})
	}
	scripted(t, func(l *config.Line) { l.Variant = "ni2" }, func(t *testing.T, user *end, x *exchange) {
		x.say(speech5 + called)
		x.hears(proceed5)
		user.last().leg.(call.Networked).Report()
		x.hears()
		expect(t, "the caller", user.last(), "report done=false service_unknown")
	})
}

// two has a call of the far end answered, and one of ours.
func two(t *testing.T, user *end, x *exchange) (caller, calledParty *party) {
	t.Helper()
	x.say(speech5 + called)
	user.last().leg.Answer()
	x.say("08 02 00 05 0f")
	calledParty = user.dial(call.Outgoing{Called: "4001"})
	synctest.Wait()
	x.say("08 02 80 01 02 18 03 a9 83 82")
	x.say("08 02 80 01 07")
	x.mu.Lock()
	x.got = nil
	x.mu.Unlock()
	user.last().heard()
	calledParty.heard()
	return user.last(), calledParty
}

func TestTheNetworkJoinsTwoCalls(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		caller, called := two(t, user, x)
		caller.leg.(call.Networked).Merge(called.leg)
		x.hears("08 02 00 01 62 " + element(t, q932.ETSI(invoke(t, q932.European, 1, q932.LinkIDRequest{}))))
		link, err := q932.NewResult(q932.European, 1, q932.LinkID{Value: 77})
		if err != nil {
			t.Fatal(err)
		}
		x.say("08 02 80 01 62 " + element(t, q932.ETSI(link)))
		x.hears(ours5 + "62 " + element(t, q932.ETSI(invoke(t, q932.European, 1, q932.ExplicitECT{Link: 77}))))
		x.say("08 02 00 05 45 08 02 80 90" + element(t, result(1)))
		x.say("08 02 80 01 45 08 02 80 90")
		expect(t, "the caller", caller, "merge done=true, cleared 16 by them")
		expect(t, "the called", called, "cleared 16 by them")
	})
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		caller, called := two(t, user, x)
		caller.leg.(call.Networked).Merge(called.leg)
		x.hears("08 02 00 01 62 *")
		x.say("08 02 80 01 62 " + element(t, refusal(1, 10)))
		expect(t, "the caller", caller, "merge done=false service_refused another service stands against it")
		expect(t, "the called", called, "")
		x.hears()
	})
}

func TestTwoChannelsOfNationalISDN(t *testing.T) {
	scripted(t, func(l *config.Line) { l.Variant = "ni2" }, func(t *testing.T, user *end, x *exchange) {
		caller, called := two(t, user, x)
		caller.leg.(call.Networked).Merge(called.leg)
		x.hears(ours5 + "62 1c 14 91 a1 11 02 01 01 06 07 2a 86 48 ce 15 00 08 30 03 02 01 01")
		x.say(facility5 + element(t, result(1)))
		expect(t, "the caller", caller, "merge done=true")
		time.Sleep(clearWait + time.Second) // the network forgets to clear
		synctest.Wait()
		x.hears(ours5+"45 *", "08 02 00 01 45 *")
	})
}

func TestReleaseLinkTrunk(t *testing.T) {
	dms := func(l *config.Line) { l.Variant, l.NetworkTransfer = "dms100", true }
	scripted(t, dms, func(t *testing.T, user *end, x *exchange) {
		x.say(speech5 + called)
		user.last().leg.Answer()
		x.say("08 02 00 05 0f")
		caller, called := user.last(), user.dial(call.Outgoing{Called: "4001"})
		synctest.Wait()
		x.mu.Lock()
		setup := x.got[len(x.got)-1]
		x.got = nil
		x.mu.Unlock()
		if !strings.Contains(setup, "1c0a11bea106020101020101") {
			t.Errorf("SETUP %s does not ask for the call's identity", setup)
		}
		x.say("08 02 80 01 02 18 03 a9 83 82")
		id, err := q932.NewResult(q932.DMS, 1, q932.RLTCallID{ID: 0x010203})
		if err != nil {
			t.Fatal(err)
		}
		x.say("08 02 80 01 07 " + element(t, q932.DMS100(id)))
		x.hears("08 02 00 01 0f")
		caller.heard()
		caller.leg.(call.Networked).Merge(called.leg)
		x.hears(ours5 + "62 1c 14 11 be a1 10 02 01 02 02 01 02 30 08 80 03 01 02 03 81 01 00")
		x.say(facility5 + element(t, q932.DMS100(q932.Component{Kind: q932.Error, ID: 2, Code: q932.Code{Local: 0x10}})))
		expect(t, "the caller", caller, "merge done=false service_refused the calls could not be bridged")
	})
}

func TestAnUnansweredCallIsSentElsewhere(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		x.say(speech5 + called)
		x.hears(proceed5)
		user.last().leg.(call.Networked).Deflect("+8613900112233")
		want := q932.CallRerouteing{
			Reason: q932.Unconditional, To: q932.PartyNumber{Plan: q932.PlanPublic, Type: 1, Digits: "8613900112233"}, Counter: 1,
			Elements: []byte{4, 3, 0x80, 0x90, 0xa3}, Last: q932.Presented{Number: q932.PartyNumber{Plan: q932.PlanPublic, Digits: "4001"}},
			Notify: q932.WithoutNumber,
		}
		x.hears(ours5 + "62 " + element(t, q932.ETSI(invoke(t, q932.European, 1, want))))
		x.say("08 02 00 05 45 08 02 82 90 " + element(t, result(1)))
		expect(t, "the caller", user.last(), "deflect done=true, cleared 16 by them")
	})
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		x.say(speech5 + called)
		user.last().leg.(call.Networked).Deflect("123")
		x.say(facility5 + element(t, refusal(1, 12)))
		expect(t, "the caller", user.last(), "deflect done=false service_refused the call cannot be diverted to that number")
		user.last().leg.Answer() // nothing has changed
		x.say("08 02 00 05 0f")
		expect(t, "the caller", user.last(), "sounding")
		user.last().leg.(call.Networked).Deflect("123")
		synctest.Wait()
		expect(t, "the caller", user.last(), "deflect done=false service_unknown")
	})
}

func TestUnknownServices(t *testing.T) {
	unknown := q932.Component{Kind: q932.Invoke, ID: 9, Code: q932.Code{Local: 200}}
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		x.say(speech5 + element(t, q932.ETSI(unknown)) + called)
		x.hears(ours5+"62 1c 09 91 a4 06 02 01 09 81 01 01", proceed5)
		x.say(facility5 + "1c 0b 91 a1 08 02 01 0a 02 01 22 05 01") // ends too early
		x.say(facility5 + "1c 0c 91 a1 09 02 01 0a 02 01 22 02 01 07")
		x.hears(ours5 + "62 1c 09 91 a4 06 02 01 0a 81 01 02")
		x.say(facility5 + element(t, q932.ETSI(invoke(t, q932.European, 11, q932.MCIDRequest{}))))
		x.hears(ours5 + "62 1c 09 91 a3 06 02 01 0b 02 01 03")
		x.say(facility5 + element(t, q932.ETSI(q932.Component{Kind: q932.Result, ID: 99})))
		x.say(facility5 + "1c 02 92 00")
		x.hears()
		expect(t, "the caller", user.last(), "")
	})
	scripted(t, func(l *config.Line) { l.Variant = "qsig" }, func(t *testing.T, user *end, x *exchange) {
		x.say(speech5 + called)
		x.hears(proceed5)
		x.say(facility5 + element(t, q932.QSIG(q932.Discard, unknown)))
		x.hears()
		x.say(facility5 + element(t, q932.QSIG(q932.ClearCall, unknown)))
		x.hears(ours5 + "45 *")
	})
}

func TestTheFarEndHolds(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		x.say(speech5 + called)
		user.last().leg.Answer()
		x.say("08 02 00 05 0f")
		user.last().heard()
		x.hears(proceed5, ours5+"07")
		x.say("08 02 00 05 24")
		x.hears(ours5 + "28")
		x.say("08 02 00 05 31 18 03 a9 83 82") // to another channel
		x.hears(ours5 + "37 08 02 80 ac")
		x.say("08 02 00 05 31 18 03 a1 83 82")
		x.hears(ours5 + "33 " + ts1)
		x.say("08 02 00 05 6e 27 01 f9")
		x.say("08 02 00 05 6e 27 01 fa")
		expect(t, "the caller", user.last(), "held, resumed, held, resumed")
	})
}

func TestForwardedByTheCalledParty(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		p := user.dial(call.Outgoing{Called: "4001"})
		x.say("08 02 80 01 02 " + ts1)
		x.say("08 02 80 01 6e 27 01 fb")
		x.say("08 02 80 01 01 76 07 00 01 82 34 30 30 39")
		x.say("08 02 80 01 62 " + element(t, q932.ETSI(invoke(t, q932.European, 1, q932.DivertingLeg1{
			Reason: q932.WhenBusy, Notify: q932.WithNumber, To: &q932.Presented{Number: q932.PartyNumber{Digits: "4010"}},
		}))))
		expect(t, "the called", p, "proceeding, forwarded unknown, forwarded no_reply 4009, alerting, forwarded busy 4010")
	})
}

func TestTheNumberThatTheCallerIsTold(t *testing.T) {
	for number, want := range map[call.Number]string{
		{}:                                    "4c 06 01 80 34 30 30 31",
		{Digits: "+4930"}:                     "4c 06 11 80 34 39 33 30",
		{Digits: "4002", Restricted: true}:    "4c 06 01 a0 34 30 30 32",
		{Digits: "+493012", Restricted: true}: "4c 08 11 a0 34 39 33 30 31 32",
	} {
		scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
			x.say(speech5 + called)
			leg := user.last().leg
			leg.(call.Networked).ConnectAs(number)
			leg.Answer()
			x.hears(proceed5, ours5+"07 "+want)
		})
	}
}

func TestThePrivateExchangeIsToldTheNameOfWhoAnswers(t *testing.T) {
	for _, c := range []struct {
		name call.Number
		told q932.Name
		want string
	}{
		{call.Number{Name: "Ann"}, q932.Name{Text: "Ann"}, "4c 06 01 80 34 30 30 31"},
		{call.Number{Name: "Ann", Restricted: true}, q932.Name{Restricted: true}, "4c 06 01 a0 34 30 30 31"},
	} {
		scripted(t, func(l *config.Line) { l.Variant = "qsig" }, func(t *testing.T, user *end, x *exchange) {
			x.say(speech5 + called)
			leg := user.last().leg
			leg.(call.Networked).ConnectAs(c.name)
			leg.Answer()
			x.hears(proceed5, ours5+"07 "+element(t, q932.QSIG(q932.Discard, invoke(t, q932.Private, 1, q932.ConnectedName{Name: c.told})))+c.want)
		})
	}
}

func TestWhatTheCalledPartyIsTold(t *testing.T) {
	to := call.Outgoing{
		Called: "4001", Calling: call.Number{Digits: "8001", Name: "Ann"},
		Diverted: &call.Diversion{By: call.Number{Digits: "8002"}, Reason: "busy", Count: 1},
	}
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		user.dial(to)
		x.hears("08 02 00 01 05 a1 04 03 80 90 a3 18 03 a1 83 81 6c 06 01 80 38 30 30 31 70 05 81 34 30 30 31 74 07 01 00 81 38 30 30 32")
	})
	scripted(t, func(l *config.Line) { l.Variant = "qsig" }, func(t *testing.T, user *end, x *exchange) {
		user.dial(to)
		name := element(t, q932.QSIG(q932.Discard, invoke(t, q932.Private, 1, q932.CallingName{Name: q932.Name{Text: "Ann"}})))
		by := element(t, q932.QSIG(q932.Discard, invoke(t, q932.Private, 2, q932.PrivateLeg2{
			Counter: 1, Reason: q932.WhenBusy, Diverting: &q932.Presented{Number: q932.PartyNumber{Plan: q932.PlanPublic, Digits: "8002"}},
		})))
		x.hears("08 02 00 01 05 04 03 80 90 a3 18 03 a1 83 81 " + name + by + "6c 06 01 80 38 30 30 31 70 05 81 34 30 30 31")
	})
	to.Calling.Restricted, to.Diverted = true, nil
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		user.dial(to)
		x.hears("08 02 00 01 05 a1 04 03 80 90 a3 18 03 a1 83 81 6c 06 01 a0 38 30 30 31 70 05 81 34 30 30 31")
	})
}

func TestTheNetworksClock(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		user.notes()
		user.dial(call.Outgoing{Called: "4001"})
		x.say("08 02 80 01 02 " + ts1)
		x.say("08 02 80 01 07 29 05 1a 0b 16 08 1e")
		if notes := user.notes(); !strings.Contains(notes, "clock 2026-11-22 08:30:00 false") {
			t.Error(notes)
		}
	})
}

func TestAServiceOfACallThatIsOver(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		x.say(speech5 + called)
		p := user.last()
		p.leg.(call.Networked).Report()
		synctest.Wait()
		p.leg.Hangup(q850.NormalClearing)
		synctest.Wait()
		x.say(release5)
		p.leg.(call.Networked).Report()
		p.leg.(call.Networked).Deflect("1")
		p.leg.(call.Networked).Merge(p.leg)
		time.Sleep(serviceWait + time.Second)
		synctest.Wait()
		expect(t, "the caller", p, "cleared 16 by us")
	})
}
