package webadmin

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"trunkbox/firmware/config"
)

// hello is what a page has to know before anybody signed in, and no more.
type hello struct {
	State    string `json:"state"` // new (no password yet), signed_out, signed_in
	Name     string `json:"name"`
	Language string `json:"language"`
	TimeZone string `json:"time_zone"`
	Version  string `json:"version,omitempty"` // told to those who signed in
}

func (s *Server) hello(w http.ResponseWriter, r *http.Request) error {
	h := s.greeting(s.visitor(r, false))
	if !s.Store.HasPassword() {
		h.State = "new"
	}
	answer(w, http.StatusOK, h)
	return nil
}

func (s *Server) agentHello(w http.ResponseWriter, r *http.Request) error {
	answer(w, http.StatusOK, s.greeting(s.visitor(r, true)))
	return nil
}

func (s *Server) greeting(who person) hello {
	box := s.Switch.Settings().Box
	h := hello{State: "signed_out", Name: box.Name, Language: box.Language, TimeZone: box.TimeZone}
	if who != (person{}) {
		h.State, h.Version = "signed_in", s.Switch.Snapshot().Version
	}
	return h
}

// mayTry counts a try to sign in, or refuses it because the address has to wait.
func (s *Server) mayTry(w http.ResponseWriter, r *http.Request) error {
	wait := s.limits.try(r.RemoteAddr)
	if wait == 0 {
		return nil
	}
	seconds := fmt.Sprint(int(math.Ceil(wait.Seconds())))
	w.Header().Set("Retry-After", seconds)
	return refuse(http.StatusTooManyRequests, "error.wait", "seconds", seconds)
}

// wrong notes a refused sign-in and returns what the page says.
func (s *Server) wrong(r *http.Request, who, key string) error {
	s.noteRefused(r, who)
	return refuse(http.StatusForbidden, key)
}

// wrongSecret notes a refusal of the store for the secret that the page's field holds; a new password that will
// not do is none.
func (s *Server) wrongSecret(r *http.Request, field string, err error) error {
	var problem config.Problem
	if errors.As(err, &problem) && problem.Path == field {
		s.noteRefused(r, whoAdmin)
	}
	return err
}

// noteRefused tells the log and the switch who was refused, and from where.
func (s *Server) noteRefused(r *http.Request, who string) {
	s.Logger.Warn("sign-in refused", "who", who, "address", r.RemoteAddr)
	if s.SignInRefused != nil {
		s.SignInRefused(who, r.RemoteAddr)
	}
}

// first sets the first password with the one-time code that the console shows, and signs in.
func (s *Server) first(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Code     string `json:"code"`
		Password string `json:"password"`
	}
	if err := read(r, &body); err != nil {
		return err
	}
	if err := s.mayTry(w, r); err != nil {
		return err
	}
	if err := s.Store.SetAdminPassword(body.Code, body.Password); err != nil {
		return s.wrongSecret(r, "code", err)
	}
	s.limits.forget(r.RemoteAddr)
	if err := s.beginSession(w, r, whoAdmin); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) signIn(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Password string `json:"password"`
	}
	if err := read(r, &body); err != nil {
		return err
	}
	if err := s.mayTry(w, r); err != nil {
		return err
	}
	if !s.Store.CheckPassword(body.Password) {
		return s.wrong(r, whoAdmin, "error.wrong_password")
	}
	s.limits.forget(r.RemoteAddr)
	if err := s.beginSession(w, r, whoAdmin); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// agentSignIn takes the extension and the SIP password, which the agent's phone has too.
func (s *Server) agentSignIn(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Extension string `json:"extension"`
		Password  string `json:"password"`
	}
	if err := read(r, &body); err != nil {
		return err
	}
	if err := s.mayTry(w, r); err != nil {
		return err
	}
	a, ok := s.agent(body.Extension)
	given, want := sha256.Sum256([]byte(body.Password)), sha256.Sum256([]byte(a.Password))
	if subtle.ConstantTimeCompare(given[:], want[:]) != 1 || !ok || a.Password == "" {
		return s.wrong(r, body.Extension, "error.wrong_agent")
	}
	s.limits.forget(r.RemoteAddr)
	if err := s.beginSession(w, r, whoAgent(a)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.endSession(w, r, signedIn(r).agent != ""); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// changePassword ends every session, and begins this one anew.
func (s *Server) changePassword(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Old string `json:"old"`
		New string `json:"new"`
	}
	if err := read(r, &body); err != nil {
		return err
	}
	if err := s.mayTry(w, r); err != nil {
		return err
	}
	if err := s.Store.ChangePassword(body.Old, body.New); err != nil {
		return s.wrongSecret(r, "old", err)
	}
	s.limits.forget(r.RemoteAddr)
	if err := s.beginSession(w, r, whoAdmin); err != nil {
		return err
	}
	s.Logger.Info("password changed", "address", r.RemoteAddr, "at", time.Now().UTC())
	w.WriteHeader(http.StatusNoContent)
	return nil
}
