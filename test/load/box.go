package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/test/child"
	"trunkbox/test/farend/crowd"
	"trunkbox/test/farend/phone"
	"trunkbox/test/ports"
	"trunkbox/test/printed"
)

// box is the appliance under load.
type box struct {
	dir     string
	sip     string
	http    string
	command *exec.Cmd
	out     printed.Text
	client  *http.Client
	ended   chan struct{}
	carrier *phone.Phone // at the other end of the IP trunk; nil when calls come by lines
	crowd   *crowd.Crowd // moves the sound of the phones and the carrier
}

// The extensions of agents begin at 1000, those of supervisors behind them.
const firstExtension = 1000

func password(extension string) string { return "load-" + extension + "-load" }

// settings are a queue of callers who talk and one of those who wait, so many agents, the supervisors among them, and the
// lines or the IP trunk.
func (p plan) settings(agents int, b *box) config.Settings {
	s := config.Default("CN", "en")
	s.Box.TimeZone = "UTC"
	s.Lines = nil
	for i := range p.lines {
		line := config.DefaultLine(fmt.Sprintf("line%d", i+1))
		line.Span, line.BlockMS, line.Restart = i+1, p.blockMS, false
		s.Lines = append(s.Lines, line)
	}
	talk, wait := config.DefaultQueue("Talk", "6500"), config.DefaultQueue("Wait", "6501")
	talk.WrapUpSeconds, talk.AnnounceEvery, wait.AnnounceEvery = 0, 0, 0
	s.Queues = []config.Queue{talk, wait}
	s.Menus = nil
	s.Routes = []config.Route{{Called: "6500", To: config.Destination{Kind: "queue", Target: "Talk"}}, {To: config.Destination{Kind: "queue", Target: "Wait"}}}
	for i := range agents {
		extension := strconv.Itoa(firstExtension + i)
		a := config.Agent{Extension: extension, Name: "Agent " + extension, Password: password(extension), Queues: []string{"Talk"}, LoggedIn: true}
		if i >= agents-p.listeners {
			a.Queues, a.Supervisor, a.LoggedIn = []string{}, true, false
		}
		s.Agents = append(s.Agents, a)
	}
	s.Outbound.Prefix = ""
	s.Phones.UDP, s.Phones.TCP, s.Phones.TLS = b.sip, "", ""
	if b.carrier != nil {
		trunk := config.DefaultTrunk("carrier")
		trunk.Server, trunk.Register = b.carrier.Address(), false
		s.Lines, s.Trunks = []config.Line{}, []config.Trunk{trunk}
	}
	s.Phones.RTPFirst, s.Phones.RTPLast = 10000, 14000
	if p.record {
		s.Recording.Start = "queue"
	}
	return s
}

// start starts the appliance and signs in.
func (p plan) start(agents int, c *crowd.Crowd) (*box, error) {
	dir, err := os.MkdirTemp("", "load")
	if err != nil {
		return nil, err
	}
	sip, err1 := ports.Find()
	page, err2 := ports.Find()
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	b := &box{dir: dir, sip: onLoopback(sip), http: onLoopback(page), ended: make(chan struct{}), crowd: c}
	if p.ip {
		if b.carrier, err = phone.New(phone.Options{Server: b.sip, Crowd: c.End(carrierEnd), User: "carrier", RecordS: -1}); err != nil {
			return nil, err
		}
	}
	settings := p.settings(agents, b)
	if problems := config.Validate(settings); len(problems) > 0 {
		return nil, fmt.Errorf("the settings: %v", problems)
	}
	first := filepath.Join(dir, "first.json")
	if err := os.WriteFile(first, config.Export(settings), 0o600); err != nil {
		return nil, err
	}
	args := []string{"-data", filepath.Join(dir, "data"), "-first-settings", first, "-http", b.http, "-https", "", "-far", filepath.Join(dir, "far.sock")}
	if p.profile != "" {
		args = append(args, "-profile", p.profile)
	}
	b.command = exec.Command(p.appliance, args...)
	b.command.Stdout, b.command.Stderr = &b.out, &b.out
	b.command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // as a service has: its share of the processors is a session's
	if err := child.Start(b.command); err != nil {
		return nil, fmt.Errorf("starting the box (make build makes it): %w", err)
	}
	go func() { _ = b.command.Wait(); close(b.ended) }()
	if err := b.signIn(); err != nil {
		b.stop()
		return nil, fmt.Errorf("%w; the box says:\n%s", err, b.out.String())
	}
	return b, nil
}

// The ends of the crowd. The carrier's address is another of the machine's own than the phones': by it the box knows the
// trunk's calls.
const (
	phonesEnd = iota
	carrierEnd
)

var addresses = []netip.Addr{phonesEnd: netip.MustParseAddr("127.0.0.1"), carrierEnd: netip.MustParseAddr("127.0.0.2")}

func onLoopback(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

var oneTimeCode = regexp.MustCompile(`one-time code: (\S+)`)

func (b *box) signIn() error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	b.client = &http.Client{Jar: jar, Timeout: 10 * time.Second}
	return within(20*time.Second, "the page is there", func() bool {
		code := oneTimeCode.FindStringSubmatch(b.out.String())
		return code != nil && b.api("POST", "/api/first", map[string]string{"code": code[1], "password": "correct horse battery"}, nil) == nil
	})
}

// within waits until holds, looking often.
func within(limit time.Duration, what string, holds func() bool) error {
	for deadline := time.Now().Add(limit); ; <-time.After(50 * time.Millisecond) {
		if holds() {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %v in vain until %s", limit, what)
		}
	}
}

func (b *box) api(method, path string, body, answer any) error {
	octets, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(method, "http://"+b.http+path, bytes.NewReader(octets))
	if err != nil {
		return err
	}
	request.Header.Set("X-Trunkbox-Page", "1")
	response, err := b.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, response.Status, said)
	}
	if err == nil && answer != nil {
		err = json.Unmarshal(said, answer)
	}
	return err
}

// now is what the measurement looks at of the box's own view.
type now struct {
	Tick struct {
		Moved, Missed, Overruns, Underruns, Slips uint64
		LongestUS                                 int64     `json:"longest_us"` // the bridge's longest tick since the start
		LateUS                                    int64     `json:"late_us"`    // the most that a line's tick came late, since the start
		LateAt                                    time.Time `json:"late_at"`
		Cause                                     string
		Refused                                   []string
		Late                                      []lateClass
		Causes                                    map[string]uint64 // of missed ticks
		Processor                                 float64           `json:"processor_percent"` // the most of a second that the threads of sound used
	}
}

// lateClass counts the ticks that were at most so late, and later than those of the class before; 0 is without bound.
type lateClass struct {
	UpToUS int64  `json:"up_to_us"`
	Ticks  uint64 `json:"ticks"`
}

func (b *box) now() (now, error) {
	var n now
	return n, b.api("GET", "/api/now", nil, &n)
}

func (b *box) stop() {
	_ = b.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-b.ended:
	case <-time.After(20 * time.Second):
		_ = b.command.Process.Kill()
		<-b.ended
	}
	_ = os.RemoveAll(b.dir)
}
