package vspan

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"trunkbox/drivers/span"
)

// DialOptions say how the far end of a cable is to be known here.
type DialOptions struct {
	Name string // empty: "far"
	NoD  bool   // the cable has no D channel, as Options.NoD
}

// Far is the far end of a cable whose other end is in another process: a span.Line whose clock is
// the blocks that come from there. When that process goes away, the line sees LOS and Tick returns
// an error that wraps io.ErrUnexpectedEOF, once; afterwards the line is at its end and must be dialled again.
type Far struct {
	name  string
	conn  *net.UnixConn
	raw   syscall.RawConn
	kind  span.Kind
	block int
	d     dchannel
	noD   bool

	in, out  []byte // messages; Tick's own, as the rest of this group
	m        message
	first    bool // the block in m has not been given to Tick yet
	missed   uint64
	dOctets  [span.MaxBlock]byte   // the D channel's part of out
	refused  bool                  // out was not taken, for the box does not fetch
	write    func(fd uintptr) bool // sends out, leaves sendErr
	sendErr  error
	transmit atomic.Uint32 // span.Alarm to send on purpose
	orders   remote
	tap      span.Tap
	gone     chan struct{} // closed at the end

	mu       sync.Mutex
	counters span.Counters
	alarms   span.Alarm
	over     bool // closed or lost
	events   chan span.Event
}

// dialWait is how long Dial waits for the first block.
const dialWait = 3 * time.Second

// Dial connects to the cable served at path. The line is up when it returns.
func Dial(path string, o DialOptions) (*Far, error) {
	conn, err := net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: path, Net: "unixpacket"})
	if err != nil {
		return nil, fmt.Errorf("vspan: reaching the line: %w", err)
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("vspan: reaching the line: %w", err)
	}
	f := &Far{
		name: o.Name, noD: o.NoD, conn: conn, raw: raw, in: make([]byte, maxMessage+1), out: make([]byte, 0, maxMessage),
		first: true, gone: make(chan struct{}), events: make(chan span.Event, eventQueue),
	}
	if f.name == "" {
		f.name = "far"
	}
	f.d.init()
	f.write = func(fd uintptr) bool {
		_, f.sendErr = syscall.SendmsgN(int(fd), f.out, nil, nil, syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL)
		return true
	}
	conn.SetReadDeadline(time.Now().Add(dialWait))
	if err := f.read(); err != nil {
		conn.Close()
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("vspan: %s is taken by another far end", path)
		}
		return nil, fmt.Errorf("vspan: no block from %s: %w", path, err)
	}
	conn.SetReadDeadline(time.Time{})
	f.kind, f.block, f.alarms = f.m.kind, f.m.block, f.m.alarms
	return f, nil
}

// read waits for the next block and hands on the answers that come before it.
func (f *Far) read() error {
	for {
		n, err := f.conn.Read(f.in)
		if err != nil {
			return err
		}
		if n == 0 {
			return io.EOF
		}
		if string(f.in[:min(n, len(answerMagic))]) != answerMagic {
			return f.m.parse(f.in[:n])
		}
		var a answer
		if _, err := readControl(answerMagic, f.in[:n], &a); err != nil {
			return err
		}
		f.answered(a)
	}
}

// Name is the name given in DialOptions.
func (f *Far) Name() string { return f.name }

// Kind is the rate of the line.
func (f *Far) Kind() span.Kind { return f.kind }

// Block is the number of octets per timeslot and tick.
func (f *Far) Block() int { return f.block }

// Send sends alarms on purpose (LOS, LFA, AIS, RAI) instead of a good signal; 0 ends it.
func (f *Far) Send(alarms span.Alarm) { f.transmit.Store(uint32(alarms)) }

// Bearers are the B timeslots, as those of End.
func (f *Far) Bearers() []span.Timeslot {
	if f.noD {
		return f.kind.Payload()
	}
	return f.kind.B()
}

// Tick waits for a block from the line and answers it with tx.
func (f *Far) Tick(rx, tx *span.Block) error {
	last := f.m.moment
	switch {
	case f.ended():
		return io.EOF
	case f.first:
		f.first = false
	default:
		if err := f.next(); err != nil {
			return err
		}
		f.missed = f.m.moment - last - 1
	}
	for ts := range rx {
		copy(rx[ts][:f.block], f.m.place(ts))
	}
	f.note()
	d := f.kind.D()
	answer := message{moment: f.m.moment, alarms: span.Alarm(f.transmit.Load()), kind: f.kind, block: f.block}
	f.out = answer.write(f.out, tx)
	if at := headerOctets + int(d)*f.block; !f.noD {
		if !f.refused {
			f.d.fill(f.dOctets[:f.block])
		}
		copy(f.out[at:], f.dOctets[:f.block])
	}
	if err := f.raw.Write(f.write); err != nil {
		return f.lose(err)
	}
	if f.refused = errors.Is(f.sendErr, syscall.EAGAIN); f.sendErr != nil && !f.refused {
		return f.lose(f.sendErr)
	}
	if !f.noD {
		f.d.push(rx[d][:f.block])
	}
	f.tap.Offer(rx, f.block)
	return nil
}

// next reads the message after this one.
func (f *Far) next() error {
	err := f.read()
	if err == nil && (f.m.kind != f.kind || f.m.block != f.block) {
		err = messageError(fmt.Sprintf("%v in blocks of %d octets, the line was %v in blocks of %d", f.m.kind, f.m.block, f.kind, f.block))
	}
	if err != nil {
		return f.lose(err)
	}
	return nil
}

// note counts a block and tells of new alarms.
func (f *Far) note() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.counters.Ticks++
	f.counters.RxOverruns += f.missed
	f.missed = 0
	f.setAlarms(f.m.alarms)
}

// setAlarms is called with mu held.
func (f *Far) setAlarms(now span.Alarm) {
	if now == f.alarms || f.over {
		return
	}
	event := span.Event{At: time.Now(), Alarms: now, Was: f.alarms}
	f.alarms = now
	tell(f.events, event)
}

func (f *Far) ended() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.over
}

// lose ends the line for the reason given, unless Close was first.
func (f *Far) lose(why error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		return io.EOF
	}
	f.setAlarms(span.LOS)
	f.end()
	return fmt.Errorf("vspan: the line of %s is gone: %w: %v", f.name, io.ErrUnexpectedEOF, why)
}

// end is called with mu held, once.
func (f *Far) end() {
	f.over = true
	close(f.gone)
	close(f.events)
	f.tap.End()
	f.d.close()
	f.conn.Close()
}

// ReceiveFrame waits for a D channel frame.
func (f *Far) ReceiveFrame(buf []byte) (int, error) { return f.d.receive(buf) }

// SendFrame queues a D channel frame.
func (f *Far) SendFrame(frame []byte) error { return f.d.send(frame) }

// Status reads alarms and counters.
func (f *Far) Status() span.Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := span.Status{Alarms: f.alarms, Counters: f.counters}
	f.d.count(&s.Counters)
	return s
}

// Events delivers the changes of alarms.
func (f *Far) Events() <-chan span.Event { return f.events }

// Close leaves the line.
func (f *Far) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.over {
		f.end()
	}
	return nil
}
