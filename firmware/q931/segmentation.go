package q931

import (
	"bytes"
	"fmt"
)

// maxSegments is the most parts that a message may be sent in (Annex H.2 a/Q.931).
const maxSegments = 8

// segmentOwn is how many octets of a segment are its own: its type and the segmented message element.
const segmentOwn = 5

// LengthError says that a message is too long for the data link, even in parts if the variant allows those.
type LengthError struct {
	Octets, Longest int
}

func (e LengthError) Error() string {
	return fmt.Sprintf("a message of %d octets cannot be sent: %d fit", e.Octets, e.Longest)
}

// Segmenter cuts messages that are longer than an information field of the data link (Annex H/Q.931). A segment:
//
//	+---+---+---+---+---+---+---+---+
//	| discriminator, call reference |  those of the message
//	+---+---+---+---+---+---+---+---+
//	| 0   1   1   0   0   0   0   0 |  SEGMENT
//	+---+---+---+---+---+---+---+---+
//	| 0   0   0   0   0   0   0   0 |  segmented message, the first element
//	+---+---+---+---+---+---+---+---+
//	|            length 2           |
//	+---+---+---+---+---+---+---+---+
//	|1st|    segments remaining     |  octet 3
//	+---+---+---+---+---+---+---+---+
//	| 0 |  type of the message      |  octet 4
//	+---+---+---+---+---+---+---+---+
//	| the message's octets behind its type, from where the segment before ended, wherever that is
type Segmenter struct {
	profile *Profile
	octets  []byte
	parts   [maxSegments][]byte
}

// NewSegmenter returns a segmenter for one data link.
func NewSegmenter(profile *Profile) *Segmenter { return &Segmenter{profile: profile} }

// Split returns the octets of the information fields that a message has to be sent in, one after another with nothing
// between them on that data link: the message itself when it is short enough, else 2 to 8 segments. They are valid until the
// next Split. The error is a LengthError: nothing can be sent.
func (s *Segmenter) Split(message []byte) ([][]byte, error) {
	longest := s.profile.MaxMessage
	if len(message) <= longest {
		s.parts[0] = message
		return s.parts[:1], nil
	}
	head := 2 + int(message[1])
	room := longest - head - segmentOwn
	rest := message[head+1:]
	count := (len(rest) + room - 1) / room
	if !s.profile.Segmentation {
		return nil, LengthError{len(message), longest}
	}
	if count > maxSegments {
		return nil, LengthError{len(message), head + 1 + maxSegments*room}
	}
	s.octets = s.octets[:0]
	for i := range count {
		first, start := uint8(0), len(s.octets)
		if i == 0 {
			first = 0x80
		}
		part := rest[:min(room, len(rest))]
		rest = rest[len(part):]
		s.octets = append(s.octets, message[:head]...)
		s.octets = append(s.octets, uint8(MsgSegment), uint8(IDSegmented), 2, first|uint8(count-1-i), message[head])
		s.octets = append(s.octets, part...)
		s.parts[i] = s.octets[start:len(s.octets):len(s.octets)]
	}
	return s.parts[:count], nil
}

// Assembler puts the messages of one data link together again (Annex H.3/Q.931): a machine with the states null and
// receiving. What does not fit is dropped, and layer 3 management (an ErrorInd) is told; no STATUS is asked for, as the
// sender could not tell which message is meant. A SEGMENT whose first element is not a sound segmented message passes through
// to the call, which answers it.
type Assembler struct {
	desk
	receiving bool
	remaining uint8       // of the segment before
	of        MessageType // type of the message
	head      int         // octets of discriminator and call reference
	octets    []byte      // the message so far
}

// NewAssembler returns the machine in its null state.
func NewAssembler(profile *Profile) *Assembler { return &Assembler{desk: desk{profile: profile}} }

// Take takes the information field of a DL-DATA indication. It returns the message to be dealt with, nil when there is none
// yet, and appends the actions to actions, which may be nil. The message is valid until the next Take, or as octets are.
func (a *Assembler) Take(octets []byte, actions []Action) ([]byte, []Action) {
	a.actions = actions
	message := octets
	if head, remaining, ok := a.segment(octets); ok {
		message = a.part(octets, head, remaining)
	} else if a.receiving {
		a.drop("another message came between the segments of one")
	}
	actions, a.actions = a.actions, nil
	return message, actions
}

// Handle takes the expiry of T314 and what becomes of the data link.
func (a *Assembler) Handle(e Event, actions []Action) []Action {
	if a.stale(e) {
		return actions
	}
	a.actions = actions
	switch {
	case !a.receiving:
	case e.Input == exT314:
		a.drop("the rest of a message did not come within T314")
	case e.Input == LinkDown, e.Input == LinkReset:
		a.drop("the data link was lost or reset between the segments of a message")
	}
	actions, a.actions = a.actions, nil
	return actions
}

// segment says whether octets are a segment that can be taken, and where its type octet stands.
func (a *Assembler) segment(octets []byte) (head int, remaining uint8, ok bool) {
	if !a.profile.Segmentation || len(octets) < 2 || octets[0] != Discriminator || octets[1] > 2 {
		return 0, 0, false
	}
	head = 2 + int(octets[1])
	if len(octets) < head+segmentOwn || MessageType(octets[head]) != MsgSegment || octets[head+1] != uint8(IDSegmented) || octets[head+2] != 2 {
		return 0, 0, false
	}
	return head, octets[head+3], true
}

// part takes one segment and returns the message when it was the last.
func (a *Assembler) part(octets []byte, head int, counter uint8) []byte {
	first, remaining, of := counter&0x80 != 0, counter&0x7f, MessageType(octets[head+4])
	switch {
	case first:
		if a.receiving {
			a.drop("a message began before the segments of one were complete")
		}
		if remaining >= maxSegments {
			a.complain("a message in more than 8 segments")
			return nil
		}
		a.receiving, a.of, a.head = true, of, head
		a.octets = append(append(a.octets[:0], octets[:head]...), uint8(of))
	case !a.receiving:
		a.complain("a segment without those before it")
		return nil
	case head != a.head || !bytes.Equal(octets[:head], a.octets[:head]) || of != a.of:
		a.drop("a segment of another message")
		return nil
	case remaining != a.remaining-1:
		a.drop("a segment is missing")
		return nil
	}
	a.remaining = remaining
	a.octets = append(a.octets, octets[head+segmentOwn:]...)
	if remaining > 0 {
		a.start(T314)
		return nil
	}
	a.stop(T314)
	a.receiving = false
	return a.octets
}

func (a *Assembler) drop(detail string) {
	a.stop(T314)
	a.receiving = false
	a.complain(detail)
}

func (a *Assembler) complain(detail string) { a.do(Action{Kind: ErrorInd, Detail: detail}) }
