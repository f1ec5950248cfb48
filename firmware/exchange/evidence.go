package exchange

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/firmware/evidence"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/trace"
)

// evidenceCalls is how many calls of a period, the newest, a pack counts at most: the memory of a small box sets it.
const evidenceCalls = 50_000

// Evidence gathers what is known of a line and a period, for the carrier. NoLineError for a line that is not in the
// settings.
func (x *Exchange) Evidence(wanted evidence.Wanted) (evidence.Pack, error) {
	settings, name := x.Settings(), wanted.Line
	i := slices.IndexFunc(settings.Lines, func(l config.Line) bool { return l.Name == name })
	if i < 0 {
		return evidence.Pack{}, NoLineError(name)
	}
	zone, err := time.LoadLocation(settings.Box.TimeZone)
	if err != nil {
		zone = time.UTC // as keepTime, which has said so
	}
	line := settings.Lines[i]
	source := evidence.Source{Pack: evidence.Pack{
		Box: settings.Box.Name, Version: x.Version, Line: name, Made: time.Now().In(zone), From: wanted.From, To: wanted.To,
		State: x.evidenceState(name), Settings: evidenceSettings(line),
		Clock: evidence.Clock{FromLine: line.Clock != "internal", Network: line.Side == "network", Others: x.otherClocks(name)},
	}}
	calls := journal.NewCalls(evidenceCalls)
	for e, err := range x.Journal.Between(wanted.From, wanted.To) {
		if err != nil {
			continue // what is damaged is missing
		}
		calls.Add(e)
		if evidence.Concerns(name, e) {
			source.Journal = append(source.Journal, e)
		}
	}
	source.Calls = slices.DeleteFunc(calls.List(journal.Filter{}, evidenceCalls, ""), func(c journal.CDR) bool { return c.Line != name })
	source.Performance, _ = x.Performance(name) // none: the pack says so
	if wanted.Ladders {
		source.Ladder = func(c journal.CDR) []trace.Row { return x.ladder(name, c) }
	}
	pack := evidence.Gather(source)
	if wanted.Mask {
		pack = pack.Mask()
	}
	return pack, nil
}

// ladder is what was said for one call, when the trace still has it.
func (x *Exchange) ladder(line string, c journal.CDR) []trace.Row {
	timeslot, err := strconv.Atoi(c.Channel)
	if err != nil {
		return nil // it never had a channel
	}
	filter := trace.Filter{Messages: true, Call: &trace.Call{Timeslot: timeslot, Began: c.Arrived, Ended: c.Ended}}
	page, err := x.Trace(line, filter, evidence.LadderRows)
	if err != nil || page.Ref == nil {
		return nil
	}
	return page.Rows
}

// evidenceState is how the line is now.
func (x *Exchange) evidenceState(name string) evidence.State {
	state := evidence.State{Alarms: []string{}, Link: "down"}
	x.loop.Do(func() {
		if l := x.lines[name]; l != nil {
			now := x.lineNow(l, nil)
			state = evidence.State{Alarms: now.Alarms, Since: now.AlarmsSince, Link: now.Link, LinkSince: now.LinkSince}
		}
	})
	return state
}

// evidenceSettings are the settings of a line, by the names of their document and as people say them.
func evidenceSettings(line config.Line) []evidence.Setting {
	var all []evidence.Setting
	for field, value := range reflect.ValueOf(line).Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		text := fmt.Sprint(value.Interface())
		switch {
		case field.Type.Kind() == reflect.Map && value.Len() == 0, text == "":
			text = "–"
		case field.Type.Kind() == reflect.Map:
			text = strings.TrimSuffix(strings.TrimPrefix(text, "map["), "]")
		}
		if zh, en, ok := config.Say("lines."+name, value.Interface()); ok {
			all = append(all, evidence.Setting{Name: name, Value: text, ZH: evidence.Said(zh), EN: evidence.Said(en)})
		}
	}
	return all
}
