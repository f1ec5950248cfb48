package sip

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
	"trunkbox/test/ports"
	"trunkbox/test/printed"
)

// sipp is one running SIPp.
type sipp struct {
	t      testing.TB
	output *printed.Text
	done   chan error
}

// bound tells whether any program has the UDP port.
func bound(port int) bool {
	table, err := os.ReadFile("/proc/net/udp")
	return err == nil && strings.Contains(string(table), fmt.Sprintf(":%04X ", port))
}

// runSIPp plays a scenario once against the box; port is the phone's, keys are pairs of name and value.
func runSIPp(t testing.TB, b *box, scenario string, port int, more ...string) *sipp {
	t.Helper()
	return runSIPpTo(t, b.Listening("UDP").String(), scenario, port, more...)
}

// runSIPpTo is runSIPp against an address.
func runSIPpTo(t testing.TB, address, scenario string, port int, more ...string) *sipp {
	t.Helper()
	path := program(t, "/usr/bin/sipp", "sip-tester")
	file := scenario
	if !filepath.IsAbs(file) {
		var err error
		if file, err = filepath.Abs(filepath.Join("scenarios", scenario)); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	media := ports.Row(t, 4)
	args := append([]string{
		address, "-sf", file, "-i", "127.0.0.1", "-p", strconv.Itoa(port), "-mi", "127.0.0.1", "-mp", strconv.Itoa(media),
		"-m", "1", "-l", "1", "-nostdin", "-timeout", "20s", "-timeout_error", "-trace_msg", "-message_file", filepath.Join(dir, "messages"),
		"-trace_err", "-error_file", filepath.Join(dir, "errors"),
	}, more...)
	s := &sipp{t: t, output: &printed.Text{}, done: make(chan error, 1)}
	cmd := exec.Command(path, args...)
	cmd.Dir = dir
	cmd.Stdout, cmd.Stderr = s.output, s.output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		s.done <- cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() {
			messages, _ := os.ReadFile(filepath.Join(dir, "messages"))
			errors, _ := os.ReadFile(filepath.Join(dir, "errors"))
			t.Logf("SIPp %s:\n%s\n%s", scenario, errors, tail(string(messages), 150))
		}
	})
	await(t, "SIPp's port", func() bool { return bound(port) || len(s.done) > 0 })
	return s
}

// succeeds waits for the end of the scenario.
func (s *sipp) succeeds() {
	s.t.Helper()
	if err := <-s.done; err != nil {
		s.t.Fatalf("SIPp: %v\n%s", err, tail(s.output.String(), 30))
	}
}

func keys(user, secret string, life int) []string {
	return []string{"-au", user, "-ap", secret, "-key", "user", user, "-key", "life", strconv.Itoa(life)}
}

func TestSIPpSignsOn(t *testing.T) {
	b := newBox(t, nil)
	port := ports.Row(t, 2)
	runSIPp(t, b, "register.xml", port, keys("203", password, 300)...).succeeds()
	r := b.registered("203")
	if r.Address != fmt.Sprintf("127.0.0.1:%d", port) || r.UserAgent != "SIPp" {
		t.Errorf("%+v", r)
	}
}

func TestSIPpAnswers(t *testing.T) {
	b := newBox(t, nil)
	port := ports.Row(t, 2)
	runSIPp(t, b, "register.xml", port, keys("203", password, 300)...).succeeds()
	b.registered("203")
	s := runSIPp(t, b, "answers.xml", port, "-rtp_echo")
	l := b.dial("203")
	event[call.Alerting](l)
	event[call.Sounding](l)
	event[call.Answered](l)
	l.talk(900)
	l.hears(900) // its own tone comes back: SIPp echoes
	l.Hangup(q850.NormalClearing)
	if c := event[call.Cleared](l); c.Remote || c.Cause != q850.NormalClearing {
		t.Errorf("%+v", c)
	}
	s.succeeds()
}

func TestSIPpIsRefreshed(t *testing.T) {
	b := newBox(t, func(s *config.Settings) { s.Phones.SessionS = 2; s.Phones.KeepAliveS = 3600 })
	port := ports.Row(t, 2)
	runSIPp(t, b, "register.xml", port, keys("203", password, 300)...).succeeds()
	b.registered("203")
	s := runSIPp(t, b, "refreshed.xml", port)
	l := b.dial("203")
	event[call.Answered](l)
	if c := event[call.Cleared](l); !c.Remote || c.Cause != q850.NormalUnspecified { // as the scenario ends
		t.Errorf("%+v", c)
	}
	s.succeeds()
}

func TestSIPpCallsWithATimer(t *testing.T) {
	b := newBox(t, nil)
	s := runSIPp(t, b, "calls.xml", ports.Row(t, 2), keys("203", password, 300)...)
	l := b.next()
	if l.in.Called != "9001" || l.in.Phone != "203" {
		t.Errorf("%+v", l.in)
	}
	l.Alert()
	l.Answer()
	event[call.Sounding](l)
	if c := event[call.Cleared](l); !c.Remote || c.Cause != q850.UserBusy {
		t.Errorf("%+v", c)
	}
	s.succeeds()
}

func TestSIPpWithAWrongPassword(t *testing.T) {
	b := newBox(t, nil)
	s := runSIPp(t, b, "register.xml", ports.Row(t, 2), keys("203", "guessed", 300)...)
	if err := <-s.done; err == nil {
		t.Error("SIPp got in with a wrong password")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.refused) != 1 || b.refused[0] != "sip 203" || len(b.Registrations()) != 0 {
		t.Errorf("refused %q, %d registrations", b.refused, len(b.Registrations()))
	}
}
