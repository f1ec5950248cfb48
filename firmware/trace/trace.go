// Package trace keeps what was said on the D channel of a line, and shows it as a ladder: each frame with its time,
// its direction, what it is in the words of the protocols, and what that means in plain words.
//
// In: every frame that firmware/pri sends and receives. Out: rows for webadmin and firmware/console, capture files for
// Wireshark. It is beside the signal path, which never waits for it: a frame is copied, and that is all.
//
// Q.921 and Q.931 as firmware/lapd and firmware/q931 read them; the capture files are of link type LINUX_LAPD. Left
// out: the B channels, and the state of either side's machines, which nobody at the line can see.
//
// One goroutine adds frames to a Line; everything else is safe from anywhere. The newest frames are in memory, more of
// them in files; a disk that is full or gone costs frames in the files only. Octets of a Frame must not be kept.
package trace

import (
	"iter"
	"log/slog"
	"sync"
	"time"
)

// Seq numbers the frames of a line: 1 is the first ever, later ones are higher.
type Seq uint64

// Frame is one frame of a D channel, without flags and FCS.
type Frame struct {
	Seq     Seq
	At      time.Time
	Sent    bool   // by us
	Network bool   // we were the network side
	Octets  []byte // at most 264; valid until the next frame is asked for
}

// Options is what a Line is made of.
type Options struct {
	Name string // of the line: "line1"
	Dir  string // of the files, made when it is missing; empty: frames are kept in memory only
	Log  *slog.Logger
}

// Line is the trace of one line.
type Line struct {
	Options
	ring ring
	disk *disk // nil: none

	mu       sync.Mutex
	watchers map[chan struct{}]bool // under mu

	written chan struct{} // a token: there are frames for the disk
	closing chan struct{}
	closed  sync.WaitGroup
}

// batch is how long frames gather before they go to the disk together.
const batch = time.Second

// Open begins or continues the trace of a line. Files that cannot be read are logged and left.
func Open(o Options) *Line {
	l := &Line{Options: o, watchers: map[chan struct{}]bool{}, written: make(chan struct{}, 1), closing: make(chan struct{})}
	l.ring.init(1)
	if o.Dir != "" {
		l.disk = openDisk(o.Dir, o.Name)
		l.ring.init(l.disk.next)
		l.closed.Go(l.save)
	}
	return l
}

// Close writes what is not on the disk yet. Frames added later stay in memory.
func (l *Line) Close() {
	select {
	case <-l.closing:
		return
	default:
	}
	close(l.closing)
	l.closed.Wait()
}

// Add keeps a frame that was sent by us or received; network says that we are the network side. It neither waits for
// the disk nor for a reader, and allocates nothing.
func (l *Line) Add(sent, network bool, frame []byte) {
	if len(frame) == 0 {
		return
	}
	l.ring.add(time.Now().UnixNano(), sent, network, frame)
	token(l.written)
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.watchers {
		token(c)
	}
}

// token tells c, which has room for one, unless it was told already.
func token(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// watch gives a channel that gets a token after frames were added, and the function that ends it.
func (l *Line) watch() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watchers[c] = true
	return c, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.watchers, c)
	}
}

// save carries frames to the disk, a batch at a time, until the line is closed.
func (l *Line) save() {
	failed := false
	for open := true; open; {
		select {
		case <-l.closing:
			open = false
		case <-l.written:
			select {
			case <-l.closing:
				open = false
			case <-time.After(batch):
			}
		}
		err := l.disk.write(l.ring.since(l.disk.next))
		if err != nil && !failed {
			l.Log.Warn("the trace of a line cannot be written to the disk", "line", l.Name, "error", err)
		}
		failed = err != nil
	}
	l.disk.close()
}

// Lost is how many frames the disk did not take since the start.
func (l *Line) Lost() uint64 {
	if l.disk == nil {
		return 0
	}
	return l.disk.lost.Load()
}

// Frames gives the frames from one time to before another, oldest first; a zero time is no limit.
func (l *Line) Frames(from, to time.Time) iter.Seq[Frame] {
	within := func(f Frame) bool { return (from.IsZero() || !f.At.Before(from)) && (to.IsZero() || f.At.Before(to)) }
	return func(yield func(Frame) bool) {
		oldest := l.ring.oldest()
		for f := range l.older(oldest, from) {
			if within(f) && !yield(f) {
				return
			}
		}
		for f := range l.ring.since(oldest) {
			if within(f) && !yield(f) {
				return
			}
		}
	}
}

// older gives the frames of the files that are no longer in memory; none when all since from are there.
func (l *Line) older(oldest Seq, from time.Time) iter.Seq[Frame] {
	return func(yield func(Frame) bool) {
		if l.disk == nil {
			return
		}
		for f := range l.ring.since(oldest) {
			if !from.IsZero() && f.At.Before(from) {
				return
			}
			break
		}
		for f := range l.disk.frames() {
			if f.Seq >= oldest || !yield(f) {
				return
			}
		}
	}
}
