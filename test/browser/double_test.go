package browser

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/firmware/exchange"
	"trunkbox/webadmin"
)

// desk stands for the switch behind the pages: real settings, and a snapshot that the test alters.
type desk struct {
	store *config.Store

	mu       sync.Mutex
	now      exchange.Snapshot
	watchers []chan struct{}

	switched atomic.Bool // the D channels of the group have changed places
}

func (d *desk) Snapshot() exchange.Snapshot {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now
	now.At = time.Now()
	now.Name = d.store.Settings().Box.Name
	now.Agents, now.Calls = slices.Clone(now.Agents), slices.Clone(now.Calls)
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

// change alters the snapshot and tells the pages.
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

func (d *desk) agent(extension, state, reason string) error {
	d.change(func(now *exchange.Snapshot) {
		i := slices.IndexFunc(now.Agents, func(a exchange.AgentNow) bool { return a.Extension == extension })
		now.Agents = slices.Clone(now.Agents)
		now.Agents[i].State, now.Agents[i].Reason, now.Agents[i].Since = state, reason, time.Now()
	})
	return nil
}

func (d *desk) LogIn(extension, _ string) error         { return d.agent(extension, "ready", "") }
func (d *desk) LogOut(extension, _ string) error        { return d.agent(extension, "logged_out", "") }
func (d *desk) Resume(extension, _ string) error        { return d.agent(extension, "ready", "") }
func (d *desk) Pause(extension, reason, _ string) error { return d.agent(extension, "paused", reason) }

func (d *desk) HangUp(call, _ string) error {
	d.change(func(now *exchange.Snapshot) {
		now.Calls = slices.DeleteFunc(slices.Clone(now.Calls), func(c exchange.CallNow) bool { return c.ID == call })
	})
	return nil
}

func (d *desk) Settings() config.Settings { return d.store.Settings() }
func (d *desk) Changes(next config.Settings) []config.Change {
	return config.Changes(d.store.Settings(), next)
}
func (d *desk) Apply(next config.Settings, by string) error { return d.store.Save(next, by) }

// office is a box with people at work, and its pages on an address.
type office struct {
	*desk
	t      *testing.T
	url    string
	log    *callLog
	pages  *webadmin.Server
	server *httptest.Server
}

// openOffice starts the pages on HTTP, or on HTTPS with a certificate nobody signed.
func openOffice(t *testing.T, https bool) *office {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	store, _, err := config.Open(t.TempDir(), logger)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	s := config.Default("CN", "zh")
	s.Box.Name = "康达客服中心"
	people := []string{"王芳", "李伟", "张敏", "刘洋", "陈静", "Ana Souza"}
	for i, name := range people {
		s.Agents = append(s.Agents, config.Agent{
			Extension: fmt.Sprint(201 + i), Name: name, Password: fmt.Sprintf("phone-of-%d-x", 201+i),
			Queues: []string{s.Queues[i%2].Name}, Outbound: true,
		})
	}
	if err := store.Save(s, "admin"); err != nil {
		t.Fatal(err)
	}
	d := &desk{store: store, now: day(s)}
	log := openLog(t)
	pages := webadmin.New(webadmin.Options{Switch: d, Store: store, Log: log.Journal, Lines: d, Logger: logger})
	o := &office{desk: d, t: t, log: log, pages: pages}
	o.server = httptest.NewUnstartedServer(pages)
	if https {
		o.server.StartTLS()
	} else {
		o.server.Start()
	}
	o.url = o.server.URL
	t.Cleanup(func() { o.server.Close() })
	t.Cleanup(pages.Close)
	return o
}

// powerCut ends the server with all its connections.
func (o *office) powerCut() {
	o.server.CloseClientConnections()
	_ = o.server.Listener.Close()
}

// powerBack starts it again on the same address.
func (o *office) powerBack() {
	o.t.Helper()
	listener, err := net.Listen("tcp", o.server.Listener.Addr().String())
	if err != nil {
		o.t.Fatal(err)
	}
	o.server = httptest.NewUnstartedServer(o.pages)
	_ = o.server.Listener.Close()
	o.server.Listener = listener
	o.server.Start()
}

// day is a snapshot of a busy morning.
func day(s config.Settings) exchange.Snapshot {
	ago := func(seconds int) time.Time { return time.Now().Add(-time.Duration(seconds) * time.Second) }
	sales, support := s.Queues[0].Name, s.Queues[1].Name
	now := exchange.Snapshot{
		Version: "1.0", Started: ago(90000),
		Notices: []exchange.Notice{{ID: "clock", Since: ago(4000), ZH: "时钟源丢失，盒子正在自由振荡。请检查运营商线路。", EN: "The clock of the line is lost and the box runs free. Check the carrier's line."}},
		LEDs:    []exchange.LEDNow{{Name: "power", State: "green"}, {Name: "line1", State: "green"}, {Name: "line2", State: "yellow"}, {Name: "alarm", State: "yellow"}},
		Tick:    exchange.TickNow{Parties: 12, Missed: 0, LongestUS: 1840},
		Calls: []exchange.CallNow{
			{ID: "20261122-0001", Direction: "in", Caller: "13800001234", CallerName: "", Called: "02087654321", Line: "line1", Timeslot: 31, State: "talking", Where: "201", Began: ago(185), Since: ago(150)},
			{ID: "20261122-0002", Direction: "in", Caller: "075588880000", Called: "02087654321", Line: "line1", Timeslot: 30, State: "queued", Where: sales, Began: ago(95), Since: ago(80)},
			{ID: "20261122-0003", Direction: "in", Caller: "", Called: "02087654322", Line: "line1", Timeslot: 29, State: "menu", Where: s.Menus[0].Name, Began: ago(9), Since: ago(9)},
			{ID: "20261122-0004", Direction: "out", Caller: "203", Called: "13900005678", Line: "line1", Timeslot: 1, State: "ringing", Where: "203", Began: ago(12), Since: ago(7)},
		},
		Queues: []exchange.QueueNow{
			{Name: sales, Ready: 0, LoggedIn: 3, Offered: 132, Answered: 121, Abandoned: 9, Waiting: []exchange.WaitingNow{
				{Call: "20261122-0002", Caller: "075588880000", Since: ago(80), Reason: "all_talking"}, {Call: "20261122-0005", Caller: "13712345678", Since: ago(21), Reason: "all_talking"},
			}},
			{Name: support, Ready: 1, LoggedIn: 2, Offered: 48, Answered: 47, Abandoned: 1},
		},
	}
	states := []struct{ state, reason, call string }{{"on_call", "", "20261122-0001"}, {"ready", "", ""}, {"on_call", "", "20261122-0004"}, {"paused", "meal", ""}, {"wrap_up", "", ""}, {"logged_out", "", ""}}
	for i, a := range s.Agents {
		phone := fmt.Sprintf("192.168.1.%d:5060", 21+i)
		if i == 5 {
			phone = ""
		}
		now.Agents = append(now.Agents, exchange.AgentNow{
			Extension: a.Extension, Name: a.Name, State: states[i].state, Reason: states[i].reason,
			Since: ago(150 * (i + 1)), Queues: a.Queues, Phone: phone, Call: states[i].call, Taken: 31 - 4*i, Missed: i % 3,
		})
	}
	one := exchange.LineNow{Name: "line1", Kind: "E1", Driver: "dahdi", Side: "user", Lamp: "green", Link: "up", LinkSince: ago(86000), Counters: map[string]uint64{"slips": 2, "ticks": 99}}
	two := exchange.LineNow{Name: "line2", Kind: "E1", Driver: "virtual", Side: "user", Lamp: "yellow", Alarms: []string{"RAI"}, AlarmsSince: ago(690), AlarmsNow: []string{"LOS"}, Link: "down", LinkSince: ago(700)}
	for ts := 1; ts < 32; ts++ {
		if ts == 16 {
			continue
		}
		c := exchange.ChannelNow{Timeslot: ts, State: "idle", Since: ago(600)}
		switch ts {
		case 31:
			c.State, c.Call = "talking", "20261122-0001"
		case 30:
			c.State, c.Call = "talking", "20261122-0002"
		case 29:
			c.State, c.Call = "talking", "20261122-0003"
		case 1:
			c.State, c.Call = "ringing", "20261122-0004"
		case 2:
			c.State = "seized"
		case 7:
			c.State = "clearing"
		case 12:
			c.State, c.Reason = "blocked", "blocked by the far end"
		case 13:
			c.State = "restarting"
		}
		one.Channels = append(one.Channels, c)
		two.Channels = append(two.Channels, exchange.ChannelNow{Timeslot: ts, State: "blocked", Reason: "D channel down"})
	}
	now.Lines = []exchange.LineNow{one, two}
	return now
}
