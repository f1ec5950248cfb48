package sipphone

import (
	"context"
	"math"
	"net/netip"
	"time"

	"github.com/emiago/sipgo/sip"
)

// sweepEvery is how often registrations are looked through.
const sweepEvery = 500 * time.Millisecond

// keepAlive asks every registered phone by OPTIONS as often as the settings say, and a phone that did
// not answer again at once, until ctx is done: a few at a time, for hundreds asked together take megabytes for it. Registrations
// that ran out are removed.
func (s *Server) keepAlive(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	s.probe(ctx, time.Now(), contactsMost, func(*binding) bool { return true }) // restored ones have to prove themselves
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-ticker.C:
			s.bindings.expire(now)
			s.probe(ctx, now, contactsMost, func(o *binding) bool { return o.misses > 0 && o.misses < missLimit })
			if every := time.Duration(s.rules.Load().phones.KeepAliveS) * time.Second; every > 0 {
				s.probe(ctx, now, s.bindings.share(every), func(o *binding) bool { return now.Sub(o.asked) >= every })
			}
		}
	}
}

// contactsMost is more than there are contacts.
const contactsMost = math.MaxInt

// probe asks some of the chosen contacts, each in its own goroutine.
func (s *Server) probe(ctx context.Context, now time.Time, most int, which func(*binding) bool) {
	for _, t := range s.bindings.toProbe(now, most, which) {
		go s.ask(ctx, t)
	}
}

// ask sends one OPTIONS. Any final answer shows that the phone lives.
func (s *Server) ask(ctx context.Context, t target) {
	ctx, cancel := context.WithTimeout(ctx, s.times.answer)
	defer cancel()
	var uri sip.Uri
	if err := sip.ParseUri(t.contact, &uri); err != nil {
		s.bindings.heard(t, false, true, "its contact "+t.contact+" cannot be read")
		return
	}
	d := s.outside(uri, t.place, s.boxUri(t.place))
	req := d.request(s, sip.OPTIONS)
	req.AppendHeader(sip.NewHeader("Accept", "application/sdp"))
	refusal := s.refusals.watch(t.place)
	defer s.refusals.forget(refusal)
	tx, err := s.send(ctx, req, t.place)
	if err != nil {
		s.bindings.heard(t, false, true, "no connection to "+t.place.String()+": "+err.Error())
		return
	}
	defer tx.Terminate()
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				finish(tx)
				s.bindings.heard(t, true, false, "")
				return
			}
		case <-refusal.told:
			s.bindings.heard(t, false, true, t.place.String()+" refuses packets (ICMP)")
			return
		case <-tx.Done():
			s.bindings.heard(t, false, false, t.place.String()+" does not answer")
			return
		case <-ctx.Done():
			s.bindings.heard(t, false, false, t.place.String()+" does not answer")
			return
		}
	}
}

// lost is told when a connection of a phone is gone: it is asked at once.
func (s *Server) lost(transport string, from netip.AddrPort) {
	if s.listening(transport) == nil {
		return // we closed it ourselves
	}
	p := place{transport: transport, addr: from}
	s.probe(context.Background(), time.Now(), contactsMost, func(o *binding) bool { return o.place() == p })
}
