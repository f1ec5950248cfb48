package siptrunk

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/rtp"
	"trunkbox/firmware/sipphone"
)

// The states of a trunk.
const (
	Starting = "starting" // not yet known
	Up       = "up"
	Down     = "down"
)

// Reason is why a trunk is down, as the journal has it.
type Reason string

// The reasons of a trunk.
const (
	NoAddress    Reason = "trunk_no_address"    // about: the name that no address was found for
	Silent       Reason = "trunk_silent"        // about: the address
	NoConnection Reason = "trunk_no_connection" // about: the address
	WrongAccount Reason = "trunk_wrong_account" // about: the status
	Refused      Reason = "trunk_refused"       // about: the status
	PortClosed   Reason = "trunk_port_closed"   // about: the transport
	Untrusted    Reason = "trunk_untrusted"     // about: the name
	Removed      Reason = "trunk_removed"
)

// Why Dial refuses.
var (
	ErrDown   = errors.New("the IP trunk is down")
	ErrFull   = errors.New("the IP trunk has as many calls as it may")
	ErrNumber = errors.New("the number cannot be dialled over an IP trunk")
)

// Trunk is one IP trunk. It is a sipphone.Carrier.
type Trunk struct {
	trunks   *Trunks
	settings atomic.Pointer[config.Trunk]
	contact  string
	places   *places
	roots    *x509.CertPool // nil: whom the system trusts
	after    *Trunk         // the trunk of the same name that this one follows; nil once that has signed off
	stop     context.CancelFunc
	done     chan struct{}
	heard    chan struct{} // a sign of life of the server
	failed   chan struct{} // a call found the server dead

	// Of the trunk's goroutine.
	callID   string
	sequence uint32
	bound    bool    // a registration is to be signed off
	boundAs  sip.Uri // the box's own address that the server knows

	mu     sync.Mutex // guards what follows
	status Status
	known  []netip.AddrPort // the server's addresses, in the order they are tried
	at     int              // the one in use

	refused time.Time // when a refused call was told the last time
}

// Status is how a trunk is.
type Status struct {
	Name      string    `json:"name"`
	Server    string    `json:"server"`            // as the settings say
	Address   string    `json:"address,omitempty"` // of the server in use
	Transport string    `json:"transport"`
	State     string    `json:"state"` // starting, up, down
	Since     time.Time `json:"since"`
	Reason    Reason    `json:"reason,omitempty"`
	About     string    `json:"about,omitempty"`
	Detail    string    `json:"detail,omitempty"`
	Registers bool      `json:"registers"`
	Until     time.Time `json:"until,omitzero"` // of the registration
	Retry     time.Time `json:"retry,omitzero"` // when it is tried again
	Calls     int       `json:"calls"`
	MaxCalls  int       `json:"max_calls"` // 0: no limit
}

// newTrunk makes a trunk. The one it takes the place of has the same name, and its calls count.
func (ts *Trunks) newTrunk(settings config.Trunk, after *Trunk) *Trunk {
	t := &Trunk{
		trunks: ts, contact: contactOf(settings), places: &places{}, after: after, done: make(chan struct{}),
		heard: make(chan struct{}, 1), failed: make(chan struct{}, 1), callID: sipphone.NewToken(),
	}
	if after != nil {
		t.places = after.places
	}
	t.settings.Store(&settings)
	t.roots = rootsOf(settings, ts.log)
	t.status = Status{Name: settings.Name, Server: settings.Server, Transport: settings.Transport, State: Starting, Since: time.Now(), Registers: settings.Register}
	if host, port := hostPort(settings); net.ParseIP(host) != nil { // its calls are known before the first answer
		if addr, err := netip.ParseAddr(host); err == nil {
			t.known = []netip.AddrPort{netip.AddrPortFrom(addr.Unmap(), port)}
		}
	}
	return t
}

// contactOf is the user part of a trunk's Contact: the same after a restart, and not to be guessed.
func contactOf(s config.Trunk) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{"trunk contact", s.Name, s.Server, s.User, s.Password}, "\x00")))
	return "t" + hex.EncodeToString(sum[:8])
}

// rootsOf are the certificates that the settings name. Validate lets none pass that cannot be read; where one is, nobody
// is trusted.
func rootsOf(s config.Trunk, log *slog.Logger) *x509.CertPool {
	roots, err := config.Roots(s.Roots)
	if err != nil {
		log.Error("root certificates cannot be read", "trunk", s.Name, "error", err)
		return x509.NewCertPool()
	}
	return roots
}

// Name is the trunk's name.
func (t *Trunk) Name() string { return t.settings.Load().Name }

// Contact is the user part of our Contact towards the server.
func (t *Trunk) Contact() string { return t.contact }

// PayloadType is that of the codec the settings prefer.
func (t *Trunk) PayloadType() uint8 {
	switch t.settings.Load().Law {
	case "mulaw":
		return rtp.PayloadMuLaw
	case "g722":
		return rtp.PayloadG722
	}
	return rtp.PayloadALaw
}

// Encrypts says whether sound must be encrypted.
func (t *Trunk) Encrypts() bool { return t.settings.Load().Encrypt }

// Hushes says whether the server is told of silence instead of sent it.
func (t *Trunk) Hushes() bool { return t.settings.Load().SuppressSilence }

// Refused tells that a call was refused at the door, once a second at most: whoever knocks faster is not worth the paper.
func (t *Trunk) Refused(cause q850.Cause) {
	t.mu.Lock()
	now := time.Now()
	tell := now.Sub(t.refused) >= time.Second
	if tell {
		t.refused = now
	}
	t.mu.Unlock()
	if tell {
		t.trunks.options.Observer.CallRefused(t.Name(), cause)
	}
}

// Over gives the place of a call back. A call that found the server dead has it looked at.
func (t *Trunk) Over(end call.Cleared) {
	t.places.give()
	if !end.Remote && end.Cause == q850.NetworkOutOfOrder {
		notify(t.failed)
	}
}

// Full says whether the trunk would refuse a call now: it is down, or has as many as it may.
func (t *Trunk) Full() bool {
	return !t.ready() || t.places.full(t.settings.Load().MaxCalls)
}

// Calls is the number of calls that are up or clearing.
func (t *Trunk) Calls() int { return t.places.count() }

// Now says how the trunk is.
func (t *Trunk) Now() Status {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.status
	if t.at < len(t.known) {
		now.Address = t.known[t.at].String()
	}
	now.Calls, now.MaxCalls = t.places.count(), t.settings.Load().MaxCalls
	return now
}

// ready says whether calls may go out: a trunk that does not register may be tried before its server has answered.
func (t *Trunk) ready() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.status.State == Up || t.status.State == Starting && !t.status.Registers && len(t.known) > 0
}

// sign takes a request of the server as a sign of life.
func (t *Trunk) sign() { notify(t.heard) }

func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// become puts the trunk into a state and tells of it when it is another, or down for another reason.
func (t *Trunk) become(state string, why trouble, until, retry time.Time) {
	t.mu.Lock()
	told := t.status.State != state || t.status.Reason != why.reason || t.status.About != why.about
	if t.status.State != state {
		t.status.Since = time.Now()
	}
	t.status.State, t.status.Reason, t.status.About, t.status.Detail = state, why.reason, why.about, why.detail
	t.status.Until, t.status.Retry = until, retry
	t.mu.Unlock()
	if told {
		t.trunks.log.Info("IP trunk", "trunk", t.Name(), "state", state, "reason", why.reason, "about", why.about, "detail", why.detail)
		t.trunks.options.Observer.TrunkState(t.Name(), state, why.reason, why.about, why.detail)
	}
}

// trouble is what is wrong with a trunk.
type trouble struct {
	reason        Reason
	about, detail string
}

// hostPort are host and port of the server; the port is that of the transport where none is told.
func hostPort(s config.Trunk) (host string, port uint16) {
	host, told, err := net.SplitHostPort(s.Server)
	if err == nil {
		if n, err := strconv.ParseUint(told, 10, 16); err == nil {
			return host, uint16(n)
		}
	}
	if err != nil {
		host = s.Server
	}
	if s.Transport == "tls" {
		return host, 5061
	}
	return host, 5060
}

// places count the calls of a trunk.
type places struct {
	mu sync.Mutex
	n  int
}

// take takes a place; false: all limit of them are taken. 0 is no limit, and force goes beyond any.
func (p *places) take(limit int, force bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if limit > 0 && p.n >= limit && !force {
		return false
	}
	p.n++
	return true
}

func (p *places) give() {
	p.mu.Lock()
	p.n--
	p.mu.Unlock()
}

func (p *places) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.n
}

func (p *places) full(limit int) bool { return limit > 0 && p.count() >= limit }
