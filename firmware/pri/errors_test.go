package pri

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestErrorsAreCounted: a poll that nobody answers is error I, an establishment that nobody answers is error G.
func TestErrorsAreCounted(t *testing.T) {
	both(t, nil, func(t *testing.T, x, y *end) {
		before := x.access.Now().Errors
		if before["I"] != 0 {
			t.Errorf("before the cut: %v", before)
		}
		cut(x, y, true)
		time.Sleep(40 * time.Second)
		synctest.Wait()
		now := x.access.Now().Errors
		if now["I"] != 1 || now["G"] <= before["G"] {
			t.Errorf("before the cut: %v, after it: %v", before, now)
		}
		now["I"] = 99 // the reader's own
		if again := x.access.Now().Errors; again["I"] != 1 {
			t.Errorf("a reader changed the count: %v", again)
		}
	})
}
