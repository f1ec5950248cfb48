package pri

import (
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/q931"
)

// announcementLimit is how long an announcement after DISCONNECT is listened to: the network's own T306 (Table
// 9-1/Q.931), after which it sends RELEASE.
const announcementLimit = 30 * time.Second

// listens keeps a call that the network cleared with DISCONNECT while tones or an announcement say why ("the number you
// have dialled ..."), as clause 5.3.4.1/Q.931 lets the user do: the sound is open until our side hangs up, the network
// sends RELEASE, or announcementLimit. False: there is nothing to listen to, or nobody who could.
//
// That is so for a call of ours that was not answered and whose channel is agreed upon. A cause of the class "resource
// unavailable" is not listened to: another line may do, and is not to wait for it. A network ignores the progress
// indicator of a user's DISCONNECT (Table 3-6, note 2).
func (g *Group) listens(l *leg, action *q931.Action) bool {
	if g.side != q931.User || !l.outgoing || l.answered.Load() || l.hungUp != 0 || !l.settled || l.ts == 0 ||
		!action.Msg.InBand() || resourceUnavailable(action.Cause) {
		return false
	}
	ending := clearedBy(action)
	l.ending = &ending
	l.limit = g.loop.After(announcementLimit, func() { l.heardEnough() })
	g.log.Info("the call was cleared with an announcement", "entity", l.Name(), "cause", action.Cause.String())
	l.openSound(true)
	l.tell(call.Clearing{Cause: ending.Cause, Location: ending.Location})
	return true
}

// resourceUnavailable says whether a cause is of class 010 (Q.850 clause 2.2.5).
func resourceUnavailable(cause q850.Cause) bool { return cause>>4 == 2 }

// heardEnough releases a call whose announcement was listened to for long enough.
func (l *leg) heardEnough() {
	l.over(*l.ending)
	l.state(Clearing)
	l.ask(q931.ReleaseReq, nil)
}

// clearedBy is the last event of a leg, as the machine tells it.
func clearedBy(action *q931.Action) call.Cleared {
	return call.Cleared{Cause: action.Cause, Location: action.Location, Remote: action.Remote, Detail: action.Detail}
}
