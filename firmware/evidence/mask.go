package evidence

import (
	"regexp"
	"slices"
	"strings"

	"trunkbox/firmware/trace"
)

// number is a run of digits that is long enough to be somebody's telephone number.
var number = regexp.MustCompile(`\+?[0-9]{5,}`)

// named are digits of any length behind the words with which a trace introduces a number: one that comes digit by digit
// is hidden too. Texts of a display can be names.
var named = regexp.MustCompile(`((?:calling|called|connected|redirecting|keypad "|主叫|被叫|接听的是|按键|from|to|answered is|keys) ?)([0-9*#·]+)`)

var display = regexp.MustCompile(`display "[^"]*"`)

// hide leaves the first three and the last two digits of a number: 138******34. Of a shorter one it leaves nothing.
func hide(digits string) string {
	if len(digits) < 7 {
		return strings.Repeat("*", len(digits))
	}
	return digits[:3] + strings.Repeat("*", len(digits)-5) + digits[len(digits)-2:]
}

// hideIn hides every number in a sentence or a message.
func hideIn(text string) string {
	text = named.ReplaceAllStringFunc(text, func(found string) string {
		parts := named.FindStringSubmatch(found)
		return parts[1] + hide(parts[2])
	})
	text = number.ReplaceAllStringFunc(text, hide)
	return display.ReplaceAllString(text, `display "***"`)
}

// Mask hides the telephone numbers of a pack. The octets of the frames, which have them too, are taken out, and so are the
// numbers of the calls, which tell nothing about people, left.
func (p Pack) Mask() Pack {
	p.Masked = true
	p.Failures = slices.Clone(p.Failures)
	for i := range p.Failures {
		f := &p.Failures[i]
		f.Caller, f.Called = hide(f.Caller), hide(f.Called)
		f.ZH, f.EN = hideIn(f.ZH), hideIn(f.EN)
		f.Ladder = slices.Clone(f.Ladder)
		for j := range f.Ladder {
			f.Ladder[j] = hideRow(f.Ladder[j])
		}
	}
	return p
}

func hideRow(row trace.Row) trace.Row {
	row.Hex = ""
	row.Layer3, row.ZH, row.EN = hideIn(row.Layer3), hideIn(row.ZH), hideIn(row.EN)
	return row
}
