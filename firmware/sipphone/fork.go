package sipphone

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
)

// fork is our INVITE to one contact of the extension. All contacts ring at once; the first to answer
// has the call.
type fork struct {
	target  target
	dialog  *dialog
	session *session
	req     *sip.Request // nil, as tx, once its 2xx was acknowledged
	tx      sip.ClientTransaction
	heard   bool // a provisional response came: CANCEL may be sent
	cancel  string
	done    bool
	failure call.Cleared
	rank    int
	silence *call.Timer
	retried bool
}

const (
	dialPatience = 3 * time.Second // for a TCP or TLS connection
	// elsewhere tells the other phones that the call was not missed (RFC 3326 clause 3.1).
	elsewhere = `SIP;cause=200;text="Call completed elsewhere"`
)

// start sends the INVITE of a fork.
func (l *Leg) start(f *fork) {
	ctx, cancel := context.WithTimeout(context.Background(), dialPatience)
	defer cancel()
	refused := l.server.refusals.watch(f.target.place)
	tx, err := l.server.send(ctx, f.req, f.target.place)
	if err != nil {
		l.server.refusals.forget(refused)
		l.server.bindings.heard(f.target, false, true, err.Error())
		l.failed(f, l.unreached(q850.SubscriberAbsent), "no connection to "+f.target.place.String()+": "+err.Error())
		return
	}
	f.tx = tx
	f.silence = l.loop.After(l.server.times.silence, func() {
		if !f.heard {
			l.server.bindings.heard(f.target, false, false, f.target.place.String()+" does not answer")
			l.failed(f, l.unreached(q850.NoUserResponding), f.target.place.String()+" does not answer the INVITE")
			l.settle()
		}
	})
	go l.follow(f, tx, refused)
}

// follow hands the outcome of an INVITE to the leg. When the leg is over, what still comes is put in
// order here, so that no phone goes on ringing for nobody.
func (l *Leg) follow(f *fork, tx sip.ClientTransaction, refused *refusal) {
	s := l.server
	defer s.refusals.forget(refused)
	told := refused.told
	for {
		select {
		case res := <-tx.Responses():
			if !l.loop.Post(func() { l.replied(f, tx, res) }) {
				s.orphan(f, res)
			}
			if !res.IsProvisional() {
				return
			}
		case <-told:
			told = nil
			l.loop.Post(func() {
				if f.tx == tx && !f.heard {
					s.bindings.heard(f.target, false, true, f.target.place.String()+" refuses packets (ICMP)")
					l.failed(f, l.unreached(q850.SubscriberAbsent), f.target.place.String()+" refuses packets (ICMP)")
					l.settle()
				}
			})
		case <-tx.Done():
			err := tx.Err()
			l.loop.Post(func() {
				if f.tx == tx {
					l.failed(f, l.unreached(unanswered(err)), fmt.Sprintf("%s: %v", f.target.place, err))
					l.settle()
				}
			})
			return
		}
	}
}

// sendCancel cancels an INVITE (RFC 3261 clause 9.1).
func (s *Server) sendCancel(f *fork) {
	req := sip.NewRequest(sip.CANCEL, f.req.Recipient)
	req.AppendHeader(f.req.Via().Clone())
	sip.CopyHeaders("Route", f.req, req)
	for _, name := range []string{"From", "To", "Call-ID", "Max-Forwards"} {
		sip.CopyHeaders(name, f.req, req)
	}
	req.AppendHeader(&sip.CSeqHeader{SeqNo: f.req.CSeq().SeqNo, MethodName: sip.CANCEL})
	req.AppendHeader(sip.NewHeader("Reason", f.cancel))
	req.SetBody(nil)
	s.detached(req, f.target.place)
}

// goodbye ends a dialog nobody has a use for.
func (s *Server) goodbye(f *fork, reason string) {
	req := f.dialog.request(s, sip.BYE)
	if reason != "" {
		req.AppendHeader(sip.NewHeader("Reason", reason))
	}
	s.detached(req, f.target.place)
}

// detached sends a request whose answer matters to nobody.
func (s *Server) detached(req *sip.Request, at place) {
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), dialPatience)
		defer cancel()
		tx, err := s.send(ctx, req, at)
		if err != nil {
			s.log.Debug("request not sent", "method", req.Method, "error", err)
			return
		}
		defer tx.Terminate()
		for {
			select {
			case res := <-tx.Responses():
				if !res.IsProvisional() {
					finish(tx)
					return
				}
			case <-tx.Done():
				return
			}
		}
	}()
}

// acknowledge sends the ACK of a 2xx, and again each time the phone repeats the 2xx. It is made anew then: a transaction
// keeps for 32 s what it is to do at that. A leg that is over has said BYE, which the phone takes without the ACK too.
func (l *Leg) acknowledge(d *dialog, tx sip.ClientTransaction, sequence uint32) {
	send := func() { l.server.sendACKOf(d, sequence) }
	tx.OnRetransmission(func(*sip.Response) { l.loop.Post(send) })
	send()
}

func (s *Server) sendACKOf(d *dialog, sequence uint32) {
	if err := s.sendACK(d.requestAs(s, sip.ACK, sequence), d.at); err != nil {
		s.log.Debug("ACK not sent", "phone", d.at, "error", err)
	}
}

// orphan answers what comes for a leg that is over.
func (s *Server) orphan(f *fork, res *sip.Response) {
	switch {
	case res.IsProvisional():
		f.cancel = elsewhere
		s.sendCancel(f)
	case res.IsSuccess():
		f.dialog.confirm(res)
		d, sequence := f.dialog, f.req.CSeq().SeqNo
		f.tx.OnRetransmission(func(*sip.Response) { s.sendACKOf(d, sequence) })
		s.sendACKOf(d, sequence)
		s.goodbye(f, "Q.850;cause="+strconv.Itoa(int(q850.NonSelectedUserClearing)))
	}
}
