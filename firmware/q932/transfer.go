package q932

// ectOID is ccitt(0) identified-organization(4) etsi(0) 369 operations-and-errors(1).
const ectOID = "0.4.0.369.1"

// The operations of explicit call transfer (EN 300 369).
type (
	// ECTExecute asks the network to join the call it is sent in with the other one of the same user, which is held
	// (implicit linkage). It has no argument, its result is empty.
	ECTExecute struct{}
	// LinkIDRequest asks for the identity of the call it is sent in. Its result is a LinkID.
	LinkIDRequest struct{}
	// LinkID is a call's identity for an ExplicitECT in another call.
	LinkID struct{ Value int }
	// ExplicitECT asks the network to join the call it is sent in with the call of that identity.
	ExplicitECT struct{ Link int }
	// ECTInform tells the one who stays that the call was transferred, and to whom.
	ECTInform struct {
		Active bool // false: the new party is being rung
		To     *Presented
	}
	// ECTLoopTest asks whether two calls to be joined are one; Result is a LoopResult, which is not read here.
	ECTLoopTest struct{ Identity int }
)

var transfers = []row{
	operation[ECTExecute](European, local(6), "ectExecute", nil, nil),
	operation(European, global(ectOID+".1"), "explicitEctExecute",
		func(r *reader, v *ExplicitECT) { v.Link = r.integer(tagInteger) },
		func(w *writer, v *ExplicitECT) { w.integer(tagInteger, v.Link) }),
	operation[LinkIDRequest](European, global(ectOID+".4"), "ectLinkIdRequest", nil, nil),
	operation(European, global(ectOID+".5"), "ectInform", readInform, writeInform),
	operation(European, global(ectOID+".6"), "ectLoopTest",
		func(r *reader, v *ECTLoopTest) { v.Identity = r.integer(tagInteger) },
		func(w *writer, v *ECTLoopTest) { w.integer(tagInteger, v.Identity) }),
}

func readLinkID(r *reader, v *LinkID) { v.Value = r.integer(tagInteger) }

func writeLinkID(w *writer, v *LinkID) { w.integer(tagInteger, v.Value) }

// readInform: SEQUENCE { ENUMERATED alerting or active, presented (optional) }.
func readInform(r *reader, v *ECTInform) {
	r.group(tagSequence, func(r *reader) {
		v.Active = r.integer(tagEnum) == 1
		if r.more() {
			p := r.presented()
			v.To = &p
		}
	})
}

func writeInform(w *writer, v *ECTInform) {
	w.group(tagSequence, func(w *writer) {
		w.integer(tagEnum, map[bool]int{true: 1}[v.Active])
		if v.To != nil {
			w.presented(*v.To)
		}
	})
}
