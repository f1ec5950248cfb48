package evidence

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"time"
	"unicode/utf16"
)

// document is a PDF file (ISO 32000-1, version 1.5) of pages with text, lines and boxes. Lengths are points of 1/72 inch
// from the lower left corner of an A4 page.
//
//	object  1 catalog   2 pages   3 Helvetica   4 STSong-Light by its CMap   5 its CID font   6 its descriptor   7 info
//	        8 + 2n page n   9 + 2n its content
type document struct {
	title string
	made  time.Time
	pages []*bytes.Buffer
}

// A4 upright.
const (
	pageWidth  = 595
	pageHeight = 842
)

// The fonts as a page names them.
const (
	latin   = "F1"
	chinese = "F2"
)

// page begins a page.
func (d *document) page() { d.pages = append(d.pages, &bytes.Buffer{}) }

func (d *document) draw(format string, values ...any) {
	fmt.Fprintf(d.pages[len(d.pages)-1], format, values...)
}

// style is how a text looks.
type style struct {
	size float64
	bold bool
	grey float64 // 0 is black
}

// text writes one line whose base line begins at x, y.
func (d *document) text(x, y float64, look style, text string) {
	mode := "0 Tr"
	if look.bold {
		mode = fmt.Sprintf("2 Tr %.2f w", look.size/28) // both fonts are light: an outline makes them bold
	}
	d.draw("BT %.2f g %.2f G %s 1 0 0 1 %.2f %.2f Tm\n", look.grey, look.grey, mode, x, y)
	for _, r := range runs(text) {
		d.draw("/%s %.1f Tf %s Tj\n", r.font, look.size, r.shown())
	}
	d.draw("ET\n")
}

// line draws a line of a width and greyness.
func (d *document) line(x1, y1, x2, y2, width, grey float64) {
	d.draw("%.2f G %.2f w %.2f %.2f m %.2f %.2f l S\n", grey, width, x1, y1, x2, y2)
}

// box fills a rectangle with a colour of red, green and blue, 0 to 1 each.
func (d *document) box(x, y, width, height float64, colour [3]float64) {
	d.draw("%.2f %.2f %.2f rg %.2f %.2f %.2f %.2f re f\n", colour[0], colour[1], colour[2], x, y, width, height)
}

// triangle fills a small arrow head whose point is at x, y and looks to the right, or left.
func (d *document) triangle(x, y float64, right bool) {
	back := 4.0
	if right {
		back = -back
	}
	d.draw("0.25 g %.2f %.2f m %.2f %.2f l %.2f %.2f l f\n", x, y, x+back, y+2, x+back, y-2)
}

// run is a stretch of one font, in the octets of its encoding.
type run struct {
	font   string
	octets []byte
}

// shown is the run as a string of a content stream: in hexadecimal, which needs no escapes (clause 7.3.4.3).
func (r run) shown() string { return fmt.Sprintf("<%x>", r.octets) }

func runs(text string) []run {
	var all []run
	add := func(font string, octets ...byte) {
		if n := len(all); n > 0 && all[n-1].font == font {
			all[n-1].octets = append(all[n-1].octets, octets...)
			return
		}
		all = append(all, run{font, octets})
	}
	for _, r := range text {
		if code, known := winAnsi(r); known {
			add(latin, code)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			add(chinese, byte(unit>>8), byte(unit))
		}
	}
	return all
}

// winAnsi is the code of a character in WinAnsiEncoding (Annex D.2); false when it has none, as a Chinese one. What
// cannot be seen is a space.
func winAnsi(r rune) (byte, bool) {
	switch {
	case r < ' ' || r == 0x7f:
		return ' ', true
	case r < 0x7f || r >= 0xa0 && r <= 0xff:
		return byte(r), true
	case r == '–':
		return 0x96, true
	case r == '…':
		return 0x85, true
	}
	return 0, false
}

// helvetica are the widths of the codes 32 to 126 in thousandths of the size (Adobe's metrics of the standard font).
var helvetica = [...]int{
	278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556,
	278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722,
	667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500,
	222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
}

// thousandths is the width of a character; of the letters with accents it is near.
func thousandths(r rune) int {
	code, known := winAnsi(r)
	switch {
	case !known:
		return 1000
	case code == 0x85:
		return 1000
	case code < 0x7f:
		return helvetica[code-' ']
	}
	return 556
}

// widthOf is the width of a text in points.
func widthOf(text string, size float64) float64 {
	n := 0
	for _, r := range text {
		n += thousandths(r)
	}
	return float64(n) * size / 1000
}

// write writes the file: the objects, the table of where each begins, and the trailer (clause 7.5).
func (d *document) write(w io.Writer) error {
	var file bytes.Buffer
	var begins []int
	object := func(format string, values ...any) {
		begins = append(begins, file.Len())
		fmt.Fprintf(&file, "%d 0 obj\n", len(begins))
		fmt.Fprintf(&file, format, values...)
		file.WriteString("\nendobj\n")
	}
	file.WriteString("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	var kids bytes.Buffer
	for n := range d.pages {
		fmt.Fprintf(&kids, "%d 0 R ", 8+2*n)
	}
	object("<< /Type /Pages /Count %d /Kids [ %s] >>", len(d.pages), kids.String())
	object("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
	object("<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light-UniGB-UTF16-H /Encoding /UniGB-UTF16-H /DescendantFonts [ 5 0 R ] >>")
	object("<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 5 >> /DW 1000 /FontDescriptor 6 0 R >>")
	object("<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [ -25 -254 1000 880 ] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>")
	object("<< /Title %s /Producer (Trunkbox) /CreationDate (D:%s) >>", textString(d.title), d.made.UTC().Format("20060102150405Z"))
	for n, page := range d.pages {
		object("<< /Type /Page /Parent 2 0 R /MediaBox [ 0 0 %d %d ] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents %d 0 R >>",
			pageWidth, pageHeight, 9+2*n)
		var packed bytes.Buffer
		z := zlib.NewWriter(&packed)
		if _, err := z.Write(page.Bytes()); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
		object("<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream", packed.Len(), packed.String())
	}
	table := file.Len()
	fmt.Fprintf(&file, "xref\n0 %d\n0000000000 65535 f \n", len(begins)+1)
	for _, begin := range begins {
		fmt.Fprintf(&file, "%010d 00000 n \n", begin)
	}
	fmt.Fprintf(&file, "trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(begins)+1, table)
	_, err := w.Write(file.Bytes())
	return err
}

// textString is a text outside the pages: UTF-16 with its byte order mark (clause 7.9.2.2).
func textString(text string) string {
	octets := []byte{0xfe, 0xff}
	for _, unit := range utf16.Encode([]rune(text)) {
		octets = append(octets, byte(unit>>8), byte(unit))
	}
	return fmt.Sprintf("<%x>", octets)
}
