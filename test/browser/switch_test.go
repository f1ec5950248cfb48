package browser

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"trunkbox/board"
	"trunkbox/drivers/span"
	"trunkbox/drivers/vspan"
	"trunkbox/firmware/config"
	"trunkbox/firmware/exchange"
	"trunkbox/firmware/journal"
	"trunkbox/test/farend"
	"trunkbox/test/ports"
	"trunkbox/webadmin"
)

// exchangeBox is the pages on the real exchange, with an exchange of the carrier at the end of its line.
type exchangeBox struct {
	url   string
	store *config.Store
	far   *farend.Exchange
	cable *vspan.Cable
}

func openExchange(t *testing.T) *exchangeBox {
	t.Helper()
	logger := slog.New(slog.DiscardHandler)
	store, _, err := config.Open(t.TempDir(), logger)
	must(t, err)
	t.Cleanup(func() { _ = store.Close() })
	s := config.Default("CN", "zh")
	port := ports.Free(t)
	s.Phones.UDP, s.Phones.TCP, s.Phones.TLS = fmt.Sprintf("127.0.0.1:%d", port), "", ""
	s.Menus[0].TimeoutS = 20
	s.Agents = []config.Agent{{Extension: "201", Name: "王芳", Password: "phone-of-201-x", Queues: []string{s.Queues[0].Name}}}
	must(t, store.Save(s, "admin"))
	events, _, err := journal.Open(t.TempDir(), journal.Options{Logger: logger})
	must(t, err)
	t.Cleanup(func() { _ = events.Close() })
	lights, err := board.Open("sim")
	must(t, err)
	cable := vspan.New(vspan.Options{Kind: span.E1, Block: 8 * s.Lines[0].BlockMS, Names: [2]string{"line1", "far"}, Logger: logger})
	x, err := exchange.New(exchange.Options{
		Store: store, Journal: events, Board: lights, Version: "test", Log: logger, Restart: func() {},
		ExaminationPace: atOnce,
		OpenLine:        func(config.Line) (span.Line, error) { return cable.A(), nil },
	})
	must(t, err)
	far := farend.New(cable.B(), farend.Options{Logger: logger})

	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := x.Run(ctx); err != nil && ctx.Err() == nil {
			t.Errorf("the exchange ended: %v", err)
		}
	})
	running.Go(func() { _ = far.Run(ctx) })
	t.Cleanup(func() { stop(); running.Wait() })

	pages := webadmin.New(webadmin.Options{Switch: x, Store: store, Log: events, Traces: x, Lines: x, Doctor: x, Logger: logger})
	server := httptest.NewServer(pages)
	t.Cleanup(server.Close)
	t.Cleanup(pages.Close)
	must(t, far.WaitLink(soon(t)))
	return &exchangeBox{server.URL, store, far, cable}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// soon is a time within which anything that works has happened.
func soon(t *testing.T) context.Context {
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(stop)
	return ctx
}

// TestOwnersFirstDay goes from the box as it is unpacked to a call that does what the owner has just set.
func TestOwnersFirstDay(t *testing.T) {
	o, b := openExchange(t), Start(t)
	dir := pictures()
	firstVisit(t, b, o.store, o.url)
	b.WaitText(".line", "正常")

	b.Go(o.url + "/#/settings/menus")
	b.Click("#item-menus-0 summary")
	b.Click("#item-menus-0 .choices > div:last-child button")
	b.Choose("#item-menus-0 .choice-row:nth-child(4) select:first-child", "9")
	b.Choose("#item-menus-0 .choice-row:nth-child(4) select:nth-child(2)", "hangup")
	b.Click("#review")
	b.Click("dialog button[data-answer=save]")
	b.WaitText("#messages", "已保存")

	b.Click(".tabs a[href='#/now']")
	b.WaitText("#calls-now", "现在没有通话")
	call, err := o.far.Call(soon(t), "02087654321", "13800001234")
	must(t, err)
	b.WaitText("#calls-now", "13800001234")
	b.WaitText("#calls-now", "语音菜单")
	b.WaitCount(".channel.talking", 1)
	must(t, call.WaitAnswer(soon(t)))
	looks(t, b, dir, "live-zh")
	must(t, call.SendKeys("9"))
	_, _, err = call.WaitCleared(soon(t))
	must(t, err)
	b.WaitText("#calls-now", "现在没有通话")
	b.WaitCount(".channel.talking", 0)

	b.Click(".tabs a[href='#/calls']")
	b.Click("#log tbody tr:first-child a")
	b.WaitText("#story", "9")
	looks(t, b, dir, "live-story-zh")

	b.Click(".tabs a[href='#/now']")
	b.Click("#agents-now button[data-do=in]")
	b.WaitText("#agents-now", "话机不可达")
	quiet(t, b)
}

// TestAlarmIsShown cuts the cable behind the page's back.
func TestAlarmIsShown(t *testing.T) {
	o, b := openExchange(t), Start(t)
	firstVisit(t, b, o.store, o.url)
	b.WaitText(".line", "正常")
	o.cable.Cut(true)
	b.WaitText(".line", "LOS 信号丢失")
	b.WaitText(".line", "线路中断")
	looks(t, b, pictures(), "los-zh")
	o.cable.Cut(false)
	b.WaitNoText(".line", "LOS")
}
