package webadmin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"trunkbox/firmware/config"
)

// How long a session lasts after its last use.
const (
	adminSession = 8 * time.Hour
	agentSession = 14 * time.Hour // a shift and what people add to it
)

// person is who a request comes from; the zero person is nobody.
type person struct {
	admin bool
	agent string // the extension; empty: not an agent
}

// Sessions are kept under who: "admin", or "agent:<extension>:<fingerprint of the SIP password>", so that
// a new password or another agent on the extension ends them.
const whoAdmin = "admin"

func whoAgent(a config.Agent) string {
	sum := sha256.Sum256([]byte(a.Extension + "\x00" + a.Password))
	return "agent:" + a.Extension + ":" + hex.EncodeToString(sum[:8])
}

// cookieName tells the two pages apart, so that one browser can hold both. Over TLS the name is bound to
// this host by its prefix (RFC 6265bis, clause 4.1.3.2), and differs from that over plain HTTP because a
// browser refuses to replace a Secure cookie from there.
func cookieName(r *http.Request, agent bool) string {
	name := "trunkbox"
	if agent {
		name = "trunkbox-agent"
	}
	if r.TLS != nil {
		return "__Host-" + name
	}
	return name
}

// beginSession signs the browser in as who.
func (s *Server) beginSession(w http.ResponseWriter, r *http.Request, who string) error {
	agent := who != whoAdmin
	token := rand.Text()
	if err := s.keepSession(r, token, config.Session{Who: who, Began: time.Now()}); err != nil {
		return err
	}
	if old, err := r.Cookie(cookieName(r, agent)); err == nil && old.Value != "" {
		_ = s.Store.DropSession(old.Value)
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookieName(r, agent), Value: token, Path: "/",
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	})
	return nil
}

// keepSession stores the session with a new end.
func (s *Server) keepSession(r *http.Request, token string, session config.Session) error {
	session.Address = r.RemoteAddr
	session.Ends = time.Now().Add(lifetime(session))
	return s.Store.PutSession(token, session)
}

func lifetime(session config.Session) time.Duration {
	if session.Who == whoAdmin {
		return adminSession
	}
	return agentSession
}

// endSession signs the browser out.
func (s *Server) endSession(w http.ResponseWriter, r *http.Request, agent bool) error {
	cookie, err := r.Cookie(cookieName(r, agent))
	if err != nil {
		return nil
	}
	http.SetCookie(w, &http.Cookie{
		Name: cookie.Name, Path: "/", MaxAge: -1,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	})
	return s.Store.DropSession(cookie.Value)
}

// visitor finds out who a request comes from by the cookie of the page it belongs to, and lengthens the
// session once half of it has passed.
func (s *Server) visitor(r *http.Request, agent bool) person {
	cookie, err := r.Cookie(cookieName(r, agent))
	if err != nil {
		return person{}
	}
	session, ok := s.Store.Session(cookie.Value)
	if !ok {
		return person{}
	}
	who := s.person(session.Who)
	if who == (person{}) || who.admin == agent {
		return person{}
	}
	if time.Until(session.Ends) < lifetime(session)/2 {
		if err := s.keepSession(r, cookie.Value, session); err != nil {
			s.Logger.Warn("session not lengthened", "who", session.Who, "err", err)
		}
	}
	return who
}

// person reads the who of a session; nobody when it holds no more.
func (s *Server) person(who string) person {
	if who == whoAdmin {
		return person{admin: true}
	}
	parts := strings.Split(who, ":")
	if len(parts) != 3 {
		return person{}
	}
	if a, ok := s.agent(parts[1]); ok && whoAgent(a) == who {
		return person{agent: a.Extension}
	}
	return person{}
}

// agent finds the agent of an extension in the settings.
func (s *Server) agent(extension string) (config.Agent, bool) {
	for _, a := range s.Switch.Settings().Agents {
		if a.Extension == extension {
			return a, true
		}
	}
	return config.Agent{}, false
}

type personKey struct{}

func withPerson(r *http.Request, who person) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), personKey{}, who))
}

// signedIn is who the guard let in.
func signedIn(r *http.Request) person {
	who, _ := r.Context().Value(personKey{}).(person)
	return who
}

// stillSignedIn asks again during a long request.
func (s *Server) stillSignedIn(r *http.Request) bool {
	who := signedIn(r)
	return s.visitor(r, who.agent != "") == who
}
