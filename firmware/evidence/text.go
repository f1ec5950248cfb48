package evidence

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"trunkbox/firmware/column"
	"trunkbox/firmware/performance"
)

// textWidth is how wide the text is: a terminal on a serial line.
const textWidth = 80

// WriteText writes the pack as text of 80 columns, a Chinese character taking two, in "zh" or "en".
func (p Pack) WriteText(w io.Writer, lang string) error {
	out := bufio.NewWriter(w)
	p.write(&paper{out}, lang)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("evidence of the line %s: %w", p.Line, err)
	}
	return nil
}

// paper is the sheet of a terminal. Its writer keeps the first error for Flush.
type paper struct{ out *bufio.Writer }

func (s *paper) line(text string) { _, _ = s.out.WriteString(strings.TrimRight(text, " ") + "\n") }

func (s *paper) fold(text, indent string) {
	for _, line := range column.Fold(text, textWidth, indent) {
		s.line(line)
	}
}

func (s *paper) title(text string) {
	s.line(strings.Repeat("=", textWidth))
	s.fold(text, "")
	s.line(strings.Repeat("=", textWidth))
}

func (s *paper) heading(text string) {
	s.line("")
	s.line("-- " + text + " " + strings.Repeat("-", max(0, textWidth-4-column.Width(text))))
}

func (s *paper) paragraph(text string) { s.fold(text, "") }

// gap is the room between two columns.
const gap = 2

// table gives the wide column what the others leave of the width.
func (s *paper) table(t table) {
	widths, wide := make([]int, len(t.columns)), 0
	left := textWidth
	for i, c := range t.columns {
		if c.wide {
			wide = i
			continue
		}
		widths[i] = column.Width(c.head)
		for _, row := range t.rows {
			widths[i] = max(widths[i], column.Width(row[i]))
		}
		left -= widths[i] + gap
	}
	widths[wide] = left
	var heads []string
	headed := false
	for _, c := range t.columns {
		heads, headed = append(heads, c.head), headed || c.head != ""
	}
	if headed {
		s.row(t.columns, widths, heads)
	}
	for _, row := range t.rows {
		s.row(t.columns, widths, row)
	}
}

func (s *paper) row(columns []tableColumn, widths []int, cells []string) {
	folded := make([][]string, len(cells))
	lines := 1
	for i, cell := range cells {
		folded[i] = []string{cell}
		if columns[i].wide {
			folded[i] = column.Fold(cell, widths[i], "")
		}
		lines = max(lines, len(folded[i]))
	}
	for n := range lines {
		line := ""
		for i := range cells {
			cell := ""
			if n < len(folded[i]) {
				cell = folded[i][n]
			}
			line += column.Pad(cell, widths[i], columns[i].right) + strings.Repeat(" ", gap)
		}
		s.line(line)
	}
}

// signs of the looks, as the legend says them.
var signs = map[look]byte{lookNothing: ' ', lookUnavailable: 'U', lookSevere: 's', lookErrored: 'e', lookFine: '.'}

// bars are signs, eight hours a line.
func (s *paper) bars(bins []performance.Bin, legend string) {
	s.fold(legend, "")
	const perLine = 32
	for len(bins) > 0 {
		some := bins[:min(perLine, len(bins))]
		bins = bins[len(some):]
		line := []byte("  ")
		for i, b := range some {
			if i > 0 && i%4 == 0 {
				line = append(line, ' ')
			}
			line = append(line, signs[lookOf(b)])
		}
		s.line(string(line))
	}
}

func (s *paper) call(head, why string, steps []step) {
	s.line("")
	s.fold("* "+head, "  ")
	s.fold("  "+why, "  ")
	for _, step := range steps {
		arrow := "<--"
		if step.sent {
			arrow = "-->"
		}
		s.fold("  "+step.at+" "+arrow+" "+step.said, strings.Repeat(" ", 19))
		s.fold(strings.Repeat(" ", 19)+step.plain, strings.Repeat(" ", 19))
	}
}
