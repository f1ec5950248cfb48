package phone

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/dsp"
)

// invited takes INVITE: a new call, or another offer in one.
func (p *Phone) invited(req *sip.Request, tx sip.ServerTransaction) {
	if req.CallID() == nil || req.From() == nil || req.To() == nil || req.Contact() == nil || req.CSeq() == nil {
		p.reply(tx, req, 400, "Bad Request")
		return
	}
	if _, within := req.To().Params.Get("tag"); within {
		c := p.find(req.CallID().Value())
		if c == nil {
			p.reply(tx, req, 481, "Call/Transaction Does Not Exist")
			return
		}
		c.reinvited(req, tx)
		return
	}
	p.mu.Lock()
	busy := p.busy
	p.mu.Unlock()
	if busy {
		p.reply(tx, req, 486, "Busy Here")
		return
	}
	d := p.newDialog(req.To().Address, req.From().Address)
	d.callID = req.CallID().Value()
	d.remoteTag, _ = req.From().Params.Get("tag")
	d.target = req.Contact().Address
	for _, hop := range req.GetHeaders("Record-Route") {
		d.routes = append(d.routes, hop.Value())
	}
	c, err := p.newCall(d, func(c *Call) { c.incoming, c.invite, c.tx = true, req, tx })
	if err != nil {
		p.reply(tx, req, 500, "Server Internal Error")
		return
	}
	tx.OnCancel(func(cancel *sip.Request) {
		why := "cancelled"
		if h := cancel.GetHeader("Reason"); h != nil {
			why = h.Value()
		}
		c.end(487, why)
	})
	if err := c.respond(180, "Ringing", nil); err != nil {
		c.end(0, err.Error())
		return
	}
	select {
	case p.calls <- c:
	default:
		c.Reject(486)
	}
	select { // the transaction lives as long as its handler
	case <-tx.Done():
	case <-p.closed:
	}
}

// respond answers the INVITE that came.
func (c *Call) respond(code int, reason string, body []byte) error {
	res := sip.NewResponseFromRequest(c.invite, code, reason, body)
	if to := res.To(); to != nil {
		to.Params.Remove("tag")
		to.Params.Add("tag", c.d.localTag)
	}
	res.AppendHeader(c.p.contact())
	if body != nil {
		res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	}
	if err := c.tx.Respond(res); err != nil {
		return fmt.Errorf("phone: answering with %d: %w", code, err)
	}
	return nil
}

// ackWait is how long ACK is waited for (64 × T1, RFC 3261 13.3.1.4).
const ackWait = 32 * time.Second

// Answer takes the call and waits for ACK.
func (c *Call) Answer(ctx context.Context) error {
	if !c.incoming {
		return fmt.Errorf("phone: %s has dialled this call, it cannot answer it", c.p.o.User)
	}
	direction := "sendrecv"
	body := c.invite.Body()
	keys := payloadKeys
	laws := c.p.laws()
	if len(body) > 0 {
		if err := c.described(body, direction); err != nil {
			c.Reject(488)
			return err
		}
		c.mu.Lock()
		laws, keys = []dsp.Law{c.law}, c.keysType
		c.mu.Unlock()
		theirs, _ := parseDescription(body)
		direction = mirrored(theirs.direction)
	}
	if c.p.o.NoKeys {
		keys = 0
	}
	answer := c.p.describe(c.m.port(), laws, keys, direction, 1)
	ctx, cancel := context.WithTimeout(ctx, ackWait)
	defer cancel()
	c.change(func() { c.offers = 1 })
	for again := 500 * time.Millisecond; ; again = min(2*again, 4*time.Second) { // T1 to T2
		if err := c.respond(200, "OK", answer); err != nil {
			c.end(0, err.Error())
			return err
		}
		c.change(func() { c.answered = true })
		part, stop := context.WithTimeout(ctx, again)
		err := c.wait(part, "ACK", func() (bool, error) {
			if c.ended {
				return false, c.over()
			}
			return c.acked, nil
		})
		stop()
		if err == nil || part.Err() == nil || ctx.Err() != nil {
			return err
		}
	}
}

// Reject refuses the call, with 486 when it is busy here, 480 when nobody answers, 603 when it is not wanted.
func (c *Call) Reject(code int) {
	reasons := map[int]string{480: "Temporarily Unavailable", 486: "Busy Here", 488: "Not Acceptable Here", 603: "Decline"}
	reason := reasons[code]
	if reason == "" {
		reason = "Refused"
	}
	if err := c.respond(code, reason, nil); err != nil {
		c.p.log.Warn("refusal not sent", "phone", c.p.o.User, "error", err)
	}
	c.end(code, reason)
}

// acknowledged takes ACK.
func (p *Phone) acknowledged(req *sip.Request, _ sip.ServerTransaction) {
	if req.CallID() == nil {
		return
	}
	c := p.find(req.CallID().Value())
	if c == nil {
		return
	}
	if body := req.Body(); len(body) > 0 { // the answer to an offer of ours in 200
		_ = c.described(body, "sendrecv")
	}
	c.change(func() { c.acked = true })
}

// reinvited takes another offer.
func (c *Call) reinvited(req *sip.Request, tx sip.ServerTransaction) {
	direction := "sendrecv"
	laws, keys := c.p.laws(), payloadKeys
	if body := req.Body(); len(body) > 0 {
		theirs, err := parseDescription(body)
		if err == nil {
			direction = mirrored(theirs.direction)
			err = c.described(body, direction)
		}
		if err != nil {
			c.p.reply(tx, req, 488, "Not Acceptable Here")
			return
		}
		c.mu.Lock()
		laws, keys = []dsp.Law{c.law}, c.keysType
		c.mu.Unlock()
	}
	c.mu.Lock()
	c.offers++
	version := c.offers
	c.mu.Unlock()
	c.d.mu.Lock()
	c.d.target = req.Contact().Address
	c.d.mu.Unlock()
	answer := c.p.describe(c.m.port(), laws, keys, direction, version)
	res := sip.NewResponseFromRequest(req, 200, "OK", answer)
	res.AppendHeader(c.p.contact())
	res.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
	if err := tx.Respond(res); err != nil {
		c.p.log.Warn("answer to a new offer not sent", "phone", c.p.o.User, "error", err)
	}
}

// bye takes BYE.
func (p *Phone) bye(req *sip.Request, tx sip.ServerTransaction) {
	var c *Call
	if req.CallID() != nil {
		c = p.find(req.CallID().Value())
	}
	if c == nil {
		p.reply(tx, req, 481, "Call/Transaction Does Not Exist")
		return
	}
	p.reply(tx, req, 200, "OK")
	why := "hung up by the other side"
	if h := req.GetHeader("Reason"); h != nil {
		why = h.Value()
	}
	c.end(0, why)
}

// notified takes what becomes of a REFER: a status line as message/sipfrag (RFC 3515 2.4.5).
func (p *Phone) notified(req *sip.Request, tx sip.ServerTransaction) {
	p.reply(tx, req, 200, "OK")
	if req.CallID() == nil {
		return
	}
	c := p.find(req.CallID().Value())
	f := strings.Fields(string(req.Body()))
	if c == nil || len(f) < 2 || !strings.HasPrefix(f[0], "SIP/2.0") {
		return
	}
	if status, err := strconv.Atoi(f[1]); err == nil {
		c.change(func() { c.refer = status })
	}
}

// again takes a response that belongs to no transaction: a repeated 2xx of INVITE wants its ACK again.
func (p *Phone) again(res *sip.Response) {
	if !res.IsSuccess() || res.CSeq() == nil || res.CSeq().MethodName != sip.INVITE || res.CallID() == nil {
		return
	}
	if c := p.find(res.CallID().Value()); c != nil {
		c.ack(res.CSeq().SeqNo)
	}
}
