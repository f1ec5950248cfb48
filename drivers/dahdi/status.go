package dahdi

import (
	"sync"
	"sync/atomic"
	"time"

	"trunkbox/drivers/span"
)

// watchEvery is how often alarms and counters are read. DAHDI's events bring a look at once, but
// only while somebody reads the channels.
const watchEvery = 200 * time.Millisecond

// heldEvents is how many changes of alarms wait for a reader before the oldest is lost.
const heldEvents = 16

// counts are the counters that the driver keeps itself.
type counts struct {
	ticks, slips, rxOverruns, txUnderruns atomic.Uint64
	aborts, badFCS, badFrames             atomic.Uint64
}

// watch follows what ioSpanStat says of the span.
type watch struct {
	look   chan struct{} // one token: look now
	done   chan struct{} // closed when the goroutine has ended
	quit   chan struct{}
	events chan span.Event

	mu     sync.Mutex
	alarms span.Alarm
	signal span.Signal
	growers
}

// growers are the counters of the span's framer.
type growers struct{ bpv, crc4, ebit, fas, fe, cv, be, prbs, errsec grower }

// see takes the counters of a look.
func (g *growers) see(i *spanInfo) {
	for _, c := range []struct {
		of  *grower
		now int32
	}{
		{&g.bpv, i.bpv},
		{&g.crc4, i.crc4},
		{&g.ebit, i.ebit},
		{&g.fas, i.fas},
		{&g.fe, i.fe},
		{&g.cv, i.cv},
		{&g.be, i.be},
		{&g.prbs, i.prbs},
		{&g.errsec, i.errsec},
	} {
		c.of.see(c.now)
	}
}

// begin forgets what was counted before.
func (g *growers) begin() {
	for _, c := range []*grower{&g.bpv, &g.crc4, &g.ebit, &g.fas, &g.fe, &g.cv, &g.be, &g.prbs, &g.errsec} {
		c.total = 0
	}
}

// stepDB is what one step of rxlevel means in the drivers that tell it (the receive level bits of the
// framer: down to 7.5, 15, 22.5 dB and below).
const stepDB = 7.5

// signalOf is what a look tells of the signal. DAHDI does not say which framing it has found: while
// there is no alarm, it is the one configured.
func signalOf(kind span.Kind, i *spanInfo) span.Signal {
	var s span.Signal
	alarms := alarmsOf(i.alarms)
	if dynamic(i) {
		return s
	}
	if !alarms.Down() {
		s.Framing = configured(kind, i).Framing
	}
	s.Clock = span.Internal
	if i.syncsrc != 0 {
		s.Clock = span.FromLine
	}
	if i.rxlevel > 0 {
		s.LevelKnown, s.LevelDB = true, -stepDB*float64(i.rxlevel)
	}
	return s
}

// grower makes a count that only grows from one that the kernel may start anew.
type grower struct {
	total uint64
	last  int32
}

func (g *grower) see(now int32) {
	if now >= g.last {
		g.total += uint64(now - g.last)
	} else {
		g.total += uint64(max(now, 0))
	}
	g.last = now
}

func (l *Line) startWatch() {
	l.watch.look = make(chan struct{}, 1)
	l.watch.done = make(chan struct{})
	l.watch.quit = make(chan struct{})
	l.watch.events = make(chan span.Event, heldEvents)
	if info, err := readSpan(l.ctl, l.number); err == nil { // what was before Open is not this line's
		l.watch.alarms, l.watch.signal = alarmsOf(info.alarms), signalOf(l.kind, &info)
		l.watch.see(&info)
		l.watch.begin()
	}
	go l.keepWatch()
}

func (l *Line) keepWatch() {
	defer close(l.watch.done)
	every := time.NewTicker(watchEvery)
	defer every.Stop()
	for {
		select {
		case <-l.watch.quit:
			return
		case <-l.watch.look:
		case <-every.C:
		}
		l.see()
	}
}

func (l *Line) stopWatch() {
	close(l.watch.quit)
	<-l.watch.done
	l.watch.mu.Lock()
	defer l.watch.mu.Unlock()
	l.watch.alarms = span.NotOpen
	close(l.watch.events)
}

// lookNow asks for a look at the alarms; it never waits.
func (l *Line) lookNow() {
	select {
	case l.watch.look <- struct{}{}:
	default:
	}
}

// see reads the span once and tells of a change of alarms. A span that is gone is not open.
func (l *Line) see() {
	l.watch.mu.Lock()
	defer l.watch.mu.Unlock()
	if l.closed.Load() {
		return
	}
	info, err := readSpan(l.ctl, l.number)
	alarms := span.NotOpen
	if err == nil {
		alarms, l.watch.signal = alarmsOf(info.alarms), signalOf(l.kind, &info)
		l.watch.see(&info)
	}
	if alarms == l.watch.alarms {
		return
	}
	offer(l.watch.events, span.Event{At: time.Now(), Alarms: alarms, Was: l.watch.alarms})
	l.watch.alarms = alarms
}

// offer gives a channel something more to be read; when it is full the oldest goes. It never waits.
func offer[T any](to chan T, more T) {
	for {
		select {
		case to <- more:
			return
		default:
		}
		select {
		case <-to:
		default:
		}
	}
}

// Status reads alarms and counters, and what waits in the event queue of the D channel with them.
// After Close the alarm is NotOpen.
func (l *Line) Status() span.Status {
	l.use.RLock()
	defer l.use.RUnlock()
	if !l.closed.Load() {
		_ = l.takeSignal() // an error here comes again from ReceiveFrame, which reports it
		l.see()
	}
	l.watch.mu.Lock()
	defer l.watch.mu.Unlock()
	return span.Status{Alarms: l.watch.alarms, Signal: l.watch.signal, Counters: span.Counters{
		Ticks:       l.counts.ticks.Load(),
		Slips:       l.counts.slips.Load(),
		BPV:         l.watch.bpv.total,
		CRC4:        l.watch.crc4.total,
		EBit:        l.watch.ebit.total,
		FAS:         l.watch.fas.total,
		Aborts:      l.counts.aborts.Load(),
		BadFCS:      l.counts.badFCS.Load(),
		BadFrames:   l.counts.badFrames.Load(),
		RxOverruns:  l.counts.rxOverruns.Load(),
		TxUnderruns: l.counts.txUnderruns.Load(),

		FramingErrors: l.watch.fe.total, CodeViolations: l.watch.cv.total, BitErrors: l.watch.be.total,
		PRBSErrors: l.watch.prbs.total, ErroredSeconds: l.watch.errsec.total,
	}}
}

// Events gives the changes of alarms.
func (l *Line) Events() <-chan span.Event { return l.watch.events }

var _ span.Line = (*Line)(nil)
