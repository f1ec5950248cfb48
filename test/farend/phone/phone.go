// Package phone is a SIP telephone for tests and for the demonstration: it registers, rings, answers,
// dials, holds, transfers, and one can tell what it hears.
//
// Signal path: it is the other side of firmware/sipphone, over UDP; it is written with sipgo for
// messages and transactions and with dialogs, session descriptions and media of its own, on purpose
// without firmware/sipphone and firmware/rtp. Sound path: the other side of firmware/rtp.
//
// RFC 3261 (registration with digest, calls, re-INVITE), RFC 3264 and 8866 (one audio stream), RFC 3550
// (RTP, G.711 in 20 ms), RFC 4733 (keys), RFC 3515 (REFER). Left out: TCP and TLS, RTCP, early media
// before 183, more than one stream, SRTP.
//
// Every method may be called from anywhere; those with a context wait for what they are named for.
package phone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"trunkbox/dsp"
	"trunkbox/test/farend/crowd"
)

// Options say whose telephone it is.
type Options struct {
	Server   string // host:port of the exchange's SIP over UDP
	Local    string // own address; empty: the one from which the server is reached
	User     string // extension
	Password string
	Name     string // display name; empty: none
	Law      dsp.Law
	OtherLaw bool // offer and take the other law too, after Law
	NoKeys   bool // no telephone-event in the session description: keys are sent as sound
	RecordS  int  // how much of each call is kept for Recorded; 0: 60 s; negative: nothing, and no keys are heard
	Logger   *slog.Logger

	// Crowd moves the sound of all calls, with that of other telephones; its address is the telephone's. nil: each call has a
	// socket of its own. With a crowd no keys are heard but as sound, and Traffic counts nothing.
	Crowd *crowd.End
}

// Phone is one telephone with one account.
type Phone struct {
	o      Options
	made   time.Time
	log    *slog.Logger
	server *net.UDPAddr
	ip     net.IP
	conn   net.PacketConn
	port   int
	ua     *sipgo.UserAgent
	client *sipgo.Client
	sip    *sipgo.Server
	calls  chan *Call
	closed chan struct{}

	traffic traffic

	mu       sync.Mutex
	register *dialog // of REGISTER: one Call-ID, rising CSeq
	byID     map[string]*Call
	expires  time.Duration // granted last
	busy     bool
}

// New makes a telephone with a socket of its own; it is not registered yet.
func New(o Options) (*Phone, error) {
	server, err := net.ResolveUDPAddr("udp4", o.Server)
	if err != nil {
		return nil, fmt.Errorf("phone: the server's address %q: %w", o.Server, err)
	}
	if o.RecordS == 0 {
		o.RecordS = 60
	}
	p := &Phone{o: o, made: time.Now(), log: o.Logger, server: server, calls: make(chan *Call, 16), closed: make(chan struct{}), byID: map[string]*Call{}}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.ip = net.ParseIP(o.Local); o.Crowd != nil {
		p.ip = o.Crowd.Address().Addr().AsSlice()
	}
	if p.ip == nil {
		if p.ip, err = ownAddress(server); err != nil {
			return nil, err
		}
	}
	if p.conn, err = net.ListenPacket("udp4", net.JoinHostPort(p.ip.String(), "0")); err != nil {
		return nil, fmt.Errorf("phone: %w", err)
	}
	p.port = p.conn.LocalAddr().(*net.UDPAddr).Port
	if err := p.open(); err != nil {
		p.conn.Close()
		return nil, err
	}
	p.register = p.newDialog(p.uri(o.User, server.Port), p.uri(o.User, server.Port))
	return p, nil
}

// ownAddress is the address of this machine that the server sees.
func ownAddress(server *net.UDPAddr) (net.IP, error) {
	c, err := net.DialUDP("udp4", nil, server)
	if err != nil {
		return nil, fmt.Errorf("phone: no way to %v: %w", server, err)
	}
	defer c.Close()
	return c.LocalAddr().(*net.UDPAddr).IP, nil
}

func (p *Phone) open() error {
	var err error
	if p.ua, err = sipgo.NewUA(sipgo.WithUserAgent("trunkbox-test-phone"), sipgo.WithUserAgentTransactionLayerOptions(
		sip.WithTransactionLayerUnhandledResponseHandler(p.again), sip.WithTransactionLayerLogger(p.log)),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(p.log))); err != nil {
		return fmt.Errorf("phone: %w", err)
	}
	if p.client, err = sipgo.NewClient(p.ua, sipgo.WithClientHostname(p.ip.String()), sipgo.WithClientPort(p.port)); err != nil {
		return fmt.Errorf("phone: %w", err)
	}
	if p.sip, err = sipgo.NewServer(p.ua, sipgo.WithServerLogger(p.log)); err != nil {
		return fmt.Errorf("phone: %w", err)
	}
	p.sip.OnInvite(p.invited)
	p.sip.OnAck(p.acknowledged)
	p.sip.OnBye(p.bye)
	p.sip.OnCancel(func(req *sip.Request, tx sip.ServerTransaction) {
		p.reply(tx, req, 481, "Call/Transaction Does Not Exist")
	})
	p.sip.OnOptions(func(req *sip.Request, tx sip.ServerTransaction) { p.reply(tx, req, 200, "OK") })
	p.sip.OnUpdate(func(req *sip.Request, tx sip.ServerTransaction) { p.reply(tx, req, 200, "OK") })
	p.sip.OnNotify(p.notified)
	go p.sip.ServeUDP(p.conn)
	for range 1000 { // the transport takes the socket in its own goroutine
		if c, err := p.sip.TransportLayer().GetConnection("udp", p.conn.LocalAddr().String()); err == nil && c != nil {
			return nil
		}
		time.Sleep(time.Millisecond)
	}
	return errors.New("phone: the SIP transport has not taken its socket in a second")
}

// reply answers a request that needs no more than a status.
func (p *Phone) reply(tx sip.ServerTransaction, req *sip.Request, code int, reason string) {
	if err := tx.Respond(sip.NewResponseFromRequest(req, code, reason, nil)); err != nil {
		p.log.Warn("answer not sent", "phone", p.o.User, "method", req.Method, "error", err)
	}
}

// uri is an address of somebody at the exchange.
func (p *Phone) uri(user string, port int) sip.Uri {
	return sip.Uri{Scheme: "sip", User: user, Host: p.server.IP.String(), Port: port}
}

// contact is where this telephone can be reached.
func (p *Phone) contact() *sip.ContactHeader {
	return &sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: p.o.User, Host: p.ip.String(), Port: p.port}}
}

// Address is host:port of the telephone.
func (p *Phone) Address() string { return net.JoinHostPort(p.ip.String(), strconv.Itoa(p.port)) }

// StatusError is a refusal by the other side.
type StatusError struct {
	Method string
	Code   int
	Reason string // reason phrase
	Why    string // Reason header, RFC 3326; empty: none
}

func (e StatusError) Error() string {
	return fmt.Sprintf("phone: %s was refused with %d %s %s", e.Method, e.Code, e.Reason, e.Why)
}

func statusError(res *sip.Response, method sip.RequestMethod) error {
	e := StatusError{Method: string(method), Code: res.StatusCode, Reason: res.Reason}
	if h := res.GetHeader("Reason"); h != nil {
		e.Why = h.Value()
	}
	return e
}

// Register registers for an hour or what the exchange grants, with the digest of the password.
func (p *Phone) Register(ctx context.Context) error { return p.registerFor(ctx, 3600) }

// Unregister takes the registration back.
func (p *Phone) Unregister(ctx context.Context) error { return p.registerFor(ctx, 0) }

func (p *Phone) registerFor(ctx context.Context, seconds int) error {
	target := p.uri("", p.server.Port)
	res, err := p.ask(ctx, p.register, sip.REGISTER, func(req *sip.Request) {
		req.Recipient = target
		req.AppendHeader(sip.NewHeader("Expires", strconv.Itoa(seconds)))
	}, nil)
	if err != nil {
		return fmt.Errorf("registering %s: %w", p.o.User, err)
	}
	granted := seconds
	if h := res.GetHeader("Expires"); h != nil {
		if n, err := strconv.Atoi(h.Value()); err == nil {
			granted = n
		}
	}
	if c := res.Contact(); c != nil {
		if v, ok := c.Params.Get("expires"); ok {
			if n, err := strconv.Atoi(v); err == nil {
				granted = n
			}
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expires = time.Duration(granted) * time.Second
	return nil
}

// StayRegistered registers again and again until ctx is done, then takes the registration back.
func (p *Phone) StayRegistered(ctx context.Context) {
	for {
		wait := 5 * time.Second
		if err := p.Register(ctx); err != nil {
			p.log.Warn("not registered", "phone", p.o.User, "error", err)
		} else {
			p.mu.Lock()
			wait = max(p.expires/2, wait)
			p.mu.Unlock()
		}
		select {
		case <-time.After(wait):
		case <-p.closed:
			return
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			_ = p.Unregister(last)
			return
		}
	}
}

// SetBusy lets the telephone refuse calls with 486 from now on, or take them again.
func (p *Phone) SetBusy(busy bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy = busy
}

// WaitCall waits for the next call; the telephone rings already.
func (p *Phone) WaitCall(ctx context.Context) (*Call, error) {
	select {
	case c := <-p.calls:
		return c, nil
	case <-p.closed:
		return nil, errClosed
	case <-ctx.Done():
		return nil, fmt.Errorf("phone: %s waits for a call: %w", p.o.User, context.Cause(ctx))
	}
}

var errClosed = errors.New("phone: it is switched off")

// Close switches the telephone off without a word to anybody.
func (p *Phone) Close() error {
	p.mu.Lock()
	select {
	case <-p.closed:
		p.mu.Unlock()
		return nil
	default:
	}
	close(p.closed)
	calls := make([]*Call, 0, len(p.byID))
	for _, c := range p.byID {
		calls = append(calls, c)
	}
	p.mu.Unlock()
	for _, c := range calls {
		c.end(0, "the telephone is switched off")
	}
	p.ua.Close()
	return p.conn.Close()
}

// find returns the call of a Call-ID.
func (p *Phone) find(id string) *Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.byID[id]
}
