package column

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFold(t *testing.T) {
	for _, c := range []struct {
		text   string
		width  int
		indent string
		lines  []string
	}{
		{"", 10, "", []string{""}},
		{"one two", 10, "", []string{"one two"}},
		{"one two three", 8, "", []string{"one two", "three"}},
		{"one two three", 8, "  ", []string{"one two", "  three"}},
		{"信号丢失", 5, "", []string{"信号", "丢失"}},
		{"信号，丢失", 6, "", []string{"信号，", "丢失"}},
		{"信号丢，失", 6, "", []string{"信号", "丢，失"}},
		{"abcdefghij", 4, "", []string{"abcd", "efgh", "ij"}},
		{"线路 line1 告警", 10, "", []string{"线路 line1", "告警"}},
	} {
		if got := Fold(c.text, c.width, c.indent); !reflect.DeepEqual(got, c.lines) {
			t.Errorf("%q at %d: %q, expected %q", c.text, c.width, got, c.lines)
		}
	}
}

func TestPad(t *testing.T) {
	if got := Pad("滑码", 6, false) + "|" + Pad("7", 3, true) + "|" + Pad("滑码", 2, true); got != "滑码  |  7|滑码" {
		t.Errorf("%q", got)
	}
}

func FuzzFold(f *testing.F) {
	f.Add("线路 line1，告警 LOS (loss of signal)", 12)
	f.Fuzz(func(t *testing.T, text string, width int) {
		if width < 4 || width > 200 || len(text) > 1000 || !utf8.ValidString(text) {
			t.Skip("no width of a column, or no text")
		}
		plain := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		lines := Fold(text, width, "")
		if plain(strings.Join(lines, "")) != plain(text) {
			t.Errorf("%q became %q", text, lines)
		}
		for _, line := range lines {
			if Width(line) > width {
				t.Errorf("%q is wider than %d", line, width)
			}
		}
	})
}
