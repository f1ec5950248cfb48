package doctor

import (
	"fmt"
	"slices"
	"strings"

	"trunkbox/drivers/span"
	"trunkbox/firmware/q850"
)

// calls reads what became of calls.
func (s signs) calls(e *Evidence) {
	c := e.Calls
	s.channels(e)
	causes := map[Refusal]int{}
	total := 0
	for _, r := range c.Refusals {
		if r.Cause == q850.Cause(82) && s.is(oneOff) {
			continue
		}
		causes[Refusal{Cause: r.Cause, Location: r.Location}]++
		total++
	}
	var most Refusal
	for _, r := range c.Refusals {
		if r.Channel = 0; causes[r] > causes[most] {
			most = r
		}
	}
	s.note(refusals, total > 0 && c.Handled == 0,
		fact("calls", c.Placed), fact("refused", total), causeFact(most.Cause),
		said("location", fmt.Sprint(uint8(most.Location)), most.Location.Plain("zh"), most.Location.Plain("en")), fact("cause_times", causes[most]))
	s.note(manyRefused, total >= 3)
	s.note(ignored, c.Ignored >= 2 && c.Handled == 0 && total == 0, fact("calls", c.Placed), fact("ignored", c.Ignored))
	variant, signs := c.otherVariant(e.Configured.Variant)
	var facts []Fact
	if variant != "" {
		var zh, en []string
		for _, one := range signs {
			zh, en = append(zh, variantSigns[one].zh), append(en, variantSigns[one].en)
		}
		facts = []Fact{
			said("sign", fmt.Sprint(len(signs)), strings.Join(zh, "、"), strings.Join(en, ", ")),
			fact("variant", variant), fact("variant_set", e.Configured.Variant),
		}
	}
	s.note(foreign, variant != "", facts...)
	s.note(foreignMore, len(signs) >= 2)
}

// channels reads the numbers of the B channels. On an E1 the B channels after the D channel are 17 to 31; who counts B
// channels instead of timeslots calls them 16 to 30.
func (s signs) channels(e *Evidence) {
	c := e.Calls
	no31 := 0
	for _, r := range c.Refusals {
		if r.Cause == q850.Cause(82) && r.Channel == 31 {
			no31++
		}
	}
	shifted := e.shifted()
	e1 := e.Configured.Kind == span.E1
	var facts []Fact
	for _, f := range []struct {
		id string
		n  int
	}{{"named_16", c.Named[16]}, {"one_less", c.OneLess}, {"no_31", no31}, {"shift", shifted}} {
		if f.n > 0 {
			facts = append(facts, fact(f.id, f.n))
		}
	}
	s.note(oneOff, e1 && c.Named[31] == 0 && len(facts) > 0, facts...)
	s.note(oneOffSure, e1 && c.Named[16] > 0)
	s.note(fromZero, c.Named[0] > 0, fact("named_0", c.Named[0]))
}

// shifted counts the answered calls after the D channel whose timeslot is idle while the next one, in which there is no
// call, is not.
func (e *Evidence) shifted() (n int) {
	if e.Configured.Kind != span.E1 {
		return 0
	}
	up, is := e.working()
	if !is {
		return 0
	}
	for _, ts := range e.Busy {
		if ts <= 16 || ts >= 31 || slices.Contains(e.Busy, ts+1) {
			continue
		}
		own, next := up.Sound.Slots[ts], up.Sound.Slots[ts+1]
		if own.Octets > 0 && own.Idle > 0.95 && next.Octets > 0 && next.Entropy > 3 {
			n++
		}
	}
	return n
}

// enough is how many blocks of sound have to speak for a law: half a second.
const enough = 25

// sound reads in which law the far end speaks.
func (s signs) sound(e *Evidence) {
	var alaw, mulaw int
	for _, o := range append([]Trial{{e.Configured, e.Seen}}, e.Trials...) {
		for ts, slot := range o.Sound.Slots {
			if span.Timeslot(ts) != e.Configured.Kind.D() {
				alaw, mulaw = alaw+slot.ALaw, mulaw+slot.MuLaw
			}
		}
	}
	same, other, bearer, law := alaw, mulaw, e.Calls.BearerMuLaw, "mulaw"
	inLine := e.Calls.BearerALaw
	if e.Configured.Law == "mulaw" {
		same, other, bearer, law = mulaw, alaw, e.Calls.BearerALaw, "alaw"
		inLine = e.Calls.BearerMuLaw
	}
	s.note(otherLaw, other >= enough && other >= 4*same,
		fact("law", law), fact("law_blocks", other), fact("law_against", same), fact("law_set", e.Configured.Law))
	s.note(otherBearer, bearer >= 2 && inLine == 0, fact("law", law), fact("law_bearer", bearer), fact("law_set", e.Configured.Law))
}
