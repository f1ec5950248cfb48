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
func (l *Leg) lifesigns() {
	every := l.server.times.look
	misses := 0
	var look func()
	missed := func(why string) {
		if misses++; misses >= missLimit {
			l.clear(call.Cleared{
				Cause: q850.DestinationOutOfOrder, Location: q850.User, Remote: true,
				Detail: "the phone vanished: no sound, and " + why,
			})
		}
	}
	look = func() {
		if l.phase != answered {
			return
		}
		l.looking = l.loop.After(every, look)
		if l.started && time.Since(l.stream.Stats().LastHeard) < every {
			misses = 0
			return
		}
		waiting := true
		late := l.loop.After(l.server.times.answer, func() {
			if waiting && l.phase == answered {
				waiting = false
				missed("no answer to OPTIONS")
			}
		})
		err := l.ask(l.dialog.request(l.server, sip.OPTIONS), func(res *sip.Response, err error) {
			late.Stop()
			switch {
			case !waiting || l.phase != answered:
			case err != nil:
				missed(err.Error())
			case res.StatusCode == sip.StatusCallTransactionDoesNotExists:
				missed(fmt.Sprintf("it answers %d to OPTIONS", res.StatusCode))
			default:
				misses = 0
			}
			waiting = false
		})
		if err != nil {
			late.Stop()
			missed(err.Error())
		}
	}
	l.looking = l.loop.After(every, look)
}
