package q931

import (
	"strings"

	"trunkbox/firmware/q850"
)

// objection is what is to be said about the elements of a received message (clauses 5.8.6 and 5.8.7/Q.931).
type objection struct {
	cause q850.Cause // 0: nothing
	grave bool       // the message cannot be acted upon: a mandatory element is missing or spoilt
	ids   [8]byte    // diagnostic: the identifiers concerned
	n     int
}

func (o *objection) add(cause q850.Cause, grave bool, id ElementID) {
	if o.cause != 0 && o.cause != cause {
		return
	}
	o.cause, o.grave = cause, grave
	if o.n < len(o.ids) {
		o.ids[o.n] = uint8(id)
		o.n++
	}
}

// detail names the elements concerned.
func (o *objection) detail() string {
	names := make([]string, 0, len(o.ids))
	for _, id := range o.ids[:o.n] {
		names = append(names, ElementID(id).String())
	}
	what := "not understood: "
	if o.grave {
		what = "missing or spoilt: "
	}
	return what + strings.Join(names, ", ")
}

// mandatory returns the elements without which a message cannot be acted upon (tables of clause 3/Q.931).
//
// Departure: a channel identification is not asked of the first answer to a SETUP of ours (Tables 3-2 ff.
// have it mandatory there): firmware/pri takes the channel it proposed instead of losing the call.
func mandatory(t MessageType, receiver Side) []ElementID {
	switch t {
	case MsgSetup:
		if receiver == User {
			return setupToUser
		}
		return setupToNetwork
	case MsgDisconnect, MsgRelease, MsgHoldReject, MsgRetrieveReject:
		return causeOnly
	case MsgStatus:
		return causeAndState
	case MsgProgress:
		return progressOnly
	case MsgNotify:
		return notificationOnly
	case MsgRestart, MsgRestartAck:
		return restartOnly
	case MsgFacility:
		return facilityOnly
	case MsgSegment:
		return segmentedOnly
	}
	return nil
}

var (
	setupToUser      = []ElementID{IDBearer, IDChannel}
	setupToNetwork   = []ElementID{IDBearer}
	causeOnly        = []ElementID{IDCause}
	causeAndState    = []ElementID{IDCause, IDCallState}
	progressOnly     = []ElementID{IDProgress}
	notificationOnly = []ElementID{IDNotification}
	restartOnly      = []ElementID{IDRestart}
	facilityOnly     = []ElementID{IDFacility}
	segmentedOnly    = []ElementID{IDSegmented}
)

// object looks at the elements of a message.
func object(m *Message, receiver Side) objection { return examine(m, mandatory(m.Type, receiver)) }

// examine looks at the elements of a message: first for what is missing or spoilt though needed, or
// unknown though comprehension is required; else for what is unknown, else for what is spoilt.
func examine(m *Message, needed []ElementID) objection {
	var o objection
	for _, id := range needed {
		if !m.has(id) && !m.spoilt(id) {
			o.add(q850.MandatoryElementMissing, true, id)
		}
	}
	for _, f := range m.Faults {
		if f.Kind == UnknownKey {
			o.add(q850.MandatoryElementMissing, true, f.ID)
		}
	}
	for _, id := range needed {
		if !m.has(id) && m.spoilt(id) {
			o.add(q850.InvalidElementContents, true, id)
		}
	}
	if o.grave {
		return o
	}
	for _, f := range m.Faults {
		if f.Codeset == 0 && f.Kind == Unknown {
			o.add(q850.ElementNotImplemented, false, f.ID)
		}
	}
	for _, f := range m.Faults {
		if f.Codeset != 0 || f.Kind != Content && f.Kind != TooLong && f.Kind != BeyondEnd {
			continue
		}
		switch f.ID {
		case IDDisplay: // clause 5.8.7.2: nothing is lost without it
		case IDUserUser, IDHLC, IDLLC, IDCallingSub, IDCalledSub, IDConnectedSub:
			o.add(q850.AccessInformationDiscarded, false, f.ID)
		default:
			o.add(q850.InvalidElementContents, false, f.ID)
		}
	}
	return o
}

// spoilt says whether the element was there with contents that are not understood.
func (m *Message) spoilt(id ElementID) bool {
	for _, f := range m.Faults {
		if f.ID == id && f.Codeset == 0 && (f.Kind == Content || f.Kind == TooLong || f.Kind == BeyondEnd) {
			return true
		}
	}
	return false
}
