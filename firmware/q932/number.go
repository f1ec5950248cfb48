package q932

// PartyNumber is a directory number with its plan (EN 300 196-1 Addressing-Data-Elements, ECMA-165).
type PartyNumber struct {
	Plan   Plan
	Type   uint8 // type of number of a Public or Level number, coded as in Q.931 (1 international, 2 national …)
	Digits string
}

// Plan is the numbering plan of a party number: its tag.
type Plan uint8

// Plans.
const (
	PlanUnknown  Plan = 0
	PlanPublic   Plan = 1 // E.164
	PlanNSAP     Plan = 2
	PlanData     Plan = 3
	PlanTelex    Plan = 4
	PlanPrivate  Plan = 5
	PlanNational Plan = 8
)

// Presented is a number with what may be shown of it. Where it is restricted there may be a number all the same.
type Presented struct {
	Number       PartyNumber
	Restricted   bool
	NotAvailable bool // through interworking
	Screening    uint8
}

// partyNumber takes a PartyNumber.
//
//	[0] NumericString                                      unknown plan
//	[1] SEQUENCE { ENUMERATED type, NumericString digits } public; [5] is the same for a private number
//	[2] OCTET STRING, [3] [4] [8] NumericString            others
func (r *reader) partyNumber() PartyNumber {
	tag, content := r.next()
	if r.err != nil {
		return PartyNumber{}
	}
	n := PartyNumber{Plan: Plan(tag & 0x1f)}
	switch {
	case tag == 0xa1 || tag == 0xa5:
		in := reader{b: content}
		n.Type = uint8(in.integer(tagEnum))
		n.Digits = string(in.take(tagNumeric))
		r.err = in.err
	case tag >= 0x80 && tag <= 0x88:
		n.Digits = string(content)
	default:
		r.fail("a number with tag 0x%02x", tag)
	}
	return n
}

func (w *writer) partyNumber(n PartyNumber) {
	if n.Plan != PlanPublic && n.Plan != PlanPrivate {
		w.text(0x80|uint8(n.Plan), n.Digits)
		return
	}
	w.group(0xa0|uint8(n.Plan), func(w *writer) {
		w.integer(tagEnum, int(n.Type))
		w.text(tagNumeric, n.Digits)
	})
}

// presented takes a PresentedNumberUnscreened: [0] { number }, [1] restricted, [2] not available, [3] { number, not to be
// shown }.
func (r *reader) presented() Presented {
	tag, content := r.next()
	in := reader{b: content, err: r.err}
	var p Presented
	switch tag {
	case 0xa0, 0xa3:
		p.Restricted = tag == 0xa3
		p.Number = in.partyNumber()
	case 0x81:
		p.Restricted = true
	case 0x82:
		p.NotAvailable = true
	default:
		in.fail("a presented number with tag 0x%02x", tag)
	}
	r.err = in.err
	return p
}

// screened is the same with the screening indicator after the number: PresentedNumberScreened, and an address with its
// subaddress left out.
func (r *reader) screened() Presented {
	tag, content := r.next()
	in := reader{b: content, err: r.err}
	var p Presented
	switch tag {
	case 0xa0, 0xa3:
		p.Restricted = tag == 0xa3
		p.Number = in.partyNumber()
		p.Screening = uint8(in.integer(tagEnum))
	case 0x81:
		p.Restricted = true
	case 0x82:
		p.NotAvailable = true
	default:
		in.fail("a screened number with tag 0x%02x", tag)
	}
	r.err = in.err
	return p
}

func (w *writer) presented(p Presented) { w.shown(p, func(*writer) {}) }

func (w *writer) screened(p Presented) {
	w.shown(p, func(w *writer) { w.integer(tagEnum, int(p.Screening)) })
}

func (w *writer) shown(p Presented, after func(*writer)) {
	tag := uint8(0xa0)
	switch {
	case p.NotAvailable:
		w.null(0x82)
		return
	case p.Restricted && p.Number.Digits == "":
		w.null(0x81)
		return
	case p.Restricted:
		tag = 0xa3
	}
	w.group(tag, func(w *writer) {
		w.partyNumber(p.Number)
		after(w)
	})
}

// address takes an Address: SEQUENCE { number, subaddress (optional, left out) }.
func (r *reader) address() PartyNumber {
	var n PartyNumber
	r.group(tagSequence, func(r *reader) { n = r.partyNumber() })
	return n
}

func (w *writer) address(n PartyNumber) {
	w.group(tagSequence, func(w *writer) { w.partyNumber(n) })
}

// presentedIn takes an optional Presented inside an explicit tag.
func (r *reader) presentedIn(tag uint8) *Presented {
	content, ok := r.optional(tag)
	if !ok {
		return nil
	}
	in := reader{b: content}
	p := in.presented()
	r.err = in.err
	return &p
}

func (w *writer) presentedIn(tag uint8, p *Presented) {
	if p != nil {
		w.group(tag, func(w *writer) { w.presented(*p) })
	}
}
