package config

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Touches says what a change does to what is going on.
type Touches string

// From the gentlest to the hardest.
const (
	TouchesNothing     Touches = "none"              // at once, nobody notices
	TouchesNextCall    Touches = "next_call"         // calls that are up go on as they began
	TouchesPhones      Touches = "phones_reregister" // phones lose their registration and come back; calls go on
	TouchesTrunk       Touches = "trunk_reregisters" // the IP trunk is registered anew; calls go on
	TouchesLineRestart Touches = "line_restarts"     // the line takes no more calls until the last has ended, and restarts
)

// Change is one difference between two settings, as a sentence.
type Change struct {
	Path    string  `json:"path"` // "queues[Sales].wrap_up_seconds"
	ZH      string  `json:"zh"`
	EN      string  `json:"en"`
	Touches Touches `json:"touches"`
	Line    string  `json:"line,omitempty"` // the line that restarts
}

// consequence ends the sentence of a change.
var consequence = map[Touches][2]string{
	TouchesNothing:     {"立即生效", "takes effect at once"},
	TouchesNextCall:    {"下一个呼叫起生效", "takes effect from the next call"},
	TouchesPhones:      {"话机需要重新注册，通话不断", "phones register again, calls go on"},
	TouchesTrunk:       {"中继重新注册，通话不断", "the trunk registers again, calls go on"},
	TouchesLineRestart: {"线路等通话结束后重启", "the line restarts when its calls have ended"},
}

// Changes lists what differs between two settings, in the order of the document. The log-in state of
// agents is not a setting and is left out.
func Changes(old, new Settings) []Change {
	var d differ
	d.object("box", [2]string{"本机", "box"}, old.Box, new.Box)
	entities(&d, "lines", old.Lines, new.Lines, func(l Line) string { return l.Name }, nil)
	entities(&d, "trunks", old.Trunks, new.Trunks, func(t Trunk) string { return t.Name }, nil)
	entities(&d, "agents", old.Agents, new.Agents, func(a Agent) string { return a.Extension }, nil)
	entities(&d, "queues", old.Queues, new.Queues, func(q Queue) string { return q.Name }, nil)
	entities(&d, "menus", old.Menus, new.Menus, func(m Menu) string { return m.Name }, nil)
	entities(&d, "routes", old.Routes, new.Routes, Route.String, Route.spoken)
	d.order("routes", old.Routes, new.Routes)
	d.object("outbound", [2]string{"呼出", "dialling out"}, old.Outbound, new.Outbound)
	d.object("recording", [2]string{"录音", "recording"}, old.Recording, new.Recording)
	d.object("features", [2]string{"功能码", "codes"}, old.Features, new.Features)
	d.object("talks", [2]string{"通话", "talks"}, old.Talks, new.Talks)
	d.object("phones", [2]string{"话机", "phones"}, old.Phones, new.Phones)
	return d.changes
}

// String tells a route by what it matches.
func (r Route) String() string {
	called, line := r.Called, r.Line
	if called == "" {
		called = "*"
	}
	if line == "" {
		line = "*"
	}
	return called + "@" + line
}

// spoken tells a route in words; language 0 is Chinese, 1 English.
func (r Route) spoken(language int) string {
	called, line := r.Called, r.Line
	if called == "" {
		called = [2]string{"任何号码", "any number"}[language]
	}
	if line != "" {
		called += [2]string{"（线路 " + line + "）", " (line " + line + ")"}[language]
	}
	return called
}

// spoken tells a destination in a word or two; language 0 is Chinese, 1 English.
func (d Destination) spoken(language int) string {
	return strings.TrimSpace(spoken("destination.kind", d.Kind, language) + " " + d.Target)
}

type differ struct{ changes []Change }

func (d *differ) add(path, zh, en string, touches Touches, line string) {
	end := consequence[touches]
	if touches != TouchesLineRestart {
		line = ""
	}
	d.changes = append(d.changes, Change{path, zh + "；" + end[0], en + "; " + end[1], touches, line})
}

// section is how a list of the settings is spoken of, and what making or removing an entry touches.
type section struct {
	zh, en  string
	touches Touches
	left    [2]string // what becomes of those who are with an entry that goes
}

// waitingAgain is what becomes of the callers of a queue that is removed, or has another name.
var waitingAgain = [2]string{"，正在等待的来电按所拨号码重新转接", ", and waiting callers are sent where their number leads again"}

var sections = map[string]section{
	"lines":  {zh: "线路", en: "line", touches: TouchesLineRestart},
	"trunks": {zh: "IP 中继", en: "IP trunk", touches: TouchesTrunk},
	"agents": {zh: "坐席", en: "agent", touches: TouchesPhones},
	"queues": {zh: "队列", en: "queue", touches: TouchesNextCall, left: waitingAgain},
	"menus":  {zh: "菜单", en: "menu", touches: TouchesNextCall},
	"routes": {zh: "来话路由", en: "route", touches: TouchesNextCall},
}

// entities compares two lists by the names of their entries; spoken is how an entry is called in a language,
// nil where that is its name.
func entities[T any](d *differ, list string, old, new []T, name func(T) string, spoken func(T, int) string) {
	s := sections[list]
	if spoken == nil {
		spoken = func(t T, _ int) string { return name(t) }
	}
	who := func(t T) [2]string { return [2]string{s.zh + " " + spoken(t, 0), s.en + " " + spoken(t, 1)} }
	index := func(in []T, key string) int {
		return slices.IndexFunc(in, func(t T) bool { return name(t) == key })
	}
	for _, was := range old {
		key := name(was)
		path := fmt.Sprintf("%s[%s]", list, key)
		i := index(new, key)
		if i < 0 {
			d.add(path, who(was)[0]+" 删除"+s.left[0], who(was)[1]+" is removed"+s.left[1], s.touches, key)
			continue
		}
		d.object(path, who(was), was, new[i])
	}
	for _, is := range new {
		key := name(is)
		if index(old, key) >= 0 {
			continue
		}
		touches := s.touches
		if list == "agents" || list == "lines" || list == "trunks" {
			touches = TouchesNothing
		}
		d.add(fmt.Sprintf("%s[%s]", list, key), who(is)[0]+" 新建", who(is)[1]+" is new", touches, key)
	}
}

// order tells when the routes that stay come in another order.
func (d *differ) order(list string, old, new []Route) {
	kept := func(of, in []Route) []string {
		var names []string
		for _, r := range of {
			if slices.ContainsFunc(in, func(o Route) bool { return o.String() == r.String() }) {
				names = append(names, r.String())
			}
		}
		return names
	}
	if !slices.Equal(kept(old, new), kept(new, old)) {
		d.add(list, "来话路由的次序改变", "the order of the routes changes", TouchesNextCall, "")
	}
}

// object compares two values of the same struct field by field.
func (d *differ) object(path string, who [2]string, old, new any) {
	was, is := reflect.ValueOf(old), reflect.ValueOf(new)
	list, _, _ := strings.Cut(path, "[")
	for i := range was.NumField() {
		field := was.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		l, known := labels[list+"."+name]
		if !known || same(was.Field(i), is.Field(i)) {
			continue
		}
		line := ""
		if _, inList := sections[list]; inList && list == "lines" {
			line = was.FieldByName("Name").String()
		}
		if name == "password" || name == "roots" { // one must not be read, the other cannot
			d.add(path+"."+name, who[0]+"："+l.zh+"已更改", who[1]+": "+l.en+" changes", l.touches, line)
			continue
		}
		show := func(v reflect.Value, language int) string { return l.show(list+"."+name, v.Field(i), language) }
		zh := fmt.Sprintf("%s：%s %s → %s", who[0], l.zh, show(was, 0), show(is, 0))
		en := fmt.Sprintf("%s: %s %s → %s", who[1], l.en, show(was, 1), show(is, 1))
		d.add(path+"."+name, zh, en, l.touches, line)
	}
}

// same compares two values; a nil list is an empty one.
func same(a, b reflect.Value) bool {
	if (a.Kind() == reflect.Slice || a.Kind() == reflect.Map) && a.Len() == 0 && b.Len() == 0 {
		return true
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

// show writes a value of a field with its unit; language 0 is Chinese, 1 English.
func (l label) show(field string, v reflect.Value, language int) string {
	switch value := v.Interface().(type) {
	case bool:
		if value {
			return [2]string{"开", "on"}[language]
		}
		return [2]string{"关", "off"}[language]
	case int:
		if _, named := values[field][strconv.Itoa(value)]; named {
			return spoken(field, strconv.Itoa(value), language)
		}
		return strings.TrimSpace(fmt.Sprintf("%d %s", value, l.unit[language]))
	case string:
		return spoken(field, value, language)
	case []string:
		if len(value) == 0 {
			return spoken(field, "", language)
		}
		return strings.Join(value, [2]string{"、", ", "}[language])
	case []Choice:
		if len(value) == 0 {
			return spoken(field, "", language)
		}
		var parts []string
		for _, choice := range value {
			parts = append(parts, choice.Key+"="+choice.To.spoken(language))
		}
		return strings.Join(parts, [2]string{"、", ", "}[language])
	case []NumberRule:
		var parts []string
		for _, rule := range value {
			parts = append(parts, fmt.Sprintf("%s %s -%d +%s", rule.Direction, rule.Match, rule.Strip, rule.Add))
		}
		return cmp.Or(strings.Join(parts, [2]string{"、", ", "}[language]), spoken(field, "", language))
	case map[string]int:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, fmt.Sprintf("%s=%d", name, value[name]))
		}
		return cmp.Or(strings.Join(parts, [2]string{"、", ", "}[language]), spoken(field, "", language))
	case Destination:
		return value.spoken(language)
	}
	return fmt.Sprint(v.Interface())
}
