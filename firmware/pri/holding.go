package pri

import (
	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// Notification descriptions (Q.931 clause 4.5.22, EN 300 196-1 for those from 0x60).
const (
	userSuspended    = 0x00
	userResumed      = 0x01
	remoteHold       = 0x79
	remoteRetrieval  = 0x7a
	callIsDiverting  = 0x7b
	diversionStarted = 0x68
)

// notified tells of hold and of diversion at the far end.
func notified(l *leg, m *q931.Message) {
	if !m.Notification.Given {
		return
	}
	switch m.Notification.Value {
	case userSuspended, remoteHold:
		l.tell(call.Held{})
	case userResumed, remoteRetrieval:
		l.tell(call.Resumed{})
	case callIsDiverting, diversionStarted:
		if !m.Redirection.Given && l.outgoing {
			l.tell(call.Forwarded{Reason: "unknown"})
		}
	}
}

// held answers a HOLD of the far side. The channel stays the call's.
//
// Departure: Q.932 clause 6.2.7.3 lets whoever holds use the channel for another call; one that comes for this channel gets
// another, or is refused with cause 44 where it will have no other.
func (l *leg) held() {
	if l.idle() {
		return
	}
	l.ask(q931.HoldResp, &q931.Message{})
	l.tell(call.Held{})
}

// retrieved answers a RETRIEVE with the channel that the call has kept.
func (l *leg) retrieved(m *q931.Message) {
	if l.idle() {
		return
	}
	if p, named := l.group.place(m.Channel); named && m.Channel.Exclusive && p != l.place() {
		l.ask(q931.RetrieveRejectReq, l.group.cause(q850.RequestedChannelUnavailable))
		return
	}
	l.ask(q931.RetrieveResp, l.group.withChannel(l))
	l.tell(call.Resumed{})
}
