// Package sipphone is the agents' telephones: the registrar they sign on to and the calls to and from
// them.
//
// Signal path: SIP over UDP, TCP and TLS from agents' phones; calls go up to firmware/exchange as
// call.Legs and come down by Dial. Sound path: the SDP of a call opens a firmware/rtp stream, which is
// the leg's port in firmware/bridge.
//
// RFC 3261 (user agent and registrar), RFC 3264 (offer and answer), RFC 3581 and RFC 5626 in so far as
// requests go where a phone's packets come from, RFC 7616 and RFC 8760 (digest), RFC 4028 (session
// timers), RFC 3515 (blind transfer), RFC 3326 and RFC 6432 (Reason), RFC 3398 (causes), RFC 4568 (keys of
// encrypted sound, on TLS alone), RFC 5280 and RFC 6125 (certificates of carriers). Left out: proxying, presence and
// message waiting, PRACK, attended transfer.
//
// All methods are safe from any goroutine; none waits for a phone, save Apply and Run for ports. Each
// call has a call.Loop of its own, from which its handler is called: a goroutine only while there is work.
package sipphone

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/rtp"
)

// Observer is told of phones that come and go and of those who were refused. It must not wait.
type Observer interface {
	// PhoneUp: the extension has a phone that can be reached, where there was none.
	PhoneUp(extension, address string)
	// PhoneDown: the last phone of the extension is gone or does not answer.
	PhoneDown(extension, reason string)
	// Refused: somebody at address gave a wrong password, or spoke for another, as who.
	Refused(where, who, address string)
}

// Keeper keeps registrations over a restart. A nil value forgets the key.
type Keeper interface {
	Keep(key string, value []byte) error
	Kept() map[string][]byte
}

// Options are what a Server is made of.
type Options struct {
	Settings config.Settings
	Accept   call.Accept // takes calls from phones
	// AcceptTrunk takes calls from carriers.
	AcceptTrunk call.Accept
	Observer    Observer        // nil: nobody is told
	Keeper      Keeper          // nil: a restart forgets the phones
	TLS         tls.Certificate // empty: no TLS
	Roots       *x509.CertPool  // who signs certificates of carriers that bring none of their own; nil: whom the system trusts
	Logger      *slog.Logger    // nil: silent
}

// Server is the box towards its phones.
type Server struct {
	options  Options
	log      *slog.Logger
	rules    atomic.Pointer[rules]
	nonces   *nonces
	habits   habits
	backoff  *backoff
	guard    *guard
	bindings *bindings
	refusals refusals
	carriers Carriers // nil: phones alone

	agent  *sipgo.UserAgent
	sip    *sipgo.Server
	client *sipgo.Client
	times  times

	listenMu  sync.Mutex // one change of ports at a time
	mu        sync.Mutex // guards what follows
	listeners map[string]*listener
	legs      map[dialogKey]*Leg // by dialog key
	live      map[*Leg]struct{}
	running   bool
}

// times are how long the box waits. Tests shorten them.
type times struct {
	minSE   time.Duration // least Session-Expires taken (RFC 4028 clause 5)
	silence time.Duration // an INVITE without any response: see defaultTimes
	answer  time.Duration // an OPTIONS without an answer is a miss
	tarpit  time.Duration // until the answer to the first wrong password, doubled with each more
	glare   time.Duration // unit of the wait after both sent a re-INVITE (RFC 3261 clause 14.1)
	look    time.Duration // how often a call without sound is looked at
	end     time.Duration // for the phones to let go when the box stops
}

// defaultTimes. Departure: RFC 3261 clause 17.1.1.1 leaves an INVITE 32 s (Timer B) for its first
// response, too long for a caller in a queue.
var defaultTimes = times{
	minSE: 90 * time.Second, silence: 4 * time.Second, answer: 4 * time.Second,
	tarpit: 250 * time.Millisecond, glare: 10 * time.Millisecond, look: 15 * time.Second, end: 2 * time.Second,
}

// rules are the settings in force, never changed but replaced.
type rules struct {
	agents map[string]config.Agent
	phones config.PhoneRules
	ports  *rtp.Ports
}

// silent is the Observer of nobody.
type silent struct{}

func (silent) PhoneUp(string, string)         {}
func (silent) PhoneDown(string, string)       {}
func (silent) Refused(string, string, string) {}

// New makes a server; no port is opened before Run.
func New(o Options) (*Server, error) {
	if o.Observer == nil {
		o.Observer = silent{}
	}
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		options: o, log: log, nonces: newNonces(), habits: habits{of: map[visitor]*habit{}}, backoff: newBackoff(defaultTimes.tarpit), guard: newGuard(), times: defaultTimes,
		listeners: map[string]*listener{}, legs: map[dialogKey]*Leg{}, live: map[*Leg]struct{}{},
	}
	s.bindings = &bindings{
		of: map[string][]*binding{}, up: map[string]bool{}, keeper: o.Keeper, observer: o.Observer,
		trouble: func(extension string, err error) { log.Error("registration", "extension", extension, "error", err) },
	}
	if err := s.setRules(o.Settings); err != nil {
		return nil, err
	}
	s.bindings.restore(func(extension string) bool { _, known := s.rules.Load().agents[extension]; return known }, time.Now())
	quiet := newCapped(log)
	var err error
	s.agent, err = sipgo.NewUA(sipgo.WithUserAgent(userAgent), sipgo.WithUserAgenTLSConfig(s.dialling()),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(quiet), sip.WithTransportLayerReadFilter(s.guard.filter)),
		sipgo.WithUserAgentTransactionLayerOptions(sip.WithTransactionLayerLogger(quiet),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {})))
	if err != nil {
		return nil, fmt.Errorf("SIP user agent: %w", err)
	}
	if s.sip, err = sipgo.NewServer(s.agent, sipgo.WithServerLogger(quiet)); err != nil {
		return nil, fmt.Errorf("SIP server: %w", err)
	}
	if s.client, err = sipgo.NewClient(s.agent, sipgo.WithClientLogger(quiet)); err != nil {
		return nil, fmt.Errorf("SIP client: %w", err)
	}
	s.route()
	return s, nil
}

// setRules puts settings in force.
func (s *Server) setRules(to config.Settings) error {
	p := to.Phones
	old := s.rules.Load()
	r := &rules{agents: map[string]config.Agent{}, phones: p}
	for _, a := range to.Agents {
		r.agents[a.Extension] = a
	}
	if old != nil && old.phones.RTPFirst == p.RTPFirst && old.phones.RTPLast == p.RTPLast {
		r.ports = old.ports
	} else {
		ports, err := rtp.NewPorts(p.RTPFirst, p.RTPLast)
		if err != nil {
			return err
		}
		r.ports = ports
	}
	s.rules.Store(r)
	return nil
}

// Run opens the ports and serves the phones until ctx is done; then it ends the calls and closes the
// ports. It fails when none of the ports the settings name could be opened; a single one that could not
// is tried again every few seconds. It may be called again after it came back.
func (s *Server) Run(ctx context.Context) error {
	err := s.listen()
	s.mu.Lock()
	open := len(s.listeners)
	s.running = open > 0
	s.mu.Unlock()
	if open == 0 && err != nil {
		return err
	}
	if err != nil {
		s.log.Error("not every SIP port could be opened", "error", err)
	}
	var parts sync.WaitGroup
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	parts.Go(func() { s.keepAlive(work) })
	parts.Go(func() { s.reopen(work) })
	<-ctx.Done()
	s.endCalls(s.times.end)
	stop()
	parts.Wait()
	s.mu.Lock()
	s.running = false
	s.mu.Unlock()
	s.closeAll()
	return nil
}

// endCalls hangs up every call and waits for the phones to let go, no longer than patience.
func (s *Server) endCalls(patience time.Duration) {
	s.mu.Lock()
	live := maps.Clone(s.live)
	s.mu.Unlock()
	for l := range live {
		l.Hangup(q850.TemporaryFailure)
	}
	deadline := time.After(patience)
	for l := range live {
		select {
		case <-l.over:
		case <-deadline:
			return
		}
	}
}

// Apply puts new settings in force. Calls go on; registrations of agents who are gone or have another
// password end; of the ports only those whose address changed are closed and opened.
func (s *Server) Apply(old, to config.Settings) error {
	before := s.rules.Load().agents
	if err := s.setRules(to); err != nil {
		return err
	}
	now := time.Now()
	after := s.rules.Load().agents
	for _, extension := range s.bindings.extensions(func(*binding) bool { return true }) {
		a, stays := after[extension]
		switch {
		case !stays:
			s.bindings.unbind(extension, "the extension was removed", func(*binding) bool { return true }, now)
		case a.Password != before[extension].Password || old.Phones.Realm != to.Phones.Realm:
			s.bindings.unbind(extension, "the password was changed", func(*binding) bool { return true }, now)
		case a.Encrypt:
			s.bindings.unbind(extension, mustBeTLS, func(b *binding) bool { return b.Transport != "TLS" }, now)
		}
	}
	s.mu.Lock()
	running := s.running
	s.mu.Unlock()
	if !running {
		return nil
	}
	return s.listen()
}

// Registrations are the phones registered now, by extension, the newest first.
func (s *Server) Registrations() []Registration { return s.bindings.list() }

// Listening is the address a transport ("UDP", "TCP", "TLS") is open on; invalid when it is closed.
func (s *Server) Listening(network string) netip.AddrPort {
	if l := s.listening(network); l != nil {
		return l.local
	}
	return netip.AddrPort{}
}
