package vspan

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"sync/atomic"

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
	var going atomic.Bool // who has the seat is leaving
	for {
		conn, err := l.AcceptUnix()
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("vspan: waiting for the far end of %s: %w", e.name, err)
		}
		if !going.Load() {
			select {
			case seat <- struct{}{}:
			default:
				e.c.log.Warn("a second far end was sent away", "line", e.name)
				conn.Close()
				continue
			}
		} else { // the seat is being cleared
			seat <- struct{}{}
		}
		going.Store(false)
		guests.Go(func() {
			defer func() { <-seat }()
			e.host(ctx, conn, &going)
		})
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

// host lets one far process have the end until it goes away; going is set then.
func (e *End) host(ctx context.Context, conn *net.UnixConn, going *atomic.Bool) {
	unblock := context.AfterFunc(ctx, func() { conn.Close() })
	defer unblock()
	defer conn.Close()
	g, err := newGuest(e, conn)
	if err != nil {
		going.Store(true)
		e.c.log.Error("the far end cannot be served", "line", e.name, "error", err)
		return
	}
	e.c.log.Info("the far end is here", "line", e.name)
	e.transmit(true, 0)
	defer e.restore()
	defer e.transmit(false, 0)
	e.c.round.join(g)
	defer e.c.round.leave(g)
	for err == nil {
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case err = <-g.gone:
		case raw := <-g.orders:
			err = e.obeyFar(conn, raw)
		}
	}
	going.Store(true)
	e.c.log.Info("the far end is gone", "line", e.name, "why", err)
}

// obeyFar executes an order and sends its answer.
func (e *End) obeyFar(conn *net.UnixConn, raw []byte) error {
	var o order
	if _, err := readControl(orderMagic, raw, &o); err != nil {
		return err
	}
	octets, err := writeControl(answerMagic, e.execute(&o))
	if err != nil {
		return err
	}
	_, err = conn.Write(octets)
	return err
}

// give puts one block on the cable. A moment that the line has not had yet would fill places that
// belong to others: it is ignored. Of a block that comes too late the D channel is kept. A far process that the
// machine has kept waiting answers several blocks at once when it goes on, and the frame it was about to send stands
// in the first of them, the latest: without that hardly a frame of such a process would ever arrive. thread is the
// caller's, to which he is locked.
func (e *End) give(m *message, thread uint32) {
	e.c.mu.lockAs(thread)
	defer e.c.mu.Unlock()
	now := e.c.clock.Count(e.c.block)
	stamp := m.moment + e.c.transit
	switch {
	case m.moment > now || e.busy():
		return
	case m.moment+e.c.catchUp < now || !e.out.open(stamp):
		if !e.c.noD {
			e.out.owe(m.place(int(e.c.kind.D())))
		}
		return
	}
	for ts := 1; ts < span.Slots; ts++ {
		copy(e.out.place(stamp, ts), m.place(ts))
	}
}
