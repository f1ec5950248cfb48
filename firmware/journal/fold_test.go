package journal

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// tale numbers and dates events: "+3s" pairs of a delay and an event.
type tale struct {
	at     time.Time
	events []Event
}

func newTale() *tale { return &tale{at: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)} }

func (s *tale) add(after time.Duration, e Event) *tale {
	s.at = s.at.Add(after)
	e.Seq, e.At = Seq(len(s.events)+1), s.at
	s.events = append(s.events, e)
	return s
}

const (
	second = time.Second
	minute = time.Minute
)

// answered is an incoming call through menu and queue, with a missed offer, a hold and a transfer.
func answered() *tale {
	return newTale().
		add(0, event(CallArrived, "c1", "line", "line1", "channel", "span1/ts07", "caller", "02912345678", "called", "8800", "name", "王")).
		add(second, event(CallAnswered, "c1", "by", "box")).
		add(0, event(MenuEntered, "c1", "menu", "主菜单")).
		add(5*second, event(MenuKey, "c1", "menu", "主菜单", "key", "1", "reason", "queue 销售")).
		add(0, event(QueueEntered, "c1", "queue", "销售", "position", "1")).
		add(2*second, event(AgentOffered, "c1", "queue", "销售", "agent", "201", "reason", "longest_idle", "ms", "192000", "of", "3")).
		add(15*second, event(AgentRefused, "c1", "queue", "销售", "agent", "201", "reason", "no_answer", "ms", "15000")).
		add(0, event(AgentOffered, "c1", "queue", "销售", "agent", "202", "reason", "only_ready", "ms", "1000", "of", "1")).
		add(4*second, event(QueueLeft, "c1", "queue", "销售", "outcome", "answered", "ms", "21000")).
		add(0, event(AgentJoined, "c1", "queue", "销售", "agent", "202", "ms", "4000")).
		add(30*second, event(CallHeld, "c1", "agent", "202")).
		add(10*second, event(CallResumed, "c1", "agent", "202")).
		add(20*second, event(CallMoved, "c1", "by", "202", "to", "203")).
		add(0, event(AgentOffered, "c1", "agent", "203", "reason", "dialled")).
		add(3*second, event(AgentJoined, "c1", "agent", "203", "ms", "3000")).
		add(minute, event(CallEnded, "c1", "cause", "16", "location", "0", "by", "caller"))
}

func TestFoldAnsweredCall(t *testing.T) {
	story := answered()
	calls := Fold(story.events)
	start := story.events[0].At
	want := CDR{
		ID: "c1", Direction: "in", Line: "line1", Channel: "span1/ts07", Caller: "02912345678", CallerName: "王", Called: "8800",
		Menu: "主菜单", Queue: "销售", Agent: "203", Agents: []string{"202", "203"}, Moves: 1,
		Arrived: start, Answered: start.Add(second), Joined: start.Add(27 * second), Ended: start.Add(150 * second),
		WaitMS: 21000, RingMS: 22000, TalkMS: 110000, HoldMS: 10000, Cause: 16, EndedBy: "caller", Outcome: Answered,
		ReasonZH: "坐席 202、203 接听（队列“销售”）；等待 21 秒；通话 1 分 50 秒；主叫结束通话（原因 16：正常挂机）",
		ReasonEN: "agent 202, 203 answered (queue 销售); the caller waited 21 s; they talked 1 min 50 s; ended by the caller (cause 16, Normal clearing)",
		First:    1, Last: 16,
	}
	if len(calls) != 1 || !reflect.DeepEqual(calls[0], want) {
		t.Errorf("\n got %+v\nwant %+v", calls, want)
	}
}

func TestFoldOutcomes(t *testing.T) {
	arrive := event(CallArrived, "c", "line", "line1", "caller", "139", "called", "88")
	enter := event(QueueEntered, "c", "queue", "Sales", "position", "1")
	end := func(by, cause string) Event { return event(CallEnded, "c", "by", by, "cause", cause) }
	left := func(outcome, ms string) Event {
		return event(QueueLeft, "c", "queue", "Sales", "outcome", outcome, "ms", ms)
	}
	dial := event(CallDialled, "c", "agent", "201", "called", "9139")
	onLine := event(CallDialled, "c", "line", "line1", "channel", "span1/ts01", "called", "139", "caller", "029")
	for name, c := range map[string]struct {
		events    []Event
		outcome   Outcome
		direction string
	}{
		"abandoned":        {[]Event{arrive, enter, left("abandoned", "12000"), end("caller", "16")}, Abandoned, "in"},
		"short abandon":    {[]Event{arrive, enter, left("abandoned", "4999"), end("caller", "16")}, ShortAbandon, "in"},
		"timeout":          {[]Event{arrive, enter, left("timeout", "60000"), end("box", "17")}, Timeout, "in"},
		"full":             {[]Event{arrive, left("full", "0"), end("box", "17")}, Full, "in"},
		"lost":             {[]Event{arrive, enter, end("box", "41")}, SystemError, "in"},
		"in the menu":      {[]Event{arrive, event(MenuEntered, "c", "menu", "m"), end("caller", "16")}, Menu, "in"},
		"no such number":   {[]Event{arrive, end("box", "1")}, Failed, "in"},
		"extension rings":  {[]Event{arrive, event(MenuEntered, "c", "menu", "m"), event(AgentOffered, "c", "agent", "201"), event(AgentRefused, "c", "agent", "201", "reason", "no_answer"), end("box", "41")}, NoAnswer, "in"},
		"dialled, busy":    {[]Event{dial, onLine, end("called", "17")}, Busy, "out"},
		"dialled, nobody":  {[]Event{dial, onLine, event(CallAlerting, "c"), end("called", "19")}, NoAnswer, "out"},
		"dialled, no":      {[]Event{dial, onLine, end("called", "21")}, Rejected, "out"},
		"dialled, gave up": {[]Event{dial, onLine, event(CallAlerting, "c"), end("caller", "16")}, Cancelled, "out"},
		"dialled, failed":  {[]Event{dial, onLine, end("box", "34")}, Failed, "out"},
		"dialled":          {[]Event{dial, onLine, event(CallAnswered, "c", "by", "far"), end("called", "16")}, Answered, "out"},
		"feature code":     {[]Event{dial, event(CallAnswered, "c", "by", "box"), end("box", "16")}, Menu, "internal"},
		"echo test":        {[]Event{dial, event(CallAnswered, "c", "by", "box"), end("caller", "16")}, Menu, "internal"},
		"only a prompt":    {[]Event{arrive, event(CallAnswered, "c", "by", "box"), end("box", "16")}, Menu, "in"},
		"internal":         {[]Event{dial, event(AgentOffered, "c", "agent", "202"), event(AgentJoined, "c", "agent", "202"), end("caller", "16")}, Answered, "internal"},
	} {
		story := newTale()
		for _, e := range c.events {
			story.add(second, e)
		}
		got := Fold(story.events)
		if len(got) != 1 || got[0].Outcome != c.outcome || got[0].Direction != c.direction || got[0].ReasonZH == "" || got[0].ReasonEN == "" {
			t.Errorf("%s: %+v", name, got)
		}
		if c.direction == "out" && (got[0].Agent != "201" || got[0].Caller != "029" || got[0].Called != "139" || got[0].Line != "line1") {
			t.Errorf("%s: %+v", name, got[0])
		}
	}
}

func TestRestartEndsOpenCalls(t *testing.T) {
	story := answered()
	story.events = story.events[:6] // rung when the power went
	story.add(time.Hour, event(BoxStarted, "", "version", "1"))
	got := Fold(story.events)[0]
	if got.Outcome != SystemError || got.Ended.Sub(got.Arrived) != 8*second || got.EndedBy != "box" {
		t.Errorf("%+v", got)
	}
	figures := NewFigures(time.UTC)
	for _, e := range story.events {
		figures.Add(e)
	}
	if q := figures.Day("2026-03-01", story.at).Queues["销售"]; q.Lost != 1 || q.Waiting != 0 || !q.Balanced() {
		t.Errorf("%+v", q)
	}
}

func TestCallsKeepsTheNewest(t *testing.T) {
	calls := NewCalls(10)
	story := newTale()
	for i := range 25 {
		id := fmt.Sprint("c", i)
		story.add(second, event(CallArrived, id, "caller", fmt.Sprint("139", i)))
		story.add(second, event(CallEnded, id, "by", "caller", "cause", "16"))
	}
	story.add(second, event(CallEnded, "c3", "by", "caller")) // of a call that is forgotten
	for _, e := range story.events {
		calls.Add(e)
	}
	ids := func(list []CDR) (ids []string) {
		for _, c := range list {
			ids = append(ids, c.ID)
		}
		return ids
	}
	if got := ids(calls.List(Filter{}, 3, "")); !slices.Equal(got, []string{"c24", "c23", "c22"}) {
		t.Errorf("newest: %v", got)
	}
	if got := ids(calls.List(Filter{}, 3, "c22")); !slices.Equal(got, []string{"c21", "c20", "c19"}) {
		t.Errorf("next page: %v", got)
	}
	if got := ids(calls.List(Filter{}, 100, "")); len(got) != 10 || len(calls.byID) != 10 {
		t.Errorf("kept: %v", got)
	}
	if got := ids(calls.List(Filter{Text: "13917"}, 9, "")); !slices.Equal(got, []string{"c17"}) {
		t.Errorf("by text: %v", got)
	}
}

func TestFilter(t *testing.T) {
	call := Fold(answered().events)[0]
	at := call.Arrived
	for _, c := range []struct {
		filter Filter
		want   bool
	}{
		{Filter{}, true},
		{Filter{From: at, To: at.Add(1)}, true},
		{Filter{From: at.Add(1)}, false},
		{Filter{To: at}, false},
		{Filter{Text: " 王 "}, true},
		{Filter{Text: "SPAN"}, false},
		{Filter{Text: "LINE1"}, true},
		{Filter{Queue: "销售"}, true},
		{Filter{Queue: "客服"}, false},
		{Filter{Agent: "202"}, true},
		{Filter{Agent: "203"}, true},
		{Filter{Agent: "201"}, false},
		{Filter{Outcome: Answered}, true},
		{Filter{Outcome: Abandoned}, false},
	} {
		if got := c.filter.Match(call); got != c.want {
			t.Errorf("%+v: %v", c.filter, got)
		}
	}
}

func TestFiguresOfOneCall(t *testing.T) {
	figures := NewFigures(time.UTC)
	story := answered()
	story.add(0, event(AgentWrapUp, "", "agent", "202", "ms", "10000"))
	story.add(10*second, event(AgentReady, "", "agent", "202"))
	for _, e := range story.events {
		figures.Add(e)
	}
	day := figures.Day("2026-03-01", story.at)
	q := day.Queues["销售"]
	wantQ := QueueDay{
		Offered: 1, Answered: 1, Outcomes: map[Outcome]int{Answered: 1}, WaitMS: 21000, AnsweredMS: 21000, LongestMS: 21000,
		TalkMS: 50000, HoldMS: 10000, WrapUpMS: 10000,
	}
	if !reflect.DeepEqual(q, wantQ) || !q.Balanced() {
		t.Errorf("queue: %+v", q)
	}
	if level, ok := q.ServiceLevel(); level != 0 || !ok {
		t.Errorf("service level %v, %v", level, ok)
	}
	a := day.Agents["202"]
	a.LoggedInMS = 0
	if want := (AgentDay{Offered: 1, Answered: 1, RingMS: 4000, TalkMS: 50000, HoldMS: 10000, WrapUpMS: 10000}); a != want {
		t.Errorf("agent 202: %+v", a)
	}
	if a := day.Agents["201"]; a.Missed != 1 || a.RingMS != 15000 || a.Answered != 0 {
		t.Errorf("agent 201: %+v", a)
	}
	if a := day.Agents["203"]; a.TalkMS != 60000 || a.Answered != 1 {
		t.Errorf("agent 203: %+v", a)
	}
}

func TestDutyOverMidnight(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	figures := NewFigures(shanghai)
	story := newTale() // 16:00 in Shanghai
	story.add(0, event(AgentIn, "", "agent", "201", "by", "phone"))
	story.add(7*time.Hour, event(AgentPaused, "", "agent", "201", "reason", "用餐")) // 23:00
	story.add(2*time.Hour, event(AgentResumed, "", "agent", "201"))                // 01:00
	for _, e := range story.events {
		figures.Add(e)
	}
	now := story.at.Add(time.Hour)
	hours := func(ms int64) float64 { return float64(ms) / 3600_000 }
	first, next := figures.Day("2026-03-01", now).Agents["201"], figures.Day("2026-03-02", now).Agents["201"]
	if hours(first.LoggedInMS) != 8 || hours(first.PausedMS) != 1 || hours(next.LoggedInMS) != 2 || hours(next.PausedMS) != 1 {
		t.Errorf("%+v, %+v", first, next)
	}
	story.add(time.Hour, event(AgentOut, "", "agent", "201"))
	figures.Add(story.events[3])
	if again := figures.Day("2026-03-02", now.Add(time.Hour)).Agents["201"]; hours(again.LoggedInMS) != 2 {
		t.Errorf("after logging out: %+v", again)
	}
}

// TestBalance plays many calls at random and checks the balance rule after every event.
func TestBalance(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	outcomes := []string{
		"answered", "abandoned", "short_abandon", "timeout", "full", "closed", "joinempty", "leaveempty", "exit_key",
		"divert_wait", "divert_ratio", "callback", "voicemail", "transferred", "system_error", "what a newer box says",
	}
	queues := []string{"Sales", "Support"}
	figures, story := NewFigures(time.UTC), newTale()
	in := map[string]string{} // call: queue
	offered := 0
	step := func(e Event) {
		story.add(time.Duration(random.IntN(20000))*time.Millisecond, e)
		figures.Add(story.events[len(story.events)-1])
		for date := range figures.days {
			for name, q := range figures.Day(date, story.at).Queues {
				if !q.Balanced() || q.Waiting < 0 || q.Short > q.Abandoned || q.InTarget > q.Answered {
					t.Fatalf("after %+v: %s on %s: %+v", e, name, date, q)
				}
			}
		}
	}
	for range 3000 {
		id := fmt.Sprint("c", random.IntN(30))
		queue, waiting := in[id]
		switch random.IntN(6) {
		case 0, 1:
			in[id] = queues[random.IntN(2)]
			offered++
			step(event(QueueEntered, id, "queue", in[id], "position", "1"))
		case 2, 3:
			if waiting {
				delete(in, id)
				step(event(QueueLeft, id, "queue", queue, "outcome", outcomes[random.IntN(len(outcomes))]))
			}
		case 4:
			delete(in, id)
			step(event(CallEnded, id, "by", []string{"caller", "box"}[random.IntN(2)]))
		case 5:
			if random.IntN(50) == 0 {
				clear(in)
				step(event(BoxStarted, ""))
			}
		}
	}
	total, waiting := 0, 0
	for date := range figures.days {
		for _, q := range figures.Day(date, story.at).Queues {
			total += q.Offered
			waiting += q.Waiting
		}
	}
	if total != offered || waiting != len(in) {
		t.Errorf("%d offered of %d, %d waiting of %d", total, offered, waiting, len(in))
	}
}

func TestServiceLevel(t *testing.T) {
	q := QueueDay{Answered: 9, InTarget: 8, Abandoned: 3, AbandonedInT: 2}
	if level, ok := q.ServiceLevel(); level != 0.8 || !ok {
		t.Errorf("%v, %v", level, ok)
	}
	if _, ok := (QueueDay{}).ServiceLevel(); ok {
		t.Error("a service level of nobody")
	}
}

func TestIndexOverRestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		options := Options{SegmentBytes: 1500, Zone: time.UTC}
		j, _, err := Open(dir, options)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			for _, e := range answered().events {
				e.Call = fmt.Sprint("c", i)
				if _, err := j.Append(e); err != nil {
					t.Fatal(err)
				}
			}
		}
		today, calls := j.Today(), j.Calls(Filter{}, 100, "")
		if q := j.Queue("销售"); q.Offered != 20 || q.Answered != 20 || j.Agent("201").Missed != 20 || len(calls) != 20 {
			t.Errorf("%+v, %+v, %d calls", q, j.Agent("201"), len(calls))
		}
		_ = j.Close()
		if j, _, err = Open(dir, options); err != nil {
			t.Fatal(err)
		}
		if again := j.Today(); !reflect.DeepEqual(again, today) {
			t.Errorf("today was %+v and is %+v", today, again)
		}
		if again := j.Calls(Filter{}, 100, ""); !reflect.DeepEqual(again, calls) {
			t.Errorf("%d calls became %d", len(calls), len(again))
		}
		call, events, ok := j.Call("c7")
		if !ok || call.ID != "c7" || len(events) != 16 || events[0].Kind != CallArrived {
			t.Errorf("%+v, %d events, %v", call, len(events), ok)
		}
		if _, _, ok := j.Call("nobody"); ok {
			t.Error("a call that never was")
		}
		date := time.Now().UTC().Format(time.DateOnly)
		time.Sleep(5 * 24 * time.Hour)
		if day, err := j.Day(date); err != nil || day.Queues["销售"].Offered != 20 {
			t.Errorf("%+v, %v", day, err)
		}
		_ = j.Close()
		options.Calls = 3 // a short index over the old events
		if j, _, err = Open(dir, options); err != nil {
			t.Fatal(err)
		}
		if day, err := j.Day(date); err != nil || day.Queues["销售"].Offered != 20 {
			t.Errorf("from the disk: %+v, %v", day, err)
		}
		if _, err := j.Day("yesterday"); err == nil {
			t.Error("a date that is none")
		}
		tokyo := time.FixedZone("JST", 9*3600)
		j.SetZone(tokyo)
		if len(j.Calls(Filter{}, 100, "")) != 3 {
			t.Errorf("%d calls in a short index", len(j.Calls(Filter{}, 100, "")))
		}
		_ = j.Close()
	})
}

func TestSetZone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the clock stands at midnight UTC
		j, _, err := Open(t.TempDir(), Options{Zone: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range answered().events {
			if _, err := j.Append(e); err != nil {
				t.Fatal(err)
			}
		}
		j.SetZone(time.FixedZone("PST", -8*3600))
		if today := j.Today(); today.Date != "1999-12-31" || today.Queues["销售"].Answered != 1 {
			t.Errorf("%+v", today)
		}
		_ = j.Close()
	})
}

func TestCSV(t *testing.T) {
	call := Fold(answered().events)[0]
	call.CallerName = `=cmd|"x"!A1`
	call.Caller, call.Charge = "+862912345678", "EUR 1.20"
	var out bytes.Buffer
	shanghai := time.FixedZone("CST", 8*3600)
	if err := WriteCSV(&out, "zh", shanghai, slices.Values([]CDR{call})); err != nil {
		t.Fatal(err)
	}
	want := "\ufeff呼叫编号,方向,到达时间,主叫,主叫名称,被叫,线路,时隙,队列,坐席,结果,应答时间,接通坐席,结束时间,等待(秒),振铃(秒),通话(秒),保持(秒),费用,原因值,谁结束,说明\r\n" +
		`c1,呼入,2026-03-01 16:00:00,+862912345678,"'=cmd|""x""!A1",8800,line1,span1/ts07,销售,202 203,已接通,2026-03-01 16:00:01,2026-03-01 16:00:27,2026-03-01 16:02:30,21.0,22.0,110.0,10.0,EUR 1.20,16,主叫,` +
		`坐席 202、203 接听（队列“销售”）；等待 21 秒；通话 1 分 50 秒；主叫结束通话（原因 16：正常挂机）` + "\r\n"
	if got := out.String(); got != want {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	out.Reset()
	if err := WriteCSV(&out, "en", time.UTC, slices.Values([]CDR{call})); err != nil || !strings.Contains(out.String(), "answered") {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestWhatTheNetworkToldIsInTheRecord(t *testing.T) {
	record := Fold([]Event{
		event(CallArrived, "c", "line", "line1", "called", "8800"),
		event(CallDiverted, "c", "caller", "4000", "reason", string(DivertedBusy)),
		event(CallNamed, "c", "by", "caller", "name", "ACME"),
		event(CallDialled, "c", "line", "line1", "called", "13900112233"),
		event(CallAnswered, "c", "by", "far"),
		event(CallCharged, "c", "state", "rates", "amount", "CNY 0.22 / 60 s"),
		event(CallCharged, "c", "state", "so_far", "units", "2"),
		event(CallEnded, "c", "cause", "16", "by", "network", "reason", string(JoinedByNetwork)),
		event(CallCharged, "c", "state", "final", "units", "3"),
	})[0]
	if record.Diverted != "4000" || record.CallerName != "ACME" || record.Charge != "3" || record.Outcome != Answered {
		t.Errorf("%+v", record)
	}
	if !strings.HasPrefix(record.ReasonEN, "a party outside answered; ") || !strings.HasPrefix(record.ReasonZH, "外线接听；") {
		t.Errorf("%s, %s", record.ReasonEN, record.ReasonZH)
	}
}
