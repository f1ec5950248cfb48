package exchange

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"trunkbox/dsp"
	"trunkbox/firmware/call"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/siptrunk"
)

// TrunkNow is one IP trunk in service.
type TrunkNow struct {
	siptrunk.Status
	Why WhyNow `json:"why"` // it is down
}

// WhyNow is a reason as a sentence in both languages; empty for none.
type WhyNow struct {
	ZH string `json:"zh"`
	EN string `json:"en"`
}

// trunksNow is how the IP trunks are.
func (x *Exchange) trunksNow() []TrunkNow {
	now := []TrunkNow{}
	for _, t := range x.trunks.Now() {
		one := TrunkNow{Status: t}
		if t.Reason != "" {
			one.Why = WhyNow{journal.WhyAbout("zh", string(t.Reason), t.About), journal.WhyAbout("en", string(t.Reason), t.About)}
		}
		now = append(now, one)
	}
	return now
}

// wayOut is what a call to outside may go over: a line or an IP trunk.
type wayOut interface {
	Dial(to call.Outgoing, h call.Handler) (call.Leg, error)
}

// wayOut is the line or the IP trunk of that name; nil when there is none in service.
func (x *Exchange) wayOut(name string) wayOut {
	if l := x.lines[name]; l != nil && l.access != nil {
		return l.access
	}
	if t := x.trunks.Trunk(name); t != nil {
		return t
	}
	return nil
}

// isTrunk says whether the name is that of an IP trunk in service.
func (x *Exchange) isTrunk(name string) bool { return x.trunks.Trunk(name) != nil }

// newTrunks makes the IP trunks; the phones' server is there already, and does not run yet.
func (x *Exchange) newTrunks() {
	x.trunks = siptrunk.New(siptrunk.Options{Server: x.phones, Observer: trunkObserver{x}, Logger: x.Log}, x.settings)
}

// runTrunks runs the phones' side and the trunks on its ports, which sign off before the ports are closed.
func (x *Exchange) runTrunks(ctx context.Context) {
	ports, closePorts := context.WithCancel(context.WithoutCancel(ctx))
	open := make(chan struct{})
	go func() {
		defer close(open)
		x.runPhones(ports)
	}()
	x.trunks.Run(ctx)
	closePorts()
	<-open
}

// trunkObserver takes what the IP trunks tell.
type trunkObserver struct{ x *Exchange }

// TrunkState: the trunk is up, or down.
func (o trunkObserver) TrunkState(trunk, state string, reason siptrunk.Reason, about, detail string) {
	o.x.loop.Post(func() {
		o.x.note("", journal.TrunkState, "line", trunk, "state", state, "reason", string(reason), "about", about, "detail", detail)
	})
}

// CallRefused: a call of an IP trunk was refused at the door, as a line's may be.
func (o trunkObserver) CallRefused(trunk string, cause q850.Cause) {
	o.x.loop.Post(func() {
		o.x.note("", journal.LineFound, "line", trunk, "reason", string(journal.CallRefused), "about", strconv.Itoa(int(cause)))
	})
}

// trunksUp says whether a call of an IP trunk is still up or clearing.
func (x *Exchange) trunksUp() bool {
	return slices.ContainsFunc(x.trunks.Now(), func(t siptrunk.Status) bool { return t.Calls > 0 })
}

// keyTeller is a leg that takes the keys that the bridge hears in its sound, for it may have told them already.
type keyTeller interface {
	Heard(key byte)
	HeardUp(up call.KeyUp)
}

// keyInSound takes a key that the bridge heard of the caller.
func (c *Call) keyInSound(key byte) {
	if leg, tells := c.caller.Leg.(keyTeller); tells {
		leg.Heard(key)
		return
	}
	c.keyDown(c.caller, call.Digit{Key: key, By: call.BySound})
}

// keyInSoundUp takes the end of such a key, with how it sounded.
func (c *Call) keyInSoundUp(d dsp.DigitEvent) {
	up := call.KeyUp{Key: d.Digit, By: call.BySound, Lasted: d.Lasted(), Levels: []float64{d.LowDBm0, d.HighDBm0}}
	if leg, tells := c.caller.Leg.(keyTeller); tells {
		leg.HeardUp(up)
		return
	}
	c.keyUp(c.caller, up)
}

// presser is a leg whose far side is told keys beside the sound.
type presser interface{ Press(key byte) }

// passKey tells an IP trunk a key of who talks over it.
func (c *Call) passKey(from *call.Side, key byte) {
	for _, side := range c.sides() {
		if leg, takes := side.Leg.(presser); takes && side != from && side.Phone == "" {
			leg.Press(key)
		}
	}
}

// channelOf is the timeslot of a channel's name as the journal has it: empty on an IP trunk.
func channelOf(name string) string {
	if ts := timeslotIn(name); ts != 0 {
		return strconv.Itoa(ts)
	}
	return ""
}

// notOverTrunk are the causes after which another way out may do, where an IP trunk gave them: its server is overloaded, or
// does not do what it should (RFC 3398 clause 8.2.6.1 makes 500 and 503 of them).
var notOverTrunk = []q850.Cause{q850.TemporaryFailure, q850.SwitchCongestion}

// otherWay says whether another way out may do after the one that gave that cause.
func (x *Exchange) otherWay(over string, cause q850.Cause) bool {
	return slices.Contains(otherLine, cause) || x.isTrunk(over) && slices.Contains(notOverTrunk, cause)
}

// notOver is why an IP trunk did not take a call; false: the error is none of a trunk's.
func notOver(err error) (journal.Reason, bool) {
	switch {
	case errors.Is(err, siptrunk.ErrDown):
		return journal.TrunkDown, true
	case errors.Is(err, siptrunk.ErrFull):
		return journal.NoChannel, true
	case errors.Is(err, siptrunk.ErrNumber):
		return journal.TrunkNumber, true
	}
	return "", false
}
