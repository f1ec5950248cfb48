package exchange

import (
	"encoding/json"
	"slices"

	"trunkbox/drivers/span"
)

// A channel that somebody took out of service stays out until somebody takes it back, also when the settings of its line
// change or the box starts anew.

// outRoom is where the store keeps the timeslots that are out of service, a JSON list by the name of the line.
const outRoom = "out of service"

// SetService takes a channel out of service, or back into it.
func (x *Exchange) SetService(name string, ts int, in bool) error {
	access, err := x.accessOf(name)
	if err != nil {
		return err
	}
	if err := access.SetService(span.Timeslot(ts), in); err != nil {
		return err
	}
	x.serving.Lock()
	defer x.serving.Unlock()
	out := slices.DeleteFunc(x.outOfService(name), func(other int) bool { return other == ts })
	if !in {
		out = append(out, ts)
	}
	slices.Sort(out)
	var value []byte // nothing is out: forgotten
	if len(out) > 0 {
		if value, err = json.Marshal(out); err != nil {
			return err
		}
	}
	return x.Store.Keep(outRoom, name, value)
}

// outOfService are the timeslots of a line that are kept out of service.
func (x *Exchange) outOfService(name string) (out []int) {
	value, kept := x.Store.Kept(outRoom, name)
	if !kept {
		return nil
	}
	if err := json.Unmarshal(value, &out); err != nil {
		x.Log.Error("which channels are out of service cannot be read", "line", name, "error", err)
	}
	return out
}

// keepOut takes the channels of a line that has just been started out of service again. A timeslot that is no B channel
// with the settings of now stays kept for those that have it.
func (x *Exchange) keepOut(l *line) {
	for _, ts := range x.outOfService(l.settings.Name) {
		if err := l.access.SetService(span.Timeslot(ts), false); err != nil {
			x.Log.Info("a channel that is out of service is none now", "line", l.settings.Name, "error", err)
		}
	}
}
