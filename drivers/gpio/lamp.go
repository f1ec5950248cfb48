// Package gpio drives the lamps and reads the buttons on the front of the box.
//
// In: colours from board, fingers on buttons. Out: levels on GPIO lines, presses to board. It is beside
// both paths.
//
// Lines are found by the names the device tree gives them (gpio-line-names), over the GPIO character
// device of Linux, version 2. Brightness, PWM and the kernel's own LED class are left out.
//
// A Lamp may be set from any goroutine; setting waits for the driver of the GPIO chip, which for lines
// behind I²C takes a millisecond. Presses are told on the button's own goroutine.
package gpio

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/warthog618/go-gpiocdev"
)

// consumer is what the kernel shows as the user of the lines.
const consumer = "trunkbox"

// blinkEvery is half the period of a blinking lamp: on for so long, off for so long.
const blinkEvery = 500 * time.Millisecond

// Colour is what a lamp shows.
type Colour uint8

// The colours of a lamp of up to three lights. Yellow is red and green together.
const (
	Off Colour = iota
	Green
	Red
	Yellow
	Blue
)

// LampLines names the lines of one lamp; a light the lamp has not is empty.
type LampLines struct {
	Green, Red, Blue string
	ActiveLow        bool
}

// levels is which lights burn in each colour: green, red, blue. A lamp without blue blinks red instead,
// as the field does for an alarm from upstream.
var levels = map[Colour][3]int{
	Off:    {0, 0, 0},
	Green:  {1, 0, 0},
	Red:    {0, 1, 0},
	Yellow: {1, 1, 0},
	Blue:   {0, 0, 1},
}

// output is a light's line; *gpiocdev.Line is one.
type output interface {
	SetValue(value int) error
	Close() error
}

// Lamp is one lamp of one to three lights.
type Lamp struct {
	lights [3]output // green, red, blue; nil where there is none

	mu      sync.Mutex
	stop    chan struct{} // ends the blinking; nil when the lamp does not blink
	stopped sync.WaitGroup
}

// OpenLamp asks for the lines of a lamp and puts it out.
func OpenLamp(lines LampLines) (*Lamp, error) {
	lamp := &Lamp{}
	for i, name := range []string{lines.Green, lines.Red, lines.Blue} {
		if name == "" {
			continue
		}
		line, err := request(name, lines.ActiveLow, gpiocdev.AsOutput(0))
		if err != nil {
			return nil, errors.Join(err, lamp.Close())
		}
		lamp.lights[i] = line
	}
	return lamp, nil
}

// request finds a line by name and asks for it.
func request(name string, activeLow bool, options ...gpiocdev.LineReqOption) (*gpiocdev.Line, error) {
	chip, offset, err := gpiocdev.FindLine(name)
	if err != nil {
		return nil, fmt.Errorf("GPIO line %q: %w", name, err)
	}
	options = append(options, gpiocdev.WithConsumer(consumer))
	if activeLow {
		options = append(options, gpiocdev.AsActiveLow)
	}
	line, err := gpiocdev.RequestLine(chip, offset, options...)
	if err != nil {
		return nil, fmt.Errorf("GPIO line %q (%s %d): %w", name, chip, offset, err)
	}
	return line, nil
}

// Set shows a colour, steady or blinking.
func (l *Lamp) Set(colour Colour, blink bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.still()
	if colour == Blue && l.lights[2] == nil {
		colour, blink = Red, true
	}
	err := l.show(colour)
	if err == nil && blink && colour != Off {
		l.stop = make(chan struct{})
		l.stopped.Add(1)
		go l.blink(colour, l.stop)
	}
	return err
}

// still ends the blinking.
func (l *Lamp) still() {
	if l.stop != nil {
		close(l.stop)
		l.stopped.Wait()
		l.stop = nil
	}
}

func (l *Lamp) blink(colour Colour, stop chan struct{}) {
	defer l.stopped.Done()
	ticker := time.NewTicker(blinkEvery)
	defer ticker.Stop()
	for shown := colour; ; {
		select {
		case <-stop:
			return
		case <-ticker.C:
		}
		if shown == Off {
			shown = colour
		} else {
			shown = Off
		}
		_ = l.show(shown) // the same lines took the first colour a moment ago
	}
}

func (l *Lamp) show(colour Colour) error {
	var errs []error
	for i, light := range l.lights {
		if light != nil {
			errs = append(errs, light.SetValue(levels[colour][i]))
		}
	}
	return errors.Join(errs...)
}

// Close puts the lamp out and gives its lines back.
func (l *Lamp) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.still()
	errs := []error{l.show(Off)}
	for i, light := range l.lights {
		if light != nil {
			errs = append(errs, light.Close())
			l.lights[i] = nil
		}
	}
	return errors.Join(errs...)
}
