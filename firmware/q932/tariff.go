package q932

import "time"

// scales are the units of a time: ENUMERATED 0 to 6.
var scales = [...]time.Duration{
	10 * time.Millisecond, 100 * time.Millisecond, time.Second, 10 * time.Second, time.Minute, time.Hour, 24 * time.Hour,
}

func readAOCS(r *reader, v *AOCSCurrency) {
	if _, none := r.optional(tagNull); none {
		v.NotAvailable = true
		return
	}
	v.Tariffs = r.tariffs()
}

func writeAOCS(w *writer, v *AOCSCurrency) {
	if v.NotAvailable {
		w.null(tagNull)
		return
	}
	w.tariffs(v.Tariffs)
}

func readSpecial(r *reader, v *AOCSSpecial) {
	if _, none := r.optional(tagNull); none {
		v.NotAvailable = true
		return
	}
	v.Code = r.integer(tagInteger)
}

func writeSpecial(w *writer, v *AOCSSpecial) {
	if v.NotAvailable {
		w.null(tagNull)
		return
	}
	w.integer(tagInteger, v.Code)
}

// readTariffs takes the result of a charging request: SEQUENCE OF tariffs, INTEGER special code, or NULL.
func readTariffs(r *reader, v *Tariffs) {
	switch tag, _ := r.peek(); tag {
	case tagNull:
		r.next()
	case tagInteger:
		v.Special = r.integer(tagInteger)
	default:
		v.Rates = r.tariffs()
	}
}

func writeTariffs(w *writer, v *Tariffs) {
	switch {
	case len(v.Rates) > 0:
		w.tariffs(v.Rates)
	case v.Special != 0:
		w.integer(tagInteger, v.Special)
	default:
		w.null(tagNull)
	}
}

func (r *reader) tariffs() []Tariff {
	var list []Tariff
	r.group(tagSequence, func(r *reader) {
		for r.more() {
			var t Tariff
			r.group(tagSequence, func(r *reader) { r.tariff(&t) })
			list = append(list, t)
		}
	})
	return list
}

// tariff takes ENUMERATED item and one of
//
//	INTEGER special code
//	[1] { [1] currency, [2] amount, [3] ENUMERATED type, [4] { time }, [5] { granularity } (optional) }   by duration
//	[2] { [1] currency, [2] amount }                                                                       flat rate
//	[3] { [1] currency, [2] amount, [3] ENUMERATED unit }                                                  by volume
//	[4] NULL free, [5] NULL not told
func (r *reader) tariff(t *Tariff) {
	t.Item = Item(r.integer(tagEnum))
	tag, ok := r.peek()
	if !ok {
		r.fail("a tariff without a rate")
		return
	}
	switch tag {
	case tagInteger:
		t.Special = r.integer(tagInteger)
	case 0xa1:
		t.Kind = Duration
		r.group(tag, func(r *reader) {
			t.Money = r.money()
			t.Steps = r.integer(0x83) == 1
			r.group(0xa4, func(r *reader) { t.Every = r.time() })
			if content, ok := r.optional(0xa5); ok {
				in := reader{b: content}
				t.Granularity = in.time()
				r.err = in.err
			}
		})
	case 0xa2:
		t.Kind = Flat
		r.group(tag, func(r *reader) { t.Money = r.money() })
	case 0xa3:
		t.Kind = Volume
		r.group(tag, func(r *reader) {
			t.Money = r.money()
			t.Volume = r.integer(0x83)
		})
	case 0x84, 0x85:
		t.Kind = TariffKind(tag & 7)
		r.next()
	default:
		r.fail("a tariff with tag 0x%02x", tag)
	}
}

// time takes [1] INTEGER length, [2] ENUMERATED scale.
func (r *reader) time() time.Duration {
	length, scale := r.integer(0x81), r.integer(0x82)
	if scale < 0 || scale >= len(scales) || length < 0 || length > 1<<24 {
		r.fail("a time of %d on scale %d", length, scale)
		return 0
	}
	return time.Duration(length) * scales[scale]
}

// time writes a duration on the largest scale that it is a multiple of.
func (w *writer) time(tag uint8, d time.Duration) {
	scale := len(scales) - 1
	for scale > 0 && d%scales[scale] != 0 {
		scale--
	}
	w.group(tag, func(w *writer) {
		w.integer(0x81, int(d/scales[scale]))
		w.integer(0x82, scale)
	})
}

func (w *writer) tariffs(list []Tariff) {
	w.group(tagSequence, func(w *writer) {
		for i := range list {
			w.group(tagSequence, func(w *writer) { w.tariff(&list[i]) })
		}
	})
}

func (w *writer) tariff(t *Tariff) {
	w.integer(tagEnum, int(t.Item))
	switch t.Kind {
	case SpecialTariff:
		w.integer(tagInteger, t.Special)
	case Duration:
		w.group(0xa1, func(w *writer) {
			w.money(t.Money)
			w.integer(0x83, map[bool]int{true: 1}[t.Steps])
			w.time(0xa4, t.Every)
			if t.Granularity != 0 {
				w.time(0xa5, t.Granularity)
			}
		})
	case Flat:
		w.group(0xa2, func(w *writer) { w.money(t.Money) })
	case Volume:
		w.group(0xa3, func(w *writer) {
			w.money(t.Money)
			w.integer(0x83, t.Volume)
		})
	default:
		w.null(0x80 | uint8(t.Kind))
	}
}
