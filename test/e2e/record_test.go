package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

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
	line.Hangup(16)
	wait(t, "the recording is complete", func() bool { return b.happened("recording_ended") })
	b.story("caller", "13800000051").has(t, "recording_began reason=answer", "recording_paused by=801", "recording_resumed by=801", "call_ended cause=16", "recording_ended")

	files, err := filepath.Glob(b.path("data/recordings/*/*_801_13800000051_*.wav"))
	must(t, err)
	if len(files) != 1 {
		t.Fatalf("recordings: %v", files)
	}
	octets, err := os.ReadFile(files[0])
	must(t, err)
	left, right := []int16{}, []int16{}
	linear := make([]int16, len(octets)-58) // behind the header
	dsp.ALaw.Expand(linear, octets[58:])
	for i := 0; i+1 < len(linear); i += 2 {
		left, right = append(left, linear[i]), append(right, linear[i+1])
	}
	if len(left) < 8000 {
		t.Fatalf("%d samples", len(left))
	}
	for name, channel := range map[string]struct {
		sound []int16
		hz    float64
	}{"left": {left, callerTone}, "right": {right, agentTone}} {
		if hz, level := dsp.Strongest(channel.sound[len(left)/4:len(left)/2], 300, 3400); hz < channel.hz-15 || hz > channel.hz+15 {
			t.Errorf("%s has %.0f Hz at %.1f dBm0, want %.0f", name, hz, level, channel.hz)
		}
	}
}

// happened says whether there is an event of that kind in the journal.
func (b *box) happened(kind string) bool {
	return slices.ContainsFunc(b.journal(), func(e event) bool { return e.Kind == kind })
}
