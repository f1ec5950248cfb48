//go:build race

package e2e

// buildFlags build the box as the tests are built: with the detector of data races.
var buildFlags = []string{"-race"}
