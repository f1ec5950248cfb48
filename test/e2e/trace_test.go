package e2e

import (
	"bytes"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestTraceOfACall: a call of the far end's, from SETUP to RELEASE COMPLETE, on the page and in Wireshark's eyes, and
// still there when the box has been started again.
func TestTraceOfACall(t *testing.T) {
	t.Parallel()
	b := open(t, nil)
	other := b.call("13800000131")
	call := b.call("13800000132")
	id := ""
	for _, c := range b.now().Calls {
		if c.Caller == "13800000132" {
			id = c.ID
		}
	}
	call.Hangup(16)
	b.story("caller", "13800000132")
	other.Hangup(16)
	b.story("caller", "13800000131")
	var types []string
	wait(t, "the line has said the last of the call", func() bool {
		types = b.traceOf(id)
		return slices.Contains(types, "RELEASE_COMPLETE")
	})
	want := "SETUP CALL_PROCEEDING ALERTING CONNECT CONNECT_ACKNOWLEDGE DISCONNECT RELEASE RELEASE_COMPLETE"
	if got := strings.Join(types, " "); got != want {
		t.Errorf("the frames of the call are %s; expected %s", got, want)
	}
	rows := b.tshark("/api/lines/line1/trace.pcap?call=" + id)
	if len(rows) != len(types) {
		t.Errorf("tshark sees %d frames, the page %d: %q", len(rows), len(types), rows)
	}
	for _, row := range append(rows, b.tshark("/api/lines/line1/trace.pcap")...) {
		if !strings.Contains(row, "lapd") || strings.Contains(row, "malformed") || !strings.HasSuffix(row, "\t") {
			t.Errorf("tshark does not like %q", row)
		}
	}
	b.stop()
	b.farEnds = nil
	b.start()
	b.signIn()
	if again := b.traceOf(id); strings.Join(again, " ") != strings.Join(types, " ") {
		t.Errorf("after a start of the box the frames of the call are %s, before %s", again, types)
	}
}

// traceOf is the messages of a call, oldest first, and wants each with words in both languages.
func (b *box) traceOf(id string) []string {
	b.t.Helper()
	var page struct {
		Ref  string
		Rows []struct{ Layer2, Layer3, ZH, EN string }
	}
	b.api("GET", "/api/lines/line1/trace?call="+id, nil, &page)
	if page.Ref == "" {
		b.t.Error("the call's reference was not found")
	}
	var types []string
	for _, row := range page.Rows {
		name, _, _ := strings.Cut(row.Layer3, " cref")
		types = append(types, strings.ReplaceAll(name, " ", "_"))
		if row.ZH == "" || row.EN == "" || !strings.HasPrefix(row.Layer2, "I ") {
			b.t.Errorf("a row without words: %+v", row)
		}
		if name == "SETUP" && !strings.Contains(row.EN, "the carrier offers a call from 13800000132 to ") {
			b.t.Errorf("the SETUP is told as %q", row.EN)
		}
	}
	return types
}

// tshark reads a capture file of the box: a row a frame, its protocols and what is wrong with it.
func (b *box) tshark(path string) []string {
	b.t.Helper()
	response, err := b.client.Get("http://" + b.http + path)
	must(b.t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	must(b.t, err)
	if response.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %s: %s", path, response.Status, content)
	}
	command := exec.Command("tshark", "-r", "-", "-T", "fields", "-e", "frame.protocols", "-e", "_ws.expert.message")
	command.Stdin = bytes.NewReader(content)
	out, err := command.Output()
	if err != nil {
		b.t.Fatalf("tshark (apt-get install tshark): %v", err)
	}
	return strings.Split(strings.TrimRight(string(out), "\n"), "\n")
}
