package exchange

import (
	"strconv"
	"time"

	"trunkbox/firmware/acd"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
)

// phoneObserver takes what the phones' side tells: which phones are there, and who was refused.
type phoneObserver struct{ x *Exchange }

// PhoneUp: the extension's phone is registered and answers.
func (o phoneObserver) PhoneUp(extension, address string) {
	o.x.loop.Post(func() {
		o.x.note("", journal.PhoneUp, "agent", extension, "address", address)
		o.x.clearNotice("phones_down")
		o.x.step(acd.PhoneUp{At: acd.At(time.Now()), Agent: extension})
	})
}

// PhoneDown: no phone of the extension can be reached any more.
func (o phoneObserver) PhoneDown(extension, reason string) {
	o.x.loop.Post(func() {
		because := said(reason)
		o.x.note("", journal.PhoneDown, "agent", extension, "reason", string(because.reason), "about", because.about, "detail", reason)
		o.x.step(acd.PhoneDown{At: acd.At(time.Now()), Agent: extension})
	})
}

// Refused: somebody gave a wrong password or had no right.
func (o phoneObserver) Refused(where, who, address string) {
	o.x.loop.Post(func() {
		o.x.note("", journal.SignInRefused, "where", where, "who", who, "address", address)
	})
}

// SignInRefused journals a refused sign-in on the page: who (admin, or an extension) and from where.
func (x *Exchange) SignInRefused(who, address string) {
	x.loop.Post(func() { x.note("", journal.SignInRefused, "where", "page", "who", who, "address", address) })
}

// phoneKeeper keeps registrations over a restart.
type phoneKeeper struct{ store *config.Store }

const phoneRoom = "registrations"

func (k phoneKeeper) Keep(key string, value []byte) error { return k.store.Keep(phoneRoom, key, value) }
func (k phoneKeeper) Kept() map[string][]byte             { return k.store.KeptAll(phoneRoom) }

// lineObserver takes what the signalling of a line tells.
type lineObserver struct {
	x    *Exchange
	line string
}

// Link: the D channel's data link is up or down.
func (o lineObserver) Link(state, reason string) {
	o.x.loop.Post(func() { o.x.note("", journal.LinkState, "line", o.line, "state", state, "reason", reason) })
}

// Channel: a B channel is in another state. Only what a person would ask about is journalled.
func (o lineObserver) Channel(channel, state, reason string) {
	if state == "blocked" || reason != "" {
		o.x.loop.Post(func() {
			o.x.note("", journal.ChannelState, "line", o.line, "channel", strconv.Itoa(timeslotIn(channel)), "state", state, "reason", reason)
		})
		return
	}
	o.x.watch.tell()
}
