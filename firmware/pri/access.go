// Package pri is one primary rate access: the D channel of a line joined to its B channels. It is the only place
// where the data link (firmware/lapd) and the call control messages (firmware/q931) meet, and the owner of both
// machines' goroutine, clock and timers.
//
// In: frames of the D channel from a span.Line, requests of the exchange (Dial, and the methods of a call.Leg). Out:
// frames, calls offered to call.Accept, events of legs, and the timeslots opened as bridge.Ports for as long as they
// carry sound. Signal path; the sound itself passes firmware/timeslot.
//
// Q.931 clauses 5.1 to 5.7 as far as channels, references, restart and the data link are concerned, with the numbers of
// EuroISDN. The user's side listens to the tones after a DISCONNECT (clause 5.3.4.1) of a call of ours that was not
// answered; other calls are released at once. Left out: non-facility associated signalling, several interfaces on one D
// channel, service messages of North American variants, tones of our own after DISCONNECT.
//
// Every method is safe from anywhere. Accept and Handlers are called from the goroutine of Run, the Observer from that
// or from Dial's; none of them may wait. The line's Close ends the reader of its frames; cancelling Run's context alone does not.
package pri

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"sync"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// Channels opens and closes the sound of timeslots (firmware/timeslot does).
type Channels interface {
	Open(ts span.Timeslot) bridge.Port
	Close(ts span.Timeslot)
}

// Observer is told what people want to see.
type Observer interface {
	// Link: the data link is "up" or "down", and why (a Reason).
	Link(state, reason string)
	// Channel: the B channel ("line1/ts07") is in another state (the names of State), and why (a Reason, or nothing).
	Channel(channel, state, reason string)
}

// Options is what an access stands on. All of them are needed but Trace.
type Options struct {
	Line     span.Line
	Settings config.Line
	Channels Channels
	Accept   call.Accept
	Observer Observer
	Logger   *slog.Logger
	// Trace, when not nil, is told of each frame of the D channel in the order in which the link deals with them. It is
	// called from the goroutine of Run, may not wait, and may not keep the frame.
	Trace func(sent bool, frame []byte)
}

// Access is one primary rate access. Fields without a comment belong to the goroutine of Run.
type Access struct {
	Options
	log     *slog.Logger
	side    q931.Side
	bearer  q931.Bearer
	profile *q931.Profile
	loop    *call.Loop

	mu       sync.Mutex        // holds settings, status and errors together
	settings config.Line       // under mu: what Apply may change
	status   linkStatus        // under mu
	errors   map[string]uint64 // under mu: data link errors by letter

	channels table // safe from anywhere

	link       *lapd.Link
	linkTimers [2]*call.Timer // T200, T203
	again      *call.Timer    // until the link is asked for again
	upward     []lapd.Action  // what the link told and is not dealt with
	dealing    bool           // somebody deals with upward
	lastError  lapd.Letter    // the last MDL-ERROR, for the reason when the link goes
	erred      bool
	alarmed    time.Time // since when the line has been down; zero: it is not
	down       bool      // the link was told of it

	calls   map[q931.Ref]*leg // by the key of the reference in the far side's messages
	nextRef uint16
	octets  []byte // the message being sent

	restart restarting
}

type linkStatus struct {
	state string
	since time.Time
}

// New makes an access. It fails for settings that it cannot work with.
func New(o Options) (*Access, error) {
	a := &Access{
		Options:  o,
		log:      o.Logger.With("line", o.Settings.Name),
		settings: o.Settings,
		status:   linkStatus{LinkDown, time.Now()},
		errors:   map[string]uint64{},
		calls:    map[q931.Ref]*leg{},
		loop:     call.NewLoop(),
	}
	side := lapd.User
	switch o.Settings.Side {
	case "user":
		a.side = q931.User
	case "network":
		a.side, side = q931.Network, lapd.Network
	default:
		return nil, fmt.Errorf("the side of %s is %q: it can be user or network", o.Settings.Name, o.Settings.Side)
	}
	switch o.Settings.Law {
	case "alaw":
		a.bearer = q931.SpeechALaw
	case "mulaw":
		a.bearer = q931.SpeechMuLaw
	default:
		return nil, fmt.Errorf("the companding law of %s is %q: it can be alaw or mulaw", o.Settings.Name, o.Settings.Law)
	}
	if o.Settings.Variant != "euroisdn-e1" {
		return nil, fmt.Errorf("the variant of %s is %q: only euroisdn-e1 is known", o.Settings.Name, o.Settings.Variant)
	}
	if _, known := huntings[o.Settings.Hunting]; !known {
		return nil, fmt.Errorf("the hunting order of %s is %q: it can be up, down, round-robin or least-recent", o.Settings.Name, o.Settings.Hunting)
	}
	a.profile = q931.EuroISDN(a.side)
	a.link = lapd.NewLink(side, lapd.PrimaryRate)
	a.restart.machine = q931.NewRestart(a.profile)
	a.channels.init(o.Line.Kind().B(), func(ts span.Timeslot, state State, reason Reason) {
		a.Observer.Channel(a.channelName(ts), string(state), string(reason))
	})
	return a, nil
}

// channelName is the entity's name of a timeslot: "line1/ts07"; of timeslot 0, which stands for none, that of the line.
func (a *Access) channelName(ts span.Timeslot) string {
	if ts == 0 {
		return a.Settings.Name
	}
	return fmt.Sprintf("%s/ts%02d", a.Settings.Name, ts)
}

// Run works the access until ctx is done or the line is closed, and then clears every call.
func (a *Access) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go a.receive(ctx, stop)
	a.loop.Post(a.watchLine)
	a.loop.Post(func() { a.toLink(lapd.Event{Input: lapd.EstablishRequest}) })
	a.loop.Run(ctx)
	a.close()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// again after a failure of the line's driver.
const receiveAgain = time.Second

// receive hands the frames of the D channel to the loop.
func (a *Access) receive(ctx context.Context, stop context.CancelCauseFunc) {
	buf := make([]byte, span.MaxFrame)
	for ctx.Err() == nil {
		n, err := a.Line.ReceiveFrame(buf)
		switch {
		case errors.Is(err, io.EOF):
			stop(fmt.Errorf("the line %s was closed: %w", a.Settings.Name, err))
			return
		case err != nil:
			a.log.Warn("no frame could be read", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(receiveAgain):
			}
		default:
			frame := append([]byte(nil), buf[:n]...)
			a.loop.Post(func() { a.toLink(lapd.Event{Input: lapd.FrameReceived, Octets: frame}) })
		}
	}
}

// close clears what is left when the loop has ended.
func (a *Access) close() {
	for _, l := range append(a.legs(), a.channels.reservers()...) {
		l.hangup(q850.DestinationOutOfOrder)
		l.over(call.Cleared{Cause: q850.DestinationOutOfOrder, Location: a.profile.Location, Detail: "the line was taken out of service"})
		l.stopTimers()
	}
	for _, t := range []*call.Timer{a.linkTimers[0], a.linkTimers[1], a.again} {
		t.Stop()
	}
	a.restart.stopTimers()
}

// Apply takes changed settings. Hunting, selection, restart and the digits of the called number change at once;
// what else differs needs a new Access.
func (a *Access) Apply(_, new config.Line) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, known := huntings[new.Hunting]; known {
		a.settings.Hunting = new.Hunting
	}
	a.settings.Selection, a.settings.DDIDigits, a.settings.Restart = new.Selection, new.DDIDigits, new.Restart
}

// now is the settings at this moment.
func (a *Access) now() config.Line {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.settings
}

// States of the data link in Status.
const (
	LinkUp           = "up"
	LinkEstablishing = "establishing" // asked for, no answer yet
	LinkDown         = "down"         // the line itself is down
)

// Status is the access at one moment.
type Status struct {
	Link     string // up, establishing, down
	Since    time.Time
	Channels []Channel         // in the order of timeslots
	Errors   map[string]uint64 // MDL-ERROR indications since New, by their letter (Q.921 Table II.1)
}

// Channel is one B channel at one moment.
type Channel struct {
	Timeslot span.Timeslot
	State    string
	Since    time.Time
	Reason   string // a Reason: why it is blocked
}

// Now reads the status.
func (a *Access) Now() Status {
	a.mu.Lock()
	status := Status{Link: a.status.state, Since: a.status.since, Errors: maps.Clone(a.errors)}
	a.mu.Unlock()
	status.Channels = a.channels.now()
	return status
}
