package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Touches says what a change does to what is going on.
type Touches string

// From the gentlest to the hardest.
const (
	TouchesNothing     Touches = "none"              // at once, nobody notices
	TouchesNextCall    Touches = "next_call"         // calls that are up go on as they began
	TouchesPhones      Touches = "phones_reregister" // phones lose their registration and come back; calls go on
	TouchesLineRestart Touches = "line_restarts"     // the line goes down and comes back; its calls end
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
	TouchesPhones:      {"电话需要重新注册，通话不断", "phones register again, calls go on"},
	TouchesLineRestart: {"线路重启，线上通话会断", "the line restarts and its calls end"},
}

// Changes lists what differs between two settings, in the order of the document. The log-in state of
// agents is not a setting and is left out.
func Changes(old, new Settings) []Change {
	var d differ
	d.object("box", [2]string{"本机", "box"}, old.Box, new.Box)
	entities(&d, "lines", old.Lines, new.Lines, func(l Line) string { return l.Name })
	entities(&d, "agents", old.Agents, new.Agents, func(a Agent) string { return a.Extension })
	entities(&d, "queues", old.Queues, new.Queues, func(q Queue) string { return q.Name })
	entities(&d, "menus", old.Menus, new.Menus, func(m Menu) string { return m.Name })
	entities(&d, "routes", old.Routes, new.Routes, Route.String)
	d.order("routes", old.Routes, new.Routes)
	d.object("outbound", [2]string{"呼出", "dialling out"}, old.Outbound, new.Outbound)
	d.object("features", [2]string{"功能码", "codes"}, old.Features, new.Features)
	d.object("phones", [2]string{"电话", "phones"}, old.Phones, new.Phones)
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

// String tells a destination in a word or two.
func (d Destination) String() string { return strings.TrimSpace(d.Kind + " " + d.Target) }

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
}

var sections = map[string]section{
	"lines":  {"线路", "line", TouchesLineRestart},
	"agents": {"坐席", "agent", TouchesPhones},
	"queues": {"队列", "queue", TouchesNextCall},
	"menus":  {"菜单", "menu", TouchesNextCall},
	"routes": {"来话路由", "route", TouchesNextCall},
}

// entities compares two lists by the names of their entries.
func entities[T any](d *differ, list string, old, new []T, name func(T) string) {
	s := sections[list]
	index := func(in []T, key string) int {
		return slices.IndexFunc(in, func(t T) bool { return name(t) == key })
	}
	for _, was := range old {
		key := name(was)
		path := fmt.Sprintf("%s[%s]", list, key)
		i := index(new, key)
		if i < 0 {
			d.add(path, fmt.Sprintf("%s %s 删除", s.zh, key), fmt.Sprintf("%s %s is removed", s.en, key), s.touches, key)
			continue
		}
		d.object(path, [2]string{s.zh + " " + key, s.en + " " + key}, was, new[i])
	}
	for _, is := range new {
		key := name(is)
		if index(old, key) >= 0 {
			continue
		}
		touches := s.touches
		if list == "agents" || list == "lines" {
			touches = TouchesNothing
		}
		d.add(fmt.Sprintf("%s[%s]", list, key), fmt.Sprintf("%s %s 新建", s.zh, key), fmt.Sprintf("%s %s is new", s.en, key), touches, key)
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
		if name == "password" {
			d.add(path+"."+name, who[0]+"："+l.zh+"已更改", who[1]+": "+l.en+" changes", l.touches, line)
			continue
		}
		zh := fmt.Sprintf("%s：%s %s → %s", who[0], l.zh, l.show(was.Field(i), 0), l.show(is.Field(i), 0))
		en := fmt.Sprintf("%s: %s %s → %s", who[1], l.en, l.show(was.Field(i), 1), l.show(is.Field(i), 1))
		d.add(path+"."+name, zh, en, l.touches, line)
	}
}

// same compares two values; a nil list is an empty one.
func same(a, b reflect.Value) bool {
	if a.Kind() == reflect.Slice && a.Len() == 0 && b.Len() == 0 {
		return true
	}
	return reflect.DeepEqual(a.Interface(), b.Interface())
}

// show writes a value with its unit; language 0 is Chinese, 1 English.
func (l label) show(v reflect.Value, language int) string {
	empty := [2]string{"（空）", "(none)"}[language]
	switch value := v.Interface().(type) {
	case bool:
		if value {
			return [2]string{"开", "on"}[language]
		}
		return [2]string{"关", "off"}[language]
	case int:
		return strings.TrimSpace(fmt.Sprintf("%d %s", value, l.unit[language]))
	case string:
		if value == "" {
			return empty
		}
		return value
	case []string:
		if len(value) == 0 {
			return empty
		}
		return strings.Join(value, ", ")
	case []Choice:
		var parts []string
		for _, choice := range value {
			parts = append(parts, choice.Key+"="+choice.To.String())
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v.Interface())
}
