package pri

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q850"
)

// exchange is a far end that says what the test tells it to, in octets. Only its data link thinks.
type exchange struct {
	t    *testing.T
	wire *wire

	mu   sync.Mutex
	link *lapd.Link
	got  []string // messages received, in hex
}

func (x *exchange) run() {
	buf := make([]byte, 300)
	for {
		n, err := x.wire.ReceiveFrame(buf)
		if errors.Is(err, io.EOF) {
			return
		}
		x.handle(lapd.Event{Input: lapd.FrameReceived, Octets: buf[:n]})
	}
}

func (x *exchange) handle(e lapd.Event) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, action := range x.link.Handle(e) {
		switch action.Verb {
		case lapd.Send:
			if err := x.wire.SendFrame(action.Octets); err != nil {
				x.t.Error(err)
			}
		case lapd.DataInd:
			x.got = append(x.got, hex.EncodeToString(action.Octets))
		}
	}
}

// say sends a message given as octets in hex; blanks are layout.
func (x *exchange) say(message string) {
	x.t.Helper()
	octets, err := hex.DecodeString(strings.ReplaceAll(message, " ", ""))
	if err != nil {
		x.t.Fatalf("%q: %v", message, err)
	}
	x.handle(lapd.Event{Input: lapd.DataRequest, Octets: octets})
	synctest.Wait()
}

// hears compares the messages received since the last time. A "*" ends what is compared of a message.
func (x *exchange) hears(want ...string) {
	x.t.Helper()
	synctest.Wait()
	x.mu.Lock()
	got := x.got
	x.got = nil
	x.mu.Unlock()
	ok := len(got) == len(want)
	for i := 0; ok && i < len(got); i++ {
		w := strings.ReplaceAll(want[i], " ", "")
		if prefix, open := strings.CutSuffix(w, "*"); open {
			ok = strings.HasPrefix(got[i], prefix)
		} else {
			ok = got[i] == w
		}
	}
	if !ok {
		x.t.Fatalf("heard\n %s\nwant\n %s", strings.Join(got, "\n "), strings.Join(want, "\n "))
	}
}

// scripted runs test with a user's end whose far end is an exchange.
func scripted(t *testing.T, change func(*config.Line), test func(t *testing.T, user *end, x *exchange)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		settings := lineSettings("user", "user")
		if change != nil {
			change(&settings)
		}
		user := newEnd(t, settings)
		x := &exchange{t: t, wire: newWire(), link: lapd.NewLink(lapd.Network, lapd.PrimaryRate)}
		user.wire.other, x.wire.other = x.wire, user.wire
		go x.run()
		user.run()
		defer func() {
			user.down()
			if err := x.wire.Close(); err != nil {
				t.Error(err)
			}
			synctest.Wait()
		}()
		synctest.Wait()
		if user.access.Now().Link != LinkUp {
			t.Fatal("the link did not come up")
		}
		test(t, user, x)
	})
}

// Messages of the far end. A call of ours has reference 1, 2, …; the far end sends it with the flag, 80 01.
const (
	speech   = "04 03 80 90 a3 "             // bearer: speech, 64 kbit/s, A-law
	called   = "70 05 81 34 30 30 31 "       // 4001
	complete = "a1 "                         // sending complete
	setup5   = "08 02 00 05 05 " + complete  // SETUP of the far end, reference 5; with channel and so on behind
	ts1      = "18 03 a9 83 81 "             // channel 1, exclusive
	ts2      = "18 03 a9 83 82 "             //
	ts7pref  = "18 03 a1 83 87 "             // channel 7, preferred
	inbandPI = "1e 02 82 88 "                // progress: in-band information
	release5 = "08 02 00 05 4d 08 02 80 90 " // RELEASE, cause 16
)

func TestOutgoingScripts(t *testing.T) {
	for _, c := range []struct {
		name string
		far  []string // what the far end says to our SETUP, reference 1
		want string   // what the leg tells
	}{
		{
			"proceeding, alerting, connect",
			[]string{"08 02 80 01 02 " + ts1, "08 02 80 01 01", "08 02 80 01 07"},
			"proceeding, alerting, sounding, answered",
		},
		{"connect at once", []string{"08 02 80 01 07 " + ts1}, "sounding, answered"},
		{"alerting at once", []string{"08 02 80 01 01 " + ts1}, "alerting"},
		{
			"alerting with in-band tone",
			[]string{"08 02 80 01 01 " + ts1 + inbandPI, "08 02 80 01 07"},
			"alerting, inband, answered",
		},
		{"progress with announcement", []string{"08 02 80 01 02 " + ts1, "08 02 80 01 03 " + inbandPI}, "proceeding, inband"},
		{"not end-to-end ISDN", []string{"08 02 80 01 02 " + ts1 + "1e 02 82 81"}, "proceeding, inband"},
		{"connected number", []string{"08 02 80 01 07 " + ts1 + "4c 06 21 81 38 38 38 39"}, "sounding, answered by 8889"},
		{
			"hold and resume",
			[]string{"08 02 80 01 07 " + ts1, "08 02 80 01 6e 27 01 80", "08 02 80 01 6e 27 01 81"},
			"sounding, answered, held, resumed",
		},
		{"keys in the call", []string{"08 02 80 01 07 " + ts1, "08 02 80 01 7b 2c 02 35 23"}, "sounding, answered, digit 5, digit #"},
		{"busy", []string{"08 02 80 01 5a 08 02 80 91"}, "cleared 17 by them"},
		{"disconnect with tones", []string{"08 02 80 01 02 " + ts1, "08 02 80 01 45 08 02 82 91 " + inbandPI}, "proceeding, inband, clearing 17"},
		{"release in the call", []string{"08 02 80 01 07 " + ts1, "08 02 80 01 4d 08 02 82 90"}, "sounding, answered, cleared 16 by them"},
		{"setup acknowledge", []string{"08 02 80 01 0d " + ts1, "08 02 80 01 02"}, "proceeding"},
	} {
		t.Run(c.name, func(t *testing.T) {
			scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
				p := user.dial(call.Outgoing{Called: "4001"})
				x.hears("08 02 00 01 05 a1 " + speech + "18 03 a1 83 81" + called)
				for _, message := range c.far {
					x.say(message)
				}
				expect(t, "leg", p, c.want)
			})
		})
	}
}

// TestTimers lets the far end fall silent.
func TestTimers(t *testing.T) {
	for _, c := range []struct {
		name  string
		far   []string
		after time.Duration
		want  string
		hears []string
	}{
		{
			"T303: SETUP twice", nil, 9 * time.Second, "cleared 102 by us",
			[]string{"08 02 00 01 05 *", "08 02 00 01 05 *", "08 02 00 01 5a 08 * "},
		},
		{
			"T310",
			[]string{"08 02 80 01 02 " + ts1},
			111 * time.Second, "proceeding, cleared 102 by us",
			[]string{"08 02 00 01 05 *", "08 02 00 01 45 08*"},
		},
		{
			"T301",
			[]string{"08 02 80 01 01 " + ts1},
			181 * time.Second, "alerting, cleared 19 by us",
			[]string{"08 02 00 01 05 *", "08 02 00 01 45 08*"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
				p := user.dial(call.Outgoing{Called: "4001"})
				synctest.Wait()
				for _, message := range c.far {
					x.say(message)
				}
				time.Sleep(c.after)
				x.hears(c.hears...)
				x.say("08 02 80 01 4d")
				expect(t, "leg", p, c.want)
				user.free()
			})
		})
	}
}

// TestReleaseUnanswered: T308 twice puts the channel out of service; a call of the far end on it brings it back.
func TestReleaseUnanswered(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
				settings := user.access.Settings
				settings.Restart = restart
				user.access.Apply(user.access.Settings, settings)
				p := user.dial(call.Outgoing{Called: "4001"})
				synctest.Wait()
				x.say("08 02 80 01 07 " + ts1)
				x.say("08 02 80 01 45 08 02 82 90")
				expect(t, "leg", p, "sounding, answered, cleared 16 by them")
				time.Sleep(9 * time.Second)
				if !restart {
					x.hears("08 02 00 01 05 *", "08 02 00 01 0f", "08 02 00 01 4d *", "08 02 00 01 4d *")
					if s := user.state(1); s != string(Blocked) {
						t.Fatalf("timeslot 1 is %s", s)
					}
					x.say(setup5 + speech + ts1 + called)
					x.hears("08 02 80 05 02 " + ts1)
					return
				}
				x.hears("08 02 00 01 05 *", "08 02 00 01 0f", "08 02 00 01 4d *", "08 02 00 01 4d *", "08 02 00 00 46 "+ts1+"79 01 80")
				if s := user.state(1); s != string(Restarting) {
					t.Fatalf("timeslot 1 is %s", s)
				}
				x.say("08 02 80 00 4e " + ts1 + "79 01 80")
				user.free()
			})
		})
	}
}

func TestIncomingChannels(t *testing.T) {
	for _, c := range []struct{ name, setup, hears string }{
		{"exclusive", setup5 + speech + ts1 + called, "08 02 80 05 02 " + ts1},
		{"preferred", setup5 + speech + ts7pref + called, "08 02 80 05 02 18 03 a9 83 87"},
		{"any", setup5 + speech + "18 01 a3 " + called, "08 02 80 05 02 " + ts1},
		{"slot map", setup5 + speech + "18 06 a9 93 00 00 00 04 " + called, "08 02 80 05 02 " + ts2},
		{"the D channel's timeslot", setup5 + speech + "18 03 a9 83 90 " + called, "08 02 80 05 5a 08 02 80 d2"},
		{"channel 40", setup5 + speech + "18 03 a9 83 a8 " + called, "08 02 80 05 5a 08 02 80 d2"},
		{"channel 40 preferred", setup5 + speech + "18 03 a1 83 a8 " + called, "08 02 80 05 02 " + ts1},
		{"none", setup5 + speech + "18 01 a0 " + called, "08 02 80 05 5a 08 02 80 a2"},
		{"missing", setup5 + speech + called, "08 02 80 05 5a 08 *"},
		{"data call", setup5 + "04 02 88 90 " + ts1 + called, "08 02 80 05 5a 08 02 80 d8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
				x.say(c.setup)
				x.hears(c.hears)
				x.say(release5)
			})
		})
	}
}

// TestSameChannel: the channel has a call already. Exclusive is refused and that is told, preferred gets another.
func TestSameChannel(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		x.say(setup5 + speech + ts1 + called)
		x.say("08 02 00 06 05 a1 " + speech + ts1 + called)
		x.say("08 02 00 07 05 a1 " + speech + "18 03 a1 83 81" + called)
		x.hears("08 02 80 05 02 "+ts1, "08 02 80 06 5a 08 02 80 ac", "08 02 80 07 02 "+ts2)
		if notes := user.notes(); strings.Count(notes, "call_refused") != 1 || !strings.Contains(notes, "found user/ts01 call_refused 44") {
			t.Errorf("told of the call refused: %s", notes)
		}
	})
}

// TestGlare: a call of ours and one of the network meet on channel 1. The network's wins; ours is refused and placed
// again, or gets another channel.
func TestGlare(t *testing.T) {
	for _, c := range []struct {
		name, far string
		again     []string
		want      string
	}{
		{"refused with 44", "08 02 80 01 5a 08 02 82 ac", []string{"08 02 00 02 05 a1 " + speech + "18 03 a1 83 82" + called}, ""},
		{"another channel", "08 02 80 01 02 " + ts2, nil, "proceeding"},
		{"the same channel", "08 02 80 01 02 " + ts1, []string{"08 02 00 01 4d 08 02 80 86"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
				ours := user.dial(call.Outgoing{Called: "4001"})
				x.hears("08 02 00 01 05 *")
				x.say(setup5 + speech + ts1 + called)
				x.hears("08 02 80 05 02 " + ts1)
				theirs := user.last()
				if theirs.leg.Name() != "user/ts01" {
					t.Errorf("the network's call is on %s", theirs.leg.Name())
				}
				x.say(c.far)
				x.hears(c.again...)
				if c.name == "the same channel" {
					x.say("08 02 80 01 5a")
					expect(t, "ours", ours, "cleared 6 by us")
					return
				}
				if ours.leg.Name() != "user/ts02" {
					t.Errorf("ours is on %s", ours.leg.Name())
				}
				expect(t, "ours", ours, c.want)
				expect(t, "theirs", theirs, "")
			})
		})
	}
}

// TestChannelRefused: 44 again and again ends the call; other causes end it at once.
func TestChannelRefused(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		p := user.dial(call.Outgoing{Called: "4001"})
		for ref := range 3 {
			// the channel just refused is not tried again
			x.hears(fmt.Sprintf("08 02 00 %02x 05 a1 "+speech+"18 03 a1 83 %02x"+called, ref+1, 0x81+ref%2))
			x.say(fmt.Sprintf("08 02 80 %02x 5a 08 02 82 ac", ref+1))
		}
		expect(t, "leg", p, "cleared 44 by them")
		user.free()
	})
}

// TestChannelChanged: the answer names another channel than SETUP did.
func TestChannelChanged(t *testing.T) {
	for selection, want := range map[string]string{"preferred": "proceeding", "exclusive": ""} {
		scripted(t, func(l *config.Line) { l.Selection = selection }, func(t *testing.T, user *end, x *exchange) {
			p := user.dial(call.Outgoing{Called: "4001"})
			x.hears("08 02 00 01 05 *")
			x.say("08 02 80 01 02 " + ts2)
			expect(t, selection, p, want)
			if selection == "preferred" {
				if user.state(1) != "idle" || user.state(2) != "seized" || p.leg.Name() != "user/ts02" {
					t.Errorf("timeslot 1 %s, 2 %s, leg %s", user.state(1), user.state(2), p.leg.Name())
				}
				x.say("08 02 80 01 07")
				if got := p.leg.Sound().(silence).ts; got != 2 {
					t.Errorf("sound is on timeslot %d", got)
				}
				return
			}
			x.hears("08 02 00 01 4d 08 02 80 86") // RELEASE with 6, channel unacceptable (clause 5.3.2 d)
			x.say("08 02 80 01 5a")
			expect(t, selection, p, "cleared 6 by us")
		})
	}
}

func TestOverlapReceiving(t *testing.T) {
	four := func(l *config.Line) { l.DDIDigits = 4 }
	const setup = "08 02 00 05 05 " + speech + ts1
	for _, c := range []struct {
		name string
		far  []string
		wait time.Duration
		want string
	}{
		{"digit by digit", []string{setup + "70 03 81 34 30", "08 02 00 05 7b 70 02 81 30", "08 02 00 05 7b 70 02 81 31"}, 0, "4001"},
		{"all at once, no sending complete", []string{setup + called}, 0, "4001"},
		{"sending complete", []string{setup + "70 03 81 34 30", "08 02 00 05 7b a1"}, 0, "40"},
		{"ended by #", []string{setup + "70 03 81 34 30", "08 02 00 05 7b 70 02 81 23"}, 0, "40"},
		{"T302", []string{setup + "70 03 81 34 30"}, 16 * time.Second, "40"},
	} {
		t.Run(c.name, func(t *testing.T) {
			scripted(t, four, func(t *testing.T, user *end, x *exchange) {
				for i, message := range c.far {
					if user.arrivals() != 0 {
						t.Fatalf("offered after %d messages", i)
					}
					x.say(message)
				}
				time.Sleep(c.wait)
				synctest.Wait()
				if got := user.last().incoming.Called; got != c.want {
					t.Errorf("offered as %q, want %q", got, c.want)
				}
			})
		})
	}
}

// TestRestartReceived: the network restarts one channel, then the interface.
func TestRestartReceived(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		one, two := user.dial(call.Outgoing{Called: "4001"}), user.dial(call.Outgoing{Called: "4001"})
		synctest.Wait()
		x.say("08 02 80 01 07 " + ts1)
		x.say("08 02 80 02 07 " + ts2)
		x.hears("08 02 00 01 05 *", "08 02 00 02 05 *", "08 02 00 01 0f", "08 02 00 02 0f")
		x.say("08 02 00 00 46 " + ts1 + "79 01 80")
		x.hears("08 02 80 00 4e " + ts1 + "79 01 80")
		expect(t, "call on 1", one, "sounding, answered, cleared 41 by us")
		expect(t, "call on 2", two, "sounding, answered")
		x.say("08 02 00 00 46 79 01 87")
		x.hears("08 02 80 00 4e 79 01 87")
		expect(t, "call on 2", two, "cleared 41 by us")
		user.free()
	})
}

// TestRestartSent: RESTART at start-up goes through the channels one by one; one that is not acknowledged ends it.
func TestRestartSent(t *testing.T) {
	scripted(t, func(l *config.Line) { l.Restart = true }, func(t *testing.T, user *end, x *exchange) {
		x.hears("08 02 00 00 46 " + ts1 + "79 01 80")
		if user.state(1) != "restarting" || user.state(2) != "idle" {
			t.Errorf("timeslot 1 is %s, 2 is %s", user.state(1), user.state(2))
		}
		x.say("08 02 80 00 4e " + ts1 + "79 01 80")
		x.hears("08 02 00 00 46 " + ts2 + "79 01 80")
		for range 30 {
			time.Sleep(9 * time.Second) // the data link is kept alive by its T203
			synctest.Wait()
		}
		x.hears("08 02 00 00 46 " + ts2 + "79 01 80")
		for _, ch := range user.access.Now().Channels {
			want := "idle"
			if ch.Timeslot == 2 {
				want = "blocked"
			}
			if ch.State != want {
				t.Errorf("timeslot %d is %s (%s), want %s", ch.Timeslot, ch.State, ch.Reason, want)
			}
		}
	})
}

// TestUnknownReference answers what belongs to no call.
func TestUnknownReference(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		x.say("08 02 80 09 45 08 02 82 90")
		x.hears("08 02 00 09 5a 08 02 80 d1")
		x.say("08 02 80 09 7d 08 02 82 9e 14 01 0a")
		x.hears("08 02 00 09 5a 08 02 80 e5")
		for _, rubbish := range []string{"08", "08 02 80", "03 02 00 05 05", "41 00", "08 00 05"} {
			x.say(rubbish)
		}
		x.hears()
	})
}

// TestOutOfService: cancelling Run clears the calls on both sides of the access.
func TestOutOfService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		user := newEnd(t, lineSettings("user", "user"))
		x := &exchange{t: t, wire: newWire(), link: lapd.NewLink(lapd.Network, lapd.PrimaryRate)}
		user.wire.other, x.wire.other = x.wire, user.wire
		go x.run()
		ctx, stop := context.WithCancel(context.Background())
		go func() { user.ended <- user.access.Run(ctx) }()
		synctest.Wait()
		p := user.dial(call.Outgoing{Called: "4001"})
		synctest.Wait()
		x.say("08 02 80 01 07 " + ts1)
		stop()
		if err := <-user.ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		expect(t, "leg", p, "sounding, answered, cleared 27 by us")
		x.hears("08 02 00 01 05 *", "08 02 00 01 0f", "08 02 00 01 45 08 02 80 9b")
		if _, err := user.access.Dial(call.Outgoing{Called: "4001"}, nil); !errors.Is(err, ErrEnded) {
			t.Errorf("Dial afterwards: %v", err)
		}
		p.leg.Hangup(q850.NormalClearing)
		for _, w := range []*wire{user.wire, x.wire} {
			if err := w.Close(); err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
	})
}

// TestLineClosed: a line that is closed under a running access ends Run with its error.
func TestLineClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		user := newEnd(t, lineSettings("user", "user"))
		go func() { user.ended <- user.access.Run(t.Context()) }()
		synctest.Wait()
		if err := user.wire.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-user.ended; !errors.Is(err, io.EOF) {
			t.Errorf("Run: %v", err)
		}
	})
}
