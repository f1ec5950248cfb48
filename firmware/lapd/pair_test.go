package lapd

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"
)

// pair is two links on a line with loss and bit errors, in a time of its own.
type pair struct {
	t      testing.TB
	random *rand.Rand
	loss   float64 // of frames
	flips  float64 // of frames: one bit of the address or control field turned over, FCS good by chance
	now    time.Duration
	ends   [2]*end
}

type end struct {
	link       *Link
	t200, t203 time.Duration // when they expire, 0: not running
	arriving   []arrival
	queued     int    // messages asked for
	got        uint32 // messages delivered
	lost       bool   // EstablishInd or ReleaseInd since: messages may be missing
	errors     [letters]int
}

type arrival struct {
	at    time.Duration
	frame []byte
}

const delay = 20 * time.Millisecond

func newPair(t testing.TB, seed uint64) *pair {
	p := &pair{t: t, random: rand.New(rand.NewPCG(seed, 1))}
	for i, side := range []Side{User, Network} {
		p.ends[i] = &end{link: NewLink(side, PrimaryRate)}
	}
	return p
}

func (p *pair) handle(i int, e Event) {
	self, other := p.ends[i], p.ends[1-i]
	for _, a := range self.link.Handle(e) {
		switch a.Verb {
		case Send:
			if p.random.Float64() < p.loss {
				continue
			}
			frame := append([]byte(nil), a.Octets...)
			if p.random.Float64() < p.flips {
				frame[p.random.IntN(min(4, len(frame)))] ^= 1 << p.random.IntN(8)
			}
			other.arriving = append(other.arriving, arrival{p.now + delay, frame})
		case StartT200:
			self.t200 = p.now + PrimaryRate.T200
		case StopT200:
			self.t200 = 0
		case StartT203:
			self.t203 = p.now + PrimaryRate.T203
		case StopT203:
			self.t203 = 0
		case EstablishInd, ReleaseInd:
			self.lost = true
		case DataInd:
			n := binary.BigEndian.Uint32(a.Octets)
			if p.flips == 0 && !self.lost && !other.lost && n != self.got {
				p.t.Fatalf("end %d: message %d, expected %d", i, n, self.got)
			}
			self.got = n + 1
		case ErrorInd:
			self.errors[a.Letter]++
		}
	}
}

// step does whatever comes next in time; false when nothing will ever come.
func (p *pair) step() bool {
	next, who := time.Duration(1<<62), -1
	for i, e := range p.ends {
		for _, at := range []time.Duration{e.t200, e.t203} {
			if at != 0 && at < next {
				next, who = at, i
			}
		}
		if len(e.arriving) > 0 && e.arriving[0].at < next {
			next, who = e.arriving[0].at, i
		}
	}
	if who < 0 {
		return false
	}
	p.now = next
	e := p.ends[who]
	switch {
	case len(e.arriving) > 0 && e.arriving[0].at == next:
		frame := e.arriving[0].frame
		e.arriving = e.arriving[1:]
		p.handle(who, Event{FrameReceived, frame})
	case e.t200 == next:
		e.t200 = 0
		p.handle(who, Event{Input: T200Expiry})
	default:
		e.t203 = 0
		p.handle(who, Event{Input: T203Expiry})
	}
	return true
}

// speak lets both ends ask for messages until each has asked for n, as long as the queue is short.
func (p *pair) speak(n int) {
	for i, e := range p.ends {
		for e.queued < n && e.link.iQueue.n < 12 && e.link.state >= Established {
			p.handle(i, Event{DataRequest, binary.BigEndian.AppendUint32(nil, uint32(e.queued))})
			e.queued++
		}
		if e.link.state == TEIAssigned {
			p.handle(i, Event{Input: EstablishRequest})
		}
	}
}

// TestLoad sends 50,000 messages each way while every tenth frame is lost. None may be missing, doubled or out of
// order as long as no end says that the link began anew.
func TestLoad(t *testing.T) {
	const n = 50_000
	p := newPair(t, 1)
	p.loss = 0.1
	p.speak(0)
	p.step()
	for _, e := range p.ends {
		e.lost = false
	}
	renewed := 0
	for p.ends[0].got < n || p.ends[1].got < n {
		p.speak(n)
		if !p.step() {
			t.Fatal("nothing more happens")
		}
		for _, e := range p.ends {
			if e.lost {
				renewed++
			}
		}
		if p.ends[0].lost || p.ends[1].lost {
			// What was under way is lost; both go on behind it.
			for _, e := range p.ends {
				e.lost = false
			}
			p.ends[0].got, p.ends[1].got = uint32(p.ends[1].delivered()), uint32(p.ends[0].delivered())
		}
		if p.now > 100*time.Hour {
			t.Fatalf("after %v: %d and %d messages", p.now, p.ends[0].got, p.ends[1].got)
		}
	}
	t.Logf("%v of line time, link renewed %d times, errors %v %v", p.now, renewed, p.ends[0].errors, p.ends[1].errors)
}

// delivered is the number of the message at V(A).
func (e *end) delivered() int { return e.queued - e.link.iQueue.n }

// TestBitErrors turns bits over that the FCS does not catch. Whatever comes of it, the link is up again and carries messages.
func TestBitErrors(t *testing.T) {
	p := newPair(t, 2)
	p.loss, p.flips = 0.05, 0.05
	for range 60_000 {
		p.speak(1 << 30)
		if !p.step() {
			t.Fatal("nothing more happens")
		}
	}
	p.loss, p.flips = 0, 0
	for range 2000 {
		p.step()
		p.speak(0)
	}
	for i, e := range p.ends {
		if e.link.state != Established || e.link.vs != e.link.va || e.got == 0 {
			t.Errorf("end %d: state %v, V(S) %d, V(A) %d, %d messages", i, e.link.state, e.link.vs, e.link.va, e.got)
		}
		if e.errors == ([letters]int{}) {
			t.Errorf("end %d saw no error", i)
		}
	}
}

func TestSteadyStateAllocatesNothing(t *testing.T) {
	user, network := NewLink(User, PrimaryRate), NewLink(Network, PrimaryRate)
	play(t, user, "SABME P1")
	play(t, network, "SABME P1")
	message := make([]byte, 260)
	delivered := 0
	// line holds the frames under way, each in a buffer of its own.
	line := make([][]byte, 64)
	for i := range line {
		line[i] = make([]byte, 0, 300)
	}
	ends := [2]*Link{user, network}
	var to [64]int
	carry := func(from int, e Event) {
		first, last := 0, 0
		put := func(from int, actions []Action) {
			for _, a := range actions {
				switch a.Verb {
				case Send:
					line[last%64], to[last%64] = append(line[last%64][:0], a.Octets...), 1-from
					last++
				case DataInd:
					delivered++
				}
			}
		}
		put(from, ends[from].Handle(e))
		for ; first < last; first++ {
			end := to[first%64]
			put(end, ends[end].Handle(Event{FrameReceived, line[first%64]}))
		}
	}
	exchange := func() {
		carry(0, Event{DataRequest, message})
		carry(1, Event{DataRequest, message})
		carry(0, Event{Input: T203Expiry})
		carry(1, Event{Input: T203Expiry})
	}
	for range 300 {
		exchange()
	}
	if n := testing.AllocsPerRun(500, exchange); n != 0 {
		t.Errorf("%v allocations a message", n)
	}
	if delivered < 1600 || user.State() != Established || user.vs != user.va {
		t.Errorf("%d messages delivered, state %v, V(S) %d, V(A) %d", delivered, user.State(), user.vs, user.va)
	}
}

func BenchmarkMessage(b *testing.B) {
	b.ReportAllocs()
	l := NewLink(User, PrimaryRate)
	play(b, l, "SABME P1")
	message := make([]byte, 60)
	ack := Frame{Kind: RR}
	octets := make([]byte, 0, 8)
	for b.Loop() {
		l.Handle(Event{DataRequest, message})
		ack.NR = ack.NR.Add(1)
		l.Handle(Event{FrameReceived, ack.AppendTo(octets, Network)})
	}
}
