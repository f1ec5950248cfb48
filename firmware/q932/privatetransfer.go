package q932

// The operations of call transfer between private exchanges (ECMA-178): by joining (Complete, Active, Update in the
// calls that are joined) and by rerouteing (Identify, Initiate, Setup).
type (
	// TransferIdentify asks the exchange of the second party where the first is to call it. Its result is an Identity.
	TransferIdentify struct{}
	// TransferAbandon takes that back.
	TransferAbandon struct{}
	// Identity is where a call is to be rerouted to, and by which identity it is known there.
	Identity struct {
		Call string // up to four digits
		To   PartyNumber
	}
	// TransferInitiate asks the exchange of the first party to call there. Its result is empty.
	TransferInitiate struct{ Identity }
	// TransferSetup, in that call's SETUP, tells which call it takes the place of.
	TransferSetup struct{ Call string }
	// TransferActive tells the first party who the second is, once it has answered.
	TransferActive struct {
		Connected Presented
		Name      Name
	}
	// TransferComplete tells each party that the call was transferred, and who the other is.
	TransferComplete struct {
		Secondary bool // to the party that was called second
		Other     Presented
		Name      Name
		Alerting  bool // the other is still being rung
	}
	// TransferUpdate tells who the other is, or more of it.
	TransferUpdate struct {
		Other Presented
		Name  Name
	}
)

var privateTransfers = []row{
	operation(Private, local(7), "callTransferIdentify", readNothing[TransferIdentify], writeNothing[TransferIdentify]),
	operation(Private, local(8), "callTransferAbandon", readNothing[TransferAbandon], writeNothing[TransferAbandon]),
	operation(Private, local(9), "callTransferInitiate",
		func(r *reader, v *TransferInitiate) { readIdentity(r, &v.Identity) },
		func(w *writer, v *TransferInitiate) { writeIdentity(w, &v.Identity) }),
	operation(Private, local(10), "callTransferSetup",
		func(r *reader, v *TransferSetup) {
			r.group(tagSequence, func(r *reader) { v.Call = string(r.take(tagNumeric)) })
		},
		func(w *writer, v *TransferSetup) {
			w.group(tagSequence, func(w *writer) { w.text(tagNumeric, v.Call) })
		}),
	operation(Private, local(11), "callTransferActive", readActive, writeActive),
	operation(Private, local(12), "callTransferComplete", readComplete, writeComplete),
	operation(Private, local(13), "callTransferUpdate",
		func(r *reader, v *TransferUpdate) {
			r.group(tagSequence, func(r *reader) {
				v.Other = r.screened()
				v.Name = r.optionalName()
			})
		},
		func(w *writer, v *TransferUpdate) {
			w.group(tagSequence, func(w *writer) {
				w.screened(v.Other)
				w.optionalName(v.Name)
			})
		}),
}

// readNothing: the argument is NULL or an extension, which is left out.
func readNothing[T any](*reader, *T) {}

func writeNothing[T any](w *writer, _ *T) { w.null(tagNull) }

// readIdentity: SEQUENCE { NumericString call, number }.
func readIdentity(r *reader, v *Identity) {
	r.group(tagSequence, func(r *reader) {
		v.Call = string(r.take(tagNumeric))
		v.To = r.partyNumber()
	})
}

func writeIdentity(w *writer, v *Identity) {
	w.group(tagSequence, func(w *writer) {
		w.text(tagNumeric, v.Call)
		w.partyNumber(v.To)
	})
}

// optionalName takes a Name if the next encoding is one.
func (r *reader) optionalName() Name {
	switch tag, ok := r.peek(); {
	case !ok:
	case tag >= nameAllowed && tag <= nameRestrictedNull, tag == nameAllowedSet, tag == nameRestrictedSet:
		return r.name()
	}
	return Name{}
}

func (w *writer) optionalName(n Name) {
	if n != (Name{}) {
		w.name(n)
	}
}

// readActive: SEQUENCE { connected address, [APPLICATION 0] elements (optional, left out), name (optional) }.
func readActive(r *reader, v *TransferActive) {
	r.group(tagSequence, func(r *reader) {
		v.Connected = r.screened()
		r.optional(tagElements)
		v.Name = r.optionalName()
	})
}

func writeActive(w *writer, v *TransferActive) {
	w.group(tagSequence, func(w *writer) {
		w.screened(v.Connected)
		w.optionalName(v.Name)
	})
}

// readComplete: SEQUENCE { ENUMERATED end, screened number, [APPLICATION 0] elements (optional, left out), name (optional),
// ENUMERATED status (default answered) }.
func readComplete(r *reader, v *TransferComplete) {
	r.group(tagSequence, func(r *reader) {
		v.Secondary = r.integer(tagEnum) == 1
		v.Other = r.screened()
		r.optional(tagElements)
		v.Name = r.optionalName()
		if content, ok := r.optional(tagEnum); ok {
			status, err := integer(content)
			v.Alerting, r.err = status == 1, err
		}
	})
}

func writeComplete(w *writer, v *TransferComplete) {
	w.group(tagSequence, func(w *writer) {
		w.integer(tagEnum, map[bool]int{true: 1}[v.Secondary])
		w.screened(v.Other)
		w.optionalName(v.Name)
		if v.Alerting {
			w.integer(tagEnum, 1)
		}
	})
}
