package journal

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strings"
	"time"
)

// column is one column of an exported list of calls.
type column struct {
	zh, en string
	value  func(c CDR, lang string, zone *time.Location) string
}

func local(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return ""
	}
	return at.In(zone).Format(time.DateTime)
}

func inSeconds(ms int64) string { return fmt.Sprintf("%.1f", float64(ms)/1000) }

// columns in the order of the file; lengths are in seconds.
var columns = []column{
	{"呼叫编号", "Call", func(c CDR, _ string, _ *time.Location) string { return c.ID }},
	{"方向", "Direction", func(c CDR, lang string, _ *time.Location) string {
		zh := map[string]string{"in": "呼入", "out": "呼出", "internal": "内部"}
		return pick(lang, zh[c.Direction], c.Direction)
	}},
	{"到达时间", "Arrived", func(c CDR, _ string, zone *time.Location) string { return local(c.Arrived, zone) }},
	{"主叫", "Caller", func(c CDR, lang string, _ *time.Location) string {
		if c.Restricted {
			return pick(lang, "号码不显示", "number withheld")
		}
		return c.Caller
	}},
	{"主叫名称", "Caller name", func(c CDR, _ string, _ *time.Location) string { return c.CallerName }},
	{"被叫", "Called", func(c CDR, _ string, _ *time.Location) string { return c.Called }},
	{"线路", "Line", func(c CDR, _ string, _ *time.Location) string { return c.Line }},
	{"时隙", "Channel", func(c CDR, _ string, _ *time.Location) string { return c.Channel }},
	{"队列", "Queue", func(c CDR, _ string, _ *time.Location) string { return c.Queue }},
	{"坐席", "Agents", func(c CDR, _ string, _ *time.Location) string {
		if len(c.Agents) == 0 {
			return c.Agent
		}
		return strings.Join(c.Agents, " ")
	}},
	{"结果", "Outcome", func(c CDR, lang string, _ *time.Location) string { return c.Outcome.Plain(lang) }},
	{"应答时间", "Answered", func(c CDR, _ string, zone *time.Location) string { return local(c.Answered, zone) }},
	{"接通坐席", "Joined", func(c CDR, _ string, zone *time.Location) string { return local(c.Joined, zone) }},
	{"结束时间", "Ended", func(c CDR, _ string, zone *time.Location) string { return local(c.Ended, zone) }},
	{"等待(秒)", "Wait (s)", func(c CDR, _ string, _ *time.Location) string { return inSeconds(c.WaitMS) }},
	{"振铃(秒)", "Ring (s)", func(c CDR, _ string, _ *time.Location) string { return inSeconds(c.RingMS) }},
	{"通话(秒)", "Talk (s)", func(c CDR, _ string, _ *time.Location) string { return inSeconds(c.TalkMS) }},
	{"保持(秒)", "Hold (s)", func(c CDR, _ string, _ *time.Location) string { return inSeconds(c.HoldMS) }},
	{"费用", "Charge", func(c CDR, _ string, _ *time.Location) string { return c.Charge }},
	{"原因值", "Cause", func(c CDR, _ string, _ *time.Location) string { return fmt.Sprint(c.Cause) }},
	{"谁结束", "Ended by", func(c CDR, lang string, _ *time.Location) string { return who(lang, c.EndedBy) }},
	{"说明", "Reason", func(c CDR, lang string, _ *time.Location) string { return pick(lang, c.ReasonZH, c.ReasonEN) }},
}

// plainNumber is what a spreadsheet may take for a number without harm.
var plainNumber = regexp.MustCompile(`^[+-]?[0-9.]+$`)

// cell keeps a spreadsheet from running what a caller's name says.
func cell(value string) string {
	if value != "" && strings.ContainsRune("=+-@\t\r", rune(value[0])) && !plainNumber.MatchString(value) {
		return "'" + value
	}
	return value
}

// WriteCSV writes call records as CSV that spreadsheets open by a double click: UTF-8 with a byte order
// mark, a line of headings, times in zone, lengths in seconds.
func WriteCSV(w io.Writer, lang string, zone *time.Location, calls iter.Seq[CDR]) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	row := make([]string, len(columns))
	for i, c := range columns {
		row[i] = pick(lang, c.zh, c.en)
	}
	_ = out.Write(row) // kept by the writer and told by Error
	for call := range calls {
		for i, c := range columns {
			row[i] = cell(c.value(call, lang, zone))
		}
		_ = out.Write(row)
	}
	out.Flush()
	return out.Error()
}

// fieldList writes fields in the order of their names.
func fieldList(fields map[string]string) string {
	var list []string
	for name, value := range fields {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}
