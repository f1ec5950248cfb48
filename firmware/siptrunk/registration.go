package siptrunk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/sipphone"
)

// What a registration asks for, and how it lives.
const (
	expiresAsked = 3600 * time.Second
	expiresMost  = 24 * time.Hour
	expiresLeast = 10 * time.Second
	missLimit    = 2 // OPTIONS without an answer in a row
	portLook     = 20 * time.Millisecond
)

// serve keeps the trunk up until ctx is done: it registers and refreshes, or asks the server by OPTIONS alone.
func (t *Trunk) serve(ctx context.Context) {
	defer close(t.done)
	if t.after != nil && t.after.stop != nil { // the old account signs off first: both may have one contact
		<-t.after.done
	}
	t.after = nil
	tries := 0
	for ctx.Err() == nil {
		why, ok := t.bringUp(ctx)
		if ok {
			tries = 0
			t.watch(ctx)
			continue
		}
		if ctx.Err() != nil {
			break
		}
		t.next()
		wait := t.trunks.times.backOff(tries)
		tries++
		t.become(Down, why, time.Time{}, time.Now().Add(wait))
		t.pause(ctx, wait)
	}
	t.signOff()
	t.become(Down, trouble{reason: Removed}, time.Time{}, time.Time{})
}

// backOff is the wait after so many failures before this one.
func (t times) backOff(tries int) time.Duration { return min(t.first<<min(tries, 10), t.most) }

// pause waits before the next try. A server that does not want to be registered with shows by a call that it lives.
func (t *Trunk) pause(ctx context.Context, wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	heard := t.heard
	if t.settings.Load().Register {
		heard = nil
	}
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-heard:
	}
}

// bringUp brings the trunk up: it finds the server and registers, or sees that it answers.
func (t *Trunk) bringUp(ctx context.Context) (trouble, bool) {
	if err := t.resolve(ctx); err != nil && len(t.servers()) == 0 {
		host, _ := hostPort(*t.settings.Load())
		return trouble{NoAddress, host, err.Error()}, false
	}
	at, ok := t.place()
	if !ok {
		return trouble{NoAddress, t.settings.Load().Server, "no address"}, false
	}
	if transport := strings.ToUpper(t.settings.Load().Transport); !t.awaitPort(ctx, transport) {
		return trouble{PortClosed, transport, "its port is closed"}, false
	}
	t.boundAs = t.trunks.options.Server.BoxAt(at)
	if !t.settings.Load().Register {
		for range missLimit {
			why, ok := t.ask(ctx, at)
			if ok {
				t.become(Up, trouble{}, time.Time{}, time.Time{})
				return trouble{}, true
			}
			if ctx.Err() != nil || why.reason != Silent {
				return why, false
			}
			select {
			case <-t.heard: // it does not answer OPTIONS, but it calls
				t.become(Up, trouble{}, time.Time{}, time.Time{})
				return trouble{}, true
			default:
			}
		}
		return trouble{Silent, at.String(), "OPTIONS not answered"}, false
	}
	until, why, ok := t.register(ctx, at, expiresAsked)
	if ok {
		t.become(Up, trouble{}, until, time.Time{})
	}
	return why, ok
}

// awaitPort waits for the box's own port, which opens about when the trunks begin, no longer than for an answer.
func (t *Trunk) awaitPort(ctx context.Context, transport string) bool {
	until := time.Now().Add(t.trunks.times.answer)
	for !t.trunks.options.Server.Listening(transport).IsValid() {
		if time.Now().After(until) {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(portLook):
		}
	}
	return true
}

// watch keeps a trunk up: it refreshes the registration in time and asks the server whether it lives. It comes back when
// the trunk is to be brought up anew.
func (t *Trunk) watch(ctx context.Context) {
	at, _ := t.place()
	until := t.Now().Until
	refresh := make(<-chan time.Time)
	if !until.IsZero() {
		timer := time.NewTimer(refreshAfter(time.Until(until)))
		defer timer.Stop()
		refresh = timer.C
	}
	ticker := time.NewTicker(t.trunks.times.ask)
	defer ticker.Stop()
	misses := 0
	for {
		select {
		case <-ctx.Done():
			return
		case <-refresh:
			return
		case <-t.heard:
			misses = 0
			continue
		case <-t.failed:
		case <-ticker.C:
		}
		if own := t.trunks.options.Server.BoxAt(at); own.String() != t.boundAs.String() {
			return // the port or the address of the box has changed
		}
		if _, ok := t.ask(ctx, at); ok {
			misses = 0
		} else if misses++; misses >= missLimit {
			return
		}
	}
}

// refreshAfter is when a registration of that life is refreshed: early enough for a second and a third try.
func refreshAfter(life time.Duration) time.Duration { return max(life*3/4, time.Second) }

// ask sends one OPTIONS. Any answer shows that the server lives.
func (t *Trunk) ask(ctx context.Context, at sipphone.Place) (trouble, bool) {
	req := t.request(sip.OPTIONS, at)
	req.AppendHeader(sip.NewHeader("Accept", "application/sdp"))
	if _, err := t.exchange(ctx, req, at); err != nil {
		return unanswered(at, err), false
	}
	return trouble{}, true
}

// unanswered is the trouble of a request without an answer.
func unanswered(at sipphone.Place, err error) trouble {
	why := trouble{Silent, at.String(), err.Error()}
	if errors.Is(err, sipphone.ErrUntrusted) {
		return trouble{Untrusted, at.Server(), err.Error()}
	}
	if strings.Contains(err.Error(), "no connection") || strings.Contains(err.Error(), "refuses packets") {
		why.reason = NoConnection
	}
	return why
}

func (t *Trunk) exchange(ctx context.Context, req *sip.Request, at sipphone.Place) (*sip.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, t.trunks.times.answer)
	defer cancel()
	return t.trunks.options.Server.Ask(ctx, req, at)
}

// request begins a request in the name of the account.
func (t *Trunk) request(method sip.RequestMethod, at sipphone.Place) *sip.Request {
	t.sequence++
	callID := t.callID // of all registrations: RFC 3261 clause 10.2
	if method != sip.REGISTER {
		callID = sipphone.NewToken()
	}
	return t.trunks.options.Server.Request(method, t.target(""), t.own(at), at, t.contact, callID, t.sequence)
}

// target is the URI of a user at the server.
func (t *Trunk) target(user string) sip.Uri {
	s := t.settings.Load()
	host, port := hostPort(*s)
	uri := sip.Uri{Scheme: "sip", User: user, Host: bracketed(host)}
	if strings.HasSuffix(s.Server, ":"+strconv.Itoa(int(port))) {
		uri.Port = int(port)
	}
	if s.Transport != "udp" {
		uri.UriParams = sip.HeaderParams{{K: "transport", V: s.Transport}}
	}
	return uri
}

// own is the address of the account; of a trunk without one, the box's.
func (t *Trunk) own(at sipphone.Place) sip.Uri {
	s := t.settings.Load()
	if s.User == "" {
		uri := t.trunks.options.Server.BoxAt(at)
		uri.User = t.contact
		return uri
	}
	host, _ := hostPort(*s)
	return sip.Uri{Scheme: "sip", User: s.User, Host: bracketed(host)}
}

func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// register registers for so long, 0 to sign off, and says until when it holds (RFC 3261 clause 10.2).
func (t *Trunk) register(ctx context.Context, at sipphone.Place, expires time.Duration) (time.Time, trouble, bool) {
	req := t.request(sip.REGISTER, at)
	req.AppendHeader(sip.NewHeader("Expires", seconds(expires)))
	proved, briefer := 0, false
	for {
		began := time.Now()
		res, err := t.exchange(ctx, req, at)
		if err != nil {
			return time.Time{}, unanswered(at, err), false
		}
		switch {
		case res.IsSuccess():
			t.bound = expires > 0
			return began.Add(granted(res, t.contact, expires)), trouble{}, true
		case res.StatusCode == sip.StatusUnauthorized || res.StatusCode == sip.StatusProxyAuthRequired:
			header := t.Credentials(req, res)
			if header == nil || proved > 1 || proved == 1 && !stale(res) {
				return time.Time{}, trouble{WrongAccount, status(res), "REGISTER answered " + status(res)}, false
			}
			proved++
			req = t.again(req)
			req.AppendHeader(header)
		case res.StatusCode == sip.StatusIntervalToBrief && !briefer:
			briefer = true
			least, err := minExpires(res)
			if err != nil {
				return time.Time{}, trouble{Refused, status(res), err.Error()}, false
			}
			expires = least
			req = t.again(req)
			req.RemoveHeader("Expires")
			req.AppendHeader(sip.NewHeader("Expires", seconds(expires)))
			proved = 0
		case res.StatusCode == sip.StatusForbidden || res.StatusCode == sip.StatusNotFound:
			return time.Time{}, trouble{WrongAccount, status(res), "REGISTER answered " + status(res)}, false
		default:
			return time.Time{}, trouble{Refused, status(res), "REGISTER answered " + status(res)}, false
		}
	}
}

// again is the request once more without credentials.
func (t *Trunk) again(req *sip.Request) *sip.Request {
	t.sequence++
	next := sipphone.Again(req, t.sequence)
	next.RemoveHeader("Authorization")
	next.RemoveHeader("Proxy-Authorization")
	return next
}

// signOff takes the registration back, if there is one.
func (t *Trunk) signOff() {
	at, ok := t.place()
	if !t.bound || !ok {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), t.trunks.times.leave)
	defer cancel()
	if _, why, ok := t.register(ctx, at, 0); !ok {
		t.trunks.log.Info("IP trunk not signed off", "trunk", t.Name(), "error", why.detail)
	}
}

// granted is how long a registration holds: what the answer says of our contact, else of all, else what was asked for.
func granted(res *sip.Response, contact string, asked time.Duration) time.Duration {
	life := asked
	if h := res.GetHeader("Expires"); h != nil {
		if d, err := deltaSeconds(h.Value()); err == nil {
			life = d
		}
	}
	for _, h := range res.GetHeaders("Contact") {
		c, ok := h.(*sip.ContactHeader)
		if !ok || c.Address.User != contact {
			continue
		}
		if value, told := c.Params.Get("expires"); told {
			if d, err := deltaSeconds(value); err == nil {
				life = d
			}
		}
	}
	return min(max(life, expiresLeast), expiresMost)
}

var errNoMinimum = errors.New("423 without Min-Expires")

func minExpires(res *sip.Response) (time.Duration, error) {
	h := res.GetHeader("Min-Expires")
	if h == nil {
		return 0, errNoMinimum
	}
	d, err := deltaSeconds(h.Value())
	if err == nil && (d <= 0 || d > expiresMost) {
		err = fmt.Errorf("Min-Expires of %v", d)
	}
	return d, err
}

// deltaSeconds reads a number of seconds (RFC 3261 clause 25.1).
func deltaSeconds(value string) (time.Duration, error) {
	n, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31)
	return time.Duration(n) * time.Second, err
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// status is the status line of an answer, as people are told it.
func status(res *sip.Response) string {
	return strconv.Itoa(res.StatusCode) + " " + sipphone.Shortened(res.Reason, 60)
}
