//go:build race

package timeslot

// slowed: the race detector makes hours on a fake clock many times slower.
const slowed = true
