package pri

import (
	"fmt"
	"strings"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q931"
)

// profileOf is the profile of a line's variant with the timers that its settings change.
func profileOf(settings config.Line, side q931.Side) (*q931.Profile, error) {
	profile, known := q931.ProfileOf(settings.Variant, side)
	if !known {
		var names []string
		for i := range q931.Profiles {
			names = append(names, q931.Profiles[i].Name)
		}
		return nil, fmt.Errorf("the variant of %s is %q: it can be %s", settings.Name, settings.Variant, strings.Join(names, ", "))
	}
	for name, ms := range settings.Timers {
		if timer, ok := q931.ParseTimer(name); ok {
			profile.Timers[timer] = time.Duration(ms) * time.Millisecond
		} else if !timerOfLink(name) {
			return nil, fmt.Errorf("%s has the timer %q, which is none of Q.921 or Q.931", settings.Name, name)
		}
	}
	return profile, nil
}

func timerOfLink(name string) bool { return name == "T200" || name == "T203" }

// linkProfile is the profile of a line's data link with what its options and the timers of its settings change.
func linkProfile(o Options) lapd.Profile {
	profile, settings := lapd.PrimaryRate, o.Settings
	if o.N200 > 0 {
		profile.N200 = o.N200
	}
	for name, timer := range map[string]*time.Duration{"T200": &profile.T200, "T203": &profile.T203} {
		if ms, set := settings.Timers[name]; set {
			*timer = time.Duration(ms) * time.Millisecond
		}
	}
	return profile
}
