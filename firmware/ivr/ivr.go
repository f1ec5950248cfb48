// Package ivr is the voice menu: prompt, digits, where to go.
//
// In: what the caller does (a key, silence) and the end of each prompt. Out: actions for
// firmware/exchange: what to play, how long to wait, where the call goes and why.
//
// The behaviour is the field's (welcome once, prompt with repeats, time-out and invalid key counted
// together, direct dialling of extensions); there is no standard.
//
// A Session is a pure machine: no goroutine, no clock, no sound. It belongs to one call.
package ivr

import (
	"time"

	"trunkbox/firmware/config"
)

// Event is what happens to a caller in a menu.
type Event struct {
	Kind Kind
	Key  byte // of KeyPressed
}

// Kind is the kind of an event.
type Kind int

// The events.
const (
	Entered    Kind = iota // the caller comes in
	Played                 // what Play asked for has been played to its end
	KeyPressed             // 0-9 * #
	TimeUp                 // the time set by the last action has passed
)

// Action is what to do for the caller now.
type Action struct {
	Play   []string            // names of prompts to play one after the other, in place of what plays now; nil: leave it
	Silent bool                // stop what plays now
	Wait   time.Duration       // send TimeUp after this time; 0: no time runs
	Go     *config.Destination // leave the menu
	Keys   string              // the keys that chose Go
	Reason string              // why the prompt is repeated, or Go was not chosen: "no_input", "invalid"
}

// The prompts the machine plays on its own.
const (
	InvalidPrompt = "invalid_key"
	NoInputPrompt = "no_input"
)

// Extensions says of digits dialled in a menu whether they are a whole extension, and whether more digits
// could still make one.
type Extensions func(digits string) (whole, longer bool)

// Session is one caller in one menu.
type Session struct {
	menu       config.Menu
	extensions Extensions
	failures   int
	digits     string // of direct dialling
	over       bool
}

// New makes the session of a caller in menu. extensions is asked when the menu allows direct dialling.
func New(menu config.Menu, extensions Extensions) *Session {
	return &Session{menu: menu, extensions: extensions}
}

// Menu is the name of the menu.
func (s *Session) Menu() string { return s.menu.Name }

// Handle takes one event and says what to do. After an action with Go it does nothing more.
func (s *Session) Handle(event Event) Action {
	if s.over {
		return Action{}
	}
	switch event.Kind {
	case Entered:
		return s.prompt(s.menu.Welcome)
	case Played:
		return Action{Wait: s.timeout()}
	case KeyPressed:
		return s.key(event.Key)
	case TimeUp:
		return s.timeUp()
	}
	return Action{}
}

// prompt plays what comes before the choices, and the choices.
func (s *Session) prompt(before string) Action {
	s.digits = ""
	var play []string
	for _, name := range []string{before, s.menu.Prompt} {
		if name != "" {
			play = append(play, name)
		}
	}
	if len(play) == 0 {
		return Action{Wait: s.timeout()}
	}
	return Action{Play: play}
}

func (s *Session) key(key byte) Action {
	digits := s.digits + string(key)
	whole, longer := s.dialled(digits)
	choice, known := s.choice(digits)
	switch {
	case longer:
		s.digits = digits
		return Action{Silent: true, Wait: s.interDigit()}
	case whole:
		return s.chosen(config.Destination{Kind: "extension", Target: digits}, digits)
	case known:
		return s.chosen(choice, digits)
	}
	return s.fail("invalid", InvalidPrompt)
}

func (s *Session) timeUp() Action {
	if s.digits == "" {
		return s.fail("no_input", NoInputPrompt)
	}
	if whole, _ := s.dialled(s.digits); whole {
		return s.chosen(config.Destination{Kind: "extension", Target: s.digits}, s.digits)
	}
	if choice, known := s.choice(s.digits); known {
		return s.chosen(choice, s.digits)
	}
	return s.fail("invalid", InvalidPrompt)
}

func (s *Session) dialled(digits string) (whole, longer bool) {
	if !s.menu.DirectDial || s.extensions == nil {
		return false, false
	}
	return s.extensions(digits)
}

func (s *Session) choice(digits string) (config.Destination, bool) {
	for _, choice := range s.menu.Choices {
		if choice.Key == digits {
			return choice.To, true
		}
	}
	return config.Destination{}, false
}

func (s *Session) fail(reason, prompt string) Action {
	s.failures++
	if s.failures > s.menu.Retries {
		s.over = true
		return Action{Silent: true, Go: &s.menu.OnFail, Reason: reason}
	}
	action := s.prompt(prompt)
	action.Reason = reason
	return action
}

func (s *Session) chosen(to config.Destination, keys string) Action {
	s.over = true
	return Action{Silent: true, Go: &to, Keys: keys}
}

func (s *Session) timeout() time.Duration {
	return time.Duration(max(s.menu.TimeoutS, 1)) * time.Second
}

func (s *Session) interDigit() time.Duration {
	return time.Duration(max(s.menu.InterDigitMS, 500)) * time.Millisecond
}
