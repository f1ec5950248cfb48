//go:build !race

package e2e

// buildFlags build the box as it is shipped.
var buildFlags []string
