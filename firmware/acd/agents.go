package acd

import (
	"iter"
	"slices"
)

// Agents are all agents, by name. None of them is ever changed: another takes its place, in a copy, of which there are several
// for each call. What a copy takes is a pointer an agent.
type Agents struct {
	names []string // sorted; the same in all copies, until the settings change
	all   []*Agent // in their order
}

// Get is the agent of that name, nil when there is none.
func (a Agents) Get(name string) *Agent {
	if at, known := slices.BinarySearch(a.names, name); known {
		return a.all[at]
	}
	return nil
}

// All are the agents in the order of their names.
func (a Agents) All() iter.Seq2[string, *Agent] {
	return func(yield func(string, *Agent) bool) {
		for i, name := range a.names {
			if !yield(name, a.all[i]) {
				return
			}
		}
	}
}

// with adds an agent whose name comes after all others.
func (a *Agents) with(name string, agent *Agent) {
	a.names, a.all = append(a.names, name), append(a.all, agent)
}

// set puts an agent in the place of the one of that name.
func (s *step) set(name string, a *Agent) {
	if len(s.changed) == 0 {
		s.Agents.all = slices.Clone(s.Agents.all)
	}
	if at, known := slices.BinarySearch(s.Agents.names, name); known {
		s.Agents.all[at] = a
		s.changed = append(s.changed, name)
	}
}
