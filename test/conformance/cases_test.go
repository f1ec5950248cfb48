package conformance

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
)

// TestCases plays every case on every side it is for, and has tshark read all that the box said.
func TestCases(t *testing.T) {
	groups, err := readGroups("cases")
	if err != nil {
		t.Fatal(err)
	}
	ways, err := readWays(filepath.Join("cases", "ways.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var all said
	for _, g := range groups {
		for _, c := range g.cases {
			for _, side := range c.sides {
				if len(c.steps) == 0 && len(c.each) == 0 {
					continue
				}
				t.Run(g.id+"/"+side+"/"+c.name, func(t *testing.T) { playCase(t, g, c, side, ways, all.keep) })
			}
		}
	}
	t.Run("tshark", all.judge)
}

// playCase plays a case and holds its verdict against its mark.
func playCase(t *testing.T, g group, c testCase, side string, ways map[string]testCase, hear func([]byte)) {
	runs := [][]step{c.steps}
	if len(c.each) > 0 {
		runs = nil
		for _, each := range c.each {
			runs = append(runs, slices.Concat(c.steps, each))
		}
	}
	var failed error
	for _, steps := range runs {
		run, err := planOf(c, steps, side, ways)
		if err == nil {
			err = play(t, g, run, side, hear)
		}
		failed = errors.Join(failed, err)
	}
	switch {
	case c.fails == "" && failed != nil:
		t.Errorf("%s: %v", c.ref, failed)
	case c.fails != "" && failed == nil:
		t.Errorf("it passes: take the mark away (fails %s)", c.fails)
	}
}
