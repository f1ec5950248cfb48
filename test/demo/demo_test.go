package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"trunkbox/dsp"
	"trunkbox/test/farend/phone"
)

// hurried is a pace for tests.
var hurried = pace{
	calls:    between{1500 * time.Millisecond, 3 * time.Second},
	think:    between{300 * time.Millisecond, 500 * time.Millisecond},
	patience: between{20 * time.Second, 40 * time.Second},
	hasty:    between{500 * time.Millisecond, time.Second},
	pickUp:   between{200 * time.Millisecond, 400 * time.Millisecond},
	talk:     between{time.Second, 2 * time.Second},
	pause:    between{time.Second, 2 * time.Second},
	keySent:  5 * time.Second,
}

// screen is what the demo prints, to be waited for.
type screen struct {
	mu    sync.Mutex
	text  bytes.Buffer
	wrote chan struct{}
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(p)
	close(s.wrote)
	s.wrote = make(chan struct{})
	return len(p), nil
}

// await waits until the text matches and returns the groups.
func (s *screen) await(t *testing.T, pattern string) []string {
	t.Helper()
	wanted := regexp.MustCompile(pattern)
	late := time.After(90 * time.Second)
	for {
		s.mu.Lock()
		found, wrote, text := wanted.FindStringSubmatch(s.text.String()), s.wrote, s.text.String()
		s.mu.Unlock()
		if found != nil {
			return found
		}
		select {
		case <-wrote:
		case <-late:
			t.Fatalf("%q has not come; the screen says:\n%s", pattern, text)
		}
	}
}

// start runs the demo as `make run` does, hurried; end presses Ctrl-C and waits.
func start(t *testing.T, appliance, data string) (s *screen, keyboard io.Writer, end func()) {
	t.Helper()
	keyboardIn, keyboard := io.Pipe()
	s = &screen{wrote: make(chan struct{})}
	d := &demo{appliance: appliance, data: data, http: "127.0.0.1:18080", https: "127.0.0.1:18443", lang: "en", in: keyboardIn, out: s, pace: hurried}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.run(ctx) }()
	end = sync.OnceFunc(func() {
		cancel()
		keyboardIn.Close()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(40 * time.Second):
			t.Error("the demo has not ended in 40 s")
		}
	})
	t.Cleanup(end)
	t.Cleanup(func() {
		if t.Failed() {
			s.mu.Lock()
			defer s.mu.Unlock()
			t.Logf("the screen says:\n%s", s.text.String())
		}
	})
	return s, keyboard, end
}

func buildAppliance(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "appliance")
	command := exec.Command("go", "build", "-o", path, "trunkbox/cmd/appliance")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

const softphone = `port (\d+) \(UDP\).*extension (\d+).*password (\w+)`

// The demonstration lives, ends in order, and lives again with what it had.
func TestTwoLives(t *testing.T) {
	appliance, data := buildAppliance(t), filepath.Join(t.TempDir(), "data")
	s, keyboard, end := start(t, appliance, data)
	account := s.await(t, softphone)
	s.await(t, `calls 075588001000`)
	s.await(t, `800\d .* answers `)
	s.await(t, `ended, cause 16`)
	newcomer(t, s, keyboard, account)
	end()
	s.await(t, `ending …`)
	kept, err := os.ReadFile(filepath.Join(data, "first-settings.json"))
	if err != nil || !strings.Contains(string(kept), account[3]) {
		t.Fatalf("the first settings do not have the password that was shown: %v", err)
	}

	s, _, end = start(t, appliance, data)
	if again := s.await(t, softphone); again[3] != account[3] || again[2] != account[2] {
		t.Errorf("the second life shows %v, the first one %v", again[1:], account[1:])
	}
	s.await(t, `800\d .* answers `)
	end()
}

// newcomer is a softphone with what was printed: it registers, takes a call placed by hand, hears the
// caller, holds, and hands the caller over to a queue.
func newcomer(t *testing.T, s *screen, keyboard io.Writer, account []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	p, err := phone.New(phone.Options{Server: "127.0.0.1:" + account[1], User: account[2], Password: account[3], Law: dsp.ALaw})
	must(err)
	defer p.Close()
	must(p.Register(ctx))
	_, err = io.WriteString(keyboard, "call "+account[2]+"\n")
	must(err)
	c, err := p.WaitCall(ctx)
	must(err)
	must(c.Answer(ctx))
	ear := c.Sound()
	must(ear.Wait(ctx, func() bool { return ear.Level() > -40 }))
	must(c.Hold(ctx))
	must(c.Resume(ctx))
	must(ear.Wait(ctx, func() bool { return ear.Level() > -40 }))
	caller := c.Number()
	must(c.Transfer(ctx, "6501")) // the second queue
	s.await(t, `800\d .* answers `+regexp.QuoteMeta(caller))
}

func TestPasswordsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		p := password()
		if len(p) != 14 || strings.ContainsAny(p, "il1o0") || seen[p] {
			t.Fatalf("password %q", p)
		}
		seen[p] = true
	}
}

func TestVoiceIsHeard(t *testing.T) {
	a, b := speak(1), speak(2)
	if bytes.Equal(a, b) {
		t.Error("two speakers say the same")
	}
	samples := make([]int16, len(a))
	dsp.ALaw.Expand(samples, a)
	if level := dsp.Level(samples); level < -35 || level > -12 {
		t.Errorf("speech has %.1f dBm0, want what people have", level)
	}
}
