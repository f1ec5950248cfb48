package dahdi

import (
	"bytes"
	"io"

	"golang.org/x/sys/unix"

	"trunkbox/drivers/span"
)

// rate is the clock of a timeslot in octets a second (G.704).
const rate = 8000

// A tick costs two system calls a channel, one read and one write, and for the line one wait and one look at the transmit
// queue: 62 on an E1, of which the 60 take about 26 µs of a processor without the driver's own work, 0.3 % of it at 10 ms
// (BenchmarkTickByPlainCalls). A ring of requests (io_uring), which needs one call for all, takes 21 µs
// (BenchmarkTickByARing): the way of a request through the ring is nearly as long as that of a plain call, and a twentieth
// of a percent a line is not worth a second way of doing it. A vectored call (readv) speaks to one file, and each channel
// has its own; a tick moves one block of each, so there is never a second one for it to carry.

// Tick hands tx to the line, which is the answer to the block before, then waits for the next block.
// Each tick writes one block and reads one, so that the transmit queue stays as long as it was.
func (l *Line) Tick(rx, tx *span.Block) error {
	l.use.RLock()
	defer l.use.RUnlock()
	if l.closed.Load() {
		return io.EOF
	}
	if err := l.tick(rx, tx); err != nil {
		l.sound.inStep = false
		return err
	}
	l.counts.ticks.Add(1)
	l.tap.Offer(rx, l.block)
	if l.sound.lost.ranDry {
		l.counts.txUnderruns.Add(1)
	}
	if l.sound.lost.behind {
		l.counts.rxOverruns.Add(1)
		l.sound.inStep = false
	}
	l.sound.lost = lost{}
	return nil
}

func (l *Line) tick(rx, tx *span.Block) error {
	if !l.sound.inStep {
		if err := l.getInStep(); err != nil {
			return err
		}
	}
	if err := l.write(tx); err != nil {
		return err
	}
	for _, s := range l.b {
		if err := l.read(s, rx[s.ts][:l.block]); err != nil {
			return err
		}
	}
	return nil
}

// getInStep empties the queues of all channels just after the clock has struck, so that their
// blocks begin with the same octet and one wait a tick is enough.
func (l *Line) getInStep() error {
	if err := l.flush(); err != nil {
		return err
	}
	if err := l.wait(l.b[0].fd, &l.sound.wait, patience); err != nil {
		return err
	}
	if err := l.flush(); err != nil {
		return err
	}
	for _, s := range l.b {
		if err := l.writeLead(s); err != nil {
			return err
		}
	}
	l.sound.inStep, l.sound.lost, l.sound.spare = true, lost{}, spare{}
	return nil
}

// lead is how many octets of idle go out ahead of the first block: the time by which the owner of
// the sound may be late without a gap on the line, and so much delay. Eight milliseconds are two
// steps of a kernel with 250 ticks a second.
const lead = 64

// idleLead is idle in both laws as near as one octet comes to it; nobody listens yet.
var idleLead = [lead]byte(bytes.Repeat([]byte{0x55}, lead))

// Delay is how long after a block was received the line begins with what is written then: the lead. It is longer after
// the queue has run dry, until the spare block is found.
func (l *Line) Delay() int { return lead }

func (l *Line) writeLead(s slot) error {
	for left := lead; left > 0; left -= l.block {
		if _, err := l.writeSlot(s, idleLead[:min(left, l.block)]); err != nil {
			return err
		}
	}
	return nil
}

func (l *Line) flush() error {
	for _, s := range l.b {
		if err := l.takeSound(s); err != nil {
			return err
		}
		if err := ioctlSet(s.fd, ioFlush, flushRead|flushWrite|flushEvent); err != nil {
			return l.ioError("FLUSH", s.ts, err)
		}
	}
	return nil
}

// takeSound fetches the events of a B timeslot and keeps what they tell of lost octets.
func (l *Line) takeSound(s slot) error {
	told, err := l.takeEvents(s.fd)
	if err != nil {
		return l.ioError("GETEVENT", s.ts, err)
	}
	l.sound.lost.behind = l.sound.lost.behind || told.behind
	l.sound.lost.ranDry = l.sound.lost.ranDry || told.ranDry
	if told.toned {
		l.echoToned(s.ts, true)
	}
	if told.voiced {
		l.echoToned(s.ts, false)
	}
	return nil
}

// read takes one block from a channel, waiting for it if it is not there yet.
func (l *Line) read(s slot, block []byte) error {
	for {
		n, errno := read(s.fd, block)
		switch errno {
		case 0:
			if n == len(block) {
				return nil
			}
			// A shorter block is what was left from before the buffers had their size.
		case unix.EAGAIN:
			if err := l.wait(s.fd, &l.sound.wait, patience); err != nil {
				return err
			}
		case errEvent:
			if err := l.takeSound(s); err != nil {
				return err
			}
		case unix.EINTR:
		default:
			return l.ioError("read", s.ts, errno)
		}
	}
}

// write gives one block to every channel, or to none when the transmit queue holds a block that has
// not been needed for a second.
func (l *Line) write(tx *span.Block) error {
	blocks, err := l.fill(l.b[0].fd)
	if err != nil {
		return l.ioError("GET_BUFINFO", l.b[0].ts, err)
	}
	if l.sound.spare.drop(blocks, l.block) {
		l.counts.slips.Add(1)
		return nil
	}
	full := false
	for _, s := range l.b {
		noRoom, err := l.writeSlot(s, tx[s.ts][:l.block])
		if err != nil {
			return err
		}
		full = full || noRoom
	}
	if full {
		l.counts.slips.Add(1)
	}
	return nil
}

// writeSlot gives one block to a channel; full says that there was no room and the block is lost.
func (l *Line) writeSlot(s slot, block []byte) (full bool, err error) {
	for {
		_, errno := write(s.fd, block)
		switch errno {
		case 0:
			return false, nil
		case unix.EAGAIN:
			return true, nil
		case errEvent:
			if err := l.takeSound(s); err != nil {
				return false, err
			}
		case unix.EINTR:
		default:
			return false, l.ioError("write", s.ts, errno)
		}
	}
}

// spare finds blocks in the transmit queue that nobody needs. When the owner of the sound was late
// once, the queue has run dry and then holds the blocks of the catching up for ever after: delay
// that a listener hears. The first block of the queue is being sent and counts as nothing; what is
// left over the lead by a whole block at the moment of every write, for a second, is one too many.
type spare struct {
	least int // fewest blocks seen in this second
	seen  int // ticks of this second
}

// drop takes the number of blocks found queued before a write and says whether to leave it out;
// block is the size of a block in octets.
func (s *spare) drop(blocks, block int) bool {
	if s.seen == 0 || blocks < s.least {
		s.least = blocks
	}
	s.seen++
	if s.seen < rate/block {
		return false
	}
	s.seen = 0
	return (s.least-1)*block >= lead+block
}
