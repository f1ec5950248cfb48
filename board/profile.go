package board

import "trunkbox/drivers/gpio"

// Profile says what one kind of box has.
type Profile struct {
	Name     string
	ZH, EN   string // what it is
	Lamps    []Lamp
	Reset    string // GPIO line of the reset button; empty: none
	ResetLow bool
	Serial   string // path of the support console's port; empty: none
	Watchdog string // path of the watchdog timer; empty: none
}

// Lamp is one lamp on the front.
type Lamp struct {
	Name  string         // power, line1 …, alarm
	Lines gpio.LampLines // none: the lamp is shown on the page only
}

// shown are lamps that only the page shows.
func shown(names ...string) []Lamp {
	lamps := make([]Lamp, len(names))
	for i, name := range names {
		lamps[i] = Lamp{Name: name}
	}
	return lamps
}

// wired are lamps of red, green and, but for power, blue, on lines named like them in the device tree.
func wired(names ...string) []Lamp {
	lamps := make([]Lamp, len(names))
	for i, name := range names {
		lamps[i] = Lamp{name, gpio.LampLines{Green: name + "-green", Red: name + "-red", Blue: name + "-blue"}}
		if name == "power" {
			lamps[i].Lines.Blue = ""
		}
	}
	return lamps
}

// Profiles are the boxes there are.
var Profiles = []Profile{
	{
		Name: "sim", ZH: "模拟盒，无硬件", EN: "a simulated box without hardware",
		Lamps: shown("power", "line1", "line2", "line3", "line4", "alarm"),
	},
	{
		Name: "qemu", ZH: "QEMU 虚拟机", EN: "a virtual machine in QEMU",
		Lamps: shown("power", "line1", "line2", "alarm"), Serial: "/dev/ttyS1", Watchdog: "/dev/watchdog",
	},
	{
		Name: "pc", ZH: "带双口 E1 卡的 PC", EN: "a PC with a two-port card",
		Lamps: shown("power", "line1", "line2", "alarm"), Serial: "/dev/ttyS0", Watchdog: "/dev/watchdog",
	},
	{
		Name: "box", ZH: "整机", EN: "the box",
		Lamps: wired("power", "line1", "line2", "alarm"), Reset: "reset", ResetLow: true,
		Serial: "/dev/ttyS1", Watchdog: "/dev/watchdog",
	},
}
