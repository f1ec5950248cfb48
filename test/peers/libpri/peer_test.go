package libpri

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// program is the peer, built once for all tests.
var program string

func TestMain(m *testing.M) {
	// The cells of the matrix wait for timers most of their time: all of them may do so at once.
	flag.Parse()
	if err := flag.Set("test.parallel", "32"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	dir, err := os.MkdirTemp("", "libpri")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	program = filepath.Join(dir, "peer")
	build := exec.Command("cc", "-O2", "-static", "-Wall", "-o", program, "peer.c", "-lpri", "-lm")
	if output, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "the peer cannot be built (apt-get install gcc libc6-dev libpri-dev): %v\n%s", err, output)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// patience is how long an event that has to come may take.
const patience = 15 * time.Second

// peer is libpri at work.
type peer struct {
	t      *testing.T
	in     io.WriteCloser
	events chan string
	link   chan string   // "up" and "down", which come in between
	conn   *net.UnixConn // our end of the D channel
	pid    int

	mu  sync.Mutex
	log []string
}

// keptLines is how many of the last events of a peer are shown when a test fails.
const keptLines = 2000

// startPeer starts libpri on a side ("network" or "user"), joined to conn.
func startPeer(t *testing.T, side string, options ...string) *peer {
	t.Helper()
	dir, err := os.MkdirTemp("", "d")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "d")
	listener, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: path, Net: "unixpacket"})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	command := exec.Command(program, append([]string{"--" + side, "--socket", path}, options...)...)
	p := &peer{t: t, events: make(chan string, 1024), link: make(chan string, 1024)}
	p.in, err = command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer // libpri's own words of what it does not like
	command.Stderr = &complaints
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	p.pid = command.Process.Pid
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			p.mu.Lock()
			if len(p.log) >= 2*keptLines {
				p.log = slices.Delete(p.log, 0, keptLines)
			}
			p.log = append(p.log, lines.Text())
			p.mu.Unlock()
			switch text := lines.Text(); text {
			case "up", "down":
				p.link <- text
			default:
				p.events <- text
			}
		}
	}()
	t.Cleanup(func() {
		_ = p.in.Close() // the peer ends when its input does
		<-read
		if err := command.Wait(); err != nil {
			t.Errorf("peer: %v", err)
		}
		if t.Failed() {
			p.mu.Lock()
			t.Logf("the peer told:\n%s\n%s", strings.Join(p.log, "\n"), complaints.String())
			p.mu.Unlock()
		}
	})
	if err := listener.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if p.conn, err = listener.AcceptUnix(); err != nil {
		t.Fatalf("the peer did not connect: %v", err)
	}
	return p
}

// say gives the peer a command.
func (p *peer) say(format string, arguments ...any) {
	p.t.Helper()
	if _, err := fmt.Fprintf(p.in, format+"\n", arguments...); err != nil {
		p.t.Fatal(err)
	}
}

// hears waits for the next event, which has to be of this format, and scans its values.
func (p *peer) hears(format string, values ...any) {
	p.t.Helper()
	select {
	case event := <-p.events:
		n, err := fmt.Sscanf(event, format, values...)
		if err != nil || n != len(values) || len(values) == 0 && event != format {
			p.t.Fatalf("the peer told %q, want %q", event, format)
		}
	case <-time.After(patience):
		p.t.Fatalf("the peer told nothing for %v, want %q", patience, format)
	}
}

// linkIs waits until the peer tells that its link is in a state.
func (p *peer) linkIs(want string) {
	p.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case state := <-p.link:
			if state == want {
				return
			}
		case <-limit:
			p.t.Fatalf("the peer did not tell within %v that its link is %s", patience, want)
		}
	}
}

// clears waits until the peer's call is over and returns the cause it was told, 0 when it cleared the call itself. Whatever
// is told before is passed over.
func (p *peer) clears(number int) (cause int) {
	p.t.Helper()
	for {
		select {
		case event := <-p.events:
			var n, c int
			if k, _ := fmt.Sscanf(event, "hangup %d cause %d", &n, &c); k == 2 && n == number && cause == 0 {
				cause = c
			}
			if event == fmt.Sprintf("released %d", number) {
				return cause
			}
		case <-time.After(patience):
			p.t.Fatalf("call %d of the peer was not released within %v", number, patience)
		}
	}
}
