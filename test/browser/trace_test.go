package browser

import "testing"

// TestTraceIsALadder goes to the trace of a line from Now, and to that of one call from the log.
func TestTraceIsALadder(t *testing.T) {
	o, b := openExchange(t), Start(t)
	dir := pictures()
	firstVisit(t, b, o.store, o.url)
	b.WaitText(".line", "正常")
	call, err := o.far.Call(soon(t), "02087654321", "13800001234")
	must(t, err)
	must(t, call.WaitAnswer(soon(t)))
	call.Hangup(16)
	must(t, call.WaitGone(soon(t)))
	b.WaitText("#calls-now", "现在没有通话")

	b.Click(".line a[href='#/trace/line1']")
	b.WaitText("#trace", "对方请求建立呼叫，主叫 13800001234")
	b.WaitText("#trace", "RELEASE COMPLETE")
	looks(t, b, dir, "trace-zh")
	b.Click("#messages-only") // the link's own frames too
	b.WaitText("#trace", "号以前的帧")

	b.Click(".tabs a[href='#/calls']")
	b.Click("#log tbody tr:first-child a")
	b.Click("#language")
	b.WaitText("#story", "Its frames")
	b.Click("#story .card-head a")
	b.WaitText("#trace", "the carrier offers a call from 13800001234")
	b.WaitText("#trace", "Why: The call ended normally.")
	looks(t, b, dir, "trace-en")
	quiet(t, b)
}
