package journal

import "testing"

// TestWhatThereIsOfARecording, by the events of its call in their order.
func TestWhatThereIsOfARecording(t *testing.T) {
	answer, code := event(RecordingBegan, "c", "reason", "answer"), event(RecordingBegan, "c", "reason", "code", "by", "201")
	ended, stopped, failed := event(RecordingEnded, "c"), event(RecordingStopped, "c"), event(RecordingFailed, "c")
	for _, c := range []struct {
		name   string
		events []Event
		want   Recorded
	}{
		{"none", nil, NotRecorded},
		{"not sealed yet", []Event{answer}, RecordingRuns},
		{"whole", []Event{answer, ended}, RecordedWhole},
		{"from an agent's code on", []Event{code, ended}, RecordedPartly},
		{"up to another queue", []Event{answer, stopped, ended}, RecordedPartly},
		{"failed", []Event{answer, failed}, RecordingFails},
	} {
		var got Recorded
		for _, e := range c.events {
			got.recorded(e)
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
