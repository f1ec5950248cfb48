package pri

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q931"
)

// TestPartsIn: a SETUP that comes in two parts is a call like any other; one whose rest does not come is forgotten after
// T314, and the next is taken.
func TestPartsIn(t *testing.T) {
	scripted(t, nil, func(t *testing.T, user *end, x *exchange) {
		first, last := "08 02 00 05 60 00 02 81 05 "+complete+speech, "08 02 00 05 60 00 02 00 05 "+ts1+called
		x.say(first)
		time.Sleep(5 * time.Second)
		x.say(last)
		x.hears()
		if user.arrivals() != 0 {
			t.Fatal("half a SETUP was taken")
		}
		x.say(first)
		x.say(last)
		x.hears("08 02 80 05 02 " + ts1)
		if got := user.last().incoming.Called; got != "4001" {
			t.Errorf("called %q", got)
		}
	})
}

// TestPartsOut: a message that is too long for one frame leaves in parts, in order and with nothing between them; where the
// variant has no parts it stays here.
func TestPartsOut(t *testing.T) {
	for _, variant := range []string{"euroisdn-e1", "ni2"} {
		set := func(l *config.Line) { l.Variant = variant }
		scripted(t, set, func(t *testing.T, user *end, x *exchange) {
			p := user.dial(call.Outgoing{Called: "4001"})
			synctest.Wait()
			x.say("08 02 80 01 07 " + ts1)
			x.hears("08 02 00 01 05 *", "08 02 00 01 0f")
			long := &q931.Message{}
			for i := range 3 {
				long.Other = append(long.Other, q931.Element{ID: q931.IDFacility, Data: bytes.Repeat([]byte{byte(i)}, 200)})
			}
			user.access.loop.Do(func() { p.leg.(*leg).ask(q931.FacilityReq, long) })
			if variant == "ni2" {
				x.hears()
				return
			}
			synctest.Wait()
			x.mu.Lock()
			got := x.got
			x.got = nil
			x.mu.Unlock()
			var body strings.Builder
			for i, part := range got {
				head := fmt.Sprintf("0802000160000 2%02x62", []int{0x82, 1, 0}[i])
				rest, ok := strings.CutPrefix(part, strings.ReplaceAll(head, " ", ""))
				if !ok {
					t.Errorf("part %d begins %s", i, part[:20])
				}
				body.WriteString(rest)
			}
			octets, err := hex.DecodeString(body.String())
			if err != nil || len(got) != 3 || len(octets) != 3*202 || octets[202] != 0x1c || octets[2*202+2] != 2 {
				t.Errorf("%d parts, %d octets, %v", len(got), len(octets), err)
			}
		})
	}
}

// TestRestartOverLostLink: the link goes while a RESTART is out. With the link it begins anew, and the channels behind it
// are not forgotten.
func TestRestartOverLostLink(t *testing.T) {
	restart := func(l *config.Line) { l.Restart = true }
	scripted(t, restart, func(t *testing.T, user *end, x *exchange) {
		x.hears("08 02 00 00 46 " + ts1 + "79 01 80")
		cutAll := func(on bool) { user.wire.cut.Store(on); x.wire.cut.Store(on) }
		cutAll(true)
		time.Sleep(time.Minute)
		if s := user.state(1); s != string(Restarting) {
			t.Errorf("while the link is lost channel 1 is %s", s)
		}
		cutAll(false)
		time.Sleep(10 * time.Second)
		for _, ts := range user.wire.Kind().B() {
			channel := fmt.Sprintf("18 03 a9 83 %02x 79 01 80", 0x80|ts)
			x.hears("08 02 00 00 46 " + channel)
			x.say("08 02 80 00 4e " + channel)
		}
		user.free()
	})
}
