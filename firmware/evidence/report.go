package evidence

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"trunkbox/firmware/performance"
	"trunkbox/firmware/q850"
)

// writer tells a pack in one language on a sheet.
type writer struct {
	sheet
	p    Pack
	lang string
}

// write tells everything, what matters most first.
func (p Pack) write(s sheet, lang string) {
	w := writer{s, p, lang}
	w.title(w.say("title", p.Line))
	w.head()
	w.heading(w.say("findings"))
	for _, finding := range p.Findings(lang) {
		w.paragraph(finding)
	}
	w.causes()
	w.quality()
	w.events()
	w.failures()
	w.settings()
	w.heading(w.say("terms"))
	w.paragraph(w.say("terms_text"))
}

func (w *writer) say(key string, values ...any) string { return say(w.lang, key, values...) }

func (w *writer) pick(zh, en string) string {
	if w.lang == "zh" {
		return zh
	}
	return en
}

// moment writes a time in the zone of the pack.
func (w *writer) moment(at time.Time) string { return at.In(w.p.Made.Location()).Format(time.DateTime) }

func (w *writer) head() {
	p := w.p
	t := table{columns: []tableColumn{{}, {wide: true}}}
	t.rows = [][]string{
		{w.say("box"), p.Box},
		{w.say("version"), p.Version},
		{w.say("period"), w.moment(p.From) + " – " + w.moment(p.To) + " (" + p.Made.Format("UTC-07:00") + ")"},
		{w.say("made"), w.moment(p.Made)},
	}
	if p.Masked {
		t.rows = append(t.rows, []string{w.say("numbers"), w.say("masked")})
	}
	w.table(t)
}

// Findings are the sentences that a pack comes down to, in "zh" or "en".
func (p Pack) Findings(lang string) []string {
	var all []string
	add := func(key string, values ...any) { all = append(all, say(lang, key, values...)) }
	alarms, link := strings.Join(p.State.Alarms, "+"), say(lang, "link."+p.State.Link)
	if alarms == "" {
		add("now_fine", link)
	} else {
		add("now_alarms", alarms, link)
	}
	add("seconds", p.Sum.ES, p.Sum.SES, p.Sum.UAS, long(lang, p.Sum.Measured))
	if n := p.alarmTimes(); n > 0 {
		add("alarm_times", n)
	}
	add(p.Clock.master())
	add("slips", p.Clock.Slips, long(lang, p.Clock.Measured), fmt.Sprintf("%.2f", p.Clock.SlipsPerHour()))
	if len(p.Clock.Others) > 0 {
		add("clocks", p.Clock.against())
	}
	if p.Calls == 0 {
		add("no_calls")
		return all
	}
	add("calls", p.Calls, p.Failed)
	for _, c := range p.Causes[:min(3, len(p.Causes))] {
		key := "cleared_" + c.By
		location := c.Location.String()
		if lang == "zh" {
			location = c.Location.Plain("zh")
		}
		if c.Calls == 1 {
			key += "_one"
		}
		add(key, c.Calls, p.Failed, location, int(c.Location), int(c.Cause), term(c.Cause), plain(c.Cause.Plain(lang)))
	}
	return all
}

// master is the key of who is the clock's master, and whether that is as usual: a network gives the clock to its users.
func (c Clock) master() string {
	switch {
	case c.FromLine && c.Network:
		return "clock.far_user"
	case c.FromLine:
		return "clock.far"
	case c.Network:
		return "clock.box"
	}
	return "clock.box_user"
}

// against is how the clock compares with those of the other lines: "line2 +40.2 ppm, line3 -0.1 ppm".
func (c Clock) against() string {
	var all []string
	for _, o := range c.Others {
		all = append(all, fmt.Sprintf("%s %+.1f ppm", o.Line, o.PPM))
	}
	return strings.Join(all, ", ")
}

// term is the English term of a cause, without its number.
func term(c q850.Cause) string { return strings.TrimSuffix(c.String(), fmt.Sprintf(" (%d)", c)) }

// plain is a sentence without its full stop, to stand in another.
func plain(sentence string) string { return strings.TrimRight(sentence, ".。") }

// long is a length of time: in minutes up to two hours.
func long(lang string, seconds int) string {
	if seconds < 7200 {
		return say(lang, "minutes", seconds/60)
	}
	return say(lang, "hours", float64(seconds)/3600)
}

// alarmTimes is how often an alarm came up.
func (p Pack) alarmTimes() int {
	n := 0
	before := 0
	for _, e := range p.Events {
		if e.Kind != "line_alarm" {
			continue
		}
		if before == 0 && len(e.Alarms) > 0 {
			n++
		}
		before = len(e.Alarms)
	}
	return n
}

func (w *writer) causes() {
	if len(w.p.Causes) == 0 {
		return
	}
	w.heading(w.say("causes"))
	t := table{columns: []tableColumn{{head: w.say("n_calls"), right: true}, {head: w.say("cause"), right: true}, {head: w.say("meaning"), wide: true}, {head: w.say("said_by")}}}
	for _, c := range w.p.Causes {
		by := w.say("by_box")
		if c.By == byFar {
			by = fmt.Sprintf("%s (%d)", c.Location.Plain(w.lang), c.Location)
		}
		t.rows = append(t.rows, []string{strconv.Itoa(c.Calls), strconv.Itoa(int(c.Cause)), term(c.Cause) + w.pick("："+plain(c.Cause.Plain("zh")), ""), by})
	}
	w.table(t)
}

// worstQuarters is how many quarter hours are listed as the worst.
const worstQuarters = 8

func (w *writer) quality() {
	p := w.p
	w.heading(w.say("quality"))
	if len(p.Quarters) == 0 {
		w.paragraph(w.say("no_quality"))
		return
	}
	w.bars(p.Quarters, w.say("bars", w.moment(p.Quarters[0].Start)))
	bad := p.Worst(len(p.Quarters))
	if len(bad) == 0 {
		w.paragraph(w.say("no_bad_quarter"))
	} else {
		w.paragraph(w.say("worst"))
		w.bins(bad[:min(worstQuarters, len(bad))], "01-02 15:04")
	}
	if len(bad) > worstQuarters {
		slices.SortFunc(bad, func(a, b performance.Bin) int { return a.Start.Compare(b.Start) })
		w.paragraph(w.say("all_bad"))
		w.bins(bad, "01-02 15:04")
	}
	if len(p.Days) > 2 {
		w.paragraph(w.say("days"))
		w.bins(p.Days, time.DateOnly)
	}
}

func (w *writer) bins(bins []performance.Bin, form string) {
	t := table{columns: []tableColumn{{head: w.say("from")}}}
	for _, name := range []string{"ES", "SES", "UAS", "BES", "CSS"} {
		t.columns = append(t.columns, tableColumn{head: name, right: true})
	}
	t.columns = append(t.columns, tableColumn{head: w.say("counted"), wide: true})
	for _, b := range bins {
		row := []string{b.Start.In(w.p.Made.Location()).Format(form)}
		for _, n := range []int{b.ES, b.SES, b.UAS, b.BES, b.CSS} {
			row = append(row, strconv.Itoa(n))
		}
		t.rows = append(t.rows, append(row, strings.Join(b.Events(), ", ")))
	}
	w.table(t)
}

func (w *writer) events() {
	w.heading(w.say("events"))
	if len(w.p.Events) == 0 {
		w.paragraph(w.say("no_events"))
		return
	}
	t := table{columns: []tableColumn{{head: w.say("time")}, {head: w.say("event"), wide: true}}}
	for _, e := range w.p.Events {
		at := e.At.In(w.p.Made.Location()).Format("01-02 15:04:05.0")
		t.rows = append(t.rows, []string{at, w.pick(e.ZH, e.EN)})
	}
	w.table(t)
}

func (w *writer) failures() {
	w.heading(w.say("failures"))
	if len(w.p.Failures) == 0 {
		w.paragraph(w.say("no_failures"))
		return
	}
	for _, f := range w.p.Failures {
		steps := []step{}
		for _, row := range f.Ladder {
			steps = append(steps, step{row.At.In(w.p.Made.Location()).Format("15:04:05.000"), row.Sent, row.Layer3, w.pick(row.ZH, row.EN)})
		}
		head := w.say("call", w.moment(f.At), w.say("direction."+f.Direction), or(f.Caller, "–"), or(f.Called, "–"), or(f.Channel, "–"), int(f.Cause), int(f.Location), f.ID)
		w.call(head, w.pick(f.ZH, f.EN), steps)
	}
	if w.p.Failed > len(w.p.Failures) {
		w.paragraph(w.say("more_failures", w.p.Failed-len(w.p.Failures)))
	}
}

func (w *writer) settings() {
	w.heading(w.say("settings"))
	t := table{columns: []tableColumn{{}, {wide: true}}}
	for _, s := range w.p.Settings {
		said := s.EN
		if w.lang == "zh" {
			said = s.ZH
		}
		t.rows = append(t.rows, []string{or(said.Name, s.Name), or(said.Value, s.Value)})
	}
	w.table(t)
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
