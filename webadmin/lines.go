package webadmin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"trunkbox/firmware/evidence"
	"trunkbox/firmware/exchange"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/q850"
)

// Lines is what the lines have to tell at length, and what can be done to their channels; *exchange.Exchange has it.
type Lines interface {
	// Evidence is what is known of a line and a period; exchange.NoLineError.
	Evidence(wanted evidence.Wanted) (evidence.Pack, error)
	// Ledger is the channels of a line with their last events; false when no such line is in service.
	Ledger(line string) (exchange.LedgerNow, bool)
	// SetService takes a channel of an open line out of service, or back into it.
	SetService(line string, timeslot int, in bool) error
	// ApplyLineNow puts new settings of a line that wait for its calls in force, which ends them.
	ApplyLineNow(line string) error
	// SwitchD puts the D channel in service that stands by for a line's group; pri.ErrNoStandby.
	SwitchD(line string) error
}

// channelRow is one channel with what happened to it, in words.
type channelRow struct {
	exchange.ChannelNow
	ReasonText said         `json:"reason_text"`
	Events     []changedRow `json:"events"` // oldest first
}

// changedRow is one change of a channel.
type changedRow struct {
	exchange.ChannelEvent
	ReasonText said `json:"reason_text"`
	CauseText  said `json:"cause_text"`
}

func whyText(reason string) said {
	if reason == "" {
		return said{}
	}
	return said{journal.WhyWords("zh", reason), journal.WhyWords("en", reason)}
}

// ledger gives the channels of a line with their last events.
func (s *Server) ledger(w http.ResponseWriter, r *http.Request) error {
	line := r.PathValue("line")
	var book exchange.LedgerNow
	known := false
	if s.Lines != nil {
		book, known = s.Lines.Ledger(line)
	}
	if !known {
		return refuse(http.StatusNotFound, "error.no_line", "line", line)
	}
	page := struct {
		exchange.LedgerNow
		Channels []channelRow `json:"channels"` // in the place of those of LedgerNow
	}{book, []channelRow{}}
	for _, ch := range book.Channels {
		row := channelRow{ChannelNow: ch.ChannelNow, ReasonText: whyText(ch.Reason), Events: []changedRow{}}
		for _, e := range ch.Events {
			changed := changedRow{ChannelEvent: e, ReasonText: whyText(e.Reason)}
			if e.Cause > 0 && e.Cause < 128 {
				changed.CauseText = said{q850.Cause(e.Cause).Plain("zh"), q850.Cause(e.Cause).Plain("en")}
			}
			row.Events = append(row.Events, changed)
		}
		page.Channels = append(page.Channels, row)
	}
	answer(w, http.StatusOK, page)
	return nil
}

// service takes a channel out of service, or back: {"in": true}.
func (s *Server) service(w http.ResponseWriter, r *http.Request) error {
	line := r.PathValue("line")
	timeslot, err := strconv.Atoi(r.PathValue("timeslot"))
	var order struct {
		In bool `json:"in"`
	}
	if err := read(r, &order); err != nil {
		return err
	}
	lines := s.Switch.Snapshot().Lines
	i := slices.IndexFunc(lines, func(l exchange.LineNow) bool { return l.Name == line })
	known := i >= 0 && slices.ContainsFunc(lines[i].Channels, func(c exchange.ChannelNow) bool { return c.Timeslot == timeslot })
	if err != nil || !known || s.Lines == nil {
		return refuse(http.StatusNotFound, "error.no_line", "line", line)
	}
	if err := s.Lines.SetService(line, timeslot, order.In); err != nil {
		s.Logger.Warn("a channel stays as it is", "line", line, "timeslot", timeslot, "in", order.In, "err", err)
		return refuse(http.StatusConflict, "error.no_service", "n", strconv.Itoa(timeslot))
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// applyNow lets new settings of a line no longer wait for its calls.
func (s *Server) applyNow(w http.ResponseWriter, r *http.Request) error {
	line := r.PathValue("line")
	waits := func(l exchange.LineNow) bool { return l.Name == line && l.Change.State == "draining" }
	if s.Lines == nil || !slices.ContainsFunc(s.Switch.Snapshot().Lines, waits) {
		return refuse(http.StatusConflict, "error.no_change", "line", line)
	}
	if err := s.Lines.ApplyLineNow(line); err != nil {
		s.Logger.Info("settings of a line wait no more", "line", line, "err", err)
		return refuse(http.StatusConflict, "error.no_change", "line", line)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// switchD has the other D channel of a line's group carry the calls.
func (s *Server) switchD(w http.ResponseWriter, r *http.Request) error {
	line := r.PathValue("line")
	known := slices.ContainsFunc(s.Switch.Snapshot().Lines, func(l exchange.LineNow) bool { return l.Name == line })
	if s.Lines == nil || !known {
		return refuse(http.StatusNotFound, "error.no_line", "line", line)
	}
	if err := s.Lines.SwitchD(line); err != nil {
		s.Logger.Warn("the D channel of a line stays where it is", "line", line, "err", err)
		return refuse(http.StatusConflict, "error.no_standby", "line", line)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// longestEvidence is how far back evidence may go.
const longestEvidence = 31 * 24

// pack gathers the evidence that a request asks for: hours (24) back from now, mask=1.
func (s *Server) pack(r *http.Request, ladders bool) (evidence.Pack, error) {
	line, hours := r.PathValue("line"), 24
	if text := r.URL.Query().Get("hours"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > longestEvidence {
			return evidence.Pack{}, refuse(http.StatusBadRequest, "error.bad_query", "name", "hours", "value", fmt.Sprintf("%.*s", longestText, text))
		}
		hours = n
	}
	none := refuse(http.StatusNotFound, "error.no_line", "line", line)
	if s.Lines == nil {
		return evidence.Pack{}, none
	}
	now := time.Now()
	p, err := s.Lines.Evidence(evidence.Wanted{
		Line: line, From: now.Add(-time.Duration(hours) * time.Hour), To: now, Ladders: ladders, Mask: r.URL.Query().Get("mask") == "1",
	})
	if no := exchange.NoLineError(""); errors.As(err, &no) {
		return p, none
	}
	return p, err
}

// evidence gives what is known of a line as data, with what it comes down to in sentences, and without ladders.
func (s *Server) evidence(w http.ResponseWriter, r *http.Request) error {
	p, err := s.pack(r, false)
	if err != nil {
		return err
	}
	findings := []said{}
	en := p.Findings("en")
	for i, zh := range p.Findings("zh") {
		findings = append(findings, said{zh, en[i]})
	}
	answer(w, http.StatusOK, struct {
		evidence.Pack
		Findings []said `json:"findings"`
	}{p, findings})
	return nil
}

// evidenceFile gives the same as a file in the language asked for.
func (s *Server) evidenceFile(ending, kind string, write func(p evidence.Pack, w io.Writer, lang string) error) handle {
	return func(w http.ResponseWriter, r *http.Request) error {
		p, err := s.pack(r, true)
		if err != nil {
			return err
		}
		var file bytes.Buffer
		if err := write(p, &file, language(r)); err != nil {
			return err
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s.%s"`, p.Line, p.Made.Format("20060102-1504"), ending))
		_, _ = w.Write(file.Bytes())
		return nil
	}
}
