package exchange

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/record"
)

// voice is the sound of a party that says the same again and again, and keeps what it hears.
type voice struct {
	says []byte
	mu   sync.Mutex
	said int
	ears []byte
}

// voiced says a tone, silence for 0 Hz.
func voiced(hz, dBm0 float64) *voice {
	v := &voice{says: make([]byte, 8000)}
	step := dsp.Step{Sines: []dsp.Sine{{Hz: hz, DBm0: dBm0}}}
	if hz == 0 {
		step.Sines = nil
	}
	dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{step}}).FillOctets(v.says, dsp.ALaw)
	return v
}

func (v *voice) Law() dsp.Law { return dsp.ALaw }

func (v *voice) Hear(block []byte) {
	for i := range block {
		block[i] = v.says[(v.said+i)%len(v.says)]
	}
	v.said += len(block)
}

func (v *voice) Speak(block []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ears = append(v.ears, block...)
}

// heard is all that the party has heard.
func (v *voice) heard() []byte {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.ears)
}

// voicedLeg is a leg with its sound.
type voicedLeg struct {
	testLeg
	voice *voice
}

func (l *voicedLeg) Sound() bridge.Port { return l.voice }

func legOf(name string, v *voice) *voicedLeg { return &voicedLeg{testLeg{name: name}, v} }

// inTalk runs test in a bubble with an exchange whose bridge ticks each 10 ms, in the middle between the moments at which a
// test does something: of what falls to one moment of a bubble, nobody knows what comes first.
func inTalk(t *testing.T, test func(t *testing.T, x *Exchange)) {
	t.Helper()
	x := servicesExchange(t, false)
	synctest.Test(t, func(t *testing.T) {
		x.loop, x.since = call.NewLoop(), map[string]time.Time{}
		ctx, stop := context.WithCancel(context.Background())
		var work sync.WaitGroup
		work.Go(func() { x.loop.Run(ctx) })
		work.Go(func() {
			for time.Sleep(5 * time.Millisecond); ctx.Err() == nil; time.Sleep(10 * time.Millisecond) {
				x.engine.Tick()
			}
		})
		test(t, x)
		stop()
		work.Wait()
	})
}

// joined is a call of two who talk: a phone, or a line where the extension is empty.
func joined(x *Exchange, extension string, caller, called *voice, prepare func(c *Call)) *Call {
	c := x.newCall(call.Incoming{Leg: legOf("line1/ts01", caller), Phone: extension, Trunk: "line1"}, "in")
	x.loop.Do(func() {
		x.calls[c.id] = c
		c.other = call.NewSide(legOf("line1/ts02", called), "", x.engine)
		c.caller.Sound()
		c.other.Sound()
		prepare(c)
		c.join("13911113333")
	})
	return c
}

// unlike are the stretches, longer than a fade apart, in which what is heard is not what repeats.
func unlike(heard, repeats []byte) (stretches [][2]int) {
	for i, octet := range heard {
		switch n := len(stretches); {
		case octet == repeats[i%len(repeats)]:
		case n > 0 && i-stretches[n-1][1] < 2000:
			stretches[n-1][1] = i + 1
		default:
			stretches = append(stretches, [2]int{i, i + 1})
		}
	}
	return stretches
}

// about says whether a place is the time, in samples, or 10 ms away.
func about(place int, at time.Duration) bool {
	off := place - dsp.Samples(at)
	return off <= 80+160 && off >= -80-160
}

// TestALimitedCallIsToldOfItsEnd: both outside parties hear a minute before that it is left, and the last words before they
// are cleared; otherwise what they hear is what the other says, octet for octet. The call's story tells both.
func TestALimitedCallIsToldOfItsEnd(t *testing.T) {
	inTalk(t, func(t *testing.T, x *Exchange) {
		x.settings.Outbound.ThroughMinutes = 2
		caller, called := voiced(440, -20), voiced(0, 0)
		c := joined(x, "", caller, called, func(c *Call) { c.route = &outward{number: "13911113333"} })
		x.loop.Do(c.limitThrough)
		time.Sleep(2*time.Minute - 50*time.Millisecond)
		x.loop.Do(func() {
			if c.ended {
				t.Error("it ended too early")
			}
		})
		time.Sleep(100 * time.Millisecond)
		x.loop.Do(func() {
			if !c.ended {
				t.Error("it lasts longer than it may")
			}
		})
		minute, last := x.clips("one_minute_left")[0], x.clips("call_ends_now")[0]
		ears := caller.heard() // of one who says nothing the words are to be heard alone, once the talk has gone down
		if at := bytes.Index(ears, minute[160:]); !about(at-160, time.Minute) {
			t.Errorf("the caller hears that a minute is left at sample %d", at)
		}
		if at := bytes.Index(ears, last[160:]); at < 0 || !about(at+len(last), 2*time.Minute-settling) {
			t.Errorf("the caller hears the last words at sample %d", at)
		}
		talk := unlike(called.heard(), caller.says)
		if len(talk) != 2 || !about(talk[0][0], time.Minute) || talk[0][1]-talk[0][0] > len(minute)+400 || talk[1][1]-talk[1][0] > len(last)+400 {
			t.Errorf("the called party hears something else than the caller in %v", talk)
		}
		expectStory(t, x, "announced all one_minute_left minute_left 2", "announced all call_ends_now through_too_long 2", "call_ended box through_too_long 2")
	})
}

// TestARecordingThatBeginsInTheTalkIsTold: both hear the consent prompt, the journal says so, and the recording has it as the
// outside party heard it: with the agent below it.
func TestARecordingThatBeginsInTheTalkIsTold(t *testing.T) {
	for _, start := range []string{"answer", "code"} {
		t.Run(start, func(t *testing.T) { inTalk(t, func(t *testing.T, x *Exchange) { toldOfRecording(t, x, start) }) })
	}
}

func toldOfRecording(t *testing.T, x *Exchange, start string) {
	recorder, err := record.New(record.Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Report: func(record.Report) {}})
	if err != nil {
		t.Fatal(err)
	}
	recorder.Set(record.Rules{Stereo: true, Keep: time.Hour, Zone: time.UTC})
	x.recorder = recorder
	x.settings.Recording.Start, x.settings.Recording.Consent = start, "recorded"
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() { recorder.Run(stop); close(ended) }()
	time.Sleep(time.Second)
	agent, outside, began := voiced(300, -30), voiced(0, 0), time.Now()
	c := joined(x, "201", agent, outside, func(*Call) {})
	story, begin := []string{"recording_began answer"}, time.Duration(0)
	if start == "code" {
		story, begin = []string{"recording_began 201 code"}, 3*time.Second
		time.Sleep(begin)
		x.loop.Do(func() { c.pauseRecording(c.caller, "") })
	}
	time.Sleep(10 * time.Second)
	x.loop.Do(func() { c.end(ending{cause: 16, by: "agent"}) })
	time.Sleep(10 * time.Second)
	close(stop)
	<-ended
	words, ears := x.clips("recorded")[0], outside.heard()
	if at := bytes.Index(agent.heard(), words[160:]); at < 0 || !about(at-160, begin) {
		t.Errorf("the agent hears that it is recorded at sample %d", at-160)
	}
	if told := unlike(ears, agent.says); len(told) != 1 || !about(told[0][0], begin) || told[0][1]-told[0][0] > len(words)+400 {
		t.Errorf("the outside party hears something else than the agent in %v, for %d octets of words", told, len(words))
	}
	right := rightChannel(t, recorder, c.id, began)
	if at := bytes.Index(ears, right); len(right) < 8*8000 || at < 0 || !about(at, begin) {
		t.Errorf("%d octets of the recording are in what the outside party heard at %d", len(right), at)
	}
	expectStory(t, x, append(story, "consent_played all recorded", "call_ended agent")...)
}

// rightChannel is what the recording of a call has on the right.
func rightChannel(t *testing.T, recorder *record.Recorder, id string, began time.Time) (right []byte) {
	t.Helper()
	entries, err := recorder.Find(id, began)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%d recordings, %v", len(entries), err)
	}
	file, err := recorder.Open(entries[0].File)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	wav, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	_, sound, found := bytes.Cut(wav, []byte("data"))
	if !found {
		t.Fatal("the recording has no sound")
	}
	for i := 5; i < len(sound); i += 2 { // behind the length
		right = append(right, sound[i])
	}
	return right
}

// TestWhoIsOnHoldIsComforted each minute, over the music; who is taken back meanwhile hears the agent at once, and the rest of
// the words not at all.
func TestWhoIsOnHoldIsComforted(t *testing.T) {
	inTalk(t, func(t *testing.T, x *Exchange) {
		agent, outside := voiced(440, -20), voiced(0, 0)
		c := joined(x, "201", agent, outside, func(*Call) {})
		x.loop.Do(func() { c.hold(c.caller) })
		time.Sleep(2*time.Minute + 500*time.Millisecond)
		x.loop.Do(func() { c.resume(c.caller) })
		back := len(outside.heard())
		time.Sleep(5 * time.Minute)
		ears, words := outside.heard(), x.clips("not_forgotten")[0]
		music := x.music("")[0]
		begin := bytes.Index(ears, music[:800])
		if begin < 0 {
			t.Fatal("no music")
		}
		over := unlike(ears[begin:back], music)
		if len(over) != 2 || !about(over[0][0], time.Minute) || over[0][1]-over[0][0] < len(words)-400 || over[0][1]-over[0][0] > len(words)+400 || !about(over[1][0], 2*time.Minute) {
			t.Errorf("something is over the music in %v, for words of %d octets", over, len(words))
		}
		if rest := unlike(ears, agent.says); rest[len(rest)-1][1] > back+400 {
			t.Errorf("taken back at sample %d, the agent is not heard alone until %d", back, rest[len(rest)-1][1])
		}
		if got := story(t, x); strings.Count(got, "announced 13900112233 not_forgotten held_long 60\n") != 1 || strings.Count(got, "held_long") != 2 {
			t.Errorf("the journal tells\n%s", got)
		}
	})
}

// TestNobodyIsComfortedWhereTheSettingsSaySo.
func TestNobodyIsComfortedWhereTheSettingsSaySo(t *testing.T) {
	inTalk(t, func(t *testing.T, x *Exchange) {
		x.settings.Talks = config.Talks{}
		c := joined(x, "201", voiced(440, -20), voiced(0, 0), func(*Call) {})
		x.loop.Do(func() { c.hold(c.caller) })
		time.Sleep(10 * time.Minute)
		if got := story(t, x); strings.Contains(got, "announced") {
			t.Errorf("the journal tells\n%s", got)
		}
	})
}
