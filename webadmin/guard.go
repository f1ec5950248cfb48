package webadmin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
)

// handle serves a request, or returns why not (see answerError).
type handle func(http.ResponseWriter, *http.Request) error

// pageHeader is sent by our pages with every request to the API. No form and no link can send it, and
// a script of another origin only after asking, which is never allowed.
const pageHeader = "X-Trunkbox-Page"

// policy lets the pages load from the box only and run nothing inline; no other page may frame them.
const policy = "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"

// guarded is what every request passes first, whatever its path.
func (s *Server) guarded(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.answerError(w, r, refuse(http.StatusForbidden, "error.cross_origin"))
	}))
	protected := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		if strings.HasPrefix(r.URL.Path, "/api/") {
			h.Set("Cache-Control", "no-store")
		}
		protected.ServeHTTP(w, r)
	})
}

// safe says whether a method only reads (RFC 9110, clause 9.2.1).
func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// serve makes the handler of one route: who may come in, and how much they may bring.
func (s *Server) serve(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer s.defect(w, r)
		if err := s.admit(w, &r, rt); err != nil {
			s.answerError(w, r, err)
			return
		}
		if err := rt.handle(w, r); err != nil {
			s.answerError(w, r, err)
		}
	})
}

// defect answers a request whose handler panicked, and logs where: net/http would break the connection off and
// say so where nobody looks. An answer that has begun is broken off all the same.
func (s *Server) defect(w http.ResponseWriter, r *http.Request) {
	value := recover()
	if value == nil {
		return
	}
	if err, is := value.(error); is && errors.Is(err, http.ErrAbortHandler) {
		panic(value)
	}
	s.Logger.Error("a request met a defect", "method", r.Method, "path", r.URL.Path, "panic", value, "stack", string(debug.Stack()))
	s.answerError(w, r, fmt.Errorf("a defect of the software: %v", value))
}

// admit checks a request against its route, and notes in it who it comes from.
func (s *Server) admit(w http.ResponseWriter, r **http.Request, rt route) error {
	if !safe((*r).Method) && (*r).Header.Get(pageHeader) == "" {
		return refuse(http.StatusForbidden, "error.cross_origin")
	}
	var who person
	switch rt.who {
	case admin:
		who = s.visitor(*r, false)
	case agent:
		who = s.visitor(*r, true)
	}
	if rt.who != anyone && who == (person{}) {
		return refuse(http.StatusUnauthorized, "error.signed_out")
	}
	limit := rt.body
	if limit == 0 {
		limit = smallBody
	}
	if (*r).ContentLength > limit {
		return refuse(http.StatusRequestEntityTooLarge, "error.too_large", "limit", size(limit))
	}
	(*r).Body = http.MaxBytesReader(w, (*r).Body, limit)
	*r = withPerson(*r, who)
	return nil
}

// read decodes the JSON body of a request; an empty body leaves into as it is.
func read(r *http.Request, into any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(into)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		if _, after := decoder.Token(); !errors.Is(after, io.EOF) {
			err = errors.New("something follows the JSON value")
		}
	}
	var tooLarge *http.MaxBytesError
	if err == nil || errors.As(err, &tooLarge) {
		return err
	}
	return refuse(http.StatusBadRequest, "error.not_json", "why", notJSON(err))
}

// notJSON says what is wrong with a body without naming our types.
func notJSON(err error) string {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		return fmt.Sprintf("%s at octet %d", kind.Value, kind.Offset)
	case errors.As(err, &syntax):
		return fmt.Sprintf("octet %d", syntax.Offset)
	}
	return strings.TrimPrefix(err.Error(), "json: ")
}
