package exchange

import (
	"testing"

	"trunkbox/firmware/call"
)

func TestWithheldNumbers(t *testing.T) {
	open := call.Number{Digits: "13800001234", Name: "王芳"}
	for _, c := range []struct {
		calling  call.Number
		language string
		want     call.Number
	}{
		{open, "zh", open},
		{call.Number{}, "zh", call.Number{}},
		{call.Number{Digits: "13800001234", Name: "王芳", Restricted: true}, "zh", call.Number{Name: "匿名", Restricted: true}},
		{call.Number{Digits: "13800001234", Restricted: true}, "en", call.Number{Name: "Anonymous", Restricted: true}},
	} {
		x := &Exchange{}
		x.settings.Box.Language = c.language
		one := &Call{x: x, calling: withheld(c.calling)}
		if got := one.shown(); got != c.want {
			t.Errorf("%+v in %s is shown as %+v, want %+v", c.calling, c.language, got, c.want)
		}
		if kept := one.calling; kept.Restricted && kept.Digits+kept.Name != "" {
			t.Errorf("the call keeps %+v", kept)
		}
	}
}
