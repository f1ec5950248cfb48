package sipphone

import (
	"context"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/rtp"
)

// Leg is one call of a phone: it implements call.Leg. Everything from phase on belongs to the
// goroutine of loop; methods, packets and timers are work posted to it.
type Leg struct {
	server    *Server
	loop      *call.Loop
	over      chan struct{} // closed once Cleared was told
	extension string        // of a carrier the trunk's name
	carrier   Carrier       // nil: a phone
	remote    call.Number
	incoming  bool
	encrypt   bool // its sound must be encrypted
	hushes    bool // silence is told, not sent
	handler   call.Handler
	sound     atomic.Pointer[rtp.Stream]

	phase   phase
	misses  uint8 // signs of life that did not come, one after the other
	started bool  // the stream runs and Sounding was told
	held    bool
	dialog  *dialog // of the phone that is spoken with; nil while several ring
	session *session
	stream  *rtp.Stream
	invite  *invitation // the phone's INVITE or re-INVITE that is being answered, else nil
	forks   []*fork     // our INVITEs, one a contact
	own     *question   // our re-INVITE or UPDATE that waits for its answer
	refresh refresh
	refer   *referral
	told    struct{ proceeding, alerting, progress bool }
	cause   q850.Cause // of our hanging up
	patience,
	waitACK,
	looking *call.Timer
	keys    []dialogKey // of s.legs that lead here
	presses presses
}

// phase is how far a leg has come.
type phase uint8

const (
	offered  phase = iota // not answered yet
	answered              // talking
	ending                // we hung up and wait for the phone
	gone                  // Cleared was told
)

var _ call.Leg = (*Leg)(nil)

// newLeg makes a leg and its loop; the loop runs from begin on.
func (s *Server) newLeg(extension string, remote call.Number, incoming bool) *Leg {
	return &Leg{
		server: s, loop: call.NewLoop(), over: make(chan struct{}), extension: extension, remote: remote,
		incoming: incoming,
	}
}

// begin has the leg's loop work. Work posted before is done then.
func (l *Leg) begin(h call.Handler) {
	l.handler = h
	s := l.server
	s.mu.Lock()
	s.live[l] = struct{}{}
	s.mu.Unlock()
	l.loop.Begin()
}

// Name is "phone 201", or of a carrier "trunk carrier1".
func (l *Leg) Name() string {
	if l.carrier != nil {
		return "trunk " + l.extension
	}
	return "phone " + l.extension
}

// Remote is the extension with its agent's name; of a carrier's call who calls or is called there.
func (l *Leg) Remote() call.Number { return l.remote }

// Sound is the RTP stream, nil before Sounding.
func (l *Leg) Sound() bridge.Port {
	if stream := l.sound.Load(); stream != nil {
		return stream
	}
	return nil
}

// Stream is Sound as what it is, for its statistics; nil before Sounding.
func (l *Leg) Stream() *rtp.Stream { return l.sound.Load() }

// Heard takes a key that the bridge heard in the sound of a carrier's call. It comes back as a call.Digit, once for a key
// that was told by telephone-event too.
func (l *Leg) Heard(key byte) { l.digit(key, call.BySound) }

// HeardUp takes it that the bridge heard such a key end. It comes back as a call.KeyUp if the key came as sound.
func (l *Leg) HeardUp(up call.KeyUp) { l.keyUp(up) }

// Alert sends 180 Ringing to a calling phone.
func (l *Leg) Alert() { l.loop.Post(l.alert) }

// Progress sends 183 with the answer to the phone's offer, so that it hears us before answer.
func (l *Leg) Progress() { l.loop.Post(l.progress) }

// Answer sends 200.
func (l *Leg) Answer() { l.loop.Post(l.answer) }

// Hangup refuses, cancels or ends the call.
func (l *Leg) Hangup(cause q850.Cause) { l.loop.Post(func() { l.hangup(cause) }) }

// Press tells a carrier a key of who talks to it, as a telephone-event in place of the sound; where none was agreed on, the
// key is in the sound alone.
func (l *Leg) Press(key byte) {
	if stream := l.sound.Load(); stream != nil && l.carrier != nil {
		stream.Press(key)
	}
}

// learn makes requests of the dialog find the leg.
func (l *Leg) learn(d *dialog) {
	s, key := l.server, d.key()
	s.mu.Lock()
	defer s.mu.Unlock()
	l.keys = append(l.keys, key)
	s.legs[key] = l
}

func (l *Leg) tell(e call.Event) { l.handler(e) }

// agree puts in force what the phone's SDP says, with the codec chosen and the keys of our own SDP.
func (l *Leg) agree(d *description, payloadType uint8, own *session) {
	codec, _ := rtp.CodecByType(payloadType)
	t := rtp.Terms{
		Addr: d.sound, Codec: codec, PayloadType: payloadType, DTMFType: d.dtmf, ComfortNoise: d.comfort, Direction: d.direction,
	}
	if at := l.dialog; at != nil && t.Addr.IsValid() {
		t.BehindNAT = t.Addr.Addr() != at.peerAddr()
		if !beyond(t.Addr.Addr()) && beyond(at.peerAddr()) {
			// A phone beyond a NAT tells its inner address: its outer one is at least the right house.
			t.Addr = netip.AddrPortFrom(at.peerAddr(), t.Addr.Port())
		}
	}
	own.sealed = d.crypto != nil && own.keys != nil
	if own.sealed {
		t.Secrets = own.keys.secrets(d.crypto)
	}
	if err := l.stream.Agree(t); err != nil {
		l.server.log.Error("the phone's keys cannot be used", "phone", l.extension, "error", err)
	}
}

// sounding starts the stream and tells so, once.
func (l *Leg) sounding(inband bool) {
	if l.started {
		return
	}
	l.started = true
	l.stream.Start()
	l.sound.Store(l.stream)
	l.tell(call.Sounding{Inband: inband})
}

// hold tells when the phone put us on hold or took us back.
func (l *Leg) hold(on bool) {
	if on == l.held {
		return
	}
	l.held = on
	if on {
		l.tell(call.Held{})
	} else {
		l.tell(call.Resumed{})
	}
}

// hangup ends the call for cause, by what the phase asks for.
func (l *Leg) hangup(cause q850.Cause) {
	l.cause = cause
	switch l.phase {
	case offered:
		if l.incoming {
			l.refuse(cause)
			return
		}
		l.cancelForks(cause)
	case answered:
		l.phase = ending
		if l.incoming && l.invite != nil && !l.invite.acked {
			// Departure: RFC 3261 clause 15 forbids BYE before the ACK for up to 32 s.
			l.patience = l.loop.After(byeWithoutACK, l.bye)
			return
		}
		l.bye()
	case ending, gone:
	}
}

const (
	byeWithoutACK = 2 * time.Second
	byePatience   = 4 * time.Second // for the answer to a BYE
)

// bye sends BYE and clears once it is answered.
func (l *Leg) bye() {
	if l.phase != ending {
		return
	}
	l.patience.Stop()
	l.endReferral()
	ours := call.Cleared{Cause: l.cause, Location: q850.PrivateLocal}
	req := l.dialog.request(l.server, sip.BYE)
	if reason := l.cause.Reason(); reason != "" {
		req.AppendHeader(sip.NewHeader("Reason", reason))
	}
	if err := l.ask(req, func(*sip.Response, error) { l.clear(ours) }); err != nil {
		ours.Detail = "BYE could not be sent: " + err.Error()
		l.clear(ours)
		return
	}
	l.patience = l.loop.After(byePatience, func() {
		ours.Detail = "the phone did not answer BYE"
		l.clear(ours)
	})
}

// ask sends a request other than INVITE within the dialog; the outcome is given to then in the loop.
func (l *Leg) ask(req *sip.Request, then func(*sip.Response, error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), dialPatience)
	defer cancel()
	tx, err := l.server.send(ctx, req, l.dialog.at)
	if err != nil {
		return err
	}
	go func() {
		defer tx.Terminate()
		for {
			select {
			case res := <-tx.Responses():
				if !res.IsProvisional() {
					finish(tx)
					l.loop.Post(func() { l.asked(req, res, then) })
					return
				}
			case <-tx.Done():
				l.loop.Post(func() { then(nil, tx.Err()) })
				return
			case <-l.over:
				return
			}
		}
	}()
	return nil
}

// asked gives the answer to a request on, once it is not one that only wants credentials.
func (l *Leg) asked(req *sip.Request, res *sip.Response, then func(*sip.Response, error)) {
	if l.dialog != nil && l.phase != gone {
		if next := l.authorized(l.dialog, req, res); next != nil && l.ask(next, then) == nil {
			return
		}
	}
	then(res, nil)
}

// clear ends the leg: it is told once, and everything of the leg is given back.
func (l *Leg) clear(c call.Cleared) {
	if l.phase == gone {
		return
	}
	l.phase = gone
	l.patience.Stop()
	l.waitACK.Stop()
	l.looking.Stop()
	l.refresh.timer.Stop()
	if l.invite != nil {
		l.invite.finish()
	}
	s := l.server
	s.mu.Lock()
	for _, key := range l.keys {
		delete(s.legs, key)
	}
	delete(s.live, l)
	s.mu.Unlock()
	c.Detail = l.named(c.Detail)
	l.tell(c)
	if l.carrier != nil {
		l.carrier.Over(c)
	}
	close(l.over)
	l.loop.End()
	if l.stream != nil {
		go l.stream.Close()
	}
}

// cleared is the end by the phone: the cause of its Reason header, else what the status or method means.
func cleared(m headers, otherwise q850.Cause, detail string) call.Cleared {
	c := call.Cleared{Cause: otherwise, Location: q850.User, Remote: true, Detail: detail}
	if cause, ok := reasonOf(m); ok {
		c.Cause = cause
	}
	return c
}

// reasonOf reads the Q.850 cause of the Reason headers.
func reasonOf(m headers) (q850.Cause, bool) {
	var all []string
	for _, h := range m.GetHeaders("reason") {
		all = append(all, h.Value())
	}
	return q850.ParseReason(strings.Join(all, ", "))
}

// request answers a request of the phone within the dialog, other than ACK and the first INVITE.
func (l *Leg) request(req *sip.Request, tx sip.ServerTransaction) {
	s := l.server
	d := l.dialog
	if d == nil {
		d = l.forkDialog(req)
	}
	if d == nil || l.phase == gone || !sameTag(req, d) {
		s.unmatched(req, tx)
		return
	}
	if !d.accepts(req) {
		s.respond(tx, s.response(req, sip.StatusInternalServerError, "CSeq Out Of Order"))
		return
	}
	switch req.Method {
	case sip.BYE:
		s.respond(tx, s.response(req, sip.StatusOK, "OK"))
		if l.phase == ending { // both hung up at once: ours was first
			l.clear(call.Cleared{Cause: l.cause, Location: q850.PrivateLocal})
			return
		}
		l.clear(cleared(req, q850.NormalClearing, ""))
	case sip.INVITE:
		l.reinvited(req, tx)
	case sip.UPDATE:
		l.updated(req, tx)
	case sip.INFO:
		l.info(req, tx)
	case sip.REFER:
		l.referred(req, tx)
	default:
		s.respond(tx, s.response(req, sip.StatusOK, "OK"))
	}
}

// sameTag compares the phone's tag with the dialog's, once that has one.
func sameTag(req *sip.Request, d *dialog) bool {
	if req.From() == nil {
		return false
	}
	tag, _ := req.From().Params.Get("tag")
	return d.remote.tag == "" || tag == d.remote.tag
}

// digit takes a key from the sound's side or from INFO, once however often the phone tells it.
func (l *Leg) digit(key byte, by call.KeyWay) {
	l.loop.Post(func() {
		if l.phase != gone && l.presses.take(key, by, time.Now()) {
			l.tell(call.Digit{Key: key, By: by})
		}
	})
}

// keyUp takes it that a key was let go.
func (l *Leg) keyUp(up call.KeyUp) {
	l.loop.Post(func() {
		if l.phase != gone && l.presses.letGo(up.Key, up.By, time.Now()) {
			l.tell(up)
		}
	})
}

// oneWay takes it that one side does not hear the other.
func (l *Leg) oneWay(t rtp.Trouble) {
	l.loop.Post(func() {
		if l.phase != gone {
			l.tell(call.OneWay{Why: t.String()})
		}
	})
}
