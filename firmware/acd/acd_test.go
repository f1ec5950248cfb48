package acd

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
)

var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// desk is an acd with its clock and all it decided.
type desk struct {
	t     *testing.T
	state State
	now   time.Time
	said  []Decision
}

func open(t *testing.T, rules Rules, agents ...string) *desk {
	d := &desk{t: t, now: begin}
	serve := map[string][]string{}
	for _, a := range agents {
		serve[a] = []string{"sales"}
	}
	d.do(Configured{At: d.at(), Queues: map[string]Rules{"sales": rules}, Agents: serve})
	for _, a := range agents {
		d.do(PhoneUp{At: d.at(), Agent: a})
		d.do(AgentIn{At: d.at(), Agent: a})
		d.pass(time.Second) // each is idle a second longer than the next
	}
	d.said = nil
	return d
}

func (d *desk) at() At { return At(d.now) }

func (d *desk) do(e Event) []Decision {
	state, decisions := Step(d.state, e)
	d.state = state
	d.said = append(d.said, decisions...)
	return decisions
}

// pass lets time go by as the exchange does: a Clock at each moment the state asks for.
func (d *desk) pass(span time.Duration) {
	end := d.now.Add(span)
	for {
		next := d.state.Next()
		if next.IsZero() || next.After(end) {
			break
		}
		d.now = next
		d.do(Clock{d.at()})
	}
	d.now = end
}

// want checks the decisions since the last want, agents' changes of state aside.
func (d *desk) want(want ...Decision) {
	d.t.Helper()
	got := slices.DeleteFunc(d.said, func(x Decision) bool { _, change := x.(AgentChanged); return change })
	d.said = nil
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if !reflect.DeepEqual(got, want) {
		d.t.Fatalf("decisions:\n got %+v\nwant %+v", got, want)
	}
}

func (d *desk) is(agent string, want AgentState) {
	d.t.Helper()
	if got := d.state.Agent(agent).State(d.now); got != want {
		d.t.Fatalf("agent %s is %s, want %s", agent, got, want)
	}
}

var usual = Rules{Ring: 15 * time.Second, WrapUp: 10 * time.Second, Retry: 5 * time.Second, AutoPause: 3}

func offer(call, agent string, reason Reason, idle time.Duration, candidates int) Offer {
	return Offer{Call: call, Queue: "sales", Agent: agent, For: usual.Ring, Reason: reason, Idle: idle, Candidates: candidates}
}

func TestTheLongestIdleAgentRingsThenTheNext(t *testing.T) {
	d := open(t, usual, "201", "202")
	d.do(CallQueued{At: d.at(), Call: "a", Queue: "sales"})
	d.want(offer("a", "201", LongestIdle, 2*time.Second, 2))
	d.is("201", Ringing)
	d.pass(15 * time.Second)
	d.want(
		Withdraw{Call: "a", Queue: "sales", Agent: "201", Reason: NoAnswer},
		offer("a", "202", OnlyReady, 16*time.Second, 1))
	d.do(OfferAnswered{At: d.at(), Call: "a", Agent: "202"})
	d.want(Leave{Call: "a", Queue: "sales", Outcome: Answered, Reason: AgentAnswered, Waited: 15 * time.Second})
	d.is("202", OnCall)
	d.do(TalkEnded{At: d.at(), Call: "a", Agent: "202"})
	d.is("202", WrapUp)
	d.pass(10 * time.Second)
	d.is("202", Ready)
}

func TestTheOnlyAgentIsTriedAgainAfterTheRetryTime(t *testing.T) {
	d := open(t, usual, "201")
	d.do(CallQueued{At: d.at(), Call: "a", Queue: "sales"})
	d.do(OfferRefused{At: d.at(), Call: "a", Agent: "201", Reason: PhoneBusy})
	d.want(offer("a", "201", OnlyReady, time.Second, 1))
	if why := d.state.WhyWaiting("a"); why != AgentResting {
		t.Fatalf("waits because %v", why)
	}
	d.pass(5 * time.Second)
	d.want(offer("a", "201", OnlyReady, 6*time.Second, 1))
}

func TestMissedCallsPauseTheAgent(t *testing.T) {
	rules := usual
	rules.WaitEmpty = true
	d := open(t, rules, "201")
	d.do(CallQueued{At: d.at(), Call: "a", Queue: "sales"})
	d.pass(3*15*time.Second + 2*5*time.Second)
	d.is("201", Paused)
	if why := d.state.WhyWaiting("a"); why != AllPaused {
		t.Fatalf("waits because %v", why)
	}
	d.said = nil
	d.do(AgentResumed{At: d.at(), Agent: "201"})
	d.want(offer("a", "201", OnlyReady, 56*time.Second, 1))
}

func TestNobodyThere(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*desk)
		reason  Reason
	}{
		{"logged out", func(d *desk) { d.do(AgentOut{At: d.at(), Agent: "201"}) }, NobodyLoggedIn},
		{"paused", func(d *desk) { d.do(AgentPaused{At: d.at(), Agent: "201", Reason: "meal"}) }, AllPaused},
		{"unreachable", func(d *desk) { d.do(PhoneDown{At: d.at(), Agent: "201"}) }, AllUnreachable},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t, usual, "201")
			c.prepare(d)
			d.said = nil
			d.do(CallQueued{At: d.at(), Call: "a", Queue: "sales"})
			d.want(Leave{Call: "a", Queue: "sales", Outcome: JoinEmpty, Reason: c.reason})

			d = open(t, usual, "201")
			d.do(TalkBegan{At: d.at(), Call: "own", Agent: "201"})
			d.do(CallQueued{At: d.at(), Call: "a", Queue: "sales"})
			d.want() // busy is not gone
			d.do(TalkEnded{At: d.at(), Call: "own", Agent: "201"})
			d.said = nil
			c.prepare(d)
			leave := Leave{Call: "a", Queue: "sales", Outcome: LeaveEmpty, Reason: c.reason}
			if c.reason == AllUnreachable { // the leg that rings will say so itself
				d.want()
				d.do(OfferRefused{At: d.at(), Call: "a", Agent: "201", Reason: PhoneUnreachable})
				d.want(leave)
			} else {
				d.want(Withdraw{Call: "a", Queue: "sales", Agent: "201", Reason: AgentLeft}, leave)
			}
		})
	}
}

func TestLimitsAndAnnouncements(t *testing.T) {
	rules := usual
	rules.MaxWait, rules.MaxLength, rules.AnnounceEvery, rules.WaitEmpty = time.Minute, 2, 25*time.Second, true
	d := open(t, rules)
	d.do(CallQueued{At: d.at(), Call: "a", Queue: "sales", Priority: 5})
	d.pass(time.Second)
	d.do(CallQueued{At: d.at(), Call: "b", Queue: "sales", Priority: 6})
	d.do(CallQueued{At: d.at(), Call: "c", Queue: "sales", Priority: 6})
	d.want(Leave{Call: "c", Queue: "sales", Outcome: Full, Reason: QueueFull})
	if d.state.Position("b") != 1 || d.state.Position("a") != 2 || d.state.Position("c") != 0 {
		t.Fatalf("positions: b %d, a %d, c %d", d.state.Position("b"), d.state.Position("a"), d.state.Position("c"))
	}
	d.pass(29 * time.Second)
	d.want(Announce{Call: "a", Queue: "sales", Position: 2}, Announce{Call: "b", Queue: "sales", Position: 1})
	d.pass(30 * time.Second)
	d.want(
		Announce{Call: "a", Queue: "sales", Position: 2}, Announce{Call: "b", Queue: "sales", Position: 1},
		Leave{Call: "a", Queue: "sales", Outcome: Timeout, Reason: WaitedTooLong, Waited: time.Minute})
	d.do(CallLeft{At: d.at(), Call: "b", Outcome: Abandoned})
	d.want(Leave{Call: "b", Queue: "sales", Outcome: Abandoned, Reason: CallerLeft, Waited: 59 * time.Second})
}

func TestALateAnswerChangesNothing(t *testing.T) {
	d := open(t, usual, "201", "202")
	d.do(CallQueued{At: d.at(), Call: "a", Queue: "sales"})
	d.pass(15 * time.Second)
	d.said = nil
	before := d.state
	d.do(OfferAnswered{At: d.at(), Call: "a", Agent: "201"})
	d.want()
	if !reflect.DeepEqual(before, d.state) {
		t.Fatalf("state changed:\n%+v\n%+v", before, d.state)
	}
}

func TestSettingsChangeUnderCalls(t *testing.T) {
	d := open(t, usual, "201", "202")
	d.do(CallQueued{At: d.at(), Call: "a", Queue: "sales"})
	d.do(OfferAnswered{At: d.at(), Call: "a", Agent: "201"})
	d.do(CallQueued{At: d.at(), Call: "b", Queue: "sales"})
	d.said = nil
	d.do(Configured{At: d.at(), Queues: map[string]Rules{"support": usual}, Agents: map[string][]string{"202": {"support"}}})
	d.want(
		Withdraw{Call: "b", Queue: "sales", Agent: "202", Reason: QueueGone},
		Leave{Call: "b", Queue: "sales", Outcome: SystemError, Reason: QueueGone})
	d.is("201", OnCall) // goes on although no longer in the settings
	d.is("202", Ready)
}

// TestEveryCallLeavesOnce drives the acd with random events, valid or not, and holds what must hold at
// any moment: a call is offered to one agent only and an agent one call only, Step does not change the
// state it was given, and in the end every call that came has left exactly once.
func TestEveryCallLeavesOnce(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		rules := Rules{
			Ring: 15 * time.Second, WrapUp: 10 * time.Second, Retry: 5 * time.Second, AutoPause: r.IntN(4),
			MaxLength: r.IntN(3) * 4, MaxWait: time.Duration(r.IntN(3)) * time.Minute, WaitEmpty: r.IntN(2) == 0,
			AnnounceEvery: time.Duration(r.IntN(2)) * 20 * time.Second,
		}
		d := open(t, rules, "201", "202", "203")
		came, left := map[string]bool{}, map[string]int{}
		count := func() {
			for _, decision := range d.said {
				if leave, ok := decision.(Leave); ok {
					left[leave.Call]++
				}
			}
			d.said = nil
		}
		for i := range 300 {
			before := told(d.state)
			old := d.state
			d.do(randomEvent(r, d, i, came))
			if after := told(old); after != before {
				t.Fatalf("seed %d: Step changed the state it was given:\n%s\n%s", seed, before, after)
			}
			offered := map[string]bool{}
			for _, w := range d.state.Waiting {
				if w.Offered == "" {
					continue
				}
				if offered[w.Offered] || d.state.Agent(w.Offered).Offered != w.Call {
					t.Fatalf("seed %d step %d: the offers do not match: %+v", seed, i, d.state)
				}
				offered[w.Offered] = true
			}
			for name, a := range d.state.Agents.All() {
				if a.Offered != "" && !offered[name] {
					t.Fatalf("seed %d step %d: agent %s rings for nobody: %+v", seed, i, name, a)
				}
			}
			d.pass(time.Duration(r.IntN(8)) * time.Second)
			count()
		}
		for call := range came {
			d.do(CallLeft{At: d.at(), Call: call, Outcome: Abandoned})
		}
		count()
		for call := range came {
			if left[call] != 1 {
				t.Fatalf("seed %d: %s left %d times", seed, call, left[call])
			}
		}
	}
}

// told is a state in words, agents as they are and not where.
func told(s State) string {
	agents := map[string]Agent{}
	for name, a := range s.Agents.All() {
		agents[name] = *a
	}
	s.Agents = Agents{}
	return fmt.Sprintf("%+v %+v", s, agents)
}

func randomEvent(r *rand.Rand, d *desk, i int, came map[string]bool) Event {
	agent := []string{"201", "202", "203", "999"}[r.IntN(4)]
	call := fmt.Sprintf("c%d", r.IntN(i+1))
	if a := d.state.Agent(agent); r.IntN(2) == 0 {
		call = a.Offered + a.Talking
	}
	at := d.at()
	switch r.IntN(12) {
	case 0, 1, 2:
		call = fmt.Sprintf("c%d", i)
		came[call] = true
		return CallQueued{At: at, Call: call, Queue: "sales", Priority: r.IntN(10)}
	case 3:
		return CallLeft{At: at, Call: call, Outcome: Abandoned}
	case 4, 5:
		return OfferAnswered{At: at, Call: call, Agent: agent}
	case 6:
		return OfferRefused{At: at, Call: call, Agent: agent, Reason: []Reason{PhoneBusy, PhoneUnreachable, NoAnswer}[r.IntN(3)]}
	case 7:
		return TalkEnded{At: at, Call: call, Agent: agent}
	case 8:
		return []Event{AgentIn{At: at, Agent: agent}, AgentOut{At: at, Agent: agent}}[r.IntN(2)]
	case 9:
		return []Event{AgentPaused{At: at, Agent: agent, Reason: "meal"}, AgentResumed{At: at, Agent: agent}}[r.IntN(2)]
	case 10:
		return []Event{PhoneUp{At: at, Agent: agent}, PhoneDown{At: at, Agent: agent}}[r.IntN(2)]
	default:
		return TalkBegan{At: at, Call: fmt.Sprintf("own%d", i), Agent: agent}
	}
}

func BenchmarkStepWith240AgentsAnd240Callers(b *testing.B) {
	agents, queues := map[string][]string{}, map[string]Rules{"sales": usual}
	for i := range 240 {
		agents[fmt.Sprintf("%d", 200+i)] = []string{"sales"}
	}
	state, _ := Step(State{}, Configured{At: At(begin), Queues: queues, Agents: agents})
	for name := range agents {
		state, _ = Step(state, PhoneUp{At: At(begin), Agent: name})
		state, _ = Step(state, AgentIn{At: At(begin), Agent: name})
		state, _ = Step(state, TalkBegan{At: At(begin), Agent: name, Call: "x" + name})
	}
	for i := range 240 {
		state, _ = Step(state, CallQueued{At: At(begin), Call: fmt.Sprintf("w%d", i), Queue: "sales"})
	}
	b.ReportAllocs()
	for b.Loop() {
		Step(state, TalkEnded{At: At(begin), Agent: "300", Call: "x300"})
	}
}
