package q931

import "fmt"

// Discriminator is the protocol discriminator of Q.931 call control (clause 4.2/Q.931).
const Discriminator = 0x08

// DiscriminatorError says that octets are not a message of Q.931 but of another protocol: 0x03 and 0x43
// maintenance of North American switches, 0x4f and others.
type DiscriminatorError uint8

func (e DiscriminatorError) Error() string {
	return fmt.Sprintf("protocol discriminator 0x%02x, not 0x08: not a message of Q.931", uint8(e))
}

// ShortError says that there were too few octets for a message type.
type ShortError int

func (e ShortError) Error() string {
	return fmt.Sprintf("%d octets are too few for discriminator, call reference and message type", int(e))
}

// ReferenceError says that the length octet of the call reference is wrong.
type ReferenceError uint8

func (e ReferenceError) Error() string {
	return fmt.Sprintf("call reference length octet 0x%02x, want 0x00 to 0x02", uint8(e))
}

// maxFaults bounds the list of faults of one message.
const maxFaults = 16

// Parse decodes one message (see Decode).
func Parse(b []byte) (Message, error) {
	var m Message
	err := m.Decode(b)
	return m, err
}

// Decode reads one message from the information field of an I frame into m, whose slices it reuses and
// whose other contents it forgets. An error means that the octets are to be ignored (clauses 5.8.1, 5.8.2
// and 5.8.3.1/Q.931). What is wrong with single elements is told by m.Faults.
//
//	  8   7   6   5   4   3   2   1
//	+---+---+---+---+---+---+---+---+
//	| protocol discriminator  0x08  |  octet 1
//	+---+---+---+---+---+---+---+---+
//	| 0   0   0   0 | length 0 to 2 |  octet 2
//	+---+---+---+---+---+---+---+---+
//	|flg|   call reference value    |  octet 3, and 4 when the length is 2
//	+---+---+---+---+---+---+---+---+
//	| 0 |       message type        |
//	+---+---+---+---+---+---+---+---+
//	|     information elements      |
func (m *Message) Decode(b []byte) error {
	*m = Message{Other: m.Other[:0], Faults: m.Faults[:0]}
	if len(b) > 0 && b[0] != Discriminator {
		return DiscriminatorError(b[0])
	}
	return m.decode(b)
}

// decode reads a message whose discriminator is known.
func (m *Message) decode(b []byte) error {
	if len(b) < 3 {
		return ShortError(len(b))
	}
	if b[1] > 2 {
		return ReferenceError(b[1])
	}
	n := int(b[1])
	if len(b) < 3+n {
		return ShortError(len(b))
	}
	m.Ref.Length = b[1]
	if n > 0 {
		m.Ref.Flag = b[2]&0x80 != 0
		m.Ref.Value = uint16(b[2] & 0x7f)
	}
	if n == 2 {
		m.Ref.Value = m.Ref.Value<<8 | uint16(b[3])
	}
	m.Type = MessageType(b[2+n])
	if m.Type != 0 { // 0: a national type follows, whose elements we cannot tell
		m.elements(b[3+n:])
	}
	return nil
}

// elements reads the information elements with the shifts between codesets (clauses 4.5.1 to 4.5.4/Q.931).
//
//	  8   7   6   5   4   3   2   1           8   7   6   5   4   3   2   1
//	+---+---+---+---+---+---+---+---+       +---+---+---+---+---+---+---+---+
//	| 0 |        identifier         |       | 1 |identifier |   contents    |  (type 1; in type 2 all of
//	+---+---+---+---+---+---+---+---+       +---+---+---+---+---+---+---+---+   the octet is identifier)
//	|      length of contents       |       +---+---+---+---+---+---+---+---+
//	+---+---+---+---+---+---+---+---+       | 1   0   0   1 |one|  codeset  |  shift; "one": for one element
//	|           contents            |       +---+---+---+---+---+---+---+---+
func (m *Message) elements(b []byte) {
	locked, active := uint8(0), uint8(0)
	last := ElementID(0)
	for len(b) > 0 {
		id := ElementID(b[0])
		if id.single() == idShift {
			b = b[1:]
			codeset, once := uint8(id)&7, id&8 != 0
			switch {
			case once:
				active = codeset
			case codeset > locked:
				locked, active = codeset, codeset
			default:
				m.fault(Content, 0, id) // a locking shift leads upwards only
			}
			continue
		}
		if id&0x80 != 0 {
			m.element(active, locked, id, nil)
			b, active = b[1:], locked
			continue
		}
		if len(b) < 2 || len(b)-2 < int(b[1]) {
			m.fault(BeyondEnd, active, id)
			return
		}
		if active == 0 && id < last {
			m.fault(OutOfOrder, 0, id)
		} else if active == 0 {
			last = id
		}
		m.element(active, locked, id, b[2:2+int(b[1])])
		b, active = b[2+int(b[1]):], locked
	}
}

func (m *Message) fault(kind FaultKind, codeset uint8, id ElementID) {
	if len(m.Faults) < maxFaults {
		m.Faults = append(m.Faults, Fault{kind, codeset, id})
	}
}

// element takes one element: into its field, or raw to Other. locked is the codeset of the last locking shift.
func (m *Message) element(codeset, locked uint8, id ElementID, data []byte) {
	if codeset != 0 {
		m.Other = append(m.Other, Element{codeset, id, data, codeset == locked})
		return
	}
	if m.Protocol != 0 && id == IDChangeStatus && len(data) > 0 {
		if set(&m.ChangeStatus, m.ChangeStatus.Given, Some(ServiceStatus(data[0]&7)), len(data) == 1 && data[0]&0x80 != 0) == taken {
			return
		}
		m.fault(Content, 0, id)
		m.Other = append(m.Other, Element{ID: id, Data: data})
		return
	}
	info := find(id)
	switch {
	case info == nil && id&0xf0 == 0:
		m.fault(UnknownKey, 0, id)
	case info == nil:
		m.fault(Unknown, 0, id)
	case len(data) > info.max:
		m.fault(TooLong, 0, id)
	case len(data) < info.min && len(data) > 0:
		m.fault(Content, 0, id)
	default:
		switch m.contents(id, data) {
		case taken:
			return
		case wrong:
			m.fault(Content, 0, id)
		case again:
			m.fault(Repeated, 0, id)
		case raw:
		}
	}
	m.Other = append(m.Other, Element{ID: id, Data: data})
}

// outcome is what became of an element's contents.
type outcome uint8

const (
	taken outcome = iota // in its field
	raw                  // no field for it, or none for this form
	wrong                // contents not understood
	again                // the field is taken already
)

// set stores what a parser returned, unless the field is taken.
func set[T any](field *T, occupied bool, v T, ok bool) outcome {
	switch {
	case !ok:
		return wrong
	case occupied:
		return again
	}
	*field = v
	return taken
}

// contents parses the contents of an element of codeset 0 into its field.
func (m *Message) contents(id ElementID, data []byte) outcome {
	switch {
	case id == IDSendingComplete:
		return set(&m.SendingComplete, m.SendingComplete, true, true)
	case id.single() == IDCongestion:
		return set(&m.Congestion, m.Congestion.Given, Some(uint8(id)&0x0f), true)
	}
	if len(data) == 0 {
		return empty(id)
	}
	switch id {
	case IDBearer:
		v, ok := parseBearer(data)
		return set(&m.Bearer, m.Bearer.Given, v, ok)
	case IDCause:
		v, ok := parseCause(data)
		if m.Cause[0].Value != 0 {
			return set(&m.Cause[1], m.Cause[1].Value != 0, v, ok)
		}
		return set(&m.Cause[0], false, v, ok)
	case IDCallState:
		return set(&m.CallState, m.CallState.Given, Some(State(data[0]&0x3f)), data[0]&0xc0 == 0)
	case IDChannel:
		v, ok := parseChannel(data)
		return set(&m.Channel, m.Channel.Given, v, ok)
	case IDProgress:
		v, ok := parseProgress(data)
		if m.Progress[0].Description != 0 {
			return set(&m.Progress[1], m.Progress[1].Description != 0, v, ok)
		}
		return set(&m.Progress[0], false, v, ok)
	case IDNotification:
		if len(data) > 1 || data[0]&0x80 == 0 {
			return raw // the longer form of Q.932
		}
		return set(&m.Notification, m.Notification.Given, Some(data[0]&0x7f), true)
	case IDDisplay:
		return set(&m.Display, m.Display != nil, data, true)
	case IDDateTime:
		v, ok := parseDateTime(data)
		return set(&m.DateTime, m.DateTime.Given, v, ok)
	case IDKeypad:
		return set(&m.Keypad, m.Keypad != nil, data, true)
	case IDSignal:
		return set(&m.Signal, m.Signal.Given, Some(data[0]), true)
	case IDConnected:
		return m.number(&m.Connected, data)
	case IDCalling:
		if m.Calling.Given {
			return m.number(&m.SecondCalling, data)
		}
		return m.number(&m.Calling, data)
	case IDCalled:
		return m.number(&m.Called, data)
	case IDRedirecting:
		return m.number(&m.Redirecting, data)
	case IDRestart:
		return set(&m.Restart, m.Restart.Given, Some(RestartClass(data[0]&7)), data[0]&0x80 != 0)
	case IDUserUser:
		return set(&m.UserUser, m.UserUser != nil, data, true)
	}
	return m.furtherContents(id, data)
}

// furtherContents is contents for the elements of supplementary services, compatibility and routing.
func (m *Message) furtherContents(id ElementID, data []byte) outcome {
	switch id {
	case IDCallingSub:
		return m.subaddress(&m.CallingSub, data)
	case IDCalledSub:
		return m.subaddress(&m.CalledSub, data)
	case IDConnectedSub:
		return m.subaddress(&m.ConnectedSub, data)
	case IDOriginalCalled:
		return m.number(&m.OriginalCalled, data)
	case IDRedirection:
		return m.number(&m.Redirection, data)
	case IDNetworkFacilities:
		v, ok := parseNetworkFacilities(data)
		return set(&m.NetworkFacilities, m.NetworkFacilities.Given, v, ok)
	case IDTransitNetwork:
		v, ok := parseTransitNetwork(data)
		return set(&m.TransitNetwork, m.TransitNetwork.Given, v, ok)
	case IDHLC:
		v, ok := parseHighLayer(data)
		return set(&m.HLC, m.HLC.Given, v, ok)
	case IDLLC:
		return set(&m.LLC, m.LLC != nil, data, true)
	}
	return raw
}

func (m *Message) subaddress(field *Subaddress, data []byte) outcome {
	v, ok := parseSubaddress(data)
	return set(field, field.Given, v, ok)
}

// empty is the outcome for an element without contents: the same as no element where the element has a
// field (clause 4.5.1/Q.931).
func empty(id ElementID) outcome {
	if id&0x80 == 0 && find(id).min > 0 {
		return taken
	}
	return raw
}

func (m *Message) number(field *Number, data []byte) outcome {
	v, ok := parseNumber(data)
	return set(field, field.Given, v, ok)
}
