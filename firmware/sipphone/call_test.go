package sipphone

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"trunkbox/dsp"
	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
)

// talking brings up a call of the phone: 200, ACK, Sounding.
func (p *phone) talking(b *box, calls <-chan *taken, more ...string) *taken {
	p.t.Helper()
	p.anew()
	p.send(p.request("INVITE", "sip:9001@box.test", p.sdp(), more...))
	m := p.read("401")
	p.sendFor(m, "ACK", "sip:9001@box.test")
	c := m.all("WWW-Authenticate")[0]
	p.send(p.request("INVITE", "sip:9001@box.test", p.sdp(), append(more, p.credentials(c, "INVITE", "sip:9001@box.test", "00000001"))...))
	k := b.next(calls)
	k.Leg.Answer()
	p.confirm(p.read("200"))
	p.send(p.request("ACK", p.target, ""))
	event[call.Sounding](p.t, k.events)
	return k
}

func TestPhoneCalls(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	calls := b.calls()
	p := b.phone("201")
	if res := p.invite("%239001*", p.sdp()); !strings.Contains(res.first, "100") {
		t.Fatalf("%s", res)
	}
	k := b.next(calls)
	if k.Called != "#9001*" || k.Phone != "201" || k.Calling.Name != "王芳" || k.Leg.Name() != "phone 201" || k.Leg.Sound() != nil {
		t.Errorf("%+v", k.Incoming)
	}
	k.Leg.Alert()
	k.Leg.Alert()
	if res := p.read("SIP/2.0"); !strings.Contains(res.first, "180") || res.body != "" {
		t.Fatalf("%s", res)
	}
	k.Leg.Progress()
	early := p.read("SIP/2.0")
	if !strings.Contains(early.first, "183") || !strings.Contains(early.body, "RTP/AVP 8 101") {
		t.Fatalf("%s", early)
	}
	event[call.Sounding](t, k.events)
	if k.Leg.Sound() == nil || k.Leg.Sound().Law() != dsp.ALaw {
		t.Error("no sound after Sounding")
	}
	k.Leg.Answer()
	res := p.read("SIP/2.0")
	if !strings.Contains(res.first, "200") || res.body != early.body {
		t.Fatalf("%s", res)
	}
	p.confirm(res)
	p.send(p.request("ACK", p.target, ""))
	k.Leg.Hangup(q850.UserBusy)
	bye := p.read("BYE")
	if !strings.Contains(bye.header("Reason"), "Q.850;cause=17") {
		t.Errorf("Reason %q", bye.header("Reason"))
	}
	p.send(p.answerTo(bye, "200 OK", ""))
	if c := event[call.Cleared](t, k.events); c.Cause != q850.UserBusy || c.Remote {
		t.Errorf("%+v", c)
	}
	b.await("everything to be given back", func() bool {
		taken, _ := b.rules.Load().ports.Taken()
		b.Server.mu.Lock()
		defer b.Server.mu.Unlock()
		return taken == 0 && len(b.legs) == 0 && len(b.live) == 0
	})
}

func TestPhoneHangsUpWithACause(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	calls := b.calls()
	p := b.phone("201")
	for reason, want := range map[string]q850.Cause{"": q850.NormalClearing, "Q.850;cause=31": q850.NormalUnspecified, `SIP;cause=200, Q.850;cause=17;text="busy"`: q850.UserBusy} {
		k := p.talking(b, calls)
		var more []string
		if reason != "" {
			more = []string{"Reason: " + reason}
		}
		p.send(p.request("BYE", p.target, "", more...))
		p.read("200")
		if c := event[call.Cleared](t, k.events); c.Cause != want || !c.Remote || c.Location != q850.User {
			t.Errorf("%q: %+v", reason, c)
		}
	}
}

func TestPhoneCancels(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	calls := b.calls()
	p := b.phone("201")
	uri := "sip:9001@box.test"
	p.send(p.request("INVITE", uri, p.sdp()))
	m := p.read("401")
	p.sendFor(m, "ACK", uri)
	invite := p.request("INVITE", uri, p.sdp(), p.credentials(m.all("WWW-Authenticate")[0], "INVITE", uri, "00000001"))
	p.send(invite)
	k := b.next(calls)
	k.Leg.Alert()
	p.read("180")
	head, _, _ := strings.Cut(invite, "\r\nContact")
	p.send(strings.NewReplacer("INVITE sip", "CANCEL sip", " INVITE", " CANCEL").Replace(head) + "\r\nReason: Q.850;cause=31\r\nContent-Length: 0\r\n\r\n")
	p.read("200")
	res := p.read("487")
	p.sendFor(res, "ACK", uri)
	if c := event[call.Cleared](t, k.events); c.Cause != q850.NormalUnspecified || !c.Remote {
		t.Errorf("%+v", c)
	}
	k.Leg.Answer() // too late: nothing happens
	if m, ok := p.readWithin("SIP/2.0 200", 100*time.Millisecond); ok {
		t.Errorf("%s", m.first)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	p := b.phone("201")
	for _, c := range []struct {
		name, digits, body string
		more               []string
		want               string
	}{
		{"nobody takes calls", "9001", p.sdp(), nil, "403"},
		{"no digits", "nobody", p.sdp(), nil, "484"},
		{"no G.711", "9001", strings.Replace(p.sdp(), "8 0 101", "18", 1), nil, "488"},
		{"unknown body", "9001", "hello", []string{"Content-Type: text/plain"}, "415"},
		{"unknown extension", "9001", p.sdp(), []string{"Require: 100rel"}, "420"},
		{"session timer too brief", "9001", p.sdp(), []string{"Supported: timer", "Session-Expires: 30"}, "422"},
	} {
		res := p.invite(c.digits, c.body, c.more...)
		for strings.Contains(res.first, " 100 ") {
			res = p.read("SIP/2.0")
		}
		if !strings.Contains(res.first, c.want) {
			t.Errorf("%s: %s, want %s", c.name, res.first, c.want)
		}
		p.sendFor(res, "ACK", "sip:"+c.digits+"@box.test")
		if c.want == "422" && res.header("Min-SE") != "90" {
			t.Errorf("422 with Min-SE %q", res.header("Min-SE"))
		}
	}
	calls := b.calls()
	for cause, want := range map[q850.Cause]string{q850.UserBusy: "486", q850.UnallocatedNumber: "404", q850.NoCircuit: "503"} {
		p.invite("9001", p.sdp())
		k := b.next(calls)
		k.Leg.Hangup(cause)
		res := p.read("SIP/2.0 " + want)
		p.sendFor(res, "ACK", "sip:9001@box.test")
		if !strings.Contains(res.header("Reason"), fmt.Sprintf("Q.850;cause=%d", cause)) {
			t.Errorf("%v: %s", cause, res)
		}
		if c := event[call.Cleared](t, k.events); c.Cause != cause {
			t.Errorf("%+v", c)
		}
	}
}

func TestLateOffer(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	calls := b.calls()
	p := b.phone("201")
	p.invite("9001", "")
	k := b.next(calls)
	k.Leg.Progress() // cannot be early: it rings instead
	p.read("180")
	k.Leg.Answer()
	res := p.read("200")
	if !strings.Contains(res.body, "RTP/AVP 8 0 101") {
		t.Errorf("no offer of ours:\n%s", res)
	}
	p.confirm(res)
	p.send(p.request("ACK", p.target, strings.Replace(p.sdp(), "8 0 101", "0", 1)))
	event[call.Sounding](t, k.events)
	if k.Leg.Sound().Law() != dsp.MuLaw {
		t.Error("the phone chose µ-law")
	}
}

func TestAnswerIsRepeatedUntilACK(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	calls := b.calls()
	p := b.phone("201")
	p.invite("9001", p.sdp())
	k := b.next(calls)
	k.Leg.Answer()
	p.read("200")
	res := p.read("200")
	p.confirm(res)
	p.send(p.request("ACK", p.target, ""))
	event[call.Sounding](t, k.events)
	k.Leg.Hangup(q850.NormalClearing)
	p.send(p.answerTo(p.read("BYE"), "200 OK", ""))
	event[call.Cleared](t, k.events)
}

func TestHoldResumeAndCodecChange(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	calls := b.calls()
	p := b.phone("201")
	k := p.talking(b, calls)
	again := func(body string) message {
		p.send(p.request("INVITE", p.target, body))
		res := p.read("SIP/2.0 200")
		p.send(p.request("ACK", p.target, ""))
		return res
	}
	if res := again(p.sdp("a=sendonly")); !strings.Contains(res.body, "a=recvonly") {
		t.Errorf("%s", res.body)
	}
	event[call.Held](t, k.events)
	again(p.sdp("a=inactive")) // still held: nothing new
	if res := again(p.sdp()); !strings.Contains(res.body, "a=sendrecv") {
		t.Errorf("%s", res.body)
	}
	event[call.Resumed](t, k.events)
	again(strings.Replace(p.sdp(), "c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0", 1))
	event[call.Held](t, k.events)
	again(p.sdp())
	event[call.Resumed](t, k.events)
	if res := again(strings.Replace(p.sdp(), "8 0 101", "0 101", 1)); !strings.Contains(res.body, "RTP/AVP 0 101") {
		t.Errorf("%s", res.body)
	}
	p.send(p.request("UPDATE", p.target, p.sdp("a=sendonly")))
	if res := p.read("200"); !strings.Contains(res.body, "a=recvonly") {
		t.Errorf("UPDATE: %s", res)
	}
	event[call.Held](t, k.events)
	p.send(p.request("INVITE", p.target, strings.Replace(p.sdp(), "8 0 101", "18", 1)))
	res := p.read("488") // the call goes on
	p.sendFor(res, "ACK", p.target)
	p.send(p.request("INVITE", p.target, ""))
	if res := p.read("SIP/2.0 200"); !strings.Contains(res.body, "RTP/AVP 8 0 101") {
		t.Errorf("re-INVITE without an offer: %s", res)
	}
	p.send(p.request("ACK", p.target, p.sdp()))
	event[call.Resumed](t, k.events)
	p.cseq -= 4
	p.send(p.request("BYE", p.target, ""))
	p.read("500") // an old CSeq
	p.cseq += 4
	p.send(p.request("BYE", p.target, ""))
	p.read("200")
	event[call.Cleared](t, k.events)
}

func TestBlindTransfer(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	calls := b.calls()
	p := b.phone("201")
	k := p.talking(b, calls)
	p.send(p.request("REFER", p.target, "", "Refer-To: <sip:202@box.test?Replaces=x%40y>"))
	p.read("501")
	p.send(p.request("REFER", p.target, ""))
	p.read("400")
	p.send(p.request("REFER", p.target, "", "Refer-To: <sip:202@box.test>"))
	p.read("202")
	n := p.read("NOTIFY")
	if !strings.HasPrefix(n.body, "SIP/2.0 100 Trying") || !strings.HasPrefix(n.header("Subscription-State"), "active") || !strings.HasPrefix(n.header("Event"), "refer;id=") {
		t.Errorf("%s", n)
	}
	p.send(p.answerTo(n, "200 OK", ""))
	if e := event[call.Transfer](t, k.events); e.Target != "202" {
		t.Errorf("%+v", e)
	}
	k.Leg.Hangup(q850.NormalClearing)
	n = p.read("NOTIFY")
	if !strings.HasPrefix(n.body, "SIP/2.0 200 OK") || !strings.HasPrefix(n.header("Subscription-State"), "terminated") {
		t.Errorf("%s", n)
	}
	p.send(p.answerTo(n, "200 OK", ""))
	p.send(p.answerTo(p.read("BYE"), "200 OK", ""))
	event[call.Cleared](t, k.events)
}

func TestKeysBySIPInfo(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	calls := b.calls()
	p := b.phone("201")
	k := p.talking(b, calls)
	for _, c := range []struct{ kind, body, want, key string }{
		{"application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "200", "5"},
		{"application/dtmf-relay", "Signal= *\nDuration= 100\n", "200", "*"},
		{"application/dtmf-relay", "Signal=11\r\n", "200", "#"},
		{"application/dtmf", "9", "200", "9"},
		{"application/dtmf-relay", "Signal=99\r\n", "400", ""},
		{"text/plain", "5", "415", ""},
	} {
		p.send(p.request("INFO", p.target, c.body, "Content-Type: "+c.kind))
		if res := p.read("SIP/2.0"); !strings.Contains(res.first, c.want) {
			t.Errorf("%q: %s", c.body, res.first)
		}
		if c.key != "" {
			if e := event[call.Digit](t, k.events); string(e.Key) != c.key {
				t.Errorf("%q: key %c", c.body, e.Key)
			}
		}
	}
}

func TestEveryMethodIsAnswered(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	p := b.phone("201")
	for method, want := range map[string]string{"OPTIONS": "200", "SUBSCRIBE": "489", "PUBLISH": "489", "MESSAGE": "405", "DANCE": "405", "BYE": "481",
		"INFO": "481", "REFER": "481", "UPDATE": "481", "PRACK": "481", "CANCEL": "481", "NOTIFY": "200"} {
		p.anew()
		p.send(p.request(method, "sip:box.test", ""))
		if res := p.read("SIP/2.0"); !strings.Contains(res.first, want) {
			t.Errorf("%s: %s, want %s", method, res.first, want)
		}
	}
}

// handler gives a channel of events as a Handler.
func handler() (call.Handler, <-chan call.Event) {
	c := make(chan call.Event, 50)
	return func(e call.Event) { c <- e }, c
}

func TestDialAPhone(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	p := b.phone("201")
	p.register("Expires: 120")
	h, events := handler()
	leg, err := b.Dial("201", call.Outgoing{Calling: call.Number{Digits: "13800001234", Name: `A "B"`}, Label: "Sales"}, h)
	if err != nil {
		t.Fatal(err)
	}
	invite := p.read("INVITE sip:201@" + p.addr().String())
	if from := invite.header("From"); !strings.HasPrefix(from, `"Sales A \"B\"" <sip:13800001234@127.0.0.1>`) || invite.header("Subject") != "Sales" || !strings.Contains(invite.header("Session-Expires"), "1800") {
		t.Errorf("%s", invite)
	}
	p.send(p.answerTo(invite, "100 Trying", ""))
	event[call.Proceeding](t, events)
	p.send(p.answerTo(invite, "180 Ringing", ""))
	event[call.Alerting](t, events)
	p.send(p.answerTo(invite, "183 Session Progress", p.sdp()))
	if e := event[call.Sounding](t, events); !e.Inband || leg.Sound() == nil {
		t.Errorf("%+v", e)
	}
	ok := p.answerTo(invite, "200 OK", p.sdp())
	p.send(ok)
	p.read("ACK")
	p.send(ok) // as if the ACK was lost
	p.read("ACK")
	if e := event[call.Answered](t, events); e.Connected.Digits != "201" || e.Connected.Name != "王芳" {
		t.Errorf("%+v", e)
	}
	p.joins(invite)
	p.send(p.request("BYE", p.target, ""))
	p.read("200")
	if c := event[call.Cleared](t, events); !c.Remote || c.Cause != q850.NormalClearing {
		t.Errorf("%+v", c)
	}
}

func TestDialRefusals(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	p := b.phone("201")
	p.register("Expires: 120")
	for _, c := range []struct {
		status string
		more   []string
		want   q850.Cause
	}{
		{"486 Busy Here", nil, q850.UserBusy},
		{"603 Decline", nil, q850.CallRejected},
		{"480 Temporarily Unavailable", nil, q850.NoUserResponding},
		{"480 Temporarily Unavailable", []string{"Reason: Q.850;cause=19"}, q850.NoAnswer},
		{"302 Moved", nil, q850.Redirection},
	} {
		h, events := handler()
		if _, err := b.Dial("201", call.Outgoing{Calling: call.Number{Restricted: true, Digits: "138"}}, h); err != nil {
			t.Fatal(err)
		}
		invite := p.read("INVITE")
		if strings.Contains(invite.String(), "138@") || !strings.Contains(invite.header("From"), "anonymous@") {
			t.Errorf("a restricted number is shown: %s", invite.header("From"))
		}
		p.send(p.answerTo(invite, c.status, "", c.more...))
		p.read("ACK")
		e := event[call.Cleared](t, events)
		if e.Cause != c.want || !e.Remote || !strings.Contains(e.Detail, c.status[:3]) {
			t.Errorf("%s: %+v", c.status, e)
		}
	}
	if _, err := b.Dial("999", call.Outgoing{}, nil); err == nil {
		t.Error("an extension nobody has is dialled")
	}
	h, events := handler()
	if _, err := b.Dial("202", call.Outgoing{}, h); err != nil {
		t.Fatal(err)
	}
	if e := event[call.Cleared](t, events); e.Cause != q850.SubscriberAbsent || e.Detail == "" {
		t.Errorf("no registration: %+v", e)
	}
}

func TestDialCancelled(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	p := b.phone("201")
	p.register("Expires: 120")
	h, events := handler()
	leg, err := b.Dial("201", call.Outgoing{}, h)
	if err != nil {
		t.Fatal(err)
	}
	invite := p.read("INVITE")
	leg.Hangup(q850.NoAnswer) // CANCEL has to wait for the first response
	p.send(p.answerTo(invite, "180 Ringing", ""))
	cancel := p.read("CANCEL")
	if cancel.header("Via") != invite.header("Via") || !strings.Contains(cancel.header("Reason"), "cause=19") {
		t.Errorf("%s", cancel)
	}
	p.send(p.answerTo(cancel, "200 OK", ""))
	p.send(p.answerTo(invite, "487 Request Terminated", ""))
	p.read("ACK")
	if e := event[call.Cleared](t, events); e.Cause != q850.NoAnswer || e.Remote {
		t.Errorf("%+v", e)
	}
}

func TestCancelAndAnswerCross(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	p := b.phone("201")
	p.register("Expires: 120")
	h, events := handler()
	leg, err := b.Dial("201", call.Outgoing{}, h)
	if err != nil {
		t.Fatal(err)
	}
	invite := p.read("INVITE")
	p.send(p.answerTo(invite, "180 Ringing", ""))
	event[call.Alerting](t, events)
	leg.Hangup(q850.NormalClearing)
	p.read("CANCEL")
	p.send(p.answerTo(invite, "200 OK", p.sdp()))
	p.read("ACK")
	bye := p.read("BYE")
	p.send(p.answerTo(bye, "200 OK", ""))
	if e := event[call.Cleared](t, events); e.Cause != q850.NormalClearing || e.Remote {
		t.Errorf("%+v", e)
	}
}

func TestTwoPhonesOfOneExtension(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	desk, cordless := b.phone("201"), b.phone("201")
	desk.register("Expires: 120")
	cordless.register("Expires: 120")
	h, events := handler()
	if _, err := b.Dial("201", call.Outgoing{}, h); err != nil {
		t.Fatal(err)
	}
	one, two := desk.read("INVITE"), cordless.read("INVITE")
	desk.send(desk.answerTo(one, "180 Ringing", ""))
	event[call.Alerting](t, events)
	cordless.send(cordless.answerTo(two, "180 Ringing", ""))
	desk.send(desk.answerTo(one, "200 OK", desk.sdp()))
	desk.read("ACK")
	cancel := cordless.read("CANCEL")
	if !strings.Contains(cancel.header("Reason"), "SIP;cause=200") {
		t.Errorf("%s", cancel)
	}
	cordless.send(cordless.answerTo(two, "487 Request Terminated", ""))
	event[call.Sounding](t, events)
	event[call.Answered](t, events)
}

func TestUnreachablePhone(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil, func(s *Server) { s.times.silence = 200 * time.Millisecond })
	off, mute := b.phone("201"), b.phone("202")
	off.register("Expires: 120")
	mute.register("Expires: 120")
	_ = off.conn.Close()
	h, events := handler()
	began := time.Now()
	if _, err := b.Dial("201", call.Outgoing{}, h); err != nil {
		t.Fatal(err)
	}
	e := event[call.Cleared](t, events)
	if e.Cause != q850.SubscriberAbsent || !strings.Contains(e.Detail, "ICMP") || time.Since(began) > time.Second {
		t.Errorf("%+v after %v", e, time.Since(began))
	}
	h, events = handler()
	if _, err := b.Dial("202", call.Outgoing{}, h); err != nil {
		t.Fatal(err)
	}
	if e := event[call.Cleared](t, events); e.Cause != q850.NoUserResponding || e.Detail == "" {
		t.Errorf("%+v", e)
	}
	b.await("the phone that is off to be down", func() bool {
		ups, _ := b.told()
		return strings.Contains(strings.Join(ups, "\n"), "down 201")
	})
}

func TestSessionTimerRefreshedByTheBox(t *testing.T) {
	t.Parallel()
	b := startBox(t, func(o *Options) { o.Settings.Phones.SessionS = 1 }, func(s *Server) { s.times.glare = 100 * time.Microsecond })
	p := b.phone("201")
	p.register("Expires: 120")
	h, events := handler()
	if _, err := b.Dial("201", call.Outgoing{}, h); err != nil {
		t.Fatal(err)
	}
	invite := p.read("INVITE")
	p.send(p.answerTo(invite, "422 Session Interval Too Small", "", "Min-SE: 1"))
	p.read("ACK")
	invite = p.read("INVITE")
	if invite.header("Min-SE") != "1" || invite.body == "" {
		t.Errorf("%s", invite)
	}
	p.send(p.answerTo(invite, "200 OK", p.sdp(), "Session-Expires: 1;refresher=uac", "Require: timer"))
	p.read("ACK")
	event[call.Sounding](t, events)
	event[call.Answered](t, events)
	again := p.read("INVITE")
	if again.header("Session-Expires") != "1;refresher=uac" || !strings.Contains(again.body, "a=sendrecv") {
		t.Errorf("%s", again)
	}
	p.send(p.answerTo(again, "491 Request Pending", ""))
	p.read("ACK")
	again = p.read("INVITE")
	p.send(p.answerTo(again, "200 OK", p.sdp(), "Session-Expires: 1;refresher=uac", "Allow: INVITE, UPDATE"))
	p.read("ACK")
	update := p.read("UPDATE")
	p.send(p.answerTo(update, "481 Call Does Not Exist", ""))
	p.send(p.answerTo(p.read("BYE"), "200 OK", ""))
	if e := event[call.Cleared](t, events); e.Cause != q850.RecoveryOnTimerExpiry {
		t.Errorf("%+v", e)
	}
}

func TestSessionTimerThatThePhoneLetsRunOut(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil, func(s *Server) { s.times.minSE = time.Second })
	calls := b.calls()
	p := b.phone("201")
	k := p.talking(b, calls, "Supported: timer", "Session-Expires: 2")
	bye := p.read("BYE")
	p.send(p.answerTo(bye, "200 OK", ""))
	if e := event[call.Cleared](t, k.events); e.Cause != q850.RecoveryOnTimerExpiry {
		t.Errorf("%+v", e)
	}
}

// A phone that loses its power in a call says nothing more: no sound, no answer.
func TestPhoneVanishesInACall(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil, func(s *Server) { s.times.look, s.times.answer = 50*time.Millisecond, 50*time.Millisecond })
	calls := b.calls()
	p := b.phone("201")
	k := p.talking(b, calls)
	for range 3 { // on hold it sends no sound either, but answers
		p.send(p.answerTo(p.read("OPTIONS"), "200 OK", ""))
	}
	select {
	case e := <-k.events:
		t.Fatalf("%T while the phone answers", e)
	default:
	}
	if e := event[call.Cleared](t, k.events); e.Cause != q850.DestinationOutOfOrder || !strings.Contains(e.Detail, "vanished") {
		t.Errorf("%+v", e)
	}
}
