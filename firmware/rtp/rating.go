package rtp

import (
	"math"
	"time"
)

// The E-model (G.107) with its default values, but for what a packet network changes: delay and loss.
const (
	bestRating = 93.2 // R with all defaults of table 3/G.107
	// Robustness of G.711 with the concealment of its Appendix I, and its impairment without loss
	// (table I.4/G.113).
	lossRobustness = 25.1
	codecImpaired  = 0
)

// rating is the transmission rating factor R of a listener, 0 to 93.2. loss is the share of packets lost
// or too late (0 to 1), clumping BurstR, oneWay the delay from mouth to ear.
func rating(loss, clumping float64, oneWay time.Duration) float64 {
	percent := 100 * loss
	impaired := codecImpaired + (95-codecImpaired)*percent/(percent/max(clumping, 1)+lossRobustness) // (7-29)/G.107
	return min(max(bestRating-delayImpairment(oneWay)-impaired, 0), bestRating)
}

// delayImpairment is Idd, (7-27) and (7-28)/G.107: too long a delay though there is no echo.
func delayImpairment(oneWay time.Duration) float64 {
	ms := float64(oneWay) / float64(time.Millisecond)
	if ms <= 100 {
		return 0
	}
	x := math.Log2(ms / 100)
	return 25 * (math.Pow(1+math.Pow(x, 6), 1./6) - 3*math.Pow(1+math.Pow(x/3, 6), 1./6) + 2)
}

// opinion is the mean opinion score for a rating, 1 to 4.5: annex B/G.107.
func opinion(r float64) float64 {
	switch {
	case r <= 0:
		return 1
	case r >= 100:
		return 4.5
	}
	return max(1, 1+0.035*r+r*(r-60)*(100-r)*7e-6)
}
