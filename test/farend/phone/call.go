package phone

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/dsp"
	"trunkbox/test/farend/sound"
)

// Call is one call of a telephone, in either direction.
type Call struct {
	p        *Phone
	d        *dialog
	m        stream
	incoming bool
	invite   *sip.Request          // that made an incoming call
	tx       sip.ServerTransaction // of an incoming one
	stop     context.CancelFunc    // of an outgoing one that is not answered

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced with every change below
	ringing  bool
	answered bool
	acked    bool
	ended    bool
	code     int    // the status with which it ended before the answer, 0: with BYE
	why      string // Reason header or reason phrase
	heldBy   bool   // by the other side
	offers   int    // version of our description
	keysType int    // that both know
	law      dsp.Law
	refer    int // status that NOTIFY has told last, 0: none
}

// newCall makes a call; made completes it before anybody else can see it.
func (p *Phone) newCall(d *dialog, made func(*Call)) (*Call, error) {
	m, err := p.newStream()
	if err != nil {
		return nil, err
	}
	c := &Call{p: p, d: d, m: m, changed: make(chan struct{}), law: p.o.Law}
	made(c)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.byID[d.callID] = c
	return c, nil
}

func (c *Call) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *Call) wait(ctx context.Context, what string, ready func() (bool, error)) error {
	for {
		c.mu.Lock()
		ok, err := ready()
		changed := c.changed
		c.mu.Unlock()
		if ok || err != nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("phone: %s waits for %s: %w", c.p.o.User, what, context.Cause(ctx))
		}
	}
}

// EndedError says that a call was over before what was waited for.
type EndedError struct {
	Code int // status of the refusal, 0: BYE
	Why  string
}

func (e EndedError) Error() string {
	return fmt.Sprintf("phone: the call is over: %d %s", e.Code, e.Why)
}

func (c *Call) over() error { return EndedError{c.code, c.why} }

// end closes the call; the first reason is kept.
func (c *Call) end(code int, why string) {
	c.p.mu.Lock()
	delete(c.p.byID, c.d.callID)
	c.p.mu.Unlock()
	c.m.close()
	c.change(func() {
		if !c.ended {
			c.ended, c.code, c.why = true, code, why
		}
	})
}

// Place dials and returns at once; see WaitRinging and WaitAnswer. The call lives until it is hung up,
// whatever becomes of a context.
func (p *Phone) Place(number string) (*Call, error) { return p.PlaceAs(p.o.User, number) }

// PlaceAs is Place with another calling number than the phone's own: a carrier's, for all its callers.
func (p *Phone) PlaceAs(caller, number string) (*Call, error) {
	d := p.newDialog(p.uri(caller, p.server.Port), p.uri(number, p.server.Port))
	ctx, cancel := context.WithCancel(context.Background())
	c, err := p.newCall(d, func(c *Call) { c.stop = cancel })
	if err != nil {
		cancel()
		return nil, err
	}
	go c.dial(ctx)
	return c, nil
}

// Dial dials and waits for the answer; when ctx ends first, the call is given up.
func (p *Phone) Dial(ctx context.Context, number string) (*Call, error) {
	c, err := p.Place(number)
	if err != nil {
		return nil, err
	}
	if err := c.WaitAnswer(ctx); err != nil {
		c.Hangup()
		return nil, err
	}
	return c, nil
}

// dial runs an outgoing call up to its answer.
func (c *Call) dial(ctx context.Context) {
	defer c.stop()
	keys := payloadKeys
	if c.p.o.NoKeys {
		keys = 0
	}
	offer := c.p.describe(c.m.port(), c.p.laws(), keys, "sendrecv", 1)
	res, err := c.p.ask(ctx, c.d, sip.INVITE, func(req *sip.Request) { setBody(req, offer) }, c.provisional)
	if err != nil {
		refused := StatusError{}
		if errors.As(err, &refused) {
			c.end(refused.Code, strings.TrimSpace(refused.Reason+" "+refused.Why))
			return
		}
		c.end(0, err.Error())
		return
	}
	c.d.learn(res)
	c.ack(res.CSeq().SeqNo)
	if err := c.described(res.Body(), "sendrecv"); err != nil || ctx.Err() != nil { // answered while it was given up
		c.bye()
		c.end(487, fmt.Sprint("given up: ", err))
		return
	}
	c.change(func() { c.ringing, c.answered, c.acked, c.offers = true, true, true, 1 })
}

// provisional takes 18x: ringing, and the sound before the answer.
func (c *Call) provisional(res *sip.Response) {
	if res.StatusCode < 180 {
		return
	}
	if len(res.Body()) > 0 {
		_ = c.described(res.Body(), "sendrecv")
	}
	c.change(func() { c.ringing = true })
}

// described takes the other's description, offer or answer; direction is ours.
func (c *Call) described(body []byte, direction string) error {
	theirs, err := parseDescription(body)
	if err != nil {
		return err
	}
	law, err := c.p.law(theirs)
	if err != nil {
		return err
	}
	if c.p.o.NoKeys {
		theirs.keys = 0
	}
	if theirs.direction == "sendonly" || theirs.direction == "inactive" {
		direction = mirrored(theirs.direction)
	}
	c.m.agree(theirs, law, direction)
	c.change(func() {
		c.law, c.keysType = law, theirs.keys
		c.heldBy = theirs.direction == "sendonly" || theirs.direction == "inactive"
	})
	return nil
}

// ack acknowledges a 2xx of the INVITE with this number.
func (c *Call) ack(cseq uint32) {
	if err := c.p.client.WriteRequest(c.p.request(c.d, sip.ACK, cseq), keep); err != nil {
		c.p.log.Warn("ACK not sent", "phone", c.p.o.User, "error", err)
	}
}

// WaitRinging waits until the other side rings.
func (c *Call) WaitRinging(ctx context.Context) error {
	return c.wait(ctx, "the ringing", func() (bool, error) {
		if c.ended && !c.ringing {
			return false, c.over()
		}
		return c.ringing, nil
	})
}

// WaitAnswer waits until the call is answered; EndedError when it was refused.
func (c *Call) WaitAnswer(ctx context.Context) error {
	return c.wait(ctx, "the answer", func() (bool, error) {
		if c.ended {
			return false, c.over()
		}
		return c.answered, nil
	})
}

// WaitEnded waits until the call is over, by whom ever, and tells the status (0: BYE) and the reason.
func (c *Call) WaitEnded(ctx context.Context) (code int, why string, err error) {
	err = c.wait(ctx, "the end", func() (bool, error) { return c.ended, nil })
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.code, c.why, err
}

// Ended says whether the call is over.
func (c *Call) Ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// Hangup ends the call: CANCEL before the answer of a dialled one, 480 before one's own answer, else BYE.
func (c *Call) Hangup() {
	c.mu.Lock()
	answered, ended := c.answered, c.ended
	c.mu.Unlock()
	switch {
	case ended:
	case answered:
		c.bye()
		c.end(0, "hung up here")
	case c.incoming:
		c.Reject(480)
	default:
		c.stop()
	}
}

// byeWait is how long the answer to BYE is waited for.
const byeWait = 4 * time.Second

func (c *Call) bye() {
	ctx, cancel := context.WithTimeout(context.Background(), byeWait)
	defer cancel()
	if _, err := c.p.ask(ctx, c.d, sip.BYE, nil, nil); err != nil {
		c.p.log.Info("BYE", "phone", c.p.o.User, "error", err)
	}
}

// Number is who the other side is: the user part of its address.
func (c *Call) Number() string { return c.d.remote.User }

// Name is the display name of the caller.
func (c *Call) Name() string {
	if !c.incoming || c.invite.From() == nil {
		return ""
	}
	return c.invite.From().DisplayName
}

// Header is a header of the INVITE that came, empty when it is not there.
func (c *Call) Header(name string) string {
	if !c.incoming {
		return ""
	}
	if h := c.invite.GetHeader(name); h != nil {
		return h.Value()
	}
	return ""
}

// HeldByOther says whether the other side holds the call.
func (c *Call) HeldByOther() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.heldBy
}

// Hold holds the call with a re-INVITE (sendonly); Resume takes it back.
func (c *Call) Hold(ctx context.Context) error { return c.reinvite(ctx, "sendonly") }

// Resume ends Hold.
func (c *Call) Resume(ctx context.Context) error { return c.reinvite(ctx, "sendrecv") }

func (c *Call) reinvite(ctx context.Context, direction string) error {
	c.mu.Lock()
	c.offers++
	offer := c.p.describe(c.m.port(), []dsp.Law{c.law}, c.keysType, direction, c.offers)
	c.mu.Unlock()
	res, err := c.p.ask(ctx, c.d, sip.INVITE, func(req *sip.Request) { setBody(req, offer) }, nil)
	if err != nil {
		return err
	}
	c.d.learn(res)
	c.ack(res.CSeq().SeqNo)
	return c.described(res.Body(), direction)
}

// setBody puts a session description in a request.
func setBody(req *sip.Request, body []byte) {
	req.SetBody(body)
	req.AppendHeader(sip.NewHeader("Content-Type", "application/sdp"))
}

// Transfer sends the other side to a number (REFER without Replaces) and waits for what becomes of it:
// nil when the exchange has told of success, or has hung up after taking it on.
func (c *Call) Transfer(ctx context.Context, number string) error {
	target := c.p.uri(number, c.p.server.Port)
	if _, err := c.p.ask(ctx, c.d, sip.REFER, func(req *sip.Request) {
		req.AppendHeader(sip.NewHeader("Refer-To", "<"+target.String()+">"))
		req.AppendHeader(sip.NewHeader("Referred-By", "<"+c.d.local.String()+">"))
	}, nil); err != nil {
		return err
	}
	return c.wait(ctx, "the transfer", func() (bool, error) {
		if c.refer >= 300 {
			return false, StatusError{Method: "REFER", Code: c.refer, Reason: "told by NOTIFY"}
		}
		return c.refer >= 200 || c.ended, nil
	})
}

// SendKeys sends keys as telephone events, or as sound when the other side takes none.
func (c *Call) SendKeys(keys string) error {
	if bad := strings.Trim(keys, eventKeys); bad != "" {
		return fmt.Errorf("phone: %q has characters that are no keys: %q", keys, bad)
	}
	if c.m.press(keys) {
		return nil
	}
	return c.m.ear().SendKeys(keys)
}

// Sound is the mouth and the ear of the call.
func (c *Call) Sound() *sound.Sound { return c.m.ear() }

// PlayTone sounds a tone until something else is played.
func (c *Call) PlayTone(hz float64) { c.m.ear().PlayTone(hz) }

// Hears says whether the share of one frequency in the last half second heard is at least least.
func (c *Call) Hears(hz, least float64) bool { return c.m.ear().Hears(hz, least) }

// WaitTone waits until a tone makes up the greater part of what is heard.
func (c *Call) WaitTone(ctx context.Context, hz float64) error {
	if err := c.m.ear().Wait(ctx, func() bool { return c.Hears(hz, sound.Enough) }); err != nil {
		return fmt.Errorf("phone: %s waits for a tone of %.0f Hz: %w", c.p.o.User, hz, err)
	}
	return nil
}

// WaitKeys waits until the keys received end with keys.
func (c *Call) WaitKeys(ctx context.Context, keys string) error {
	return c.m.ear().Wait(ctx, func() bool { return strings.HasSuffix(c.m.ear().Keys(), keys) })
}

// Packets tells how many RTP packets of sound were sent and how many of any kind received.
func (c *Call) Packets() (sent, received int) {
	return c.m.packets()
}
