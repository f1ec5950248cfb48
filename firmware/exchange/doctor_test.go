package exchange

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/drivers/vspan"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/doctor"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/performance"
	"trunkbox/test/farend"
)

// ward is an exchange of which only the lines work, each a virtual one with a carrier at its end.
type ward struct {
	*Exchange
	t    *testing.T
	far  func(*vspan.End)                          // does something to each far end before it works
	near func(span.Line, error) (span.Line, error) // stands before each driver; nil: nothing
	back sync.WaitGroup

	mu     sync.Mutex
	cables map[string]*vspan.Cable
	fars   map[string]*farend.Exchange
}

func (w *ward) openLine(settings config.Line) (span.Line, error) {
	cable := vspan.New(vspan.Options{Block: 80, Clock: bubbleClock{time.Now()}, Names: [2]string{settings.Name, "far"}})
	format, err := span.ParseFormat(settings.Framing, settings.LineCode, settings.Clock)
	if err != nil {
		return nil, err
	}
	if err := cable.A().Tune(format); err != nil {
		return nil, err
	}
	if w.far != nil {
		w.far(cable.B())
	}
	far := farend.New(cable.B(), farend.Options{})
	w.mu.Lock()
	w.cables[settings.Name], w.fars[settings.Name] = cable, far
	w.mu.Unlock()
	ctx, stop := context.WithCancel(context.Background())
	w.back.Go(func() { _ = far.Run(ctx) })
	line := &endingLine{End: cable.A(), end: stop}
	if w.near != nil {
		return w.near(line, nil)
	}
	return line, nil
}

// bubbleClock counts the blocks of a cable by the time of a synctest bubble, whatever vspan.Real sleeps by.
type bubbleClock struct{ began time.Time }

func (b bubbleClock) Count(block int) uint64 {
	return uint64(time.Since(b.began) / (time.Duration(block) * time.Second / 8000))
}

func (b bubbleClock) Wait(n uint64, block int, done <-chan struct{}) { b.WaitBeside(n, block, 0, done) }

func (b bubbleClock) WaitBeside(n uint64, block int, shift time.Duration, done <-chan struct{}) {
	left := time.Duration(n)*time.Duration(block)*time.Second/8000 + shift - time.Since(b.began)
	if left <= 0 {
		return
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-done:
	}
}

// endingLine is a driver that takes its far end with it.
type endingLine struct {
	*vspan.End
	end func()
}

func (e *endingLine) Close() error {
	e.end()
	return e.End.Close()
}

// inWard runs test in a bubble with lines of these settings.
func inWard(t *testing.T, lines []config.Line, prepare func(*ward), test func(w *ward)) {
	synctest.Test(t, func(t *testing.T) {
		log := slog.New(slog.DiscardHandler)
		store, _, err := config.Open(t.TempDir(), log)
		if err != nil {
			t.Fatal(err)
		}
		settings := config.Default("CN", "en")
		settings.Lines = lines
		if err := store.Save(settings, "admin"); err != nil {
			t.Fatal(err)
		}
		events, _, err := journal.Open(t.TempDir(), journal.Options{Logger: log})
		if err != nil {
			t.Fatal(err)
		}
		w := &ward{t: t, cables: map[string]*vspan.Cable{}, fars: map[string]*farend.Exchange{}}
		w.Exchange = &Exchange{
			Options: Options{Store: store, Journal: events, Log: log, ExaminationPace: doctor.Pace{
				Listen: 4 * time.Second, Settle: 300 * time.Millisecond, Look: 2 * time.Second, Probe: 500 * time.Millisecond, Every: 100 * time.Millisecond,
			}},
			block: 80, loop: call.NewLoop(), ids: call.NewIDs(time.Now()), settings: store.Settings(),
			lines: map[string]*line{}, blocked: map[string]bool{}, calls: map[string]*Call{}, notices: map[string]Notice{}, traces: newTraces("", log),
		}
		if w.engine, err = bridge.New(80, log); err != nil {
			t.Fatal(err)
		}
		if prepare != nil {
			prepare(w)
		}
		w.OpenLine = w.openLine
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { w.loop.Run(ctx); close(ended) }()
		w.loop.Do(w.startLines)
		time.Sleep(3 * time.Second)
		test(w)
		for _, u := range w.unitsNow() {
			u.close()
		}
		w.back.Wait()
		stop()
		<-ended
		w.traces.close()
		_ = events.Close()
		_ = store.Close()
		synctest.Wait()
	})
}

// examinedLine has a line examined and waits for what comes of it.
func (w *ward) examinedLine(name string) ExaminationNow {
	w.t.Helper()
	if err := w.Examine(name, "admin"); err != nil {
		w.t.Fatal(err)
	}
	if err := w.Examine(name, "admin"); !errors.Is(err, ErrExamining) {
		w.t.Errorf("a second one at a time: %v", err)
	}
	for range 120 {
		time.Sleep(time.Second)
		if now, _ := w.Examination(name); !now.Ended.IsZero() {
			return now
		}
	}
	w.t.Fatal("it does not end")
	return ExaminationNow{}
}

func (w *ward) link(name string) (state string) {
	w.loop.Do(func() {
		if l := w.lines[name]; l != nil && l.access != nil {
			state = l.access.Now().Link
		}
	})
	return state
}

// TestALineIsHealed: the far end has no CRC-4; what worked is saved, and the line comes up.
func TestALineIsHealed(t *testing.T) {
	l := lineOf("line1")
	inWard(t, []config.Line{l}, func(w *ward) {
		w.far = func(e *vspan.End) { _ = e.Tune(span.Format{Framing: span.NoCRC4, Clock: span.Internal}) }
	}, func(w *ward) {
		if err := w.Examine("line9", "admin"); !errors.As(err, new(NoLineError)) {
			t.Errorf("a line that is not there: %v", err)
		}
		if err := w.ApplyExamination("line1", "admin"); !errors.Is(err, ErrNothingToSave) {
			t.Errorf("nothing to save: %v", err)
		}
		now := w.examinedLine("line1")
		if len(now.Findings) != 1 || now.Findings[0].ID != "crc4_one_side" || now.Suggestion["framing"] != "no-crc4" || now.InService || now.Percent != 100 {
			t.Fatalf("found %+v", now)
		}
		if len(now.Tried) == 0 || !now.Tried[0].Aligned || now.VerdictZH == "" || now.VerdictEN == "" || now.FailedEN != "" {
			t.Errorf("told %+v", now)
		}
		time.Sleep(5 * time.Second)
		if w.link("line1") == "up" {
			t.Error("the line is up before anything is saved")
		}
		if to := w.Settings(); to.Lines[0].Framing != "crc4" {
			t.Error("saved without being asked")
		}
		to := w.Settings()
		to.Lines[0].Framing = now.Suggestion["framing"]
		kept := to.Lines[0]
		take(&kept, now.Suggestion)
		if kept.Framing != "no-crc4" {
			t.Errorf("would save %+v", kept)
		}
	})
}

// TestALineAtWorkIsListenedTo: and one beside it is not touched.
func TestALineAtWorkIsListenedTo(t *testing.T) {
	inWard(t, []config.Line{lineOf("line1"), lineOf("line2")}, func(w *ward) {
		w.far = func(e *vspan.End) { _ = e.Tune(span.Format{Clock: span.Internal}) }
	}, func(w *ward) {
		now := w.examinedLine("line1")
		if len(now.Findings) != 1 || now.Findings[0].ID != doctor.Healthy || !now.InService || len(now.Tried) != 0 || len(now.Suggestion) != 0 {
			t.Errorf("found %+v", now)
		}
		if w.lines["line2"] == nil || w.link("line2") != "up" || w.link("line1") != "up" {
			t.Errorf("links %s, %s", w.link("line1"), w.link("line2"))
		}
	})
}

// TestALineThatIsOffIsOpenedForIt: and closed again.
func TestALineThatIsOffIsOpenedForIt(t *testing.T) {
	off := lineOf("line2")
	off.Enabled, off.Side = false, "network"
	inWard(t, []config.Line{lineOf("line1"), off}, nil, func(w *ward) {
		now := w.examinedLine("line2")
		if len(now.Findings) != 1 || now.Findings[0].ID != "both_network" || now.Suggestion["side"] != "user" {
			t.Errorf("found %+v", now)
		}
		if err := w.cables["line2"].A().SendFrame([]byte{0, 1, 0x7f}); !errors.Is(err, io.EOF) {
			t.Errorf("the line is still open: %v", err)
		}
		if w.link("line1") != "up" {
			t.Error("the other line has lost its link")
		}
	})
}

// TestALineWhoseDriverFails: that is a finding, not a failure.
func TestALineWhoseDriverFails(t *testing.T) {
	off := lineOf("line1")
	off.Enabled = false
	inWard(t, []config.Line{off}, func(w *ward) {
		w.near = func(l span.Line, _ error) (span.Line, error) {
			_ = l.Close()
			return nil, errors.New("no such card")
		}
	}, func(w *ward) {
		now := w.examinedLine("line1")
		if len(now.Findings) != 1 || now.Findings[0].ID != "not_open" || now.FailedEN == "" {
			t.Errorf("found %+v", now)
		}
	})
}

// TestLineTests: loops and the sequence on a line without calls; nothing on one that has a call, or cannot.
func TestLineTests(t *testing.T) {
	inWard(t, []config.Line{lineOf("line1")}, func(w *ward) {
		w.far = func(e *vspan.End) { _ = e.Tune(span.Format{Clock: span.Internal}) }
	}, func(w *ward) {
		do := func(test LineTest) error { return w.TestLine("line1", test, "admin") }
		now, err := w.LineTests("line1")
		if err != nil || len(now.Loops) != 3 || !now.PRBS || !now.Code || len(now.Defects) == 0 || now.WhyEN != "" || now.Loop != "none" || now.Sequence != nil {
			t.Errorf("%v: %+v", err, now)
		}
		for _, wrong := range []LineTest{{"loop", "far", 0}, {"code", "on", 0}, {"prbs", "", 0}, {"insert", "crc", 0}, {"insert", "x", 1}, {"sing", "", 0}} {
			if err := do(wrong); !errors.As(err, new(TestRefusedError)) {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		var leg call.Leg
		w.loop.Do(func() {
			leg, err = w.lines["line1"].access.Dial(call.Outgoing{Called: "13800138000"}, func(call.Event) {})
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(4 * time.Second)
		if err := do(LineTest{"loop", "local", 0}); !errors.Is(err, testBusy) {
			t.Errorf("with a call: %v", err)
		}
		if now, _ := w.LineTests("line1"); now.WhyEN != testBusy.EN {
			t.Errorf("with a call: %+v", now)
		}
		if err := do(LineTest{"loop", "none", 0}); err != nil {
			t.Errorf("what ends a test, with a call: %v", err)
		}
		leg.Hangup(16)
		time.Sleep(2 * time.Second)
		if err := do(LineTest{"loop", "local", 0}); err != nil {
			t.Fatal(err)
		}
		if err := do(LineTest{"prbs", "on", 0}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		if err := do(LineTest{"insert", "prbs", 5}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
		now, _ = w.LineTests("line1")
		if q := now.Sequence; now.Loop != "local" || q == nil || !q.InSync || q.Errors != 5 || q.Bits < 1e6 || q.Ratio <= 0 || q.Ratio > 1e-5 {
			t.Errorf("%+v, %+v", now, now.Sequence)
		}
		for _, end := range []LineTest{{"prbs", "off", 0}, {"loop", "none", 0}} {
			if err := do(end); err != nil {
				t.Error(err)
			}
		}
		if now, _ := w.LineTests("line1"); now.Loop != "none" || now.Sequence != nil {
			t.Errorf("%+v", now)
		}
	})
}

// TestLinesThatCannotBeTested say why.
func TestLinesThatCannotBeTested(t *testing.T) {
	off := lineOf("line2")
	off.Enabled = false
	inWard(t, []config.Line{lineOf("line1"), off}, func(w *ward) {
		w.near = func(l span.Line, err error) (span.Line, error) { return struct{ span.Line }{l}, err }
	}, func(w *ward) {
		for name, want := range map[string]TestRefusedError{"line1": testNoTool, "line2": testNotOpen} {
			if now, err := w.LineTests(name); err != nil || now.WhyEN != want.EN {
				t.Errorf("%s: %v %+v", name, err, now)
			}
			if err := w.TestLine(name, LineTest{"loop", "local", 0}, "admin"); !errors.Is(err, want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := w.LineTests("line9"); !errors.As(err, new(NoLineError)) {
			t.Errorf("line9: %v", err)
		}
	})
}

// TestSlipsOfThePast: the slips of a day count for the doctor while they go on, not hours after the clock was put right.
func TestSlipsOfThePast(t *testing.T) {
	report := performance.Report{Bins: make([]performance.Bin, 96)}
	for ago, want := range map[int]bool{0: true, 8: true, 9: false, 95: false} {
		report.Bins[95-ago].Slips = 7
		if slippedLately(report) != want {
			t.Errorf("slips %d quarter hours ago count: %v, want %v", ago, !want, want)
		}
		report.Bins[95-ago].Slips = 0
	}
	if slippedLately(performance.Report{}) {
		t.Error("a line without a history has slipped")
	}
}
