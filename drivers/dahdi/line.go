// Package dahdi is an E1 or a T1 of the Linux DAHDI driver: a card with framers, or spans without a
// card that the loc driver joins back to back.
//
// In: /dev/dahdi, one file a timeslot; the B timeslots as octets, the D channel as frames that the
// kernel has delimited and checked. Out: a span.Line; firmware/timeslot ticks it (sound path),
// firmware/pri has its D channel (signal path). Only cmd/appliance knows this package.
//
// The ioctl interface is that of dahdi-linux 2.11 on 64-bit machines, in uapi.go. Channels and their
// signalling are dahdi_cfg's and /etc/dahdi/system.conf's; line code, framing and clock too, until a
// Format is given. Loops, sequences and defects are the card's, as far as its driver has them; so is its echo
// canceller, or one of DAHDI's modules. Left out: CAS signalling, hardware gains, an inverted D channel.
//
// A Line has one clock, that of the kernel's read side: Tick writes as many blocks as it has read
// and never fills the transmit queue, because every block in it is delay. A span whose device is
// removed (a card pulled out) fails from then on; close the Line and open it again.
package dahdi

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"trunkbox/drivers/span"
)

// Options say which line to open and how.
type Options struct {
	Span  int    // number of the DAHDI span, from 1
	Block int    // octets a timeslot per tick, 16 to 160; 0 is 160 (20 ms)
	Name  string // the entity's name in traces; empty is "span" and the number
	Dir   string // of the device files; empty is /dev/dahdi
	NoD   bool   // the span has no D channel: its timeslot is a B channel like the others (bchan= in system.conf)

	Format span.Format  // to set; what is zero stays as dahdi_cfg has set it
	Logger *slog.Logger // nil: silent

	// TickWait is ppoll(2) for the thread of Tick, which may need a way of its own to wait: how many of fds have something, 0
	// after timeout or a signal. nil: as everybody waits.
	TickWait func(fds []unix.PollFd, timeout time.Duration) (int, error)
}

// Line is one span of DAHDI. It implements span.Line.
type Line struct {
	name   string
	number int
	kind   span.Kind
	block  int
	noD    bool
	log    *slog.Logger

	ctl   int    // the control file, for alarms and counters
	dchan found  // the D channel's
	b     []slot // B timeslots in rising order
	d     int    // the D channel's file
	wake  int    // an eventfd that Close makes readable, for those who wait

	// use is held for reading by every method that has a file in hand and for writing by Close,
	// which waits with it until the last of them has returned.
	use    sync.RWMutex
	closed atomic.Bool

	sound soundState // the goroutine of Tick
	tap   span.Tap   // of Tick
	tuned tuning
	tests trial
	echo  canceller

	reading sync.Mutex  // held while octets of the D channel's file are read
	clear   atomic.Bool // the D channel is sampled: no frames now; set with tx held
	rx      [frameBuffer]byte
	tx      struct {
		sync.Mutex
		frame [span.MaxFrame + fcsLength]byte
	}

	counts counts
	watch  watch
}

// slot is an open B timeslot.
type slot struct {
	ts      span.Timeslot
	fd      int
	channel int32 // as DAHDI counts them
}

// soundState belongs to the goroutine that ticks.
type soundState struct {
	inStep bool // the channels begin their blocks together
	lost   lost // in this tick, on any channel
	spare  spare
	wait   waiting
	buf    bufInfo
}

// Open opens a span that dahdi_cfg has configured and starts to watch its alarms. The error says
// what to do. The channels of the span belong to the Line until Close.
func Open(o Options) (*Line, error) {
	if o.Dir == "" {
		o.Dir = defaultDir
	}
	if o.Block == 0 {
		o.Block = span.MaxBlock
	}
	if o.Name == "" {
		o.Name = fmt.Sprintf("span%d", o.Span)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Span < 1 {
		return nil, fmt.Errorf("there is no DAHDI span %d: spans count from 1", o.Span)
	}
	if o.Block < 16 || o.Block > span.MaxBlock {
		return nil, fmt.Errorf("%s: a block of %d octets: DAHDI moves 16 to %d at a time", o.Name, o.Block, span.MaxBlock)
	}
	l := &Line{name: o.Name, number: o.Span, block: o.Block, noD: o.NoD, log: o.Logger, ctl: -1, d: -1, wake: -1}
	l.tuned.rate.Store(64)
	l.sound.wait.ppoll = o.TickWait
	if err := l.openFiles(o.Dir); err != nil {
		l.closeFiles()
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	if err := l.awaitClock(); err != nil {
		l.closeFiles()
		return nil, err
	}
	l.findCanceller()
	l.startWatch()
	if o.Format != (span.Format{}) {
		if err := l.Tune(o.Format); err != nil && !errors.Is(err, span.ErrNotSupported) {
			return nil, errors.Join(err, l.Close())
		} else if err != nil {
			o.Logger.Warn("the span keeps the format it has", "line", o.Name, "wanted", o.Format, "error", err)
		}
	}
	return l, nil
}

// awaitClock waits until the line has moved some octets, so that flags have passed both ways on the
// D channel. The kernel puts no flag before the first frame: without one, the first frame after
// opening is lost. A line without a clock opens all the same; its alarms say why it has none.
func (l *Line) awaitClock() error {
	err := l.wait(l.b[0].fd, new(waiting), patience)
	if _, none := errors.AsType[NoClockError](err); none {
		return nil
	}
	return err
}

func (l *Line) openFiles(dir string) error {
	var err error
	if l.ctl, err = open(dir, "ctl", unix.O_RDWR); err != nil {
		return err
	}
	found, err := findChannels(l.ctl, l.number)
	if err != nil {
		return err
	}
	l.kind = found.kind
	l.dchan = found.channels[l.kind.D()]
	if !l.noD {
		if l.d, err = openD(dir, l.dchan); err != nil {
			return err
		}
	}
	for _, ts := range l.Bearers() {
		channel := found.channels[ts].number
		fd, err := openB(dir, channel, l.kind, l.block)
		if err != nil {
			return err
		}
		l.b = append(l.b, slot{ts, fd, channel})
	}
	if l.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return fmt.Errorf("eventfd: %w", err)
	}
	return nil
}

func (l *Line) closeFiles() {
	for _, fd := range []int{l.ctl, l.d, l.wake} {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
	for _, s := range l.b {
		_ = unix.Close(s.fd)
	}
}

// Name is the name given in Options.
func (l *Line) Name() string { return l.name }

// Kind is E1 for a span of 31 channels, T1 for one of 24.
func (l *Line) Kind() span.Kind { return l.kind }

// Block is the number of octets a timeslot that a tick moves.
func (l *Line) Block() int { return l.block }

// Close ends waiting calls, then closes the channels.
func (l *Line) Close() error {
	if l.closed.Swap(true) {
		return nil
	}
	_, err := unix.Write(l.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	l.tap.End()
	l.stopWatch()
	l.use.Lock()
	defer l.use.Unlock()
	close(l.echo.changes)
	l.closeFiles()
	return err
}

func (l *Line) removed() error {
	return fmt.Errorf("%s: DAHDI span %d is gone (card removed or driver unloaded): %w", l.name, l.number, unix.ENODEV)
}

// ioError names the line and the timeslot in an error of the kernel.
func (l *Line) ioError(what string, ts span.Timeslot, err error) error {
	if errors.Is(err, unix.ENODEV) {
		return l.removed()
	}
	return fmt.Errorf("%s/ts%02d: %s: %w", l.name, ts, what, err)
}

// lost says what the events of a channel tell of lost octets, and of its echo canceller.
type lost struct {
	behind bool // received octets, because nobody read them in time
	ranDry bool // idle octets were sent, because nobody wrote any in time
	toned  bool // a tone has turned the echo canceller off
	voiced bool // it is on again
}

// takeEvents fetches the events of a channel until none is left.
func (l *Line) takeEvents(fd int) (lost, error) {
	var told lost
	for {
		event, err := ioctlGet(fd, ioGetEvent)
		if err != nil {
			return told, err
		}
		switch event {
		case eventNone:
			return told, nil
		case eventAlarm, eventNoAlarm:
			l.lookNow()
		case eventAbort:
			l.counts.aborts.Add(1)
		case eventBadFCS:
			l.counts.badFCS.Add(1)
		case eventOverrun:
			l.counts.badFrames.Add(1)
		case eventReadOverrun:
			told.behind = true
		case eventWriteUnderrun:
			told.ranDry = true
		case eventECDisabled, eventTxCED, eventRxCED, eventNLPDisabled:
			told.toned, told.voiced = true, false
		case eventNLPEnabled:
			told.voiced = true
		case eventRemoved:
			return told, unix.ENODEV
		}
	}
}

// fill reads how many blocks a channel has waiting to be sent.
func (l *Line) fill(fd int) (blocks int, err error) {
	err = ioctl(fd, ioGetBufInfo, unsafe.Pointer(&l.sound.buf))
	return int(l.sound.buf.writebufs), err
}

// Bearers are the B timeslots: with that of the D channel where the span has none.
func (l *Line) Bearers() []span.Timeslot {
	if l.noD {
		return l.kind.Payload()
	}
	return l.kind.B()
}
