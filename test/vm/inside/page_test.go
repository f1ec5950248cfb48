//go:build vm

package inside

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"testing"
	"time"
)

// page is the appliance's API.
type page struct {
	client *http.Client
}

// now is what the tests look at of the switch.
type now struct {
	Lines []struct {
		Driver, Lamp, Link string
		Alarms             []string // those that have stayed
		AlarmsNow          []string `json:"alarms_now"`
		Counters           map[string]uint64
		Channels           []struct{ State string }
		Echo               struct{ By, Name, Why string }
	}
	Agents []struct{ Extension, State string }
}

// signIn signs in with the password that the test outside has set.
func signIn(t *testing.T) *page {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	p := &page{&http.Client{Jar: jar, Timeout: patience}}
	p.ask(t, "POST", "/api/sign-in", map[string]string{"password": os.Getenv("PASSWORD")}, nil)
	return p
}

func (p *page) ask(t *testing.T, method, path string, body, answer any) {
	t.Helper()
	octets, err := json.Marshal(body)
	must(t, err)
	request, err := http.NewRequest(method, "http://127.0.0.1"+path, bytes.NewReader(octets))
	must(t, err)
	request.Header.Set("X-Trunkbox-Page", "1")
	response, err := p.client.Do(request)
	must(t, err)
	defer func() { _ = response.Body.Close() }()
	said, err := io.ReadAll(response.Body)
	must(t, err)
	if response.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s: %s", method, path, response.Status, said)
	}
	if answer != nil {
		must(t, json.Unmarshal(said, answer))
	}
}

// await asks until the switch is as wanted.
func (p *page) await(t *testing.T, what string, wanted func(now) bool) {
	t.Helper()
	late := time.After(patience)
	every := time.NewTicker(100 * time.Millisecond)
	defer every.Stop()
	for {
		var n now
		p.ask(t, "GET", "/api/now", nil, &n)
		if len(n.Lines) == 1 && wanted(n) {
			return
		}
		select {
		case <-every.C:
		case <-late:
			t.Fatalf("not in %v: %s; the switch says %s", patience, what, fmt.Sprintf("%+v", n))
		}
	}
}

// idle says whether the line is up and every channel waits for calls.
func idle(n now) bool {
	for _, c := range n.Lines[0].Channels {
		if c.State != "idle" {
			return false
		}
	}
	return n.Lines[0].Link == "up" && len(n.Lines[0].Channels) == 30
}

// ready says whether the only agent can take a call.
func ready(n now) bool { return len(n.Agents) == 1 && n.Agents[0].State == "ready" }
