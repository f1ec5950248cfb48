package rtp

import (
	"math"
	"testing"
	"time"
)

func TestRating(t *testing.T) {
	for _, c := range []struct {
		loss, clumping float64
		oneWay         time.Duration
		want           float64
	}{
		{0, 1, 0, 93.2},
		{0, 1, 100 * time.Millisecond, 93.2},
		{0, 1, 200 * time.Millisecond, 93.2 - 3.04},
		{0, 1, 400 * time.Millisecond, 93.2 - 24.0},
		{0.01, 1, 0, 93.2 - 95/26.1},
		{0.05, 1, 0, 93.2 - 95*5/30.1},
		{0.05, 2, 0, 93.2 - 95*5/27.6},
		{1, 1, 2 * time.Second, 0},
	} {
		if got := rating(c.loss, c.clumping, c.oneWay); math.Abs(got-c.want) > 0.1 {
			t.Errorf("%v lost in clumps of %v, %v: R %.2f, want %.2f", c.loss, c.clumping, c.oneWay, got, c.want)
		}
	}
}

// The pairs of table B.1/G.107.
func TestOpinion(t *testing.T) {
	for r, want := range map[float64]float64{90: 4.34, 80: 4.03, 70: 3.60, 60: 3.10, 50: 2.58, 0: 1, -5: 1, 100: 4.5} {
		if got := opinion(r); math.Abs(got-want) > 0.01 {
			t.Errorf("R %v: MOS %.3f, want %.2f", r, got, want)
		}
	}
}
