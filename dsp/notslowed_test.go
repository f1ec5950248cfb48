//go:build !race

package dsp

const slowed = false
