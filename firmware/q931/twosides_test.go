package q931

import (
	"math/rand/v2"
	"testing"
)

// pair is a user and a network machine that talk in octets over a link that keeps order. It checks what
// must hold whatever call control, timers and the link do.
type pair struct {
	t       *testing.T
	end     [2]*Call
	profile [2]*Profile
	queue   [2][][]byte // octets on their way to User, Network
	timer   [2][NumTimers]bool
	done    [2]int // Released heard
	begun   [2]int // calls begun
	log     []string
}

func newPair(t *testing.T, caller Side) *pair {
	p := &pair{t: t}
	for side := range p.end {
		p.profile[side] = EuroISDN(Side(side))
	}
	own := OwnRef(77, 2)
	p.end[caller] = NewCall(caller, p.profile[caller], own)
	p.end[1-caller] = NewCall(1-caller, p.profile[1-caller], own.Answer())
	return p
}

func (p *pair) handle(side Side, e Event) {
	c := p.end[side]
	before := c.State()
	actions := c.Handle(e, nil)
	p.log = append(p.log, side.String()+" "+e.Input.String()+": "+words(actions))
	if before == StateNull && c.State() != StateNull {
		p.begun[side]++
	}
	for i, a := range actions {
		switch a.Kind {
		case Send:
			p.queue[1-side] = append(p.queue[1-side], a.Msg.AppendTo(nil))
		case StartTimer:
			p.timer[side][a.Timer] = true
		case StopTimer:
			if !p.timer[side][a.Timer] {
				p.fail("%s stopped, but not running", a.Timer)
			}
			p.timer[side][a.Timer] = false
		case Released:
			if i != len(actions)-1 {
				p.fail("Released is not the last action")
			}
			if before != StateNull {
				p.done[side]++
			}
			if a.Cause == 0 {
				p.fail("Released without cause")
			}
		case 0:
			p.fail("an action of no kind")
		}
	}
	if c.State() == StateNull {
		for tm, on := range p.timer[side] {
			if on {
				p.fail("%s runs in state 0", Timer(tm))
			}
		}
	}
}

func (p *pair) fail(format string, args ...any) {
	p.t.Helper()
	for _, line := range p.log {
		p.t.Log(line)
	}
	p.t.Fatalf(format, args...)
}

// deliver hands over the oldest message to a side.
func (p *pair) deliver(side Side) bool {
	if len(p.queue[side]) == 0 {
		return false
	}
	b := p.queue[side][0]
	p.queue[side] = p.queue[side][1:]
	m := new(Message)
	if err := m.Decode(b); err != nil {
		p.fail("% x: %v", b, err)
	}
	if len(m.Faults) > 0 {
		p.fail("% x has faults %v", b, m.Faults)
	}
	if m.Ref != p.end[side].Ref() {
		p.fail("message with %v for %v", m.Ref, p.end[side].Ref())
	}
	p.handle(side, Received(m))
	return true
}

func (p *pair) expire(side Side, skip int) bool {
	for n := range NumTimers {
		tm := (n + skip) % NumTimers
		if p.timer[side][tm] {
			p.timer[side][tm] = false
			p.handle(side, Expired(Timer(tm)))
			return true
		}
	}
	return false
}

// link tells both sides of the data link; what is under way is lost.
func (p *pair) link(i Input) {
	if i != LinkUp {
		p.queue = [2][][]byte{}
	}
	p.handle(User, Event{Input: i})
	p.handle(Network, Event{Input: i})
}

// step does what two random octets say.
func (p *pair) step(op, arg byte) {
	side := Side(op & 1)
	switch op >> 1 % 8 {
	case 0, 1, 2, 3:
		p.deliver(side)
	case 4, 5:
		i := requests[int(arg)%len(requests)]
		if i == SetupReq && p.end[side].Ref().Flag == false {
			return // the reference is the other side's to use
		}
		p.handle(side, Event{Input: i, Msg: wish(i)})
	case 6:
		p.expire(side, int(arg))
	case 7:
		if arg%8 == 0 {
			p.link(linkEvents[int(arg/8)%len(linkEvents)])
		}
	}
}

// settle clears both sides and runs link and timers until nothing moves; then both must be in state 0.
func (p *pair) settle() {
	p.link(LinkUp)
	for round := range 200 {
		moved := p.deliver(User) || p.deliver(Network)
		if moved {
			continue
		}
		for _, side := range []Side{User, Network} {
			if p.end[side].State() != StateNull && round < 100 {
				p.handle(side, Event{Input: DisconnectReq, Msg: wish(DisconnectReq)})
			}
		}
		if len(p.queue[0])+len(p.queue[1]) == 0 && !p.expire(User, 0) && !p.expire(Network, 0) {
			break
		}
	}
	for _, side := range []Side{User, Network} {
		if st := p.end[side].State(); st != StateNull {
			p.fail("%s is left in %s", side, st.Label(side))
		}
		if p.done[side] != p.begun[side] {
			p.fail("%s: %d calls begun, %d released", side, p.begun[side], p.done[side])
		}
	}
}

// TestTwoSides lets both machines talk at random: whatever happens, the call ends on both sides, each call
// begun is released once, and no timer is left.
func TestTwoSides(t *testing.T) {
	r := rand.New(rand.NewPCG(931, 921))
	for n := range 3000 {
		p := newPair(t, Side(n%2))
		p.handle(Side(n%2), Event{Input: SetupReq, Msg: wish(SetupReq)})
		for range 5 + r.IntN(60) {
			p.step(byte(r.Uint32()), byte(r.Uint32()))
		}
		p.settle()
	}
}

// TestTwoSidesTalk is a call as it should be, both ways, through the octets.
func TestTwoSidesTalk(t *testing.T) {
	for _, caller := range []Side{User, Network} {
		p := newPair(t, caller)
		called := 1 - caller
		all := func() {
			for p.deliver(User) || p.deliver(Network) {
			}
		}
		p.handle(caller, Event{Input: SetupReq, Msg: wish(SetupReq)})
		all()
		for _, i := range []Input{ProceedingReq, AlertingReq, SetupResp} {
			p.handle(called, Event{Input: i, Msg: wish(i)})
			all()
		}
		if caller == Network {
			p.handle(Network, Event{Input: SetupCompleteReq})
			all()
		}
		if p.end[User].State() != StateActive || p.end[Network].State() != StateActive {
			p.fail("states %d and %d", p.end[User].State(), p.end[Network].State())
		}
		p.handle(called, Event{Input: DisconnectReq, Msg: wish(DisconnectReq)})
		all()
		p.handle(caller, Event{Input: ReleaseReq})
		all()
		for side, n := range p.done {
			if n != 1 || p.end[side].State() != StateNull {
				p.fail("%s: released %d times, state %d", Side(side), n, p.end[side].State())
			}
		}
		if p.expire(User, 0) || p.expire(Network, 0) {
			p.fail("a timer was left")
		}
	}
}

func FuzzTwoSides(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 8, 7, 9, 5, 1, 1, 12, 4})
	f.Add([]byte{14, 16, 14, 0, 8, 7, 14, 8, 0, 0, 1, 1})
	f.Fuzz(func(t *testing.T, ops []byte) {
		p := newPair(t, Side(len(ops)&1))
		p.handle(Side(len(ops)&1), Event{Input: SetupReq, Msg: wish(SetupReq)})
		for i := 0; i+1 < len(ops) && i < 400; i += 2 {
			p.step(ops[i], ops[i+1])
		}
		p.settle()
	})
}

// FuzzCall gives one machine any octets that name its call: it must not panic, and one DISCONNECT request
// and the timers must still end the call.
func FuzzCall(f *testing.F) {
	for _, w := range heardOrder {
		h := heard[w]
		f.Add(true, octets(f, OwnRef(77, 2), h.t, h.elements))
		f.Add(false, octets(f, OwnRef(77, 2).Answer(), h.t, h.elements))
	}
	f.Fuzz(func(t *testing.T, own bool, b []byte) {
		m := new(Message)
		if m.Decode(b) != nil {
			return
		}
		for _, side := range []Side{User, Network} {
			for _, path := range paths[side] {
				c := callAt(t, side, path.via)
				c.Handle(Received(m), nil)
				for range 6 {
					c.Handle(Event{Input: DisconnectReq}, nil)
					for tm := range timers {
						c.Handle(Expired(tm), nil)
					}
				}
				if c.State() != StateNull {
					t.Fatalf("%s after %v and % x is left in %d", side, path.via, b, c.State())
				}
			}
		}
	})
}
