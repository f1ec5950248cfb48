//go:build vm

package vm

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"trunkbox/test/child"
)

// bootLimit is how long the machine may take to come up; it takes 5 to 10 s on a quiet host.
const bootLimit = 1 * time.Minute

// guest is a running machine.
type guest struct {
	console *transcript
	shell   net.Conn // a shell on a port of its own
	answers *bufio.Reader
	asked   int // commands so far
}

// transcript keeps what a serial port has said.
type transcript struct {
	mu    sync.Mutex
	text  strings.Builder
	grown chan struct{} // one token: there is more
}

// copyFrom reads until the port closes.
func (tr *transcript) copyFrom(r io.Reader) {
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		tr.mu.Lock()
		tr.text.Write(buf[:n])
		tr.mu.Unlock()
		select {
		case tr.grown <- struct{}{}:
		default:
		}
		if err != nil {
			return
		}
	}
}

func (tr *transcript) String() string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.text.String()
}

// await waits until the port has said something of a form, and returns its first group.
func (tr *transcript) await(t *testing.T, form *regexp.Regexp, limit time.Duration) string {
	t.Helper()
	late := time.After(limit)
	for {
		if found := form.FindStringSubmatch(tr.String()); found != nil {
			return found[len(found)-1]
		}
		select {
		case <-tr.grown:
		case <-late:
			t.Fatalf("the console has not said %q in %v", form, limit)
		}
	}
}

// boot starts the machine and waits until its start scripts have run. The arguments are further
// words of the kernel's command line and further options of the emulator. The machine ends with the
// test; its console is shown when the test has failed.
func boot(t *testing.T, im *image, words string, options ...string) *guest {
	t.Helper()
	shell, err := net.Listen("unix", filepath.Join(t.TempDir(), "shell"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = shell.Close() }()
	args := append([]string{
		"-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "512", "-display", "none", "-monitor", "none", "-no-reboot",
		"-kernel", im.kernel, "-initrd", im.initrd,
		"-append", strings.TrimSpace("console=ttyS0 quiet panic=1 mitigations=off tsc=reliable " + words),
		"-serial", "stdio", "-serial", "null", // the console and the port of the support console
		"-chardev", "socket,id=shell,path=" + shell.Addr().String(),
		"-device", "virtio-serial-pci", "-device", "virtserialport,chardev=shell",
	}, options...)
	cmd := exec.Command(im.find(t, "qemu-system-x86_64"), args...)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	g := &guest{console: &transcript{grown: make(chan struct{}, 1)}}
	began := time.Now()
	if err := child.Start(cmd); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() { g.console.copyFrom(stdout); close(read) }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-read
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the machine's console:\n%s\n%s", g.console, complaints.String())
		}
	})
	own := g.console.await(t, regexp.MustCompile(`test: up after (\S+) s`), bootLimit)
	t.Logf("up in %.1f s (%s s by its own clock)", time.Since(began).Seconds(), own)
	if g.shell, err = shell.Accept(); err != nil { // the emulator connects before it starts the machine
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.shell.Close() })
	g.answers = bufio.NewReader(g.shell)
	if err := g.shell.SetDeadline(time.Now().Add(bootLimit)); err != nil {
		t.Fatal(err)
	}
	if line, err := g.answers.ReadString('\n'); err != nil || line != "shell: ready\n" {
		t.Fatalf("the guest's shell says %q, %v", line, err)
	}
	return g
}

// run has the guest's shell do a command and returns its exit code and what it printed, line by line
// to each as it comes.
func (g *guest) run(t *testing.T, limit time.Duration, each func(line string), command string) (code int, out string) {
	t.Helper()
	g.asked++
	mark := fmt.Sprintf("@@%d ", g.asked)
	if err := g.shell.SetDeadline(time.Now().Add(limit)); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(g.shell, "{ %s\n} </dev/null 2>&1; echo \"%s$?\"\n", command, mark); err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	var text strings.Builder
	for {
		line, err := g.answers.ReadString('\n')
		if err != nil {
			t.Fatalf("%s: %v (limit %v); it has said\n%s%s", command, err, limit, tail(text.String()), line)
		}
		line = strings.TrimRight(line, "\r\n")
		if before, number, found := strings.Cut(line, mark); found {
			text.WriteString(before)
			code, err := strconv.Atoi(number)
			if err != nil {
				t.Fatalf("%s: exit code: %v", command, err)
			}
			return code, text.String()
		}
		text.WriteString(line + "\n")
		if each != nil {
			each(line)
		}
	}
}

// must runs a command that has to succeed.
func (g *guest) must(t *testing.T, limit time.Duration, command string) string {
	t.Helper()
	code, out := g.run(t, limit, nil, command)
	if code != 0 {
		t.Fatalf("%s: exit code %d\n%s", command, code, out)
	}
	return out
}

// tail returns the last lines of a long text.
func tail(text string) string {
	lines := strings.SplitAfter(text, "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "")
}
