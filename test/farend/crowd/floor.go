package crowd

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"

	"trunkbox/dsp"
	"trunkbox/test/farend/sound"
)

// echoes is how many bare relays Floor measures side by side.
const echoes = 8

// Floor is how long packets are under way to a bare relay and back, which sends each from the port to which it came and does
// nothing else: what a delay measured through a box has of the kernel and of this process. It measures until ctx is done.
// The relays have a priority, as a box's threads have; 0: none.
func Floor(ctx context.Context, priority, relays int, address, relay netip.Addr) (sound.Counts, error) {
	c, err := New(priority, address)
	if err != nil {
		return sound.Counts{}, err
	}
	defer c.Close()
	var running sync.WaitGroup
	defer running.Wait()
	var delay sound.Spread
	for range echoes {
		socket, port, err := bound(relay, 0)
		if err != nil {
			return sound.Counts{}, fmt.Errorf("crowd: a bare relay: %w", err)
		}
		defer func() { _ = unix.Shutdown(socket, unix.SHUT_RD) }() // wakes the relay
		_ = unix.SetNonblock(socket, false)
		running.Go(func() { echo(socket, relays) })
		s := sound.New(dsp.ALaw, -1)
		clip := make([]byte, dsp.SampleRate)
		for i := range clip {
			clip[i] = byte(rand.Uint32())
		}
		s.PlayClip(clip)
		s.Follow(s, &delay)
		v := c.End(0).Open(s, dsp.ALaw)
		v.Agree(netip.AddrPortFrom(relay, uint16(port)), dsp.ALaw, true)
	}
	<-ctx.Done()
	if counts := delay.Read(); counts.Total() > 0 {
		return counts, nil
	}
	return sound.Counts{}, fmt.Errorf("crowd: nothing came back from the bare relays: %d packets sent, %d received, %d strange",
		c.sent.Load(), c.received.Load(), c.strange.Load())
}

// echo sends back what comes until the socket is shut.
func echo(socket, priority int) {
	runtime.LockOSThread() // and ends with the goroutine
	defer unix.Close(socket)
	if priority > 0 {
		_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: uint32(priority)}, 0)
	}
	packet := make([]byte, 2048)
	for {
		n, from, err := unix.Recvfrom(socket, packet, 0)
		if err != nil || n == 0 || from == nil {
			return
		}
		_ = unix.Sendto(socket, packet[:n], 0, from)
	}
}
