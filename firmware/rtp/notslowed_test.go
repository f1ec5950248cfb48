//go:build !race

package rtp

// slowed says that the race detector makes this ten times slower.
const slowed = false
