package conformance

import (
	"fmt"
	"strconv"
	"strings"

	"trunkbox/firmware/config"
)

// lineSettings are those of a EuroISDN line with what words change: ddi, restart, selection, hunting, kind, law, variant,
// overlap, lines, backup, or a timer in ms (T303=1500).
func lineSettings(side string, words []string) (config.Line, error) {
	line := config.Line{
		Name: "line1", Driver: "virtual", Kind: "E1", Side: side, Variant: "euroisdn-e1", Law: "alaw", Hunting: "up",
		Selection: "preferred", BlockMS: 20, Enabled: true,
	}
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "ddi":
			n, err := strconv.Atoi(value)
			if err != nil {
				return line, err
			}
			line.DDIDigits = n
		case "restart":
			line.Restart = value == "yes"
		case "selection":
			line.Selection = value
		case "hunting":
			line.Hunting = value
		case "kind":
			line.Kind = value
		case "law":
			line.Law = value
		case "variant":
			line.Variant = value
		case "overlap":
			line.Overlap = value == "yes"
		case "lines", "backup": // see linesOf and makeLines
		default:
			if !strings.HasPrefix(name, "T") {
				return line, fmt.Errorf("no setting is called %q", name)
			}
			ms, err := strconv.Atoi(value)
			if err != nil {
				return line, err
			}
			if line.Timers == nil {
				line.Timers = map[string]int{}
			}
			line.Timers[name] = ms
		}
	}
	return line, nil
}

// linesOf is how many lines share the D channel: what lines=3 says among settings, else one.
func linesOf(words []string) int {
	n := 1
	for _, word := range words {
		_, _ = fmt.Sscanf(word, "lines=%d", &n)
	}
	return n
}
