package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"trunkbox/firmware/config"
	"trunkbox/test/farend"
)

// TestAWithheldNumberIsShownToNobody: a caller with CLIR has no digits and no name on phones, pages and in the journal.
func TestAWithheldNumberIsShownToNobody(t *testing.T) {
	t.Parallel()
	const digits, name = "13800777123", "Zebedee"
	b := open(t, func(s *config.Settings) {
		s.Routes = []config.Route{{To: config.Destination{Kind: "queue", Target: "Sales"}}}
	})
	p := b.phone("801")
	b.waitAgent("801", "ready")
	b.api("POST", "/api/agents/801/pause", map[string]string{"reason": "meal"}, nil)
	hidden := func(path string) {
		var said json.RawMessage
		b.api("GET", path, nil, &said)
		if text := string(said); strings.Contains(text, digits) || strings.Contains(text, name) {
			t.Errorf("%s shows the caller: %s", path, text)
		}
	}
	c, err := b.far.Place(soon(t), farend.Setup{Called: "5551000", Calling: digits, Name: name, Hidden: true})
	must(t, err)
	must(t, c.WaitAnswer(soon(t)))
	wait(t, "the caller waits", func() bool { return len(b.now().Queues[0].Waiting) == 1 })
	hidden("/api/now")
	var now struct {
		Calls  []struct{ Restricted bool }
		Queues []struct{ Waiting []struct{ Restricted bool } }
	}
	b.api("GET", "/api/now", nil, &now)
	if !now.Calls[0].Restricted || !now.Queues[0].Waiting[0].Restricted {
		t.Errorf("the page is not told that the number is withheld: %+v", now)
	}
	b.api("POST", "/api/agents/801/resume", nil, nil)
	agent := answered(t, p)
	if number, shown := agent.Number(), agent.Name(); number != "anonymous" || !strings.Contains(shown, "Anonymous") {
		t.Errorf("the phone shows %q %q", number, shown)
	}
	talk(t, c, agent)
	hidden("/api/now")
	c.Hangup(16)
	b.story("restricted", "yes").has(t, "call_arrived line=line1 called=5551000", "agent_joined agent=801")
	hidden("/api/calls")
	var log struct {
		Calls []struct {
			ID         string
			Restricted bool
		}
	}
	b.api("GET", "/api/calls", nil, &log)
	if len(log.Calls) != 1 || !log.Calls[0].Restricted {
		t.Fatalf("the log of calls says %+v", log)
	}
	hidden("/api/calls/" + log.Calls[0].ID)
	hidden("/api/lines/line1/trace?messages=1")
	files, err := filepath.Glob(b.path("data/journal/*"))
	must(t, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		must(t, err)
		if strings.Contains(string(content), digits) || strings.Contains(string(content), name) {
			t.Errorf("%s holds the caller", file)
		}
	}
	if len(files) == 0 {
		t.Error("there is no journal")
	}
}
