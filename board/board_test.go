package board

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestProfiles(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Profiles {
		if seen[p.Name] || p.ZH == "" || p.EN == "" {
			t.Errorf("profile %+v", p)
		}
		seen[p.Name] = true
		b, err := Open(p.Name)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, led := range b.LEDs() {
			names = append(names, led.Name)
			if led.State != "off" {
				t.Errorf("%s begins with %+v", p.Name, led)
			}
		}
		for _, name := range []string{"power", "line1", "alarm"} {
			if !slices.Contains(names, name) {
				t.Errorf("%s has no lamp %s", p.Name, name)
			}
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	if want := []string{"sim", "qemu", "pc", "box"}; !slices.Equal(want, strings.Split(Names(), ", ")) {
		t.Errorf("names %s", Names())
	}
	if _, err := Open("toaster"); err == nil || !strings.Contains(err.Error(), "sim, qemu, pc, box") {
		t.Errorf("%v", err)
	}
}

func TestLamps(t *testing.T) {
	b, err := Open("sim")
	if err != nil {
		t.Fatal(err)
	}
	for state := range states {
		if err := b.SetLED("line1", state); err != nil {
			t.Error(err)
		}
		if got := b.LEDs()[1]; got != (LED{"line1", state}) {
			t.Errorf("%+v, expected %s", got, state)
		}
	}
	if err := b.SetLED("line9", "red"); err == nil {
		t.Error("a lamp that is not there was set")
	}
	if err := b.SetLED("line1", "pink"); err == nil {
		t.Error("a colour that is not there was shown")
	}
}

// TestBoxWithoutItsLines opens the real profile on a machine that has not its lines.
func TestBoxWithoutItsLines(t *testing.T) {
	b, err := Open("box")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	missing := b.Missing()
	if len(missing) != 5 || !strings.Contains(missing[1], `GPIO line "line1-green"`) || !strings.Contains(missing[4], "button reset") {
		t.Errorf("missing %q", missing)
	}
	if err := b.SetLED("line1", "green_blink"); err != nil || b.LEDs()[1].State != "green_blink" {
		t.Errorf("%+v, %v", b.LEDs(), err)
	}
}

func TestButton(t *testing.T) {
	b, err := Open("sim")
	if err != nil {
		t.Fatal(err)
	}
	b.PressButton(11 * time.Second)
	if got := <-b.Button(); !reflect.DeepEqual(got, Press{"reset", 11 * time.Second}) {
		t.Errorf("%+v", got)
	}
	for range 20 {
		b.PressButton(time.Second) // nobody fetches: nobody waits
	}
}

func TestSimHasNoPorts(t *testing.T) {
	b, err := Open("sim")
	if err != nil {
		t.Fatal(err)
	}
	if b.SerialPath() != "" {
		t.Errorf("serial port %q", b.SerialPath())
	}
	if _, err := b.OpenSerial(); err == nil {
		t.Error("a port that is not there was opened")
	}
	if timer, err := b.OpenWatchdog(time.Minute); timer != nil || err != nil {
		t.Errorf("%v, %v", timer, err)
	}
}
