package sipphone

import (
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/q850"
)

// invitation is one INVITE of the phone that is being answered, the first or a later one.
type invitation struct {
	came     *sip.Request // the first INVITE as it came; nil: a later one
	req      *sip.Request // with our tag in its To
	tx       sip.ServerTransaction
	offer    *description  // of the phone; nil: it wants ours
	body     []byte        // our answer or offer, once made
	final    *sip.Response // the 2xx, for sending again
	acked    bool
	finished chan struct{} // closed when the transaction may end
	once     sync.Once
}

func (i *invitation) finish() { i.once.Do(func() { close(i.finished) }) }

// wait keeps the goroutine of the transaction until the leg is done with it, or the transaction dies without a word: the
// connection broke.
func (i *invitation) wait(l *Leg) {
	select {
	case <-i.finished:
	case <-i.tx.Done():
		l.loop.Post(func() { l.transactionLost(i) })
	}
}

const (
	t1      = 500 * time.Millisecond // RFC 3261 clause 17.1.1.1
	t2      = 4 * time.Second        // clause 17.1.2.2
	ackWait = 64 * t1                // clause 13.3.1.4
)

// accept sends the 200 of an INVITE, with its session timer, and again until the ACK comes (RFC 3261
// clause 13.3.1.4).
func (l *Leg) accept(i *invitation) {
	i.final = l.send(sip.StatusOK, "OK", i.body, l.timerAnswer(i.req)...)
	began := time.Now()
	var again func()
	wait := t1
	again = func() {
		if i.acked || l.invite != i {
			return
		}
		if time.Since(began) >= ackWait {
			l.lostACK()
			return
		}
		l.server.respond(i.tx, i.final)
		wait = min(2*wait, t2)
		l.waitACK = l.loop.After(wait, again)
	}
	l.waitACK = l.loop.After(wait, again)
}

// lostACK ends a call whose 200 was never acknowledged.
func (l *Leg) lostACK() {
	l.invite.acked = true
	l.server.log.Warn("no ACK within 32 s, the call is ended", "phone", l.extension)
	l.hangup(q850.RecoveryOnTimerExpiry)
}

// confirmed ends the INVITE in hand: the phone has our 2xx.
func (l *Leg) confirmed() {
	l.invite.acked = true
	l.waitACK.Stop()
	l.invite.finish()
	if came := l.invite.came; came != nil {
		// We said 100 before, and sipgo reads no more of it than the method; nor of the 2xx, which is not sent again.
		came.MessageData, l.invite.final.MessageData = sip.MessageData{}, sip.MessageData{}
	}
	l.invite = nil
}

// acked takes the ACK of a 2xx, with the phone's answer when the offer was ours.
func (l *Leg) acked(req *sip.Request) {
	i := l.invite
	if i == nil || i.final == nil || i.acked || req.CSeq() == nil || req.CSeq().SeqNo != i.req.CSeq().SeqNo || !sameTag(req, l.dialog) {
		return
	}
	l.confirmed()
	if l.phase == ending {
		l.bye()
		return
	}
	if i.offer != nil {
		return
	}
	d, err := parseSDP(req.Body(), l.session.expects())
	if err != nil {
		l.server.log.Warn("the ACK has no answer to our offer, the call is ended", "phone", l.extension, "error", err)
		l.hangup(q850.IncompatibleDestination)
		return
	}
	l.agree(&d, d.choose(l.session.types), l.session)
	l.sounding(false)
	l.hold(d.holds)
}
