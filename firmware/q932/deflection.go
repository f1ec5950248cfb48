package q932

// DiversionReason is why a call was diverted (EN 300 207, ECMA-174).
type DiversionReason uint8

// Reasons; QSIG has the first four.
const (
	UnknownReason DiversionReason = 0
	Unconditional DiversionReason = 1
	WhenBusy      DiversionReason = 2
	WithoutReply  DiversionReason = 3
	WhileAlerting DiversionReason = 4 // deflected by the user
	Immediately   DiversionReason = 5 // deflected by the user
)

// Notify is what the caller is told of a diversion: the subscription option.
type Notify uint8

// Subscription options.
const (
	NotTheCaller  Notify = 0
	WithoutNumber Notify = 1
	WithNumber    Notify = 2
)

// The operations of diversion in the public network (EN 300 207).
type (
	// CallDeflection asks the network to send an unanswered call to another number. Its result is empty.
	CallDeflection struct {
		To     PartyNumber
		Shown  bool // the caller may be told To
		Silent bool // say nothing of that
	}
	// CallRerouteing asks the same for a private exchange. Elements are bearer capability and what else of the SETUP is
	// to go along, as they are coded in Q.931. Its result is empty.
	CallRerouteing struct {
		Reason   DiversionReason
		To       PartyNumber
		Counter  int // diversions up to now with this one, 1 to 5
		Elements []byte
		Last     Presented // who diverts
		Notify   Notify
	}
	// DivertingLeg1 tells the caller that the call is diverted, and where to if that may be told.
	DivertingLeg1 struct {
		Reason DiversionReason
		Notify Notify
		To     *Presented
	}
	// DivertingLeg2 tells the one the call is diverted to, who diverted it: last, and first of all.
	DivertingLeg2 struct {
		Counter          int
		Reason           DiversionReason
		Diverting        *Presented
		OriginallyCalled *Presented
	}
	// DivertingLeg3 tells whether the number the call was diverted to may be shown to the caller.
	DivertingLeg3 struct{ Shown bool }
)

// tagElements is the tag of Q.931 elements inside an argument: [APPLICATION 0] OCTET STRING.
const tagElements = 0x40

var deflections = []row{
	operation(European, local(13), "callDeflection", readDeflection, writeDeflection),
	operation(European, local(14), "callRerouteing", readRerouteing, writeRerouteing),
	operation(European, local(15), "divertingLegInformation2", readLeg2, writeLeg2),
	operation(European, local(18), "divertingLegInformation1", readLeg1, writeLeg1),
	operation(European, local(19), "divertingLegInformation3",
		func(r *reader, v *DivertingLeg3) { v.Shown = r.boolean() },
		func(w *writer, v *DivertingLeg3) { w.boolean(tagBoolean, v.Shown) }),
}

func (r *reader) boolean() bool {
	content := r.take(tagBoolean)
	if r.err == nil && len(content) != 1 {
		r.fail("a truth value of %d octets", len(content))
	}
	return r.err == nil && content[0] != 0
}

// readDeflection: SEQUENCE { SEQUENCE { number, subaddress (optional) }, BOOLEAN shown (optional) }.
func readDeflection(r *reader, v *CallDeflection) {
	r.group(tagSequence, func(r *reader) {
		v.To = r.address()
		if v.Silent = !r.more(); !v.Silent {
			v.Shown = r.boolean()
		}
	})
}

func writeDeflection(w *writer, v *CallDeflection) {
	w.group(tagSequence, func(w *writer) {
		w.address(v.To)
		if !v.Silent {
			w.boolean(tagBoolean, v.Shown)
		}
	})
}

// readRerouteing: SEQUENCE { ENUMERATED reason, address, INTEGER counter, [APPLICATION 0] elements, [1] { presented last },
// [2] { ENUMERATED notify } (default not), [3] subaddress (optional, left out) }.
func readRerouteing(r *reader, v *CallRerouteing) {
	r.group(tagSequence, func(r *reader) {
		v.Reason = DiversionReason(r.integer(tagEnum))
		v.To = r.address()
		v.Counter = r.integer(tagInteger)
		v.Elements = r.take(tagElements)
		r.group(0xa1, func(r *reader) { v.Last = r.presented() })
		if content, ok := r.optional(0xa2); ok {
			in := reader{b: content}
			v.Notify = Notify(in.integer(tagEnum))
			r.err = in.err
		}
	})
}

func writeRerouteing(w *writer, v *CallRerouteing) {
	w.group(tagSequence, func(w *writer) {
		w.integer(tagEnum, int(v.Reason))
		w.address(v.To)
		w.integer(tagInteger, v.Counter)
		w.octets(tagElements, v.Elements)
		w.group(0xa1, func(w *writer) { w.presented(v.Last) })
		if v.Notify != NotTheCaller {
			w.group(0xa2, func(w *writer) { w.integer(tagEnum, int(v.Notify)) })
		}
	})
}

// readLeg1: SEQUENCE { ENUMERATED reason, ENUMERATED notify, presented (optional) }.
func readLeg1(r *reader, v *DivertingLeg1) {
	r.group(tagSequence, func(r *reader) {
		v.Reason = DiversionReason(r.integer(tagEnum))
		v.Notify = Notify(r.integer(tagEnum))
		if r.more() {
			p := r.presented()
			v.To = &p
		}
	})
}

func writeLeg1(w *writer, v *DivertingLeg1) {
	w.group(tagSequence, func(w *writer) {
		w.integer(tagEnum, int(v.Reason))
		w.integer(tagEnum, int(v.Notify))
		if v.To != nil {
			w.presented(*v.To)
		}
	})
}

// readLeg2: SEQUENCE { INTEGER counter, ENUMERATED reason, [1] { presented } (optional), [2] { presented } (optional) }.
func readLeg2(r *reader, v *DivertingLeg2) {
	r.group(tagSequence, func(r *reader) {
		v.Counter = r.integer(tagInteger)
		v.Reason = DiversionReason(r.integer(tagEnum))
		v.Diverting = r.presentedIn(0xa1)
		v.OriginallyCalled = r.presentedIn(0xa2)
	})
}

func writeLeg2(w *writer, v *DivertingLeg2) {
	w.group(tagSequence, func(w *writer) {
		w.integer(tagInteger, v.Counter)
		w.integer(tagEnum, int(v.Reason))
		w.presentedIn(0xa1, v.Diverting)
		w.presentedIn(0xa2, v.OriginallyCalled)
	})
}
