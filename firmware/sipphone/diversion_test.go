package sipphone

import (
	"strings"
	"testing"

	"trunkbox/firmware/call"
)

// TestAPhoneIsToldWhoSentTheCallOn reads the headers of the INVITE itself.
func TestAPhoneIsToldWhoSentTheCallOn(t *testing.T) {
	t.Parallel()
	b := startBox(t, nil)
	p := b.phone("201")
	p.register("Expires: 120")
	for _, c := range []struct {
		diverted *call.Diversion
		want     []string
	}{
		{nil, nil},
		{
			&call.Diversion{By: call.Number{Digits: "4000", Name: `Ann "A"`}, First: call.Number{Digits: "+4930"}, Reason: "no_reply", Count: 2},
			[]string{`Diversion: "Ann \"A\"" <sip:4000@127.0.0.1`, ">;reason=no-answer;counter=2;privacy=off", "<sip:+4930@127.0.0.1", ">;reason=unknown;counter=1;privacy=off"},
		},
		{
			&call.Diversion{By: call.Number{Digits: "4000", Name: "Ann", Restricted: true}, Reason: "busy"},
			[]string{"Diversion: <sip:anonymous@127.0.0.1", ">;reason=user-busy;counter=1;privacy=full"},
		},
	} {
		h, _ := handler()
		_, err := b.Dial("201", call.Outgoing{Calling: call.Number{Digits: "13800001234"}, Diverted: c.diverted}, h)
		if err != nil {
			t.Fatal(err)
		}
		invite := p.read("INVITE")
		text := invite.String()
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in\n%s", want, text)
			}
		}
		if c.diverted == nil && strings.Contains(text, "Diversion") || c.diverted != nil && c.diverted.By.Restricted && strings.Contains(text, "4000") {
			t.Errorf("told too much:\n%s", text)
		}
		p.send(p.answerTo(invite, "486 Busy Here", ""))
		p.read("ACK")
	}
}
