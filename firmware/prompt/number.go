package prompt

import (
	"strconv"
)

// Number gives the pieces that read a number as one counts: 一百零五, one hundred and five.
//
// Chinese: one 零 for any run of zeros inside; 10 to 19 at the head are 十 and not 一十; 2 is 两 at the
// head before 千, 万 and 亿, otherwise 二 (as grammars advise; 二百 rather than 两百). English: with "and"
// before the tens and units, as is understood on both sides of the Atlantic.
func Number(lang string, n int64) []string {
	var pieces []string
	magnitude := uint64(n)
	if n < 0 {
		pieces = append(pieces, "minus")
		magnitude = -magnitude
	}
	if lang == "zh" {
		return append(pieces, chinese(magnitude)...)
	}
	return append(pieces, english(magnitude)...)
}

// quantity is Number before a measure word, where a lone Chinese 2 is 两: 两点, 两元.
func quantity(lang string, n int64) []string {
	if lang == "zh" && n == 2 {
		return []string{"liang"}
	}
	return Number(lang, n)
}

const (
	wan = 10_000
	yi  = 100_000_000
)

func chinese(n uint64) []string {
	if n == 0 {
		return []string{"0"}
	}
	pieces := chineseParts(n)
	if len(pieces) > 1 && pieces[0] == "1" && pieces[1] == "10" {
		return pieces[1:]
	}
	if len(pieces) > 1 && pieces[0] == "2" && pieces[1] != "10" && pieces[1] != "100" {
		pieces[0] = "liang"
	}
	return pieces
}

// chineseParts reads n > 0 with neither of the rules that hold for its head only.
func chineseParts(n uint64) []string {
	for _, unit := range []uint64{yi, wan} {
		if n < unit {
			continue
		}
		pieces := append(chineseParts(n/unit), strconv.FormatUint(unit, 10))
		if rest := n % unit; rest > 0 {
			if rest < unit/10 {
				pieces = append(pieces, "0")
			}
			pieces = append(pieces, chineseParts(rest)...)
		}
		return pieces
	}
	var pieces []string
	gap := false
	for _, unit := range []uint64{1000, 100, 10, 1} {
		digit := n / unit % 10
		if digit == 0 {
			gap = true
			continue
		}
		if gap && len(pieces) > 0 {
			pieces = append(pieces, "0")
		}
		gap = false
		pieces = append(pieces, strconv.FormatUint(digit, 10))
		if unit > 1 {
			pieces = append(pieces, strconv.FormatUint(unit, 10))
		}
	}
	return pieces
}

func english(n uint64) []string {
	if n == 0 {
		return []string{"0"}
	}
	var pieces []string
	for unit := uint64(1_000_000_000_000_000_000); unit >= 1000; unit /= 1000 {
		if group := n / unit % 1000; group > 0 {
			pieces = append(pieces, englishGroup(group)...)
			pieces = append(pieces, strconv.FormatUint(unit, 10))
		}
	}
	if rest := n % 1000; rest > 0 {
		if len(pieces) > 0 && rest < 100 {
			pieces = append(pieces, "and")
		}
		pieces = append(pieces, englishGroup(rest)...)
	}
	return pieces
}

// englishGroup reads 1 to 999.
func englishGroup(n uint64) []string {
	var pieces []string
	if n >= 100 {
		pieces = append(pieces, strconv.FormatUint(n/100, 10), "100")
		if n %= 100; n > 0 {
			pieces = append(pieces, "and")
		}
	}
	if n == 0 {
		return pieces
	}
	return append(pieces, englishTens(n, "")...)
}

// englishTens reads 1 to 99; the ending makes ordinals of it.
func englishTens(n uint64, ending string) []string {
	if n < 20 || n%10 == 0 {
		return []string{strconv.FormatUint(n, 10) + ending}
	}
	return []string{strconv.FormatUint(n-n%10, 10), strconv.FormatUint(n%10, 10) + ending}
}

// digitPieces are the keys and signs of a number as one dials it.
var digitPieces = map[rune]string{
	'*': "star", '#': "hash", '+': "plus",
	'A': "key_a", 'B': "key_b", 'C': "key_c", 'D': "key_d",
}

// Digits gives the pieces that read a telephone number digit by digit; in Chinese 1 is 幺. Keys and
// signs are read by name, everything else (spaces, brackets, hyphens) is passed over. The keys A to D
// are read in English only.
func Digits(lang, number string) []string {
	var pieces []string
	for _, r := range number {
		name, known := digitPieces[r]
		switch {
		case r == '1' && lang == "zh":
			pieces = append(pieces, "yao")
		case r >= '0' && r <= '9':
			pieces = append(pieces, string(r))
		case known:
			pieces = append(pieces, name)
		}
	}
	return pieces
}
