package webadmin

import (
	"cmp"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/firmware/record"
)

// Recordings are what was said on calls, for those who may hear it; *exchange.Exchange has them.
type Recordings interface {
	// Recorder is nil when nothing can be recorded.
	Recorder() *record.Recorder
	// Gaps are the calls that arrived in a time and should have a recording that they have not.
	Gaps(from, to time.Time) ([]record.Gap, error)
	// Heard writes down who listened to a recording or took it away (how: "listened", "downloaded").
	Heard(call, file, by, how, address string)
	// Proved writes down what was found when somebody had a day proved.
	Proved(p record.Proof, by string)
}

// recordingRow is one recording as the page lists it.
type recordingRow struct {
	Call      string    `json:"call"`
	File      string    `json:"file"` // day/name
	Began     time.Time `json:"began"`
	MS        int64     `json:"ms"`
	Queue     string    `json:"queue"`
	Agent     string    `json:"agent"`
	AgentName string    `json:"agent_name"`
	Caller    string    `json:"caller"`
	Called    string    `json:"called"`
	Channels  int       `json:"channels"`
	Recovered bool      `json:"recovered"`
	Marks     []markRow `json:"marks"`
	Link      string    `json:"link"`
}

type markRow struct {
	MS    int64  `json:"ms"`
	What  string `json:"what"`  // a word of the page
	About string `json:"about"` // the agent, or how long
}

func newRecordingRow(e record.Entry, names map[string]string) recordingRow {
	row := recordingRow{
		Call: e.Call, File: filepath.ToSlash(e.File), Began: e.Began, MS: e.Length().Milliseconds(), Queue: e.Queue, Agent: e.Agent,
		AgentName: names[e.Agent], Caller: e.Caller, Called: e.Called, Channels: e.Channels, Recovered: e.Recovered, Marks: []markRow{}, Link: e.Link,
	}
	for _, m := range e.Marks {
		what, about, _ := strings.Cut(m.What, " ")
		row.Marks = append(row.Marks, markRow{m.At.Milliseconds(), what, about})
	}
	return row
}

// passes says whether the filter of the page lets a recording through: text in any of its numbers, an agent who is in it
// from the beginning or by a mark, its queue.
func (row recordingRow) passes(query url.Values) bool {
	agent, queue, text := query.Get("agent"), query.Get("queue"), query.Get("text")
	with := row.Agent == agent || slices.ContainsFunc(row.Marks, func(m markRow) bool { return m.What == "agent" && m.About == agent })
	return (agent == "" || with) && (queue == "" || row.Queue == queue) &&
		(text == "" || strings.Contains(row.Caller+" "+row.Called+" "+row.Call, text))
}

// errNoRecordings refuses on a box that keeps none.
func errNoRecordings() error { return refuse(http.StatusNotFound, "error.no_recordings") }

// withRecorder handles a request, or refuses it when nothing can be recorded.
func (s *Server) withRecorder(do func(http.ResponseWriter, *http.Request, *record.Recorder) error) handle {
	return func(w http.ResponseWriter, r *http.Request) error {
		if s.Recordings == nil || s.Recordings.Recorder() == nil {
			return errNoRecordings()
		}
		err := do(w, r, s.Recordings.Recorder())
		if errors.Is(err, record.ErrNone) {
			return refuse(http.StatusNotFound, "error.no_recording")
		}
		return err
	}
}

// recordings tells which days have recordings, newest first, and how the disk is.
func (s *Server) recordings(w http.ResponseWriter, _ *http.Request, recorder *record.Recorder) error {
	days := recorder.Days()
	slices.Reverse(days)
	now := recorder.Now()
	settings := s.Switch.Settings()
	start := settings.Recording.Start
	if start == "off" && slices.ContainsFunc(settings.Queues, func(q config.Queue) bool { return q.Record == "yes" }) {
		start = "answer" // of some
	}
	answer(w, http.StatusOK, map[string]any{
		"days": append([]string{}, days...), "running": now.Running, "step": now.Step.String(), "free": now.Free, "least": now.Least,
		"used": now.Used, "a_day": now.ADay, "days_left": now.DaysLeft, "start": start,
	})
	return nil
}

// recordingsOfDay lists the recordings of a day that pass the filter, newest first, and the calls that lack theirs.
func (s *Server) recordingsOfDay(w http.ResponseWriter, r *http.Request, recorder *record.Recorder) error {
	query := r.URL.Query()
	if _, err := filter(query); err != nil { // the same bounds as the log's
		return err
	}
	day := r.PathValue("day")
	entries, err := recorder.Day(day)
	if err != nil {
		return err
	}
	names, rows := s.agentNames(), []recordingRow{}
	for _, e := range entries {
		if row := newRecordingRow(e, names); row.passes(query) {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b recordingRow) int { return cmp.Or(b.Began.Compare(a.Began), cmp.Compare(b.Call, a.Call)) })
	began, err := time.ParseInLocation(time.DateOnly, day, s.localTime().Location())
	if err != nil {
		return record.ErrNone
	}
	gaps, err := s.Recordings.Gaps(began, began.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	type gapRow struct {
		Call       string    `json:"call"`
		From       time.Time `json:"from"`
		MS         int64     `json:"ms"`
		RecordedMS int64     `json:"recorded_ms"`
	}
	missing := []gapRow{}
	for _, g := range gaps {
		missing = append(missing, gapRow{g.Call, g.From, g.To.Sub(g.From).Milliseconds(), g.Recorded.Milliseconds()})
	}
	answer(w, http.StatusOK, map[string]any{"recordings": rows, "gaps": missing})
	return nil
}

// recordingsOfCall lists the recordings of one call of the log.
func (s *Server) recordingsOfCall(w http.ResponseWriter, r *http.Request, recorder *record.Recorder) error {
	call, _, ok := s.Log.Call(r.PathValue("id"))
	if !ok {
		return refuse(http.StatusNotFound, "error.no_call")
	}
	entries, err := recorder.Find(call.ID, call.Arrived)
	if err != nil {
		return err
	}
	names, rows := s.agentNames(), []recordingRow{}
	for _, e := range entries {
		rows = append(rows, newRecordingRow(e, names))
	}
	answer(w, http.StatusOK, map[string]any{"recordings": rows})
	return nil
}

// recording finds a recording by day and name; only what the day's list has is given out.
func recording(r *http.Request, recorder *record.Recorder) (record.Entry, *os.File, error) {
	day, name := r.PathValue("day"), r.PathValue("file")
	entries, err := recorder.Day(day)
	if err != nil {
		return record.Entry{}, nil, err
	}
	i := slices.IndexFunc(entries, func(e record.Entry) bool { return filepath.ToSlash(e.File) == path.Join(day, name) })
	if i < 0 {
		return record.Entry{}, nil, record.ErrNone
	}
	file, err := recorder.Open(path.Join(day, name))
	return entries[i], file, err
}

// downloadRecording gives the file as it was written, which is what the chain proves.
func (s *Server) downloadRecording(w http.ResponseWriter, r *http.Request, recorder *record.Recorder) error {
	entry, file, err := recording(r, recorder)
	if err != nil {
		return err
	}
	defer file.Close()
	s.heard(r, entry, "downloaded")
	name := path.Base(filepath.ToSlash(entry.File))
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(name))
	http.ServeContent(w, r, "", entry.Began, file)
	return nil
}

// listen gives the recording as every browser plays it.
func (s *Server) listen(w http.ResponseWriter, r *http.Request, recorder *record.Recorder) error {
	entry, file, err := recording(r, recorder)
	if err != nil {
		return err
	}
	defer file.Close()
	sound, err := record.Listen(file)
	if err != nil {
		return err
	}
	s.heard(r, entry, "listened")
	w.Header().Set("Content-Type", "audio/wav")
	http.ServeContent(w, r, "", entry.Began, sound)
	return nil
}

// chainOfDay gives the list of check sums of a day, for those who prove it without us.
func (s *Server) chainOfDay(w http.ResponseWriter, r *http.Request, recorder *record.Recorder) error {
	day := r.PathValue("day")
	chain, err := recorder.Chain(day)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="chain-`+day+`.txt"`)
	_, _ = w.Write(chain)
	return nil
}

// prove reads all recordings of a day and tells whether they are what was recorded. One day at a time.
func (s *Server) prove(w http.ResponseWriter, r *http.Request, recorder *record.Recorder) error {
	if !s.proving.TryLock() {
		return refuse(http.StatusConflict, "error.proving")
	}
	defer s.proving.Unlock()
	proof, err := recorder.Verify(r.Context(), r.PathValue("day"))
	if err != nil {
		return err
	}
	s.Recordings.Proved(proof, "admin")
	type faultRow struct {
		File string `json:"file"`
		What string `json:"what"`
	}
	faults := []faultRow{}
	for _, f := range proof.Faults {
		faults = append(faults, faultRow{filepath.ToSlash(f.File), string(f.What)})
	}
	answer(w, http.StatusOK, map[string]any{
		"day": proof.Day, "checked": proof.Checked, "deleted": proof.Deleted, "octets": proof.Octets, "last_link": proof.LastLink, "faults": faults,
	})
	return nil
}

// hearings are who heard what of late: a player asks for a recording in many pieces, which are one hearing.
type hearings struct {
	mu   sync.Mutex
	last map[string]time.Time
}

// oneHearing is how long the pieces of one hearing are apart at most.
const oneHearing = 10 * time.Minute

// again says whether this is a piece of a hearing that is known.
func (h *hearings) again(what string, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, at := range h.last {
		if now.Sub(at) > oneHearing {
			delete(h.last, key)
		}
	}
	_, known := h.last[what]
	if h.last == nil {
		h.last = map[string]time.Time{}
	}
	h.last[what] = now
	return known
}

// heard writes down that a recording goes out to somebody.
func (s *Server) heard(r *http.Request, e record.Entry, how string) {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	if r.Method == http.MethodHead || s.hearings.again(how+" "+address+" "+e.File, time.Now()) {
		return
	}
	s.Recordings.Heard(e.Call, filepath.ToSlash(e.File), "admin", how, address)
}
