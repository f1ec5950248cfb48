package sipphone

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// dialog is the box's side of a dialog (RFC 3261 clause 12): what every request within it repeats. A
// dialog belongs to the loop of its leg. It is there for hours, and so it keeps addresses as text, which is a fifth of them
// parsed, and none of the messages that it was made from.
type dialog struct {
	callID    string
	local     side     // ours
	remote    side     // the phone's, with its tag once it is known
	user      string   // of our Contact
	target    string   // URI of the phone's Contact
	routes    []string // values of the Route headers, in the order they are sent
	at        place
	localSeq  uint32
	remoteSeq uint32
	updates   bool // the phone said it takes UPDATE
}

// side is one end of a dialog as From and To write it.
type side struct{ name, uri, tag string }

// dialogKey finds a dialog by what the phone puts into its requests: the Call-ID and our tag.
type dialogKey struct{ callID, tag string }

// asBuilt tells sipgo to send a request as it stands.
func asBuilt(*sipgo.Client, *sip.Request) error { return nil }

// outside begins the dialog-to-be of a request of ours.
func (s *Server) outside(target sip.Uri, at place, from sip.Uri) *dialog {
	from.UriParams = nil
	from.Port = 0
	to := target
	to.UriParams, to.Headers = nil, nil
	return &dialog{
		callID: newToken(), target: textOf(target), at: at, user: boxUser, localSeq: 1,
		local: side{uri: textOf(from), tag: newToken()}, remote: side{uri: textOf(to)},
	}
}

// inside makes the dialog of an incoming INVITE.
func (s *Server) inside(req *sip.Request) *dialog {
	from, to := req.From(), req.To()
	tag, _ := from.Params.Get("tag")
	d := &dialog{
		callID: strings.Clone(req.CallID().Value()), at: placeOf(req), user: boxUser, localSeq: 1, remoteSeq: req.CSeq().SeqNo,
		local:  side{name: strings.Clone(to.DisplayName), uri: textOf(to.Address), tag: newToken()},
		remote: side{name: strings.Clone(from.DisplayName), uri: textOf(from.Address), tag: strings.Clone(tag)},
		target: textOf(req.Contact().Address), updates: listed(req, "UPDATE", "allow"),
	}
	d.routes = routesOf(req)
	return d
}

// textOf is the URI as text of its own, which keeps no message.
func textOf(uri sip.Uri) string { return strings.Clone(uri.String()) }

// uriOf reads what textOf wrote.
func uriOf(text string) (uri sip.Uri) {
	_ = sip.ParseUri(text, &uri)
	return uri
}

// routesOf are the values of a message's Record-Route headers.
func routesOf(m headers) []string {
	var routes []string
	for _, h := range m.GetHeaders("record-route") {
		routes = append(routes, strings.Clone(h.Value()))
	}
	return routes
}

// confirm takes what a response with a tag adds to a dialog of ours.
func (d *dialog) confirm(res *sip.Response) {
	if to := res.To(); to != nil {
		tag, _ := to.Params.Get("tag")
		d.remote.tag = strings.Clone(tag)
	}
	d.retarget(res.Contact())
	d.allowed(res)
	d.routes = routesOf(res)
	slices.Reverse(d.routes)
}

// retarget takes the phone's Contact, if it told one.
func (d *dialog) retarget(c *sip.ContactHeader) {
	if c != nil && !c.Address.Wildcard {
		d.target = textOf(c.Address)
	}
}

func (d *dialog) key() dialogKey { return dialogKey{d.callID, d.local.tag} }

// keyOf is the key of the dialog a request of the phone belongs to; zero when it has no tag of ours.
func keyOf(req *sip.Request) dialogKey {
	to, id := req.To(), req.CallID()
	if to == nil || id == nil {
		return dialogKey{}
	}
	tag, _ := to.Params.Get("tag")
	if tag == "" {
		return dialogKey{}
	}
	return dialogKey{id.Value(), tag}
}

// contact is our own: where the box is for the phone, as user.
func (d *dialog) contact(s *Server) *sip.ContactHeader {
	uri := s.boxUri(d.at)
	uri.User = d.user
	return &sip.ContactHeader{Address: uri}
}

// request builds the next request of the dialog. ACK and CANCEL are built from their INVITE.
func (d *dialog) request(s *Server, method sip.RequestMethod) *sip.Request {
	if method != sip.ACK {
		d.localSeq++
	}
	return d.requestAs(s, method, d.localSeq)
}

func (d *dialog) requestAs(s *Server, method sip.RequestMethod, sequence uint32) *sip.Request {
	req := sip.NewRequest(method, uriOf(d.target))
	req.Recipient.Headers = nil
	for _, route := range d.routes {
		req.AppendHeader(sip.NewHeader("Route", route))
	}
	id := sip.CallIDHeader(d.callID)
	hops := sip.MaxForwardsHeader(70)
	req.AppendHeader(&sip.FromHeader{DisplayName: d.local.name, Address: uriOf(d.local.uri), Params: d.local.params()})
	req.AppendHeader(&sip.ToHeader{DisplayName: d.remote.name, Address: uriOf(d.remote.uri), Params: d.remote.params()})
	req.AppendHeader(&id)
	req.AppendHeader(&sip.CSeqHeader{SeqNo: sequence, MethodName: method})
	req.AppendHeader(&hops)
	req.AppendHeader(d.contact(s))
	req.AppendHeader(sip.NewHeader("User-Agent", userAgent))
	req.SetBody(nil)
	return req
}

// params are the tag, if there is one.
func (e side) params() sip.HeaderParams {
	if e.tag == "" {
		return nil
	}
	return sip.HeaderParams{{K: "tag", V: e.tag}}
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
	d.retarget(req.Contact())
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
