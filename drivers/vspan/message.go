package vspan

import (
	"encoding/binary"
	"fmt"

	"trunkbox/drivers/span"
)

// One message of the socket is one block of one direction:
//
//	  0     1     2     3     4 … 11            12 … 13       14     15      16 …
//	+-----+-----+-----+-----+-----------------+-------------+------+-------+------------------------+
//	| 'T' | 'B' | 'V' |  1  | moment          | alarms      | kind | block | 32 timeslots × block   |
//	+-----+-----+-----+-----+-----------------+-------------+------+-------+------------------------+
//
// Integers are big-endian. The serving side counts the moments; the far process answers each message
// with one of the same moment. alarms are the bits of span.Alarm: what the line sees in a message to
// the far process, what the far process sends on purpose (AIS, RAI, …) in its answer. kind is 0 for
// an E1, 1 for a T1; block is in octets, 16 to 160. The timeslots stand in rising order from 0, the D
// channel among them as HDLC octets; the places that a T1 has not (0 and 25 to 31) count for nothing.
type message struct {
	moment uint64
	alarms span.Alarm
	kind   span.Kind
	block  int
	octets []byte // 32 × block, timeslot by timeslot; the memory of the message it was read from
}

const (
	headerOctets = 16
	maxMessage   = headerOctets + span.Slots*span.MaxBlock
	magic        = "TBV\x01"
)

// messageError says in what a message is wrong.
type messageError string

func (e messageError) Error() string { return "vspan: not a block of a line: " + string(e) }

// parse reads a message; m.octets is a part of raw.
func (m *message) parse(raw []byte) error {
	if len(raw) < headerOctets {
		return messageError(fmt.Sprintf("%d octets, the header alone has %d", len(raw), headerOctets))
	}
	if string(raw[:4]) != magic {
		return messageError(fmt.Sprintf("it begins with % x, want % x", raw[:4], magic))
	}
	m.moment = binary.BigEndian.Uint64(raw[4:])
	m.alarms = span.Alarm(binary.BigEndian.Uint16(raw[12:]))
	m.kind, m.block = span.Kind(raw[14]), int(raw[15])
	if m.kind > span.T1 {
		return messageError(fmt.Sprintf("kind %d, want 0 or 1", m.kind))
	}
	if m.block < 16 || m.block > span.MaxBlock {
		return messageError(fmt.Sprintf("blocks of %d octets, want 16 to %d", m.block, span.MaxBlock))
	}
	if want := headerOctets + span.Slots*m.block; len(raw) != want {
		return messageError(fmt.Sprintf("%d octets, want %d", len(raw), want))
	}
	m.octets = raw[headerOctets:]
	return nil
}

// write fills raw, which has room for maxMessage, with the header and the timeslots of b; it returns
// the message.
func (m *message) write(raw []byte, b *span.Block) []byte {
	raw = append(raw[:0], magic...)
	raw = binary.BigEndian.AppendUint64(raw, m.moment)
	raw = binary.BigEndian.AppendUint16(raw, uint16(m.alarms))
	raw = append(raw, byte(m.kind), byte(m.block))
	for ts := range b {
		raw = append(raw, b[ts][:m.block]...)
	}
	return raw
}

// place returns the octets of a timeslot.
func (m *message) place(ts int) []byte { return m.octets[ts*m.block : (ts+1)*m.block] }
