package pri

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// Group is a D channel with the lines whose calls it carries: one as a rule, several with non-facility associated
// signalling (clause 4.5.13 and Annex F/Q.931). Fields without a comment belong to the goroutine of Run.
type Group struct {
	name    string // fixed: that of the first line
	log     *slog.Logger
	side    q931.Side     // fixed
	profile *q931.Profile // fixed
	loop    *call.Loop    // fixed
	lines   []*Access     // fixed
	ds      []*dchannel   // fixed: the primary, then the backup
	active  *dchannel     // which of them carries the calls

	mu     sync.Mutex        // holds status and errors together
	status linkStatus        // under mu
	shown  []DChannel        // under mu
	errors map[string]uint64 // under mu: data link errors by letter

	calls   map[q931.Ref]*leg // by the key of the reference in the far side's messages
	nextRef uint16
	octets  []byte // the message being sent

	splitting *q931.Segmenter

	restart  restarting
	service  serving
	trials   map[place]*trial // blocked channels that wait to be tried
	audits   *call.Timer
	holding  *call.Timer // T321: until a D channel that was given up is let go
	began    time.Time   // of Run
	asserted time.Time   // when the user was told last which D channel is in service
	silent   int         // questions of the audit in a row that had no answer
}

type linkStatus struct {
	state string
	since time.Time
}

// NewGroup makes the lines that share a D channel; the first one's settings are those of the signalling.
func NewGroup(lines ...Options) (*Group, error) {
	if len(lines) == 0 {
		return nil, errors.New("a D channel needs a line")
	}
	first := lines[0].Settings
	g := &Group{
		name:   first.Name,
		log:    lines[0].Logger.With("line", first.Name),
		status: linkStatus{LinkDown, time.Now()},
		errors: map[string]uint64{},
		calls:  map[q931.Ref]*leg{},
		trials: map[place]*trial{},
		loop:   call.NewLoop(),
	}
	side := lapd.User
	switch first.Side {
	case "user":
		g.side = q931.User
	case "network":
		g.side, side = q931.Network, lapd.Network
	default:
		return nil, fmt.Errorf("the side of %s is %q: it can be user or network", first.Name, first.Side)
	}
	profile, err := profileOf(first, g.side)
	if err != nil {
		return nil, err
	}
	g.profile = profile
	g.restart.machine = q931.NewRestart(profile)
	g.service.machine, g.service.owed = q931.NewService(profile), map[place]time.Time{}
	g.splitting = q931.NewSegmenter(profile)
	for _, o := range lines {
		a, err := g.newAccess(o)
		if err != nil {
			return nil, err
		}
		g.lines = append(g.lines, a)
	}
	for _, role := range [][]string{{"own", "primary", ""}, {"backup"}} {
		for _, a := range g.lines {
			if slices.Contains(role, a.Settings.DChannel) {
				a.d = &dchannel{group: g, line: a, side: side, profile: linkProfile(a.Options), joining: q931.NewAssembler(profile)}
				a.d.link = lapd.NewLink(side, a.d.profile)
				g.ds = append(g.ds, a.d)
			}
		}
	}
	if len(g.ds) == 0 || len(g.ds) > 2 {
		return nil, fmt.Errorf("the lines of %s have %d D channels: one is needed, and two are the most", g.name, len(g.ds))
	}
	g.active = g.ds[0]
	g.showDs()
	return g, nil
}

// Lines are the lines in the order given to NewGroup.
func (g *Group) Lines() []*Access { return g.lines }

// Run works the group until ctx is done or a line of it is closed, and then clears every call.
func (g *Group) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	// The link is asked for before a frame can come in: a far end that has set it up first would have it set up once more,
	// and lose the SETUP that it has sent meanwhile.
	g.loop.Post(func() {
		g.began = time.Now()
		if len(g.ds) > 1 {
			g.holding = g.loop.After(standInAfter, g.standIn)
		}
		for _, a := range g.lines {
			a.watchLine()
		}
		for _, d := range g.ds {
			d.handle(lapd.Event{Input: lapd.EstablishRequest})
		}
		g.audits = g.loop.After(auditEvery, g.audit)
	})
	for _, d := range g.ds {
		go d.receive(ctx, stop)
	}
	g.loop.Run(ctx)
	g.close()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// receiveAgain is how long after a failure of the line's driver it is tried again.
const receiveAgain = time.Second

// receive hands the frames of the D channel to the loop.
func (d *dchannel) receive(ctx context.Context, stop context.CancelCauseFunc) {
	buf := make([]byte, span.MaxFrame)
	for ctx.Err() == nil {
		n, err := d.line.Line.ReceiveFrame(buf)
		switch {
		case errors.Is(err, io.EOF):
			stop(fmt.Errorf("the line %s was closed: %w", d.line.Settings.Name, err))
			return
		case err != nil:
			d.group.log.Warn("no frame could be read", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(receiveAgain):
			}
		default:
			frame := append([]byte(nil), buf[:n]...)
			d.group.loop.Post(func() { d.handle(lapd.Event{Input: lapd.FrameReceived, Octets: frame}) })
		}
	}
}

// close clears what is left when the loop has ended.
func (g *Group) close() {
	left := g.legs()
	for _, a := range g.lines {
		left = append(left, a.channels.reservers()...)
	}
	for _, l := range left {
		l.hangup(q850.DestinationOutOfOrder)
		l.over(call.Cleared{Cause: q850.DestinationOutOfOrder, Location: g.profile.Location, Detail: "the line was taken out of service"})
		l.stopTimers()
	}
	for _, d := range g.ds {
		d.stopTimers()
	}
	g.restart.stopTimers()
	g.service.timers.stopAll()
	for _, t := range g.trials {
		t.timer.Stop()
	}
	g.audits.Stop()
	g.holding.Stop()
	for _, a := range g.lines {
		a.watch.Stop()
		a.lost.Stop()
	}
}

// legs is a copy of the calls' legs, for loops in which calls end.
func (g *Group) legs() []*leg {
	legs := make([]*leg, 0, len(g.calls))
	for _, l := range g.calls {
		legs = append(legs, l)
	}
	return legs
}

// setLink is the one place where the state of the group's signalling changes.
func (g *Group) setLink(state string, reason Reason) (was string) {
	g.mu.Lock()
	was = g.status.state
	if was != state {
		g.status = linkStatus{state, time.Now()}
	}
	g.mu.Unlock()
	if was == state || was != LinkUp && state != LinkUp {
		return was
	}
	told := "down"
	if state == LinkUp {
		told = "up"
	}
	g.log.Info("data link "+told, "entity", g.active.name(), "reason", string(reason), "alarms", g.active.alarms())
	for _, a := range g.lines {
		a.Observer.Link(told, string(reason))
	}
	return was
}

func (g *Group) isUp() bool { return g.linkState() == LinkUp }

func (g *Group) linkState() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.status.state
}

// toCalls tells every call what became of the link. A call may end by it.
func (g *Group) toCalls(in q931.Input) {
	for _, l := range g.legs() {
		g.toCall(l, q931.Event{Input: in})
	}
}

// toLink gives one event to the data link in service.
func (g *Group) toLink(e lapd.Event) { g.active.handle(e) }
