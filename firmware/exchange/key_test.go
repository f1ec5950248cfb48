package exchange

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"trunkbox/board"
	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
	"trunkbox/test/farend/phone"
	"trunkbox/test/ports"
	"trunkbox/test/printed"
)

// mouth is the sound of a line whose party says the octets and is silent then.
type mouth struct{ says []byte }

func (m *mouth) Law() dsp.Law { return dsp.ALaw }
func (m *mouth) Speak([]byte) {}

func (m *mouth) Hear(block []byte) {
	n := copy(block, m.says)
	m.says = m.says[n:]
	for i := range block[n:] {
		block[n+i] = dsp.ALaw.Silence()
	}
}

// speakingLeg is a leg of a line with its sound.
type speakingLeg struct {
	lineLeg
	mouth *mouth
}

func (l *speakingLeg) Sound() bridge.Port { return l.mouth }

// TestKeysInTheSoundAreWrittenDownOnce: each key that a caller of a line presses in a menu is told with its length, the
// levels of its tones and the twist; also the last, though nobody listens for keys any more when it is let go.
func TestKeysInTheSoundAreWrittenDownOnce(t *testing.T) {
	t.Parallel()
	x := servicesExchange(t, false)
	cadence, err := dsp.DTMFDigits("9#2", 120*time.Millisecond, 80*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	x.settings.Menus[0].Choices = []config.Choice{{Key: "2", To: config.Destination{Kind: "hangup"}}}
	x.settings.Menus[0].Retries = 5
	leg := &speakingLeg{lineLeg{testLeg{name: "line1/ts01"}}, &mouth{make([]byte, dsp.Samples(cadence.Duration()))}}
	dsp.NewTone(cadence).FillOctets(leg.mouth.says, dsp.ALaw)
	c := x.newCall(call.Incoming{Leg: leg, Trunk: "line1", Called: "88886500"}, "in")
	x.calls[c.id] = c
	c.caller.Sound()
	c.enterMenu(x.settings.Menus[0].Name)
	for range 80 {
		x.engine.Tick()
		for more := true; more; {
			select {
			case event := <-x.engine.Events():
				if x.heard(event); event.Key == '2' {
					c.caller.ListenForKeys(false)
				}
			default:
				more = false
			}
		}
	}
	keys := ""
	for e, err := range x.Journal.Read(1) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind != journal.KeyHeard {
			continue
		}
		keys += e.Fields["key"]
		var ms, low, high, twist float64
		if _, err := fmt.Sscan(e.Fields["ms"]+" "+e.Fields["low"]+" "+e.Fields["high"]+" "+e.Fields["twist"], &ms, &low, &high, &twist); err != nil ||
			math.Abs(ms-120) > 10 || math.Abs(low-dsp.DTMFLowDBm0) > 0.5 || math.Abs(high-dsp.DTMFHighDBm0) > 0.5 || math.Abs(twist-2) > 0.5 ||
			e.Fields["way"] != "sound" || e.Fields["agent"] != "" {
			t.Errorf("%v", e.Fields)
		}
	}
	if keys != "9#2" {
		t.Errorf("keys %q, want 9#2", keys)
	}
}

// TestAKeyThatIsDownAtTheEndIsWrittenDown: who hangs up on a key has pressed it.
func TestAKeyThatIsDownAtTheEndIsWrittenDown(t *testing.T) {
	t.Parallel()
	x := servicesExchange(t, false)
	c, leg := arrived(x, call.Incoming{})
	c.from(leg, call.Digit{Key: '7', By: call.ByEvent})
	c.end(ending{cause: q850.NormalClearing, by: "caller"})
	c.from(leg, call.KeyUp{Key: '7', By: call.ByEvent, Lasted: time.Second})
	expectStory(t, x, "key_heard", "call_ended caller")
}

// keyed is a box with an IP trunk and the telephone of agent 201, which talk with it over sockets.
type keyed struct {
	*Exchange
	t            *testing.T
	ctx          context.Context
	log          *printed.Text
	trunk, agent *phone.Phone
}

func inKeyed(t *testing.T) *keyed {
	t.Helper()
	text := &printed.Text{}
	log := slog.New(slog.NewTextHandler(text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	s := config.Default("CN", "en")
	s.Lines, s.Recording.Start, s.Recording.Consent, s.Recording.MinFreeMB = nil, "answer", "", 64
	s.Features.RecordPause = "*47"
	s.Agents = []config.Agent{{Extension: "201", Name: "Li Wei", Password: "correct horse 201", LoggedIn: true}}
	s.Menus[0].DirectDial, s.Menus[0].TimeoutS = true, 20
	first := ports.Row(t, 258)
	s.Phones.UDP, s.Phones.TCP, s.Phones.TLS = fmt.Sprintf("127.0.0.1:%d", ports.Free(t)), "", ""
	s.Phones.RTPFirst, s.Phones.RTPLast = first, first+256
	k := &keyed{t: t, ctx: ctx, log: text}
	telephone := func(user, password string) *phone.Phone {
		made, err := phone.New(phone.Options{Server: s.Phones.UDP, User: user, Password: password})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = made.Close() })
		return made
	}
	k.trunk, k.agent = telephone("5550000", ""), telephone("201", "correct horse 201")
	s.Trunks = []config.Trunk{{Name: "trunk", Server: k.trunk.Address(), Transport: "udp", Law: "alaw", MaxCalls: 2, Enabled: true}}
	store, _, err := config.Open(t.TempDir(), log)
	if err == nil {
		err = store.Save(s, "admin")
	}
	if err != nil {
		t.Fatalf("%v: %+v", err, config.Validate(s))
	}
	lights, err := board.Open("sim")
	if err != nil {
		t.Fatal(err)
	}
	j, _, err := journal.Open(t.TempDir(), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	k.Exchange, err = New(Options{Store: store, Journal: j, Board: lights, Log: log, Recordings: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- k.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		_, _ = j.Close(), store.Close()
	})
	k.await("the trunk is up", func() bool { return k.count(journal.TrunkState, "state", "up") == 1 })
	if err := k.agent.Register(ctx); err != nil {
		t.Fatal(err)
	}
	return k
}

// await waits until ready, which is asked after each event of the box.
func (k *keyed) await(what string, ready func() bool) {
	k.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ready(); <-time.After(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			k.t.Fatalf("waited in vain: %s; the journal tells\n%s", what, strings.Join(k.told(), "\n"))
		}
	}
}

func (k *keyed) all() (events []journal.Event) {
	k.t.Helper()
	for e, err := range k.Journal.Read(1) {
		if err != nil {
			k.t.Fatal(err)
		}
		events = append(events, e)
	}
	return events
}

func (k *keyed) told() (told []string) {
	for _, e := range k.all() {
		told = append(told, fmt.Sprint(e.Kind, e.Fields))
	}
	return told
}

// count is how many events of the kind there are with the field.
func (k *keyed) count(kind journal.Kind, field, value string) (n int) {
	for _, e := range k.all() {
		if e.Kind == kind && e.Fields[field] == value {
			n++
		}
	}
	return n
}

// keys are the events of keys of the n-th call, from 0.
func (k *keyed) keys(call int) (keys []map[string]string) {
	var calls []string
	for _, e := range k.all() {
		if e.Kind == journal.CallArrived {
			calls = append(calls, e.Call)
		}
		if e.Kind == journal.KeyHeard && slices.Index(calls, e.Call) == call {
			keys = append(keys, e.Fields)
		}
	}
	return keys
}

func (k *keyed) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatalf("%v; the journal tells\n%s", err, strings.Join(k.told(), "\n"))
	}
}

// arrive brings a caller to the menu.
func (k *keyed) arrive() *phone.Call {
	k.t.Helper()
	menus := k.count(journal.MenuEntered, "menu", k.settings.Menus[0].Name)
	c, err := k.trunk.PlaceAs("13900112233", "5550199")
	k.must(err)
	k.must(c.WaitAnswer(k.ctx))
	k.await("the menu", func() bool { return k.count(journal.MenuEntered, "menu", k.settings.Menus[0].Name) > menus })
	return c
}

// answered lets the agent take the call that rings.
func (k *keyed) answered() *phone.Call {
	k.t.Helper()
	c, err := k.agent.WaitCall(k.ctx)
	k.must(err)
	k.must(c.Answer(k.ctx))
	k.await("they talk", func() bool {
		talks := false
		k.loop.Do(func() { talks = k.talkOf("201") != nil })
		return talks
	})
	return c
}

// TestEachKeyIsWrittenDownOnce: whichever way the caller's keys come, the call goes where they say, and there is one event
// a key with its way and what is known of it.
func TestEachKeyIsWrittenDownOnce(t *testing.T) {
	t.Parallel()
	k := inKeyed(t)
	for i, c := range []struct {
		name string
		send func(c *phone.Call) error
		is   func(fields map[string]string) bool
	}{
		{"telephone-event", func(c *phone.Call) error { return c.SendKeys("201") }, func(f map[string]string) bool {
			return f["way"] == "rtp" && f["ms"] != "" && f["level"] == "-10.0" && f["twist"] == ""
		}},
		{"INFO", func(c *phone.Call) error {
			for _, key := range []byte("201") {
				if err := c.SendInfo(k.ctx, key, 160*time.Millisecond); err != nil {
					return err
				}
			}
			return nil
		}, func(f map[string]string) bool { return f["way"] == "info" && f["ms"] == "160" && f["low"] == "" }},
		{"telephone-event and INFO", func(c *phone.Call) error {
			for _, key := range []byte("201") {
				before := k.count(journal.KeyHeard, "key", string(key))
				if err := c.SendKeys(string(key)); err != nil {
					return err
				}
				if err := c.SendInfo(k.ctx, key, 160*time.Millisecond); err != nil {
					return err
				}
				// Who presses the next key has let this one go, whichever way told of it first.
				k.await("the key "+string(key), func() bool { return k.count(journal.KeyHeard, "key", string(key)) > before })
			}
			return nil
		}, func(f map[string]string) bool { return f["way"] == "rtp" || f["way"] == "info" }},
	} {
		t.Logf("%s", c.name)
		caller := k.arrive()
		k.must(c.send(caller))
		agent := k.answered()
		k.await("the keys of "+c.name, func() bool { return len(k.keys(i)) >= 3 })
		caller.Hangup()
		_, _, err := agent.WaitEnded(k.ctx)
		k.must(err)
		k.await("the end", func() bool { return k.count(journal.CallEnded, "by", "caller") == i+1 })
		got, dialled := k.keys(i), ""
		for _, fields := range got {
			dialled += fields["key"]
			if !c.is(fields) || fields["agent"] != "" {
				t.Errorf("%s: a key is told as %v", c.name, fields)
			}
		}
		if dialled != "201" {
			t.Errorf("%s: keys %q, want 201, each once", c.name, dialled)
		}
		if n := k.count(journal.MenuKey, "key", "201"); n != i+1 {
			t.Errorf("%s: the menu took 201 %d times in %d calls", c.name, n, i+1)
		}
	}
}

// TestKeysAreHiddenWhileTheRecordingIsPaused: a card's number that is keyed then stands nowhere.
func TestKeysAreHiddenWhileTheRecordingIsPaused(t *testing.T) {
	t.Parallel()
	k := inKeyed(t)
	caller := k.arrive()
	k.must(caller.SendKeys("201"))
	agent := k.answered()
	k.await("the recording", func() bool { return k.count(journal.RecordingBegan, "reason", "answer") == 1 })
	k.must(caller.SendKeys("5"))
	k.await("a key in the talk", func() bool { return len(k.keys(0)) == 4 })
	k.must(agent.SendKeys("*47"))
	k.await("the pause", func() bool { return k.count(journal.RecordingPaused, "by", "201") == 1 })
	k.must(caller.SendKeys("6666"))
	k.must(caller.SendInfo(k.ctx, '9', 100*time.Millisecond))
	k.await("hidden keys", func() bool { return k.count(journal.KeyHeard, "hidden", "yes") == 5 })
	k.must(agent.SendKeys("*47"))
	k.await("the recording goes on", func() bool { return k.count(journal.RecordingResumed, "by", "201") == 1 })
	k.must(caller.SendKeys("8"))
	k.await("a key after it", func() bool { return k.count(journal.KeyHeard, "key", "8") == 1 })
	caller.Hangup()
	_, _, err := agent.WaitEnded(k.ctx)
	k.must(err)
	byCaller, byAgent, hidden := "", "", 0
	for _, fields := range k.keys(0) {
		switch {
		case fields["hidden"] != "":
			hidden++
			if fields["key"] != "" || fields["low"] != "" || fields["high"] != "" || fields["twist"] != "" || fields["way"] == "" {
				t.Errorf("hidden: %v", fields)
			}
		case fields["agent"] == "201":
			byAgent += fields["key"]
		default:
			byCaller += fields["key"]
		}
	}
	log := k.log.String()
	for _, key := range "0123456789*#" {
		if strings.Contains(log, fmt.Sprintf("key=%c", key)) {
			t.Errorf("the technical log tells of a key %c:\n%s", key, log)
		}
	}
	if !strings.Contains(log, "telephone-event") {
		t.Error("the technical log tells of no key at all")
	}
	if byCaller != "20158" || byAgent != "*47" || hidden != 8 { // the agent's second *47 is in the pause
		t.Errorf("the caller's keys %q, the agent's %q, %d hidden; the journal tells\n%s", byCaller, byAgent, hidden, strings.Join(k.told(), "\n"))
	}
}
