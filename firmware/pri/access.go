// Package pri is one primary rate access: the D channel of a line joined to its B channels. It is the only place
// where the data link (firmware/lapd) and the call control messages (firmware/q931) meet, and the owner of both
// machines' goroutine, clock and timers.
//
// In: frames of the D channel from a span.Line, requests of the exchange (Dial, and the methods of a call.Leg). Out:
// frames, calls offered to call.Accept, events of legs, and the timeslots opened as bridge.Ports for as long as they
// carry sound. Signal path; the sound itself passes firmware/timeslot.
//
// Q.931 clauses 5.1 to 5.7 as far as channels, references, restart and the data link are concerned, in the variants of
// q931.Profiles, with the maintenance messages of the North American ones. The user's side listens to the tones after a
// DISCONNECT (clause 5.3.4.1) of a call of ours that was not answered; other calls are released at once. A channel out of
// order is tried by itself, and the books are compared with the far end's (trial.go, audit.go). Left out: tones of our own
// after DISCONNECT.
//
// Every method is safe from anywhere. Accept and Handlers are called from the goroutine of Run, the Observer from that
// or from Dial's; none of them may wait. The line's Close ends the reader of its frames; cancelling Run's context alone does not.
package pri

import (
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
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

// Options is what an access stands on. All of them are needed but N200 and Trace.
type Options struct {
	Line     span.Line
	Settings config.Line
	Channels Channels
	Accept   call.Accept
	Observer Observer
	Logger   *slog.Logger
	// N200 is how often the data link asks again before it is set up anew; 0: as often as lapd.PrimaryRate says.
	N200 int
	// Trace, when not nil, is told of each frame of the D channel in the order in which the link deals with them. It is
	// called from the goroutine of Run, may not wait, and may not keep the frame.
	Trace func(sent bool, frame []byte)
}

// Access is one line of a Group. Fields without a comment are fixed.
type Access struct {
	Options
	*Group
	bearer q931.Bearer
	id     uint8     // interface identifier, where a D channel has several lines
	d      *dchannel // of this line, nil when another line's carries its signalling

	setting sync.Mutex
	set     config.Line // under setting: what Apply may change

	names    [span.Slots]string // fixed: channelName
	channels table              // safe from anywhere
	draining atomic.Bool        // it takes no new calls

	watch   *call.Timer
	lost    *call.Timer // until the calls of a line that is down are given up, in a group
	alarmed time.Time   // since when the line has been down; zero: it is not; of the goroutine of Run
	down    bool        // it has been down for so long that the signalling counts with it; of the goroutine of Run
}

// New makes a line with a D channel of its own. It fails for settings that it cannot work with.
func New(o Options) (*Access, error) {
	g, err := NewGroup(o)
	if err != nil {
		return nil, err
	}
	return g.lines[0], nil
}

// newAccess makes a line of g.
func (g *Group) newAccess(o Options) (*Access, error) {
	a := &Access{Options: o, Group: g, set: o.Settings, id: uint8(o.Settings.Interface)}
	switch o.Settings.Law {
	case "alaw":
		a.bearer = q931.SpeechALaw
	case "mulaw":
		a.bearer = q931.SpeechMuLaw
	default:
		return nil, fmt.Errorf("the companding law of %s is %q: it can be alaw or mulaw", o.Settings.Name, o.Settings.Law)
	}
	if _, known := huntings[o.Settings.Hunting]; !known {
		return nil, fmt.Errorf("the hunting order of %s is %q: it can be up, down, round-robin, least-recent or opposite", o.Settings.Name, o.Settings.Hunting)
	}
	a.nameChannels()
	a.channels.init(span.Bearers(o.Line), func(ts span.Timeslot, state State, reason Reason) {
		a.Observer.Channel(a.channelName(ts), string(state), string(reason))
	})
	return a, nil
}

// channelName is the entity's name of a timeslot: "line1/ts07"; of timeslot 0, which stands for none, that of the line.
func (a *Access) channelName(ts span.Timeslot) string { return a.names[ts] }

func (a *Access) nameChannels() {
	a.names[0] = a.Settings.Name
	for ts := 1; ts < len(a.names); ts++ {
		a.names[ts] = fmt.Sprintf("%s/ts%02d", a.Settings.Name, ts)
	}
}

// Apply takes changed settings. Hunting, selection, restart, transfer in the network and the digits of the called number change at once;
// what else differs needs a new Access.
func (a *Access) Apply(_, new config.Line) {
	a.setting.Lock()
	defer a.setting.Unlock()
	if _, known := huntings[new.Hunting]; known {
		a.set.Hunting = new.Hunting
	}
	a.set.Selection, a.set.DDIDigits, a.set.Restart = new.Selection, new.DDIDigits, new.Restart
	a.set.NetworkTransfer = new.NetworkTransfer
}

// Drain keeps new calls from the line, both ways, or lets them in again. Calls that are up go on, and emergency calls are
// taken all the same.
func (a *Access) Drain(on bool) { a.draining.Store(on) }

// now is the settings at this moment.
func (a *Access) now() config.Line {
	a.setting.Lock()
	defer a.setting.Unlock()
	return a.set
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
	Order    Order
	Glares   Glares
	Ds       []DChannel // the D channels of the line's group, the primary first
}

// Order is how channels are chosen on both sides of a line.
type Order struct {
	Hunting   string // the order in force: up, down, round-robin, least-recent
	Carrier   string // the far end's order as its SETUPs show it: up, down; nothing while that cannot be said
	Low, High uint64 // SETUPs of the far end that named a channel of the lower and of the upper half, old ones half forgotten
}

// Glares counts the calls of both sides that met on a channel, since New.
type Glares struct {
	GaveWay   uint64 // ours gave way: we are the user's side
	Prevailed uint64 // ours kept the channel: we are the network's side
}

// Channel is one B channel at one moment.
type Channel struct {
	Timeslot span.Timeslot
	State    string
	Since    time.Time
	Reason   string // a Reason: why it is blocked, or will be after its call
}

// Link is the state of the D channel alone, as of Status.
func (a *Access) Link() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.status.state
}

// Now reads the status.
func (a *Access) Now() Status {
	a.mu.Lock()
	status := Status{Link: a.status.state, Since: a.status.since, Errors: maps.Clone(a.errors), Ds: a.shown}
	a.mu.Unlock()
	status.Channels = a.channels.now()
	status.Order = a.channels.order(a.now().Hunting)
	status.Glares = Glares{a.channels.gaveWay.Load(), a.channels.prevailed.Load()}
	return status
}
