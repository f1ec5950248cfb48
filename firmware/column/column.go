// Package column lays text out for a terminal of fixed columns, on which a Chinese character takes two.
//
// In: text of firmware/console and firmware/evidence. Out: the same in columns, folded at a width. It is beside both
// paths.
//
// Unicode Standard Annex #11 (East Asian Width) as far as Chinese text needs it. Left out: combining marks, and the
// characters whose width depends on the terminal, which count one.
//
// All functions are pure.
package column

import "strings"

// wide are the blocks whose characters take two places (East Asian Width W and F, those that Chinese text uses).
var wide = [][2]rune{
	{0x1100, 0x115f},
	{0x2e80, 0xa4cf},
	{0xac00, 0xd7a3},
	{0xf900, 0xfaff},
	{0xfe30, 0xfe6f},
	{0xff00, 0xff60},
	{0xffe0, 0xffe6},
	{0x20000, 0x3fffd},
}

// RuneWidth is how many places a character takes: 1 or 2.
func RuneWidth(r rune) int {
	for _, block := range wide {
		if r >= block[0] && r <= block[1] {
			return 2
		}
	}
	return 1
}

// Width is how many places a text takes.
func Width(text string) int {
	n := 0
	for _, r := range text {
		n += RuneWidth(r)
	}
	return n
}

// Pad fills a text with spaces up to a width, in front of it or behind it. A text that is wider stays as it is.
func Pad(text string, width int, front bool) string {
	space := strings.Repeat(" ", max(0, width-Width(text)))
	if front {
		return space + text
	}
	return text + space
}

// Fold cuts a text into lines of at most so many places: between words, and anywhere in Chinese or in a word that is
// longer than a line. Every line after the first begins with the indent.
func Fold(text string, width int, indent string) []string {
	return FoldBy(text, width, indent, RuneWidth)
}

// FoldBy is Fold by another measure of a character, such as that of a font.
func FoldBy(text string, width int, indent string, measure func(rune) int) []string {
	var lines []string
	line, used, begin := "", 0, 0 // begin: what of used is the indent
	add := func(piece string, takes int) { line, used = line+piece, used+takes }
	turn := func() {
		lines = append(lines, strings.TrimRight(line, " "))
		line, used = "", 0
		for _, r := range indent {
			add(string(r), measure(r))
		}
		begin = used
	}
	for _, piece := range pieces(text) {
		takes := 0
		for _, r := range piece {
			takes += measure(r)
		}
		room := width - used
		switch {
		case takes <= room:
			add(piece, takes)
			continue
		case strings.Trim(piece, " ") == "":
			continue
		case used > begin:
			turn()
		}
		for _, r := range piece {
			if used+measure(r) > width && used > begin {
				turn()
			}
			add(string(r), measure(r))
		}
	}
	return append(lines, strings.TrimRight(line, " "))
}

// Marks that do not begin a line, and those that do not end one.
const (
	closing = "，。；：、？！）”》"
	opening = "（“《"
)

// pieces cuts a text where a line may end: a word, its space, or one Chinese character with the mark behind it.
func pieces(text string) []string {
	var all []string
	last := ' ' // the rune before
	for _, r := range text {
		together := len(all) > 0 && (strings.ContainsRune(closing, r) || strings.ContainsRune(opening, last) ||
			r != ' ' && last != ' ' && RuneWidth(r) == 1 && RuneWidth(last) == 1 || r == ' ' && last == ' ')
		if together {
			all[len(all)-1] += string(r)
		} else {
			all = append(all, string(r))
		}
		last = r
	}
	return all
}
