package phone

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// dialog is what the requests of one call, or of the registration, have in common (RFC 3261 12).
type dialog struct {
	mu        sync.Mutex
	callID    string
	local     sip.Uri
	remote    sip.Uri
	localTag  string
	remoteTag string
	target    sip.Uri // where requests go: the other's Contact
	routes    []string
	cseq      uint32
}

func (p *Phone) newDialog(local, remote sip.Uri) *dialog {
	return &dialog{callID: sip.GenerateTagN(24) + "@" + p.ip.String(), local: local, remote: remote, localTag: sip.GenerateTagN(12), target: remote}
}

// learn takes the other's tag, Contact and route from a response that makes the dialog.
func (d *dialog) learn(res *sip.Response) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if to := res.To(); to != nil {
		if tag, ok := to.Params.Get("tag"); ok {
			d.remoteTag = tag
		}
	}
	if c := res.Contact(); c != nil {
		d.target = c.Address
	}
	if d.routes == nil {
		hops := res.GetHeaders("Record-Route")
		for i := len(hops) - 1; i >= 0; i-- {
			d.routes = append(d.routes, hops[i].Value())
		}
	}
}

// request makes the next request of a dialog. CSeq 0 stands for the next number.
func (p *Phone) request(d *dialog, method sip.RequestMethod, cseq uint32) *sip.Request {
	d.mu.Lock()
	defer d.mu.Unlock()
	if cseq == 0 {
		d.cseq++
		cseq = d.cseq
	}
	req := sip.NewRequest(method, d.target)
	via := &sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: "UDP", Host: p.ip.String(), Port: p.port}
	via.Params.Add("branch", sip.GenerateBranchN(16))
	via.Params.Add("rport", "")
	from := &sip.FromHeader{DisplayName: p.o.Name, Address: d.local}
	from.Params.Add("tag", d.localTag)
	to := &sip.ToHeader{Address: d.remote}
	if d.remoteTag != "" {
		to.Params.Add("tag", d.remoteTag)
	}
	callID, hops := sip.CallIDHeader(d.callID), sip.MaxForwardsHeader(70)
	for _, h := range []sip.Header{via, from, to, &callID, &sip.CSeqHeader{SeqNo: cseq, MethodName: method}, &hops, p.contact()} {
		req.AppendHeader(h)
	}
	for _, route := range d.routes {
		req.AppendHeader(sip.NewHeader("Route", route))
	}
	req.SetBody(nil)
	p.direct(req)
	if len(d.routes) > 0 {
		req.SetDestination(p.server.String())
	}
	return req
}

// direct sends a request from our one socket to where its URI says.
func (p *Phone) direct(req *sip.Request) {
	port := req.Recipient.Port
	if port == 0 {
		port = 5060
	}
	req.SetTransport("UDP")
	req.SetDestination(net.JoinHostPort(req.Recipient.Host, strconv.Itoa(port)))
	req.Laddr = sip.Addr{IP: p.ip, Port: p.port, Hostname: p.ip.String()}
}

// ask sends a request, answers a challenge, and returns the final response: an error when it is a
// refusal. provisional hears of 1xx and may be nil. When ctx ends, an INVITE is cancelled.
func (p *Phone) ask(ctx context.Context, d *dialog, method sip.RequestMethod, complete func(*sip.Request), provisional func(*sip.Response)) (*sip.Response, error) {
	authorization, value := "", ""
	for try := 0; ; try++ {
		req := p.request(d, method, 0)
		if complete != nil {
			complete(req)
		}
		if authorization != "" {
			req.AppendHeader(sip.NewHeader(authorization, value))
		}
		res, err := p.once(ctx, req, provisional)
		if err != nil {
			return nil, err
		}
		challenged := res.StatusCode == 401 || res.StatusCode == 407
		switch {
		case res.IsSuccess():
			return res, nil
		case !challenged || try == 2:
			return res, statusError(res, method)
		}
		if authorization, value, err = p.authorize(res, req); err != nil {
			return nil, err
		}
	}
}

// authorize works out the answer to a challenge.
func (p *Phone) authorize(res *sip.Response, req *sip.Request) (header, value string, err error) {
	challenge, header := "WWW-Authenticate", "Authorization"
	if res.StatusCode == 407 {
		challenge, header = "Proxy-Authenticate", "Proxy-Authorization"
	}
	var chosen *digest.Challenge
	for _, h := range res.GetHeaders(challenge) {
		c, parseErr := digest.ParseChallenge(h.Value())
		if parseErr == nil && digest.CanDigest(c) {
			chosen = c
			break
		}
		err = parseErr
	}
	if chosen == nil {
		return "", "", fmt.Errorf("phone: %d without a challenge that can be answered: %v", res.StatusCode, err)
	}
	credentials, err := digest.Digest(chosen, digest.Options{Method: string(req.Method), URI: req.Recipient.String(), Username: p.o.User, Password: p.o.Password, Count: 1})
	if err != nil {
		return "", "", fmt.Errorf("phone: %w", err)
	}
	return header, credentials.String(), nil
}

// once sends one request and waits for its final response.
func (p *Phone) once(ctx context.Context, req *sip.Request, provisional func(*sip.Response)) (*sip.Response, error) {
	tx, err := p.client.TransactionRequest(context.WithoutCancel(ctx), req, keep)
	if err != nil {
		return nil, fmt.Errorf("phone: sending %s: %w", req.Method, err)
	}
	defer tx.Terminate()
	cancelled, heard := ctx.Done(), false
	giveUp := func() error {
		return fmt.Errorf("phone: waiting for the answer to %s: %w", req.Method, context.Cause(ctx))
	}
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
			heard = true
			if cancelled == nil { // CANCEL had to wait for the first provisional response
				p.cancel(req)
			}
			if provisional != nil {
				provisional(res)
			}
		case <-tx.Done():
			if cancelled == nil {
				return nil, giveUp()
			}
			return nil, fmt.Errorf("phone: no answer to %s: %w", req.Method, tx.Err())
		case <-cancelled:
			if req.Method != sip.INVITE {
				return nil, giveUp()
			}
			cancelled = nil
			if heard {
				p.cancel(req)
			}
		case <-p.closed:
			return nil, errClosed
		}
	}
}

// keep leaves a request as it is: it has all its headers.
func keep(*sipgo.Client, *sip.Request) error { return nil }

// cancel sends CANCEL for an INVITE (RFC 3261 9.1).
func (p *Phone) cancel(invite *sip.Request) {
	req := sip.NewRequest(sip.CANCEL, invite.Recipient)
	for _, name := range []string{"Via", "From", "To", "Call-ID", "Max-Forwards", "Route"} {
		for _, h := range invite.GetHeaders(name) {
			req.AppendHeader(sip.HeaderClone(h))
		}
	}
	req.AppendHeader(&sip.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: sip.CANCEL})
	req.SetBody(nil)
	p.direct(req)
	req.SetDestination(invite.Destination())
	tx, err := p.client.TransactionRequest(context.Background(), req, keep)
	if err != nil {
		p.log.Warn("CANCEL not sent", "phone", p.o.User, "error", err)
		return
	}
	go func() {
		defer tx.Terminate()
		select {
		case <-tx.Responses():
		case <-tx.Done():
		case <-p.closed:
		}
	}()
}
