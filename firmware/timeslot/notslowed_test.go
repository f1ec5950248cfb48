//go:build !race

package timeslot

// slowed tells that the race detector is in.
const slowed = false
