package trace

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q931"
)

// Row is one frame of the ladder.
type Row struct {
	Seq    Seq       `json:"seq"`
	At     time.Time `json:"at"`
	Sent   bool      `json:"sent"`          // by us; else received
	Layer2 string    `json:"layer2"`        // "I N(S)=2 N(R)=3 P=0"
	Layer3 string    `json:"layer3"`        // "SETUP cref 5/0, channel 7, …"; empty: a frame without message
	Ref    *CallRef  `json:"ref,omitempty"` // of the message
	ZH     string    `json:"zh"`            // the same in plain words
	EN     string    `json:"en"`
	Look   bool      `json:"look"` // worth a look: a fault, or a cause that points at one
	Hex    string    `json:"hex"`  // the frame itself
}

// newRow decodes a frame. A frame or message that makes no sense has a row that says so.
func newRow(f Frame) Row {
	row := Row{Seq: f.Seq, At: f.At, Sent: f.Sent, Hex: hex.EncodeToString(f.Octets)}
	sender := lapd.User
	if f.Sent == f.Network {
		sender = lapd.Network
	}
	who := speaker{f.Sent, f.Network}
	frame, err := lapd.Parse(f.Octets, sender)
	if err != nil {
		row.Layer2, row.Look = err.Error(), true
		row.ZH, row.EN = who.say(badFrame)
		return row
	}
	row.Layer2 = layer2(frame)
	row.ZH, row.EN = who.say(layer2Words(frame))
	row.Look = frame.Kind == lapd.FRMR
	if frame.Kind != lapd.I {
		return row
	}
	if ref, is := refOf(f); is {
		row.Ref = &ref
	}
	message, err := parseMessage(frame.Info)
	if err != nil {
		row.Layer3, row.Look = err.Error(), true
		row.ZH, row.EN = who.say(badMessage)
		return row
	}
	row.hide(frame.Info, &message)
	row.Layer3 = layer3(&message)
	row.ZH, row.EN = who.message(&message)
	row.Look = len(message.Faults) > 0 || message.Cause[0].Value.Alarming() && message.Cause[0].Value != 0
	return row
}

// hide takes the digits of numbers that are not to be shown out of the message, and out of the octets beside it. Who has
// such a number has no name either. A capture keeps all, for those who look for a fault in it.
func (row *Row) hide(octets []byte, m *q931.Message) {
	secret := [][]byte{}
	for _, n := range []*q931.Number{&m.Calling, &m.Called, &m.Connected, &m.Redirecting} {
		if len(n.Digits) > 0 && withheld(*n) {
			secret = append(secret, n.Digits)
			n.Digits = []byte(hidden)
		}
	}
	if len(secret) == 0 {
		return
	}
	if len(m.Display) > 0 {
		secret = append(secret, m.Display)
		m.Display = []byte(hidden)
	}
	for _, element := range m.Other {
		if element.ID == q931.IDFacility && len(element.Data) > 0 {
			secret = append(secret, element.Data) // it may tell the name
		}
	}
	head := len(row.Hex)/2 - len(octets) // of the frame, before the message
	for _, one := range secret {
		if at := bytes.Index(octets, one); at >= 0 && head >= 0 {
			from, to := 2*(head+at), 2*(head+at+len(one))
			row.Hex = row.Hex[:from] + strings.Repeat("*", to-from) + row.Hex[to:]
		}
	}
}

// hidden stands in the place of what is not to be shown.
const hidden = "***"

func withheld(n q931.Number) bool { return n.HasOctet3a && n.Presentation != q931.Allowed }

// layer2 writes a frame as the Recommendation does: "RR N(R)=3 F=1".
func layer2(f lapd.Frame) string {
	text := f.Kind.String()
	switch f.Kind {
	case lapd.I:
		text += fmt.Sprintf(" N(S)=%d N(R)=%d", f.NS, f.NR)
	case lapd.RR, lapd.RNR, lapd.REJ:
		text += fmt.Sprintf(" N(R)=%d", f.NR)
	}
	bit, name := 0, "F"
	if f.PF {
		bit = 1
	}
	if f.Command {
		name = "P"
	}
	text += fmt.Sprintf(" %s=%d", name, bit)
	if f.SAPI != 0 || f.TEI != 0 {
		text += fmt.Sprintf(" SAPI=%d TEI=%d", f.SAPI, f.TEI)
	}
	return text
}

// layer3 writes a message with those of its elements that people look for.
func layer3(m *q931.Message) string {
	flag := 0
	if m.Ref.Flag {
		flag = 1
	}
	name := nameOf(m)
	parts := []string{fmt.Sprintf("%s cref %d/%d", name, m.Ref.Value, flag)}
	switch {
	case m.Ref.Dummy():
		parts[0] = name + " dummy cref"
	case m.Ref.Global():
		parts[0] = fmt.Sprintf("%s global cref/%d", name, flag)
	}
	add := func(is bool, format string, values ...any) {
		if is {
			parts = append(parts, fmt.Sprintf(format, values...))
		}
	}
	for _, cause := range m.Cause {
		add(cause.Value != 0, "cause %s, %s", cause.Value, cause.Location)
	}
	add(m.Restart.Given, "restart class %d", m.Restart.Value)
	add(m.Channel.Given, "channel %s", channel(m.Channel))
	add(m.ChangeStatus.Given, "status %s", m.ChangeStatus.Value)
	add(m.CallState.Given, "call state %d %s", uint8(m.CallState.Value), m.CallState.Value)
	for _, progress := range m.Progress {
		add(progress.Description != 0, "progress %d", progress.Description)
	}
	for _, n := range numbersOf(m) {
		add(n.Given, "%s %s", n.name, number(n.Number))
	}
	add(m.SendingComplete, "sending complete")
	add(len(m.Display) > 0, "display %q", m.Display)
	add(len(m.Keypad) > 0, "keypad %q", m.Keypad)
	add(m.Notification.Given, "notification %d", m.Notification.Value)
	for _, element := range m.Other {
		if element.Codeset == 0 {
			add(true, "%s", element.ID)
		} else {
			add(true, "element 0x%02x of codeset %d", uint8(element.ID), element.Codeset)
		}
	}
	add(len(m.Faults) > 0, "%d faulty elements", len(m.Faults))
	return strings.Join(parts, ", ")
}

// namedNumber is a number element and what it is called.
type namedNumber struct {
	q931.Number
	name string
}

func numbersOf(m *q931.Message) []namedNumber {
	return []namedNumber{{m.Calling, "calling"}, {m.Called, "called"}, {m.Connected, "connected"}, {m.Redirecting, "redirecting"}}
}

// number writes the digits of a number and, where it is not to be shown, says so.
func number(n q931.Number) string {
	text := printable(n.Digits)
	if text == "" {
		text = "(none)"
	}
	if withheld(n) {
		text += " (not to be shown)"
	}
	return text
}

// printable is foreign text with a dot for what cannot be shown.
func printable(octets []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '·'
		}
		return r
	}, string(octets))
}

// channel writes a channel identification: "7 exclusive", "7 of interface 1 preferred", "any", "D".
func channel(ch q931.Channel) string {
	text := ""
	slot, one := ch.Slot()
	switch {
	case ch.DChannel:
		text = "D"
	case ch.Selection == q931.AnyChannel:
		text = "any"
	case ch.Selection == q931.NoChannel:
		text = "none"
	case one:
		text = fmt.Sprint(slot)
	default:
		text = "several"
	}
	if id, explicit := ch.InterfaceID(); explicit {
		text += fmt.Sprintf(" of interface %d", id)
	}
	if ch.Exclusive {
		return text + " exclusive"
	}
	return text + " preferred"
}
