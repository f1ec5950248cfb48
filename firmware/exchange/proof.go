package exchange

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/pri"
)

// Settings of lines that have not shown yet that they work are not trusted after a restart either: what to return to is
// kept until they have.

// proof is what a unit with new settings has to show: its D channel is up at the end of its time.
type proof struct {
	was     [][]config.Line // the settings that return if it is not
	until   time.Time
	seconds int
	timer   *call.Timer
}

// proofRoom is where the store keeps the settings to return to, a JSON list of units by the name of the first line.
const proofRoom = "proof"

// keepProof keeps what the unit of that first line returns to; nothing forgets it.
func (x *Exchange) keepProof(first string, was [][]config.Line) {
	var value []byte
	if len(was) > 0 {
		var err error
		if value, err = json.Marshal(was); err != nil {
			x.Log.Error("the settings to return to cannot be kept", "line", first, "error", err)
			return
		}
	}
	x.disk.Post(func() {
		if err := x.Store.Keep(proofRoom, first, value); err != nil {
			x.Log.Error("the settings to return to cannot be kept", "line", first, "error", err)
		}
	})
}

// keptProof is what the unit returns to, nothing when its settings had shown that they work.
func (x *Exchange) keptProof(first string) (was [][]config.Line) {
	value, kept := x.Store.Kept(proofRoom, first)
	if !kept || len(value) == 0 {
		return nil
	}
	if err := json.Unmarshal(value, &was); err != nil {
		x.Log.Error("the settings to return to cannot be read", "line", first, "error", err)
		return nil
	}
	return was
}

// prove waits for the D channel of a unit with new settings.
func (x *Exchange) prove(u *unit, was [][]config.Line) {
	seconds := u.lines[0].settings.ReturnSeconds
	if seconds <= 0 {
		return
	}
	after := time.Duration(seconds) * time.Second
	first := u.lines[0].settings.Name
	x.keepProof(first, was)
	u.proof = &proof{was: was, until: time.Now().Add(after), seconds: seconds}
	u.proof.timer = x.loop.After(after, func() {
		p := u.proof
		u.proof = nil
		if l := u.lines[0]; l.access == nil || l.access.Now().Link != pri.LinkUp {
			u.proof = p
			go x.comeBack(u, p)
			return
		}
		x.keepProof(first, nil)
	})
}

// comeBack puts the old settings of lines in force again, in the store too.
func (x *Exchange) comeBack(u *unit, p *proof) {
	x.apply.Lock()
	defer x.apply.Unlock()
	first := u.lines[0].settings.Name
	stands := false
	x.loop.Do(func() { stands = x.lines[first] == u.lines[0] && u.proof == p })
	if !stands {
		return
	}
	to := x.Store.Settings()
	to.Lines = slices.Clone(to.Lines)
	for _, lines := range p.was {
		for _, l := range lines {
			if i := slices.IndexFunc(to.Lines, func(o config.Line) bool { return o.Name == l.Name }); i >= 0 {
				to.Lines[i] = l
			} else {
				to.Lines = append(to.Lines, l)
			}
		}
	}
	if err := x.Store.Save(to, "box"); err != nil {
		x.Log.Error("the old settings of a line could not be saved", "line", first, "error", err)
		return
	}
	to = x.Store.Settings()
	x.Log.Warn("the D channel did not come back, the old settings return", "line", first, "seconds", p.seconds)
	x.loop.Do(func() {
		u.proof = nil
		x.keepProof(first, nil)
		x.settings = to
		for _, name := range u.names() {
			x.note("", journal.LineChanged, "line", name, "state", "returned", "reason", string(journal.LinkNotBack), "about", strconv.Itoa(p.seconds))
			x.notice("returned_"+name,
				fmt.Sprintf("线路 %s 使用新设置后 D 通道 %d 秒内未恢复，已自动恢复原来的设置。", name, p.seconds),
				fmt.Sprintf("With the new settings of line %s the D channel did not come back within %d seconds; its old settings are in force again.", name, p.seconds))
		}
	})
	x.applyLines(to.Lines, true)
}
