package rtp

import (
	"runtime"
	"testing"
	"time"
)

// TestClosingLetsThePumpGoOn: a socket of sound is closed when the pump, which may be working on it, is done.
func TestClosingLetsThePumpGoOn(t *testing.T) {
	s := open(t, Options{})
	s.Start()
	p := s.options.Ports.pump
	p.moving.Add(1)
	closed := make(chan struct{})
	go func() { defer close(closed); s.Close() }()
	await(t, "the stream to say that it is closed", s.closed.Load)
	for began := time.Now(); time.Since(began) < 10*breath; runtime.Gosched() {
		if boundTo(s.pair.rtp) != s.Port() {
			t.Fatal("the socket was closed under the pump")
		}
	}
	p.moving.Add(1)
	select {
	case <-closed:
	case <-time.After(5 * time.Second):
		t.Fatal("not closed after 5 s")
	}
	if boundTo(s.pair.rtp) == s.Port() {
		t.Error("the socket is open")
	}
}
