package exchange

import "testing"

// TestWhereARecordingBegins: in the first place where it is due, and without an agent's code only where it is due unasked.
func TestWhereARecordingBegins(t *testing.T) {
	places := []beginning{inQueue, atAnswer, byCode} // in the order in which a call comes to them
	for _, c := range []struct {
		start  beginning
		asked  bool
		begins beginning
	}{
		{never, false, never},
		{never, true, never},
		{inQueue, false, inQueue},
		{atAnswer, false, atAnswer},
		{byCode, false, never},
		{byCode, true, atAnswer}, // asked in an earlier talk of the call
	} {
		begins := never
		for _, here := range places {
			if c.start.due(here, c.asked) {
				begins = here
				break
			}
		}
		if begins != c.begins {
			t.Errorf("set to %s, asked %v: it begins at %s, want %s", c.start, c.asked, begins, c.begins)
		}
		if unasked := !c.asked && c.begins != never; !c.asked && c.start.unasked() != unasked {
			t.Errorf("set to %s: it begins unasked: %v", c.start, !unasked)
		}
	}
}
