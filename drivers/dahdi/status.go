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

	mu                   sync.Mutex
	alarms               span.Alarm
	bpv, crc4, ebit, fas grower
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
		l.watch.alarms = alarmsOf(info.alarms)
		l.watch.bpv.last, l.watch.crc4.last = info.bpv, info.crc4
		l.watch.ebit.last, l.watch.fas.last = info.ebit, info.fas
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
		alarms = alarmsOf(info.alarms)
		l.watch.bpv.see(info.bpv)
		l.watch.crc4.see(info.crc4)
		l.watch.ebit.see(info.ebit)
		l.watch.fas.see(info.fas)
	}
	if alarms == l.watch.alarms {
		return
	}
	event := span.Event{At: time.Now(), Alarms: alarms, Was: l.watch.alarms}
	l.watch.alarms = alarms
	for {
		select {
		case l.watch.events <- event:
			return
		default:
		}
		select { // full: the oldest goes
		case <-l.watch.events:
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
	return span.Status{Alarms: l.watch.alarms, Counters: span.Counters{
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
	}}
}

// Events gives the changes of alarms.
func (l *Line) Events() <-chan span.Event { return l.watch.events }

var _ span.Line = (*Line)(nil)
