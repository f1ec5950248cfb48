// Package webadmin is the pages of the box: what the switch is doing now, the log of calls, the
// settings, and a small page for each agent; in Chinese and English.
//
// In: HTTP requests of browsers on the LAN, and through Switch the state of firmware/exchange. Out:
// deeds for the Switch (log in, pause, hang up, apply settings), prompts and passwords for
// firmware/config. It is beside both paths: neither sound nor signalling ever waits here.
//
// The pages are html, css and ES modules written here and embedded; the API under /api/ is JSON and
// server-sent events (WHATWG HTML, clause 9.2). Signing in is by cookie session (RFC 6265);
// cross-origin requests are refused by Sec-Fetch-Site and Origin, and by a header no form can send.
// Roles beside administrator and agent are left out.
//
// Every handler is safe from any goroutine. Over plain HTTP, passwords cross the LAN unprotected;
// whoever minds gives the box a certificate and uses HTTPS, which the same handler serves.
package webadmin

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"

	"trunkbox/firmware/config"
	"trunkbox/firmware/exchange"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/performance"
	"trunkbox/firmware/trace"
)

// Switch is the switch as the pages need it; *exchange.Exchange is one.
type Switch interface {
	// Snapshot is the whole switch at this moment.
	Snapshot() exchange.Snapshot
	// Performance is the performance history of a line; false when there is none.
	Performance(line string) (performance.Report, bool)
	// Watch gives a token after each change, until ctx ends. Changes close together may share one.
	Watch(ctx context.Context) <-chan struct{}

	// Settings are those in force, log-ins of agents included.
	Settings() config.Settings
	// Changes says what Apply would change and touch.
	Changes(next config.Settings) []config.Change
	// Apply keeps the settings and puts them in force; config.ProblemsError when they do not hold.
	Apply(next config.Settings, by string) error

	LogIn(extension, by string) error
	LogOut(extension, by string) error
	Pause(extension, reason, by string) error
	Resume(extension, by string) error
	HangUp(call, by string) error
}

// Log is the journal as the pages need it; *journal.Journal is one.
type Log interface {
	// Calls returns up to limit ended calls that pass the filter, newest first, beginning after the call
	// before; an empty before begins with the newest.
	Calls(filter journal.Filter, limit int, before string) []journal.CDR
	// Call returns one call and its events; false when there is none of this name.
	Call(id string) (journal.CDR, []journal.Event, bool)
}

// Traces is what the lines said on their D channels; *exchange.Exchange has it.
type Traces interface {
	// Trace gives the newest frames of a line that pass the filter, at most limit; exchange.NoLineError.
	Trace(line string, filter trace.Filter, limit int) (trace.Page, error)
	// WritePcap writes the frames that pass the filter as a capture file; live those from now on, until ctx is done.
	// exchange.NoLineError, before anything is written.
	WritePcap(ctx context.Context, w io.Writer, line string, filter trace.Filter, live bool) error
}

// Options is what a Server is made of.
type Options struct {
	Switch Switch
	Store  *config.Store
	Log    Log
	Traces Traces // nil: none are kept
	Lines  Lines  // nil: the lines tell nothing but what Switch does
	Doctor Doctor // nil: lines are not examined
	// Recordings is nil when nothing is recorded.
	Recordings Recordings
	Logger     *slog.Logger
	// SignInRefused is told of each refused sign-in: who ("admin" or an extension) and from where.
	SignInRefused func(who, address string)
}

// Server serves the pages and the API.
type Server struct {
	Options
	words    words
	files    files
	limits   *limits
	streams  chan struct{} // one place for each stream that may be open
	handler  http.Handler
	proving  sync.Mutex // a day's recordings
	hearings hearings
	saving   sync.Mutex // from comparing the revision of the settings until they are applied

	closing context.Context
	close   context.CancelFunc
}

// maxStreams is how many pages may be watched live at once.
const maxStreams = 100

// New makes the server. It starts nothing; Close ends the streams that requests keep open.
func New(o Options) *Server {
	s := &Server{Options: o, words: readWords(), files: readFiles(), limits: newLimits(), streams: make(chan struct{}, maxStreams)}
	s.closing, s.close = context.WithCancel(context.Background())
	s.handler = s.guarded(s.mux())
	return s
}

// ServeHTTP serves one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close ends every open stream, so that an http.Server can shut down.
func (s *Server) Close() { s.close() }
