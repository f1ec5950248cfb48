package q932

import (
	"fmt"
	"strings"
	"time"
)

// Money is an amount in a currency: Amount times Multiplier.
type Money struct {
	Currency   string // as the network writes it: "EUR", "CNY", up to ten letters
	Amount     int
	Multiplier Multiplier
}

// Multiplier is a power of ten from a thousandth (0) to a thousand (6).
type Multiplier uint8

// String is the amount as people write it: "EUR 1.20".
func (m Money) String() string {
	places := 3 - int(m.Multiplier)
	amount := fmt.Sprint(m.Amount)
	if places < 0 {
		if m.Amount != 0 {
			amount += strings.Repeat("0", min(-places, 3))
		}
	} else if places > 0 {
		amount = fmt.Sprintf("%0*d", places+1, m.Amount)
		amount = amount[:len(amount)-places] + "." + amount[len(amount)-places:]
	}
	return strings.TrimSpace(m.Currency + " " + amount)
}

// Units is a count of charging units of one type.
type Units struct {
	Count int
	Known bool // false: the network does not tell the count
	Type  int  // 1 to 16, 0: not told
}

// Charge is what a call has cost, or has cost up to now.
type Charge struct {
	NotAvailable bool
	Free         bool
	Money        Money   // of a charge in currency
	Units        []Units // of a charge in units
	Billing      Billing
}

// Billing is who pays, and why.
type Billing uint8

// Billing identities, one more than their values; 0 is none.
const (
	NoBilling Billing = iota
	NormalBilling
	ReverseBilling
	CreditCardBilling
	ForwardedBilling // 4 to 6: unconditionally, when busy, without an answer
	ForwardedBusyBilling
	ForwardedNoReplyBilling
	DeflectedBilling
	TransferredBilling
)

// Sum is all counted units.
func (c *Charge) Sum() int {
	sum := 0
	for _, u := range c.Units {
		sum += u.Count
	}
	return sum
}

// The operations of advice of charge (EN 300 182).
type (
	// ChargingRequest asks for advice on this call.
	ChargingRequest struct{ Case ChargingCase }
	// AOCSCurrency tells the rates at the begin of a call.
	AOCSCurrency struct {
		NotAvailable bool
		Tariffs      []Tariff
	}
	// AOCSSpecial tells a special charging arrangement instead.
	AOCSSpecial struct {
		NotAvailable bool
		Code         int
	}
	// AOCDCurrency and AOCDUnits tell what a call has cost up to now; Total says that it is not a part.
	AOCDCurrency struct {
		Charge
		Total bool
	}
	AOCDUnits struct {
		Charge
		Total bool
	}
	// AOCECurrency and AOCEUnits tell what a call has cost in the end. Charged is the number that pays, Link the call
	// that it belongs to.
	AOCECurrency struct {
		Charge
		Charged PartyNumber
		Link    *int
	}
	AOCEUnits struct {
		Charge
		Charged PartyNumber
		Link    *int
	}
	// Tariffs is the result of a ChargingRequest: rates, a special code (1 and more), or nothing.
	Tariffs struct {
		Rates   []Tariff
		Special int
	}
)

// ChargingCase is when charges are to be told.
type ChargingCase uint8

// Charging cases.
const (
	AtSetup ChargingCase = 0
	During  ChargingCase = 1
	AtEnd   ChargingCase = 2
)

// Tariff is the rate of one charged item: Kind says which of the fields count.
type Tariff struct {
	Item        Item
	Kind        TariffKind
	Money       Money         // Duration, Flat, Volume
	Every       time.Duration // Duration: what Money buys
	Granularity time.Duration // Duration: 0 is not told
	Steps       bool          // Duration: charged in steps, not continuously
	Volume      int           // Volume: unit, 0 octet, 1 segment, 2 message
	Special     int           // Special: the code
}

// Item is what is charged.
type Item uint8

// Charged items.
const (
	Communication Item = 0
	Attempt       Item = 1
	Setup         Item = 2
	UserInfo      Item = 3
	Service       Item = 4
)

// TariffKind is how an item is charged: its tag.
type TariffKind uint8

// Kinds of tariff.
const (
	SpecialTariff TariffKind = 0
	Duration      TariffKind = 1
	Flat          TariffKind = 2
	Volume        TariffKind = 3
	FreeOfCharge  TariffKind = 4
	NotTold       TariffKind = 5
)

var charges = []row{
	operation(European, local(30), "chargingRequest",
		func(r *reader, v *ChargingRequest) { v.Case = ChargingCase(r.integer(tagEnum)) },
		func(w *writer, v *ChargingRequest) { w.integer(tagEnum, int(v.Case)) }),
	operation(European, local(31), "aOCSCurrency", readAOCS, writeAOCS),
	operation(European, local(32), "aOCSSpecialArr", readSpecial, writeSpecial),
	operation(European, local(33), "aOCDCurrency",
		func(r *reader, v *AOCDCurrency) { v.Charge, v.Total = r.during(money) },
		func(w *writer, v *AOCDCurrency) { w.during(&v.Charge, v.Total, writeMoney) }),
	operation(European, local(34), "aOCDChargingUnit",
		func(r *reader, v *AOCDUnits) { v.Charge, v.Total = r.during(units) },
		func(w *writer, v *AOCDUnits) { w.during(&v.Charge, v.Total, writeUnits) }),
	operation(European, local(35), "aOCECurrency",
		func(r *reader, v *AOCECurrency) { v.Charge, v.Charged, v.Link = r.atEnd(money) },
		func(w *writer, v *AOCECurrency) { w.atEnd(&v.Charge, v.Charged, v.Link, writeMoney) }),
	operation(European, local(36), "aOCEChargingUnit",
		func(r *reader, v *AOCEUnits) { v.Charge, v.Charged, v.Link = r.atEnd(units) },
		func(w *writer, v *AOCEUnits) { w.atEnd(&v.Charge, v.Charged, v.Link, writeUnits) }),
}

// Tags inside a charge.
const (
	tagRecorded  = 0xa1 // [1]
	tagTotal     = 0x82 // [2] of a charge during the call
	tagBillingD  = 0x83 // [3] of a charge during the call
	tagBillingE  = 0x82 // [2] of a charge at the end
	tagFree      = 0x81 // [1]
	tagChargedNr = 0xa0 // [0]
)

// during takes a charge during the call.
//
//	NULL | SEQUENCE { [1] recorded, [2] ENUMERATED subtotal or total, [3] ENUMERATED billing (optional) } | [1] NULL free
func (r *reader) during(recorded func(*reader, *Charge)) (c Charge, total bool) {
	if r.notCharged(&c) {
		return c, false
	}
	r.group(tagSequence, func(r *reader) {
		r.group(tagRecorded, func(r *reader) { recorded(r, &c) })
		total = r.integer(tagTotal) == 1
		c.Billing = r.billing(tagBillingD)
	})
	return c, total
}

// notCharged takes what stands instead of a charge.
func (r *reader) notCharged(c *Charge) bool {
	if _, ok := r.optional(tagNull); ok {
		c.NotAvailable = true
		return true
	}
	if _, ok := r.optional(tagFree); ok {
		c.Free = true
		return true
	}
	return false
}

func (r *reader) billing(tag uint8) Billing {
	content, ok := r.optional(tag)
	if !ok {
		return NoBilling
	}
	v, err := integer(content)
	r.err = err
	return Billing(v + 1)
}

func (w *writer) billing(tag uint8, b Billing) {
	if b != NoBilling {
		w.integer(tag, int(b)-1)
	}
}

func (w *writer) during(c *Charge, total bool, recorded func(*writer, *Charge)) {
	switch {
	case c.NotAvailable:
		w.null(tagNull)
	case c.Free:
		w.null(tagFree)
	default:
		w.group(tagSequence, func(w *writer) {
			w.group(tagRecorded, func(w *writer) { recorded(w, c) })
			w.integer(tagTotal, map[bool]int{true: 1}[total])
			w.billing(tagBillingD, c.Billing)
		})
	}
}

// atEnd takes a charge at the end of the call.
//
//	NULL | SEQUENCE { [1] NULL free | SEQUENCE { [1] recorded, [2] ENUMERATED billing (optional) },
//	                  [0] { number } | INTEGER identifier (optional) }
func (r *reader) atEnd(recorded func(*reader, *Charge)) (c Charge, charged PartyNumber, link *int) {
	if _, ok := r.optional(tagNull); ok {
		c.NotAvailable = true
		return c, charged, nil
	}
	r.group(tagSequence, func(r *reader) {
		if !r.notCharged(&c) {
			r.group(tagSequence, func(r *reader) {
				r.group(tagRecorded, func(r *reader) { recorded(r, &c) })
				c.Billing = r.billing(tagBillingE)
			})
		}
		switch tag, _ := r.peek(); tag {
		case tagChargedNr:
			r.group(tagChargedNr, func(r *reader) { charged = r.partyNumber() })
		case tagInteger:
			v := r.integer(tagInteger)
			link = &v
		}
	})
	return c, charged, link
}

func (w *writer) atEnd(c *Charge, charged PartyNumber, link *int, recorded func(*writer, *Charge)) {
	if c.NotAvailable {
		w.null(tagNull)
		return
	}
	w.group(tagSequence, func(w *writer) {
		if c.Free {
			w.null(tagFree)
		} else {
			w.group(tagSequence, func(w *writer) {
				w.group(tagRecorded, func(w *writer) { recorded(w, c) })
				w.billing(tagBillingE, c.Billing)
			})
		}
		switch {
		case link != nil:
			w.integer(tagInteger, *link)
		case charged.Digits != "":
			w.group(tagChargedNr, func(w *writer) { w.partyNumber(charged) })
		}
	})
}

func money(r *reader, c *Charge) { c.Money = r.money() }

func writeMoney(w *writer, c *Charge) { w.money(c.Money) }

// money takes [1] IA5String currency, [2] { [1] INTEGER amount, [2] ENUMERATED multiplier }.
func (r *reader) money() Money {
	var m Money
	m.Currency = printable(r.take(0x81))
	r.group(0xa2, func(r *reader) { m.Amount, m.Multiplier = r.amount() })
	return m
}

func (r *reader) amount() (int, Multiplier) {
	amount, multiplier := r.integer(0x81), r.integer(0x82)
	if amount < 0 || multiplier < 0 || multiplier > 6 {
		r.fail("an amount of %d, multiplier %d", amount, multiplier)
	}
	return amount, Multiplier(multiplier)
}

func (w *writer) money(m Money) {
	w.text(0x81, m.Currency)
	w.group(0xa2, func(w *writer) {
		w.integer(0x81, m.Amount)
		w.integer(0x82, int(m.Multiplier))
	})
}

// units takes recorded units: SEQUENCE { INTEGER | NULL, INTEGER type (optional) }, once or more.
func units(r *reader, c *Charge) {
	for r.more() {
		var u Units
		r.group(tagSequence, func(r *reader) {
			if _, none := r.optional(tagNull); !none {
				u.Known, u.Count = true, r.integer(tagInteger)
			}
			if r.more() {
				u.Type = r.integer(tagInteger)
			}
		})
		c.Units = append(c.Units, u)
	}
}

func writeUnits(w *writer, c *Charge) {
	for _, u := range c.Units {
		w.group(tagSequence, func(w *writer) {
			if u.Known {
				w.integer(tagInteger, u.Count)
			} else {
				w.null(tagNull)
			}
			if u.Type != 0 {
				w.integer(tagInteger, u.Type)
			}
		})
	}
}

// printable is text of foreign octets: everything that is not visible ASCII is left out.
func printable(b []byte) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, string(b)))
}
