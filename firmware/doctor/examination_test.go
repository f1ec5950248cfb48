package doctor

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/drivers/vspan"
	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/pri"
	"trunkbox/firmware/prompt"
	"trunkbox/test/farend"
)

// brisk is a pace for tests: a virtual line raises and clears its alarms at once.
var brisk = Pace{Listen: 4 * time.Second, Settle: 300 * time.Millisecond, Look: 2500 * time.Millisecond, Probe: 500 * time.Millisecond, Every: 50 * time.Millisecond}

// clinic is a virtual line with our signalling at end A, and whoever the test puts at end B.
type clinic struct {
	t        *testing.T
	cable    *vspan.Cable
	settings config.Line
	access   *pri.Access
	far      *farend.Exchange

	mu     sync.Mutex
	frames []Frame
}

// bubbleClock counts the blocks of a cable by the time of a synctest bubble, whatever vspan.Real sleeps by.
type bubbleClock struct{ began time.Time }

func (b bubbleClock) Count(block int) uint64 {
	return uint64(time.Since(b.began) / (time.Duration(block) * time.Second / 8000))
}

func (b bubbleClock) Wait(n uint64, block int, done <-chan struct{}) { b.WaitBeside(n, block, 0, done) }

func (b bubbleClock) WaitBeside(n uint64, block int, shift time.Duration, done <-chan struct{}) {
	left := time.Duration(n)*time.Duration(block)*time.Second/8000 + shift - time.Since(b.began)
	if left <= 0 {
		return
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-done:
	}
}

// clinicOf opens a clinic inside of a synctest bubble; it is closed with the test.
func clinicOf(t *testing.T, kind span.Kind, side string) *clinic {
	c := &clinic{t: t, cable: vspan.New(vspan.Options{Kind: kind, PPM: 50, Clock: bubbleClock{time.Now()}})}
	c.settings = config.Line{
		Name: "line1", Kind: kind.String(), Side: side, Variant: "euroisdn-e1", Law: "alaw", Hunting: "up", Selection: "exclusive", DChannel: "own",
	}
	if kind == span.T1 {
		c.settings.Variant, c.settings.Law = "ni2", "mulaw"
	}
	return c
}

type quiet struct{}

func (quiet) Law() dsp.Law                   { return dsp.ALaw }
func (quiet) Hear(block []byte)              { clear(block) }
func (quiet) Speak([]byte)                   {}
func (quiet) Open(span.Timeslot) bridge.Port { return quiet{} }
func (quiet) Close(span.Timeslot)            {}
func (quiet) Link(string, string)            {}
func (quiet) Channel(string, string, string) {}

// work begins our side, which ends with the test.
func (c *clinic) work() {
	c.t.Helper()
	var err error
	c.access, err = pri.New(pri.Options{
		Line: c.cable.A(), Settings: c.settings, Channels: quiet{}, Observer: quiet{}, Logger: slog.New(slog.DiscardHandler),
		Accept: func(in call.Incoming) call.Handler {
			in.Leg.Answer()
			return func(call.Event) {}
		},
		Trace: func(sent bool, frame []byte) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.frames = append(c.frames, Frame{time.Now(), sent, slices.Clone(frame)})
		},
	})
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { tick(c.cable.A(), nil) })
	running.Go(func() { _ = c.access.Run(ctx) })
	c.t.Cleanup(func() {
		stop()
		c.cable.A().Close()
		running.Wait()
	})
}

// tick moves a line until it ends; say gives the octets that are sent.
func tick(line span.Line, say func(ts, octet int) byte) {
	var rx, tx span.Block
	for n := 0; ; n += line.Block() {
		for ts := range tx {
			for i := range line.Block() {
				tx[ts][i] = 0xd5
				if say != nil {
					tx[ts][i] = say(ts, n+i)
				}
			}
		}
		if line.Tick(&rx, &tx) != nil {
			return
		}
	}
}

// carrier puts an exchange at the far end.
func (c *clinic) carrier(o farend.Options) {
	c.far = farend.New(c.cable.B(), o)
	c.background(func(ctx context.Context) { _ = c.far.Run(ctx) })
}

// mute puts a far end there that has no D channel, or one that only the octets given stand for.
func (c *clinic) mute(say func(ts, octet int) byte) {
	c.background(func(ctx context.Context) {
		context.AfterFunc(ctx, func() { c.cable.B().Close() })
		tick(c.cable.B(), say)
	})
}

func (c *clinic) background(work func(context.Context)) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { work(ctx) })
	c.t.Cleanup(func() { stop(); running.Wait() })
}

// dialogue puts a script at the far end that answers every frame.
func (c *clinic) dialogue(answer func(frame []byte) string) {
	d, stop := farend.Script(c.cable.B())
	c.background(func(ctx context.Context) {
		defer stop()
		for {
			frame, _ := d.Expect(ctx, "*")
			if ctx.Err() != nil {
				return
			}
			if said := answer(frame); said != "" {
				if err := d.Send(said); err != nil {
					return
				}
			}
		}
	})
}

// watched counts what is done to a line.
type watched struct {
	*vspan.End
	mu     sync.Mutex
	tuned  []span.Format
	frames int
}

func (w *watched) Tune(f span.Format) error {
	w.mu.Lock()
	w.tuned = append(w.tuned, f)
	w.mu.Unlock()
	return w.End.Tune(f)
}

func (w *watched) Loop(l span.Loop) error {
	panic("a doctor loops no line")
}

func (w *watched) SendFrame(frame []byte) error {
	w.mu.Lock()
	w.frames++
	w.mu.Unlock()
	return w.End.SendFrame(frame)
}

// examine has the line examined as it is now.
func (c *clinic) examine() ([]Finding, Evidence, *watched) {
	c.t.Helper()
	line := &watched{End: c.cable.A()}
	x := Examination{Pace: brisk, Patient: c.patient(line)}
	was, began := line.Format(), time.Now()
	e, err := x.Examine(context.Background())
	if err != nil {
		c.t.Error(err)
	}
	if is := line.Format(); is != was {
		c.t.Errorf("left with %+v, was %+v", is, was)
	}
	if took := time.Since(began); took > 40*time.Second {
		c.t.Errorf("took %v", took)
	}
	return Examine(e), e, line
}

// patient is our line, as the switch would show it.
func (c *clinic) patient(line span.Line) Patient {
	return Patient{
		Line: line, Before: Before{Signal: true},
		Setup: Setup{Kind: line.Kind(), Side: c.settings.Side, Variant: c.settings.Variant, Law: c.settings.Law},
		Link:  func() bool { return c.access.Now().Link == pri.LinkUp },
		Busy:  func() []span.Timeslot { return c.inState("seized", "ringing", "talking", "clearing") },
		Talks: func() []span.Timeslot { return c.inState("talking") },
		Calls: func() []Frame { return c.since(time.Time{}) }, Frames: c.since,
	}
}

func (c *clinic) inState(states ...string) (list []span.Timeslot) {
	for _, ch := range c.access.Now().Channels {
		if slices.Contains(states, ch.State) {
			list = append(list, ch.Timeslot)
		}
	}
	return list
}

func (c *clinic) since(from time.Time) (list []Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.frames {
		if !f.At.Before(from) {
			list = append(list, f)
		}
	}
	return list
}

// fault orders what is wrong towards us.
func (c *clinic) fault(f vspan.Fault) { c.cable.SetFault(vspan.BtoA, f) }

// farFormat tunes end B.
func (c *clinic) farFormat(f span.Format) {
	if err := c.cable.B().Tune(f); err != nil {
		c.t.Fatal(err)
	}
}

func (c *clinic) ourFormat(f span.Format) {
	if err := c.cable.A().Tune(f); err != nil {
		c.t.Fatal(err)
	}
}

// cases are lines as an installer meets them, each with what must be found.
var cases = []struct {
	name string
	kind span.Kind
	side string // of ours; empty: user
	make func(*clinic)
	want string // ids, sorted
	save string // the settings that would be saved
}{
	{"in order", span.E1, "", func(c *clinic) { c.carrier(farend.Options{}) }, "healthy", ""},
	{"cable cut", span.E1, "", func(c *clinic) { c.cable.Cut(true); c.carrier(farend.Options{}) }, "no_signal", ""},
	{"plugs swapped", span.E1, "", func(c *clinic) { c.cable.SetPatch(vspan.Swapped); c.carrier(farend.Options{}) }, "no_signal", ""},
	{"too long a cable", span.E1, "", func(c *clinic) { c.fault(vspan.Fault{AttenuationDB: 40}); c.carrier(farend.Options{}) }, "no_signal", ""},
	{"loop plug", span.E1, "", func(c *clinic) { c.cable.SetPatch(vspan.Looped); c.carrier(farend.Options{}) }, "looped", ""},
	{"far end loops", span.E1, "", func(c *clinic) {
		if err := c.cable.B().Loop(span.LineLoop); err != nil {
			c.t.Fatal(err)
		}
		c.mute(nil)
	}, "looped", ""},
	{"all ones", span.E1, "", func(c *clinic) { c.fault(vspan.Fault{Alarms: span.AIS}); c.carrier(farend.Options{}) }, "ais", ""},
	{"far end has no CRC-4", span.E1, "", func(c *clinic) {
		c.farFormat(span.Format{Framing: span.NoCRC4})
		c.carrier(farend.Options{})
	}, "crc4_one_side", "framing=no-crc4"},
	{"we have no CRC-4", span.E1, "", func(c *clinic) {
		c.ourFormat(span.Format{Framing: span.NoCRC4})
		c.carrier(farend.Options{})
	}, "crc4_one_side", "framing=crc4"},
	{"D4 against ESF", span.T1, "", func(c *clinic) {
		c.farFormat(span.Format{Framing: span.D4})
		c.carrier(farend.Options{})
	}, "wrong_framing", "framing=d4"},
	{"no frame at all", span.E1, "", func(c *clinic) { c.fault(vspan.Fault{Alarms: span.LFA}); c.carrier(farend.Options{}) }, "wrong_framing", ""},
	{"far end has AMI", span.E1, "", func(c *clinic) {
		c.farFormat(span.Format{LineCode: span.AMI})
		c.mute(func(ts, _ int) byte { return []byte{0, 0x7e}[b2i(ts == 16)] })
	}, "no_answer wrong_line_code", "line_code=ami"},
	{"we have AMI", span.T1, "", func(c *clinic) {
		c.ourFormat(span.Format{LineCode: span.AMI})
		c.mute(func(ts, _ int) byte { return []byte{0, 0x7e}[b2i(ts == 24)] })
	}, "no_answer wrong_line_code", "line_code=b8zs"},
	{"the far end is deaf", span.E1, "", func(c *clinic) {
		c.cable.SetFault(vspan.AtoB, vspan.Fault{Alarms: span.LOS})
		c.carrier(farend.Options{})
	}, "far_alarm", ""},
	{"both are masters", span.E1, "", func(c *clinic) {
		c.ourFormat(span.Format{Clock: span.Internal})
		c.farFormat(span.Format{Clock: span.Internal})
		c.carrier(farend.Options{Passive: true, Side: farend.User})
		c.settings.Side = "network"
	}, "both_master", "clock=line"},
	{"bit errors", span.E1, "", func(c *clinic) {
		c.fault(vspan.Fault{BitErrorRatio: 1e-5})
		c.carrier(farend.Options{})
	}, "bit_errors", ""},
	{"slips", span.E1, "", func(c *clinic) {
		c.fault(vspan.Fault{SlipsPerS: 1})
		c.mute(func(ts, _ int) byte { return []byte{0xd5, 0x7e}[b2i(ts == 16)] })
	}, "no_answer slips", ""},
	{"D channel in timeslot 5", span.E1, "", func(c *clinic) { c.fault(vspan.Fault{DSlot: 5}); c.carrier(farend.Options{}) }, "d_elsewhere", ""},
	{"D channel inverted", span.E1, "", func(c *clinic) { c.fault(vspan.Fault{DInverted: true}); c.carrier(farend.Options{}) }, "d_inverted", ""},
	{"D channel at 56 kbit/s", span.T1, "", func(c *clinic) {
		c.farFormat(span.Format{DRate: 56})
		c.mute(nil)
		c.cable.B().SendFrame([]byte{2, 1, 0x7f})
	}, "d_56k", ""},
	{"bit 8 of the D channel taken on the way", span.T1, "", func(c *clinic) {
		c.cable.SetFault(vspan.AtoB, vspan.Fault{DBit8: true})
		c.fault(vspan.Fault{DBit8: true})
		c.carrier(farend.Options{Side: farend.User})
	}, "d_56k", ""},
	{"nobody at the D channel", span.E1, "", func(c *clinic) { c.mute(nil) }, "no_answer", ""},
	{"the far end hears no D channel", span.E1, "", func(c *clinic) {
		c.cable.SetFault(vspan.AtoB, vspan.Fault{DInverted: true})
		c.carrier(farend.Options{})
	}, "d_one_way", ""},
	{"both users", span.E1, "", func(c *clinic) { c.carrier(farend.Options{Side: farend.User}) }, "both_user", "side=network"},
	{"both users, one that waits", span.E1, "", func(c *clinic) {
		c.dialogue(func(frame []byte) string { // by the book: to commands of the network only
			if frame[0] == 2 && frame[2] == 0x7f {
				return "02 01 73"
			}
			return ""
		})
	}, "both_user", "side=network"},
	{"both networks", span.E1, "network", func(c *clinic) { c.carrier(farend.Options{Side: farend.Network}) }, "both_network", "side=user"},
	{"the link is refused", span.E1, "", func(c *clinic) {
		c.dialogue(func(frame []byte) string {
			if frame[0] == 0 && frame[2] == 0x7f {
				return "00 01 1f"
			}
			return ""
		})
	}, "layer2_refuses", ""},
	{"no CRC-4 and both users", span.E1, "", func(c *clinic) {
		c.farFormat(span.Format{Framing: span.NoCRC4})
		c.carrier(farend.Options{Side: farend.User})
	}, "both_user crc4_one_side", "framing=no-crc4 side=network"},
	{"inverted and both users", span.E1, "", func(c *clinic) {
		c.farFormat(span.Format{DInverted: true})
		c.carrier(farend.Options{Side: farend.User})
	}, "both_user d_inverted", "side=network"},
	{"two masters and both users", span.E1, "", func(c *clinic) {
		c.ourFormat(span.Format{Clock: span.Internal})
		c.farFormat(span.Format{Clock: span.Internal})
		c.carrier(farend.Options{Side: farend.User})
	}, "both_master both_user", "clock=line side=network"},
	{"D4, another timeslot", span.T1, "", func(c *clinic) {
		c.farFormat(span.Format{Framing: span.D4})
		c.fault(vspan.Fault{DSlot: 3})
		c.carrier(farend.Options{})
	}, "d_elsewhere wrong_framing", "framing=d4"},
	{"somebody measures", span.E1, "", func(c *clinic) {
		if err := c.cable.B().PRBS(true); err != nil {
			c.t.Fatal(err)
		}
		c.mute(nil)
	}, "test_pattern", ""},
	{"µ-law on a line of A-law", span.E1, "", func(c *clinic) {
		speech := make([]byte, len(prompt.Music()))
		dsp.Transcode(speech, prompt.Music(), dsp.ALaw, dsp.MuLaw)
		c.mute(func(ts, n int) byte {
			switch ts {
			case 4:
				return speech[n%len(speech)]
			default:
				return 0xd5
			}
		})
	}, "no_answer wrong_law", "law=mulaw"},
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestExaminations(t *testing.T) {
	for i, one := range cases {
		if slowed && i%6 != 0 {
			continue // all of them use the same goroutines
		}
		t.Run(one.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				side := one.side
				if side == "" {
					side = "user"
				}
				c := clinicOf(t, one.kind, side)
				one.make(c)
				c.work()
				found, e, _ := c.examine()
				got := fmt.Sprint(ids(found))
				if got != "["+one.want+"]" {
					t.Errorf("found %v, want %s", got, one.want)
					t.Logf("seen %+v %+v link %t, talk %+v", e.Seen.Alarms, e.Seen.Grown, e.Seen.LinkUp, e.Seen.Talk)
					for _, trial := range e.Trials {
						t.Logf("tried %+v: %+v %+v link %t, talk %+v", trial.Setup, trial.Alarms, trial.Grown, trial.LinkUp, trial.Talk)
					}
				}
				save := ""
				suggested := Suggested(found)
				for _, setting := range []string{"framing", "line_code", "clock", "side", "variant", "law"} {
					if value := suggested[setting]; value != "" {
						save += " " + setting + "=" + value
					}
				}
				if save != "" {
					save = save[1:]
				}
				if save != one.save {
					t.Errorf("would save %q, want %q", save, one.save)
				}
			})
		})
	}
}

// TestALineInServiceIsOnlyListenedTo: nothing is sent or changed, whatever is wrong, and the call goes on.
func TestALineInServiceIsOnlyListenedTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clinicOf(t, span.E1, "user")
		c.ourFormat(span.Format{Clock: span.Internal})
		c.farFormat(span.Format{Clock: span.Internal})
		c.carrier(farend.Options{})
		c.work()
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		if err := c.far.WaitLink(ctx); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second) // until we know too
		var mu sync.Mutex
		var told []string
		leg, err := c.access.Dial(call.Outgoing{Called: "13800138000"}, func(e call.Event) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, fmt.Sprintf("%T", e))
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		if talking := c.inState("talking"); len(talking) != 1 {
			t.Fatalf("talking on %v: %v", talking, told)
		}
		found, e, line := c.examine()
		if !e.InService || len(line.tuned) != 0 || line.frames != 0 || len(e.Trials) != 0 {
			t.Errorf("in service %t: tuned %v, %d frames sent, %d trials", e.InService, line.tuned, line.frames, len(e.Trials))
		}
		if got := ids(found); !slices.Equal(got, []string{"both_master"}) || found[0].Certainty != Likely {
			t.Errorf("found %v", got)
		}
		mu.Lock()
		if slices.Contains(told, "call.Cleared") || len(c.inState("talking")) != 1 {
			t.Errorf("the call did not survive: %v", told)
		}
		mu.Unlock()
		leg.Hangup(16)
		time.Sleep(time.Second)
	})
}

// TestWhatTheCallsTell: a carrier whose layer 3 is a script.
func TestWhatTheCallsTell(t *testing.T) {
	const setup = "08 02 00 %02x 05 04 03 80 90 a3 %s 70 05 81 34 30 30 31"
	for _, one := range []struct {
		name   string
		says   []string // by itself
		answer string   // to a SETUP with this reference
		want   string
		save   map[string]string
	}{
		{"all calls refused", nil, "08 02 80 %02x 5a 08 02 82 b9", "layer3_refuses", nil},
		{"no word to any call", nil, "", "layer3_silent", nil},
		{"channels by number", []string{fmt.Sprintf(setup, 1, "18 03 a9 83 90")}, "08 02 80 %02x 5a 08 02 80 91", "off_by_one", nil},
		{"QSIG", []string{fmt.Sprintf(setup, 1, "18 03 a9 83 81 1c 0b 9f aa 06 80 01 00 82 01 00 8b 01 00 31 01 01")}, "08 02 80 %02x 5a 08 02 80 91", "wrong_variant", map[string]string{"variant": "qsig"}},
		{"channels by number, all calls refused", []string{fmt.Sprintf(setup, 1, "18 03 a9 83 90")}, "08 02 80 %02x 5a 08 02 82 9c", "layer3_refuses off_by_one", nil},
	} {
		t.Run(one.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := clinicOf(t, span.E1, "user")
				c.carrier(farend.Options{})
				c.work()
				ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
				defer stop()
				if err := c.far.WaitLink(ctx); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second) // until we know too
				script := c.far.Script()
				c.background(func(ctx context.Context) {
					for {
						message, _ := script.Expect(ctx, "*")
						if ctx.Err() != nil {
							return
						}
						if len(message) > 4 && message[4] == 0x05 && one.answer != "" {
							_ = script.Send(fmt.Sprintf(one.answer, message[3]))
						}
					}
				})
				for _, said := range one.says {
					if err := script.Send(said); err != nil {
						t.Fatal(err)
					}
				}
				for range 3 {
					if _, err := c.access.Dial(call.Outgoing{Called: "10086"}, func(call.Event) {}); err != nil {
						t.Fatal(err)
					}
					time.Sleep(10 * time.Second) // T303 twice
				}
				found, e, _ := c.examine()
				if got := fmt.Sprint(ids(found)); got != "["+one.want+"]" {
					t.Errorf("found %v, want %s; calls %+v", got, one.want, e.Calls)
				}
				if save := Suggested(found); fmt.Sprint(save) != fmt.Sprint(one.save) && len(save)+len(one.save) > 0 {
					t.Errorf("would save %v", save)
				}
			})
		})
	}
}

// bare is a line whose D channel carries nothing, not even flags.
type bare struct{ *vspan.End }

func (b bare) Sample(ctx context.Context, blocks []span.Block) (span.Slotset, error) {
	set, err := b.End.Sample(ctx, blocks)
	for i := range blocks {
		blocks[i][16] = blocks[i][1]
	}
	return set, err
}

// blind is a driver that reads the D channel's timeslot only when it stops the frames.
type blind struct{ *vspan.End }

func (b blind) Sample(ctx context.Context, blocks []span.Block) (span.Slotset, error) {
	set, err := b.End.Sample(ctx, blocks)
	return set &^ (1 << 16), err
}

// TestOtherDrivers: a line whose driver can neither sample nor tune, one that reads no flags, one that reads the D channel
// apart.
func TestOtherDrivers(t *testing.T) {
	for _, one := range []struct {
		name string
		line func(*vspan.End) span.Line
		make func(*clinic)
		want string
	}{
		{"neither sampled nor tuned", func(e *vspan.End) span.Line { return struct{ span.Line }{e} }, func(c *clinic) { c.carrier(farend.Options{Side: farend.User}) }, "both_user"},
		{"nothing in the D channel", func(e *vspan.End) span.Line { return bare{e} }, func(c *clinic) { c.mute(nil) }, "d_silent"},
		{"D channel apart", func(e *vspan.End) span.Line { return blind{e} }, func(c *clinic) { c.fault(vspan.Fault{DInverted: true}); c.mute(nil) }, "d_inverted"},
	} {
		t.Run(one.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := clinicOf(t, span.E1, "user")
				one.make(c)
				c.work()
				x := Examination{Pace: brisk, Patient: c.patient(one.line(c.cable.A()))}
				e, err := x.Examine(t.Context())
				if got := fmt.Sprint(ids(Examine(e))); err != nil || got != "["+one.want+"]" {
					t.Errorf("found %v, want %s: %v, D %+v", got, one.want, err, e.Seen.Sound.Slots[16])
				}
			})
		})
	}
}

// TestAnExaminationIsBrokenOff: the settings return.
func TestAnExaminationIsBrokenOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clinicOf(t, span.E1, "user")
		c.farFormat(span.Format{Framing: span.NoCRC4})
		c.carrier(farend.Options{})
		c.work()
		ctx, stop := context.WithTimeout(t.Context(), brisk.Listen+brisk.Settle/2)
		defer stop()
		line := &watched{End: c.cable.A()}
		x := Examination{Pace: brisk, Patient: c.patient(line)}
		began := time.Now()
		if _, err := x.Examine(ctx); err == nil || time.Since(began) > brisk.Listen+brisk.Settle {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		if len(line.tuned) != 2 || line.Format().Framing != span.CRC4 {
			t.Errorf("tuned %v", line.tuned)
		}
	})
}

// TestTheTimeOfAnExamination: even the longest takes less than two minutes at the pace of real lines, and tells how far
// it is.
func TestTheTimeOfAnExamination(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clinicOf(t, span.E1, "user")
		c.ourFormat(span.Format{Framing: span.CRC4, LineCode: span.AMI, Clock: span.Internal})
		c.farFormat(span.Format{Framing: span.NoCRC4, Clock: span.Internal, DInverted: true})
		c.carrier(farend.Options{Side: farend.User})
		c.work()
		patient, last, steps := c.patient(c.cable.A()), -1, map[string]bool{}
		patient.Told = func(percent int, doing Step) {
			if percent < last || percent > 99 {
				t.Errorf("%d %% after %d %%", percent, last)
			}
			last = percent
			steps[doing.EN] = true
		}
		x := Examination{Pace: Usual, Patient: patient}
		began := time.Now()
		e, err := x.Examine(t.Context())
		took := time.Since(began)
		t.Logf("took %v", took.Round(time.Second))
		if err != nil || took > 110*time.Second {
			t.Errorf("took %v: %v", took, err)
		}
		want := "[both_master both_user crc4_one_side d_inverted wrong_line_code]"
		if got := fmt.Sprint(ids(Examine(e))); got != want {
			t.Errorf("found %v, want %v", got, want)
		}
		if len(steps) != 6 {
			t.Errorf("told %v", steps)
		}
	})
}

// TestACallThatComesDuringATrial is not ended by putting the old settings back.
func TestACallThatComesDuringATrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clinicOf(t, span.T1, "user")
		c.farFormat(span.Format{Framing: span.D4})
		c.carrier(farend.Options{})
		c.work()
		c.background(func(ctx context.Context) {
			for ctx.Err() == nil && len(c.inState("talking")) == 0 { // as soon as there is a link
				if _, err := c.far.Call(ctx, "6500", "13800001234"); err != nil {
					time.Sleep(100 * time.Millisecond)
				}
			}
		})
		x := Examination{Pace: brisk, Patient: c.patient(c.cable.A())}
		e, err := x.Examine(t.Context())
		if err != nil || !e.Left || c.cable.A().Format().Framing != span.D4 || len(c.inState("talking")) == 0 {
			t.Errorf("left %t with %v, talking on %v: %v", e.Left, c.cable.A().Format().Framing, c.inState("talking"), err)
		}
		if got := fmt.Sprint(ids(Examine(e))); got != "[wrong_framing]" {
			t.Errorf("found %v", got)
		}
	})
}
