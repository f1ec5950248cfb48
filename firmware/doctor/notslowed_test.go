//go:build !race

package doctor

// slowed tells that the race detector is in.
const slowed = false
