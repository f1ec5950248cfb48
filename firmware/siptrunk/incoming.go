package siptrunk

import (
	"strings"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/sipphone"
)

// Offered reads who calls whom in a new INVITE and takes a place for the call. A full trunk refuses with cause 34, a call
// without a number to call with cause 28.
func (t *Trunk) Offered(req *sip.Request) (call.Incoming, q850.Cause) {
	s := t.settings.Load()
	called := ruled(s.Numbers, inward, t.called(req))
	if called == "" {
		return call.Incoming{}, q850.InvalidNumberFormat
	}
	if !t.places.take(s.MaxCalls, false) {
		return call.Incoming{}, q850.NoCircuit
	}
	return call.Incoming{Trunk: s.Name, Called: called, Calling: identity(req), Diverted: diversion(req)}, 0
}

// called is the number dialled: the user of the Request-URI. Where that is our contact or the account, which is as good as
// "whoever has registered", the To tells it; where that says no more, the account's own number is called.
func (t *Trunk) called(req *sip.Request) string {
	account := t.settings.Load().User
	user := uriUser(req.Recipient)
	if user == t.contact || user == account || user == "" {
		if to := req.To(); to != nil {
			if told := digits(uriUser(to.Address)); told != "" {
				return told
			}
		}
		user = account
	}
	return digits(user)
}

// digitsMost is how long a number from a trunk may be: E.164 has 15 digits, a PBX may put more before and behind.
const digitsMost = 32

// digits are the digits of a user part; "" when it holds anything else.
func digits(user string) string {
	d := sipphone.Digits(user)
	if len(d) > digitsMost {
		return ""
	}
	return d
}

// uriUser is the user part of a SIP URI, or the number of a tel URI (RFC 3966), which the SIP library keeps as host.
func uriUser(uri sip.Uri) string {
	if strings.EqualFold(uri.Scheme, "tel") && uri.User == "" {
		return strings.TrimPrefix(strings.TrimPrefix(uri.Raw(), "tel:"), "//")
	}
	return uri.User
}

// nameMost is how long a name from a trunk may be.
const nameMost = 60

// identity is who calls: what the server asserts (RFC 3325), else From. It is withheld when the Privacy says so
// (RFC 3323, RFC 3325 clause 9.3) or From is anonymous.
func identity(m headered) call.Number {
	who := asserted(m)
	from, ok := m.GetHeader("From").(*sip.FromHeader)
	if ok && who.Digits == "" && who.Name == "" {
		who = party(from.DisplayName, from.Address)
	}
	who.Restricted = withheld(m)
	if ok && isAnonymous(from.Address) {
		who.Restricted = true
		if strings.EqualFold(who.Name, "anonymous") {
			who.Name = ""
		}
	}
	return who
}

// headered is a request or a response.
type headered interface {
	GetHeader(name string) sip.Header
	GetHeaders(name string) []sip.Header
}

// Connected is who answered, as the server asserts it.
func (t *Trunk) Connected(res *sip.Response) call.Number {
	who := asserted(res)
	who.Restricted = withheld(res)
	return who
}

// asserted reads P-Asserted-Identity, of which there may be a SIP and a tel URI: the first with a number counts.
func asserted(m headered) call.Number {
	var best call.Number
	for _, value := range values(m, "P-Asserted-Identity") {
		var uri sip.Uri
		name, err := sip.ParseAddressValue(value, &uri, nil)
		if err != nil {
			continue
		}
		who := party(name, uri)
		if best.Name == "" {
			best.Name = who.Name
		}
		if best.Digits == "" {
			best.Digits = who.Digits
		}
	}
	return best
}

// party is name and number of an address. A user that is no number is a name.
func party(name string, uri sip.Uri) call.Number {
	user := uriUser(uri)
	who := call.Number{Digits: digits(user), Name: sipphone.Shortened(strings.TrimSpace(name), nameMost)}
	if who.Digits == "" && who.Name == "" {
		who.Name = sipphone.Shortened(user, nameMost)
	}
	if who.Name == who.Digits {
		who.Name = ""
	}
	return who
}

func isAnonymous(uri sip.Uri) bool {
	return strings.EqualFold(uri.User, "anonymous") || strings.EqualFold(uri.Host, "anonymous.invalid")
}

// withheld says whether the number is not to be shown. "none" takes that back.
func withheld(m headered) bool {
	hide := false
	for _, h := range m.GetHeaders("Privacy") {
		for _, word := range strings.FieldsFunc(h.Value(), func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
			switch strings.ToLower(word) {
			case "none":
				return false
			case "id", "user", "header", "full":
				hide = true
			}
		}
	}
	return hide
}

// values are the values of a header that may hold several, parted by commas outside of quotes and brackets.
func values(m headered, name string) []string {
	var list []string
	for _, h := range m.GetHeaders(name) {
		list = append(list, parted(h.Value())...)
	}
	return list
}

func parted(value string) []string {
	var list []string
	start, quoted, angled := 0, false, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '<':
			angled = true
		case c == '>':
			angled = false
		case c == ',' && !angled:
			list = append(list, strings.TrimSpace(value[start:i]))
			start = i + 1
		}
	}
	return append(list, strings.TrimSpace(value[start:]))
}
