package dsp

import "time"

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

// Countries are the tone plans that the box knows.
//
// CN is 450 Hz throughout. US is the precise tone plan. EU stands for the networks that follow the
// preferred values of E.180 with 425 Hz.
var Countries = []Country{
	{
		Code: "CN", Law: ALaw,
		Dial:        steady(Sine{450, -10}),
		Ringback:    onOff(1000, 4000, Sine{450, -10}),
		Busy:        onOff(350, 350, Sine{450, -10}),
		Congestion:  onOff(700, 700, Sine{450, -10}),
		CallWaiting: onOff(400, 4000, Sine{450, -10}),
		Vacant: Cadence{Steps: []Step{
			on(100, Sine{450, -10}), off(100), on(100, Sine{450, -10}), off(100),
			on(100, Sine{450, -10}), off(100), on(400, Sine{450, -10}), off(400),
		}},
		Special:   rising(-10, 950, 1400, 1800),
		Recording: onOff(400, 10000, Sine{950, -20}),
	},
	{
		Code: "US", Law: MuLaw,
		Dial:        steady(Sine{350, -13}, Sine{440, -13}),
		Ringback:    onOff(2000, 4000, Sine{440, -19}, Sine{480, -19}),
		Busy:        onOff(500, 500, Sine{480, -24}, Sine{620, -24}),
		Congestion:  onOff(250, 250, Sine{480, -24}, Sine{620, -24}),
		CallWaiting: onOff(300, 9700, Sine{440, -13}),
		Vacant: Cadence{Steps: []Step{
			on(380, Sine{985.2, -14}), on(274, Sine{1370.6, -14}), on(380, Sine{1776.7, -14}), off(1000),
		}},
		Special:   rising(-14, 950, 1400, 1800),
		Recording: onOff(500, 14500, Sine{1400, -20}),
	},
	{
		Code: "EU", Law: ALaw,
		Dial:        steady(Sine{425, -10}),
		Ringback:    onOff(1000, 4000, Sine{425, -10}),
		Busy:        onOff(500, 500, Sine{425, -10}),
		Congestion:  onOff(250, 250, Sine{425, -10}),
		CallWaiting: onOff(200, 4800, Sine{425, -13}),
		Vacant:      rising(-10, 950, 1400, 1800),
		Special:     rising(-10, 950, 1400, 1800),
		Recording:   onOff(500, 14500, Sine{1400, -20}),
	},
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

func steady(sines ...Sine) Cadence { return Cadence{Steps: []Step{on(0, sines...)}} }

func onOff(onMs, offMs int, sines ...Sine) Cadence {
	return Cadence{Steps: []Step{on(onMs, sines...), off(offMs)}}
}

// rising is the special information tone: three tones of 330 ms in succession and a pause of 1 s.
func rising(dBm0 float64, hz ...float64) Cadence {
	var c Cadence
	for _, f := range hz {
		c.Steps = append(c.Steps, on(330, Sine{f, dBm0}))
	}
	c.Steps = append(c.Steps, off(1000))
	return c
}

func on(ms int, sines ...Sine) Step {
	return Step{Sines: sines, Lasts: time.Duration(ms) * time.Millisecond}
}

func off(ms int) Step { return on(ms) }
