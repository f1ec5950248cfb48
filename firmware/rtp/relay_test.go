package rtp

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/realtime"
	"trunkbox/test/child"
)

// The relay benchmarks let N calls of two telephones each run for some seconds and tell what share of one
// core the relaying process takes. The telephones are a process of their own, this binary started again.
//
//	phones process: 2N sockets, a packet every 20 ms each ── loopback ── this process: what is measured

const phonesVariable = "TRUNKBOX_TEST_PHONES"

func TestMain(m *testing.M) {
	if n, err := strconv.Atoi(os.Getenv(phonesVariable)); err == nil {
		if err := bePhones(n); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// bePhones prints the ports of n telephones, reads where each is to send, and talks until its input ends.
// Then it prints how many packets were sent and heard, and of those that came as they were sent, how long they were
// under way in nanoseconds: half of them, 99 of 100, all. A packet has the time at which it was sent in its sound, and
// the kernel tells when the other telephone's socket had it.
func bePhones(n int) error {
	fds, events := make([]int, n), make([]unix.EpollEvent, n)
	epoll, err := unix.EpollCreate1(0)
	if err != nil {
		return err
	}
	for i := range fds {
		if fds[i], err = listen(netip.AddrPortFrom(loopback, 0)); err != nil {
			return err
		}
		if err = unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, fds[i], &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(fds[i])}); err != nil {
			return err
		}
		fmt.Print(boundTo(fds[i]), " ")
	}
	fmt.Println()
	input := bufio.NewReader(os.Stdin)
	line, err := input.ReadString('\n')
	if err != nil {
		return err
	}
	to := make([]postal, n)
	for i, port := range strings.Fields(line) {
		number, err := strconv.Atoi(port)
		if err != nil {
			return err
		}
		to[i], _ = post(netip.AddrPortFrom(loopback, uint16(number)), false)
	}
	ended := make(chan struct{})
	go func() { _, _ = input.ReadString('\n'); close(ended) }()
	sent, heard := 0, 0
	var took []int64
	mark := []byte("sent at ")
	packet := append(make([]byte, headerSize), sine(dsp.ALaw, 500, -10, 160)...)
	var l letter
	runtime.LockOSThread() // telephones have processors of their own
	defer realtime.Thread("telephones", realtime.Phones-1, -1)()
	spec := unix.NsecToTimespec(int64(200 * time.Microsecond))
	for began, slot := time.Now(), 0; ; {
		select {
		case <-ended:
			slices.Sort(took)
			took = append(took, 0) // none at all
			fmt.Println(sent, heard, took[len(took)/2], took[len(took)*99/100], took[max(0, len(took)-2)])
			return nil
		default:
		}
		if slot >= int(time.Since(began)/time.Millisecond) {
			_, _ = unix.Ppoll(nil, &spec, nil)
		} else {
			for i := slot % 20; i < n; i += 20 {
				packet[0], packet[1] = 0x80, PayloadALaw
				round := uint32(slot / 20)
				binary.BigEndian.PutUint16(packet[2:], uint16(round))
				binary.BigEndian.PutUint32(packet[4:], round*160)
				binary.BigEndian.PutUint32(packet[8:], uint32(i+1))
				copy(packet[headerSize:], mark)
				binary.BigEndian.PutUint64(packet[headerSize+len(mark):], uint64(time.Now().UnixNano()))
				if send(fds[i], packet, &to[i]) == 0 {
					sent++
				}
			}
			slot++
		}
		ready, _ := unix.EpollWait(epoll, events, 0)
		for _, e := range events[:max(ready, 0)] {
			for {
				datagram, at, number := l.receive(int(e.Fd))
				if number != 0 {
					break
				}
				heard++
				if sound := datagram[headerSize:]; time.Since(began) > 2*time.Second && bytes.HasPrefix(sound, mark) {
					took = append(took, at-int64(binary.BigEndian.Uint64(sound[len(mark):])))
				}
			}
		}
	}
}

// phones is the process with the telephones.
type phones struct {
	cmd   *exec.Cmd
	in    *os.File
	out   *bufio.Reader
	ports []int
}

func startPhones(t testing.TB, n int) *phones {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &phones{cmd: exec.Command(self)}
	p.cmd.Env = append(os.Environ(), phonesVariable+"="+strconv.Itoa(n))
	p.cmd.Stderr = os.Stderr
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdin, p.in = read, write
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if err := child.Start(p.cmd); err != nil {
		t.Fatal(err)
	}
	_ = read.Close()
	line, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatal("telephones did not start: ", err)
	}
	for _, f := range strings.Fields(line) {
		port, _ := strconv.Atoi(f)
		p.ports = append(p.ports, port)
	}
	return p
}

// talk lets phone i send to ports[i].
func (p *phones) talk(ports []int) { fmt.Fprintln(p.in, strings.Trim(fmt.Sprint(ports), "[]")) }

// end stops the telephones and tells what they sent and heard, and how long it was under way.
func (p *phones) end(t testing.TB) (sent, heard int, took [3]float64) {
	_ = p.in.Close()
	if _, err := fmt.Fscan(p.out, &sent, &heard, &took[0], &took[1], &took[2]); err != nil {
		t.Error("telephones ended without a word: ", err)
	}
	_ = p.cmd.Wait()
	return sent, heard, took
}

// processorTime is what this process has used.
func processorTime() time.Duration {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

const relaySeconds = 3

// measure runs the relay for some seconds and reports its share of a core.
func measure(b *testing.B, calls int, p *phones) {
	b.Helper()
	pause := func(d time.Duration) { <-time.After(d) }
	pause(2 * time.Second) // delays settle
	began, used := time.Now(), processorTime()
	pause(relaySeconds * time.Second)
	took, used := time.Since(began), processorTime()-used
	sent, heard, delay := p.end(b)
	b.ReportMetric(delay[0]/1000, "µs-p50")
	b.ReportMetric(delay[1]/1000, "µs-p99")
	b.ReportMetric(delay[2]/1000, "µs-most")
	b.ReportMetric(100*float64(used)/float64(took), "%core")
	b.ReportMetric(float64(used.Nanoseconds())/(float64(calls)*100*took.Seconds()), "ns/packet") // in one way and out the other
	b.ReportMetric(100*float64(heard)/float64(max(sent, 1)), "%heard")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkRelay: the box, everything included: jitter buffer, bridge with the engine's thread, statistics.
func BenchmarkRelay(b *testing.B) {
	for _, calls := range []int{60, 240, 480} {
		b.Run(fmt.Sprintf("bare goroutine a socket/%d", calls), func(b *testing.B) { relayByGoroutines(b, calls) })
		b.Run(fmt.Sprintf("bare epoll/%d", calls), func(b *testing.B) { relayByEpoll(b, calls) })
		b.Run(fmt.Sprintf("box/%d", calls), func(b *testing.B) { relayByBox(b, calls, true, true) })
		b.Run(fmt.Sprintf("box, a call a packet/%d", calls), func(b *testing.B) { relayByBox(b, calls, false, true) })
		b.Run(fmt.Sprintf("box, by the tick/%d", calls), func(b *testing.B) { relayByBox(b, calls, true, false) })
	}
}

func relayByBox(b *testing.B, calls int, byRing, direct bool) {
	for b.Loop() {
		p := startPhones(b, 2*calls)
		ports, err := NewPorts(20000, 20000+8*calls)
		if err != nil {
			b.Fatal(err)
		}
		if !byRing {
			ports.pump.ring = nil
		}
		engine, err := bridge.New(80, slog.New(slog.DiscardHandler))
		if err != nil {
			b.Fatal(err)
		}
		before := heapInUse()
		var streams []*Stream
		var parties []*bridge.Party
		var at []int
		for i, phone := range p.ports {
			s, err := Open(Options{Ports: ports, Local: loopback})
			if err != nil {
				b.Fatal(err)
			}
			s.SetRemote(netip.AddrPortFrom(loopback, uint16(phone)), dsp.ALaw, PayloadALaw, 101, SendRecv)
			s.Start()
			streams, at = append(streams, s), append(at, s.Port())
			parties = append(parties, engine.Add("phone "+strconv.Itoa(i), s))
			if i%2 == 1 {
				if direct {
					bridge.Join(parties[i-1], parties[i])
				} else {
					parties[i-1].Hear(bridge.Mix(parties[i]))
					parties[i].Hear(bridge.Mix(parties[i-1]))
				}
			}
		}
		kept := heapInUse() - before
		done := make(chan struct{})
		go func() { defer close(done); engine.Run() }()
		turns := ports.pump.turns.Load()
		p.talk(at)
		measure(b, calls, p)
		b.ReportMetric(float64(kept)/1024/float64(calls), "KiB/call")
		packets, bad := uint64(0), uint64(0)
		for _, s := range streams {
			st := s.Stats()
			packets += st.Received + st.Sent
			bad += st.Lost + st.Late + st.SendErrors + st.Overflow
		}
		b.ReportMetric(float64(bad), "lost")
		b.ReportMetric(float64(ports.pump.calls.Load())/float64(max(packets, 1)), "syscalls/packet")
		b.ReportMetric(float64(ports.pump.turns.Load()-turns)/(relaySeconds+2), "turns/s")
		engine.Close()
		<-done
		for _, s := range streams {
			s.Close()
		}
	}
}

// heapInUse is the memory of the heap and of stacks after a collection.
func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// relayByGoroutines is how it is usually written in Go, with nothing but the relaying.
func relayByGoroutines(b *testing.B, calls int) {
	for b.Loop() {
		p := startPhones(b, 2*calls)
		var conns []*net.UDPConn
		var at []int
		for range p.ports {
			c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.AddrPortFrom(loopback, 0)))
			if err != nil {
				b.Fatal(err)
			}
			conns = append(conns, c)
			at = append(at, c.LocalAddr().(*net.UDPAddr).Port)
		}
		for i, from := range conns {
			to, phone := conns[i^1], netip.AddrPortFrom(loopback, uint16(p.ports[i^1]))
			go func() {
				packet := make([]byte, 2048)
				for {
					n, _, err := from.ReadFromUDPAddrPort(packet)
					if err != nil {
						return
					}
					_, _ = to.WriteToUDPAddrPort(packet[:n], phone)
				}
			}()
		}
		p.talk(at)
		measure(b, calls, p)
		for _, c := range conns {
			_ = c.Close()
		}
	}
}

// relayByEpoll is one thread that takes each packet as it comes and sends it on: what there is nothing below.
func relayByEpoll(b *testing.B, calls int) {
	for b.Loop() {
		p := startPhones(b, 2*calls)
		epoll, err := unix.EpollCreate1(0)
		if err != nil {
			b.Fatal(err)
		}
		fds, to := make([]int, len(p.ports)), make([]postal, len(p.ports))
		var at []int
		for i, phone := range p.ports {
			if fds[i], err = listen(netip.AddrPortFrom(loopback, 0)); err != nil {
				b.Fatal(err)
			}
			to[i], _ = post(netip.AddrPortFrom(loopback, uint16(phone)), false)
			at = append(at, boundTo(fds[i]))
			if err := unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, fds[i], &unix.EpollEvent{Events: unix.EPOLLIN, Fd: int32(i)}); err != nil {
				b.Fatal(err)
			}
		}
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			runtime.LockOSThread()
			events := make([]unix.EpollEvent, 512)
			l := new(letter)
			for {
				n, _ := unix.EpollWait(epoll, events, 100)
				for _, e := range events[:max(n, 0)] {
					if datagram, _, number := l.receive(fds[e.Fd]); number == 0 {
						_ = send(fds[e.Fd^1], datagram, &to[e.Fd^1])
					}
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		}()
		p.talk(at)
		measure(b, calls, p)
		close(stop)
		<-stopped
		for _, fd := range append(fds, epoll) {
			_ = unix.Close(fd)
		}
	}
}
