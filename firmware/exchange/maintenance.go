package exchange

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"trunkbox/drivers/span"
)

// LineTestsNow is what tests a line can do now, and how they stand.
type LineTestsNow struct {
	Line    string   `json:"line"`
	Loops   []string `json:"loops"`   // that can be set: "local", "line", "payload"
	Code    bool     `json:"code"`    // the far end can be asked to loop
	PRBS    bool     `json:"prbs"`    // a test sequence can be sent and checked
	Defects []string `json:"defects"` // that can be inserted: "fas", "multiframe", "crc", "cas", "prbs", "bipolar"

	Loop     string       `json:"loop"`     // in force: "none", "local", "line", "payload"
	Sequence *SequenceNow `json:"sequence"` // nil: no test sequence is sent
	WhyZH    string       `json:"why_zh"`   // why nothing can be begun now; empty: it can
	WhyEN    string       `json:"why_en"`
}

// SequenceNow is what the checker of the test sequence has counted.
type SequenceNow struct {
	InSync     bool    `json:"in_sync"`
	Bits       uint64  `json:"bits"`
	Errors     uint64  `json:"errors"`
	Ratio      float64 `json:"ratio"` // errors by bits
	SyncLosses uint64  `json:"sync_losses"`
	Seconds    float64 `json:"seconds"` // since it was switched on
}

// LineTest is one thing to do for a test.
type LineTest struct {
	Do   string `json:"do"`   // "loop", "code", "prbs", "insert"
	What string `json:"what"` // loop: "none", "local" …; code: "up", "down"; prbs: "on", "off"; insert: a defect
	N    int    `json:"n"`    // insert: how many, 1 to 1000
}

// TestRefusedError says why a test cannot be done.
type TestRefusedError struct{ ZH, EN string }

func (e TestRefusedError) Error() string { return e.EN }

// loopsSet are the loops that were set, by line and the driver they were set on.
type loopsSet struct {
	mu  sync.Mutex
	set map[string]struct {
		driver span.Line
		loop   span.Loop
	}
}

func (l *loopsSet) of(name string, driver span.Line) span.Loop {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.set[name]; s.driver == driver {
		return s.loop
	}
	return span.NoLoop
}

func (l *loopsSet) put(name string, driver span.Line, loop span.Loop) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.set == nil {
		l.set = map[string]struct {
			driver span.Line
			loop   span.Loop
		}{}
	}
	l.set[name] = struct {
		driver span.Line
		loop   span.Loop
	}{driver, loop}
}

var (
	testNotOpen = TestRefusedError{"线路没有启用或没有打开，不能测试。", "The line is not in service or not open, so it cannot be tested."}
	testNoTool  = TestRefusedError{"这条线路的接口卡不支持环回和测试序列。", "The card of this line has no loops and no test sequence."}
	testBusy    = TestRefusedError{"线路上有通话，测试会让它们断开；请等通话结束。", "There are calls on the line which a test would end; wait until they are over."}
)

// open finds the driver of a line, and whether a call is on it.
func (x *Exchange) open(name string) (driver span.Line, busy bool, err error) {
	if _, known := x.lineSettings(name); !known {
		return nil, false, NoLineError(name)
	}
	x.loop.Do(func() {
		if l := x.lines[name]; l != nil {
			driver, busy = l.span, l.busy()
		}
	})
	return driver, busy, nil
}

// LineTests says what tests a line can do, and how they stand. NoLineError for a line that is not in the settings.
func (x *Exchange) LineTests(name string) (LineTestsNow, error) {
	now := LineTestsNow{Line: name, Loops: []string{}, Defects: []string{}, Loop: span.NoLoop.String()}
	driver, busy, err := x.open(name)
	if err != nil {
		return now, err
	}
	m, can := driver.(span.Maintainer)
	why := TestRefusedError{}
	switch {
	case driver == nil:
		why = testNotOpen
	case !can:
		why = testNoTool
	case busy:
		why = testBusy
	}
	now.WhyZH, now.WhyEN = why.ZH, why.EN
	if !can {
		return now, nil
	}
	c := m.Maintenance()
	for _, loop := range c.Loops {
		now.Loops = append(now.Loops, loop.String())
	}
	for _, defect := range c.Defects {
		now.Defects = append(now.Defects, defect.String())
	}
	now.Code, now.PRBS, now.Loop = c.LoopCode, c.PRBS, x.loopsSet.of(name, driver).String()
	if r := m.PRBSResult(); r.On {
		now.Sequence = &SequenceNow{r.InSync, r.Bits, r.Errors, r.Ratio(), r.SyncLosses, r.For.Seconds()}
	}
	return now, nil
}

// TestLine does one thing for a test. What ends a test is done at any time, the rest only while no call is on the line.
// NoLineError, or TestRefusedError with a sentence.
func (x *Exchange) TestLine(name string, test LineTest, by string) error {
	driver, busy, err := x.open(name)
	if err != nil {
		return err
	}
	m, can := driver.(span.Maintainer)
	ends := test.Do == "loop" && test.What == "none" || test.Do == "prbs" && test.What == "off" || test.Do == "code" && test.What == "down"
	switch {
	case driver == nil:
		return testNotOpen
	case !can:
		return testNoTool
	case busy && !ends:
		return testBusy
	}
	err = x.doTest(name, driver, m, test)
	x.Log.Info("a line is tested", "line", name, "do", test.Do, "what", test.What, "by", by, "error", err)
	if errors.Is(err, span.ErrNotSupported) {
		return TestRefusedError{"这条线路的接口卡做不到：" + test.Do + " " + test.What, "The card of this line cannot do that: " + err.Error()}
	}
	return err
}

func (x *Exchange) doTest(name string, driver span.Line, m span.Maintainer, test LineTest) error {
	unknown := TestRefusedError{"没有这样的测试：" + test.Do + " " + test.What, fmt.Sprintf("There is no test %q %q.", test.Do, test.What)}
	switch test.Do {
	case "loop":
		i := slices.IndexFunc(lineLoops, func(l span.Loop) bool { return l.String() == test.What })
		if i < 0 {
			return unknown
		}
		if err := m.Loop(lineLoops[i]); err != nil {
			return err
		}
		x.loopsSet.put(name, driver, lineLoops[i])
		return nil
	case "code":
		if test.What != "up" && test.What != "down" {
			return unknown
		}
		return m.LoopCode(test.What == "up")
	case "prbs":
		if test.What != "on" && test.What != "off" {
			return unknown
		}
		return m.PRBS(test.What == "on")
	case "insert":
		i := slices.IndexFunc(lineDefects, func(d span.Defect) bool { return d.String() == test.What })
		if i < 0 || test.N < 1 || test.N > maxDefects {
			return unknown
		}
		return m.Insert(lineDefects[i], test.N)
	}
	return unknown
}

// maxDefects are inserted at a time.
const maxDefects = 1000

var (
	lineLoops   = []span.Loop{span.NoLoop, span.LocalLoop, span.LineLoop, span.PayloadLoop}
	lineDefects = []span.Defect{span.DefectFAS, span.DefectMultiframe, span.DefectCRC, span.DefectCAS, span.DefectPRBS, span.DefectBipolar}
)
