package q850

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestEveryRowIsComplete(t *testing.T) {
	rows := 0
	for i, e := range entries {
		if e.term == "" {
			if e != (entry{}) {
				t.Errorf("cause %d has values but no term", i)
			}
			continue
		}
		rows++
		if !strings.HasSuffix(e.en, ".") || strings.ContainsFunc(e.en, func(r rune) bool { return r >= 0x80 }) {
			t.Errorf("cause %d: English sentence %q", i, e.en)
		}
		if !strings.ContainsFunc(e.zh, func(r rune) bool { return unicode.Is(unicode.Han, r) }) || !utf8.ValidString(e.zh) {
			t.Errorf("cause %d: Chinese sentence %q", i, e.zh)
		}
		if e.sip < 400 || e.sip > 606 {
			t.Errorf("cause %d: SIP status %d", i, e.sip)
		}
		if int(e.retry) >= len(retryNames) {
			t.Errorf("cause %d: retry class %d", i, e.retry)
		}
		if c := Cause(i); !c.Listed() || !strings.Contains(c.String(), e.term) || c.Plain("zh") != e.zh || c.Plain("en") != e.en {
			t.Errorf("cause %d does not say its row: %s", i, c)
		}
	}
	if rows != len(named) {
		t.Errorf("%d rows, want the %d named causes", rows, len(named))
	}
	for _, c := range named {
		if !c.Listed() {
			t.Errorf("constant %d has no row", c)
		}
	}
}

// named repeats the values of Table 1/Q.850 as numbers, so that a slip in a constant or a row shows.
var named = []Cause{
	1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
	34, 38, 39, 40, 41, 42, 43, 44, 46, 47, 49, 50, 52, 53, 54, 55, 57, 58, 62, 63, 65, 66, 69, 70, 79,
	81, 82, 83, 84, 85, 86, 87, 88, 90, 91, 95, 96, 97, 98, 99, 100, 101, 102, 103, 110, 111, 127,
}

func TestUnlistedCauseIsItsClass(t *testing.T) {
	for c, class := range map[Cause]Cause{10: 31, 15: 31, 33: 47, 48: 63, 64: 79, 89: 95, 109: 111, 112: 127} {
		if c.Listed() {
			t.Errorf("%d is listed", c)
		}
		if c.SIP() != class.SIP() || c.Retry() != class.Retry() || c.Plain("zh") != class.Plain("zh") {
			t.Errorf("%d is not taken as %d", c, class)
		}
	}
	for i := range 256 {
		c := Cause(i)
		if c.String() == "" || c.Plain("zh") == "" || c.Plain("en") == "" {
			t.Errorf("cause %d has no words", i)
		}
	}
}

// TestSIP repeats rows of the two tables of RFC 3398 (clauses 7.2.4.1 and 8.2.6.1).
func TestSIP(t *testing.T) {
	for c, want := range map[Cause]int{
		1: 404, 2: 404, 3: 404, 17: 486, 18: 408, 19: 480, 20: 480, 21: 403, 22: 410, 23: 410,
		26: 404, 27: 502, 28: 484, 29: 501, 31: 480, 34: 503, 38: 503, 41: 503, 42: 503, 47: 503, 55: 403, 57: 403, 58: 503,
		65: 488, 70: 488, 79: 501, 87: 403, 88: 503, 102: 504, 111: 500, 127: 500,
	} {
		if got := c.SIP(); got != want {
			t.Errorf("%v: SIP %d, want %d", c, got, want)
		}
	}
	for status, want := range map[int]Cause{
		200: 16, 302: 23, 400: 41, 401: 21, 404: 1, 405: 63, 406: 79, 408: 102, 410: 22,
		413: 127, 480: 18, 481: 41, 482: 25, 483: 25, 484: 28, 485: 1, 486: 17, 487: 16, 488: 65, 500: 41, 501: 79, 502: 38,
		503: 41, 504: 102, 505: 127, 600: 17, 603: 21, 604: 1, 606: 88, 499: 41, 599: 41, 699: 17, 100: 127, 0: 127, -5: 127,
	} {
		if got := FromSIP(status); got != want {
			t.Errorf("SIP %d: %v, want %d", status, got, want)
		}
	}
}

func TestReason(t *testing.T) {
	for _, c := range named {
		got, ok := ParseReason(c.Reason())
		if !ok || got != c {
			t.Errorf("%q reads as %v", c.Reason(), got)
		}
	}
	if Cause(0).Reason() != "" {
		t.Error("no cause has a Reason")
	}
	for header, want := range map[string]Cause{
		`Q.850;cause=16;text="Terminated"`:             16,
		`q.850 ; CAUSE = 17`:                           17,
		`SIP;cause=600;text="Busy, Q.850;cause=1"`:     0,
		`SIP ;cause=200, Q.850 ;cause=26 ;text="a;b,"`: 26,
		`Q.850;text="say \"cause=3\", ok";cause=19`:    19,
		`Q.850;cause=0`:                                0,
		`Q.850;cause=128`:                              0,
		`Q.850;cause=-1`:                               0,
		`Q.850;cause=x, Q.850;cause=41`:                41,
		`Q.850`:                                        0,
		``:                                             0,
		`"`:                                            0,
	} {
		got, ok := ParseReason(header)
		if got != want || ok != (want != 0) {
			t.Errorf("%s: %d %v, want %d", header, got, ok, want)
		}
	}
}

func TestLocation(t *testing.T) {
	known := map[Location]bool{0: true, 1: true, 2: true, 3: true, 4: true, 5: true, 7: true, 10: true}
	for i := range 256 {
		l := Location(i)
		if l.String() == "" || l.Plain("zh") == "" || l.Plain("en") == "" {
			t.Errorf("location %d has no words", i)
		}
		if numbered := strings.HasPrefix(l.String(), "location "); numbered == known[l] {
			t.Errorf("location %d is called %q", i, l)
		}
	}
}

func TestRetry(t *testing.T) {
	for c, want := range map[Cause]Retry{1: Never, 2: OtherTrunk, 6: OtherChannel, 17: Later, 21: Never, 34: OtherChannel, 44: OtherChannel, 47: OtherTrunk} {
		if c.Retry() != want {
			t.Errorf("%v: %v, want %v", c, c.Retry(), want)
		}
	}
	if Retry(9).String() != "retry class 9" || Later.String() != "later" {
		t.Error("names of the retry classes")
	}
}

func FuzzParseReason(f *testing.F) {
	f.Add(`SIP;cause=200, Q.850;cause=26;text="a;b,"`)
	f.Fuzz(func(t *testing.T, header string) {
		c, ok := ParseReason(header)
		if ok != (c > 0 && c < 128) {
			t.Errorf("%q: %d %v", header, c, ok)
		}
	})
}
