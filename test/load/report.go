package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"text/tabwriter"

	"trunkbox/test/farend/crowd"
	"trunkbox/test/farend/sound"
)

// report is everything that was measured.
type report struct {
	Version  string    `json:"version"` // of the box
	Machine  string    `json:"machine"`
	Cores    int       `json:"cores"`
	Callers  string    `json:"callers"` // by "E1" or "IP"
	Recorded bool      `json:"recorded"`
	Floor    spreadRow `json:"floor"` // of a packet to a bare relay and back, ms
	Empty    memory    `json:"memoryWithoutCallsMiB"`
	Rows     []row     `json:"rows"`
	Remarks  []string  `json:"remarks"`
}

type crowdReading struct {
	figures crowd.Figures
	delays  sound.Counts
}

func (p plan) newReport() *report {
	version, _ := exec.Command(p.appliance, "-version").Output()
	r := &report{Version: strings.TrimSpace(string(version)), Machine: machine(), Cores: runtime.NumCPU(), Callers: "E1", Recorded: p.record, Rows: []row{}, Remarks: []string{}}
	if p.ip {
		r.Callers = "IP"
	}
	return r
}

// machine is the processor's name, as far as the kernel tells it.
func machine() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, found := strings.CutPrefix(line, "model name"); found {
			return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
		}
	}
	return runtime.GOARCH
}

// table is a part of the report: the name of each column and what it shows of a row.
type table struct {
	title   string
	columns []column
}

type column struct {
	name string
	show func(r *row) string
}

func number(name, format string, of func(r *row) float64) column {
	return column{name, func(r *row) string { return fmt.Sprintf(format, of(r)) }}
}

func count(name string, of func(r *row) uint64) column {
	return column{name, func(r *row) string { return fmt.Sprint(of(r)) }}
}

// only shows a column where it says something.
func (c column) only(says func(r *row) bool) column {
	show := c.show
	c.show = func(r *row) string {
		if !says(r) {
			return "-"
		}
		return show(r)
	}
	return c
}

func spreads(name string, of func(r *row) spreadRow) column {
	return column{name, func(r *row) string {
		s := of(r)
		if s.N == 0 {
			return "-"
		}
		return fmt.Sprintf("%.1f/%.1f/%.1f/%.0f", s.P50, s.P99, s.P999, s.Most)
	}}
}

var (
	churned  = func(r *row) bool { return r.Churn }
	onLines  = func(r *row) bool { return r.Ticks.Moved > 0 }
	syscalls = func(r *row) bool { return r.SystemCalls > 0 }
)

// lead are the columns that every table begins with.
var lead = []column{
	{"calls", func(r *row) string { return fmt.Sprint(r.Calls) }},
	{"", func(r *row) string {
		if r.Churn {
			return "churn"
		}
		return "steady"
	}},
}

// short is what is printed as it comes.
var short = table{"", []column{
	number("box %", "%.1f", func(r *row) float64 { return r.Box }),
	number("load %", "%.1f", func(r *row) float64 { return r.Load }),
	spreads("delay ms p50/p99/p99.9/most", func(r *row) spreadRow { return r.Delay }),
	count("missed", func(r *row) uint64 { return r.Ticks.Missed }).only(onLines),
	count("lost", func(r *row) uint64 { return r.Packets.Lost }),
	{"right/looks", func(r *row) string {
		return fmt.Sprintf("%d/%d", r.Ears.Right, r.Ears.Right+r.Ears.Crossed+r.Ears.Silent)
	}},
	{"crossed", func(r *row) string { return fmt.Sprint(r.Ears.Crossed + r.Ears.Strange) }},
	{"silent", func(r *row) string { return fmt.Sprint(r.Ears.Silent) }},
}}

// summary is printed at the end.
var summary = []table{
	{"Processor and memory of the box", []column{
		number("box %", "%.1f", func(r *row) float64 { return r.Box }),
		number("load %", "%.1f", func(r *row) float64 { return r.Load }),
		number("MiB RSS", "%.0f", func(r *row) float64 { return r.Memory.RSS }),
		number("own", "%.0f", func(r *row) float64 { return r.Memory.Anon }),
		number("files", "%.0f", func(r *row) float64 { return r.Memory.File }),
		number("KiB a call", "%.0f", func(r *row) float64 { return r.KiBPerCall }),
		number("MiB/s written", "%.1f", func(r *row) float64 { return r.Written }),
		number("system calls/s", "%.0f", func(r *row) float64 { return r.SystemCalls }).only(syscalls),
		number("a packet", "%.2f", func(r *row) float64 { return r.CallsPerPacket }).only(syscalls),
	}},
	{"Sound: ms p50/p99/p99.9/most", []column{
		spreads("delay", func(r *row) spreadRow { return r.Delay }),
		spreads("own: sent late", func(r *row) spreadRow { return r.SendLate }),
		spreads("own: taken late", func(r *row) spreadRow { return r.TakenLate }),
		number("jitter to the box", "%.2f", func(r *row) float64 { return r.JitterIn.Mean }),
		number("from it", "%.2f", func(r *row) float64 { return r.JitterOut.Mean }),
		number("added", "%.2f", func(r *row) float64 { return r.JitterOut.Mean - r.JitterIn.Mean }),
		number("most", "%.1f", func(r *row) float64 { return r.JitterOut.Most }),
	}},
	{"Packets, and who heard whom", []column{
		count("sent", func(r *row) uint64 { return r.Packets.Sent }),
		count("received", func(r *row) uint64 { return r.Packets.Received }),
		count("lost", func(r *row) uint64 { return r.Packets.Lost }),
		count("own: dropped", func(r *row) uint64 { return r.Packets.Dropped }),
		count("strange", func(r *row) uint64 { return r.Packets.Strange }),
		{"looks", func(r *row) string { return fmt.Sprint(r.Ears.Right + r.Ears.Crossed + r.Ears.Silent) }},
		{"right", func(r *row) string { return fmt.Sprint(r.Ears.Right) }},
		{"octet for octet", func(r *row) string { return fmt.Sprint(r.Ears.ByOctets) }},
		{"crossed", func(r *row) string { return fmt.Sprint(r.Ears.Crossed) }},
		{"silent", func(r *row) string { return fmt.Sprint(r.Ears.Silent) }},
		{"waiting", func(r *row) string { return fmt.Sprint(r.Ears.Waiting) }},
		{"of them strange", func(r *row) string { return fmt.Sprint(r.Ears.Strange) }},
	}},
	{"Ticks of the lines, and what disturbed them", []column{
		{"late ms: ticks", func(r *row) string { return histogram(r.Ticks.Classes) }},
		count("missed", func(r *row) uint64 { return r.Ticks.Missed }).only(onLines),
		number("longest ms", "%.1f", func(r *row) float64 { return r.Ticks.LongestMS }).only(onLines),
		{"cause", func(r *row) string { return dash(r.Ticks.Cause) }},
		{"causes of all", func(r *row) string { return dash(r.Ticks.Causes) }},
		count("underruns", func(r *row) uint64 { return r.Ticks.Underruns }).only(onLines),
		count("slips", func(r *row) uint64 { return r.Ticks.Slips }).only(onLines),
		count("own: blocks missed", func(r *row) uint64 { return r.Ticks.FarMissed }).only(onLines),
		number("sound's most %", "%.0f", func(r *row) float64 { return r.Ticks.Sound }),
		number("bridge's longest tick ms", "%.1f", func(r *row) float64 { return r.Ticks.Bridge }),
		number("stolen by the host ms", "%.0f", func(r *row) float64 { return r.StolenMS }),
		{"processors stood still", func(r *row) string { return fmt.Sprint(r.Stood) }},
		number("longest ms", "%.0f", func(r *row) float64 { return r.StoodMS }),
		count("sound threads pushed", func(r *row) uint64 { return r.SoundPushed }),
		number("not let ms", "%.1f", func(r *row) float64 { return r.SoundUnservedMS }),
		count("others pushed", func(r *row) uint64 { return r.OthersPushed }),
	}},
	{"Calls that come and go", []column{
		{"set up", func(r *row) string { return fmt.Sprint(r.SetUps) }},
		{"refused", func(r *row) string { return fmt.Sprint(r.Refused) }},
		{"until the answer, ms p50/p99", func(r *row) string { return fmt.Sprintf("%.0f/%.0f", r.SetUp.P50, r.SetUp.P99) }},
		number("box's processor ms a call", "%.1f", func(r *row) float64 { return r.PerCall }),
	}},
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// histogram is the classes that have any ticks: "0.1:4000 1:12 >50:1".
func histogram(classes []lateClass) string {
	var words []string
	last := ""
	for _, c := range classes {
		name := fmt.Sprintf("%g", float64(c.UpToUS)/1000)
		if c.UpToUS == 0 {
			name = ">" + last
		}
		if last = name; c.Ticks > 0 {
			words = append(words, fmt.Sprintf("%s:%d", name, c.Ticks))
		}
	}
	return dash(strings.Join(words, " "))
}

// heading and line print a table row by row, in columns as wide as their names.
func (t table) heading() string {
	names := ""
	for _, c := range append(lead, t.columns...) {
		names += fmt.Sprintf("%*s  ", max(width, len(c.name)), c.name)
	}
	return names
}

func (t table) line(r *row) string {
	text := ""
	for _, c := range append(lead, t.columns...) {
		text += fmt.Sprintf("%*s  ", max(width, len(c.name)), c.show(r))
	}
	return text
}

// width is that of the narrowest column.
const width = 6

// print prints the summary.
func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "\n%s; callers by %s, recorded: %v; %d × %s\n", r.Version, r.Callers, r.Recorded, r.Cores, r.Machine)
	fmt.Fprintf(w, "A packet to a bare relay and back: %.2f ms p50, %.2f p99, %.2f p99.9, %.1f at most\n", r.Floor.P50, r.Floor.P99, r.Floor.P999, r.Floor.Most)
	fmt.Fprintf(w, "The box without calls: %.0f MiB, %.0f of them its own\n", r.Empty.RSS, r.Empty.Anon)
	for _, t := range summary {
		fmt.Fprintf(w, "\n%s\n", t.title)
		columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, c := range append(lead, t.columns...) {
			fmt.Fprint(columns, c.name, "\t")
		}
		fmt.Fprintln(columns)
		for i := range r.Rows {
			if t.title == summary[len(summary)-1].title && !churned(&r.Rows[i]) {
				continue
			}
			for _, c := range append(lead, t.columns...) {
				fmt.Fprint(columns, c.show(&r.Rows[i]), "\t")
			}
			fmt.Fprintln(columns)
		}
		_ = columns.Flush()
	}
	for _, remark := range r.Remarks {
		fmt.Fprintln(w, "\n"+remark)
	}
}

// write writes the report as JSON.
func (r *report) write(path string) error {
	octets, err := json.MarshalIndent(r, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(octets, '\n'), 0o644)
}
