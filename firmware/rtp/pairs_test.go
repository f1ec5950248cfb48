package rtp

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/realtime"
)

// threadTime is what the calling thread has used.
func threadTime() time.Duration {
	var t unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t)
	return time.Duration(t.Nano())
}

// BenchmarkPairs tells what a packet costs, in one way and out the other, of telephones that hear each other in pairs:
// by the relay and by the tick. Pump, engine and telephones take turns in one thread, whose processor time is read
// where the one ends and the other begins; so a busy machine changes it little. Waiting is counted.
func BenchmarkPairs(b *testing.B) {
	for _, pairs := range []int{60, 240, 480} {
		for _, how := range []string{"relay", "tick"} {
			b.Run(fmt.Sprintf("%s/%d", how, pairs), func(b *testing.B) { benchmarkPairs(b, pairs, how == "relay") })
		}
	}
}

func benchmarkPairs(b *testing.B, pairs int, relay bool) {
	const block = 80
	runtime.LockOSThread() // for good, with its priority
	defer realtime.Thread("pairs", realtime.Phones, -1)()
	ports, err := NewPorts(20000, 20000+8*pairs)
	if err != nil {
		b.Fatal(err)
	}
	ports.pump.byHand = true
	x := &box{t: b, ports: ports, engine: newEngine(b, block), block: block}
	for i := range 2 * pairs {
		h := x.phone(Options{}, 160, nil)
		if i%2 == 0 {
			continue
		}
		before := x.phones[i-1].party
		if relay {
			bridge.Join(before, h.party)
		} else {
			h.party.Hear(bridge.Mix(before))
			before.Hear(bridge.Mix(h.party))
		}
	}
	p := ports.pump
	fds := []unix.PollFd{p.wake.Awaited(), {Fd: int32(p.epoll), Events: unix.POLLIN}}
	packet := make([]byte, headerSize+160)
	packet[0], packet[1] = 0x80, PayloadALaw
	copy(packet[headerSize:], sine(dsp.ALaw, 500, -10, 160))
	binary.BigEndian.PutUint32(packet[8:], 0xCAFE)
	var l letter
	var turning, ticking, waiting time.Duration
	calls, count := uint64(0), uint64(0)
	const settle, round = 700 * time.Millisecond, 100 * time.Millisecond
	began, said, ticks, settled := time.Now(), 0, 0, false
	run := func(until time.Time) {
		for now := time.Now(); now.Before(until); now = time.Now() {
			if late := int(now.Sub(began)*time.Duration(2*pairs)/(20*time.Millisecond)) - said; late > pairs {
				said += late // others had the processor
			}
			for ; said < int(now.Sub(began)*time.Duration(2*pairs)/(20*time.Millisecond)); said++ {
				h := x.phones[said%(2*pairs)]
				for { // what has come before
					if _, _, number := l.receive(h.fd); number != 0 {
						break
					}
				}
				binary.BigEndian.PutUint16(packet[2:], h.sequence)
				binary.BigEndian.PutUint32(packet[4:], h.timestamp)
				h.sequence, h.timestamp = h.sequence+1, h.timestamp+160
				_ = send(h.fd, packet, &h.to)
				count++
			}
			before, made := threadTime(), p.calls.Load()
			for ; ticks < int(now.Sub(began)/(10*time.Millisecond)); ticks++ {
				x.engine.Tick()
			}
			ticked := threadTime()
			p.wait(fds)
			waited := threadTime()
			p.turn(p.epoll, time.Now())
			ticking, waiting, turning = ticking+ticked-before, waiting+waited-ticked, turning+threadTime()-waited
			calls += p.calls.Load() - made + 1
		}
	}
	for b.Loop() {
		if !settled {
			run(began.Add(settle))
			turning, ticking, waiting, calls, count, settled = 0, 0, 0, 0, 0, true
		}
		run(time.Now().Add(round))
	}
	b.ReportMetric(float64((turning+waiting+ticking).Nanoseconds())/float64(count), "ns/packet")
	b.ReportMetric(float64(ticking.Nanoseconds())/float64(count), "ns-engine/packet")
	b.ReportMetric(float64(waiting.Nanoseconds())/float64(count), "ns-waiting/packet")
	b.ReportMetric(float64(calls)/float64(count), "syscalls/packet")
	b.ReportMetric(0, "ns/op")
}
