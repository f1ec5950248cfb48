package farend

import (
	"time"
)

// link is the data link of the D channel: Q.921 point to point, SAPI 0, TEI 0, modulo 128.
//
//	octet 1   SAPI (6 bits) | C/R | 0          octet 2   TEI (7 bits) | 1
//	I         N(S) (7) | 0                     N(R) (7) | P
//	S         0 0 0 0 S S 0 1                  N(R) (7) | P/F      SS: 00 RR, 01 RNR, 10 REJ
//	U         M M M P/F M M 1 1                one octet
//
// C/R is 1 in commands of the network and responses of the user, 0 in the others.
type link struct {
	command, response byte // octet 1 of what we send
	t200, t203        time.Duration
	send              func([]byte) error
	deliver           func([]byte)
	tell              func(up bool)

	state    linkState
	va, vs   uint8    // V(A), V(S)
	vr       uint8    // V(R)
	queue    [][]byte // information to send, from V(A) on: the first vs-va of them are sent
	rejected bool     // REJ is sent, the wanted frame has not come
	busy     bool     // the peer has sent RNR
	polling  bool     // timer recovery: waiting for F=1
	tries    int
	due      time.Time // of T200 when something is outstanding, else of T203; zero: none

	resent, polls int // for tests: information frames sent again, polls
}

type linkState uint8

const (
	linkDown         linkState = iota // nothing is tried
	linkEstablishing                  // SABME is sent
	linkUp
)

const (
	window = 7 // k of a primary rate interface
	n200   = 3
)

// Control octets, P/F cleared.
const (
	ctlRR, ctlRNR, ctlREJ           = 0x01, 0x05, 0x09
	ctlSABME, ctlDISC, ctlUA, ctlDM = 0x6f, 0x43, 0x63, 0x0f
	ctlFRMR                         = 0x87
	pf                              = 0x10 // of an unnumbered frame
)

func newLink(o Options, send func([]byte) error, deliver func([]byte), tell func(bool)) *link {
	l := &link{command: 0x02, response: 0x00, t200: o.Timers.T200, t203: o.Timers.T203, send: send, deliver: deliver, tell: tell}
	if o.Side == User {
		l.command, l.response = 0x00, 0x02
	}
	return l
}

// wait is how long the owner may sleep before expire is due.
func (l *link) wait(now time.Time) time.Duration {
	if l.due.IsZero() {
		return time.Hour
	}
	return max(l.due.Sub(now), 0)
}

// establish begins with SABME.
func (l *link) establish(now time.Time) {
	l.reset()
	l.state, l.tries = linkEstablishing, 0
	l.unnumbered(l.command, ctlSABME|pf)
	l.due = now.Add(l.t200)
}

// disconnect ends the link with DISC; what the box answers to it is not waited for.
func (l *link) disconnect() {
	l.unnumbered(l.command, ctlDISC|pf)
	l.release()
}

// release forgets the link without a word, as a lost line does.
func (l *link) release() {
	was := l.state
	l.reset()
	l.state, l.due = linkDown, time.Time{}
	if was == linkUp {
		l.tell(false)
	}
}

func (l *link) reset() {
	if l.state == linkUp { // what was sent is lost or was received: layer 3 finds out
		l.queue = l.queue[(l.vs-l.va)&0x7f:]
	}
	l.va, l.vs, l.vr = 0, 0, 0
	l.rejected, l.busy, l.polling, l.tries = false, false, false, 0
}

func (l *link) up(now time.Time) {
	was := l.state
	l.state, l.due = linkUp, now.Add(l.t203)
	if was != linkUp {
		l.tell(true)
	}
	l.pump(now)
}

// information queues one message.
func (l *link) information(now time.Time, data []byte) {
	l.queue = append(l.queue, data)
	l.pump(now)
}

// pump sends what the window lets through.
func (l *link) pump(now time.Time) {
	if l.state != linkUp || l.polling || l.busy {
		return
	}
	for {
		sent := int((l.vs - l.va) & 0x7f)
		if sent >= window || sent >= len(l.queue) {
			return
		}
		frame := append([]byte{l.command, 0x01, l.vs << 1, l.vr << 1}, l.queue[sent]...)
		if l.send(frame) != nil { // the queue of the line is full
			l.due = now.Add(l.t200)
			return
		}
		l.vs = (l.vs + 1) & 0x7f
		if sent == 0 {
			l.due, l.tries = now.Add(l.t200), 0
		}
	}
}

func (l *link) unnumbered(address, control byte) { _ = l.send([]byte{address, 0x01, control}) }

func (l *link) supervisory(address, control, final byte) {
	_ = l.send([]byte{address, 0x01, control, l.vr<<1 | final})
}

// expire is called when the time that wait has told is over.
func (l *link) expire(now time.Time) {
	if l.due.IsZero() || now.Before(l.due) {
		return
	}
	switch l.state {
	case linkEstablishing:
		l.unnumbered(l.command, ctlSABME|pf)
		l.due = now.Add(l.t200)
	case linkUp:
		if l.polling && l.tries >= n200 {
			l.tell(false)
			l.establish(now)
			return
		}
		l.poll(now)
	case linkDown:
		l.due = time.Time{}
	}
}

func (l *link) poll(now time.Time) {
	if !l.polling {
		l.polling, l.tries = true, 0
	}
	l.tries++
	l.polls++
	l.supervisory(l.command, ctlRR, 1)
	l.due = now.Add(l.t200)
}

// receive takes a frame from the line. Frames for others, and what is no frame, are dropped.
func (l *link) receive(now time.Time, f []byte) {
	if len(f) < 3 || f[0]&^0x02 != 0 || f[1] != 0x01 {
		return
	}
	command := f[0] == l.response // a command of the peer looks like a response of ours
	switch control := f[2]; {
	case control&0x03 == 0x03:
		l.receiveU(now, control&^pf, control&pf)
	case l.state != linkUp || len(f) < 4:
		if l.state == linkDown && len(f) >= 4 && command && f[3]&1 == 1 {
			l.unnumbered(l.response, ctlDM|pf)
		}
	case control&0x01 == 0:
		if l.acknowledge(now, f[3]>>1) {
			l.receiveI(now, control>>1, f[3]&1, f[4:])
		}
	default:
		l.receiveS(now, control, f[3]>>1, f[3]&1, command)
	}
}

func (l *link) receiveU(now time.Time, control, poll byte) {
	switch control {
	case ctlSABME:
		l.unnumbered(l.response, ctlUA|poll)
		if l.state == linkUp {
			l.tell(false)
			l.tell(true)
		}
		l.reset()
		l.up(now)
	case ctlDISC:
		answer := byte(ctlUA)
		if l.state == linkDown {
			answer = ctlDM
		}
		l.unnumbered(l.response, answer|poll)
		l.release()
	case ctlUA:
		if l.state == linkEstablishing && poll != 0 {
			l.up(now)
		}
	case ctlDM, ctlFRMR:
		if l.state == linkUp && (control == ctlFRMR || poll == 0 || l.polling) {
			l.tell(false)
			l.establish(now)
		}
	}
}

// acknowledge takes N(R); it says false, and sets the link up anew, when N(R) is impossible.
func (l *link) acknowledge(now time.Time, nr uint8) bool {
	got := (nr - l.va) & 0x7f
	if got > (l.vs-l.va)&0x7f {
		l.tell(false)
		l.establish(now)
		return false
	}
	l.va, l.queue = nr, l.queue[got:]
	switch {
	case l.polling: // only F=1 ends it
	case l.va == l.vs:
		l.due = now.Add(l.t203)
	case got > 0:
		l.due = now.Add(l.t200)
	}
	return true
}

func (l *link) receiveI(now time.Time, ns, poll byte, data []byte) {
	if ns != l.vr {
		switch {
		case !l.rejected:
			l.rejected = true
			l.supervisory(l.response, ctlREJ, poll)
		case poll == 1:
			l.supervisory(l.response, ctlRR, 1)
		}
		l.pump(now)
		return
	}
	l.vr, l.rejected = (l.vr+1)&0x7f, false
	l.supervisory(l.response, ctlRR, poll)
	l.deliver(data)
	l.pump(now)
}

func (l *link) receiveS(now time.Time, control byte, nr, final uint8, command bool) {
	if command && final == 1 {
		l.supervisory(l.response, ctlRR, 1)
	}
	if !l.acknowledge(now, nr) {
		return
	}
	l.busy = control == ctlRNR
	again := control == ctlREJ && !l.polling
	if l.polling && !command && final == 1 {
		l.polling, again = false, true
		l.due = now.Add(l.t203)
		if l.busy {
			l.due = now.Add(l.t200)
		}
	}
	if again {
		l.resent += int((l.vs - nr) & 0x7f)
		l.vs = nr
	}
	l.pump(now)
}
