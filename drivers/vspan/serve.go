package vspan

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"syscall"

	"trunkbox/drivers/span"
)

// Listen opens the socket on which the far end of a cable is served. A socket that an ended process
// has left behind is taken over; one that is in use is an error.
func Listen(path string) (*net.UnixListener, error) {
	address := &net.UnixAddr{Name: path, Net: "unixpacket"}
	if there, err := os.Lstat(path); err == nil && there.Mode()&fs.ModeSocket != 0 {
		if c, err := net.DialUnix("unixpacket", nil, address); err == nil {
			c.Close()
			return nil, fmt.Errorf("vspan: %s is in use by another process", path)
		}
		os.Remove(path)
	}
	l, err := net.ListenUnix("unixpacket", address)
	if err != nil {
		return nil, fmt.Errorf("vspan: listening for the far end: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("vspan: %w", err)
	}
	return l, nil
}

// Serve gives the end e of a cable to the process that dials l, one at a time; while nobody is there
// the transmitter of e is off and the other end sees LOS. It owns e and l from now on: nobody else
// may tick e. It returns after ctx is done, with nil, or when l fails.
func Serve(ctx context.Context, l *net.UnixListener, e *End) error {
	e.transmit(false, 0)
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	defer l.Close()
	var guests sync.WaitGroup
	defer guests.Wait()
	seat := make(chan struct{}, 1)
	for {
		conn, err := l.AcceptUnix()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("vspan: waiting for the far end of %s: %w", e.name, err)
		}
		select {
		case seat <- struct{}{}:
			guests.Go(func() {
				defer func() { <-seat }()
				e.host(ctx, conn)
			})
		default:
			e.c.log.Warn("a second far end was sent away", "line", e.name)
			conn.Close()
		}
	}
}

// transmit switches the transmitter of e and sets what it sends on purpose.
func (e *End) transmit(on bool, ordered span.Alarm) {
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	if on != e.out.on {
		e.out.switchOn(on)
	}
	if on {
		e.out.ordered = ordered
	}
	e.c.refresh()
}

// host moves blocks between e and one far process until that goes away.
func (e *End) host(ctx context.Context, conn *net.UnixConn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	unblock := context.AfterFunc(ctx, func() { conn.Close() })
	defer unblock()
	defer conn.Close()
	e.c.log.Info("the far end is here", "line", e.name)
	e.transmit(true, 0)
	defer e.restore()
	defer e.transmit(false, 0)

	heard := make(chan error, 1)
	go func() {
		heard <- e.hear(conn)
		cancel()
	}()
	err := e.speak(ctx, conn)
	cancel()
	if heardErr := <-heard; err == nil || errors.Is(err, context.Canceled) {
		err = heardErr
	}
	e.c.log.Info("the far end is gone", "line", e.name, "why", err)
}

// speak sends what e receives, block by block as the clock brings it. A far process that does not
// fetch loses blocks; it never holds up the clock.
func (e *End) speak(ctx context.Context, conn *net.UnixConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var block span.Block
	octets := make([]byte, 0, maxMessage)
	m := message{kind: e.c.kind, block: e.c.block}
	var sent error
	send := func(fd uintptr) bool {
		_, sent = syscall.SendmsgN(int(fd), octets, nil, nil, syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL)
		return true
	}
	e.next = 0
	for ctx.Err() == nil {
		if !e.await() {
			return net.ErrClosed
		}
		e.c.mu.Lock()
		e.take(&block)
		e.overrides(e.next+e.c.transit, &block)
		m.moment, m.alarms = e.next, e.alarms
		e.c.mu.Unlock()
		octets = m.write(octets, &block)
		if err := raw.Write(send); err != nil {
			return err
		}
		switch {
		case errors.Is(sent, syscall.EAGAIN) || errors.Is(sent, syscall.ENOBUFS):
			e.c.mu.Lock()
			e.counters.RxOverruns++
			e.c.mu.Unlock()
		case sent != nil:
			return sent
		}
	}
	return ctx.Err()
}

// hear puts what the far process gives on the cable.
func (e *End) hear(conn *net.UnixConn) error {
	raw := make([]byte, maxMessage+1)
	var m message
	var ordered span.Alarm
	for {
		n, err := conn.Read(raw)
		if err != nil {
			return err
		}
		var o order
		switch is, err := readControl(orderMagic, raw[:n], &o); {
		case err != nil:
			return err
		case is:
			if err := e.reply(conn, &o); err != nil {
				return err
			}
			continue
		}
		if err := m.parse(raw[:n]); err != nil {
			return err
		}
		if m.kind != e.c.kind || m.block != e.c.block {
			return messageError(fmt.Sprintf("%v in blocks of %d octets, the line is %v in blocks of %d", m.kind, m.block, e.c.kind, e.c.block))
		}
		if m.alarms != ordered {
			ordered = m.alarms
			e.transmit(true, ordered)
		}
		e.give(&m)
	}
}

// reply executes an order and sends its answer.
func (e *End) reply(conn *net.UnixConn, o *order) error {
	octets, err := writeControl(answerMagic, e.execute(o))
	if err != nil {
		return err
	}
	_, err = conn.Write(octets)
	return err
}

// give puts one block on the cable. A moment that the line has not had yet would fill places that
// belong to others: it is ignored.
func (e *End) give(m *message) {
	e.c.mu.Lock()
	defer e.c.mu.Unlock()
	now := e.c.clock.Count(e.c.block)
	stamp := m.moment + e.c.transit
	if m.moment > now || m.moment+e.c.catchUp < now || e.busy() || !e.out.open(stamp) {
		return
	}
	for ts := 1; ts < span.Slots; ts++ {
		copy(e.out.place(stamp, ts), m.place(ts))
	}
}
