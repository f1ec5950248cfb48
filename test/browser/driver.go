package browser

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"time"
)

// driver is a chromedriver process with one session.
type driver struct {
	process *exec.Cmd
	base    string // "http://127.0.0.1:9515"
	session string
	client  http.Client
}

var portLine = regexp.MustCompile(`started successfully on port (\d+)`)

// startDriver starts chromedriver on a port of its choice and opens a session whose profile is in the
// directory profile; downloads go to downloads.
func startDriver(profile, downloads string) (*driver, error) {
	d := &driver{process: exec.Command("chromedriver", "--port=0"), client: http.Client{Timeout: 2 * patience}}
	// Chromium belongs to the driver's process group, so that no window survives a failed test.
	d.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := d.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	d.process.Stderr = os.Stderr
	if err := d.process.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if found := portLine.FindStringSubmatch(lines.Text()); found != nil {
			d.base = "http://127.0.0.1:" + found[1]
			break
		}
	}
	if d.base == "" {
		d.stop()
		return nil, errors.New("chromedriver ended without naming its port")
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	if err := d.open(profile, downloads); err != nil {
		d.stop()
		return nil, err
	}
	return d, nil
}

// open begins the session.
func (d *driver) open(profile, downloads string) error {
	capabilities := map[string]any{
		"browserName":             "chrome",
		"unhandledPromptBehavior": "accept",
		"timeouts":                map[string]int64{"script": 2 * patience.Milliseconds(), "pageLoad": patience.Milliseconds()},
		"goog:loggingPrefs":       map[string]string{"browser": "ALL"},
		"acceptInsecureCerts":     true,
		"goog:chromeOptions": map[string]any{
			"args": []string{
				"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
				"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1280,900", "--lang=en",
				"--user-data-dir=" + profile,
			},
			"prefs": map[string]any{"download.default_directory": downloads},
		},
	}
	var session struct {
		ID string `json:"sessionId"`
	}
	body := map[string]any{"capabilities": map[string]any{"alwaysMatch": capabilities}}
	if err := d.send("POST", d.base+"/session", body, &session); err != nil {
		return err
	}
	d.session = d.base + "/session/" + session.ID
	return nil
}

// command sends one command of the session.
func (d *driver) command(method, path string, body, into any) error {
	return d.send(method, d.session+path, body, into)
}

// send sends a request and reads the "value" of its answer.
func (d *driver) send(method, url string, body, into any) error {
	var content io.Reader
	if body != nil {
		octets, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(octets)
	}
	request, err := http.NewRequest(method, url, content)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	response, err := d.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer struct {
		Value json.RawMessage `json:"value"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return fmt.Errorf("%s %s: %w", method, url, err)
	}
	if response.StatusCode != http.StatusOK {
		var no struct{ Error, Message string }
		_ = json.Unmarshal(answer.Value, &no)
		return fmt.Errorf("%s: %s", no.Error, no.Message)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer.Value, into)
}

// stop ends the session and the driver with everything it started.
func (d *driver) stop() {
	if d.session != "" {
		_ = d.send(http.MethodDelete, d.session, nil, nil)
	}
	group := -d.process.Process.Pid
	_ = syscall.Kill(group, syscall.SIGTERM)
	ended := make(chan struct{})
	go func() {
		_ = d.process.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		_ = syscall.Kill(group, syscall.SIGKILL)
		<-ended
	}
}
