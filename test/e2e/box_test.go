package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"trunkbox/drivers/vspan"
	"trunkbox/firmware/config"
	"trunkbox/firmware/realtime"
	"trunkbox/test/child"
	"trunkbox/test/farend"
	"trunkbox/test/farend/phone"
	"trunkbox/test/ports"
	"trunkbox/test/printed"
)

// appliance is the program under test, built once for all tests.
var appliance string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "trunkbox-e2e")
	if err != nil {
		panic(err)
	}
	appliance = filepath.Join(dir, "appliance")
	build := exec.Command("go", append([]string{"build", "-o", appliance}, buildFlags...)...)
	if len(buildFlags) == 0 {
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
	}
	build.Args = append(build.Args, "trunkbox/cmd/appliance")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the appliance: %v\n%s", err, out)
		os.Exit(1)
	}
	// The far end and the telephones are other machines in life, which ours does not slow down: on a busy one they need the
	// share that the box takes for itself. Where that is refused they do without.
	_ = realtime.Program()
	realtime.Processors(runtime.NumCPU())
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// box is a whole box as a process, with the exchange at the other end of its virtual line.
type box struct {
	t        testing.TB
	dir      string
	http     string
	settings config.Settings
	more     []string // arguments of the process beside the usual ones
	process  *exec.Cmd
	ended    chan struct{}
	out      *printed.Text
	farLog   printed.Text // of the far end
	client   *http.Client
	far      *farend.Exchange
	farLine  *vspan.Far
	farEnds  func()
}

const (
	adminPassword = "correct horse battery"
	portsForSound = 400 // of a box
)

// open starts a box on settings of its own. The queue is "Sales"; agents 201, 202, 203 serve it.
// The arguments in more are given to the process.
func open(t testing.TB, edit func(*config.Settings), more ...string) *box {
	t.Helper()
	s := config.Default("CN", "en")
	s.Box.TimeZone = "UTC"
	s.Lines[0].Restart = false // it takes 2.4 s for 30 channels; one test has it
	s.Menus[0].TimeoutS = 1
	s.Menus[0].DirectDial = true
	s.Menus[0].InterDigitMS = 700
	for i := range s.Queues {
		s.Queues[i].RingSeconds, s.Queues[i].WrapUpSeconds, s.Queues[i].RetrySeconds = 5, 1, 1
	}
	for _, extension := range []string{"801", "802", "803"} {
		s.Agents = append(s.Agents, config.Agent{
			Extension: extension, Name: "Agent " + extension, Password: "password-" + extension,
			Queues: []string{"Sales"}, Outbound: true, LoggedIn: true,
		})
	}
	s.Outbound.Prefix = "9"
	s.Outbound.Numbers = []string{"5551000", "5551001"}
	sip, sound := ports.Free(t), ports.Row(t, portsForSound)
	s.Phones.UDP, s.Phones.TCP, s.Phones.TLS = fmt.Sprintf("127.0.0.1:%d", sip), "", ""
	s.Phones.RTPFirst, s.Phones.RTPLast = sound, sound+portsForSound-2
	if edit != nil {
		edit(&s)
	}
	b := &box{t: t, dir: t.TempDir(), http: fmt.Sprintf("127.0.0.1:%d", ports.Free(t)), settings: s, more: more}
	must(t, os.WriteFile(b.path("first.json"), config.Export(s), 0o600))
	b.start()
	t.Cleanup(func() {
		b.stop()
		if t.Failed() {
			t.Logf("output of the box:\n%s\nlog of the far end:\n%s\njournal:\n%s", b.out, &b.farLog, story(b.journal()))
			logs, _ := filepath.Glob(b.path("data/log/*"))
			for _, name := range logs {
				log, _ := os.ReadFile(name)
				t.Logf("log of the box:\n%s", log)
			}
		}
	})
	b.signIn()
	for _, a := range s.Agents {
		if a.LoggedIn {
			b.api("POST", "/api/agents/"+a.Extension+"/in", nil, nil)
		}
	}
	b.connectFar()
	return b
}

func (b *box) path(name string) string { return filepath.Join(b.dir, name) }

// start starts the process and waits until its page answers.
func (b *box) start() {
	b.t.Helper()
	b.launch()
	wait(b.t, "the page answers", func() bool {
		select {
		case <-b.ended:
			b.t.Fatalf("the box ended at its start:\n%s", b.out)
		default:
		}
		response, err := http.Get("http://" + b.http + "/api/hello")
		if err != nil || b.out.String() == "" {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}

// launch starts the process and does not wait for anything.
func (b *box) launch() {
	b.t.Helper()
	b.out = &printed.Text{}
	arguments := []string{"-data", b.path("data"), "-first-settings", b.path("first.json"), "-http", b.http, "-https", "", "-far", b.path("far.sock")}
	b.process = exec.Command(appliance, append(arguments, b.more...)...)
	b.process.Stdout, b.process.Stderr = b.out, b.out
	must(b.t, child.Start(b.process))
	b.ended = make(chan struct{})
	go func(process *exec.Cmd, ended chan struct{}) { _ = process.Wait(); close(ended) }(b.process, b.ended)
}

// races fails the test for every data race that the process has told of, if it was built to find them.
func (b *box) races() {
	if _, race, found := strings.Cut(b.out.String(), "WARNING: DATA RACE"); found {
		b.t.Errorf("a data race in the box:%s", race)
	}
}

// stop asks the process to end, as Ctrl-C does, and waits for it.
func (b *box) stop() {
	if b.farEnds != nil {
		b.farEnds()
	}
	_ = b.process.Process.Signal(os.Interrupt)
	select {
	case <-b.ended:
	case <-time.After(15 * time.Second):
		_ = b.process.Process.Signal(syscall.SIGQUIT) // its goroutines tell where it hangs
		<-b.ended
		b.t.Errorf("the box did not stop:\n%s", b.out)
	}
	b.races()
}

// kill ends the process as a power cut does.
func (b *box) kill() {
	_ = b.process.Process.Kill()
	<-b.ended
	b.races()
}

// connectFar brings the exchange at the far end to life.
func (b *box) connectFar() {
	b.t.Helper()
	var line *vspan.Far
	wait(b.t, "the line is there", func() bool {
		var err error
		line, err = vspan.Dial(b.path("far.sock"), vspan.DialOptions{Name: "far"})
		return err == nil
	})
	b.farLine = line
	b.far = farend.New(line, farend.Options{Logger: slog.New(slog.NewTextHandler(&b.farLog, nil))})
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = b.far.Run(ctx) })
	b.farEnds = func() { stop(); running.Wait() }
	must(b.t, b.far.WaitLink(soon(b.t)))
	wait(b.t, "every channel is idle and, where the settings want it, restarted", func() bool {
		line := b.now().Lines[0]
		for _, c := range line.Channels {
			if c.State != "idle" || b.settings.Lines[0].Restart && !c.Since.After(line.LinkSince) {
				return false
			}
		}
		return line.Link == "up" && len(line.Channels) == 30
	})
}

// idle is how many channels of the first line are idle.
func (b *box) idle() int {
	b.t.Helper()
	idle := 0
	for _, c := range b.now().Lines[0].Channels {
		if c.State == "idle" {
			idle++
		}
	}
	return idle
}

// signIn sets the first password with the one-time code that the box has printed.
func (b *box) signIn() {
	b.t.Helper()
	jar, err := cookiejar.New(nil)
	must(b.t, err)
	b.client = &http.Client{Jar: jar, Timeout: ample}
	if code := regexp.MustCompile(`one-time code: (\S+)`).FindStringSubmatch(b.out.String()); code != nil {
		b.api("POST", "/api/first", map[string]string{"code": code[1], "password": adminPassword}, nil)
		return
	}
	b.api("POST", "/api/sign-in", map[string]string{"password": adminPassword}, nil)
}

// api asks the box's API and reads its answer.
func (b *box) api(method, path string, body, answer any) {
	b.t.Helper()
	octets, err := json.Marshal(body)
	must(b.t, err)
	request, err := http.NewRequest(method, "http://"+b.http+path, bytes.NewReader(octets))
	must(b.t, err)
	request.Header.Set("X-Trunkbox-Page", "1")
	response, err := b.client.Do(request)
	must(b.t, err)
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	must(b.t, err)
	if response.StatusCode/100 != 2 {
		b.t.Fatalf("%s %s: %s: %s", method, path, response.Status, said)
	}
	if answer != nil {
		if err := json.Unmarshal(said, answer); err != nil {
			b.t.Fatalf("%s %s: %v in %s", method, path, err, said)
		}
	}
}

// now is the part of the snapshot that the tests look at.
type now struct {
	Lines []struct {
		Name, Lamp, Link string
		Alarms           []string
		LinkSince        time.Time `json:"link_since"`
		Channels         []struct {
			Timeslot int
			State    string
			Since    time.Time
		}
	}
	Calls []struct {
		ID, Direction, State, Where, Caller string
	}
	Agents []struct {
		Extension, State, Phone string
	}
	Queues []struct {
		Name                         string
		Waiting                      []struct{ Call, Reason string }
		Offered, Answered, Abandoned int
	}
	Notices []struct{ ID, EN string }
}

func (b *box) now() now {
	b.t.Helper()
	var n now
	b.api("GET", "/api/now", nil, &n)
	return n
}

// waitAgent waits until the agent is in a state.
func (b *box) waitAgent(extension, state string) {
	b.t.Helper()
	wait(b.t, "agent "+extension+" is "+state, func() bool {
		for _, a := range b.now().Agents {
			if a.Extension == extension {
				return a.State == state
			}
		}
		return false
	})
}

// event is an event of the journal as the box's disk has it.
type event struct {
	Call string            `json:"call"`
	Kind string            `json:"kind"`
	F    map[string]string `json:"f"`
}

// phone registers a telephone for an extension.
func (b *box) phone(extension string) *phone.Phone {
	b.t.Helper()
	i := slices.IndexFunc(b.settings.Agents, func(a config.Agent) bool { return a.Extension == extension })
	p, err := phone.New(phone.Options{Server: b.settings.Phones.UDP, User: extension, Password: b.settings.Agents[i].Password})
	must(b.t, err)
	b.t.Cleanup(func() { _ = p.Close() })
	must(b.t, p.Register(soon(b.t)))
	return p
}

// call places a call from the far end and waits for the answer of the menu.
func (b *box) call(caller string) *farend.Call {
	b.t.Helper()
	c, err := b.far.Call(soon(b.t), "5551000", caller)
	must(b.t, err)
	must(b.t, c.WaitAnswer(soon(b.t)))
	return c
}

// ample is a time within which anything that works has happened, on a busy machine too: beside 44 programs that never
// rest the first password alone, with a hash that is slow on purpose and a write to the disk, has taken more than 10 s.
const ample = 30 * time.Second

// soon is ample as a context.
func soon(t testing.TB) context.Context {
	ctx, stop := context.WithTimeout(context.Background(), ample)
	t.Cleanup(stop)
	return ctx
}

// wait polls until a condition holds: often at first, then less and less, as every look costs the box and the test time.
func wait(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(ample)
	defer deadline.Stop()
	for pause := 10 * time.Millisecond; !holds(); pause = min(pause*5/4, 100*time.Millisecond) {
		select {
		case <-deadline.C:
			t.Fatalf("waited %v in vain until %s", ample, what)
		case <-time.After(pause):
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// journal reads the events of the box's disk, in order.
func (b *box) journal() []event {
	b.t.Helper()
	files, err := filepath.Glob(b.path("data/journal/*"))
	must(b.t, err)
	slices.Sort(files)
	var events []event
	for _, name := range files {
		file, err := os.Open(name)
		must(b.t, err)
		lines := bufio.NewScanner(file)
		for lines.Scan() {
			line := lines.Text()
			var e event
			if at := strings.IndexByte(line, '{'); at >= 0 && json.Unmarshal([]byte(line[at:]), &e) == nil {
				events = append(events, e)
			}
		}
		file.Close()
	}
	return events
}

// story waits until the journal has the end of the call in which field name has value, and returns the
// events of that call.
func (b *box) story(name, value string) story {
	b.t.Helper()
	var told story
	wait(b.t, "a call with "+name+" "+value+" has ended", func() bool {
		told = nil
		var id string
		for _, e := range b.journal() {
			if id == "" && e.Call != "" && e.F[name] == value {
				id = e.Call
			}
			if id != "" && e.Call == id {
				told = append(told, e)
			}
		}
		return slices.ContainsFunc(told, func(e event) bool { return e.Kind == "call_ended" })
	})
	return told
}

// story is what happened in one call.
type story []event

// has wants an event of a kind with fields in the story, written "kind field=value field=value".
func (s story) has(t testing.TB, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		words := strings.Fields(want)
		found := slices.ContainsFunc(s, func(e event) bool {
			if e.Kind != words[0] {
				return false
			}
			for _, word := range words[1:] {
				name, value, _ := strings.Cut(word, "=")
				if e.F[name] != value {
					return false
				}
			}
			return true
		})
		if !found {
			t.Errorf("the journal does not say %q; it says:\n%s", want, s)
		}
	}
}

func (s story) String() string {
	var lines strings.Builder
	for _, e := range s {
		fmt.Fprintf(&lines, "  %s %v\n", e.Kind, e.F)
	}
	return lines.String()
}
