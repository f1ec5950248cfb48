//go:build race

package doctor

// slowed: the race detector makes the lines of the examinations many times slower.
const slowed = true
