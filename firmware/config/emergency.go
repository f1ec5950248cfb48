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

// countries by code, those of the tones in dsp. CN: the national short codes for police, fire, medical and traffic
// accident, and 12395 for help at sea. In the European Union 112, Directive (EU) 2018/1972 article 109; US: 911, 47 CFR 9.
// The others are the national short codes for police, fire and medical help that are generally known.
var countries = []country{
	{"CN", "中国", "China", "Asia/Shanghai", []string{"110", "119", "120", "122", "12395"}},
	{"US", "美国", "United States", "America/New_York", []string{"911"}},
	{"CA", "加拿大", "Canada", "America/Toronto", []string{"911"}},
	{"EU", "欧洲（其他）", "Europe (other)", "Europe/Berlin", []string{"112"}},
	{"AR", "阿根廷", "Argentina", "America/Argentina/Buenos_Aires", []string{"911", "100", "101", "107"}},
	{"AT", "奥地利", "Austria", "Europe/Vienna", []string{"112", "122", "133", "144"}},
	{"AU", "澳大利亚", "Australia", "Australia/Sydney", []string{"000", "112"}},
	{"BE", "比利时", "Belgium", "Europe/Brussels", []string{"112", "100", "101"}},
	{"BG", "保加利亚", "Bulgaria", "Europe/Sofia", []string{"112"}},
	{"BR", "巴西", "Brazil", "America/Sao_Paulo", []string{"190", "192", "193"}},
	{"CH", "瑞士", "Switzerland", "Europe/Zurich", []string{"112", "117", "118", "144"}},
	{"CL", "智利", "Chile", "America/Santiago", []string{"131", "132", "133"}},
	{"CZ", "捷克", "Czechia", "Europe/Prague", []string{"112", "150", "155", "158"}},
	{"DE", "德国", "Germany", "Europe/Berlin", []string{"112", "110"}},
	{"DK", "丹麦", "Denmark", "Europe/Copenhagen", []string{"112"}},
	{"EE", "爱沙尼亚", "Estonia", "Europe/Tallinn", []string{"112"}},
	{"ES", "西班牙", "Spain", "Europe/Madrid", []string{"112"}},
	{"FI", "芬兰", "Finland", "Europe/Helsinki", []string{"112"}},
	{"FR", "法国", "France", "Europe/Paris", []string{"112", "15", "17", "18"}},
	{"GB", "英国", "United Kingdom", "Europe/London", []string{"999", "112"}},
	{"GR", "希腊", "Greece", "Europe/Athens", []string{"112", "100", "166", "199"}},
	{"HU", "匈牙利", "Hungary", "Europe/Budapest", []string{"112", "104", "105", "107"}},
	{"IL", "以色列", "Israel", "Asia/Jerusalem", []string{"100", "101", "102", "112"}},
	{"IT", "意大利", "Italy", "Europe/Rome", []string{"112", "113", "115", "118"}},
	{"JP", "日本", "Japan", "Asia/Tokyo", []string{"110", "118", "119"}},
	{"LT", "立陶宛", "Lithuania", "Europe/Vilnius", []string{"112"}},
	{"MX", "墨西哥", "Mexico", "America/Mexico_City", []string{"911"}},
	{"NL", "荷兰", "Netherlands", "Europe/Amsterdam", []string{"112"}},
	{"NO", "挪威", "Norway", "Europe/Oslo", []string{"110", "112", "113"}},
	{"NZ", "新西兰", "New Zealand", "Pacific/Auckland", []string{"111"}},
	{"PL", "波兰", "Poland", "Europe/Warsaw", []string{"112", "997", "998", "999"}},
	{"PT", "葡萄牙", "Portugal", "Europe/Lisbon", []string{"112"}},
	{"RU", "俄罗斯", "Russia", "Europe/Moscow", []string{"112", "101", "102", "103"}},
	{"SE", "瑞典", "Sweden", "Europe/Stockholm", []string{"112"}},
	{"TR", "土耳其", "Türkiye", "Europe/Istanbul", []string{"112"}},
	{"TW", "台湾", "Taiwan", "Asia/Taipei", []string{"110", "119", "112"}},
}

// Countries are the codes of the countries that a box can stand in, CN first.
var Countries = func() []string {
	codes := make([]string, len(countries))
	for i, c := range countries {
		codes[i] = c.code
	}
	return codes
}()

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
