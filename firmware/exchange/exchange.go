// Package exchange is the switch as a whole: it builds the parts, routes calls through them, applies
// settings and says how everything is.
//
// In: calls from firmware/pri (lines), firmware/siptrunk (IP trunks) and firmware/sipphone (phones), keys and ends of prompts from
// firmware/bridge, orders from webadmin and firmware/console. Out: legs joined in the bridge, decisions of
// firmware/ivr and firmware/acd carried out, events in firmware/journal, a Snapshot for those who look.
//
// What a call does here is the field's practice (terms of queue and agent from the acd; emergency numbers
// are never refused); no standard covers it. Left out: asking somebody first and then handing the
// call over (consultation); who is to join is invited into the talk (conference.go).
//
// All call control runs in one goroutine, the Loop. Exported methods may be called from any other
// goroutine, and must not be called from the loop.
package exchange

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"trunkbox/board"
	"trunkbox/drivers/span"
	"trunkbox/firmware/acd"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/doctor"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/realtime"
	"trunkbox/firmware/record"
	"trunkbox/firmware/seat"
	"trunkbox/firmware/sipphone"
	"trunkbox/firmware/siptrunk"
	"trunkbox/firmware/timeslot"
)

// Options are the parts the exchange does not build itself.
type Options struct {
	Store   *config.Store
	Journal *journal.Journal
	Board   *board.Board
	// OpenLine opens the driver of a line; the name, driver, span, kind and block of the settings count.
	OpenLine func(config.Line) (span.Line, error)
	TLS      tls.Certificate // of the phones' TLS port
	Version  string
	Log      *slog.Logger
	Notices  []Notice // what was found before the exchange began
	Restart  func()   // ends the process in good order; whoever started it starts it again
	TraceDir string   // of the D channels' traces; empty: they are kept in memory only
	// Performance is the directory of the lines' performance histories; empty: they end with the process.
	Performance string
	Recordings  string // the directory of recordings; empty: nothing is recorded
	// ExaminationPace is how long the parts of an examination of a line take; zero: as real lines need it.
	ExaminationPace doctor.Pace
	// Refused is what the kernel does not let the program have for its sound (realtime.Program), for the page.
	Refused []string
	// Clock is the box's own; nil: it is only compared with the network's, never set.
	Clock Clock
}

// Exchange is the switch.
type Exchange struct {
	Options
	started  time.Time
	block    int // octets a timeslot and tick, the same for all lines; set at the start
	loop     *call.Loop
	disk     *call.Loop // what waits for the disk, in order
	engine   *bridge.Engine
	phones   *sipphone.Server
	trunks   *siptrunk.Trunks
	ids      *call.IDs
	watch    watchers
	traces   *traces
	quality  quality
	late     lateness
	recorder *record.Recorder // nil when nothing can be recorded

	examinations examinations
	loopsSet     loopsSet

	apply   sync.Mutex // one change of settings at a time
	serving sync.Mutex // one channel taken out of service, or back, at a time
	rows    timeslot.Rows
	pace    atomic.Pointer[line] // whose clock is the bridge's; nil: no line's

	// What follows belongs to the loop.
	settings config.Settings
	lines    map[string]*line
	blocked  map[string]bool // channels that are blocked, by name, so that their return is written down too
	calls    map[string]*Call
	seats    map[string]*seat.Seat
	acd      acd.State
	acdTimer *call.Timer
	since    map[string]time.Time // of each agent's state
	notices  map[string]Notice
	closed   int                 // looks in a row at which a SIP port was closed
	refusals map[string]*refusal // by notice
	clock    clockTold
}

// blockMS is the tick of the bridge: the block of the first line, or this when there is none.
const blockMS = 10

// New builds the exchange on the settings of the store. Nothing runs before Run.
func New(o Options) (*Exchange, error) {
	now := time.Now()
	x := &Exchange{
		Options: o, started: now, loop: call.NewLoop(), disk: call.NewLoop(), ids: call.NewIDs(now),
		settings: o.Store.Settings(), lines: map[string]*line{}, blocked: map[string]bool{}, calls: map[string]*Call{},
		seats: map[string]*seat.Seat{}, since: map[string]time.Time{}, notices: map[string]Notice{}, refusals: map[string]*refusal{},
		traces: newTraces(o.TraceDir, o.Log),
	}
	x.loop.Panicked, x.disk.Panicked = x.panicked, x.panicked
	for _, notice := range o.Notices {
		x.notices[notice.ID] = notice
	}
	x.block = block(x.settings)
	x.keepTime(x.settings)
	for _, missing := range o.Board.Missing() {
		o.Log.Warn("the board lacks a part", "part", missing)
	}
	engine, err := bridge.New(x.block, o.Log)
	if err != nil {
		return nil, fmt.Errorf("the bridge: %w", err)
	}
	x.engine = engine
	x.late.granted(o.Refused)
	realtime.Processors(3) // the lines in step, the bridge and the phones
	x.newRecorder()
	x.configureACD() // before the phones: those that were registered tell so at once
	x.phones, err = sipphone.New(sipphone.Options{
		Settings: x.settings, Accept: x.acceptPhone, AcceptTrunk: x.acceptTrunk, Observer: phoneObserver{x}, Keeper: phoneKeeper{o.Store},
		TLS: o.TLS, Logger: o.Log,
	})
	if err != nil {
		return nil, fmt.Errorf("the phones: %w", err)
	}
	x.newTrunks()
	return x, nil
}

// panicked writes a defect of ours down and shows it. Everything else goes on.
func (x *Exchange) panicked(value any, stack []byte) {
	x.Log.Error("a defect in call control", "panic", value, "stack", string(stack))
	x.loop.Post(func() {
		x.notice("defect",
			"软件出现内部错误，通话继续；请把日志发给技术支持。",
			"The software met a defect of its own; calls go on. Please send the log to support.")
	})
}

// block is the number of octets of a tick that the settings ask for: the first line's, for all share it.
func block(settings config.Settings) int {
	for _, l := range settings.Lines {
		if l.Enabled && l.BlockMS > 0 {
			return 8 * l.BlockMS
		}
	}
	return 8 * blockMS
}

// phase is one step of the start, in order.
type phase struct {
	name  string
	start func(context.Context) error
}

// Run starts the parts and runs until ctx is done; then it ends the calls and stops.
func (x *Exchange) Run(ctx context.Context) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var running sync.WaitGroup
	phases := []phase{
		{"sound", func(context.Context) error { running.Go(x.engine.Run); running.Go(x.hear); return nil }},
		{"control", func(ctx context.Context) error {
			running.Go(func() { x.loop.Run(ctx) })
			running.Go(func() { x.disk.Run(ctx) })
			return nil
		}},
		{"agents", func(context.Context) error { x.loop.Do(x.startAgents); return nil }},
		{"phones", func(ctx context.Context) error {
			running.Go(func() { x.runTrunks(ctx) })
			return nil
		}},
		{"lines", func(context.Context) error { x.loop.Do(x.startLines); return nil }},
		{"board", func(ctx context.Context) error {
			running.Go(func() { x.light(ctx) })
			running.Go(func() { x.guard(ctx) })
			running.Go(func() { x.buttons(ctx) })
			running.Go(func() { x.measure(ctx) })
			running.Go(func() { x.keepQuality(ctx) })
			running.Go(func() { x.runRecorder(ctx) })
			running.Go(func() { x.watchTicks(ctx) })
			return nil
		}},
	}
	x.note("", journal.BoxStarted, "version", x.Version) // first: it ends the calls of the time before
	for _, p := range phases {
		x.Log.Info("starting", "phase", p.name)
		if err := p.start(work); err != nil {
			return fmt.Errorf("start of %s: %w", p.name, err)
		}
	}
	<-ctx.Done()
	x.stop()
	stop()
	x.engine.Close()
	running.Wait()
	x.traces.close()
	return nil
}

// stop ends the calls in good order and closes the lines.
func (x *Exchange) stop() {
	x.loop.Do(func() {
		for _, c := range x.calls {
			c.end(ending{cause: causeOfStop, by: "box", reason: journal.BoxStops})
		}
	})
	x.waitCleared(2 * time.Second)
	x.loop.Do(func() {
		for _, l := range x.lines {
			l.close()
		}
	})
	x.note("", journal.BoxStopped, "reason", string(journal.AskedToStop))
}

// runPhones runs the SIP side and begins again when it fails: a port that is taken must not stop the lines.
func (x *Exchange) runPhones(ctx context.Context) {
	for ctx.Err() == nil {
		err := x.phones.Run(ctx)
		if ctx.Err() != nil {
			return
		}
		x.Log.Error("the phones' SIP ports are down; trying again", "error", err)
		x.loop.Post(func() {
			x.noticeFault(phonesDown, "话机的 SIP 端口无法打开，话机不能注册",
				"The phones' SIP ports cannot be opened, so no phone can register", err)
		})
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Second):
		}
	}
}

// hear posts the bridge's events to the loop until the engine is closed.
func (x *Exchange) hear() {
	for event := range x.engine.Events() {
		x.loop.Post(func() { x.heard(event) })
	}
}

// heard finds the call of a party.
func (x *Exchange) heard(event bridge.Event) {
	for _, c := range x.calls {
		if c.caller.Party() == event.Party {
			switch {
			case event.Ended != nil:
				c.played(event.Ended)
			case event.Key != 0:
				c.keyInSound(event.Key)
			default:
				c.keyInSoundUp(event.Digit)
			}
			return
		}
	}
}

// note writes one event to the journal. A journal that cannot write has said so itself; the call goes on.
func (x *Exchange) note(callID string, kind journal.Kind, pairs ...string) {
	fields := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fields[pairs[i]] = pairs[i+1]
		}
	}
	if _, err := x.Journal.Append(journal.Event{Call: callID, Kind: kind, Fields: fields}); err != nil {
		x.loop.Post(func() {
			x.noticeFault(journalFailing, "通话记录暂时写不进磁盘，先保存在内存中",
				"Call records cannot be written to the disk now and are kept in memory", err)
		})
	}
	x.watch.tell()
}

// journalFailing is the notice of a disk that refuses the journal's events.
const journalFailing = "journal_failing"

// waitCleared waits until no line has a channel in use any more, and no IP trunk a call, so that the far side hears the end of its
// calls, but not longer than limit.
func (x *Exchange) waitCleared(limit time.Duration) {
	deadline := time.Now().Add(limit)
	for time.Now().Before(deadline) {
		busy := false
		x.loop.Do(func() {
			for _, l := range x.lines {
				busy = busy || l.busy()
			}
			busy = busy || x.trunksUp()
		})
		if !busy {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// notice shows the owner one sentence until it is cleared.
func (x *Exchange) notice(id, zh, en string) {
	since := time.Now()
	if old, shown := x.notices[id]; shown {
		since = old.Since
	}
	x.notices[id] = Notice{ID: id, Since: since, ZH: zh, EN: en}
	x.watch.tell()
}

// clearNotice takes the sentence away.
func (x *Exchange) clearNotice(id string) {
	if _, shown := x.notices[id]; shown {
		delete(x.notices, id)
		x.watch.tell()
	}
}
