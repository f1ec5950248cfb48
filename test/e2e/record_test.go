package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"trunkbox/dsp"
	"trunkbox/firmware/config"
)

// TestACallIsRecorded: caller left, agent right, a pause by code is silent, and the chain holds the file.
func TestACallIsRecorded(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) { s.Recording.Start = "answer" })
	p := b.phone("801")
	b.waitAgent("801", "ready")
	line := b.toSales("13800000051")
	agent := answered(t, p)
	line.PlayTone(callerTone)
	agent.PlayTone(agentTone)
	hears(t, "the agent", agent, callerTone)
	hears(t, "the caller", line, agentTone)
	must(t, agent.SendKeys("*47"))
	wait(t, "the recording pauses", func() bool { return b.happened("recording_paused") })
	must(t, agent.SendKeys("*47"))
	wait(t, "the recording goes on", func() bool { return b.happened("recording_resumed") })
	resumed := b.written()
	wait(t, "sound is recorded again", func() bool { return b.written() > resumed+16000 })
	line.Hangup(16)
	wait(t, "the recording is complete", func() bool { return b.happened("recording_ended") })
	b.story("caller", "13800000051").has(t, "recording_began reason=answer", "recording_paused by=801", "recording_resumed by=801", "call_ended cause=16", "recording_ended")

	left, right := b.recorded(t, "*_801_13800000051_*.wav")
	for side, course := range map[string]string{"left": course(left, callerTone, agentTone), "right": course(right, agentTone, callerTone)} {
		if !aPause.MatchString(course) {
			t.Errorf("%s is %s, want %s", side, course, aPause)
		}
	}
	var found proof
	b.api("POST", "/api/recordings/"+b.days()[0]+"/prove", nil, &found)
	if found.Checked != 1 || len(found.Faults) != 0 {
		t.Errorf("%+v", found)
	}
}

// written is how many octets of the recording under way are on the disk.
func (b *box) written() int64 {
	files, _ := filepath.Glob(b.path("data/recordings/*/*.part.wav"))
	if len(files) != 1 {
		return 0
	}
	info, err := os.Stat(files[0])
	if err != nil {
		return 0
	}
	return info.Size()
}

// aPause is the course of a sound with a pause in it, which nothing of the other party's is in.
var aPause = regexp.MustCompile(`^[^x]*t[^x]*t[^x]*---[^x]*t[^x]*t[^x]*$`)

// course is what a sound is in each tenth of a second: t the party's own tone, x the other's, - silence, ? anything else,
// as keys are.
func course(sound []int16, own, others float64) string {
	const tenth, silence, voice = dsp.SampleRate / 10, -50, -30 // samples, dBm0
	var said strings.Builder
	for ; len(sound) >= tenth; sound = sound[tenth:] {
		_, level := dsp.Strongest(sound[:tenth], 300, 3400)
		switch {
		case level < silence:
			said.WriteByte('-')
		case dsp.Goertzel(sound[:tenth], others) > voice:
			said.WriteByte('x')
		case dsp.Goertzel(sound[:tenth], own) > voice:
			said.WriteByte('t')
		default:
			said.WriteByte('?')
		}
	}
	return said.String()
}

// proof is what the page is told of a day.
type proof struct {
	Checked int
	Faults  []struct{ File, What string }
}

// days are those with recordings.
func (b *box) days() []string {
	b.t.Helper()
	var all struct{ Days []string }
	b.api("GET", "/api/recordings", nil, &all)
	return all.Days
}

// recorded reads both channels of the only recording whose name is like that.
func (b *box) recorded(t *testing.T, like string) (left, right []int16) {
	t.Helper()
	files, err := filepath.Glob(b.path("data/recordings/*/" + like))
	must(t, err)
	if len(files) != 1 {
		all, _ := filepath.Glob(b.path("data/recordings/*/*"))
		t.Fatalf("%d recordings like %s: %v", len(files), like, all)
	}
	octets, err := os.ReadFile(files[0])
	must(t, err)
	linear := make([]int16, len(octets)-58) // behind the header
	dsp.ALaw.Expand(linear, octets[58:])
	for i := 0; i+1 < len(linear); i += 2 {
		left, right = append(left, linear[i]), append(right, linear[i+1])
	}
	if len(left) < 4000 {
		t.Fatalf("%d samples", len(left))
	}
	return left, right
}

// sounds wants a tone to be the strongest of a sound.
func sounds(t *testing.T, name string, sound []int16, want float64) {
	t.Helper()
	if hz, level := dsp.Strongest(sound, 300, 3400); hz < want-15 || hz > want+15 {
		t.Errorf("%s has %.0f Hz at %.1f dBm0, want %.0f", name, hz, level, want)
	}
}

// has wants a tone somewhere in a sound, as strong as a voice.
func has(t *testing.T, name string, sound []int16, hz float64) {
	t.Helper()
	for at := 0; at+1600 <= len(sound); at += 1600 {
		if found, level := dsp.Strongest(sound[at:at+1600], hz-40, hz+40); level > -30 && found > hz-20 && found < hz+20 {
			return
		}
	}
	t.Errorf("%s has no %.0f Hz", name, hz)
}

// sealed waits until the box has so many complete recordings.
func (b *box) sealed(n int) {
	b.t.Helper()
	wait(b.t, "recordings are complete", func() bool {
		files, _ := filepath.Glob(b.path("data/recordings/*/*.wav"))
		done := 0
		for _, name := range files {
			if !strings.HasSuffix(name, ".part.wav") {
				done++
			}
		}
		return done == n
	})
}

// TestAKilledBoxKeepsTheRecording: at most the last second is lost, and it is in the chain after the next start.
func TestAKilledBoxKeepsTheRecording(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) { s.Recording.Start = "answer" })
	p := b.phone("801")
	b.waitAgent("801", "ready")
	line := b.toSales("13800000052")
	agent := answered(t, p)
	began := time.Now() // it is recorded by now
	line.PlayTone(callerTone)
	agent.PlayTone(agentTone)
	hears(t, "the agent", agent, callerTone)
	hears(t, "the caller", line, agentTone)
	wait(t, "three seconds are on the disk", func() bool { return b.written() > 3*16000 })
	b.kill()
	lasted, kept := time.Since(began), time.Duration(b.written()-58)*time.Second/16000
	if lost := lasted - kept; lost > time.Second {
		t.Errorf("of %v of sound %v are kept, more than a second is lost", lasted, kept)
	}
	b.farEnds()
	b.start()
	b.sealed(1)
	left, right := b.recorded(t, "*_13800000052_*.wav")
	sounds(t, "left", left[len(left)-8000:], callerTone)
	sounds(t, "right", right[len(right)-8000:], agentTone)
	b.signIn()
	var found proof
	b.api("POST", "/api/recordings/"+b.days()[0]+"/prove", nil, &found)
	if found.Checked != 1 || len(found.Faults) != 0 {
		t.Errorf("%+v", found)
	}
	b.connectFar()
}

// TestAFullDiskNeverStopsACall: the steps are told and shown, calls go on, and with room again all is recorded.
func TestAFullDiskNeverStopsACall(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Fatal("this test mounts a small disk: run it as root")
	}
	disk := t.TempDir()
	must(t, syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=160m"))
	t.Cleanup(func() { must(t, syscall.Unmount(disk, syscall.MNT_DETACH)) })
	b := open(t, func(s *config.Settings) {
		s.Recording.Start, s.Recording.Stereo, s.Recording.MinFreeMB = "answer", true, 64
	}, "-recordings", disk)
	p := b.phone("801")
	b.waitAgent("801", "ready")
	filler := filepath.Join(disk, "filler")
	call := func(caller, notice, recording string) {
		t.Helper()
		wait(t, "the notice is "+notice, func() bool {
			said := ""
			for _, n := range b.now().Notices {
				if n.ID == "recordings_step" {
					said = n.EN
				}
			}
			return strings.Contains(said, notice) && (notice != "" || said == "")
		})
		b.waitAgent("801", "ready")
		line := b.toSales(caller)
		agent := answered(t, p)
		line.PlayTone(callerTone)
		agent.PlayTone(agentTone)
		hears(t, "the agent", agent, callerTone)
		hears(t, "the caller", line, agentTone)
		var now struct{ Calls []struct{ Recording string } }
		b.api("GET", "/api/now", nil, &now)
		if len(now.Calls) != 1 || now.Calls[0].Recording != recording {
			t.Errorf("%s: %+v, want recording %q", notice, now.Calls, recording)
		}
		line.Hangup(16)
		b.story("caller", caller)
	}
	call("13800000061", "", "on")
	must(t, os.WriteFile(filler, make([]byte, 112<<20), 0o600))
	call("13800000062", "one channel", "on")
	must(t, os.WriteFile(filler, make([]byte, 140<<20), 0o600))
	call("13800000063", "nothing more is recorded", "failed")
	must(t, os.Remove(filler))
	call("13800000064", "", "on")
	for caller, channels := range map[string]byte{"13800000061": 2, "13800000062": 1, "13800000063": 0, "13800000064": 2} {
		var octets []byte
		if files, _ := filepath.Glob(filepath.Join(disk, "*", "*_"+caller+"_*.wav")); len(files) == 1 {
			var err error
			octets, err = os.ReadFile(files[0])
			must(t, err)
		}
		if len(octets) > 58 && octets[22] != channels || len(octets) <= 58 && channels != 0 {
			t.Errorf("the call of %s: %d octets, want %d channels", caller, len(octets), channels)
		}
	}
}

// TestRecordingFromTheQueueOn: the caller is told before, the wait and the hold are in it, a transfer keeps one recording.
func TestRecordingFromTheQueueOn(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) { s.Recording.Start, s.Recording.Consent = "queue", "recorded" })
	p, q := b.phone("801"), b.phone("802")
	b.waitAgent("801", "ready")
	b.waitAgent("802", "ready")
	b.api("POST", "/api/agents/802/out", nil, nil)
	line := b.toSales("13800000053")
	line.PlayTone(callerTone)
	agent := answered(t, p)
	agent.PlayTone(agentTone)
	hears(t, "the agent", agent, callerTone)
	must(t, agent.Hold(soon(t)))
	wait(t, "the call is held", func() bool { return b.happened("call_held") })
	must(t, agent.Resume(soon(t)))
	hears(t, "the caller", line, agentTone)
	must(t, agent.Transfer(soon(t), "802"))
	colleague := answered(t, q)
	colleague.PlayTone(colleagueTone)
	hears(t, "the caller", line, colleagueTone)
	line.Hangup(16)
	told := b.story("caller", "13800000053")
	told.has(t, "consent_played name=recorded", "recording_began reason=queue", "call_moved to=802")
	b.sealed(1)
	left, right := b.recorded(t, "*_Sales_801_13800000053_*.wav")
	has(t, "left", left, callerTone)
	has(t, "right", right, agentTone)
	has(t, "right", right, colleagueTone)
	var day struct {
		Recordings []struct {
			Marks []struct{ What, About string }
		}
	}
	b.api("GET", "/api/recordings/"+b.days()[0]+"?agent=802", nil, &day)
	var marks []string
	for _, r := range day.Recordings {
		for _, m := range r.Marks {
			marks = append(marks, strings.TrimSpace(m.What+" "+m.About))
		}
	}
	if want := []string{"consent", "agent 801", "held", "taken_back", "agent 802"}; !slices.Equal(marks, want) {
		t.Errorf("marks %q, want %q", marks, want)
	}
	if c, e := index(told, "consent_played"), index(told, "queue_entered"); c < 0 || c > e {
		t.Errorf("the prompt is event %d, the queue %d", c, e)
	}
}

func index(s story, kind string) int {
	return slices.IndexFunc(s, func(e event) bool { return e.Kind == kind })
}

// TestAQueueMayBeLeftOut: its calls are not recorded, internal calls neither, and a conference has every voice.
func TestAQueueMayBeLeftOut(t *testing.T) {
	t.Parallel()
	b := open(t, func(s *config.Settings) {
		s.Recording.Start = "answer"
		for i := range s.Queues {
			if s.Queues[i].Name == "Sales" {
				s.Queues[i].Record = "no"
			}
		}
	})
	p, q := b.phone("801"), b.phone("802")
	b.waitAgent("801", "ready")
	line := b.toSales("13800000054")
	agent := answered(t, p)
	agent.PlayTone(agentTone)
	hears(t, "the caller", line, agentTone)
	line.Hangup(16)
	b.story("caller", "13800000054")
	b.waitAgent("801", "ready")
	inside, err := p.Place("802")
	must(t, err)
	colleague := answered(t, q)
	colleague.PlayTone(colleagueTone)
	hears(t, "the agent", inside, colleagueTone)
	inside.Hangup()
	b.story("agent", "801")
	if b.happened("recording_began") {
		t.Error("a call was recorded that was not to be")
	}

	b.waitAgent("802", "ready")
	third, err := b.far.Call(soon(t), "5551000", "13800000055")
	must(t, err)
	must(t, third.WaitAnswer(soon(t)))
	must(t, third.SendKeys("801"))
	agent = answered(t, p)
	third.PlayTone(callerTone)
	agent.PlayTone(agentTone)
	hears(t, "the agent", agent, callerTone)
	must(t, agent.SendKeys("#3802#"))
	colleague = answered(t, q)
	colleague.PlayTone(colleagueTone)
	hears(t, "the caller", third, agentTone, colleagueTone)
	third.Hangup(16)
	agent.Hangup()
	b.sealed(1)
	left, right := b.recorded(t, "*_801_13800000055_*.wav")
	has(t, "left", left, callerTone)
	has(t, "right", right, agentTone)
	has(t, "right", right, colleagueTone)
}

// happened says whether there is an event of that kind in the journal.
func (b *box) happened(kind string) bool {
	return slices.ContainsFunc(b.journal(), func(e event) bool { return e.Kind == kind })
}
