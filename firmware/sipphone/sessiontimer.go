package sipphone

import (
	"fmt"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
)

// refresh is the session timer of a call (RFC 4028): a call whose end got lost ends itself. The
// refresher sends something within half the interval; the other side hangs up a little before the
// whole interval has passed without.
type refresh struct {
	interval time.Duration // 0: none
	least    time.Duration // Min-SE we have been told
	ours     bool          // we refresh
	timer    *call.Timer
}

// start runs the timer anew.
func (r *refresh) start(l *Leg, interval time.Duration, ours bool) {
	r.timer.Stop()
	r.interval, r.ours = interval, ours
	r.again(l)
}

func (r *refresh) again(l *Leg) {
	r.timer.Stop()
	switch {
	case r.interval == 0:
	case r.ours:
		r.timer = l.loop.After(r.interval/2, l.renew)
	default:
		// min(32 s, a third) before the end: RFC 4028 clause 10.
		r.timer = l.loop.After(r.interval-min(32*time.Second, r.interval/3), func() {
			l.server.log.Info("the phone did not refresh the session, the call is ended", "phone", l.extension, "after", r.interval)
			l.hangup(q850.RecoveryOnTimerExpiry)
		})
	}
}

// request is what our refreshing request says.
func (r *refresh) request() []sip.Header {
	h := []sip.Header{sip.NewHeader("Session-Expires", fmt.Sprintf("%d;refresher=uac", int(r.interval.Seconds())))}
	if r.least > 0 {
		h = append(h, sip.NewHeader("Min-SE", fmt.Sprint(int(r.least.Seconds()))))
	}
	return h
}

// timerOffer is what our first INVITE proposes; least is the Min-SE of a 422, 0 before one.
func (l *Leg) timerOffer(least time.Duration) []sip.Header {
	wanted := time.Duration(l.server.rules.Load().phones.SessionS) * time.Second
	if wanted == 0 {
		return nil
	}
	h := []sip.Header{sip.NewHeader("Session-Expires", fmt.Sprint(int(max(wanted, least).Seconds())))}
	if least > 0 {
		l.refresh.least = least
		h = append(h, sip.NewHeader("Min-SE", fmt.Sprint(int(least.Seconds()))))
	}
	return h
}

// sessionExpires reads Session-Expires, "1800;refresher=uas".
func sessionExpires(m sip.Message) (interval time.Duration, refresher string, ok bool) {
	value := header(m, "session-expires", "x")
	seconds, ok := number(value)
	if !ok || seconds == 0 {
		return 0, "", false
	}
	_, params, _ := strings.Cut(value, ";")
	for _, p := range strings.Split(params, ";") {
		if name, v, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(name, "refresher") {
			refresher = strings.ToLower(strings.TrimSpace(v))
		}
	}
	return time.Duration(seconds) * time.Second, refresher, true
}

// tooBrief refuses an interval below our minimum with 422 (RFC 4028 clause 6); true: it did.
func (s *Server) tooBrief(req *sip.Request, tx sip.ServerTransaction) bool {
	interval, _, ok := sessionExpires(req)
	if !ok || interval >= s.times.minSE || !listed(req, "timer", "supported", "k") {
		return false
	}
	const tooSmall = 422
	res := s.response(req, tooSmall, "Session Interval Too Small")
	res.AppendHeader(sip.NewHeader("Min-SE", fmt.Sprint(int(s.times.minSE.Seconds()))))
	s.respond(tx, res)
	return true
}

// timerAnswer starts the timer by a request of the phone and is what our 2xx says of it (RFC 4028
// clause 9). A phone that supports timers refreshes itself, unless it asked us to; for one that does not
// name an interval we do it.
func (l *Leg) timerAnswer(req *sip.Request) []sip.Header {
	supports := listed(req, "timer", "supported", "k")
	interval, refresher, asked := sessionExpires(req)
	switch {
	case asked && supports && refresher != "uas":
		refresher = "uac"
	case asked:
		refresher = "uas"
	case supports:
		interval, refresher = time.Duration(l.server.rules.Load().phones.SessionS)*time.Second, "uas"
	}
	if interval == 0 {
		l.refresh.start(l, 0, false)
		return nil
	}
	if least, ok := number(header(req, "min-se")); ok {
		interval = max(interval, time.Duration(least)*time.Second)
	}
	l.refresh.start(l, interval, refresher == "uas")
	h := []sip.Header{sip.NewHeader("Session-Expires", fmt.Sprintf("%d;refresher=%s", int(interval.Seconds()), refresher))}
	if refresher == "uac" {
		h = append(h, sip.NewHeader("Require", "timer"))
	}
	return h
}

// timerFrom starts the timer by what the phone's 2xx says. Without Session-Expires the phone has no
// timer, and OPTIONS alone tells whether it lives.
func (l *Leg) timerFrom(res *sip.Response) {
	interval, refresher, ok := sessionExpires(res)
	if !ok {
		l.refresh.start(l, 0, false)
		return
	}
	l.refresh.start(l, interval, refresher != "uas")
}
