package siptrunk

import (
	"strconv"
	"strings"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
)

// diversionReasons are the reasons of RFC 5806 clause 8 in our words; any other is unknown.
var diversionReasons = map[string]string{
	"user-busy": "busy", "no-answer": "no_reply", "unconditional": "unconditional", "deflection": "deflected", "follow-me": "unconditional",
	"unavailable": "unconditional", "time-of-day": "unconditional", "do-not-disturb": "busy",
}

// diversion reads the Diversion headers of an INVITE, the last diversion first (RFC 5806 clause 5.1); nil without one.
//
//	Diversion: "Anna" <sip:201@example.com>;reason=no-answer;counter=1;privacy=off, <sip:200@example.com>;reason=user-busy
func diversion(m headered) *call.Diversion {
	var all []call.Diversion
	for _, value := range values(m, "Diversion") {
		var uri sip.Uri
		params := sip.NewParams()
		name, err := sip.ParseAddressValue(value, &uri, &params)
		if err != nil {
			continue
		}
		one := call.Diversion{By: party(name, uri), Reason: "unknown", Count: 1}
		if text, told := params.Get("reason"); told {
			if reason, known := diversionReasons[strings.ToLower(strings.Trim(text, `"`))]; known {
				one.Reason = reason
			}
		}
		if text, told := params.Get("counter"); told {
			if n, err := strconv.ParseUint(text, 10, 8); err == nil && n > 0 {
				one.Count = int(n)
			}
		}
		privacy, _ := params.Get("privacy")
		one.By.Restricted = privacy != "" && !strings.EqualFold(privacy, "off") || isAnonymous(uri)
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil
	}
	told := all[0]
	if len(all) > 1 {
		told.First = all[len(all)-1].By
	}
	told.Count = 0
	for _, one := range all {
		told.Count += one.Count
	}
	return &told
}
