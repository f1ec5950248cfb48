package siptrunk

import (
	"strings"

	"trunkbox/firmware/config"
)

// The directions of a number rule.
const (
	inward  = "in"
	outward = "out"
)

// ruled is the number after the first rule of its direction that matches; what matches none stays as it is.
func ruled(rules []config.NumberRule, direction, number string) string {
	for _, r := range rules {
		if r.Direction == direction && strings.HasPrefix(number, r.Match) {
			return r.Add + number[min(max(r.Strip, 0), len(number)):]
		}
	}
	return number
}
