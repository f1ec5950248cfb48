package webadmin

import (
	"bytes"
	"encoding/binary"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trunkbox/dsp"
	"trunkbox/firmware/record"
)

// studio is a real recorder, and what it was asked to write down.
type studio struct {
	*record.Recorder
	noted []string
	gaps  []record.Gap
}

// studioOf gives the box recordings of 200 ms, for which a tape has room before it is written: calls c1 and c2 of one day.
func studioOf(b *box) *studio {
	b.t.Helper()
	r, err := record.New(record.Options{Dir: b.t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.t.Fatal(err)
	}
	s := &studio{Recorder: r}
	for i, call := range []string{"c1", "c2"} {
		tape, err := r.Start(record.About{
			Call: call, Began: time.Date(2026, 3, 1, 9, 30+i, 0, 0, time.UTC), Queue: []string{"销售", "售后"}[i], Caller: "1380000000" + call[1:],
		})
		if err != nil {
			b.t.Fatal(err)
		}
		tape.With([]string{"201", "202"}[i], "")
		tape.Mark("held")
		block := make([]byte, 160)
		for j := range block {
			block[j] = byte(j)
		}
		for range 10 {
			tape.Take(block, block, dsp.ALaw)
		}
	}
	stop := make(chan struct{})
	close(stop)
	r.Run(stop)
	b.Recordings = recordings{s}
	return s
}

// recordings are those of a studio.
type recordings struct{ *studio }

func (r recordings) Recorder() *record.Recorder { return r.studio.Recorder }

func (r recordings) Gaps(from, to time.Time) ([]record.Gap, error) { return r.gaps, nil }

func (r recordings) Heard(call, file, by, how, address string) {
	r.noted = append(r.noted, strings.Join([]string{call, file, by, how, address}, " "))
}

func (r recordings) Proved(p record.Proof, by string) {
	r.noted = append(r.noted, "proved "+p.Day+" "+by)
}

const recordedDay = "/api/recordings/2026-03-01"

func TestRecordingsOfADay(t *testing.T) {
	b := newBox(t)
	s := studioOf(b)
	s.gaps = []record.Gap{{Talk: record.Talk{Call: "c3", From: time.Unix(0, 0), To: time.Unix(60, 0)}, Recorded: time.Second}}
	b.do("GET", "/api/recordings", nil, http.StatusUnauthorized, nil)
	b.signInAdmin()
	var all struct {
		Days []string
		Step string
		Free uint64
	}
	b.do("GET", "/api/recordings", nil, http.StatusOK, &all)
	if len(all.Days) != 1 || all.Days[0] != "2026-03-01" || all.Step != "full" || all.Free == 0 {
		t.Errorf("%+v", all)
	}
	for query, calls := range map[string]string{
		"": "c2 c1", "agent=201": "c1", "queue=售后": "c2", "text=13800000001": "c1", "text=none": "", "agent=202&queue=销售": "",
	} {
		var day struct {
			Recordings []recordingRow
			Gaps       []struct {
				Call       string
				MS         int64 `json:"ms"`
				RecordedMS int64 `json:"recorded_ms"`
			}
		}
		b.do("GET", recordedDay+"?"+query, nil, http.StatusOK, &day)
		var found []string
		for _, r := range day.Recordings {
			found = append(found, r.Call)
			if r.MS != 200 || r.Channels != 2 || len(r.Marks) != 2 || r.Marks[1].What != "held" || len(r.Link) != 64 {
				t.Errorf("%+v", r)
			}
		}
		if strings.Join(found, " ") != calls {
			t.Errorf("%s: %v", query, found)
		}
		if len(day.Gaps) != 1 || day.Gaps[0].Call != "c3" || day.Gaps[0].MS != 60000 || day.Gaps[0].RecordedMS != 1000 {
			t.Errorf("gaps %+v", day.Gaps)
		}
	}
	b.do("GET", recordedDay+"?text="+strings.Repeat("x", 200), nil, http.StatusBadRequest, nil)
}

// first is the first recording of the day's list.
func (b *box) first() recordingRow {
	var day struct{ Recordings []recordingRow }
	b.do("GET", recordedDay, nil, http.StatusOK, &day)
	return day.Recordings[1]
}

// TestARecordingIsHeardAndTakenAway: whole and in pieces, and the journal knows of each hearing once.
func TestARecordingIsHeardAndTakenAway(t *testing.T) {
	b := newBox(t)
	s := studioOf(b)
	b.signInAdmin()
	file := "/api/recordings/" + b.first().File
	whole := b.send(b.request("GET", file, ""))
	kept, err := os.ReadFile(filepath.Join(s.Dir, b.first().File))
	if err != nil || whole.Code != http.StatusOK || !bytes.Equal(whole.Body.Bytes(), kept) ||
		!strings.HasPrefix(whole.Header().Get("Content-Disposition"), "attachment; filename*=UTF-8''20260301-093000_") {
		t.Errorf("%d, %d octets, %v, %v", whole.Code, whole.Body.Len(), whole.Header(), err)
	}
	sound := b.send(b.request("GET", file+"/sound", ""))
	pcm := sound.Body.Bytes()
	if sound.Code != http.StatusOK || len(pcm) != 44+2*(len(kept)-58) || binary.LittleEndian.Uint16(pcm[20:]) != 1 {
		t.Fatalf("%d, %d octets", sound.Code, len(pcm))
	}
	piece := b.request("GET", file+"/sound", "")
	piece.Header.Set("Range", "bytes=1001-2000")
	part := b.send(piece)
	if part.Code != http.StatusPartialContent || !bytes.Equal(part.Body.Bytes(), pcm[1001:2001]) {
		t.Errorf("%d, %d octets", part.Code, part.Body.Len())
	}
	beyond := b.request("GET", file+"/sound", "")
	beyond.Header.Set("Range", "bytes=99999999-")
	if w := b.send(beyond); w.Code != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("beyond the end: %d", w.Code)
	}
	want := []string{
		"c1 " + b.first().File + " admin downloaded 192.0.2.1",
		"c1 " + b.first().File + " admin listened 192.0.2.1",
	}
	if strings.Join(s.noted, "\n") != strings.Join(want, "\n") {
		t.Errorf("noted %q", s.noted)
	}
}

// TestOnlyRecordingsGoOut: no other file, no other day, and nobody but the administrator.
func TestOnlyRecordingsGoOut(t *testing.T) {
	b := newBox(t)
	s := studioOf(b)
	b.signInAdmin()
	if err := os.WriteFile(filepath.Join(s.Dir, "2026-03-01", "x.wav"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{
		recordedDay + "/x.wav", recordedDay + "/none.wav", recordedDay + "/none.wav/sound", recordedDay + "/..%2f..%2fetc%2fpasswd",
		recordedDay + "/%00.wav", "/api/recordings/2026-02-31", "/api/recordings/..", "/api/recordings/%2e%2e/chain", "/api/recordings/2026-03-02/chain",
		"/api/recordings/2026-03-01%2f../x.wav",
	} {
		if w := b.send(b.request("GET", bad, "")); w.Code != http.StatusNotFound && w.Code != http.StatusMovedPermanently && w.Code != http.StatusTemporaryRedirect {
			t.Errorf("%s: %d, %d octets", bad, w.Code, w.Body.Len())
		}
	}
	file := "/api/recordings/" + b.first().File
	b.do("POST", "/api/sign-out", nil, http.StatusNoContent, nil)
	b.signInAgent()
	for _, path := range []string{"/api/recordings", recordedDay, recordedDay + "/chain", file, file + "/sound"} {
		b.do("GET", path, nil, http.StatusUnauthorized, nil)
	}
	if len(s.noted) > 0 {
		t.Errorf("noted %q", s.noted)
	}
}

func TestADayIsProved(t *testing.T) {
	b := newBox(t)
	s := studioOf(b)
	b.signInAdmin()
	type proof struct {
		Checked  int
		LastLink string `json:"last_link"`
		Faults   []struct{ File, What string }
	}
	var p proof
	b.do("POST", recordedDay+"/prove", nil, http.StatusOK, &p)
	chain := b.send(b.request("GET", recordedDay+"/chain", "")).Body.String()
	if p.Checked != 2 || len(p.Faults) != 0 || !strings.Contains(chain, p.LastLink+" {") {
		t.Errorf("%+v, chain %s", p, chain)
	}
	path := filepath.Join(s.Dir, b.first().File)
	octets, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	octets[1000] ^= 1
	if err := os.WriteFile(path, octets, 0o600); err != nil {
		t.Fatal(err)
	}
	p = proof{}
	b.do("POST", recordedDay+"/prove", nil, http.StatusOK, &p)
	if len(p.Faults) != 1 || p.Faults[0].What != "changed" || p.Faults[0].File != b.first().File {
		t.Errorf("%+v", p)
	}
	if len(s.noted) != 2 || s.noted[0] != "proved 2026-03-01 admin" {
		t.Errorf("noted %q", s.noted)
	}
}

func TestABoxWithoutRecordings(t *testing.T) {
	b := newBox(t)
	b.signInAdmin()
	b.do("GET", "/api/recordings", nil, http.StatusNotFound, nil)
	b.do("GET", recordedDay, nil, http.StatusNotFound, nil)
}

// TestRecordingsOfACall are found by the call of the log.
func TestRecordingsOfACall(t *testing.T) {
	b := newBox(t)
	s := studioOf(b)
	b.signInAdmin()
	b.happened("c9", "13800000009", "销售", "answered")
	tape, err := s.Start(record.About{Call: "c9", Began: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	tape.End()
	stop := make(chan struct{})
	close(stop)
	s.Run(stop)
	var found struct{ Recordings []recordingRow }
	b.do("GET", "/api/calls/c9/recordings", nil, http.StatusOK, &found)
	if len(found.Recordings) != 1 || found.Recordings[0].Call != "c9" {
		t.Errorf("%+v", found)
	}
	b.do("GET", "/api/calls/none/recordings", nil, http.StatusNotFound, nil)
}
