package rtp

import "time"

// KeyUp is a key that was let go: how long it was down, and how loud.
type KeyUp struct {
	Key    byte
	Inband bool
	Lasted time.Duration
	// Levels, dBm0, are of the two tones of a key that is heard in the sound, the low one first; of a
	// telephone-event the one level that it tells.
	Levels []float64
}

// up is the key that the news say was let go.
func (n *news) up() KeyUp {
	if n.inband {
		return KeyUp{n.press.key, true, n.heard.Lasted(), []float64{n.heard.LowDBm0, n.heard.HighDBm0}}
	}
	lasted := time.Duration(n.press.length) * time.Second / 8000
	return KeyUp{n.press.key, false, lasted, []float64{-float64(n.press.volume)}}
}
