// Package board says what a box has on its front and inside: lamps, reset button, serial port, watchdog.
//
// In: states of lamps from firmware/exchange, presses of the button. Out: the drivers gpio, uart and
// watchdog. It is beside both paths.
//
// The colours are those of the field's E1 equipment: off not configured, green up, green blinking layer 1
// up but signalling down, red LOS or LFA, yellow RAI, blue AIS.
//
// A lamp or button that does not answer stops nothing: the board works without it, Missing says which, and
// the page shows every lamp. Every method is safe from any goroutine.
package board

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"trunkbox/drivers/gpio"
	"trunkbox/drivers/uart"
	"trunkbox/drivers/watchdog"
)

// LED is one lamp as it is now.
type LED struct {
	Name  string // power, line1 …, alarm
	State string // off, green, green_blink, red, yellow, blue
}

// states are the words for what a lamp shows.
var states = map[string]struct {
	colour gpio.Colour
	blink  bool
}{
	"off":         {gpio.Off, false},
	"green":       {gpio.Green, false},
	"green_blink": {gpio.Green, true},
	"red":         {gpio.Red, false},
	"yellow":      {gpio.Yellow, false},
	"blue":        {gpio.Blue, false},
}

// Press is one press of the reset button.
type Press struct {
	Button string // "reset"
	Held   time.Duration
}

// Board is an open board.
type Board struct {
	profile Profile
	missing []string
	presses chan Press
	reset   *gpio.Button

	mu    sync.Mutex
	leds  []LED
	lamps map[string]*gpio.Lamp
}

// Names lists the names of the profiles, for a flag's help.
func Names() string {
	var names []string
	for _, p := range Profiles {
		names = append(names, p.Name)
	}
	return strings.Join(names, ", ")
}

// Open opens the board with a profile's name. It fails only for a name there is not.
func Open(name string) (*Board, error) {
	i := slices.IndexFunc(Profiles, func(p Profile) bool { return p.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("there is no board %q; choose one of %s", name, Names())
	}
	b := &Board{profile: Profiles[i], presses: make(chan Press, 8), lamps: map[string]*gpio.Lamp{}}
	for _, lamp := range b.profile.Lamps {
		b.leds = append(b.leds, LED{lamp.Name, "off"})
		if lamp.Lines == (gpio.LampLines{}) {
			continue
		}
		opened, err := gpio.OpenLamp(lamp.Lines)
		if err != nil {
			b.missing = append(b.missing, fmt.Sprintf("lamp %s: %v", lamp.Name, err))
			continue
		}
		b.lamps[lamp.Name] = opened
	}
	if b.profile.Reset != "" {
		button, err := gpio.OpenButton(b.profile.Reset, b.profile.ResetLow, func(held time.Duration) { b.press("reset", held) })
		if err != nil {
			b.missing = append(b.missing, fmt.Sprintf("button reset: %v", err))
		}
		b.reset = button
	}
	return b, nil
}

// Profile is what the board is.
func (b *Board) Profile() Profile { return b.profile }

// Missing says what the profile promises and the board has not, one sentence each.
func (b *Board) Missing() []string { return slices.Clone(b.missing) }

// LEDs are the lamps from left to right.
func (b *Board) LEDs() []LED {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.leds)
}

// SetLED lets a lamp show a state: off, green, green_blink, red, yellow or blue.
func (b *Board) SetLED(name, state string) error {
	show, known := states[state]
	if !known {
		return fmt.Errorf("lamp %s: there is no state %q", name, state)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.leds, func(l LED) bool { return l.Name == name })
	if i < 0 {
		return fmt.Errorf("the board %s has no lamp %q", b.profile.Name, name)
	}
	b.leds[i].State = state
	if lamp := b.lamps[name]; lamp != nil {
		if err := lamp.Set(show.colour, show.blink); err != nil {
			return fmt.Errorf("lamp %s: %w", name, err)
		}
	}
	return nil
}

// Button delivers each press of the reset button when it ends. Presses that nobody fetches are lost.
func (b *Board) Button() <-chan Press { return b.presses }

func (b *Board) press(button string, held time.Duration) {
	select {
	case b.presses <- Press{button, held}:
	default:
	}
}

// PressButton presses the button by hand: for a simulated board, and for the page.
func (b *Board) PressButton(held time.Duration) { b.press("reset", held) }

// SerialPath is the path of the support console's port, empty when there is none.
func (b *Board) SerialPath() string { return b.profile.Serial }

// OpenSerial opens the support console's port.
func (b *Board) OpenSerial() (*uart.Port, error) {
	if b.profile.Serial == "" {
		return nil, fmt.Errorf("the board %s has no serial port", b.profile.Name)
	}
	return uart.Open(b.profile.Serial, uart.Speed)
}

// OpenWatchdog arms the watchdog timer; nil without error when the board has none.
func (b *Board) OpenWatchdog(timeout time.Duration) (*watchdog.Timer, error) {
	if b.profile.Watchdog == "" {
		return nil, nil
	}
	return watchdog.Open(b.profile.Watchdog, timeout)
}

// Close puts out the lamps and gives everything back.
func (b *Board) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var errs []error
	for name, lamp := range b.lamps {
		errs = append(errs, lamp.Close())
		delete(b.lamps, name)
	}
	if b.reset != nil {
		errs = append(errs, b.reset.Close())
		b.reset = nil
	}
	for i := range b.leds {
		b.leds[i].State = "off"
	}
	return errors.Join(errs...)
}
