package q931

// desk is what every machine works with: the profile, the timers that run, and the actions of the event in hand.
type desk struct {
	profile *Profile
	running [NumTimers]bool
	actions []Action
}

func (d *desk) do(a Action) { d.actions = append(d.actions, a) }

func (d *desk) send(m *Message) { d.do(Action{Kind: Send, Msg: m}) }

// start starts a timer, if the profile runs it.
func (d *desk) start(t Timer) {
	if after := d.profile.Timers[t]; after > 0 {
		d.running[t] = true
		d.do(Action{Kind: StartTimer, Timer: t, After: after})
	}
}

func (d *desk) stop(t Timer) {
	if d.running[t] {
		d.running[t] = false
		d.do(Action{Kind: StopTimer, Timer: t})
	}
}

func (d *desk) stopAll() {
	for t := range d.running {
		d.stop(Timer(t))
	}
}

// stale says whether an event is the expiry of a timer that was stopped when the expiry was under way already. A timer that
// expired does not run any more.
func (d *desk) stale(e Event) bool {
	t, ok := e.Input.timer()
	if !ok {
		return false
	}
	ran := d.running[t]
	d.running[t] = false
	return !ran
}
