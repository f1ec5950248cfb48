package rtp

import (
	"net/netip"
	"runtime"
	"testing"
	"time"

	"trunkbox/dsp"
)

// BenchmarkMemoryOfAStream tells what a stream of a plain call takes, beside what the pump takes once for all.
func BenchmarkMemoryOfAStream(b *testing.B) {
	const streams = 200
	for b.Loop() {
		ports, err := NewPorts(20000, 20000+2*streams+1)
		if err != nil {
			b.Fatal(err)
		}
		ports.pump.byHand = true
		open := func() *Stream {
			s, err := Open(Options{Ports: ports, Local: loopback, OnDigit: func(byte, bool) {}})
			if err != nil {
				b.Fatal(err)
			}
			s.SetRemote(netip.AddrPortFrom(loopback, 9), dsp.ALaw, PayloadALaw, 101, SendRecv)
			s.Start()
			return s
		}
		all := []*Stream{open()}
		ports.pump.turn(ports.pump.epoll, time.Now())
		before := heapInUse()
		for range streams {
			all = append(all, open())
		}
		b.ReportMetric(float64(heapInUse()-before)/streams, "B/stream")
		for _, s := range all {
			s.Close()
		}
		runtime.KeepAlive(all)
	}
	b.ReportMetric(0, "ns/op")
}
