package prompt

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// readings are tables of what is read and how it is worded in each language.
func TestNumber(t *testing.T) {
	for _, c := range []struct {
		n      int64
		zh, en string
	}{
		{0, "零", "zero"},
		{1, "一", "one"},
		{2, "二", "two"},
		{10, "十", "ten"},
		{11, "十一", "eleven"},
		{12, "十二", "twelve"},
		{19, "十九", "nineteen"},
		{20, "二十", "twenty"},
		{21, "二十一", "twenty-one"},
		{99, "九十九", "ninety-nine"},
		{100, "一百", "one hundred"},
		{101, "一百零一", "one hundred and one"},
		{105, "一百零五", "one hundred and five"},
		{110, "一百一十", "one hundred and ten"},
		{111, "一百一十一", "one hundred and eleven"},
		{120, "一百二十", "one hundred and twenty"},
		{200, "二百", "two hundred"},
		{222, "二百二十二", "two hundred and twenty-two"},
		{999, "九百九十九", "nine hundred and ninety-nine"},
		{1000, "一千", "one thousand"},
		{1001, "一千零一", "one thousand and one"},
		{1010, "一千零一十", "one thousand and ten"},
		{1100, "一千一百", "one thousand one hundred"},
		{1105, "一千一百零五", "one thousand one hundred and five"},
		{2000, "两千", "two thousand"},
		{2002, "两千零二", "two thousand and two"},
		{2222, "两千二百二十二", "two thousand two hundred and twenty-two"},
		{10000, "一万", "ten thousand"},
		{10001, "一万零一", "ten thousand and one"},
		{10010, "一万零一十", "ten thousand and ten"},
		{10100, "一万零一百", "ten thousand one hundred"},
		{12000, "一万二千", "twelve thousand"},
		{20000, "两万", "twenty thousand"},
		{20300, "两万零三百", "twenty thousand three hundred"},
		{22000, "两万二千", "twenty-two thousand"},
		{100000, "十万", "one hundred thousand"},
		{100010, "十万零一十", "one hundred thousand and ten"},
		{101000, "十万一千", "one hundred and one thousand"},
		{110000, "十一万", "one hundred and ten thousand"},
		{200000, "二十万", "two hundred thousand"},
		{1000000, "一百万", "one million"},
		{1000005, "一百万零五", "one million and five"},
		{1050000, "一百零五万", "one million fifty thousand"},
		{2000000, "二百万", "two million"},
		{10000000, "一千万", "ten million"},
		{20000000, "两千万", "twenty million"},
		{100000000, "一亿", "one hundred million"},
		{100000001, "一亿零一", "one hundred million and one"},
		{100100000, "一亿零一十万", "one hundred million one hundred thousand"},
		{120000000, "一亿二千万", "one hundred and twenty million"},
		{200000000, "两亿", "two hundred million"},
		{1000000000, "十亿", "one billion"},
		{1234567890, "十二亿三千四百五十六万七千八百九十", "one billion two hundred and thirty-four million five hundred and sixty-seven thousand eight hundred and ninety"},
		{1000000000000, "一万亿", "one trillion"},
		{-5, "负五", "minus five"},
		{-2000, "负两千", "minus two thousand"},
		{math.MaxInt64, "九百二十二亿三千三百七十二万零三百六十八亿五千四百七十七万五千八百零七", "nine quintillion two hundred and twenty-three quadrillion three hundred and seventy-two trillion thirty-six billion eight hundred and fifty-four million seven hundred and seventy-five thousand eight hundred and seven"},
		{math.MinInt64, "负九百二十二亿三千三百七十二万零三百六十八亿五千四百七十七万五千八百零八", "minus nine quintillion two hundred and twenty-three quadrillion three hundred and seventy-two trillion thirty-six billion eight hundred and fifty-four million seven hundred and seventy-five thousand eight hundred and eight"},
	} {
		worded(t, "zh", Number("zh", c.n), c.zh)
		worded(t, "en", Number("en", c.n), c.en)
	}
}

// worded asks for a wording and that every piece of it can be heard.
func worded(t *testing.T, lang string, pieces []string, want string) {
	t.Helper()
	if got := Text(lang, pieces); got != want {
		t.Errorf("%s: %q, want %q (pieces %q)", lang, got, want, pieces)
	}
	if _, err := Say(lang, pieces...); err != nil {
		t.Errorf("%s %q: %v", lang, want, err)
	}
}

// TestNumberSense works the value of a reading out again by the meaning of its words, for numbers
// of every size.
func TestNumberSense(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	check := func(n int64) {
		if got := valueZH(t, Number("zh", n)); got != n {
			t.Fatalf("%d is read %s, which is %d", n, Text("zh", Number("zh", n)), got)
		}
		if got := valueEN(t, Number("en", n)); got != n {
			t.Fatalf("%d is read %s, which is %d", n, Text("en", Number("en", n)), got)
		}
	}
	for n := range int64(12000) {
		check(n)
	}
	for range 20000 {
		check(random.Int64() >> random.IntN(63))
	}
}

func pieceValue(t *testing.T, piece string) int64 {
	t.Helper()
	if piece == "liang" {
		return 2
	}
	v := int64(0)
	for _, r := range piece {
		if r < '0' || r > '9' {
			t.Fatalf("%q is no number", piece)
		}
		v = v*10 + int64(r-'0')
	}
	return v
}

func valueZH(t *testing.T, pieces []string) int64 {
	var total, section, digit int64
	for i, piece := range pieces {
		switch v := pieceValue(t, piece); {
		case v < 10:
			digit = v
		case v <= 1000:
			if digit == 0 && (i == 0) {
				digit = 1 // 十 at the head
			}
			section, digit = section+digit*v, 0
		case v == wan:
			section, digit = (section+digit)*wan, 0
			total, section = total+section, 0
		default: // 亿 counts all that came before it
			total, section, digit = (total+section+digit)*yi, 0, 0
		}
	}
	return total + section + digit
}

func valueEN(t *testing.T, pieces []string) int64 {
	var total, group int64
	for _, piece := range pieces {
		if piece == "and" {
			continue
		}
		switch v := pieceValue(t, piece); {
		case v < 100:
			group += v
		case v == 100:
			group *= 100
		default:
			total, group = total+group*v, 0
		}
	}
	return total + group
}

func TestDigits(t *testing.T) {
	for _, c := range []struct{ number, zh, en string }{
		{"10086", "幺零零八六", "one zero zero eight six"},
		{"+86 (10) 2211-0", "加八六幺零二二幺幺零", "plus eight six one zero two two one one zero"},
		{"*45#", "星号四五井号", "star four five hash"},
		{"", "", ""},
		{"x-y", "", ""},
	} {
		worded(t, "zh", Digits("zh", c.number), c.zh)
		worded(t, "en", Digits("en", c.number), c.en)
	}
	worded(t, "en", Digits("en", "A1B2C3D"), "A one B two C three D")
}

func TestMoney(t *testing.T) {
	for _, c := range []struct {
		hundredths int64
		currency   Currency
		zh, en     string
	}{
		{0, Yuan, "零元", "zero yuan"},
		{1, Yuan, "一分", "one fen"},
		{2, Yuan, "两分", "two fen"},
		{5, Yuan, "五分", "five fen"},
		{10, Yuan, "一角", "ten fen"},
		{25, Yuan, "两角五分", "twenty-five fen"},
		{100, Yuan, "一元", "one yuan"},
		{200, Yuan, "两元", "two yuan"},
		{1000, Yuan, "十元", "ten yuan"},
		{1200, Yuan, "十二元", "twelve yuan"},
		{10505, Yuan, "一百零五元零五分", "one hundred and five yuan and five fen"},
		{10050, Yuan, "一百元五角", "one hundred yuan and fifty fen"},
		{222222, Yuan, "两千二百二十二元两角两分", "two thousand two hundred and twenty-two yuan and twenty-two fen"},
		{-350, Yuan, "负三元五角", "minus three yuan and fifty fen"},
		{100, Dollar, "一美元", "one dollar"},
		{101, Dollar, "一美元一美分", "one dollar and one cent"},
		{202, Dollar, "两美元两美分", "two dollars and two cents"},
		{99, Dollar, "九十九美分", "ninety-nine cents"},
		{0, Dollar, "零美元", "zero dollars"},
		{123456, Dollar, "一千二百三十四美元五十六美分", "one thousand two hundred and thirty-four dollars and fifty-six cents"},
		{math.MinInt64, Yuan, "负九亿二千二百三十三万七千二百零三亿六千八百五十四万七千七百五十八元零八分", "minus ninety-two quadrillion two hundred and thirty-three trillion seven hundred and twenty billion three hundred and sixty-eight million five hundred and forty-seven thousand seven hundred and fifty-eight yuan and eight fen"},
	} {
		worded(t, "zh", Money("zh", c.hundredths, c.currency), c.zh)
		worded(t, "en", Money("en", c.hundredths, c.currency), c.en)
	}
}

func TestDate(t *testing.T) {
	for _, c := range []struct {
		year   int
		month  time.Month
		day    int
		zh, en string
	}{
		{2026, time.November, 2, "二零二六年十一月二日星期一", "Monday November second twenty twenty-six"},
		{2011, time.October, 10, "二零一一年十月十日星期一", "Monday October tenth twenty eleven"},
		{2000, time.February, 29, "二零零零年二月二十九日星期二", "Tuesday February twenty-ninth two thousand"},
		{2006, time.January, 21, "二零零六年一月二十一日星期六", "Saturday January twenty-first two thousand and six"},
		{1999, time.December, 31, "一九九九年十二月三十一日星期五", "Friday December thirty-first nineteen ninety-nine"},
		{1905, time.May, 12, "一九零五年五月十二日星期五", "Friday May twelfth nineteen oh five"},
		{1900, time.March, 30, "一九零零年三月三十日星期五", "Friday March thirtieth nineteen hundred"},
		{2100, time.June, 23, "二一零零年六月二十三日星期三", "Wednesday June twenty-third twenty-one hundred"},
		{2030, time.August, 13, "二零三零年八月十三日星期二", "Tuesday August thirteenth twenty thirty"},
	} {
		day := time.Date(c.year, c.month, c.day, 12, 0, 0, 0, time.UTC)
		worded(t, "zh", Date("zh", day), c.zh)
		worded(t, "en", Date("en", day), c.en)
	}
}

func TestTimeOfDay(t *testing.T) {
	for _, c := range []struct {
		hour, minute int
		zh, en       string
	}{
		{0, 0, "凌晨零点整", "twelve a.m."},
		{0, 5, "凌晨零点零五分", "twelve oh five a.m."},
		{2, 5, "凌晨两点零五分", "two oh five a.m."},
		{6, 30, "上午六点三十分", "six thirty a.m."},
		{9, 59, "上午九点五十九分", "nine fifty-nine a.m."},
		{12, 0, "中午十二点整", "twelve p.m."},
		{12, 2, "中午十二点零二分", "twelve oh two p.m."},
		{14, 10, "下午两点十分", "two ten p.m."},
		{17, 45, "下午五点四十五分", "five forty-five p.m."},
		{18, 0, "晚上六点整", "six p.m."},
		{23, 12, "晚上十一点十二分", "eleven twelve p.m."},
	} {
		at := time.Date(2026, 11, 2, c.hour, c.minute, 0, 0, time.UTC)
		worded(t, "zh", TimeOfDay("zh", at), c.zh)
		worded(t, "en", TimeOfDay("en", at), c.en)
	}
}

// TestEveryDayAndMinute: whatever is read can be heard.
func TestEveryDayAndMinute(t *testing.T) {
	for _, lang := range Languages {
		heard := func(pieces []string) {
			for _, piece := range pieces {
				if clip, found := Find(lang, piece); !found || len(clip) == 0 {
					t.Fatalf("%s: there is no clip %q (%q)", lang, piece, pieces)
				}
			}
			if strings.Contains(Text(lang, pieces), "[") {
				t.Fatalf("%s: %q is worded %q", lang, pieces, Text(lang, pieces))
			}
		}
		day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for i := range 1440 {
			heard(TimeOfDay(lang, day.Add(time.Duration(i)*time.Minute)))
			heard(Date(lang, day.AddDate(i/4, 0, i)))
			heard(Position(lang, i))
			heard(Money(lang, int64(i), Yuan))
			heard(Money(lang, int64(i), Dollar))
		}
		for year := -3; year < 10100; year++ {
			heard(Date(lang, time.Date(year, 7, 1, 0, 0, 0, 0, time.UTC)))
		}
	}
	worded(t, "zh", Position("zh", 2), "您是第二位，请耐心等候。")
	worded(t, "en", Position("en", 12), "You are number twelve in the queue.")
}
