package libpri

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/pri"
	"trunkbox/firmware/q850"
)

// benchCalls is how many calls are measured at a time.
const benchCalls = 1000

// BenchmarkCalls measures what a call costs in processor time at both ends together: of ours, user against network joined
// in memory, and of libpri's own two ends joined in the same way (pair.c), in the same run. An operation is 1,000 calls, each
// with SETUP, CALL PROCEEDING, ALERTING, CONNECT, CONNECT ACKNOWLEDGE, DISCONNECT, RELEASE and RELEASE COMPLETE. Ours has two
// goroutines an end and may be called from anywhere; libpri has one loop for both ends.
func BenchmarkCalls(b *testing.B) {
	pair := filepath.Join(b.TempDir(), "pair")
	if output, err := exec.Command("cc", "-O2", "-static", "-Wall", "-o", pair, "pair.c", "-lpri").CombinedOutput(); err != nil {
		b.Fatalf("pair.c (apt-get install gcc libc6-dev libpri-dev): %v\n%s", err, output)
	}
	for _, atOnce := range []int{1, 25} { // a channel is idle a moment after its call is over, so 30 of ours would find none now and then
		b.Run(fmt.Sprintf("%d at once", atOnce), func(b *testing.B) {
			ours := newPair(b)
			var mine, theirs time.Duration
			for b.Loop() {
				before := processorTime(b, syscall.RUSAGE_SELF)
				ours.calls(benchCalls, atOnce)
				mine += processorTime(b, syscall.RUSAGE_SELF) - before

				b.StopTimer()
				theirs += theirPair(b, pair, atOnce)
				b.StartTimer()
			}
			per := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 / benchCalls / float64(b.N) }
			b.ReportMetric(per(mine), "ours-us/call")
			b.ReportMetric(per(theirs), "libpri-us/call")
			b.ReportMetric(float64(mine)/float64(theirs), "times-libpri")
		})
	}
}

func processorTime(b *testing.B, who int) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(who, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// theirPair has libpri's two ends make the calls and returns the processor time of them alone, as the program tells it.
func theirPair(b *testing.B, program string, atOnce int) time.Duration {
	output, err := exec.Command(program, strconv.Itoa(benchCalls), strconv.Itoa(atOnce)).CombinedOutput()
	var calls, us, frames int
	if n, _ := fmt.Sscan(string(output), &calls, &us, &frames); err != nil || n != 3 || calls != benchCalls || frames < 8*calls {
		b.Fatalf("pair: %v: %s", err, output)
	}
	return time.Duration(us) * time.Microsecond
}

// memoryLine is a line in memory of which only the D channel works.
type memoryLine struct {
	frames chan []byte
	other  *memoryLine
	closed chan struct{}
	once   sync.Once
}

func (l *memoryLine) Name() string                { return "memory" }
func (l *memoryLine) Kind() span.Kind             { return span.E1 }
func (l *memoryLine) Block() int                  { return span.MaxBlock }
func (l *memoryLine) Status() span.Status         { return span.Status{} }
func (l *memoryLine) Events() <-chan span.Event   { return nil }
func (l *memoryLine) Tick(_, _ *span.Block) error { <-l.closed; return io.EOF }

func (l *memoryLine) ReceiveFrame(buf []byte) (int, error) {
	select {
	case frame := <-l.frames:
		return copy(buf, frame), nil
	case <-l.closed:
		return 0, io.EOF
	}
}

func (l *memoryLine) SendFrame(frame []byte) error {
	select {
	case l.other.frames <- append([]byte(nil), frame...):
		return nil
	default:
		return span.ErrBusy
	}
}

func (l *memoryLine) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// watcher is an observer that only wants to know when the link is up.
type watcher struct{ up chan struct{} }

func (watcher) Open(span.Timeslot) bridge.Port { return quiet{} }
func (watcher) Close(span.Timeslot)            {}
func (watcher) Channel(_, _, _ string)         {}

func (w watcher) Link(state, _ string) {
	if state == "up" {
		w.up <- struct{}{}
	}
}

// pair is our two ends.
type pair struct {
	b    *testing.B
	user *pri.Access
	over chan call.Cleared
}

func newPair(b *testing.B) *pair {
	p := &pair{b: b, over: make(chan call.Cleared, benchCalls)}
	lines := [2]*memoryLine{}
	for i := range lines {
		lines[i] = &memoryLine{frames: make(chan []byte, 1024), closed: make(chan struct{})}
	}
	lines[0].other, lines[1].other = lines[1], lines[0]
	watch := watcher{make(chan struct{}, 8)}
	for i, side := range []string{"user", "network"} {
		access, err := pri.New(pri.Options{
			Line: lines[i], Channels: watch, Observer: watch, Logger: slog.New(slog.DiscardHandler),
			Accept: func(in call.Incoming) call.Handler {
				in.Leg.Alert()
				in.Leg.Answer()
				return func(call.Event) {}
			},
			Settings: config.Line{
				Name: side, Kind: "E1", Side: side, Variant: "euroisdn-e1", Law: "alaw", Hunting: "up", Selection: "exclusive", BlockMS: 20,
			},
		})
		if err != nil {
			b.Fatal(err)
		}
		if side == "user" {
			p.user = access
		}
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- access.Run(ctx) }()
		b.Cleanup(func() {
			stop()
			_ = lines[i].Close()
			if err := <-ended; err != nil {
				b.Error(err)
			}
		})
	}
	for range lines {
		select {
		case <-watch.up:
		case <-time.After(patience):
			b.Fatal("the link did not come up")
		}
	}
	return p
}

// calls makes n calls, so many of them at once.
func (p *pair) calls(n, atOnce int) {
	begun := 0
	for over := 0; over < n; {
		for ; begun < n && begun-over < atOnce; begun++ {
			p.place()
		}
		cleared := <-p.over
		if cleared.Cause != q850.NormalClearing {
			p.b.Fatalf("a call ended with %+v", cleared)
		}
		over++
	}
}

func (p *pair) place() {
	var leg call.Leg
	placed := make(chan struct{})
	leg, err := p.user.Dial(call.Outgoing{Called: "4001", Calling: call.Number{Digits: us}}, func(event call.Event) {
		switch e := event.(type) {
		case call.Answered:
			<-placed
			leg.Hangup(q850.NormalClearing)
		case call.Cleared:
			p.over <- e
		}
	})
	if err != nil {
		p.b.Fatal(err)
	}
	close(placed)
}
