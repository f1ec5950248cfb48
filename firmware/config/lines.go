package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fits are the framings, line codes and variants of a rate; a variant that is in neither list fits both.
var fits = map[string]struct{ framings, codes, variants []string }{
	"E1": {[]string{"crc4", "no-crc4"}, []string{"hdb3", "ami"}, []string{"euroisdn-e1"}},
	"T1": {[]string{"esf", "d4"}, []string{"b8zs", "ami"}, []string{"euroisdn-t1"}},
}

// TimerNames are the timers that an installer may set (Q.921 5.9, Q.931 Tables 9-1 and 9-2, Q.932).
var TimerNames = []string{
	"T200", "T203", "T301", "T302", "T303", "T304", "T305", "T306", "T308", "T309", "T310", "T313", "T314", "T316",
	"T317", "T321", "T322", "T-HOLD", "T-RETRIEVE",
}

// longestTimer is ten minutes: more would look like a fault to everybody who waits.
const longestTimer = 600_000

// driverSpan is a place on a driver, which one line can have.
type driverSpan struct {
	driver string
	span   int
}

func (c *check) lines() {
	seen, spans := map[string]bool{}, map[driverSpan]string{}
	for i, l := range c.s.Lines {
		at := fmt.Sprintf("lines[%d].", i)
		c.lineName(at+"name", l.Name)
		c.once(seen, at+"name", l.Name)
		c.word(at+"driver", l.Driver, Drivers)
		c.word(at+"kind", l.Kind, Kinds)
		c.word(at+"clock", l.Clock, Clocks)
		c.word(at+"side", l.Side, Sides)
		c.word(at+"law", l.Law, Laws)
		c.word(at+"hunting", l.Hunting, Huntings)
		c.word(at+"selection", l.Selection, Selections)
		c.word(at+"d_channel", l.DChannel, DChannels)
		c.rate(at, l)
		c.timers(at+"timers", l.Timers)
		c.within(at+"n200", l.N200, 1, 20, " 次", " times")
		c.within(at+"block_ms", l.BlockMS, 2, 20, " 毫秒", " ms")
		c.within(at+"ddi_digits", l.DDIDigits, 0, 20, " 位", " digits")
		c.within(at+"span", l.Span, 1, 128, "", "")
		c.within(at+"interface", l.Interface, 0, 127, "", "")
		c.within(at+"return_seconds", l.ReturnSeconds, 0, 3600, " 秒", " s")
		if l.EchoTailMS != 0 {
			c.within(at+"echo_tail_ms", l.EchoTailMS, 16, 128, " 毫秒", " ms")
		}
		if l.EchoBy != "" {
			c.word(at+"echo_by", l.EchoBy, EchoBys)
		}
		if other, used := spans[driverSpan{l.Driver, l.Span}]; used {
			c.add(at+"span", fmt.Sprintf("端口 %d 已由线路 %s 使用。", l.Span, other), fmt.Sprintf("Span %d belongs to line %s already.", l.Span, other))
		}
		spans[driverSpan{l.Driver, l.Span}] = l.Name
	}
}

func (c *check) lineName(path, name string) {
	if name == "" {
		c.add(path, "请填写名称，如 line1。", "The name is missing; write one like line1.")
		return
	}
	if !lineName.MatchString(name) {
		c.add(path, fmt.Sprintf("线路名“%s”不可用：小写字母开头，最多 16 个小写字母、数字或横线，如 line1。", name),
			fmt.Sprintf("The line name %q will not do: up to 16 small letters, digits or dashes, a letter first, like line1.", name))
	}
}

// rate checks that framing, line code and variant are those of the line's rate.
func (c *check) rate(at string, l Line) {
	fit, known := fits[l.Kind]
	if !known {
		return
	}
	c.word(at+"framing", l.Framing, fit.framings)
	c.word(at+"line_code", l.LineCode, fit.codes)
	var possible []string
	for _, variant := range Variants {
		elsewhere := slices.ContainsFunc(slices.Collect(maps.Keys(fits)), func(kind string) bool {
			return kind != l.Kind && slices.Contains(fits[kind].variants, variant)
		})
		if !elsewhere {
			possible = append(possible, variant)
		}
	}
	c.word(at+"variant", l.Variant, possible)
}

func (c *check) timers(path string, timers map[string]int) {
	for _, name := range slices.Sorted(maps.Keys(timers)) {
		if !slices.Contains(TimerNames, name) {
			list := strings.Join(TimerNames, ", ")
			c.add(path, fmt.Sprintf("不认识定时器“%s”，可设：%s。", name, list), fmt.Sprintf("The timer %q is not known; these can be set: %s.", name, list))
			continue
		}
		c.within(path, timers[name], 100, longestTimer, " 毫秒", " ms")
	}
}

// groups checks that the lines that share a D channel have exactly one, at most one backup, and tell themselves
// apart by their interfaces.
func (c *check) groups() {
	type group struct {
		primary, backup int
		interfaces      map[int]string
		first           Line
	}
	groups := map[string]*group{}
	paths := map[string]string{}
	for i, l := range c.s.Lines {
		at := fmt.Sprintf("lines[%d].", i)
		if (l.Group == "") != (l.DChannel == "own") {
			c.add(at+"d_channel", "单独的线路用自己的 D 通道；同组的线路选主用、备用或无。",
				"A line by itself has its own D channel; a line of a group is primary, backup or without.")
			continue
		}
		if l.Group == "" {
			continue
		}
		g := groups[l.Group]
		if g == nil {
			g = &group{interfaces: map[int]string{}, first: l}
			groups[l.Group], paths[l.Group] = g, at+"d_channel"
		}
		if other, used := g.interfaces[l.Interface]; used {
			c.add(at+"interface", fmt.Sprintf("接口号 %d 已由线路 %s 使用。", l.Interface, other), fmt.Sprintf("Interface %d belongs to line %s already.", l.Interface, other))
		}
		g.interfaces[l.Interface] = l.Name
		if l.Kind != g.first.Kind || l.Side != g.first.Side || l.Variant != g.first.Variant || l.Law != g.first.Law {
			c.add(at+"group", fmt.Sprintf("线路 %s 与 %s 同组，类型、我方、信令和压扩律要一样。", l.Name, g.first.Name),
				fmt.Sprintf("Lines %s and %s are of one group and need the same kind, side, variant and law.", l.Name, g.first.Name))
		}
		switch l.DChannel {
		case "primary":
			g.primary++
		case "backup":
			g.backup++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		if g := groups[name]; g.primary != 1 || g.backup > 1 {
			c.add(paths[name], fmt.Sprintf("线路组“%s”要有一个主用 D 通道，最多一个备用；现在是 %d 个和 %d 个。", name, g.primary, g.backup),
				fmt.Sprintf("The group %q needs one primary D channel and at most one backup; it has %d and %d.", name, g.primary, g.backup))
		}
	}
}
