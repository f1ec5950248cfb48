package webadmin

import (
	"encoding/csv"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"trunkbox/firmware/journal"
)

// newLog opens a real journal.
func newLog(t testing.TB) *journal.Journal {
	t.Helper()
	j, _, err := journal.Open(t.TempDir(), journal.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() })
	return j
}

// happened writes the events of one call to the journal.
func (b *box) happened(id, caller, queue, outcome string) {
	b.t.Helper()
	j := b.Log.(*journal.Journal)
	events := []journal.Event{
		{Kind: journal.CallArrived, Fields: map[string]string{"line": "line1", "channel": "31", "caller": caller, "called": "6500"}},
		{Kind: journal.CallAnswered, Fields: map[string]string{"by": "box"}},
		{Kind: journal.QueueEntered, Fields: map[string]string{"queue": queue, "position": "1"}},
	}
	if outcome == "answered" {
		events = append(events,
			journal.Event{Kind: journal.AgentOffered, Fields: map[string]string{"queue": queue, "agent": "201", "reason": "longest_idle"}},
			journal.Event{Kind: journal.AgentJoined, Fields: map[string]string{"queue": queue, "agent": "201", "ms": "4000"}})
	}
	events = append(events,
		journal.Event{Kind: journal.QueueLeft, Fields: map[string]string{"queue": queue, "outcome": outcome, "ms": "12000"}},
		journal.Event{Kind: journal.CallEnded, Fields: map[string]string{"cause": "16", "location": "0", "by": "caller"}})
	for _, e := range events {
		e.Call = id
		if _, err := j.Append(e); err != nil {
			b.t.Fatal(err)
		}
	}
}

type logPage struct {
	Calls []callRow
	More  string
}

func TestLogAndItsFilters(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	queue := b.Store.Settings().Queues[0].Name
	b.happened("c-1", "13800001234", queue, "answered")
	b.happened("c-2", "02011112222", "support", "abandoned")
	now := time.Now()
	for query, want := range map[string]string{
		"":                           "c-2 c-1",
		"text=138":                   "c-1",
		"queue=support":              "c-2",
		"agent=201":                  "c-1",
		"outcome=abandoned":          "c-2",
		"text=138&outcome=abandoned": "",
		"before=c-2":                 "c-1",
		"from=" + url.QueryEscape(now.Add(time.Hour).Format(time.RFC3339)):   "",
		"until=" + url.QueryEscape(now.Add(-time.Hour).Format(time.RFC3339)): "",
	} {
		var page logPage
		b.do("GET", "/api/calls?"+query, nil, http.StatusOK, &page)
		var ids []string
		for _, c := range page.Calls {
			ids = append(ids, c.ID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("filter %q gives %q, expected %q", query, got, want)
		}
	}
	for _, query := range []string{"outcome=nice", "from=yesterday", "text=" + strings.Repeat("x", longestText+1), "text=a&text=b"} {
		b.do("GET", "/api/calls?"+query, nil, http.StatusBadRequest, nil)
		b.do("GET", "/api/calls.csv?"+query, nil, http.StatusBadRequest, nil)
	}
	var page logPage
	b.do("GET", "/api/calls?text=138", nil, http.StatusOK, &page)
	c := page.Calls[0]
	if c.AgentName != "王芳" || c.WaitMS != 12000 || c.OutcomeText.EN != "answered" || c.CauseText.ZH == "" || c.LocationText.EN == "" {
		t.Errorf("the call is listed as %+v", c)
	}
}

func TestLogHasPages(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	const all = callsPerPage + 7
	for i := range all {
		b.happened(fmt.Sprintf("c-%03d", i), "138", "sales", "abandoned")
	}
	seen := map[string]bool{}
	var page logPage
	b.do("GET", "/api/calls", nil, http.StatusOK, &page)
	if len(page.Calls) != callsPerPage || page.More == "" {
		t.Fatalf("the first page has %d calls, more %q", len(page.Calls), page.More)
	}
	for _, c := range page.Calls {
		seen[c.ID] = true
	}
	before := page.More
	page = logPage{}
	b.do("GET", "/api/calls?before="+before, nil, http.StatusOK, &page)
	for _, c := range page.Calls {
		seen[c.ID] = true
	}
	if len(page.Calls) != 7 || page.More != "" || len(seen) != all {
		t.Errorf("the second page has %d calls, more %q; %d different calls in all", len(page.Calls), page.More, len(seen))
	}
}

func TestCallAsAStory(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	b.happened("c-1", "13800001234", "sales", "answered")
	for lang, word := range map[string]string{"zh": "13800001234", "en": "longest idle"} {
		var story struct {
			Call   callRow
			Events []storyLine
		}
		b.do("GET", "/api/calls/c-1?lang="+lang, nil, http.StatusOK, &story)
		if len(story.Events) != 7 || story.Call.ReasonZH == "" {
			t.Fatalf("%s: the story has %d events: %+v", lang, len(story.Events), story)
		}
		var told []string
		for _, e := range story.Events {
			if e.Text == "" || e.At.IsZero() {
				t.Errorf("%s: %s is not told", lang, e.Kind)
			}
			told = append(told, e.Text)
		}
		if !strings.Contains(strings.Join(told, " "), word) {
			t.Errorf("%s: %q does not say %q", lang, told, word)
		}
	}
	b.do("GET", "/api/calls/nothing", nil, http.StatusNotFound, nil)
}

func TestCSV(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	b.happened("c-1", "13800001234", "sales", "answered")
	b.happened("c-2", "02011112222", "support", "abandoned")
	w := b.send(b.request("GET", "/api/calls.csv?lang=en&queue=sales", ""))
	text, marked := strings.CutPrefix(w.Body.String(), "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || len(rows) != 2 || rows[0][0] != "Call" || rows[1][0] != "c-1" {
		t.Errorf("the file is %q (%v)", rows, err)
	}
	if d := w.Header().Get("Content-Disposition"); !strings.HasPrefix(d, `attachment; filename="calls-2`) {
		t.Errorf("the file is called %q", d)
	}
}

func FuzzFilter(f *testing.F) {
	f.Add("text=138&from=2026-03-01T00:00:00Z&outcome=answered")
	f.Add("until=2026-03-01T00:00:00%2B08:00&text=%00")
	f.Fuzz(func(t *testing.T, raw string) {
		query, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		found, err := filter(query)
		if err != nil {
			if no, ok := err.(*refusal); !ok || no.status != http.StatusBadRequest {
				t.Errorf("%q is refused with %v", raw, err)
			}
			return
		}
		if found.Outcome != "" && found.Outcome.Plain("en") == "" {
			t.Errorf("%q passes with the outcome %q", raw, found.Outcome)
		}
	})
}
