//go:build race

package dsp

// slowed: the race detector makes arithmetic ten times slower, and what is tested here has no
// concurrency. The tests are the same under it, with fewer trials.
const slowed = true
