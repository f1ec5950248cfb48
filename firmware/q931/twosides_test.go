package q931

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// pair is a user and a network machine that talk in octets over a link that keeps order. It checks what
// must hold whatever call control, timers and the link do.
type pair struct {
	t       *testing.T
	end     [2]*Call
	profile [2]*Profile
	cut     [2]*Segmenter
	join    [2]*Assembler
	queue   [2][][]byte // octets on their way to User, Network
	timer   [2][NumTimers]bool
	done    [2]int // Released heard
	begun   [2]int // calls begun
	joined  int    // messages that came in parts
	held    int    // holds that were acknowledged
	log     []string
}

func newPair(t *testing.T, caller Side) *pair { return newPairOf(t, caller, "euroisdn-e1") }

// newPairOf returns a pair of a variant.
func newPairOf(t *testing.T, caller Side, variant string) *pair {
	p := &pair{t: t, log: []string{variant}}
	for side := range p.end {
		profile, _ := ProfileOf(variant, Side(side))
		p.profile[side], p.cut[side], p.join[side] = profile, NewSegmenter(profile), NewAssembler(profile)
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
			parts, err := p.cut[side].Split(p.profile[side].AppendTo(nil, a.Msg))
			if err != nil && p.profile[side].Segmentation {
				p.fail("%v", err)
			}
			for _, part := range parts {
				p.queue[1-side] = append(p.queue[1-side], bytes.Clone(part))
			}
		case StartTimer:
			p.timer[side][a.Timer] = true
		case StopTimer:
			if !p.timer[side][a.Timer] {
				p.fail("%s stopped, but not running", a.Timer)
			}
			p.timer[side][a.Timer] = false
		case HoldConf:
			p.held++
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
	b, _ = p.join[side].Take(b, nil)
	if b == nil {
		return true
	}
	if len(b) > n201 {
		p.joined++
	}
	m := new(Message)
	if err := p.profile[side].Decode(m, b); err != nil {
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

// all hands over messages until none is under way.
func (p *pair) all() {
	for p.deliver(User) || p.deliver(Network) {
	}
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
		for _, a := range p.join {
			a.Handle(Event{Input: i}, nil)
		}
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
		choice := requests
		if arg&0x70 != 0 && p.end[side].State() == StateActive {
			choice = holdRequests
		}
		i := choice[int(arg)%len(choice)]
		if i == SetupReq && p.end[side].Ref().Flag == false {
			return // the reference is the other side's to use
		}
		m := wish(i)
		if i == FacilityReq && arg&0x80 != 0 { // longer than an information field
			for n := range 4 {
				m.Other = append(m.Other, Element{ID: IDFacility, Data: bytes.Repeat([]byte{byte(n)}, 200)})
			}
		}
		p.handle(side, Event{Input: i, Msg: m})
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
	joined, held := 0, 0
	for n := range 3000 {
		p := newPairOf(t, Side(n%2), Profiles[n/4%len(Profiles)].Name)
		p.handle(Side(n%2), Event{Input: SetupReq, Msg: wish(SetupReq)})
		if n%4 < 2 { // half of them talk already
			p.all()
			p.handle(Side(1-n%2), Event{Input: SetupResp, Msg: wish(SetupResp)})
			p.all()
		}
		for range 5 + r.IntN(60) {
			p.step(byte(r.Uint32()), byte(r.Uint32()))
		}
		p.settle()
		joined, held = joined+p.joined, held+p.held
	}
	if joined < 50 || held < 5 {
		t.Errorf("%d messages came in parts, %d calls were held", joined, held)
	}
}

// TestTwoSidesTalk is a call as it should be, both ways, through the octets.
func TestTwoSidesTalk(t *testing.T) {
	for _, caller := range []Side{User, Network} {
		p := newPair(t, caller)
		called := 1 - caller
		p.handle(caller, Event{Input: SetupReq, Msg: wish(SetupReq)})
		p.all()
		for _, i := range []Input{ProceedingReq, AlertingReq, SetupResp} {
			p.handle(called, Event{Input: i, Msg: wish(i)})
			p.all()
		}
		if caller == Network {
			p.handle(Network, Event{Input: SetupCompleteReq})
			p.all()
		}
		if p.end[User].State() != StateActive || p.end[Network].State() != StateActive {
			p.fail("states %d and %d", p.end[User].State(), p.end[Network].State())
		}
		p.handle(called, Event{Input: DisconnectReq, Msg: wish(DisconnectReq)})
		p.all()
		p.handle(caller, Event{Input: ReleaseReq})
		p.all()
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
		p := newPairOf(t, Side(len(ops)&1), Profiles[len(ops)/2%len(Profiles)].Name)
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
