package exchange

import (
	"testing"

	"trunkbox/dsp"
	"trunkbox/firmware/config"
)

func TestEveryCountryHasItsTones(t *testing.T) {
	if len(config.Countries) != len(dsp.Countries) {
		t.Errorf("%d countries in the settings, %d in the tones", len(config.Countries), len(dsp.Countries))
	}
	for _, code := range config.Countries {
		if _, known := dsp.CountryByCode(code); !known {
			t.Errorf("%s has no tones", code)
		}
	}
}
