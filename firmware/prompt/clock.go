package prompt

import (
	"strconv"
	"strings"
	"time"
)

// Date gives the pieces that read the day of t, in t's own time zone: 二零二六年十一月二日星期一; Monday,
// November second, twenty twenty-six.
func Date(lang string, t time.Time) []string {
	weekday := strings.ToLower(t.Weekday().String())
	if lang != "zh" {
		pieces := []string{weekday, strings.ToLower(t.Month().String())}
		return append(append(pieces, ordinal(t.Day())...), englishYear(t.Year())...)
	}
	var pieces []string
	for _, digit := range strconv.Itoa(max(0, t.Year())) {
		pieces = append(pieces, string(digit))
	}
	pieces = append(append(append(pieces, "year"), Number("zh", int64(t.Month()))...), "month")
	return append(append(append(pieces, Number("zh", int64(t.Day()))...), "day"), weekday)
}

// ordinal reads the day of a month.
func ordinal(day int) []string {
	ending := "th"
	if day < 11 || day > 13 {
		ending = map[int]string{1: "st", 2: "nd", 3: "rd"}[day%10]
		if ending == "" {
			ending = "th"
		}
	}
	return englishTens(uint64(day), ending)
}

// englishYear reads years in two halves, but for those that begin a millennium: nineteen hundred,
// nineteen oh five, two thousand and six, twenty twenty-six.
func englishYear(year int) []string {
	century, rest := year/100, uint64(year%100)
	if year < 1000 || year > 9999 || century%10 == 0 && rest < 10 {
		return Number("en", int64(max(0, year)))
	}
	pieces := englishTens(uint64(century), "")
	switch {
	case rest == 0:
		return append(pieces, "100")
	case rest < 10:
		pieces = append(pieces, "oh")
	}
	return append(pieces, englishTens(rest, "")...)
}

// dayParts are the parts of a Chinese day by the hour at which they begin.
var dayParts = []struct {
	hour int
	name string
}{{18, "evening"}, {13, "afternoon"}, {12, "noon"}, {6, "morning"}, {0, "small_hours"}}

// TimeOfDay gives the pieces that read the hour and minute of t, in t's own time zone: 下午两点零五分,
// two oh five p.m.; a full hour is 下午两点整, two p.m.
func TimeOfDay(lang string, t time.Time) []string {
	if lang != "zh" {
		return englishTime(t.Hour(), t.Minute())
	}
	var pieces []string
	for _, part := range dayParts {
		if t.Hour() >= part.hour {
			pieces = append(pieces, part.name)
			break
		}
	}
	hour := t.Hour()
	if hour > 12 {
		hour -= 12
	}
	pieces = append(append(pieces, quantity("zh", int64(hour))...), "oclock")
	minute := t.Minute()
	if minute == 0 {
		return append(pieces, "sharp")
	}
	if minute < 10 {
		pieces = append(pieces, "0")
	}
	return append(append(pieces, Number("zh", int64(minute))...), "minute")
}

func englishTime(hour, minute int) []string {
	half := "am"
	if hour >= 12 {
		half = "pm"
	}
	pieces := Number("en", int64((hour+11)%12+1))
	if minute > 0 && minute < 10 {
		pieces = append(pieces, "oh")
	}
	if minute > 0 {
		pieces = append(pieces, Number("en", int64(minute))...)
	}
	return append(pieces, half)
}
