package webadmin

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
)

// Bounds of the log.
const (
	callsPerPage = 50
	longestText  = 100     // octets of a filter
	maxExport    = 100_000 // calls in one CSV file
)

// outcomes are those that the log can be filtered by, as the page lists them.
var outcomes = []journal.Outcome{
	journal.Answered, journal.Abandoned, journal.ShortAbandon, journal.Timeout, journal.Full, journal.Closed,
	journal.JoinEmpty, journal.LeaveEmpty, journal.ExitKey, journal.DivertWait, journal.DivertRatio, journal.Callback,
	journal.Voicemail, journal.Transferred, journal.Menu, journal.Busy, journal.NoAnswer, journal.Rejected,
	journal.Cancelled, journal.Failed, journal.SystemError,
}

// callRow is one call as the page shows it: its record, and its codes in words.
type callRow struct {
	journal.CDR
	AgentName    string `json:"agent_name"`
	OutcomeText  said   `json:"outcome_text"`
	CauseText    said   `json:"cause_text"`
	LocationText said   `json:"location_text"`
	Alarming     bool   `json:"alarming"` // the cause is worth a look
	TotalMS      int64  `json:"total_ms"`
}

// callRow puts a record in words; names are those of the agents by extension.
func newCallRow(c journal.CDR, names map[string]string) callRow {
	row := callRow{CDR: c, AgentName: names[c.Agent]}
	if c.Outcome != "" {
		row.OutcomeText = said{c.Outcome.Plain("zh"), c.Outcome.Plain("en")}
	}
	if !c.Ended.IsZero() {
		row.TotalMS = c.Ended.Sub(c.Arrived).Milliseconds()
	}
	if c.Cause > 0 && c.Cause < 128 {
		cause, location := q850.Cause(c.Cause), q850.Location(c.Location)
		row.CauseText = said{cause.Plain("zh"), cause.Plain("en")}
		row.LocationText = said{location.Plain("zh"), location.Plain("en")}
		row.Alarming = cause.Alarming()
	}
	return row
}

// agentNames are the names of the agents by extension.
func (s *Server) agentNames() map[string]string {
	names := map[string]string{}
	for _, a := range s.Switch.Settings().Agents {
		names[a.Extension] = a.Name
	}
	return names
}

// filter reads which calls are asked for.
func filter(query url.Values) (journal.Filter, error) {
	for name, values := range query {
		if len(values) != 1 || len(values[0]) > longestText {
			return journal.Filter{}, refuse(http.StatusBadRequest, "error.bad_query", "name", name, "value", fmt.Sprintf("%.*s", longestText, values))
		}
	}
	f := journal.Filter{Text: query.Get("text"), Queue: query.Get("queue"), Agent: query.Get("agent"), Outcome: journal.Outcome(query.Get("outcome"))}
	if f.Outcome != "" && !slices.Contains(outcomes, f.Outcome) {
		return journal.Filter{}, refuse(http.StatusBadRequest, "error.bad_query", "name", "outcome", "value", string(f.Outcome))
	}
	for _, bound := range []struct {
		name string
		at   *time.Time
	}{{"from", &f.From}, {"until", &f.To}} {
		value := query.Get(bound.name)
		if value == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, value)
		if err != nil {
			return journal.Filter{}, refuse(http.StatusBadRequest, "error.bad_query", "name", bound.name, "value", value)
		}
		*bound.at = at
	}
	return f, nil
}

// calls gives one page of the log, newest first, and where the next begins.
func (s *Server) calls(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	f, err := filter(query)
	if err != nil {
		return err
	}
	found := s.Log.Calls(f, callsPerPage+1, query.Get("before"))
	page := struct {
		Calls []callRow `json:"calls"`
		More  string    `json:"more"` // before of the next page; empty: this was the last
	}{Calls: []callRow{}}
	names := s.agentNames()
	for i, c := range found {
		if i == callsPerPage {
			page.More = page.Calls[i-1].ID
			break
		}
		page.Calls = append(page.Calls, newCallRow(c, names))
	}
	answer(w, http.StatusOK, page)
	return nil
}

// callChoices are the values that the filters of the log offer.
func (s *Server) callChoices(w http.ResponseWriter, _ *http.Request) error {
	type person struct {
		Extension string `json:"extension"`
		Name      string `json:"name"`
	}
	type outcome struct {
		Name string `json:"name"`
		said
	}
	offered := struct {
		Queues   []string  `json:"queues"`
		Agents   []person  `json:"agents"`
		Outcomes []outcome `json:"outcomes"`
	}{[]string{}, []person{}, []outcome{}}
	settings := s.Switch.Settings()
	for _, q := range settings.Queues {
		offered.Queues = append(offered.Queues, q.Name)
	}
	for _, a := range settings.Agents {
		offered.Agents = append(offered.Agents, person{a.Extension, a.Name})
	}
	for _, o := range outcomes {
		offered.Outcomes = append(offered.Outcomes, outcome{string(o), said{o.Plain("zh"), o.Plain("en")}})
	}
	answer(w, http.StatusOK, offered)
	return nil
}

// callsCSV gives every call that passes the filter as a file for a spreadsheet.
func (s *Server) callsCSV(w http.ResponseWriter, r *http.Request) error {
	f, err := filter(r.URL.Query())
	if err != nil {
		return err
	}
	now := s.localTime()
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="calls-`+now.Format("20060102-1504")+`.csv"`)
	if err := journal.WriteCSV(w, language(r), now.Location(), slices.Values(s.Log.Calls(f, maxExport, ""))); err != nil {
		s.Logger.Info("export of calls broken off", "err", err)
	}
	return nil
}

// storyLine is one event of a call as a sentence.
type storyLine struct {
	Seq  string    `json:"seq"`
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	Text string    `json:"text"`
}

// call tells one call from its first event to its last, in the language asked for.
func (s *Server) call(w http.ResponseWriter, r *http.Request) error {
	record, events, ok := s.Log.Call(r.PathValue("id"))
	if !ok {
		return refuse(http.StatusNotFound, "error.no_call")
	}
	story := struct {
		Call   callRow     `json:"call"`
		Events []storyLine `json:"events"`
	}{newCallRow(record, s.agentNames()), []storyLine{}}
	for _, e := range events {
		story.Events = append(story.Events, storyLine{strconv.FormatUint(uint64(e.Seq), 10), e.At, string(e.Kind), journal.Sentence(language(r), e)})
	}
	answer(w, http.StatusOK, story)
	return nil
}

// language is the one a request asks for.
func language(r *http.Request) string {
	if r.URL.Query().Get("lang") == "en" {
		return "en"
	}
	return "zh"
}
