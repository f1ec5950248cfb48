package pri

import (
	"strconv"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q932"
)

// charged is what an operation says of charges; false: it speaks of something else.
func charged(op q932.Operation) (call.Charge, bool) {
	switch v := op.(type) {
	case q932.AOCDCurrency:
		return chargeOf("so_far", &v.Charge, true), true
	case q932.AOCDUnits:
		return chargeOf("so_far", &v.Charge, false), true
	case q932.AOCECurrency:
		return chargeOf("final", &v.Charge, true), true
	case q932.AOCEUnits:
		return chargeOf("final", &v.Charge, false), true
	case q932.AOCSSpecial:
		return call.Charge{Phase: "rates", None: true}, true
	case q932.AOCSCurrency:
		return rates(v), true
	}
	return call.Charge{}, false
}

func chargeOf(phase string, c *q932.Charge, money bool) call.Charge {
	charge := call.Charge{Phase: phase, Free: c.Free, None: c.NotAvailable}
	switch {
	case c.Free || c.NotAvailable:
	case money:
		charge.Money = c.Money.String()
	default:
		charge.Units = c.Sum()
	}
	return charge
}

// rates says what the call itself costs: the first rate of communication, "CNY 0.22 / 60 s".
func rates(v q932.AOCSCurrency) call.Charge {
	for _, t := range v.Tariffs {
		if t.Item != q932.Communication {
			continue
		}
		switch t.Kind {
		case q932.FreeOfCharge:
			return call.Charge{Phase: "rates", Free: true}
		case q932.Duration:
			return call.Charge{Phase: "rates", Money: t.Money.String() + " / " + strconv.FormatFloat(t.Every.Seconds(), 'f', -1, 64) + " s"}
		case q932.Flat:
			return call.Charge{Phase: "rates", Money: t.Money.String()}
		}
	}
	return call.Charge{Phase: "rates", None: true}
}
