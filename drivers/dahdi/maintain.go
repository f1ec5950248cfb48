package dahdi

import (
	"fmt"
	"slices"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"trunkbox/drivers/span"
)

// Commands of ioMaint.
const (
	maintNone        = 0
	maintLocalLoop   = 1
	maintLineLoop    = 2
	maintLoopUp      = 3
	maintLoopDown    = 4
	maintFAS         = 6
	maintMultiframe  = 7
	maintCRC         = 8
	maintCAS         = 9
	maintPRBSError   = 10
	maintBipolar     = 11
	maintPRBS        = 12
	maintPayloadLoop = 13
)

var loopCommands = map[span.Loop]int32{
	span.NoLoop: maintNone, span.LocalLoop: maintLocalLoop, span.LineLoop: maintLineLoop, span.PayloadLoop: maintPayloadLoop,
}

var defectCommands = map[span.Defect]int32{
	span.DefectFAS: maintFAS, span.DefectMultiframe: maintMultiframe, span.DefectCRC: maintCRC,
	span.DefectCAS: maintCAS, span.DefectPRBS: maintPRBSError, span.DefectBipolar: maintBipolar,
}

// mostDefects bounds what one call inserts: each is an ioctl.
const mostDefects = 1000

// trial is what the driver keeps of tests under way.
type trial struct {
	mu      sync.Mutex
	refused []int32 // commands that the span's driver has no function for
	on      bool    // the sequence
	began   time.Time
	ended   time.Time
	errors  uint64 // counted before it began
}

// Maintenance lists what DAHDI has commands for and this span's driver has not refused yet; a span
// without a framer has none.
func (l *Line) Maintenance() span.Capabilities {
	var c span.Capabilities
	l.use.RLock()
	defer l.use.RUnlock()
	if l.closed.Load() {
		return c
	}
	if info, err := readSpan(l.ctl, l.number); err != nil || dynamic(&info) {
		return c
	}
	l.tests.mu.Lock()
	defer l.tests.mu.Unlock()
	can := func(command int32) bool { return !slices.Contains(l.tests.refused, command) }
	for _, loop := range []span.Loop{span.LocalLoop, span.LineLoop, span.PayloadLoop} {
		if can(loopCommands[loop]) {
			c.Loops = append(c.Loops, loop)
		}
	}
	c.LoopCode, c.PRBS = can(maintLoopUp) && can(maintLoopDown), can(maintPRBS)
	for d := span.DefectFAS; d <= span.DefectBipolar; d++ {
		if can(defectCommands[d]) {
			c.Defects = append(c.Defects, d)
		}
	}
	return c
}

// maintain gives the span's driver a command. The caller holds tests.mu.
func (l *Line) maintain(what string, command int32) error {
	l.use.RLock()
	defer l.use.RUnlock()
	if l.closed.Load() {
		return fmt.Errorf("%s: %s: the line is closed: %w", l.name, what, unix.EBADF)
	}
	m := maintInfo{spanno: int32(l.number), command: command}
	err := ioctl(l.ctl, ioMaint, unsafe.Pointer(&m))
	if err == nil {
		return nil
	}
	if command != maintNone && !slices.Contains(l.tests.refused, command) {
		l.tests.refused = append(l.tests.refused, command)
	}
	return l.refusal(what, err)
}

// Loop sets the loop of this end.
func (l *Line) Loop(loop span.Loop) error {
	command, is := loopCommands[loop]
	if !is {
		return fmt.Errorf("%s: %v: %w", l.name, loop, span.ErrNotSupported)
	}
	l.tests.mu.Lock()
	defer l.tests.mu.Unlock()
	return l.maintain(fmt.Sprintf("loop: %v", loop), command)
}

// LoopCode has the span's driver send the code; how long is DAHDI's (ten seconds).
func (l *Line) LoopCode(up bool) error {
	l.tests.mu.Lock()
	defer l.tests.mu.Unlock()
	if up {
		return l.maintain("loop-up", maintLoopUp)
	}
	return l.maintain("loop-down", maintLoopDown)
}

// PRBS switches generator and checker of the card.
func (l *Line) PRBS(on bool) error {
	l.tests.mu.Lock()
	defer l.tests.mu.Unlock()
	if !on {
		if !l.tests.on {
			return nil
		}
		l.tests.on, l.tests.ended = false, time.Now()
		return l.maintain("the end of the sequence", maintNone)
	}
	before := l.Status().Counters.PRBSErrors
	if err := l.maintain("a pseudo-random sequence", maintPRBS); err != nil {
		return err
	}
	l.tests.on, l.tests.began, l.tests.errors = true, time.Now(), before
	return nil
}

// PRBSResult is made of the card's count of errors and of the time: DAHDI tells neither the bits nor
// whether the sequence is in sync, so it counts as in sync while there is no alarm.
func (l *Line) PRBSResult() span.PRBSResult {
	l.tests.mu.Lock()
	defer l.tests.mu.Unlock()
	s := l.Status()
	if l.tests.began.IsZero() {
		return span.PRBSResult{}
	}
	took := l.tests.ended.Sub(l.tests.began)
	if l.tests.on {
		took = time.Since(l.tests.began)
	}
	return sequenceResult(l.kind, l.tests.on, s.Alarms, took, s.Counters.PRBSErrors-l.tests.errors)
}

func sequenceResult(kind span.Kind, on bool, alarms span.Alarm, took time.Duration, errors uint64) span.PRBSResult {
	timeslots := uint64(len(kind.B()) + 1)
	bits := uint64(took/time.Microsecond) * timeslots * 8 * rate / 1e6
	return span.PRBSResult{On: on, InSync: on && !alarms.Down(), Bits: bits, Errors: errors, InSyncFor: took, For: took}
}

// Insert has the card send n defects.
func (l *Line) Insert(d span.Defect, n int) error {
	command, is := defectCommands[d]
	if !is {
		return fmt.Errorf("%s: %v: %w", l.name, d, span.ErrNotSupported)
	}
	l.tests.mu.Lock()
	defer l.tests.mu.Unlock()
	for range min(n, mostDefects) {
		if err := l.maintain(fmt.Sprintf("a %v defect", d), command); err != nil {
			return err
		}
	}
	return nil
}
