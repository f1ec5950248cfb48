package exchange

import (
	"fmt"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/pri"
)

// LedgerNow is what happened to the channels of a line lately.
type LedgerNow struct {
	Line      string          `json:"line"`
	Hunting   string          `json:"hunting"`    // the order in which we take channels: up, down, round-robin, least-recent
	Carrier   string          `json:"carrier"`    // the far end's order as its calls show it: up, down, or nothing
	Low       uint64          `json:"low"`        // its calls that named a channel of the lower half, old ones half forgotten
	High      uint64          `json:"high"`       // and of the upper half
	GaveWay   uint64          `json:"gave_way"`   // calls of ours that met one of the far end on a channel and gave it up
	Prevailed uint64          `json:"prevailed"`  // and that kept it
	DChannels []pri.DChannel  `json:"d_channels"` // of the line or its group, the primary first
	Channels  []ChannelLedger `json:"channels"`   // in the order of timeslots; empty while the settings of its group do not fit
}

// ChannelLedger is one channel with its last events, the oldest first.
type ChannelLedger struct {
	ChannelNow
	Events []ChannelEvent `json:"events"`
}

// ChannelEvent is one thing that happened to a channel.
type ChannelEvent struct {
	At     time.Time `json:"at"`
	State  string    `json:"state"`            // as of ChannelNow
	Reason string    `json:"reason,omitempty"` // a journal.Reason
	Way    string    `json:"way,omitempty"`    // which way its call goes: in, out
	Call   string    `json:"call,omitempty"`   // the call's ID, as in the journal
	Ref    string    `json:"ref,omitempty"`    // the call reference in the far end's messages: "ref 17/0"
	Cause  int       `json:"cause,omitempty"`  // Q.850, when it was being cleared
}

// Ledger is the channels of a line with their last events; false when there is no such line in service.
func (x *Exchange) Ledger(name string) (LedgerNow, bool) {
	now := LedgerNow{Line: name, DChannels: []pri.DChannel{}, Channels: []ChannelLedger{}}
	known := false
	x.loop.Do(func() {
		l := x.lines[name]
		if known = l != nil; !known || l.access == nil {
			return
		}
		status := l.access.Now()
		now.Hunting, now.Carrier, now.Low, now.High = status.Order.Hunting, status.Order.Carrier, status.Order.Low, status.Order.High
		now.GaveWay, now.Prevailed, now.DChannels = status.Glares.GaveWay, status.Glares.Prevailed, status.Ds
		on := x.callsOnChannels()
		for _, ch := range status.Channels {
			now.Channels = append(now.Channels, ChannelLedger{
				ChannelNow: channelNow(name, ch, on),
				Events:     channelEvents(l.access.Ledger(ch.Timeslot)),
			})
		}
	})
	return now, known
}

func channelEvents(records []pri.Record) []ChannelEvent {
	events := make([]ChannelEvent, 0, len(records))
	for _, r := range records {
		events = append(events, ChannelEvent{
			At: r.At, State: string(r.State), Reason: string(r.Reason), Way: r.Way, Call: r.Call, Ref: r.Ref, Cause: int(r.Cause),
		})
	}
	return events
}

// channelNow is one channel of a line as pri tells it, with its call.
func channelNow(line string, ch pri.Channel, on map[channel]string) ChannelNow {
	ts := int(ch.Timeslot)
	return ChannelNow{Timeslot: ts, State: ch.State, Since: ch.Since, Reason: ch.Reason, Call: on[channel{line, ts}]}
}

// belongs tells a leg of a line whose call it is, for the ledger of its channel.
func belongs(leg call.Leg, id string) {
	if l, keeps := leg.(interface{ Belongs(id string) }); keeps {
		l.Belongs(id)
	}
}

// SwitchD puts the D channel in service that stands by for a line's group.
func (x *Exchange) SwitchD(name string) error {
	access, err := x.accessOf(name)
	if err != nil {
		return err
	}
	return access.SwitchOver()
}

func (x *Exchange) accessOf(name string) (access *pri.Access, err error) {
	x.loop.Do(func() {
		if l := x.lines[name]; l != nil {
			access = l.access
		}
	})
	if access == nil {
		return nil, fmt.Errorf("line %s is not in service", name)
	}
	return access, nil
}
