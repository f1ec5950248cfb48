package q932

// The operations by which North American exchanges join two calls of a user and free their channels. Their numbers are
// from tables in public use; neither GR-2865 nor NIS-A211-1 was at hand.
type (
	// InitiateTransfer asks to join the call it is sent in with the call of that reference on the same D channel
	// (two-B-channel transfer of National ISDN). Its result is empty.
	InitiateTransfer struct{ CallReference int }
	// RLTOperation, sent in the SETUP of the second call, asks a DMS-100 for that call's identity: an RLTCallID.
	RLTOperation struct{}
	// RLTCallID is a call's identity for a RLTThirdParty in another call.
	RLTCallID struct{ ID int }
	// RLTThirdParty asks to join the call it is sent in with the call of that identity. Its result is empty.
	RLTThirdParty struct{ CallID, Reason int }
)

// serviceRLT is the service identifier of release link trunk.
const serviceRLT = 0x3e

// A DMS-100 wants these invoke identifiers with its operations.
const (
	RLTOperationID  = 1
	RLTThirdPartyID = 2
)

var twoChannels = []row{
	operation(NationalISDN, global(niOID+".8"), "initiateTransfer",
		func(r *reader, v *InitiateTransfer) {
			r.group(tagSequence, func(r *reader) { v.CallReference = r.integer(tagInteger) })
		},
		func(w *writer, v *InitiateTransfer) {
			w.group(tagSequence, func(w *writer) { w.integer(tagInteger, v.CallReference) })
		}),
	operation[RLTOperation](DMS, local(RLTOperationID), "rltOperationInd", nil, nil),
	operation(DMS, local(RLTThirdPartyID), "rltThirdParty",
		func(r *reader, v *RLTThirdParty) {
			r.group(tagSequence, func(r *reader) {
				v.CallID = r.unsigned(0x80)
				if r.more() {
					v.Reason = r.unsigned(0x81)
				}
			})
		},
		func(w *writer, v *RLTThirdParty) {
			w.group(tagSequence, func(w *writer) {
				w.callID(v.CallID)
				w.octets(0x81, []byte{uint8(v.Reason)})
			})
		}),
}

func readRLTCallID(r *reader, v *RLTCallID) { v.ID = r.unsigned(0x80) }

func writeRLTCallID(w *writer, v *RLTCallID) { w.callID(v.ID) }

// callID writes a call's identity: always three octets, without a sign.
func (w *writer) callID(v int) { w.octets(0x80, []byte{uint8(v >> 16), uint8(v >> 8), uint8(v)}) }

// unsigned takes a number without a sign of up to four octets.
func (r *reader) unsigned(tag uint8) int {
	content := r.take(tag)
	if r.err == nil && (len(content) == 0 || len(content) > 4) {
		r.fail("a number of %d octets", len(content))
	}
	v := 0
	for _, o := range content {
		v = v<<8 | int(o)
	}
	return v
}
