package pri

import (
	"testing"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q931"
)

// TestPlain: what is no number and no name does not get through.
func TestPlain(t *testing.T) {
	for _, c := range []struct {
		number  q931.Number
		display string
		want    call.Number
	}{
		{q931.Number{Digits: []byte("66<\r\n>6")}, "A\r\nB: c", call.Number{Digits: "666", Name: "AB: c"}},
		{q931.Number{Digits: []byte("8613*#"), Type: q931.InternationalNumber}, " 王芳 ", call.Number{Digits: "+8613*#", Name: "王芳"}},
		{q931.Number{Digits: []byte("\x00\xff"), Type: q931.InternationalNumber}, "\xff\xfe", call.Number{}},
	} {
		if got := number(c.number, []byte(c.display)); got != c.want {
			t.Errorf("%q %q: %+v, want %+v", c.number.Digits, c.display, got, c.want)
		}
	}
}
