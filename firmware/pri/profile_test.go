package pri

import (
	"slices"
	"testing"

	"trunkbox/firmware/config"
	"trunkbox/firmware/q931"
)

// TestEveryTimerCanBeSet: what an installer may set are the timers of Q.931 that there are and those of the data link, and
// each setting reaches its timer.
func TestEveryTimerCanBeSet(t *testing.T) {
	names := []string{"T200", "T203"}
	for timer := range q931.Timer(q931.NumTimers) {
		names = append(names, timer.String())
	}
	may := slices.Sorted(slices.Values(config.TimerNames))
	if !slices.Equal(may, slices.Sorted(slices.Values(names))) {
		t.Errorf("settings know the timers %v, the line has %v", may, names)
	}
	for i, name := range names {
		settings, ms := lineSettings("line1", "user"), 1000+i
		settings.Timers = map[string]int{name: ms}
		profile, err := profileOf(settings, q931.User)
		if err != nil {
			t.Fatal(err)
		}
		link := linkProfile(Options{Settings: settings})
		got := link.T200
		if timer, is := q931.ParseTimer(name); is {
			got = profile.Timers[timer]
		} else if name == "T203" {
			got = link.T203
		}
		if got.Milliseconds() != int64(ms) {
			t.Errorf("%s set to %d ms is %v", name, ms, got)
		}
	}
}
