package call

import (
	"slices"

	"trunkbox/firmware/bridge"
	"trunkbox/firmware/q850"
)

// Side is one party of a call with its sound in the bridge. It belongs to the Loop.
type Side struct {
	Leg    Leg
	Phone  string // the extension; empty for a trunk
	Held   bool   // the party has put us on hold
	Treat  bridge.Treatment
	Toned  bool // a tone has turned its echo canceller off, and that was written down
	engine *bridge.Engine
	party  *bridge.Party
	hears  bridge.Source
	over   []*bridge.Announcement // over what it hears
	keys   bool
	gone   bool
}

// NewSide makes a side of the leg to a phone's extension, or of a trunk when there is none. Its sound joins
// the bridge when the leg has it: see Sound.
func NewSide(leg Leg, phone string, engine *bridge.Engine) *Side {
	return &Side{Leg: leg, Phone: phone, engine: engine}
}

// Sound takes the leg's port into the bridge as soon as there is one; it may be called at each event.
func (s *Side) Sound() {
	if s.gone || s.party != nil || s.Leg.Sound() == nil {
		return
	}
	s.party = s.engine.Add(s.Leg.Name(), s.Leg.Sound())
	_ = s.party.Treat(s.Treat) // the settings hold tails that can be cancelled only
	s.listen()
	s.party.DetectDigits(s.keys)
}

// Hear makes source what the party hears, at once or as soon as it has sound; nil is silence.
func (s *Side) Hear(source bridge.Source) {
	s.hears = source
	s.listen()
}

// Announce lays an announcement over what the party hears, whatever that becomes until its end. It returns false when
// there is no sound yet: then the announcement is not heard at all.
func (s *Side) Announce(a *bridge.Announcement) bool {
	if s.party == nil {
		return false
	}
	s.over = append(s.over, a)
	s.listen()
	return true
}

// Announced says whether an announcement is over what the party hears.
func (s *Side) Announced() bool {
	s.over = slices.DeleteFunc(s.over, (*bridge.Announcement).Ended)
	return len(s.over) > 0
}

// listen has the party hear what it is to hear.
func (s *Side) listen() {
	if s.party == nil {
		return
	}
	source := s.hears
	if s.Announced() {
		for _, a := range s.over {
			source = a.Over(source)
		}
	}
	s.party.Hear(source)
}

// Hears says whether source is what the party hears or is to hear.
func (s *Side) Hears(source bridge.Source) bool { return s.hears != nil && s.hears == source }

// Party is the side's party in the bridge; nil before there is sound.
func (s *Side) Party() *bridge.Party { return s.party }

// ListenForKeys switches the detection of keys in the sound of a trunk on or off; a phone tells its keys
// in its signalling.
func (s *Side) ListenForKeys(on bool) {
	s.keys = on && s.Phone == ""
	if s.party != nil {
		s.party.DetectDigits(s.keys)
	}
}

// End takes the side out of the bridge and clears its leg, if that is not over yet.
func (s *Side) End(cause q850.Cause) {
	if s == nil || s.gone {
		return
	}
	s.Leg.Hangup(cause)
	s.Over()
}

// Over takes the side out of the bridge after its leg was cleared.
func (s *Side) Over() {
	s.gone = true
	if s.party != nil {
		s.engine.Remove(s.party)
	}
}
