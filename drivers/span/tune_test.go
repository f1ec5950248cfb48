package span

import (
	"errors"
	"testing"
)

func TestParseFormat(t *testing.T) {
	for _, f := range []Framing{CRC4, NoCRC4, ESF, D4} {
		for _, l := range []LineCode{HDB3, AMI, B8ZS} {
			for _, c := range []Clock{FromLine, Internal} {
				want := Format{Framing: f, LineCode: l, Clock: c}
				if got, err := ParseFormat(f.String(), l.String(), c.String()); err != nil || got != want {
					t.Errorf("%v %v %v: %+v, %v", f, l, c, got, err)
				}
			}
		}
	}
	if got, err := ParseFormat("", "", ""); err != nil || got != (Format{}) {
		t.Errorf("nothing said: %+v, %v", got, err)
	}
	for _, words := range [][3]string{{"crc5", "", ""}, {"", "hdb4", ""}, {"", "", "moon"}, {"unknown", "", ""}} {
		if _, err := ParseFormat(words[0], words[1], words[2]); err == nil {
			t.Errorf("%q: no error", words)
		}
	}
}

func TestChoicesAllowTheUsualFormat(t *testing.T) {
	for _, k := range []Kind{E1, T1} {
		usual := k.Format()
		if err := k.Choices().Allow(usual); err != nil {
			t.Errorf("%v: %v", k, err)
		}
		if got := (Format{}).Fill(usual); got != usual {
			t.Errorf("%v: nothing filled is %+v", k, got)
		}
		other := (E1 + T1 - k).Format()
		for name, f := range map[string]Format{
			"framing":   {Framing: other.Framing},
			"line code": {LineCode: other.LineCode},
			"clock":     {Clock: 9},
			"rate":      {DRate: 48},
		} {
			if err := k.Choices().Allow(f.Fill(usual)); !errors.Is(err, ErrNotSupported) {
				t.Errorf("%v with a wrong %s: %v", k, name, err)
			}
		}
		c := k.Choices()
		c.DInverted = false
		usual.DInverted = true
		if err := c.Allow(usual); !errors.Is(err, ErrNotSupported) {
			t.Errorf("%v inverted where that cannot be: %v", k, err)
		}
	}
}
