package siptrunk

import (
	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// Credentials answer a challenge of the server: of those it offers the first that is known and takes "auth" (RFC 8760
// clause 2.4). nil: the trunk has no account, or no challenge can be answered.
func (t *Trunk) Credentials(req *sip.Request, challenge *sip.Response) sip.Header {
	s := t.settings.Load()
	return credentials(s.User, s.Password, req, challenge)
}

func credentials(user, password string, req *sip.Request, res *sip.Response) sip.Header {
	if user == "" || password == "" {
		return nil
	}
	asks, answers := "WWW-Authenticate", "Authorization"
	if res.StatusCode == sip.StatusProxyAuthRequired {
		asks, answers = "Proxy-Authenticate", "Proxy-Authorization"
	}
	for _, h := range res.GetHeaders(asks) {
		if !digest.IsDigest(h.Value()) {
			continue
		}
		c, err := digest.ParseChallenge(h.Value())
		if err != nil || !digest.CanDigest(c) || len(c.QOP) > 0 && !c.SupportsQOP("auth") {
			continue
		}
		made, err := digest.Digest(c, digest.Options{
			Method: req.Method.String(), URI: req.Recipient.String(), Username: user, Password: password, Count: 1,
		})
		if err == nil {
			return sip.NewHeader(answers, made.String())
		}
	}
	return nil
}

// stale says whether a challenge only wants a new nonce (RFC 7616 clause 3.3).
func stale(res *sip.Response) bool {
	for _, name := range []string{"WWW-Authenticate", "Proxy-Authenticate"} {
		for _, h := range res.GetHeaders(name) {
			if c, err := digest.ParseChallenge(h.Value()); err == nil && c.Stale {
				return true
			}
		}
	}
	return false
}
