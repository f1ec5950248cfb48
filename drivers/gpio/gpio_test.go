package gpio

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// wire remembers the levels it was set to.
type wire struct {
	levels []int
	closed bool
	broken error
}

func (w *wire) SetValue(value int) error { w.levels = append(w.levels, value); return w.broken }
func (w *wire) Close() error             { w.closed = true; return nil }

func (w *wire) level() int { return w.levels[len(w.levels)-1] }

func TestColours(t *testing.T) {
	green, red, blue := &wire{}, &wire{}, &wire{}
	lamp := &Lamp{lights: [3]output{green, red, blue}}
	for _, c := range []struct {
		colour           Colour
		green, red, blue int
	}{{Green, 1, 0, 0}, {Red, 0, 1, 0}, {Yellow, 1, 1, 0}, {Blue, 0, 0, 1}, {Off, 0, 0, 0}} {
		if err := lamp.Set(c.colour, false); err != nil {
			t.Fatal(err)
		}
		if green.level() != c.green || red.level() != c.red || blue.level() != c.blue {
			t.Errorf("colour %d: green %d, red %d, blue %d", c.colour, green.level(), red.level(), blue.level())
		}
	}
	if err := lamp.Set(Red, false); err != nil {
		t.Fatal(err)
	}
	if err := lamp.Close(); err != nil || red.level() != 0 || !red.closed || !blue.closed {
		t.Errorf("closed with red %d, %v", red.level(), err)
	}
}

func TestBlink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		green := &wire{}
		lamp := &Lamp{lights: [3]output{green, nil, nil}}
		if err := lamp.Set(Green, true); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2*time.Second + blinkEvery/2)
		if err := lamp.Set(Green, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if want := []int{1, 0, 1, 0, 1, 1}; !slices.Equal(green.levels, want) {
			t.Errorf("levels %v, expected %v", green.levels, want)
		}
	})
}

func TestNoBlueBlinksRed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		green, red := &wire{}, &wire{}
		lamp := &Lamp{lights: [3]output{green, red, nil}}
		if err := lamp.Set(Blue, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(blinkEvery + blinkEvery/2)
		synctest.Wait()
		if want := []int{1, 0}; !slices.Equal(red.levels, want) || slices.Contains(green.levels, 1) {
			t.Errorf("red %v, green %v", red.levels, green.levels)
		}
		_ = lamp.Close()
	})
}

func TestBrokenLight(t *testing.T) {
	broken := errors.New("no answer from the expander")
	lamp := &Lamp{lights: [3]output{&wire{broken: broken}, nil, nil}}
	if err := lamp.Set(Green, true); !errors.Is(err, broken) || lamp.stop != nil {
		t.Errorf("%v, blinking %v", err, lamp.stop != nil)
	}
}

func TestPresses(t *testing.T) {
	var held []time.Duration
	p := &presses{pressed: func(d time.Duration) { held = append(held, d) }}
	p.edge(false, 1*time.Second) // let go, and nobody saw it pressed
	p.edge(true, 2*time.Second)
	p.edge(true, 3*time.Second) // an edge was missed
	p.edge(false, 12*time.Second)
	p.edge(true, 20*time.Second)
	p.edge(false, 20300*time.Millisecond)
	if want := []time.Duration{10 * time.Second, 300 * time.Millisecond}; !slices.Equal(held, want) {
		t.Errorf("held %v", held)
	}
}

func TestMissingLineIsNamed(t *testing.T) {
	if _, err := OpenLamp(LampLines{Green: "no-such-lamp"}); err == nil || !strings.Contains(err.Error(), `"no-such-lamp"`) {
		t.Errorf("%v", err)
	}
	if _, err := OpenButton("no-such-button", true, func(time.Duration) {}); err == nil || !strings.Contains(err.Error(), `"no-such-button"`) {
		t.Errorf("%v", err)
	}
}
