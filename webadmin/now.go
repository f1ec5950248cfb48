package webadmin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"trunkbox/firmware/exchange"
)

// The pace of a stream.
const (
	pause    = 250 * time.Millisecond // between two states: nobody reads faster
	beat     = 5 * time.Second        // between two signs of life; the page gives up after 12 s
	patience = 10 * time.Second       // for a browser to take what is written
)

func (s *Server) now(w http.ResponseWriter, _ *http.Request) error {
	answer(w, http.StatusOK, s.Switch.Snapshot())
	return nil
}

func (s *Server) nowStream(w http.ResponseWriter, r *http.Request) error {
	return s.stream(w, r, func() any { return s.Switch.Snapshot() })
}

// stream sends what state gives, at once and after each change, until the browser goes, the session
// ends or the server closes.
func (s *Server) stream(w http.ResponseWriter, r *http.Request, state func() any) error {
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		return refuse(http.StatusServiceUnavailable, "error.too_many_pages")
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.closing, cancel)()
	changed := s.Switch.Watch(ctx)

	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	send := func(event string, data []byte) error {
		_ = out.SetWriteDeadline(time.Now().Add(patience)) // not every writer can
		if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, data); err != nil {
			return err
		}
		return out.Flush()
	}
	beats := time.NewTicker(beat)
	defer beats.Stop()
	for {
		octets, err := json.Marshal(state())
		if err != nil {
			return err
		}
		if send("now", octets) != nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				return nil
			case _, open := <-changed:
				if !open {
					return nil
				}
				waiting = false
			case <-beats.C:
				if !s.stillSignedIn(r) || send("beat", []byte("{}")) != nil {
					return nil
				}
			}
		}
	}
}

// agentDeed serves what is done to an agent: by the administrator to the one in the path, by an agent
// to himself.
func (s *Server) agentDeed(do func(s *Server, extension, reason, by string) error) handle {
	return func(w http.ResponseWriter, r *http.Request) error {
		who := signedIn(r)
		extension, by := r.PathValue("extension"), "supervisor"
		if who.agent != "" {
			extension, by = who.agent, "page"
		}
		var body struct {
			Reason string `json:"reason"`
		}
		if err := read(r, &body); err != nil {
			return err
		}
		if len([]rune(body.Reason)) > maxReason {
			return refuse(http.StatusBadRequest, "error.reason_too_long", "limit", fmt.Sprint(maxReason))
		}
		if _, ok := s.agent(extension); !ok {
			return refuse(http.StatusNotFound, "error.no_agent", "extension", extension)
		}
		err := do(s, extension, body.Reason, by)
		if errors.Is(err, exchange.ErrNoAgent) { // removed just now
			return refuse(http.StatusNotFound, "error.no_agent", "extension", extension)
		}
		if err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}

// maxReason is the longest reason of a pause, in characters.
const maxReason = 40

func logIn(s *Server, extension, _, by string) error  { return s.Switch.LogIn(extension, by) }
func logOut(s *Server, extension, _, by string) error { return s.Switch.LogOut(extension, by) }
func resume(s *Server, extension, _, by string) error { return s.Switch.Resume(extension, by) }

func takeBreak(s *Server, extension, reason, by string) error {
	if reason == "" {
		return refuse(http.StatusBadRequest, "error.no_reason")
	}
	return s.Switch.Pause(extension, reason, by)
}

func (s *Server) hangUp(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !slices.ContainsFunc(s.Switch.Snapshot().Calls, func(c exchange.CallNow) bool { return c.ID == id }) {
		return refuse(http.StatusNotFound, "error.call_over")
	}
	err := s.Switch.HangUp(id, "supervisor")
	if over := exchange.NoCallError(""); errors.As(err, &over) { // it ended just now
		return refuse(http.StatusNotFound, "error.call_over")
	}
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// seatNow is what an agent's own page shows.
type seatNow struct {
	At     time.Time         `json:"at"`
	Agent  exchange.AgentNow `json:"agent"`
	Call   *exchange.CallNow `json:"call"`
	Queues []seatQueue       `json:"queues"`
}

type seatQueue struct {
	Name    string `json:"name"`
	Waiting int    `json:"waiting"`
}

// seat is the part of the snapshot that concerns one agent, and nothing of the others.
func seat(now exchange.Snapshot, extension string) seatNow {
	seat := seatNow{At: now.At, Agent: exchange.AgentNow{Extension: extension, State: "logged_out"}, Queues: []seatQueue{}}
	for _, agent := range now.Agents {
		if agent.Extension == extension {
			seat.Agent = agent
		}
	}
	for _, call := range now.Calls {
		if call.ID != "" && call.ID == seat.Agent.Call {
			seat.Call = &call
		}
	}
	for _, queue := range now.Queues {
		if slices.Contains(seat.Agent.Queues, queue.Name) {
			seat.Queues = append(seat.Queues, seatQueue{queue.Name, len(queue.Waiting)})
		}
	}
	return seat
}

func (s *Server) seatNow(w http.ResponseWriter, r *http.Request) error {
	answer(w, http.StatusOK, seat(s.Switch.Snapshot(), signedIn(r).agent))
	return nil
}

func (s *Server) seatStream(w http.ResponseWriter, r *http.Request) error {
	extension := signedIn(r).agent
	return s.stream(w, r, func() any { return seat(s.Switch.Snapshot(), extension) })
}
