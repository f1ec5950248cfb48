package e2e

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestSupportPort works at the box's serial port as the support does, while calls go on.
func TestSupportPort(t *testing.T) {
	t.Parallel()
	cable, path := pseudoTerminal(t)
	b := open(t, nil, "-serial", path)
	screen := watch(t, cable)
	screen.expect("New password (10 characters or more): ") // it was set on the page meanwhile
	screen.key("\r")
	screen.expect("Administrator's password: ")
	screen.key(adminPassword + "\r")
	if echo := screen.expect(prompt); strings.Contains(echo, "horse") {
		t.Errorf("the password is on the screen: %q", echo)
	}
	call := b.call("13800000121")
	id := b.now().Calls[0].ID
	screen.shows("lines", "line1  E1    virtual  user", "1 talking", "29 idle")
	screen.shows("calls", id, "13800000121", "5551000", "menu")
	call.Hangup(16)
	b.story("caller", "13800000121")
	screen.shows("calls", "There are none.")
	screen.shows("calls 5", id, "13800000121")
	screen.shows("call "+id, "Outcome: ")
	screen.shows("log 1000", "line1")

	screen.key("dump log --zmodem\r")
	received := screen.receive(t.TempDir())
	wait(t, "the log on the disk is what was received", func() bool { return bytes.HasPrefix(b.logOnDisk(), received) })
	if lines := bytes.Count(received, []byte("\n")); lines < 5 {
		t.Errorf("the log received has %d lines:\n%s", lines, received)
	}
	screen.shows("version", "Trunkbox")
	screen.key("exit\r")
	screen.expect("Logged out.")
	screen.expect("Administrator's password: ")
}

// logOnDisk is the box's log, oldest file first.
func (b *box) logOnDisk() []byte {
	names, err := filepath.Glob(b.path("data/log/*"))
	must(b.t, err)
	slices.Sort(names)
	var log []byte
	for _, name := range names {
		part, err := os.ReadFile(name)
		must(b.t, err)
		log = append(log, part...)
	}
	return log
}

// prompt is how the console asks for a command.
const prompt = "trunkbox> "

// pseudoTerminal is a serial cable: the support's end, and the path of the box's.
func pseudoTerminal(t testing.TB) (cable *os.File, path string) {
	t.Helper()
	number, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	must(t, err)
	cable = os.NewFile(uintptr(number), "/dev/ptmx")
	t.Cleanup(func() { _ = cable.Close() })
	pts, err := unix.IoctlGetInt(number, unix.TIOCGPTN)
	must(t, err)
	must(t, unix.IoctlSetPointerInt(number, unix.TIOCSPTLCK, 0))
	path = fmt.Sprintf("/dev/pts/%d", pts)
	// While somebody has the box's end open, the cable does not look pulled out.
	plugged, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	t.Cleanup(func() { _ = plugged.Close() })
	return cable, path
}

// screen is the support's terminal program.
type screen struct {
	t     testing.TB
	cable *os.File

	mu   sync.Mutex
	seen []byte    // and not yet expected
	file io.Writer // nil, or where what comes goes too: the program of a transfer
}

// watch shows what comes over the cable until that is closed.
func watch(t testing.TB, cable *os.File) *screen {
	s := &screen{t: t, cable: cable}
	go func() {
		chunk := make([]byte, 4096)
		for {
			n, err := cable.Read(chunk)
			if err != nil {
				return
			}
			s.mu.Lock()
			s.seen = append(s.seen, chunk[:n]...)
			if s.file != nil {
				_, _ = s.file.Write(chunk[:n]) // a receiver that has ended takes no more
			}
			s.mu.Unlock()
		}
	}()
	return s
}

func (s *screen) key(text string) {
	s.t.Helper()
	_, err := s.cable.WriteString(text)
	must(s.t, err)
}

// expect waits until text has come and returns all before it.
func (s *screen) expect(text string) (before string) {
	s.t.Helper()
	wait(s.t, fmt.Sprintf("the support port says %q", text), func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		first, rest, found := bytes.Cut(s.seen, []byte(text))
		if found {
			before, s.seen = string(first), bytes.Clone(rest)
		}
		return found
	})
	return before
}

// shows gives a command and wants its words in the answer.
func (s *screen) shows(command string, words ...string) {
	s.t.Helper()
	s.key(command + "\r")
	s.expect(command + "\r\n")
	answer := s.expect(prompt)
	for _, word := range words {
		if !strings.Contains(answer, word) {
			s.t.Errorf("%s: no %q in\n%s", command, word, answer)
		}
	}
}

// receive lets rz take the one file that the box sends, and returns its content.
func (s *screen) receive(dir string) []byte {
	s.t.Helper()
	program, err := exec.LookPath("rz")
	if err != nil {
		s.t.Fatal("rz is missing: apt-get install lrzsz")
	}
	rz := exec.Command(program, "--binary", "--quiet")
	rz.Dir, rz.Stdout = dir, struct{ io.Writer }{s.cable} // through a pipe: rz must not set up the cable
	in, err := rz.StdinPipe()
	must(s.t, err)
	must(s.t, rz.Start())
	defer time.AfterFunc(30*time.Second, func() { _ = rz.Process.Kill() }).Stop()
	s.mu.Lock()
	_, err = in.Write(s.seen)
	s.file = in
	s.mu.Unlock()
	must(s.t, err)
	ended := rz.Wait()
	s.mu.Lock()
	s.file = nil
	s.mu.Unlock()
	must(s.t, ended)
	s.expect("Sent.\r\n" + prompt)
	names, err := filepath.Glob(filepath.Join(dir, "trunkbox-log-*.txt"))
	must(s.t, err)
	if len(names) != 1 {
		s.t.Fatalf("rz received %q", names)
	}
	content, err := os.ReadFile(names[0])
	must(s.t, err)
	return content
}
