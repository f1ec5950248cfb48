package sipphone

import (
	"slices"
	"testing"
	"time"
)

func TestHabits(t *testing.T) {
	v := visitor{loopback, "201"}
	now := time.Unix(1000, 0)
	h := habits{of: map[visitor]*habit{}}
	both, plain := algorithms, algorithms[1:]
	ask := func(after time.Duration, want []string) {
		t.Helper()
		now = now.Add(after)
		if got := h.offer(v, "Phone/1", now); !slices.Equal(got, want) {
			t.Errorf("offered %v, want %v", got, want)
		}
	}
	ask(0, both)
	ask(100*time.Millisecond, both) // the same try, sent again
	h.answered(v, "MD5")
	ask(time.Minute, both) // it answers: MD5 was its choice
	ask(time.Minute, plain)
	h.answered(v, "MD5")
	ask(time.Minute, plain)
	h.answered(v, "SHA-256") // with other firmware it can
	ask(time.Minute, both)
	for _, agent := range []string{"", "baresip v1.0.0 (x86_64/linux)"} {
		if got := h.offer(visitor{loopback, "202"}, agent, now); !slices.Equal(got, plain) {
			t.Errorf("%q is offered %v", agent, got)
		}
	}
}
