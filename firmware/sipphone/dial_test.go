package sipphone

import (
	"strings"
	"testing"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
)

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
	for _, c := range []struct {
		calling call.Number
		name    string
	}{
		{call.Number{Restricted: true, Digits: "138", Name: "王芳"}, "Anonymous"},
		{call.Number{Restricted: true, Name: "匿名"}, "匿名"}, // what the switch shows for it
		{call.Number{}, "Anonymous"},
	} {
		h, events := handler()
		if _, err := b.Dial("201", call.Outgoing{Calling: c.calling, Label: "Sales"}, h); err != nil {
			t.Fatal(err)
		}
		invite := p.read("INVITE")
		if from := invite.header("From"); !strings.Contains(from, `"Sales `+c.name+`"`) || !strings.Contains(from, "anonymous@") {
			t.Errorf("%+v is shown as %s", c.calling, from)
		}
		p.send(p.answerTo(invite, "486 Busy Here", ""))
		p.read("ACK")
		event[call.Cleared](t, events)
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
