package webadmin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"trunkbox/firmware/exchange"
	"trunkbox/firmware/trace"
)

// Bounds of a page of a trace, in frames.
const (
	framesPerPage = 100
	maxFrames     = 1000
)

// traceFilter reads which frames of a line are asked for: from, until, ref, messages, before, call.
func (s *Server) traceFilter(line string, query url.Values) (trace.Filter, error) {
	times, err := filter(query)
	if err != nil {
		return trace.Filter{}, err
	}
	f := trace.Filter{From: times.From, To: times.To, Messages: query.Get("messages") == "1"}
	if text := query.Get("ref"); text != "" {
		ref, err := trace.ParseCallRef(text)
		if err != nil {
			return f, refuse(http.StatusBadRequest, "error.bad_query", "name", "ref", "value", text)
		}
		f.Ref = &ref
	}
	if text := query.Get("before"); text != "" {
		before, err := strconv.ParseUint(text, 10, 63)
		if err != nil {
			return f, refuse(http.StatusBadRequest, "error.bad_query", "name", "before", "value", text)
		}
		f.Before = trace.Seq(before)
	}
	if id := query.Get("call"); id != "" {
		record, _, ok := s.Log.Call(id)
		if !ok || record.Line != line {
			return f, refuse(http.StatusNotFound, "error.no_call")
		}
		timeslot, _ := strconv.Atoi(record.Channel) // 0, which is no call's, when it has none
		f.Call = &trace.Call{Timeslot: timeslot, Began: record.Arrived, Ended: record.Ended}
	}
	return f, nil
}

// trace gives a page of the ladder of a line, or of one call on it.
func (s *Server) trace(w http.ResponseWriter, r *http.Request) error {
	line, query := r.PathValue("line"), r.URL.Query()
	f, err := s.traceFilter(line, query)
	if err != nil {
		return err
	}
	limit := framesPerPage
	if text := query.Get("limit"); text != "" {
		limit, err = strconv.Atoi(text)
		if err != nil || limit < 1 || limit > maxFrames {
			return refuse(http.StatusBadRequest, "error.bad_query", "name", "limit", "value", text)
		}
	}
	if s.Traces == nil {
		return refuse(http.StatusNotFound, "error.no_trace", "line", line)
	}
	page, err := s.Traces.Trace(line, f, limit)
	if err != nil {
		return noTrace(err, line)
	}
	answer(w, http.StatusOK, page)
	return nil
}

// noTrace is the refusal for a line that has none.
func noTrace(err error, line string) error {
	if no := exchange.NoLineError(""); errors.As(err, &no) {
		return refuse(http.StatusNotFound, "error.no_trace", "line", line)
	}
	return err
}

// tracePcap gives the frames as a capture file; with live=1 those from now on, for as long as somebody reads.
func (s *Server) tracePcap(w http.ResponseWriter, r *http.Request) error {
	line := r.PathValue("line")
	f, err := s.traceFilter(line, r.URL.Query())
	if err != nil {
		return err
	}
	if s.Traces == nil {
		return refuse(http.StatusNotFound, "error.no_trace", "line", line)
	}
	live := r.URL.Query().Get("live") == "1"
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	if live {
		select {
		case s.streams <- struct{}{}:
			defer func() { <-s.streams }()
		default:
			return refuse(http.StatusServiceUnavailable, "error.too_many_pages")
		}
		defer context.AfterFunc(s.closing, cancel)()
		go s.endWithSession(ctx, cancel, r)
	}
	file := &capture{ResponseWriter: w, name: fmt.Sprintf("%s-%s.pcap", line, s.localTime().Format("20060102-1504"))}
	err = s.Traces.WritePcap(ctx, file, line, f, live)
	if file.begun {
		if err != nil {
			s.Logger.Info("capture of a line broken off", "line", line, "err", err)
		}
		return nil
	}
	return noTrace(err, line)
}

// endWithSession cancels a stream when whoever reads it is no longer signed in.
func (s *Server) endWithSession(ctx context.Context, cancel context.CancelFunc, r *http.Request) {
	beats := time.NewTicker(beat)
	defer beats.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-beats.C:
			if !s.stillSignedIn(r) {
				cancel()
				return
			}
		}
	}
}

// capture is an answer that becomes a file with its first octets, each write of which reaches the reader at once.
type capture struct {
	http.ResponseWriter
	name  string
	begun bool
}

func (c *capture) Write(octets []byte) (int, error) {
	if !c.begun {
		c.begun = true
		c.Header().Set("Content-Type", "application/vnd.tcpdump.pcap")
		c.Header().Set("Content-Disposition", `attachment; filename="`+c.name+`"`)
		c.Header().Set("X-Accel-Buffering", "no")
	}
	out := http.NewResponseController(c.ResponseWriter)
	_ = out.SetWriteDeadline(time.Now().Add(patience)) // not every writer can
	n, err := c.ResponseWriter.Write(octets)
	if err != nil {
		return n, err
	}
	return n, out.Flush()
}
