package exchange

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"trunkbox/firmware/acd"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
)

// TestQueueFiguresAddUp: whoever entered a queue today is found again in one of its figures.
func TestQueueFiguresAddUp(t *testing.T) {
	events, _, err := journal.Open(t.TempDir(), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	x := &Exchange{Options: Options{Journal: events}, loop: call.NewLoop(), settings: config.Default("CN", "en"), calls: map[string]*Call{}}
	queue := x.settings.Queues[0].Name
	outcomes := []acd.Outcome{
		acd.Answered, acd.Answered, acd.Abandoned, acd.Timeout, acd.Full, acd.JoinEmpty, acd.LeaveEmpty, acd.SystemError, "", "",
	}
	for i, outcome := range outcomes {
		id := strconv.Itoa(i)
		x.note(id, journal.CallArrived, "line", "line1", "channel", "1")
		x.note(id, journal.QueueEntered, "queue", queue, "position", "1")
		if outcome == "" {
			x.calls[id] = &Call{id: id}
			x.acd.Waiting = append(x.acd.Waiting, acd.Waiting{Call: id, Queue: queue})
			continue
		}
		if outcome == acd.Answered {
			x.note(id, journal.AgentJoined, "queue", queue, "agent", "801")
		}
		x.note(id, journal.QueueLeft, "queue", queue, "outcome", string(outcome), "ms", "9000")
		x.note(id, journal.CallEnded, "cause", "16", "location", "0", "by", "caller")
	}
	q := x.queuesNow(time.Now())[0]
	if q.Offered != len(outcomes) || q.Answered != 2 || q.Abandoned != 1 || q.Overflowed != 4 || q.Lost != 1 || len(q.Waiting) != 2 {
		t.Errorf("of %d callers the queue shows %+v", len(outcomes), q)
	}
	if sum := q.Answered + q.Abandoned + q.Overflowed + q.Lost + len(q.Waiting); sum != q.Offered {
		t.Errorf("the figures add up to %d, and %d were offered: %+v", sum, q.Offered, q)
	}
}

// fullHouse is 480 calls on 16 lines, every one with an agent.
func fullHouse() *Exchange {
	x := &Exchange{calls: map[string]*Call{}}
	for n := range 480 {
		c := &Call{id: strconv.Itoa(n)}
		c.caller = call.NewSide(&testLeg{name: fmt.Sprintf("line%d/ts%02d", 1+n/30, 1+n%30)}, "", nil)
		c.other = call.NewSide(&testLeg{name: "phone"}, strconv.Itoa(1000+n), nil)
		x.calls[c.id] = c
	}
	return x
}

func TestCallsOnChannels(t *testing.T) {
	x := fullHouse()
	x.calls["7"].thirds = []*call.Side{call.NewSide(&testLeg{name: "line17/ts31"}, "", nil)}
	on := x.callsOnChannels()
	if len(on) != 481 || on[channel{"line1", 1}] != "0" || on[channel{"line16", 30}] != "479" || on[channel{"line17", 31}] != "7" || on[channel{"line1", 31}] != "" {
		t.Errorf("%d channels: %v", len(on), on)
	}
}

// BenchmarkCallsOnChannels is what one look at all lines costs, with every channel's call.
func BenchmarkCallsOnChannels(b *testing.B) {
	x := fullHouse()
	b.ReportAllocs()
	for b.Loop() {
		on := x.callsOnChannels()
		for n := range 480 {
			if on[channel{"line" + strconv.Itoa(1+n/30), 1 + n%30}] == "" {
				b.Fatal("a channel without its call")
			}
		}
	}
}
