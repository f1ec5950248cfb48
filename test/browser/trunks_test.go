package browser

import (
	"testing"
	"time"

	"trunkbox/firmware/exchange"
	"trunkbox/firmware/siptrunk"
)

// TestTrunksAreShown: IP trunks stand beside the lines, with why one is down.
func TestTrunksAreShown(t *testing.T) {
	o, b := openOffice(t, false), Start(t)
	dir := pictures()
	firstVisit(t, b, o.store, o.url)
	now := time.Now()
	o.change(func(s *exchange.Snapshot) {
		s.Trunks = []exchange.TrunkNow{
			{Status: siptrunk.Status{
				Name: "carrier", Server: "sip.carrier.example", Address: "192.0.2.1:5060", Transport: "udp", State: siptrunk.Up, Since: now.Add(-time.Hour),
				Registers: true, Until: now.Add(time.Hour), Calls: 7, MaxCalls: 30,
			}},
			{Status: siptrunk.Status{
				Name: "branch", Server: "192.0.2.9:5060", Address: "192.0.2.9:5060", Transport: "tcp", State: siptrunk.Down, Since: now.Add(-time.Minute),
				Reason: siptrunk.Silent, About: "192.0.2.9:5060", Retry: now.Add(time.Minute),
			}, Why: exchange.WhyNow{ZH: "服务器 192.0.2.9:5060 没有响应", EN: "the server 192.0.2.9:5060 does not answer"}},
		}
	})
	for _, room := range []string{"lines", "now"} {
		b.Go(o.url + "/#/" + room)
		b.WaitText("[data-key=trunk-carrier]", "7 / 30 个通话")
		b.WaitText("[data-key=trunk-carrier]", "注册到")
		b.WaitText("[data-key=trunk-branch]", "服务器 192.0.2.9:5060 没有响应")
		b.WaitText("[data-key=trunk-branch]", "再试")
	}
	b.Go(o.url + "/#/lines")
	b.WaitText("[data-key=trunk-carrier]", "可用")
	looks(t, b, dir, "trunks-zh")
	b.Click("#language")
	b.WaitText("[data-key=trunk-carrier]", "7 of 30 calls")
	b.WaitText("[data-key=trunk-branch]", "the server 192.0.2.9:5060 does not answer")
	looks(t, b, dir, "trunks-en")
	quiet(t, b)
}
