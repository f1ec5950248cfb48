package evidence

import (
	"fmt"
	"io"
	"math"

	"trunkbox/firmware/column"
	"trunkbox/firmware/performance"
)

// WritePDF writes the pack as a PDF in "zh" or "en".
func (p Pack) WritePDF(w io.Writer, lang string) error {
	s := &pages{document: document{title: say(lang, "title", p.Line), made: p.Made}}
	p.write(s, lang)
	s.number(p.Box + " · " + s.document.title)
	if err := s.document.write(w); err != nil {
		return fmt.Errorf("evidence of the line %s: %w", p.Line, err)
	}
	return nil
}

// pages is the sheet of a PDF: from the top of a page down, and on to the next.
type pages struct {
	document
	y float64 // of the next line's top
}

// Margins and sizes, in points.
const (
	left   = 48.0
	right  = pageWidth - 48.0
	top    = pageHeight - 48.0
	bottom = 52.0
	body   = 9.5
	tight  = 8.5 // of tables and ladders
	leap   = 1.42
)

var (
	plainText = style{size: body}
	cellText  = style{size: tight}
	headText  = style{size: tight, grey: 0.4}
	softText  = style{size: tight, grey: 0.35}
)

// room begins a page when less than height is left on this one.
func (s *pages) room(height float64) {
	if len(s.document.pages) == 0 || s.y-height < bottom {
		s.page()
		s.y = top
	}
}

// fold cuts a text for a width in points.
func fold(text string, width float64, look style) []string {
	return column.FoldBy(text, int(width*1000/look.size), "", thousandths)
}

// put writes folded lines from the present place down.
func (s *pages) put(x, width float64, look style, text string) {
	for _, line := range fold(text, width, look) {
		s.room(look.size * leap)
		s.y -= look.size * leap
		s.text(x, s.y+look.size*0.3, look, line)
	}
}

func (s *pages) title(text string) {
	s.room(60)
	s.box(0, pageHeight-14, pageWidth, 14, [3]float64{0.06, 0.37, 0.45})
	s.put(left, right-left, style{size: 18, bold: true}, text)
	s.y -= 6
}

func (s *pages) heading(text string) {
	s.room(64)
	s.y -= 10
	s.put(left, right-left, style{size: 12, bold: true}, text)
	s.document.line(left, s.y-1, right, s.y-1, 0.6, 0.7)
	s.y -= 5
}

func (s *pages) paragraph(text string) {
	s.put(left, right-left, plainText, text)
	s.y -= 2
}

// apart is the room between two columns of a table.
const apart = 12.0

func (s *pages) table(t table) {
	widths, wide := make([]float64, len(t.columns)), 0
	free := right - left
	headed := false
	var heads []string
	for i, c := range t.columns {
		heads, headed = append(heads, c.head), headed || c.head != ""
		if c.wide {
			wide = i
			continue
		}
		widths[i] = widthOf(c.head, tight)
		for _, row := range t.rows {
			widths[i] = math.Max(widths[i], widthOf(row[i], tight))
		}
		widths[i] = math.Min(math.Ceil(widths[i]), 180)
		free -= widths[i] + apart
	}
	widths[wide] = free
	if headed {
		s.room(3 * tight * leap)
		s.row(t.columns, widths, heads, headText)
		s.document.line(left, s.y-1, right, s.y-1, 0.4, 0.6)
		s.y--
	}
	for _, row := range t.rows {
		s.row(t.columns, widths, row, cellText)
	}
	s.y -= 4
}

func (s *pages) row(columns []tableColumn, widths []float64, cells []string, look style) {
	folded, lines := make([][]string, len(cells)), 1
	for i, cell := range cells {
		folded[i] = fold(cell, widths[i]+1, look)
		lines = max(lines, len(folded[i]))
	}
	s.room(float64(lines) * tight * leap)
	for n := range lines {
		s.y -= tight * leap
		x := left
		for i, c := range columns {
			if n < len(folded[i]) {
				at := x
				if c.right {
					at += widths[i] - widthOf(folded[i][n], tight)
				}
				s.text(at, s.y+tight*0.3, look, folded[i][n])
			}
			x += widths[i] + apart
		}
	}
}

// colours of the looks, as on the page.
var colours = map[look][3]float64{
	lookNothing: {0.91, 0.93, 0.95}, lookUnavailable: {0.09, 0.13, 0.17}, lookSevere: {0.82, 0.2, 0.17},
	lookErrored: {0.84, 0.6, 0}, lookFine: {0.11, 0.6, 0.33},
}

// bars are the higher the more seconds were bad; the root, so that one second shows. Under each stands its sign.
func (s *pages) bars(bins []performance.Bin, legend string) {
	const height = 46.0
	s.room(height + 40)
	s.put(left, right-left, softText, legend)
	s.y -= height + 10
	each := (right - left) / float64(max(len(bins), 32))
	for i, b := range bins {
		bad := math.Min(1, float64(b.ES+b.UAS)/float64(max(1, b.Length)))
		look := lookOf(b)
		x := left + float64(i)*each
		s.box(x, s.y, each*0.8, height*(0.1+0.9*math.Sqrt(bad)), colours[look])
		if look != lookFine && look != lookNothing {
			s.text(x, s.y-6, style{size: 5}, string(signs[look]))
		}
	}
	s.document.line(left, s.y, right, s.y, 0.4, 0.6)
	s.y -= 12
}

// Where the parts of a ladder stand.
const (
	arrowFrom = left + 66
	arrowTo   = arrowFrom + 34
	saidFrom  = arrowTo + 8
)

func (s *pages) call(head, why string, steps []step) {
	s.room(48)
	s.y -= 3
	s.put(left, right-left, style{size: tight, bold: true}, head)
	s.put(left, right-left, softText, why)
	for _, step := range steps {
		s.room(2 * tight * leap)
		s.text(left+4, s.y-tight*leap+tight*0.3, cellText, step.at)
		middle := s.y - tight*leap + tight*0.6
		s.document.line(arrowFrom, middle, arrowTo, middle, 0.6, 0.25)
		if step.sent {
			s.triangle(arrowTo, middle, true)
		} else {
			s.triangle(arrowFrom, middle, false)
		}
		s.put(saidFrom, right-saidFrom, cellText, step.said)
		s.put(saidFrom, right-saidFrom, softText, step.plain)
	}
	s.y -= 4
}

// number writes the foot of every page.
func (s *pages) number(foot string) {
	all := s.document.pages
	for n := range all {
		s.document.pages = all[:n+1]
		s.document.line(left, bottom-14, right, bottom-14, 0.4, 0.7)
		s.text(left, bottom-26, headText, foot)
		of := fmt.Sprintf("%d / %d", n+1, len(all))
		s.text(right-widthOf(of, tight), bottom-26, headText, of)
	}
}
