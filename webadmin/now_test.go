package webadmin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/firmware/exchange"
)

func TestNow(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	var now exchange.Snapshot
	b.do("GET", "/api/now", nil, http.StatusOK, &now)
	if len(now.Agents) != 2 || len(now.Calls) != 2 {
		t.Errorf("now is %+v", now)
	}
}

func TestDeedsOfTheAdministrator(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	b.do("POST", "/api/agents/201/in", nil, http.StatusNoContent, nil)
	b.do("POST", "/api/agents/201/pause", `{"reason":"meal"}`, http.StatusNoContent, nil)
	b.do("POST", "/api/agents/201/resume", `{}`, http.StatusNoContent, nil)
	b.do("POST", "/api/agents/201/out", nil, http.StatusNoContent, nil)
	b.do("POST", "/api/calls/c1/hangup", nil, http.StatusNoContent, nil)
	want := []string{"in 201 supervisor", "pause 201 meal supervisor", "resume 201 supervisor", "out 201 supervisor", "hangup c1 supervisor"}
	if deeds := b.desk.done(); !slices.Equal(deeds, want) {
		t.Errorf("done: %q\nexpected %q", deeds, want)
	}
	b.do("POST", "/api/agents/999/in", nil, http.StatusNotFound, nil)
	b.do("POST", "/api/agents/201/pause", nil, http.StatusBadRequest, nil)
	b.do("POST", "/api/agents/201/pause", `{"reason":"`+strings.Repeat("忙", maxReason+1)+`"}`, http.StatusBadRequest, nil)
	b.do("POST", "/api/calls/c1/hangup", nil, http.StatusNotFound, nil)
	if deeds := b.desk.done(); len(deeds) != len(want) {
		t.Errorf("refused and done: %q", deeds[len(want):])
	}
}

func TestSeatOfAnAgent(t *testing.T) {
	b := newBox(t)
	b.signInAgent()
	var me seatNow
	b.do("GET", "/api/agent/me", nil, http.StatusOK, &me)
	if me.Agent.Extension != "201" || me.Call == nil || me.Call.Caller != "13800001234" || len(me.Queues) != 1 || me.Queues[0].Waiting != 1 {
		t.Errorf("the agent sees %+v", me)
	}
	w := b.send(b.request("GET", "/api/agent/me", ""))
	if strings.Contains(w.Body.String(), "13900005678") || strings.Contains(w.Body.String(), "Li Wei") {
		t.Errorf("the agent sees others: %s", w.Body)
	}
	b.do("POST", "/api/agent/in", nil, http.StatusNoContent, nil)
	b.do("POST", "/api/agent/pause", `{"reason":"break"}`, http.StatusNoContent, nil)
	b.do("POST", "/api/agent/resume", nil, http.StatusNoContent, nil)
	b.do("POST", "/api/agent/out", nil, http.StatusNoContent, nil)
	want := []string{"in 201 page", "pause 201 break page", "resume 201 page", "out 201 page"}
	if deeds := b.desk.done(); !slices.Equal(deeds, want) {
		t.Errorf("done: %q\nexpected %q", deeds, want)
	}
}

// tape takes what a stream writes, with the time of each event.
type tape struct {
	header http.Header
	mu     sync.Mutex
	status int
	buffer strings.Builder
	events []taped
}

type taped struct {
	at   time.Time
	name string
	data string
}

func (s *tape) Header() http.Header { return s.header }

func (s *tape) WriteHeader(status int) { s.status = status }

func (s *tape) Write(octets []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buffer.Write(octets)
	return len(octets), nil
}

func (s *tape) Flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	name, data, _ := strings.Cut(s.buffer.String(), "\ndata: ")
	s.buffer.Reset()
	s.events = append(s.events, taped{time.Now(), strings.TrimPrefix(name, "event: "), strings.TrimSuffix(data, "\n\n")})
}

func (s *tape) of(name string) []taped {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []taped
	for _, e := range s.events {
		if e.name == name {
			all = append(all, e)
		}
	}
	return all
}

// watch opens a stream; ended is closed when it is over.
func (b *box) watch(path string) (stream *tape, ended chan struct{}) {
	stream, ended = &tape{header: http.Header{}}, make(chan struct{})
	go func() {
		defer close(ended)
		b.ServeHTTP(stream, b.request("GET", path, ""))
	}()
	return stream, ended
}

func TestStreamShowsChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.signInAdmin()
		stream, ended := b.watch("/api/now/stream")
		synctest.Wait()
		if n := len(stream.of("now")); n != 1 || stream.header.Get("Content-Type") != "text/event-stream" {
			t.Fatalf("a new stream brought %d states as %q", n, stream.header.Get("Content-Type"))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if n, beats := len(stream.of("now")), len(stream.of("beat")); n != 1 || beats < 11 || beats > 12 {
			t.Errorf("a silent minute brought %d states and %d beats", n, beats)
		}
		changed := time.Now()
		b.desk.change(func(now *exchange.Snapshot) { now.Name = "changed" })
		synctest.Wait()
		states := stream.of("now")
		last := states[len(states)-1]
		var now exchange.Snapshot
		if err := json.Unmarshal([]byte(last.data), &now); err != nil || now.Name != "changed" || !last.at.Equal(changed) {
			t.Errorf("after a change the last state is %v of %v: %v", now.Name, last.at.Sub(changed), err)
		}
		b.Close()
		<-ended
	})
}

func TestStreamIsThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.signInAdmin()
		stream, ended := b.watch("/api/now/stream")
		for i := range 1000 {
			b.desk.change(func(now *exchange.Snapshot) { now.Name = fmt.Sprint("change ", i) })
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(pause)
		synctest.Wait()
		states := stream.of("now")
		if len(states) < 38 || len(states) > 42 {
			t.Errorf("ten seconds of changes brought %d states, expected about 40", len(states))
		}
		if last := states[len(states)-1].data; !strings.Contains(last, "change 999") {
			t.Errorf("the last state is not the newest: %.80s", last)
		}
		b.Close()
		<-ended
	})
}

func TestStreamEndsWithTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.signInAgent()
		_, ended := b.watch("/api/agent/stream")
		synctest.Wait()
		b.do("POST", "/api/agent/sign-out", nil, http.StatusNoContent, nil)
		out := time.Now()
		<-ended
		if waited := time.Since(out); waited > beat {
			t.Errorf("the stream outlived its session by %v", waited)
		}
	})
}

func TestStreamsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBox(t)
		b.signInAdmin()
		var all []chan struct{}
		for range maxStreams {
			_, ended := b.watch("/api/now/stream")
			all = append(all, ended)
		}
		synctest.Wait()
		b.do("GET", "/api/now/stream", nil, http.StatusServiceUnavailable, nil)
		b.Close()
		for _, ended := range all {
			<-ended
		}
	})
}

// TestStreamOverHTTP goes through a real connection, whose end the server has to notice.
func TestStreamOverHTTP(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	server := httptest.NewServer(b)
	defer server.Close()
	request := b.request("GET", "/api/now/stream", "")
	r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/api/now/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = request.Header
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 16)
	if n, err := response.Body.Read(buffer); err != nil || !strings.HasPrefix(string(buffer[:n]), "event: now\n") {
		t.Errorf("the stream begins with %q (%v)", buffer[:n], err)
	}
	_ = response.Body.Close()
}

// vanishing is a switch whose agents and calls are gone between the look and the deed.
type vanishing struct{ *desk }

func (vanishing) LogIn(extension, _ string) error {
	return fmt.Errorf("extension %q: %w", extension, exchange.ErrNoAgent)
}

func (vanishing) HangUp(call, _ string) error { return exchange.NoCallError(call) }

// TestDeedsThatComeTooLate are refused in words of both languages, not as faults of the box.
func TestDeedsThatComeTooLate(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	b.Switch = vanishing{b.desk}
	for path, want := range map[string]said{
		"/api/agents/201/in":   b.words.say("error.no_agent", "extension", "201"),
		"/api/calls/c1/hangup": b.words.say("error.call_over"),
	} {
		var refused struct{ Error said }
		b.do("POST", path, nil, http.StatusNotFound, &refused)
		if refused.Error != want {
			t.Errorf("%s: %+v", path, refused.Error)
		}
	}
}
