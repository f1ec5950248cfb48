package exchange

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"trunkbox/firmware/acd"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/pri"
)

// phoneObserver takes what the phones' side tells: which phones are there, and who was refused.
type phoneObserver struct{ x *Exchange }

// PhoneUp: the extension's phone is registered and answers.
func (o phoneObserver) PhoneUp(extension, address string) {
	o.x.loop.Post(func() {
		o.x.note("", journal.PhoneUp, "agent", extension, "address", address)
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
	o.x.signInRefused(where, who, address)
}

// SignInRefused journals a refused sign-in on the page: who (admin, or an extension) and from where.
func (x *Exchange) SignInRefused(who, address string) {
	x.signInRefused("page", who, address)
}

// refusal is how often one name was refused lately.
type refusal struct {
	times int
	until *call.Timer // when it is no longer shown
}

// refusalShown is how long a refused sign-in stays on the page after the last one.
const refusalShown = time.Hour

// signInRefused journals a refused sign-in, and shows the owner who is knocking and how often.
func (x *Exchange) signInRefused(where, who, address string) {
	x.loop.Post(func() {
		x.note("", journal.SignInRefused, "where", where, "who", who, "address", address)
		id := "refused_" + where + "_" + who
		r := x.refusals[id]
		if r == nil && len(x.refusals) >= maxRefusals {
			return // somebody tries names one after the other; the journal has them all
		}
		if r == nil {
			r = &refusal{}
			x.refusals[id] = r
		}
		r.times++
		r.until.Stop()
		r.until = x.loop.After(refusalShown, func() {
			delete(x.refusals, id)
			x.clearNotice(id)
		})
		x.notice(id,
			fmt.Sprintf("“%s”登录被拒绝 %d 次(%s),最近一次来自 %s。", who, r.times, where, address),
			fmt.Sprintf("Sign-in as %q was refused %d times (%s), the last time from %s.", who, r.times, where, address))
	})
}

// maxRefusals is how many refused names are shown at once.
const maxRefusals = 5

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
	o.x.loop.Post(func() {
		x := o.x
		if back := x.blocked[channel]; back || state == string(pri.Blocked) || reason != "" {
			x.note("", journal.ChannelState, "line", o.line, "channel", strconv.Itoa(timeslotIn(channel)), "state", state, "reason", reason)
		}
		if state == string(pri.Blocked) {
			x.blocked[channel] = true
		} else {
			delete(x.blocked, channel)
		}
		x.watch.tell()
	})
}

// Found: the line found something wrong by itself, or put it right. A defect of ours is shown until the box restarts.
func (o lineObserver) Found(where, finding, about string) {
	o.x.loop.Post(func() {
		channel := ""
		if ts := timeslotIn(where); ts != 0 {
			channel = strconv.Itoa(ts)
		}
		line, _, _ := strings.Cut(where, "/")
		o.x.note("", journal.LineFound, "line", line, "channel", channel, "reason", finding, "about", about)
		if slices.Contains(defects, pri.Reason(finding)) {
			id := "line_defect_" + line
			o.x.notice(id, "线路 "+line+"："+journal.WhyWords("zh", finding)+"。请把日志发给技术支持。",
				"Line "+line+": "+journal.WhyWords("en", finding)+". Please send the log to support.")
		}
	})
}

// defects are the findings that only a defect of the software explains.
var defects = []pri.Reason{pri.BlockedSilently, pri.ChannelStuck, pri.ReferenceStuck}
