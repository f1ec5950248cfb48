// Package siptrunk is the IP trunks: carriers and other switches that bring and take calls by SIP, as lines do by ISDN.
//
// Signal path: SIP on the same ports as the phones' (firmware/sipphone), which has the dialogs and the sound of both;
// calls from a trunk go up to firmware/exchange as call.Legs, calls to it come down by Dial. Sound path: as of a phone, a
// stream of firmware/rtp for each call.
//
// RFC 3261 (registration as a client, clause 10.2; digest, clause 22), RFC 7616 and RFC 8760 (digest), RFC 3263 (SRV and
// address records), RFC 3323 and RFC 3325 (privacy, asserted identity), RFC 5806 (diversion), RFC 3398 (causes), RFC 4028
// (session timers). Left out: PRACK, NAPTR, History-Info, registration of many numbers (RFC 6140), transfer asked for by
// the far side.
//
// All methods are safe from any goroutine and none waits. Each trunk has one goroutine, which registers and asks whether
// the server lives; each call has a loop of its own in firmware/sipphone.
package siptrunk

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/sipphone"
)

// Observer is told of trunks that come and go. It must not wait.
type Observer interface {
	// TrunkState: the trunk is up, or down for a Reason. About is what the reason speaks of, detail what the far side said.
	TrunkState(trunk, state string, reason Reason, about, detail string)
	// CallRefused: a call of the trunk was refused before anybody heard of it.
	CallRefused(trunk string, cause q850.Cause)
}

// Options are what Trunks are made of.
type Options struct {
	Server   *sipphone.Server // its ports, dialogs and sound
	Observer Observer         // nil: nobody is told
	Logger   *slog.Logger     // nil: silent
}

// Trunks are all IP trunks of the box; nil has none.
type Trunks struct {
	options  Options
	log      *slog.Logger
	times    times
	resolver resolver

	mu      sync.RWMutex // guards what follows
	trunks  map[string]*Trunk
	order   []string
	phones  map[string]bool // extensions of agents
	run     context.Context // nil while not running
	running sync.WaitGroup
}

// times are how long a trunk waits. Tests shorten them.
type times struct {
	ask    time.Duration // between two OPTIONS
	answer time.Duration // for the answer to REGISTER and OPTIONS
	first  time.Duration // until the second try after a failure, doubled with each more
	most   time.Duration // but no longer
	leave  time.Duration // for signing off
}

var defaultTimes = times{ask: 30 * time.Second, answer: 4 * time.Second, first: 5 * time.Second, most: 5 * time.Minute, leave: time.Second}

// silent is the Observer of nobody.
type silent struct{}

func (silent) TrunkState(string, string, Reason, string, string) {}
func (silent) CallRefused(string, q850.Cause)                    {}

// New makes the trunks of the settings; none registers before Run. The server knows them from now on.
func New(o Options, settings config.Settings) *Trunks {
	if o.Observer == nil {
		o.Observer = silent{}
	}
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ts := &Trunks{options: o, log: log, times: defaultTimes, resolver: net.DefaultResolver, trunks: map[string]*Trunk{}}
	ts.set(settings)
	o.Server.Serve(ts)
	return ts
}

// Run keeps the trunks registered until ctx is done, and then signs them off. The server's ports should be open.
func (ts *Trunks) Run(ctx context.Context) {
	ts.mu.Lock()
	ts.run = ctx
	for _, t := range ts.trunks {
		ts.start(t)
	}
	ts.mu.Unlock()
	<-ctx.Done()
	ts.mu.Lock()
	ts.run = nil
	ts.mu.Unlock()
	ts.running.Wait()
}

// start runs a trunk; called with mu held.
func (ts *Trunks) start(t *Trunk) {
	ctx, stop := context.WithCancel(ts.run)
	t.stop = stop
	ts.running.Go(func() { t.serve(ctx) })
}

// Apply puts new settings in force. Calls go on; a trunk with another server or account registers anew.
func (ts *Trunks) Apply(to config.Settings) { ts.set(to) }

func (ts *Trunks) set(to config.Settings) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.phones = map[string]bool{}
	for _, a := range to.Agents {
		ts.phones[a.Extension] = true
	}
	before := ts.trunks
	ts.trunks, ts.order = map[string]*Trunk{}, nil
	for _, settings := range to.Trunks {
		if !settings.Enabled {
			continue
		}
		old := before[settings.Name]
		ts.order = append(ts.order, settings.Name)
		if old != nil && sameAccount(*old.settings.Load(), settings) {
			old.settings.Store(&settings)
			ts.trunks[settings.Name] = old
			continue
		}
		t := ts.newTrunk(settings, old)
		ts.trunks[settings.Name] = t
		if ts.run != nil {
			ts.start(t)
		}
	}
	for name, t := range before {
		if ts.trunks[name] != t && t.stop != nil {
			t.stop()
		}
	}
}

// sameAccount says whether two settings of a trunk differ only in what counts for the next call.
func sameAccount(a, b config.Trunk) bool {
	a.Law, a.MaxCalls, a.Numbers = b.Law, b.MaxCalls, b.Numbers
	a.Encrypt, a.SuppressSilence = b.Encrypt, b.SuppressSilence
	return reflect.DeepEqual(a, b)
}

// Trunk is the trunk of that name, nil when there is none in service.
func (ts *Trunks) Trunk(name string) *Trunk {
	if ts == nil {
		return nil
	}
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	return ts.trunks[name]
}

// Names are the trunks in service, in the order of the settings.
func (ts *Trunks) Names() []string {
	if ts == nil {
		return nil
	}
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	return slices.Clone(ts.order)
}

// all are the trunks in service, in the order of the settings, and the extensions of agents.
func (ts *Trunks) all() ([]*Trunk, map[string]bool) {
	if ts == nil {
		return nil, nil
	}
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	list := make([]*Trunk, 0, len(ts.order))
	for _, name := range ts.order {
		list = append(list, ts.trunks[name])
	}
	return list, ts.phones
}

// Now says how the trunks are, in the order of the settings.
func (ts *Trunks) Now() []Status {
	list, _ := ts.all()
	now := make([]Status, 0, len(list))
	for _, t := range list {
		now = append(now, t.Now())
	}
	return now
}

// CarrierOf is the trunk that a new INVITE comes from, nil when it comes from a phone. A request to the contact that a
// trunk registered is the trunk's, wherever it comes from: nobody else knows that contact. Otherwise the address decides;
// where a phone and a server share one, a phone is told by its registration or by its extension.
func (ts *Trunks) CarrierOf(req *sip.Request) sipphone.Carrier {
	list, phones := ts.all()
	if len(list) == 0 {
		return nil
	}
	from, err := netip.ParseAddrPort(req.Source())
	if err != nil {
		return nil
	}
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	caller := ""
	if f := req.From(); f != nil {
		caller = f.Address.User
	}
	var best *Trunk
	most := 0
	for _, t := range list {
		if rank := t.rank(req.Recipient.User, req.Transport(), from); rank > most {
			best, most = t, rank
		}
	}
	switch {
	case best == nil:
		return nil
	case most < byContact && ts.options.Server.PhoneAt(req.Transport(), from), most < byPort && phones[caller]:
		return nil
	}
	best.sign()
	return best
}

// Trusted are the servers spoken with over TLS, and who signs their certificates.
func (ts *Trunks) Trusted() []sipphone.Trusted {
	list, _ := ts.all()
	var servers []sipphone.Trusted
	for _, t := range list {
		if s := t.settings.Load(); s.Transport == "tls" {
			host, _ := hostPort(*s)
			servers = append(servers, sipphone.Trusted{Host: host, Roots: t.roots})
		}
	}
	return servers
}

// Near says whether a trunk's server has the address.
func (ts *Trunks) Near(from netip.Addr) bool {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	for t := range maps.Values(ts.trunks) {
		if slices.ContainsFunc(t.servers(), func(a netip.AddrPort) bool { return a.Addr() == from }) {
			return true
		}
	}
	return false
}
