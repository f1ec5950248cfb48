package exchange

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
)

// card is a line whose driver cancels echo, or refuses to.
type card struct {
	span.Line
	is      span.Canceller
	changes chan span.EchoChange

	mu     sync.Mutex
	closed bool
	refuse error
	tails  map[span.Timeslot]time.Duration
}

var (
	hardware = span.Canceller{By: span.ByHardware, Name: "VPMOCT064", Longest: 128 * time.Millisecond}
	kernel   = span.Canceller{By: span.ByKernel, Name: "MG2", Longest: 128 * time.Millisecond}
)

func newCard(line span.Line, is span.Canceller) *card {
	return &card{Line: line, is: is, changes: make(chan span.EchoChange, 8), tails: map[span.Timeslot]time.Duration{}}
}

func (c *card) Canceller() span.Canceller           { return c.is }
func (c *card) EchoChanges() <-chan span.EchoChange { return c.changes }

func (c *card) CancelEcho(ts span.Timeslot, tail time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuse != nil {
		return c.refuse
	}
	c.tails[ts] = tail
	if tail == 0 {
		delete(c.tails, ts)
	}
	return nil
}

func (c *card) refuses(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuse = err
}

func (c *card) cancels() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for _, ts := range slices.Sorted(maps.Keys(c.tails)) {
		all = append(all, fmt.Sprintf("%d:%v", ts, c.tails[ts]))
	}
	return strings.Join(all, " ")
}

func (c *card) Close() error {
	err := c.Line.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		close(c.changes)
		c.closed = true
	}
	return err
}

func freePlug() *plug {
	return &plug{kind: span.E1, closed: make(chan struct{}), events: make(chan span.Event)}
}

// onCard is the echo of a line with a card, and what was told of refusals.
func onCard(t *testing.T, by string, tailMS int, driver span.Line) (e *echo, told *[]string) {
	t.Helper()
	line := newSteady("line1", span.E1, 80, false, func(span.Line) {})
	if err := line.attach(driver); err != nil {
		t.Fatal(err)
	}
	told = new([]string)
	e = &echo{line: line, log: slog.New(slog.DiscardHandler), refused: func(ts span.Timeslot, c span.Canceller, err error) {
		*told = append(*told, fmt.Sprintf("%d %s %v", ts, c.Name, err))
	}}
	e.apply(config.Line{EchoBy: by, EchoTailMS: tailMS})
	return e, told
}

func TestWhoCancels(t *testing.T) {
	none := span.Canceller{}
	for _, test := range []struct {
		by     string
		tail   int
		is     span.Canceller
		want   EchoNow
		served bool
	}{
		{"auto", 32, hardware, EchoNow{By: "hardware", Name: "VPMOCT064"}, true},
		{"", 32, hardware, EchoNow{By: "hardware", Name: "VPMOCT064"}, true},
		{"auto", 32, kernel, EchoNow{By: "box"}, false},
		{"auto", 32, none, EchoNow{By: "box"}, false},
		{"auto", 0, hardware, EchoNow{By: "none"}, false},
		{"box", 32, hardware, EchoNow{By: "box"}, false},
		{"box", 32, kernel, EchoNow{By: "box"}, false},
		{"board", 32, hardware, EchoNow{By: "hardware", Name: "VPMOCT064"}, true},
		{"board", 32, kernel, EchoNow{By: "kernel", Name: "MG2"}, true},
		{"board", 32, none, EchoNow{By: "box", Why: "none"}, false},
		{"board", 0, kernel, EchoNow{By: "none"}, false},
	} {
		c := newCard(freePlug(), test.is)
		e, told := onCard(t, test.by, test.tail, c)
		e.begin(7)
		want := ""
		if test.served {
			want = "7:32ms"
		}
		if e.now() != test.want || e.served(7) != test.served || e.served(8) || c.cancels() != want || len(*told) > 0 {
			t.Errorf("%q, %d ms, %v: %+v, served %v, the card cancels %q, told %q", test.by, test.tail, test.is, e.now(), e.served(7), c.cancels(), *told)
		}
		e.end(7)
		if e.served(7) || c.cancels() != "" || e.now() != test.want {
			t.Errorf("%q, %d ms, %v: after the call %+v, the card cancels %q", test.by, test.tail, test.is, e.now(), c.cancels())
		}
	}
	e, _ := onCard(t, "board", 32, freePlug()) // a driver that knows of no cancellers
	if e.begin(1); e.served(1) || e.now() != (EchoNow{By: "box", Why: "none"}) {
		t.Errorf("without a canceller: %+v", e.now())
	}
}

// A card that refuses is told of once, until it has obeyed again; the box cancels meanwhile.
func TestTheBoxCancelsWhereTheCardRefuses(t *testing.T) {
	c := newCard(freePlug(), hardware)
	e, told := onCard(t, "auto", 64, c)
	broken := errors.New("no such luck")
	c.refuses(broken)
	e.begin(1)
	e.begin(2)
	if e.served(1) || e.served(2) || e.now() != (EchoNow{By: "box", Why: "refused"}) {
		t.Errorf("a card that refuses: %+v, serves %v %v", e.now(), e.served(1), e.served(2))
	}
	c.refuses(nil)
	e.begin(3)
	if !e.served(3) || e.served(1) || c.cancels() != "3:64ms" || e.now().By != "hardware" {
		t.Errorf("a card that obeys again: %+v, cancels %q", e.now(), c.cancels())
	}
	e.end(1) // was never the card's
	c.refuses(broken)
	e.begin(4)
	e.end(3)
	if want := []string{"1 VPMOCT064 no such luck", "4 VPMOCT064 no such luck"}; !slices.Equal(*told, want) {
		t.Errorf("told %q, want %q", *told, want)
	}
	c.refuses(io.EOF) // it is gone, which is told elsewhere
	e.begin(5)
	if len(*told) != 2 || e.served(5) {
		t.Errorf("a driver that has gone: told %q", *told)
	}
}

// What the settings change is for the next call.
func TestSettingsOfEchoAreForTheNextCall(t *testing.T) {
	c := newCard(freePlug(), hardware)
	e, _ := onCard(t, "auto", 32, c)
	e.begin(1)
	e.apply(config.Line{EchoBy: "box", EchoTailMS: 32})
	e.begin(2)
	if !e.served(1) || e.served(2) || c.cancels() != "1:32ms" {
		t.Errorf("served %v %v, the card cancels %q", e.served(1), e.served(2), c.cancels())
	}
	if e.end(1); c.cancels() != "" {
		t.Errorf("after the call the card cancels %q", c.cancels())
	}
}

// A driver that comes back knows nothing of the calls that are up.
func TestACardThatComesBackCancelsAgain(t *testing.T) {
	withLines(t, []config.Line{lineOf("line1")}, func(t *testing.T, s *several) {
		cards := make(chan *card, 2)
		s.OpenLine = func(l config.Line) (span.Line, error) {
			line, err := s.openLine(l)
			if err != nil {
				return nil, err
			}
			c := newCard(line, hardware)
			cards <- c
			return c, nil
		}
		hangUp, over := s.talk("line1")
		l := s.at("line1")
		if got := l.echo.now(); got != (EchoNow{By: "box"}) {
			t.Errorf("before there is a card: %+v", got)
		}
		s.near["line1"].pull(false)
		time.Sleep(againAfter + time.Second)
		synctest.Wait()
		c := <-cards
		if over() || c.cancels() == "" || !l.echo.served(31) {
			t.Fatalf("call over %v, the card cancels %q on the call that is up", over(), c.cancels())
		}
		if got := s.snapshotOf("line1").Echo; got != (EchoNow{By: "hardware", Name: "VPMOCT064"}) {
			t.Errorf("the page says %+v", got)
		}
		c.refuses(errors.New("it is hot"))
		s.near["line1"].pull(false)
		time.Sleep(againAfter + time.Second)
		synctest.Wait()
		c = <-cards
		c.refuses(errors.New("it is hot"))
		other, _ := s.talk("line1")
		if got := s.snapshotOf("line1").Echo; got != (EchoNow{By: "box", Why: "refused"}) {
			t.Errorf("the page says %+v of a card that refuses", got)
		}
		found := 0
		for e, err := range s.Journal.Read(1) {
			if err == nil && e.Kind == journal.LineFound && e.Fields["reason"] == string(journal.EchoRefused) {
				found++
				if e.Fields["line"] != "line1" || e.Fields["channel"] == "" || e.Fields["about"] != "VPMOCT064" {
					t.Errorf("%v", e.Fields)
				}
			}
		}
		if found != 1 {
			t.Errorf("%d refusals in the journal, want 1", found)
		}
		c.refuses(nil)
		hangUp()
		other()
		if got := c.cancels(); got != "" {
			t.Errorf("after the calls the card cancels %q", got)
		}
	})
}

func (s *several) snapshotOf(name string) (now LineNow) {
	s.loop.Do(func() { now = s.lineNow(s.lines[name], nil) })
	return now
}

// channelLeg is a leg of which only the name is asked.
type channelLeg struct {
	call.Leg
	name string
}

func (l channelLeg) Name() string { return l.name }

// What a tone does to the card's canceller stands in the call's story.
func TestATonesWorkIsWrittenDown(t *testing.T) {
	withLines(t, []config.Line{lineOf("line1")}, func(t *testing.T, s *several) {
		c := newCard(freePlug(), hardware)
		s.loop.Do(func() {
			s.calls["c1"] = &Call{x: s.Exchange, id: "c1", caller: call.NewSide(channelLeg{name: "line1/ts07"}, "", nil)}
		})
		c.changes <- span.EchoChange{Timeslot: 7, Off: true}
		c.changes <- span.EchoChange{Timeslot: 8, Off: true} // no call
		c.changes <- span.EchoChange{Timeslot: 7}
		_ = c.Close()
		s.echoes("line1", c)
		s.loop.Do(func() { delete(s.calls, "c1") })
		var got []string
		for e, err := range s.Journal.Read(1) {
			if err == nil && e.Kind == journal.EchoTurned {
				got = append(got, strings.Join([]string{e.Call, e.Fields["line"], e.Fields["channel"], e.Fields["by"], e.Fields["state"]}, " "))
			}
		}
		if want := []string{"c1 line1 7 hardware off", "c1 line1 7 hardware on"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}
