package prompt

// Currency is what an amount is counted in.
type Currency uint8

// The currencies that the box can read.
const (
	Yuan   Currency = iota // of 100 fen
	Dollar                 // of the United States, of 100 cents
)

// Money gives the pieces that read an amount given in hundredths: fen of a yuan, cents of a dollar.
//
// Chinese yuan are read with 角 and 分, and with 零 between 元 and 分 when there is no 角: 一百零五元零五分.
// Chinese dollars and both in English are read in two parts: 五美元二十美分, five yuan and twenty fen.
func Money(lang string, hundredths int64, currency Currency) []string {
	var pieces []string
	magnitude := uint64(hundredths)
	if hundredths < 0 {
		pieces = append(pieces, "minus")
		magnitude = -magnitude
	}
	whole, rest := int64(magnitude/100), int64(magnitude%100)
	if lang == "zh" && currency == Yuan {
		return append(pieces, chineseYuan(whole, rest)...)
	}
	if whole > 0 || rest == 0 {
		pieces = append(pieces, quantity(lang, whole)...)
		pieces = append(pieces, unitOf(lang, currency, whole)[0])
		if rest > 0 && lang == "en" {
			pieces = append(pieces, "and")
		}
	}
	if rest > 0 {
		pieces = append(pieces, quantity(lang, rest)...)
		pieces = append(pieces, unitOf(lang, currency, rest)[1])
	}
	return pieces
}

func chineseYuan(whole, rest int64) []string {
	var pieces []string
	if whole > 0 || rest == 0 {
		pieces = append(pieces, quantity("zh", whole)...)
		pieces = append(pieces, "yuan")
	}
	jiao, fen := rest/10, rest%10
	if jiao > 0 {
		pieces = append(pieces, quantity("zh", jiao)...)
		pieces = append(pieces, "jiao")
	}
	if fen > 0 {
		if whole > 0 && jiao == 0 {
			pieces = append(pieces, "0")
		}
		pieces = append(pieces, quantity("zh", fen)...)
		pieces = append(pieces, "fen")
	}
	return pieces
}

// unitOf gives the pieces for the unit and its hundredth; only English dollars have a plural.
func unitOf(lang string, currency Currency, n int64) [2]string {
	switch {
	case currency == Yuan:
		return [2]string{"yuan", "fen"}
	case lang == "en" && n != 1:
		return [2]string{"us_dollars", "us_cents"}
	}
	return [2]string{"us_dollar", "us_cent"}
}
