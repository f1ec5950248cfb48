package sipphone

import (
	"net/netip"
	"slices"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// dialog is the box's side of a dialog (RFC 3261 clause 12): what every request within it repeats. A
// dialog belongs to the loop of its leg.
type dialog struct {
	callID    string
	local     sip.FromHeader // our side, with its tag
	remote    sip.ToHeader   // the phone's, with its tag once it is known
	contact   sip.Uri        // ours
	target    sip.Uri        // the phone's Contact
	routes    []sip.Header   // Route headers, in the order they are sent
	at        place
	localSeq  uint32
	remoteSeq uint32
	updates   bool // the phone said it takes UPDATE
}

// asBuilt tells sipgo to send a request as it stands.
func asBuilt(*sipgo.Client, *sip.Request) error { return nil }

// outside begins the dialog-to-be of a request of ours.
func (s *Server) outside(target sip.Uri, at place, from sip.Uri) *dialog {
	d := &dialog{callID: newToken(), target: target, at: at, contact: s.boxUri(at), localSeq: 1}
	from.UriParams = nil
	from.Port = 0
	d.local = sip.FromHeader{Address: from}
	d.local.Params.Add("tag", newToken())
	to := target
	to.UriParams, to.Headers = nil, nil
	d.remote = sip.ToHeader{Address: to}
	return d
}

// inside makes the dialog of an incoming INVITE.
func (s *Server) inside(req *sip.Request) *dialog {
	at := placeOf(req)
	d := &dialog{
		callID: req.CallID().Value(), at: at, contact: s.boxUri(at), localSeq: 1, remoteSeq: req.CSeq().SeqNo,
		target: req.Contact().Address, updates: listed(req, "UPDATE", "allow"),
	}
	d.local = req.To().AsFrom()
	d.local.Params = sip.HeaderParams{{K: "tag", V: newToken()}}
	d.remote = req.From().AsTo()
	for _, h := range req.GetHeaders("record-route") {
		d.routes = append(d.routes, sip.NewHeader("Route", h.Value()))
	}
	return d
}

// confirm takes what a response with a tag adds to a dialog of ours.
func (d *dialog) confirm(res *sip.Response) {
	if to := res.To(); to != nil {
		d.remote.Params = to.Params.Clone()
	}
	if c := res.Contact(); c != nil && !c.Address.Wildcard {
		d.target = c.Address
	}
	d.allowed(res)
	d.routes = nil
	for _, h := range res.GetHeaders("record-route") {
		d.routes = append(d.routes, sip.NewHeader("Route", h.Value()))
	}
	slices.Reverse(d.routes)
}

// key finds the dialog by what the phone puts into its requests: the Call-ID and our tag.
func (d *dialog) key() string {
	tag, _ := d.local.Params.Get("tag")
	return d.callID + "\x00" + tag
}

// keyOf is the key of the dialog a request of the phone belongs to; "" when it has no tag of ours.
func keyOf(req *sip.Request) string {
	to, id := req.To(), req.CallID()
	if to == nil || id == nil {
		return ""
	}
	tag, _ := to.Params.Get("tag")
	if tag == "" {
		return ""
	}
	return id.Value() + "\x00" + tag
}

// request builds the next request of the dialog. ACK and CANCEL are built from their INVITE.
func (d *dialog) request(s *Server, method sip.RequestMethod) *sip.Request {
	if method != sip.ACK {
		d.localSeq++
	}
	return d.requestAs(s, method, d.localSeq)
}

func (d *dialog) requestAs(s *Server, method sip.RequestMethod, sequence uint32) *sip.Request {
	req := sip.NewRequest(method, d.target)
	req.Recipient.Headers = nil
	for _, route := range d.routes {
		req.AppendHeader(sip.NewHeader("Route", route.Value()))
	}
	from, to := d.local, d.remote
	from.Params, to.Params = from.Params.Clone(), to.Params.Clone()
	id := sip.CallIDHeader(d.callID)
	hops := sip.MaxForwardsHeader(70)
	req.AppendHeader(&from)
	req.AppendHeader(&to)
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: sequence, MethodName: method})
	req.AppendHeader(&hops)
	req.AppendHeader(&sip.ContactHeader{Address: d.contact})
	req.AppendHeader(sip.NewHeader("User-Agent", userAgent))
	req.SetBody(nil)
	return req
}

// accepts takes the CSeq of a request of the phone: false when it is not after the last one
// (RFC 3261 clause 12.2.2).
func (d *dialog) accepts(req *sip.Request) bool {
	seq := req.CSeq()
	if seq == nil || seq.SeqNo <= d.remoteSeq {
		return false
	}
	d.remoteSeq = seq.SeqNo
	return true
}

// refresh takes the target of a re-INVITE or UPDATE (RFC 3261 clause 12.2.2), and the address it came
// from: a NAT may have given the phone another one.
func (d *dialog) refresh(req *sip.Request) {
	if c := req.Contact(); c != nil && !c.Address.Wildcard {
		d.target = c.Address
	}
	if from := sourceOf(req); from.IsValid() {
		d.at = place{transport: req.Transport(), addr: from}
	}
}

// allowed takes what a response says of the methods the phone takes, if it says any.
func (d *dialog) allowed(res *sip.Response) {
	if header(res, "allow") != "" {
		d.updates = listed(res, "UPDATE", "allow")
	}
}

// peerAddr is the phone's address.
func (d *dialog) peerAddr() netip.Addr { return d.at.addr.Addr() }
