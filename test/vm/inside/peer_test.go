//go:build vm

// Package inside is what the VM test runs in the guest beside the appliance: the carrier's exchange
// (libpri on span 2), an agent's telephone, and the cable that is cut and joined again.
//
// In: the appliance as the start scripts have started it, on span 1. Out: the verdict of the tests,
// to the test outside. Both paths are covered from the line to the telephone.
//
// EuroISDN with libpri on the network side; what libpri is lax about is tested elsewhere.
//
// The appliance must be up and its administrator's password set; the test outside does that through
// the forwarded port of the page.
package inside

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// patience is how long anything that has to come may take on an emulated machine.
const patience = 60 * time.Second

// peer is libpri on span 2: the D channel is DAHDI's channel 47, timeslot 1 is 32.
type peer struct {
	in     io.WriteCloser
	events chan string
	ended  chan error
}

// peerTone is what the peer plays on every B channel with a call, in Hz.
const peerTone = 1000

func startPeer(t *testing.T) *peer {
	t.Helper()
	command := exec.Command("/test/peer", "--network", "--dahdi", "47", "--first-b", "32", "--tone", fmt.Sprint(peerTone))
	command.Stderr = os.Stderr
	p := &peer{events: make(chan string, 4096), ended: make(chan error, 1)}
	in, err := command.StdinPipe()
	must(t, err)
	p.in = in
	out, err := command.StdoutPipe()
	must(t, err)
	must(t, command.Start())
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if !strings.HasPrefix(lines.Text(), "heard") {
				fmt.Println("peer:", lines.Text())
			}
			p.events <- lines.Text()
		}
		p.ended <- command.Wait()
	}()
	t.Cleanup(func() { p.stop(t) })
	return p
}

// stop ends the peer, which gives its channels back.
func (p *peer) stop(t *testing.T) {
	t.Helper()
	if p.in == nil {
		return
	}
	_ = p.in.Close() // it ends with its input
	p.in = nil
	if err := <-p.ended; err != nil {
		t.Errorf("peer: %v", err)
	}
}

func (p *peer) say(t *testing.T, format string, arguments ...any) {
	t.Helper()
	_, err := fmt.Fprintf(p.in, format+"\n", arguments...)
	must(t, err)
}

// until passes over events until one has this format, and scans its values.
func (p *peer) until(t *testing.T, format string, values ...any) {
	t.Helper()
	p.wait(t, format, func(event string) bool {
		if len(values) == 0 {
			return event == format
		}
		n, err := fmt.Sscanf(event, format, values...)
		return err == nil && n == len(values)
	})
}

func (p *peer) wait(t *testing.T, what string, wanted func(event string) bool) {
	t.Helper()
	late := time.After(patience)
	for {
		select {
		case event := <-p.events:
			if wanted(event) {
				return
			}
		case <-late:
			t.Fatalf("the peer has not told %q in %v", what, patience)
		}
	}
}

// hears waits until a call of the peer hears a tone at a level an agent's -10 dBm0 may have here.
func (p *peer) hears(t *testing.T, call int, hz float64) {
	t.Helper()
	p.wait(t, fmt.Sprintf("heard %d %.0f", call, hz), func(event string) bool {
		var number int
		var heard, level float64
		n, _ := fmt.Sscanf(event, "heard %d %f %f", &number, &heard, &level)
		return n == 3 && number == call && math.Abs(heard-hz) <= 5 && level > -14 && level < -6
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
