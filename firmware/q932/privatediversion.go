package q932

// The operations of diversion between private exchanges (ECMA-174).
type (
	// PrivateRerouteing asks the exchange of the caller to call To instead. Its result is empty.
	PrivateRerouteing struct {
		Reason       DiversionReason
		To           PartyNumber
		Counter      int // 1 to 15
		Elements     []byte
		Last         Presented
		Notify       Notify
		Calling      Presented
		CallingName  Name
		Original     *Presented
		RedirectName Name
		OriginalName Name
	}
	// PrivateLeg1, 2 and 3 tell what DivertingLeg1, 2 and 3 do.
	PrivateLeg1 struct {
		Reason DiversionReason
		Notify Notify
		To     PartyNumber
	}
	PrivateLeg2 struct {
		Counter          int
		Reason           DiversionReason
		OriginalReason   *DiversionReason
		Diverting        *Presented
		OriginallyCalled *Presented
		DivertingName    Name
		OriginalName     Name
	}
	PrivateLeg3 struct {
		Shown bool
		Name  Name
	}
)

var privateDiversions = []row{
	operation(Private, local(19), "callRerouteing", readPrivateRerouteing, writePrivateRerouteing),
	operation(Private, local(20), "divertingLegInformation1",
		func(r *reader, v *PrivateLeg1) {
			r.group(tagSequence, func(r *reader) {
				v.Reason = DiversionReason(r.integer(tagEnum))
				v.Notify = Notify(r.integer(tagEnum))
				v.To = r.partyNumber()
			})
		},
		func(w *writer, v *PrivateLeg1) {
			w.group(tagSequence, func(w *writer) {
				w.integer(tagEnum, int(v.Reason))
				w.integer(tagEnum, int(v.Notify))
				w.partyNumber(v.To)
			})
		}),
	operation(Private, local(21), "divertingLegInformation2", readPrivateLeg2, writePrivateLeg2),
	operation(Private, local(22), "divertingLegInformation3",
		func(r *reader, v *PrivateLeg3) {
			r.group(tagSequence, func(r *reader) {
				v.Shown = r.boolean()
				v.Name = r.nameIn(0xa0)
			})
		},
		func(w *writer, v *PrivateLeg3) {
			w.group(tagSequence, func(w *writer) {
				w.boolean(tagBoolean, v.Shown)
				w.nameIn(0xa0, v.Name)
			})
		}),
}

// readPrivateRerouteing: SEQUENCE { ENUMERATED reason, [0] original reason (optional), address, INTEGER counter,
// [APPLICATION 0] elements, [1] { last }, [2] notify, [3] subaddress (optional), [4] { calling, screened }, [5] { name },
// [6] { original called }, [7] { redirecting name }, [8] { original called name }, all of them but [4] optional }.
func readPrivateRerouteing(r *reader, v *PrivateRerouteing) {
	r.group(tagSequence, func(r *reader) {
		v.Reason = DiversionReason(r.integer(tagEnum))
		r.optional(0x80)
		v.To = r.address()
		v.Counter = r.integer(tagInteger)
		v.Elements = r.take(tagElements)
		r.group(0xa1, func(r *reader) { v.Last = r.presented() })
		v.Notify = Notify(r.integer(0x82))
		r.optional(0xa3)
		r.group(0xa4, func(r *reader) { v.Calling = r.screened() })
		v.CallingName = r.nameIn(0xa5)
		v.Original = r.presentedIn(0xa6)
		v.RedirectName = r.nameIn(0xa7)
		v.OriginalName = r.nameIn(0xa8)
	})
}

func writePrivateRerouteing(w *writer, v *PrivateRerouteing) {
	w.group(tagSequence, func(w *writer) {
		w.integer(tagEnum, int(v.Reason))
		w.address(v.To)
		w.integer(tagInteger, v.Counter)
		w.octets(tagElements, v.Elements)
		w.group(0xa1, func(w *writer) { w.presented(v.Last) })
		w.integer(0x82, int(v.Notify))
		w.group(0xa4, func(w *writer) { w.screened(v.Calling) })
		w.nameIn(0xa5, v.CallingName)
		w.presentedIn(0xa6, v.Original)
		w.nameIn(0xa7, v.RedirectName)
		w.nameIn(0xa8, v.OriginalName)
	})
}

// readPrivateLeg2: SEQUENCE { INTEGER counter, ENUMERATED reason, [0] ENUMERATED original reason, [1] { diverting },
// [2] { originally called }, [3] { name of the diverting }, [4] { name of the originally called } }, all [n] optional.
func readPrivateLeg2(r *reader, v *PrivateLeg2) {
	r.group(tagSequence, func(r *reader) {
		v.Counter = r.integer(tagInteger)
		v.Reason = DiversionReason(r.integer(tagEnum))
		if content, ok := r.optional(0x80); ok {
			n, err := integer(content)
			reason := DiversionReason(n)
			v.OriginalReason, r.err = &reason, err
		}
		v.Diverting = r.presentedIn(0xa1)
		v.OriginallyCalled = r.presentedIn(0xa2)
		v.DivertingName = r.nameIn(0xa3)
		v.OriginalName = r.nameIn(0xa4)
	})
}

func writePrivateLeg2(w *writer, v *PrivateLeg2) {
	w.group(tagSequence, func(w *writer) {
		w.integer(tagInteger, v.Counter)
		w.integer(tagEnum, int(v.Reason))
		if v.OriginalReason != nil {
			w.integer(0x80, int(*v.OriginalReason))
		}
		w.presentedIn(0xa1, v.Diverting)
		w.presentedIn(0xa2, v.OriginallyCalled)
		w.nameIn(0xa3, v.DivertingName)
		w.nameIn(0xa4, v.OriginalName)
	})
}
