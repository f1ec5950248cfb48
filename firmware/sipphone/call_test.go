package sipphone

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

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
	if !strings.Contains(res.body, "RTP/AVP 8 0 9 101") {
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

// The messages of an INVITE are let go once it was acknowledged; the network may still bring it a second time.
func TestAnAcknowledgedInviteComesLate(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	calls := b.calls()
	p := b.phone("201")
	p.invite("9001", p.sdp())
	invite := p.sent
	k := b.next(calls)
	leg := k.Leg.(*Leg)
	k.Leg.Answer()
	event[call.Sounding](t, k.events)
	var came *sip.Request
	leg.loop.Do(func() { came = leg.invite.came })
	p.confirm(p.read("200"))
	p.send(p.request("ACK", p.target, ""))
	b.await("the ACK", func() bool {
		kept := true
		leg.loop.Do(func() { kept = leg.invite != nil || came.Via() != nil })
		return !kept
	})
	p.send(p.request("OPTIONS", p.target, "")) // a 200 that crossed the ACK comes before the answer to it
	for res := p.read("SIP/2.0 "); !strings.Contains(res.header("CSeq"), "OPTIONS"); {
		res = p.read("SIP/2.0 ")
	}
	p.send(invite)
	p.send(p.request("OPTIONS", p.target, ""))
	if res := p.read("SIP/2.0 "); !strings.Contains(res.header("CSeq"), "OPTIONS") {
		t.Errorf("the INVITE was answered once more: %s", res)
	}
	if len(calls) > 0 {
		t.Error("the INVITE made another call")
	}
	p.send(p.request("BYE", p.target, ""))
	p.read("200")
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
	if res := p.read("SIP/2.0 200"); !strings.Contains(res.body, "RTP/AVP 8 0 9 101") {
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
	for _, c := range []struct {
		kind, body, want, key string
		ms                    int64
	}{
		{"application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "200", "5", 160},
		{"application/dtmf-relay", "Signal= *\nDuration= 100\n", "200", "*", 100},
		{"application/dtmf-relay", "Duration=65000\r\nSignal=11\r\n", "200", "#", 0},
		{"application/dtmf", "9", "200", "9", 0},
		{"application/dtmf-relay", "Signal=99\r\n", "400", "", 0},
		{"text/plain", "5", "415", "", 0},
	} {
		p.send(p.request("INFO", p.target, c.body, "Content-Type: "+c.kind))
		if res := p.read("SIP/2.0"); !strings.Contains(res.first, c.want) {
			t.Errorf("%q: %s", c.body, res.first)
		}
		if c.key != "" {
			if e := event[call.Digit](t, k.events); string(e.Key) != c.key || e.By != call.ByInfo {
				t.Errorf("%q: key %c by %q", c.body, e.Key, e.By)
			}
			if e := event[call.KeyUp](t, k.events); string(e.Key) != c.key || e.By != call.ByInfo || e.Lasted.Milliseconds() != c.ms || e.Levels != nil {
				t.Errorf("%q: %+v", c.body, e)
			}
		}
	}
}

func TestEveryMethodIsAnswered(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	p := b.phone("201")
	for method, want := range map[string]string{
		"OPTIONS": "200", "SUBSCRIBE": "489", "PUBLISH": "489", "MESSAGE": "405", "DANCE": "405", "BYE": "481",
		"INFO": "481", "REFER": "481", "UPDATE": "481", "PRACK": "481", "CANCEL": "481", "NOTIFY": "200",
	} {
		p.anew()
		p.send(p.request(method, "sip:box.test", ""))
		if res := p.read("SIP/2.0"); !strings.Contains(res.first, want) {
			t.Errorf("%s: %s, want %s", method, res.first, want)
		}
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

// What a call takes is given back: ports, dialogs, goroutines.
func TestManyCallsLeaveNothing(t *testing.T) {
	b := startBox(t, nil)
	calls := b.calls()
	p := b.phone("201")
	one := func() {
		k := p.talking(b, calls)
		p.send(p.request("BYE", p.target, ""))
		p.read("200")
		event[call.Cleared](t, k.events)
	}
	one()
	before := runtime.NumGoroutine()
	const more = 60
	for range more {
		one()
	}
	b.await("everything to be given back", func() bool {
		taken, _ := b.rules.Load().ports.Taken()
		b.Server.mu.Lock()
		defer b.Server.mu.Unlock()
		// sipgo keeps one goroutine for the ACK of each challenge, for 5 s; ours were four a call.
		return taken == 0 && len(b.legs) == 0 && len(b.live) == 0 && runtime.NumGoroutine() <= before+more+5
	})
}
