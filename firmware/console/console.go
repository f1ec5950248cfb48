// Package console is the support's way into the box when nothing else is left: a serial cable, a terminal
// program, words.
//
// In: keys from the serial port (drivers/uart) or a pseudo terminal. Out: what the exchange, the journal,
// the log and the settings say, as text, or as files by ZMODEM. It is beside both paths.
//
// The manner is that of the trade: 115,200 8N1, a sign-in, ? for help, everything as text that a terminal
// program can record. ZMODEM is done by sz of lrzsz, which must be on the box. Escape sequences (cursor
// keys) are passed over.
//
// Before the first password is set, whoever holds the cable is trusted: the console shows the one-time code
// and lets a password be set. Serve runs one session after the other on its port, on the caller's goroutine.
package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"trunkbox/drivers/uart"
	"trunkbox/firmware/config"
	"trunkbox/firmware/exchange"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/logbook"
	"trunkbox/firmware/performance"
)

// Exchange is what the console asks of the switch; *exchange.Exchange is one.
type Exchange interface {
	// Snapshot is the whole switch at this moment.
	Snapshot() exchange.Snapshot
	// Performance is the performance history of a line; false when there is none.
	Performance(line string) (performance.Report, bool)
}

// Options is what a console is made of. All but Idle and Restart are needed.
type Options struct {
	Exchange Exchange
	Traces   Traces // nil: there are none
	Lines    Lines  // nil: there are none
	Doctor   Doctor // nil: there is none
	// Recordings is nil when nothing is recorded.
	Recordings Recordings
	Store      *config.Store
	Journal    *journal.Journal
	Log        *logbook.Book
	Version    string
	Restart    func()        // stops the box, which init starts again; nil: the command is refused
	Idle       time.Duration // without a key until the log-out; 10 minutes when zero
}

const defaultIdle = 10 * time.Minute

// Console serves sessions.
type Console struct{ Options }

// New makes a console.
func New(o Options) *Console {
	if o.Idle == 0 {
		o.Idle = defaultIdle
	}
	return &Console{o}
}

// ServePort serves the serial port at path until ctx ends or the port fails.
func (c *Console) ServePort(ctx context.Context, path string) error {
	port, err := uart.Open(path, uart.Speed)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = port.Close() })
	defer func() {
		if stop() {
			_ = port.Close()
		}
	}()
	return c.Serve(ctx, port)
}

// Serve runs sessions on a line until ctx ends (its error is returned) or the line does (nil for io.EOF).
// A Read of line that waits is left waiting when ctx ends; closing line ends it.
func (c *Console) Serve(ctx context.Context, line io.ReadWriter) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in := newInput(ctx, line)
	for {
		s := &session{Console: c, in: in, line: line, lang: c.language()}
		err := s.run(ctx)
		switch {
		case errors.Is(err, errLoggedOut):
			continue
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("support console: %w", err)
		}
	}
}

// language is that of the box.
func (c *Console) language() string { return c.Store.Settings().Box.Language }

// zone is the box's time zone.
func (c *Console) zone() *time.Location {
	zone, err := time.LoadLocation(c.Store.Settings().Box.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}
