package sipphone

import (
	"fmt"
	"time"

	"github.com/emiago/sipgo/sip"

	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
)

// lifesigns looks after an answered call from time to time: a phone that sends no sound, be it on hold
// or without power, is asked by OPTIONS in the dialog. One that does not answer twice is gone, and its
// call with it, though it had no session timer and could not say BYE.
func (l *Leg) lifesigns() { l.looking = l.loop.After(l.server.times.look, l.look) }

func (l *Leg) look() {
	if l.phase != answered {
		return
	}
	l.lifesigns()
	if l.started && time.Since(l.stream.Stats().LastHeard) < l.server.times.look {
		l.misses = 0
		return
	}
	waiting := true
	late := l.loop.After(l.server.times.answer, func() {
		if waiting && l.phase == answered {
			waiting = false
			l.missed("no answer to OPTIONS")
		}
	})
	err := l.ask(l.dialog.request(l.server, sip.OPTIONS), func(res *sip.Response, err error) {
		late.Stop()
		switch {
		case !waiting || l.phase != answered:
		case err != nil:
			l.missed(err.Error())
		case res.StatusCode == sip.StatusCallTransactionDoesNotExists:
			l.missed(fmt.Sprintf("it answers %d to OPTIONS", res.StatusCode))
		default:
			l.misses = 0
		}
		waiting = false
	})
	if err != nil {
		late.Stop()
		l.missed(err.Error())
	}
}

// missed counts a sign of life that did not come.
func (l *Leg) missed(why string) {
	if l.misses++; l.misses >= missLimit {
		l.clear(call.Cleared{
			Cause: q850.DestinationOutOfOrder, Location: q850.User, Remote: true,
			Detail: "the phone vanished: no sound, and " + why,
		})
	}
}
