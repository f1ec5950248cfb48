package config

import "slices"

// country is what differs from country to country. Emergency numbers are dialled without any prefix,
// are never barred, and may take the last channel of a line.
type country struct {
	code      string
	zh, en    string
	zone      string   // time zone of Default
	emergency []string // numbers as dialled
}

// countries by code. CN: the national short codes for police, fire, medical and traffic accident, and
// 12395 for help at sea. EU: 112, Directive (EU) 2018/1972 article 109. US: 911, 47 CFR 9.
var countries = []country{
	{"CN", "中国", "China", "Asia/Shanghai", []string{"110", "119", "120", "122", "12395"}},
	{"EU", "欧洲", "Europe", "Europe/Berlin", []string{"112"}},
	{"US", "美国", "United States", "America/New_York", []string{"911"}},
}

func countryOf(code string) (country, bool) {
	i := slices.IndexFunc(countries, func(c country) bool { return c.code == code })
	if i < 0 {
		return country{}, false
	}
	return countries[i], true
}

// Emergency says whether digits, as dialled without the outside prefix, are an emergency number of country.
func Emergency(country, digits string) bool {
	return slices.Contains(EmergencyNumbers(country), digits)
}

// EmergencyNumbers lists the emergency numbers of country, none for an unknown one.
func EmergencyNumbers(country string) []string {
	c, _ := countryOf(country)
	return slices.Clone(c.emergency)
}
