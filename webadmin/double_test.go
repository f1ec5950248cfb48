package webadmin

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/firmware/exchange"
)

// desk stands for the switch: it keeps settings in a real store and does to its snapshot what it is told.
type desk struct {
	store *config.Store

	mu       sync.Mutex
	now      exchange.Snapshot
	deeds    []string
	watchers []chan struct{}
	broken   error // returned by Apply
}

func (d *desk) Snapshot() exchange.Snapshot {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now
	now.At = time.Now()
	now.Agents = slices.Clone(now.Agents)
	now.Calls = slices.Clone(now.Calls)
	return now
}

func (d *desk) Watch(ctx context.Context) <-chan struct{} {
	c := make(chan struct{}, 1)
	d.mu.Lock()
	d.watchers = append(d.watchers, c)
	d.mu.Unlock()
	context.AfterFunc(ctx, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.watchers = slices.DeleteFunc(d.watchers, func(one chan struct{}) bool { return one == c })
		close(c)
	})
	return c
}

// change alters the snapshot and tells who watches.
func (d *desk) change(alter func(*exchange.Snapshot)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	alter(&d.now)
	for _, c := range d.watchers {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

func (d *desk) Settings() config.Settings { return d.store.Settings() }

func (d *desk) Changes(next config.Settings) []config.Change {
	return config.Changes(d.store.Settings(), next)
}

func (d *desk) Apply(next config.Settings, by string) error {
	if d.broken != nil {
		return d.broken
	}
	return d.store.Save(next, by)
}

func (d *desk) state(extension, state, reason, deed string) error {
	d.change(func(now *exchange.Snapshot) {
		d.deeds = append(d.deeds, deed)
		for i := range now.Agents {
			if now.Agents[i].Extension == extension {
				now.Agents[i].State, now.Agents[i].Reason, now.Agents[i].Since = state, reason, time.Now()
			}
		}
	})
	return nil
}

func (d *desk) LogIn(extension, by string) error {
	return errors.Join(d.store.SetLoggedIn(extension, true), d.state(extension, "ready", "", "in "+extension+" "+by))
}

func (d *desk) LogOut(extension, by string) error {
	return errors.Join(d.store.SetLoggedIn(extension, false), d.state(extension, "logged_out", "", "out "+extension+" "+by))
}

func (d *desk) Pause(extension, reason, by string) error {
	return d.state(extension, "paused", reason, "pause "+extension+" "+reason+" "+by)
}

func (d *desk) Resume(extension, by string) error {
	return d.state(extension, "ready", "", "resume "+extension+" "+by)
}

func (d *desk) HangUp(call, by string) error {
	d.change(func(now *exchange.Snapshot) {
		d.deeds = append(d.deeds, "hangup "+call+" "+by)
		now.Calls = slices.DeleteFunc(slices.Clone(now.Calls), func(c exchange.CallNow) bool { return c.ID == call })
	})
	return nil
}

func (d *desk) done() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.deeds)
}

// box is a server with everything behind it, and a browser's cookies before it.
type box struct {
	*Server
	t       testing.TB
	desk    *desk
	cookies map[string]string
	address string
	refused []string
}

const (
	rightPassword = "a right password"
	agentPassword = "phone-of-201-x"
)

// newBox makes a box with one agent, whose administrator's password is set.
func newBox(t testing.TB) *box {
	b := emptyBox(t)
	code, ok := b.Store.OneTimeCode()
	if !ok {
		t.Fatal("no one-time code")
	}
	if err := b.Store.SetAdminPassword(code, rightPassword); err != nil {
		t.Fatal(err)
	}
	return b
}

// emptyBox makes a box as it comes from the factory, but for one agent.
func emptyBox(t testing.TB) *box {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	store, _, err := config.Open(t.TempDir(), logger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	settings := store.Settings()
	settings.Agents = []config.Agent{
		{Extension: "201", Name: "王芳", Password: agentPassword, Queues: []string{settings.Queues[0].Name}, Outbound: true},
		{Extension: "202", Name: "Li Wei", Password: "phone-of-202-x", Queues: []string{}},
	}
	if err := store.Save(settings, "admin"); err != nil {
		t.Fatal(err)
	}
	d := &desk{store: store, now: exchange.Snapshot{
		Name: settings.Box.Name, Version: "1.0",
		Agents: []exchange.AgentNow{
			{Extension: "201", Name: "王芳", State: "logged_out", Queues: []string{settings.Queues[0].Name}, Call: "c1"},
			{Extension: "202", Name: "Li Wei", State: "ready"},
		},
		Calls: []exchange.CallNow{
			{ID: "c1", Direction: "in", Caller: "13800001234", Called: "6500", State: "talking", Where: "201"},
			{ID: "c2", Direction: "in", Caller: "13900005678", Called: "6500", State: "queued", Where: settings.Queues[0].Name},
		},
		Queues: []exchange.QueueNow{{Name: settings.Queues[0].Name, Waiting: []exchange.WaitingNow{{Call: "c2"}}}, {Name: settings.Queues[1].Name}},
	}}
	b := &box{t: t, desk: d, cookies: map[string]string{}, address: "192.0.2.1:5000"}
	b.Server = New(Options{
		Switch: d, Store: store, Log: newLog(t), Lines: d, Doctor: d, Logger: logger,
		SignInRefused: func(who, address string) { b.refused = append(b.refused, who+" "+address) },
	})
	t.Cleanup(b.Close)
	return b
}

// request makes a request as our pages send it.
func (b *box) request(method, path, body string) *http.Request {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = b.address
	if !safe(method) {
		r.Header.Set(pageHeader, "1")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

// send serves a request and keeps the cookies of the answer.
func (b *box) send(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return w
}

// do sends a request, wants the status, and decodes the answer into into.
func (b *box) do(method, path string, body any, status int, into any) {
	b.t.Helper()
	var content string
	switch body := body.(type) {
	case nil:
	case string:
		content = body
	case []byte:
		content = string(body)
	default:
		octets, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		content = string(octets)
	}
	w := b.send(b.request(method, path, content))
	if w.Code != status {
		b.t.Fatalf("%s %s: %d, expected %d: %s", method, path, w.Code, status, w.Body)
	}
	if status >= 400 {
		b.refusalIsSaid(w)
	}
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			b.t.Fatalf("%s %s: %v: %s", method, path, err, w.Body)
		}
	}
}

// refusalIsSaid checks that an error can be shown to people of both languages.
func (b *box) refusalIsSaid(w *httptest.ResponseRecorder) {
	b.t.Helper()
	var no struct{ Error said }
	if err := json.Unmarshal(w.Body.Bytes(), &no); err != nil || no.Error.ZH == "" || no.Error.EN == "" || no.Error.ZH == no.Error.EN {
		b.t.Errorf("status %d with body %q is not an error in both languages (%v)", w.Code, w.Body, err)
	}
	if strings.ContainsAny(no.Error.ZH+no.Error.EN, "{}") {
		b.t.Errorf("a place in %q was not filled", no.Error)
	}
}

func (b *box) signInAdmin() {
	b.t.Helper()
	b.do("POST", "/api/sign-in", map[string]string{"password": rightPassword}, http.StatusNoContent, nil)
}

func (b *box) signInAgent() {
	b.t.Helper()
	b.do("POST", "/api/agent/sign-in", map[string]string{"extension": "201", "password": agentPassword}, http.StatusNoContent, nil)
}

// fieldsOf lists the JSON names of the settings' structs by the name the page has for them.
func fieldsOf() map[string][]string {
	all := map[string][]string{}
	for of, v := range map[string]any{
		"box": config.Box{}, "line": config.Line{}, "agent": config.Agent{}, "queue": config.Queue{}, "menu": config.Menu{},
		"route": config.Route{}, "outbound": config.Outbound{}, "features": config.Features{}, "phones": config.PhoneRules{},
	} {
		for field := range reflect.TypeOf(v).Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			all[of] = append(all[of], name)
		}
	}
	return all
}
