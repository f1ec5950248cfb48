package q931

import "fmt"

// ServiceStatus is what a change status element says of channels.
type ServiceStatus uint8

// The statuses, from good to bad. Both ends have one for each channel, and the worse of the two counts.
const (
	InService         ServiceStatus = 0
	MaintenanceStatus ServiceStatus = 1 // calls of the far side are taken, none are placed
	OutOfService      ServiceStatus = 2
)

// String returns "in service", "maintenance" or "out of service".
func (s ServiceStatus) String() string {
	switch s {
	case InService:
		return "in service"
	case MaintenanceStatus:
		return "maintenance"
	case OutOfService:
		return "out of service"
	}
	return fmt.Sprintf("service status %d", uint8(s))
}

// changeOfChannel is the preference field of a change status element, with its extension bit: a B channel.
const changeOfChannel = 0xc0

// isMaintenance says whether a protocol discriminator is one of the two for maintenance in North America.
func isMaintenance(discriminator uint8) bool { return discriminator == 0x03 || discriminator == 0x43 }

// DecodeMaintenance reads a message of the maintenance protocols of North American variants (ANSI T1.607, TR 41459), which
// have the form of Q.931's messages, the global call reference, and one element of their own:
//
//	+---+---+---+---+---+---+---+---+
//	| discriminator  0x03 or 0x43   |  octet 1; call reference and type follow as in Q.931
//	+---+---+---+---+---+---+---+---+
//	| 0   0   0   0   0   0   0   1 |  change status
//	+---+---+---+---+---+---+---+---+
//	|            length 1           |
//	+---+---+---+---+---+---+---+---+
//	| 1 |prf| 0   0   0 |new status |  octet 3; preference 1: a channel
//	+---+---+---+---+---+---+---+---+
func (m *Message) DecodeMaintenance(b []byte) error {
	*m = Message{Other: m.Other[:0], Faults: m.Faults[:0]}
	if len(b) > 0 && !isMaintenance(b[0]) {
		return DiscriminatorError(b[0])
	}
	if len(b) > 0 {
		m.Protocol = b[0]
	}
	return m.decode(b)
}

// Name returns the type as the Recommendations write it, of a maintenance message too, whose types are coded one way with
// discriminator 0x03 and the other way with 0x43.
func (m *Message) Name() string {
	for _, known := range [...]Maintenance{maintenance03, maintenance43} {
		switch {
		case m.Protocol == 0 || m.Protocol != known.Discriminator:
		case m.Type == known.Service:
			return "SERVICE"
		case m.Type == known.Acknowledge:
			return "SERVICE ACKNOWLEDGE"
		default:
			return fmt.Sprintf("maintenance message 0x%02x", uint8(m.Type))
		}
	}
	return m.Type.String()
}
