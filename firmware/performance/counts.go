package performance

import (
	"fmt"
	"maps"
	"slices"
)

// Events are the numbers of events that are not zero, in the words that both languages have: "slips 3", "LAPD-G 1".
func (c Counts) Events() []string {
	var all []string
	for _, e := range []struct {
		name string
		n    uint64
	}{{"slips", c.Slips}, {"LCV", c.LCV}, {"CRC", c.CRC}, {"E-bit", c.EBit}, {"FAS", c.FAS}, {"aborts", c.Aborts}, {"FCS", c.BadFCS}} {
		if e.n > 0 {
			all = append(all, fmt.Sprintf("%s %d", e.name, e.n))
		}
	}
	for _, letter := range slices.Sorted(maps.Keys(c.LAPD)) {
		all = append(all, fmt.Sprintf("LAPD-%s %d", letter, c.LAPD[letter]))
	}
	return all
}
