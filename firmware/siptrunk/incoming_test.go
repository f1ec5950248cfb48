package siptrunk

import (
	"reflect"
	"strings"
	"testing"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
)

// invite reads an INVITE to uri with these headers in place of, or beside, the usual ones.
func invite(t testing.TB, uri string, headers ...string) *sip.Request {
	t.Helper()
	lines := []string{"INVITE " + uri + " SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1", "Call-ID: 1", "CSeq: 1 INVITE", "Max-Forwards: 70", "Contact: <sip:192.0.2.1>"}
	text := strings.Join(headers, "\n")
	if !strings.Contains(text, "From:") {
		lines = append(lines, "From: <sip:13800001234@192.0.2.1>;tag=a")
	}
	if !strings.Contains(text, "To:") {
		lines = append(lines, "To: <"+uri+">")
	}
	lines = append(append(lines, headers...), "Content-Length: 0", "", "")
	m, err := sip.NewParser().ParseSIP([]byte(strings.Join(lines, "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return m.(*sip.Request)
}

func newTestTrunk(s config.Trunk) *Trunk {
	return (&Trunks{}).newTrunk(s, nil)
}

func TestWhoCalls(t *testing.T) {
	for name, c := range map[string]struct {
		headers []string
		want    call.Number
	}{
		"From alone":            {[]string{`From: "Anna" <sip:13800001234@carrier.example>;tag=a`}, call.Number{Digits: "13800001234", Name: "Anna"}},
		"marks between digits":  {[]string{`From: <sip:+86-138(0000)1234@carrier.example>;tag=a`}, call.Number{Digits: "+8613800001234"}},
		"asserted goes before":  {[]string{`From: <sip:200@pbx>;tag=a`, `P-Asserted-Identity: "王芳" <sip:+862155551000@carrier.example>`}, call.Number{Digits: "+862155551000", Name: "王芳"}},
		"asserted by tel":       {[]string{`P-Asserted-Identity: <tel:+862155551000;phone-context=+86>`}, call.Number{Digits: "+862155551000"}},
		"asserted twice":        {[]string{`P-Asserted-Identity: "Desk, one" <sip:desk@carrier.example>, <tel:+8621555>`}, call.Number{Digits: "+8621555", Name: "Desk, one"}},
		"name like the number":  {[]string{`From: "13800001234" <sip:13800001234@carrier.example>;tag=a`}, call.Number{Digits: "13800001234"}},
		"a user without digits": {[]string{`From: <sip:front.desk@pbx>;tag=a`}, call.Number{Name: "front.desk"}},
		"withheld": {
			[]string{`From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=a`, `P-Asserted-Identity: <sip:13800001234@carrier.example>`, `Privacy: id;critical`},
			call.Number{Digits: "13800001234", Restricted: true},
		},
		"withheld, without a number": {[]string{`From: "Anonymous" <sip:anonymous@anonymous.invalid>;tag=a`}, call.Number{Restricted: true}},
		"privacy none":               {[]string{`Privacy: none`}, call.Number{Digits: "13800001234"}},
		"privacy of the user":        {[]string{`Privacy: user`}, call.Number{Digits: "13800001234", Restricted: true}},
		"much too long":              {[]string{`From: <sip:` + strings.Repeat("1", 40) + `@x>;tag=a`}, call.Number{Name: strings.Repeat("1", 40)}},
	} {
		if got := identity(invite(t, "sip:201@192.0.2.9", c.headers...)); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestWhoIsCalled(t *testing.T) {
	trunk := newTestTrunk(config.Trunk{Name: "carrier", User: "862155551000", Numbers: []config.NumberRule{{Direction: "in", Match: "+8621", Strip: 5}}})
	for uri, c := range map[string]struct{ to, want string }{
		"sip:+862155551001@192.0.2.9":         {"", "55551001"},
		"sip:201;npdi@192.0.2.9;user=phone":   {"", "201"},
		"sip:862155551000@192.0.2.9":          {"To: <sip:+862155551002@carrier.example>", "55551002"},
		"sip:" + trunk.contact + "@192.0.2.9": {"To: <sip:+862155551003@carrier.example>", "55551003"},
		"sip:192.0.2.9":                       {"To: <sip:862155551000@carrier.example>", "862155551000"},
		"sip:front.desk@192.0.2.9":            {"", ""},
	} {
		headers := []string{}
		if c.to != "" {
			headers = append(headers, c.to)
		}
		in, cause := trunk.Offered(invite(t, uri, headers...))
		if c.want == "" && cause != q850.InvalidNumberFormat || c.want != "" && (cause != 0 || in.Called != c.want || in.Trunk != "carrier") {
			t.Errorf("%s %s: %q, cause %d; want %q", uri, c.to, in.Called, cause, c.want)
		}
	}
	if n := trunk.Calls(); n != 5 {
		t.Errorf("%d places taken by 5 calls", n)
	}
}

func TestAFullTrunkRefuses(t *testing.T) {
	trunk := newTestTrunk(config.Trunk{Name: "carrier", MaxCalls: 2})
	for i, want := range []q850.Cause{0, 0, q850.NoCircuit} {
		if _, cause := trunk.Offered(invite(t, "sip:201@192.0.2.9")); cause != want {
			t.Errorf("call %d: cause %d, want %d", i+1, cause, want)
		}
	}
	trunk.Over(call.Cleared{Cause: q850.NormalClearing, Remote: true})
	if _, cause := trunk.Offered(invite(t, "sip:201@192.0.2.9")); cause != 0 || trunk.Calls() != 2 {
		t.Errorf("after one has ended: cause %d, %d calls", cause, trunk.Calls())
	}
}

func TestDiversion(t *testing.T) {
	for name, c := range map[string]struct {
		headers []string
		want    *call.Diversion
	}{
		"none": {nil, nil},
		"one":  {[]string{`Diversion: "Anna" <sip:201@pbx>;reason=no-answer;counter=2;privacy=off`}, &call.Diversion{By: call.Number{Digits: "201", Name: "Anna"}, Reason: "no_reply", Count: 2}},
		"two, the last first": {
			[]string{`Diversion: <sip:202@pbx>;reason="user-busy", <tel:+8621>;reason=unconditional;privacy=full`},
			&call.Diversion{By: call.Number{Digits: "202"}, First: call.Number{Digits: "+8621", Restricted: true}, Reason: "busy", Count: 2},
		},
		"two headers":       {[]string{`Diversion: <sip:202@pbx>;reason=away`, `Diversion: <sip:203@pbx>;counter=3`}, &call.Diversion{By: call.Number{Digits: "202"}, First: call.Number{Digits: "203"}, Reason: "unknown", Count: 4}},
		"cannot be read":    {[]string{`Diversion: <>`}, nil},
		"a counter too far": {[]string{`Diversion: <sip:202@pbx>;counter=99999`}, &call.Diversion{By: call.Number{Digits: "202"}, Reason: "unknown", Count: 1}},
	} {
		if got := diversion(invite(t, "sip:201@192.0.2.9", c.headers...)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// FuzzOffered reads the headers that a trunk is told of a call by from foreign octets.
func FuzzOffered(f *testing.F) {
	f.Add(`"Anna" <sip:201@pbx>;tag=a`, `"x, y" <sip:a@b>, <tel:+86>`, "id;critical", `<sip:202@pbx>;reason=user-busy;counter=2`, "sip:201@192.0.2.9")
	f.Add(`<sip:anonymous@anonymous.invalid>;tag=a`, `tel:+1`, "none", `"\`, "tel:+86")
	f.Add(``, `<`, ";;", `,,,"`, "sip:")
	trunk := newTestTrunk(config.Trunk{Name: "carrier", User: "1000", Password: "x"})
	f.Fuzz(func(t *testing.T, from, asserted, privacy, diverted, uri string) {
		text := strings.Join([]string{
			"INVITE " + uri + " SIP/2.0", "From: " + from, "To: <" + uri + ">", "Call-ID: 1", "CSeq: 1 INVITE", "P-Asserted-Identity: " + asserted,
			"Privacy: " + privacy, "Diversion: " + diverted, "", "",
		}, "\r\n")
		m, err := sip.NewParser().ParseSIP([]byte(text))
		if err != nil {
			return
		}
		req, ok := m.(*sip.Request)
		if !ok {
			return
		}
		in, cause := trunk.Offered(req)
		if cause == 0 {
			trunk.Over(call.Cleared{})
		}
		if strings.Trim(in.Called+in.Calling.Digits, "0123456789*#+") != "" || len(in.Called) > digitsMost || len([]rune(in.Calling.Name)) > nameMost {
			t.Errorf("%+v", in)
		}
		if d := in.Diverted; d != nil && (d.Count < 1 || d.Reason == "") {
			t.Errorf("%+v", d)
		}
	})
}

// FuzzCredentials answers challenges of foreign octets.
func FuzzCredentials(f *testing.F) {
	f.Add(`Digest realm="a", nonce="b", algorithm=SHA-256, qop="auth,auth-int"`, `Digest realm="a", nonce="b"`)
	f.Add(`Digest realm="a`, `Basic realm="a"`)
	f.Fuzz(func(t *testing.T, first, second string) {
		req := invite(t, "sip:201@192.0.2.9")
		for _, status := range []int{401, 407} {
			res := sip.NewResponseFromRequest(req, status, "", nil)
			for _, name := range []string{"WWW-Authenticate", "Proxy-Authenticate"} {
				res.AppendHeader(sip.NewHeader(name, first))
				res.AppendHeader(sip.NewHeader(name, second))
			}
			stale(res)
			if h := credentials("user", "secret", req, res); h != nil && !strings.HasPrefix(h.Value(), "Digest ") {
				t.Errorf("%q", h.Value())
			}
		}
	})
}
