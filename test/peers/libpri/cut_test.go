package libpri

import (
	"fmt"
	"testing"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/pri"
	"trunkbox/firmware/q850"
)

// long and short are T309 against the time that the D channel is cut: it lasts until both ends have noticed it, or until the
// T309 that is short has cleared the calls.
const (
	long  = 60_000
	short = 2000
)

// The other timers in ms. The link is missed after T203 and four T200. When a machine is so slow that a SABME is repeated
// although it was answered, the link is set up once more and a DISCONNECT can be lost: T305 makes up for it.
const (
	cutT200 = 500
	cutT203 = 1000
	cutT305 = 1000
)

// cuts are the four ways in which two T309 and a cut can lie.
var cuts = []struct {
	name        string
	ours, peers int // T309 in ms
}{
	{"shorter than T309", long, long},
	{"longer than T309", short, short},
	{"longer than T309 of the peer", long, short},
	{"longer than ours", short, long},
}

// cutSetup has T309 of both ends as told, in ms.
func cutSetup(v variant, side string, ours, peers int) setup {
	return setup{
		side: side, variant: v.name, blind: true,
		options: []string{
			"--timer", timer("T200", cutT200), "--timer", timer("T203", cutT203), "--timer", timer("T305", cutT305),
			"--timer", timer("T309", peers),
		},
		change: func(l *config.Line) {
			l.Timers = map[string]int{"T200": cutT200, "T203": cutT203, "T305": cutT305, "T309": ours}
		},
	}
}

// TestCut cuts the D channel while every channel of the line talks.
func TestCut(t *testing.T) {
	t.Parallel()
	for _, cut := range cuts {
		t.Run(cut.name, func(t *testing.T) {
			t.Parallel()
			cells(t, func(t *testing.T, v variant, side string) {
				o := cutSetup(v, side, cut.ours, cut.peers).join(t)
				talks := o.fill()
				o.line.cut.Store(true)
				o.linkIs("down")
				if _, err := o.access.Dial(call.Outgoing{Called: "1"}, nil); err == nil {
					t.Error("a call was placed while the D channel was cut")
				}
				o.cutting(talks, cut.ours == short, cut.peers == short)
				o.line.cut.Store(false)
				o.linkIs("up")
				o.mended(talks, cut.ours == short, cut.peers == short)
				o.idle()
				o.outgoing("4001", ending{answered, true, 16})
				o.incoming(1, "5001", ending{answered, false, 16})
				o.idle()
				o.empty()
			})
		})
	}
}

// TestCutUnanswered: a call that is not answered does not outlive the data link, whatever T309 is (clause 5.8.9 a/Q.931).
func TestCutUnanswered(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, v variant, side string) {
		o := cutSetup(v, side, long, long).join(t)
		out, number := o.dial("4001")
		o.peer.say("alert %d", number)
		hears[call.Alerting](out)
		in, number := o.take(1, "5001", "13800000000")
		in.leg.Alert()
		o.peer.hears(fmt.Sprintf("alerting %d quiet", number))
		o.line.cut.Store(true)
		for _, p := range []*party{out, in} {
			if cleared := hears[call.Cleared](p); cleared.Cause != q850.DestinationOutOfOrder || cleared.Remote {
				t.Errorf("%s told %+v", p.leg.Name(), cleared)
			}
		}
		o.peer.linkIs("down")
		o.peerLoses(2, 27)
		o.line.cut.Store(false)
		o.linkIs("up")
		o.peer.linkIs("up")
		o.idle()
		o.empty()
	})
}

// fill has every channel of the line talk: ours from the top, the peer's from the bottom.
func (o *office) fill() map[int]*party {
	o.t.Helper()
	talks := map[int]*party{}
	all := o.line.kind.B()
	for i, ts := range all[:len(all)/2] {
		p, number := o.take(int(ts), fmt.Sprintf("51%02d", i), "13800000000")
		p.leg.Answer()
		o.peer.hears(fmt.Sprintf("answered %d", number))
		hears[call.Sounding](p)
		talks[number] = p
	}
	for i := range all[len(all)/2:] {
		p, number := o.dial(fmt.Sprintf("41%02d", i))
		o.peer.say("answer %d", number)
		hears[call.Answered](p)
		o.acknowledged(number)
		talks[number] = p
	}
	if _, err := o.access.Dial(call.Outgoing{Called: "1"}, nil); err == nil {
		o.t.Errorf("one call more than the line has channels was placed")
	}
	return talks
}

// cutting waits until those ends whose T309 is short have given their calls up.
func (o *office) cutting(talks map[int]*party, ours, peers bool) {
	o.t.Helper()
	if ours {
		for _, p := range talks {
			if cleared := hears[call.Cleared](p); cleared.Cause != q850.DestinationOutOfOrder || cleared.Remote {
				o.t.Errorf("%s told %+v", p.leg.Name(), cleared)
			}
		}
	}
	o.peer.linkIs("down")
	if peers {
		o.peerLoses(len(talks), 27)
	}
}

// peerLoses waits until the peer has told that so many of its calls are cleared for that cause, in whatever order.
func (o *office) peerLoses(calls int, cause int) {
	o.t.Helper()
	limit := time.After(patience)
	for over := 0; over < calls; {
		select {
		case event := <-o.peer.events:
			var number, got int
			hangup, _ := fmt.Sscanf(event, "hangup %d cause %d", &number, &got)
			released, _ := fmt.Sscanf(event, "released %d", &number)
			switch {
			case hangup == 2 && got == cause:
			case released == 1:
				over++
			default:
				o.t.Errorf("the peer told %q", event)
			}
		case <-limit:
			o.t.Fatalf("%d of %d calls of the peer were cleared", over, calls)
		}
	}
}

// mended: the D channel is back. Calls that both ends have go on; both ends tell each other of the calls that they have, so
// those that one end has given up are over at the other one too, by cause 101.
func (o *office) mended(talks map[int]*party, ours, peers bool) {
	o.t.Helper()
	o.peer.linkIs("up")
	if ours && !peers {
		o.peerLoses(len(talks), 101)
		return
	}
	i := 0
	for number, p := range talks {
		i++
		switch {
		case !ours && !peers:
			if state := o.state(p); state != string(pri.Talking) {
				o.t.Errorf("%s is %s after the cut", p.leg.Name(), state)
			}
			o.ends(p, number, ending{answered, i%2 == 0, 16})
		case peers && !ours:
			if cleared := hears[call.Cleared](p); cleared.Cause != q850.InvalidCallReference || !cleared.Remote {
				o.t.Errorf("%s, which the peer had given up, told %+v", p.leg.Name(), cleared)
			}
		}
	}
}
