package dsp

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Country is what the network of a country sounds like: the tones that an exchange gives to its
// callers. Values are those of Supplement 2 to the E.180 series where a country is named.
type Country struct {
	Code        string
	Law         Law
	Dial        Cadence
	Ringback    Cadence
	Busy        Cadence
	Congestion  Cadence // also called reorder
	CallWaiting Cadence
	Vacant      Cadence // number not in service
	Special     Cadence // the three rising tones before an announcement, clause 9/E.180
	Recording   Cadence // told to both parties while they are recorded
}

// Countries are the tone plans that the box knows: CN first, which is the one of a box that was not
// told where it stands. EU stands for the networks that follow the preferred values of E.180 with
// 425 Hz. What is not surely known of a country is left out and silent.
var Countries = func() []Country {
	countries := make([]Country, len(plans))
	for i, p := range plans {
		countries[i] = Country{
			Code: p.code, Law: p.law, Dial: p.dial.cadence(), Ringback: p.ringback.cadence(),
			Busy: p.busy.cadence(), Congestion: p.congestion.cadence(), CallWaiting: p.waiting.cadence(),
			Vacant: p.vacant.cadence(), Special: p.special.cadence(), Recording: p.recording.cadence(),
		}
	}
	return countries
}()

// plan is the row of a country.
type plan struct {
	code                                string
	law                                 Law
	dial, ringback, busy, congestion    score
	waiting, vacant, special, recording score
}

// The three rising tones, for the networks that have them before all announcements, and the tone that
// recording machines give in most countries.
const (
	rising    score = "950/330 1400/330 1800/330 0/1000"
	recording score = "1400@-20/500 0/14500"
)

// Supplement 2 to the E.180 series, a row a country. The levels are those of E.180 clause 4 but where
// the network names its own.
var plans = []plan{
	{
		"CN", ALaw, "450", "450/1000 0/4000", "450/350 0/350", "450/700 0/700",
		"450/400 0/4000", "450/100 0/100 450/100 0/100 450/100 0/100 450/400 0/400", rising, "950@-20/400 0/10000",
	},
	{
		"US", MuLaw, "350+440", "440@-19+480@-19/2000 0/4000", "480@-24+620@-24/500 0/500", "480@-24+620@-24/250 0/250",
		"440@-13/300 0/9700", "985.2@-14/380 1370.6@-14/274 1776.7@-14/380 0/1000",
		"950@-14/330 1400@-14/330 1800@-14/330 0/1000", recording,
	},
	{
		"CA", MuLaw, "350+440", "440@-19+480@-19/2000 0/4000", "480@-24+620@-24/500 0/500", "480@-24+620@-24/250 0/250",
		"440@-13/300 0/9700", "985.2@-14/380 1370.6@-14/274 1776.7@-14/380 0/1000",
		"950@-14/330 1400@-14/330 1800@-14/330 0/1000", recording,
	},
	{"EU", ALaw, "425", "425/1000 0/4000", "425/500 0/500", "425/250 0/250", "425@-13/200 0/4800", rising, rising, recording},
	{
		"AR", ALaw, "425", "425/1000 0/4500", "425/200 0/300", "425/200 0/300",
		"425/400 0/10000", rising, rising, recording,
	},
	{"AT", ALaw, "420", "420/1000 0/5000", "420/400 0/400", "420/200 0/200", "420/40 0/1960", rising, rising, recording},
	{
		"AU", ALaw, "413+438", "413+438/400 0/200 413+438/400 0/2000", "425/375 0/375", "425/375 0/375 425@-20/375 0/375",
		"425/200 0/200 425/200 0/4400", "", rising, recording,
	},
	{"BE", ALaw, "425", "425/1000 0/3000", "425/500 0/500", "425/167 0/167", "1400/175 0/175 1400/175 0/3500", rising, rising, recording},
	{"BG", ALaw, "425", "425/1000 0/4000", "425/500 0/500", "425/250 0/250", "425/150 0/150 425/150 0/4000", rising, rising, recording},
	{"BR", ALaw, "425", "425/1000 0/4000", "425/250 0/250", "425/250 0/250 425/750 0/250", "425/50 0/1000", "", rising, recording},
	{"CH", ALaw, "425", "425/1000 0/4000", "425/500 0/500", "425/200 0/200", "425/200 0/200 425/200 0/4000", rising, rising, recording},
	{"CL", ALaw, "400", "400/1000 0/3000", "400/500 0/500", "400/200 0/200", "400/250 0/8750", rising, rising, recording},
	{
		"CZ", ALaw, "425/330 0/330 425/660 0/660", "425/1000 0/4000", "425/330 0/330", "425/165 0/165",
		"425/330 0/9000", rising, rising, recording,
	},
	{"DE", ALaw, "425", "425/1000 0/4000", "425/480 0/480", "425/240 0/240", "425/200 0/200 425/200 0/5000", rising, rising, recording},
	{"DK", ALaw, "425", "425/1000 0/4000", "425/500 0/500", "425/250 0/250", "425/200 0/600 425/200 0/3000", rising, rising, recording},
	{"EE", ALaw, "425", "425/1000 0/4000", "425/300 0/300", "425/200 0/200", "", rising, rising, recording},
	{
		"ES", ALaw, "425", "425/1500 0/3000", "425/200 0/200", "425/200 0/200 425/200 0/200 425/200 0/600",
		"425/175 0/175 425/175 0/3500", rising, rising, recording,
	},
	{"FI", ALaw, "425", "425/1000 0/4000", "425/300 0/300", "425/200 0/200", "425/150 0/150 425/150 0/8000", rising, rising, recording},
	{"FR", ALaw, "440", "440/1500 0/3500", "440/500 0/500", "440/250 0/250", "440/300 0/10000", rising, rising, recording},
	{
		"GB", ALaw, "350+440", "400+450/400 0/200 400+450/400 0/2000", "400/375 0/375", "400/400 0/350 400/225 0/525",
		"400/100 0/4000", "400", rising, recording,
	},
	{
		"GR", ALaw, "425/200 0/300 425/700 0/800", "425/1000 0/4000", "425/300 0/300", "425/200 0/200",
		"425/150 0/150 425/150 0/8000", rising, rising, recording,
	},
	{"HU", ALaw, "425", "425/1250 0/3750", "425/300 0/300", "425/300 0/300", "425/40 0/1960", rising, rising, recording},
	{"IL", ALaw, "414", "414/1000 0/3000", "414/500 0/500", "414/250 0/250", "414/100 0/100 414/100 0/5000", rising, rising, recording},
	{
		"IT", ALaw, "425/200 0/200 425/600 0/1000", "425/1000 0/4000", "425/500 0/500", "425/200 0/200",
		"425/400 0/100 425/250 0/100 425/150 0/14000", rising, rising, recording,
	},
	{"JP", MuLaw, "400", "384+416/1000 0/2000", "400/500 0/500", "400/500 0/500", "", "", "", recording},
	{"LT", ALaw, "425", "425/1000 0/4000", "425/350 0/350", "425/200 0/200", "425/150 0/150 425/150 0/4000", rising, rising, recording},
	{"MX", ALaw, "425", "425/1000 0/4000", "425/250 0/250", "425/250 0/250", "425/200 0/600 425/200 0/10000", rising, rising, recording},
	{"NL", ALaw, "425", "425/1000 0/4000", "425/500 0/500", "425/250 0/250", "425/500 0/9500", rising, rising, recording},
	{"NO", ALaw, "425", "425/1000 0/4000", "425/500 0/500", "425/200 0/200", "425/200 0/600 425/200 0/10000", rising, rising, recording},
	{
		"NZ", ALaw, "400", "400+450/400 0/200 400+450/400 0/2000", "400/500 0/500", "400/250 0/250",
		"400/200 0/3000", "400/75 0/100 400/75 0/100 400/75 0/100 400/75 0/400", "", recording,
	},
	{"PL", ALaw, "425", "425/1000 0/4000", "425/500 0/500", "425/500 0/500", "425/150 0/150 425/150 0/4000", rising, rising, recording},
	{"PT", ALaw, "425", "425/1000 0/5000", "425/500 0/500", "425/200 0/200", "425/200 0/200 425/200 0/5000", rising, rising, recording},
	{"RU", ALaw, "425", "425/800 0/3200", "425/350 0/350", "425/175 0/175", "425/200 0/5000", rising, rising, recording},
	{"SE", ALaw, "425", "425/1000 0/5000", "425/250 0/250", "425/250 0/750", "425/200 0/500 425/200 0/9100", rising, rising, recording},
	{
		"TR", ALaw, "450", "450/2000 0/4000", "450/500 0/500", "450/200 0/200 450/200 0/200 450/200 0/200 450/600 0/200",
		"450/200 0/600 450/200 0/8000", rising, rising, recording,
	},
	{
		"TW", MuLaw, "350+440", "440@-19+480@-19/1000 0/2000", "480@-24+620@-24/500 0/500", "480@-24+620@-24/250 0/250",
		"", "", "", recording,
	},
}

// score is a cadence as the table writes it, its steps with blanks between them:
//
//	425/1000        425 Hz for 1000 ms, -10 dBm0
//	0/4000          silence for 4000 ms
//	350+440         two frequencies together, each -13 dBm0, for ever
//	480@-24+620@-24/500   of -24 dBm0 each, for 500 ms
type score string

// cadence reads the score. It panics at one that cannot be read: the table is ours.
func (s score) cadence() Cadence {
	var c Cadence
	for text := range strings.FieldsSeq(string(s)) {
		sines, ms, timed := strings.Cut(text, "/")
		step := Step{}
		if timed {
			step.Lasts = time.Duration(s.number(ms)) * time.Millisecond
		}
		if sines != "0" {
			parts := strings.Split(sines, "+")
			for _, part := range parts {
				hz, level, leveled := strings.Cut(part, "@")
				sine := Sine{Hz: s.number(hz), DBm0: -10}
				switch {
				case leveled:
					sine.DBm0 = s.number(level)
				case len(parts) > 1:
					sine.DBm0 = -13
				}
				step.Sines = append(step.Sines, sine)
			}
		}
		c.Steps = append(c.Steps, step)
	}
	return c
}

func (s score) number(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(fmt.Sprintf("%q in the score %q is no number", text, string(s)))
	}
	return n
}

// CountryByCode finds the tone plan of a country by its code as in Countries.
func CountryByCode(code string) (Country, bool) {
	for _, c := range Countries {
		if c.Code == code {
			return c, true
		}
	}
	return Country{}, false
}
