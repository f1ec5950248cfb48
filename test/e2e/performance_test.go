package e2e

import (
	"os"
	"testing"
)

// quality is the part of a line's performance history that the tests look at.
type quality struct {
	Available bool
	Last24    struct{ Measured, ES, SES, UAS int } `json:"last_24h"`
	Bins      []struct{ Measured int }
	Days      []struct{ ES, SES, UAS int }
}

func (b *box) quality() quality {
	b.t.Helper()
	var q quality
	b.api("GET", "/api/lines/line1/performance", nil, &q)
	return q
}

// TestPerformance cuts the far end off: the seconds are errored and severely errored, after ten of them they are
// unavailable from the first on, the line is available again ten seconds after it is back, and a restart of the
// box forgets none of it.
func TestPerformance(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	wait(t, "a second without errors was measured", func() bool {
		q := b.quality()
		return q.Available && len(q.Bins) == 97 && q.Last24.Measured > q.Last24.ES
	})
	before := b.quality()
	b.farEnds()
	b.farEnds = nil
	wait(t, "the cut shows as severely errored seconds", func() bool {
		q := b.quality()
		return q.Available && q.Last24.SES >= before.Last24.SES+3 && q.Last24.ES >= before.Last24.ES+3 && q.Last24.UAS == 0
	})
	wait(t, "ten of them make the line unavailable from the first on", func() bool {
		q := b.quality()
		return !q.Available && q.Last24.UAS >= 10 && q.Last24.SES <= before.Last24.SES && q.Days[30].UAS == q.Last24.UAS
	})
	b.connectFar()
	wait(t, "the line is available again", func() bool { return b.quality().Available })
	cut := b.quality()
	if cut.Last24.UAS < 10 || cut.Last24.UAS > cut.Last24.Measured {
		t.Errorf("after the cut: %+v", cut.Last24)
	}
	b.stop()
	b.farEnds = nil
	if _, err := os.Stat(b.path("data/performance/line1.json")); err != nil {
		t.Error(err)
	}
	b.start()
	b.signIn()
	wait(t, "the history is there again after a restart", func() bool {
		q := b.quality()
		return q.Last24.UAS >= cut.Last24.UAS && q.Last24.Measured > cut.Last24.Measured
	})
}
