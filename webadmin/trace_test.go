package webadmin

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"trunkbox/firmware/exchange"
	"trunkbox/firmware/trace"
)

// tracing stands for the switch's traces: a real trace of line1.
type tracing struct{ line *trace.Line }

func (t tracing) find(line string) error {
	if line != t.line.Name {
		return exchange.NoLineError(line)
	}
	return nil
}

func (t tracing) Trace(line string, filter trace.Filter, limit int) (trace.Page, error) {
	return t.line.Page(filter, limit), t.find(line)
}

func (t tracing) WritePcap(ctx context.Context, w io.Writer, line string, filter trace.Filter, live bool) error {
	if err := t.find(line); err != nil {
		return err
	}
	if live {
		return t.line.StreamPcap(ctx, w, filter)
	}
	return t.line.WritePcap(w, filter)
}

// The frames of a call on timeslot 31 that the far side offers, and of the link.
var (
	frameSetup   = []byte{2, 1, 0, 0, 8, 2, 0, 5, 5, 0x04, 3, 0x80, 0x90, 0xa3, 0x18, 3, 0xa9, 0x83, 0x9f}
	frameRelease = []byte{0, 1, 2, 4, 8, 2, 0x80, 5, 0x5a}
	frameRR      = []byte{2, 1, 1, 2}
)

const pcapMagic = "\xd4\xc3\xb2\xa1"

func newTracedBox(t *testing.T) (*box, *trace.Line) {
	b := newBox(t)
	line := trace.Open(trace.Options{Name: "line1", Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(line.Close)
	b.Traces = tracing{line}
	b.signInAdmin()
	return b, line
}

func TestTraceOfALineAndOfACall(t *testing.T) {
	b, line := newTracedBox(t)
	line.Add(false, false, frameSetup)
	line.Add(true, false, frameRelease)
	line.Add(false, false, frameRR)
	b.happened("c7", "13800001234", "销售", "abandoned")
	for _, row := range []struct {
		query  string
		layer2 []string
	}{
		{"", []string{"I N(S)=0 N(R)=0 P=0", "I N(S)=1 N(R)=2 P=0", "RR N(R)=1 P=0"}},
		{"?messages=1", []string{"I N(S)=0 N(R)=0 P=0", "I N(S)=1 N(R)=2 P=0"}},
		{"?limit=1", []string{"RR N(R)=1 P=0"}},
		{"?limit=1&before=3", []string{"I N(S)=1 N(R)=2 P=0"}},
		{"?ref=us-5", nil},
		{"?call=c7", []string{"I N(S)=0 N(R)=0 P=0", "I N(S)=1 N(R)=2 P=0"}},
		{"?until=2020-01-01T00:00:00Z", nil},
	} {
		var page struct {
			Rows []trace.Row
			Ref  string
			More trace.Seq
		}
		b.do("GET", "/api/lines/line1/trace"+row.query, nil, http.StatusOK, &page)
		var layer2 []string
		for _, one := range page.Rows {
			layer2 = append(layer2, one.Layer2)
		}
		if strings.Join(layer2, "; ") != strings.Join(row.layer2, "; ") {
			t.Errorf("%s: %q, expected %q", row.query, layer2, row.layer2)
		}
		if row.query == "?call=c7" && (page.Ref != "far-5" || !strings.Contains(page.Rows[0].ZH, "时隙 31")) {
			t.Errorf("the call has reference %q and begins %q", page.Ref, page.Rows[0].ZH)
		}
		if more := strings.Contains(row.query, "limit"); (page.More != 0) != more {
			t.Errorf("%s: more %d", row.query, page.More)
		}
	}
}

func TestTraceRefusals(t *testing.T) {
	b, _ := newTracedBox(t)
	for _, route := range []string{"trace", "trace.pcap"} {
		for query, status := range map[string]int{
			"line1/" + route + "?ref=5": http.StatusBadRequest, "line1/" + route + "?before=x": http.StatusBadRequest,
			"line1/" + route + "?from=now": http.StatusBadRequest, "line1/" + route + "?call=c99": http.StatusNotFound,
			"line9/" + route: http.StatusNotFound, "line1/trace?limit=0": http.StatusBadRequest,
			"line1/trace?limit=" + "1001": http.StatusBadRequest,
		} {
			b.do("GET", "/api/lines/"+query, nil, status, nil)
		}
	}
	b.Traces = nil
	b.do("GET", "/api/lines/line1/trace", nil, http.StatusNotFound, nil)
	b.do("GET", "/api/lines/line1/trace.pcap", nil, http.StatusNotFound, nil)
}

func TestTracePcap(t *testing.T) {
	b, line := newTracedBox(t)
	line.Add(false, false, frameSetup)
	line.Add(false, false, frameRR)
	w := b.send(b.request("GET", "/api/lines/line1/trace.pcap", ""))
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), pcapMagic) || !bytes.Contains(w.Body.Bytes(), frameSetup) {
		t.Errorf("%d, %q", w.Code, w.Body)
	}
	if file := w.Header().Get("Content-Disposition"); !strings.Contains(file, "line1-") || !strings.Contains(file, ".pcap") {
		t.Errorf("the file is %q", file)
	}
	w = b.send(b.request("GET", "/api/lines/line1/trace.pcap?messages=1", ""))
	if !bytes.HasSuffix(w.Body.Bytes(), frameSetup) {
		t.Errorf("messages only: %q", w.Body)
	}
}

// TestTracePcapLive reads frames as they come, until the server closes.
func TestTracePcapLive(t *testing.T) {
	b, line := newTracedBox(t)
	line.Add(false, false, frameRR) // before: not in it
	server := httptest.NewServer(b)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/api/lines/line1/trace.pcap?live=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range b.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	head := make([]byte, 24)
	if _, err := io.ReadFull(response.Body, head); err != nil || !strings.HasPrefix(string(head), pcapMagic) {
		t.Fatalf("%s, %q, %v", response.Status, head, err)
	}
	for _, frame := range [][]byte{frameSetup, frameRelease} {
		line.Add(true, false, frame)
		record := make([]byte, 16+16+len(frame))
		if _, err := io.ReadFull(response.Body, record); err != nil || !bytes.HasSuffix(record, frame) {
			t.Fatalf("%q, %v", record, err)
		}
	}
	b.Close()
	if rest, err := io.ReadAll(response.Body); err != nil || len(rest) > 0 {
		t.Errorf("at the end %q, %v", rest, err)
	}
}
