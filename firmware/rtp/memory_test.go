package rtp

import (
	"net/netip"
	"runtime"
	"testing"
	"time"
	"unsafe"

	"trunkbox/dsp"
)

// TestMemoryOfAStream: what a stream of a plain call takes of the heap while it moves by the tick, and while it is relayed,
// beside what the pump takes once for all.
func TestMemoryOfAStream(t *testing.T) {
	const streams = 200
	ports, err := NewPorts(20000, 29999) // those that others have are passed over
	if err != nil {
		t.Fatal(err)
	}
	ports.pump.byHand = true
	open := func() *Stream {
		s, err := Open(Options{Ports: ports, Local: loopback, OnDigit: func(byte, bool) {}})
		if err != nil {
			t.Fatal(err)
		}
		s.SetRemote(netip.AddrPortFrom(loopback, 9), dsp.ALaw, PayloadALaw, 101, SendRecv)
		s.Start()
		return s
	}
	all := []*Stream{open()}
	ports.pump.turn(ports.pump.epoll, time.Now())
	before := heapInUse()
	each := func() int { return int(int64(heapInUse()-before) / streams) }
	for range streams {
		all = append(all, open())
	}
	byTick := each()
	for _, s := range all[1:] {
		s.playout.put(0, make([]byte, cell))
		s.playout.lead, s.forward = 0, s
		s.fitting.Store(leaving)
		s.unfit()
		ports.pump.reporter.spares.fill()
		s.settle()
		s.unfit()
		s.forward = nil
	}
	relayed := each()
	t.Logf("%d octets a stream by the tick, %d relayed", byTick, relayed)
	if byTick > 9000 || relayed > 4400 {
		t.Error("want 9000 and 4400 at most")
	}
	for _, s := range all {
		s.Close()
	}
	runtime.KeepAlive(all)
}

// TestSizes are those of which there is one for each stream, and what memory comes in for them.
func TestSizes(t *testing.T) {
	for _, c := range []struct {
		name       string
		size, most uintptr
	}{
		{"stream", unsafe.Sizeof(Stream{}), 1792},
		{"hold of a lane", unsafe.Sizeof(hold{}), 1792},
		{"apparatus", unsafe.Sizeof(apparatus{}), 6144},
	} {
		if c.size > c.most {
			t.Errorf("%s: %d octets, want %d", c.name, c.size, c.most)
		}
	}
}
