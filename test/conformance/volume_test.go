package conformance

import (
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

const (
	volumeLasts = 10 * time.Minute
	volumePause = 100 * time.Millisecond // between calls: ten a second
	volumeTalks = 25                     // calls up at once
)

// TestVolume has ten calls a second for ten minutes, every other one from the box, 25 of them up at once. No channel, no call
// reference and no goroutine is left.
func TestVolume(t *testing.T) {
	for _, side := range sidesOf["both"] {
		t.Run(side, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { volume(t, side) })
		})
	}
}

// talk is a call that is up: its reference, and its number among the parties.
type talk struct {
	ref   string
	party int
}

func volume(t *testing.T, side string) {
	s, err := newAccess(t, 3, side, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.down()
	p := &player{layer: 3, side: side, subject: s, access: s, quiet: true}
	p.far, p.box = speakers(side)
	var up []talk
	goroutines, last := 0, 0
	for n := range int(volumeLasts / volumePause) {
		up = append(up, volumeCall(t, p, n))
		if len(up) == volumeTalks {
			volumeClear(t, p, up[0], n)
			up = up[1:]
		}
		if n == 10*volumeTalks {
			goroutines = runtime.NumGoroutine()
		}
		last = runtime.NumGoroutine()
		time.Sleep(volumePause)
	}
	if last > goroutines+10 {
		t.Errorf("%d goroutines after %d calls, %d in the end", goroutines, 10*volumeTalks, last)
	}
	for n, c := range up {
		volumeClear(t, p, c, n)
	}
	for _, ref := range []string{"F1", "F2", "B1", "B3"} {
		volumeSteps(t, p, ref, "far> STATUS ENQUIRY @", "box> STATUS @ cause=30 state=0")
	}
	if err := s.leftovers(); err != nil {
		t.Error(err)
	}
	if err := p.finish(); err != nil {
		t.Error(err)
	}
}

// volumeSteps plays steps with ref as @.
func volumeSteps(t *testing.T, p *player, ref string, steps ...string) {
	t.Helper()
	p.ref = ref
	for _, s := range steps {
		for _, s := range stepsBetweenBars(s, 0) {
			if err := p.step(s); err != nil {
				t.Fatalf("%s %s: %v", s.verb, s.text, err)
			}
		}
	}
}

// volumeCall sets up the n-th call: the even ones from the box.
func volumeCall(t *testing.T, p *player, n int) talk {
	t.Helper()
	c := talk{fmt.Sprintf("F%d", n%30000+1), n + 1}
	if n%2 == 0 {
		c.ref = fmt.Sprintf("B%d", n/2+1)
		volumeSteps(t, p, c.ref, "control dial 4001", "box> SETUP @ *", "far> CALL PROCEEDING @", "far> CONNECT @", "box> CONNECT ACKNOWLEDGE @")
		return c
	}
	volumeSteps(t, p, c.ref, "far> SETUP @ complete bc channel=any called=4001", "box> CALL PROCEEDING @ *", "control answer", "box> CONNECT @")
	if p.side == "user" {
		volumeSteps(t, p, c.ref, "far> CONNECT ACKNOWLEDGE @")
	}
	return c
}

// volumeClear ends a call, every third from the box.
func volumeClear(t *testing.T, p *player, c talk, n int) {
	t.Helper()
	if n%3 == 0 {
		volumeSteps(t, p, c.ref, fmt.Sprintf("control %d clear 16", c.party), "box> DISCONNECT @ cause=16", "far> RELEASE @", "box> RELEASE COMPLETE @")
		return
	}
	volumeSteps(t, p, c.ref, "far> DISCONNECT @ cause=16", "box> RELEASE @", "far> RELEASE COMPLETE @")
}
