package dsp

import (
	"testing"
	"time"
)

// TestCountriesPlausible holds the table against the limits that E.180 sets for the tones of a
// network, with some room for the networks that are older.
func TestCountriesPlausible(t *testing.T) {
	if len(Countries) < 30 || Countries[0].Code != "CN" {
		t.Errorf("%d countries, the first %q", len(Countries), Countries[0].Code)
	}
	seen := map[string]bool{}
	for _, c := range Countries {
		if len(c.Code) != 2 || seen[c.Code] {
			t.Errorf("code %q", c.Code)
		}
		seen[c.Code] = true
		if muLaw := c.Code == "US" || c.Code == "CA" || c.Code == "JP" || c.Code == "TW"; muLaw != (c.Law == MuLaw) {
			t.Errorf("%s has %v", c.Code, c.Law)
		}
		for _, tone := range []struct {
			name               string
			cadence            Cadence
			lowHz, highHz      float64
			shortest, longest  time.Duration // of a turn
			leastOn, mostOn    float64       // share of the turn that sounds
			required, unending bool
		}{
			{"dial", c.Dial, 340, 500, 0, 2500 * time.Millisecond, 0.3, 1, true, true},
			{"ringback", c.Ringback, 370, 500, 2900 * time.Millisecond, 6100 * time.Millisecond, 0.15, 0.36, true, false},
			{"busy", c.Busy, 380, 630, 300 * time.Millisecond, 1100 * time.Millisecond, 0.39, 0.61, true, false},
			{"congestion", c.Congestion, 380, 630, 300 * time.Millisecond, 2000 * time.Millisecond, 0.19, 0.7, true, false},
			{"call waiting", c.CallWaiting, 390, 1450, time.Second, 16 * time.Second, 0.01, 0.25, false, false},
			{"vacant", c.Vacant, 390, 1850, 500 * time.Millisecond, 2100 * time.Millisecond, 0.25, 1, false, true},
			{"special", c.Special, 900, 1850, 1900 * time.Millisecond, 2100 * time.Millisecond, 0.45, 0.55, false, false},
			{"recording", c.Recording, 900, 1450, 10 * time.Second, 16 * time.Second, 0.01, 0.05, true, false},
		} {
			if len(tone.cadence.Steps) == 0 {
				if tone.required {
					t.Errorf("%s has no %s tone", c.Code, tone.name)
				}
				continue
			}
			turn, sounding := tone.cadence.Duration(), time.Duration(0)
			for _, step := range tone.cadence.Steps {
				if len(step.Sines) > 0 {
					sounding += step.Lasts
				}
				for _, s := range step.Sines {
					if s.Hz < tone.lowHz || s.Hz > tone.highHz || s.DBm0 < -25 || s.DBm0 > -9 {
						t.Errorf("%s, %s tone: %.1f Hz at %.0f dBm0", c.Code, tone.name, s.Hz, s.DBm0)
					}
				}
			}
			if turn == 0 {
				if !tone.unending {
					t.Errorf("%s, %s tone has no end", c.Code, tone.name)
				}
				continue
			}
			share := sounding.Seconds() / turn.Seconds()
			if turn < tone.shortest || turn > tone.longest || share < tone.leastOn || share > tone.mostOn {
				t.Errorf("%s, %s tone: a turn of %v of which %.0f %% sounds", c.Code, tone.name, turn, share*100)
			}
		}
	}
}

func TestCountryByCode(t *testing.T) {
	if c, ok := CountryByCode("CN"); !ok || c.Ringback.Duration() != 5*time.Second || c.Busy.Duration() != 700*time.Millisecond {
		t.Errorf("CN: %v %v", c.Ringback.Duration(), c.Busy.Duration())
	}
	if c, ok := CountryByCode("GB"); !ok || c.Ringback.Duration() != 3*time.Second || len(c.Ringback.Steps[0].Sines) != 2 {
		t.Errorf("GB: %+v", c.Ringback)
	}
	if _, ok := CountryByCode("XX"); ok {
		t.Error("XX is a country")
	}
}

func TestScoreRefuses(t *testing.T) {
	for _, wrong := range []score{"425/x", "x/100", "425@/100", "/100", "425+/100"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q is taken", string(wrong))
				}
			}()
			wrong.cadence()
		}()
	}
}
