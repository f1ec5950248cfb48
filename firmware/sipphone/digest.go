package sipphone

import (
	"crypto/subtle"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"

	"trunkbox/firmware/config"
)

// algorithms are offered in this order, the best first (RFC 8760 clause 2.3).
var algorithms = []string{"SHA-256", "MD5"}

// proof is what the Authorization header of a request shows.
type proof uint8

const (
	none    proof = iota // no credentials for us: to be challenged
	stale                // the right password with a used or old nonce: to be challenged anew
	wrong                // a wrong password, an unknown name, or what cannot be read
	right                // the agent
	foreign              // the right password, but the request speaks for somebody else
)

// authenticate checks the credentials of a request against the agents.
//
// Departure: the digest-uri is not compared with the Request-URI (RFC 7616 clause 3.4.6), for phones and
// their NATs rewrite it; the use of a count only once stops a replay.
func (s *Server) authenticate(req *sip.Request, now time.Time) (agent config.Agent, p proof, who string) {
	best := none
	for _, h := range req.GetHeaders("authorization") {
		if !digest.IsDigest(h.Value()) {
			continue
		}
		c, err := digest.ParseCredentials(h.Value())
		if err != nil {
			return config.Agent{}, wrong, userOf(req)
		}
		rules := s.rules.Load()
		if c.Realm != rules.phones.Realm {
			continue
		}
		s.habits.answered(visitor{sourceOf(req).Addr(), c.Username}, strings.ToUpper(c.Algorithm))
		agent, known := rules.agents[c.Username]
		if !known || !s.answered(c, req.Method.String(), agent.Password) {
			return config.Agent{}, wrong, c.Username
		}
		if from := userOf(req); from != c.Username {
			return agent, foreign, c.Username
		}
		if !s.nonces.use(c.Nonce, uint32(max(c.Nc, 1)), now) {
			best = stale
			continue
		}
		return agent, right, c.Username
	}
	return config.Agent{}, best, userOf(req)
}

// answered computes the response the password gives and compares.
func (s *Server) answered(c *digest.Credentials, method, password string) bool {
	chal := &digest.Challenge{Realm: c.Realm, Nonce: c.Nonce, Opaque: c.Opaque, Algorithm: strings.ToUpper(c.Algorithm)}
	switch chal.Algorithm {
	case "", "MD5", "SHA-256":
	default:
		return false
	}
	if c.QOP != "" {
		if c.QOP != "auth" {
			return false
		}
		chal.QOP = []string{"auth"}
	}
	want, err := digest.Digest(chal, digest.Options{Method: method, URI: c.URI, Username: c.Username, Password: password, Count: c.Nc, Cnonce: c.Cnonce})
	return err == nil && subtle.ConstantTimeCompare([]byte(strings.ToLower(c.Response)), []byte(want.Response)) == 1
}

// challenge makes a 401.
func (s *Server) challenge(req *sip.Request, again bool, now time.Time) *sip.Response {
	res := s.response(req, sip.StatusUnauthorized, "Unauthorized")
	who := visitor{sourceOf(req).Addr(), userOf(req)}
	for _, algorithm := range s.habits.offer(who, header(req, "user-agent"), now) {
		c := digest.Challenge{Realm: s.rules.Load().phones.Realm, Nonce: s.nonces.make(now), Algorithm: algorithm, QOP: []string{"auth"}, Stale: again}
		res.AppendHeader(sip.NewHeader("WWW-Authenticate", c.String()))
	}
	return res
}

// userOf is the name a request speaks for: the address-of-record of a REGISTER, else its From.
func userOf(req *sip.Request) string {
	if req.Method == sip.REGISTER {
		if to := req.To(); to != nil {
			return to.Address.User
		}
		return ""
	}
	if from := req.From(); from != nil {
		return from.Address.User
	}
	return ""
}
