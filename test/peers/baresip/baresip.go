// Package baresip drives a real baresip, a telephone that other people wrote, as a test wants it: it
// registers, answers, dials, presses its keys, says a tone and records what it hears.
//
// In: commands on its control port and the tone of a WAV file. Out: what it has answered, and the WAV
// file it has recorded. It is an agent's telephone on the network: the end of both paths.
//
// SIP over UDP, TCP or TLS, G.711, G.722 and SRTP as baresip does them; its control port speaks netstrings of JSON.
// The program is Debian's package baresip, driven by its text interface alone.
//
// A Phone belongs to one test and ends with it. A missing program fails the test, it does not skip it.
package baresip

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"trunkbox/dsp"
	"trunkbox/test/child"
	"trunkbox/test/ports"
	"trunkbox/test/printed"
)

// program is where Debian puts baresip, modules where it puts its modules.
const (
	program = "/usr/bin/baresip"
	modules = "/usr/lib/baresip/modules"
)

// patience is how long the program may take for what is asked of it, on a busy machine too.
const patience = 15 * time.Second

// Account is whose telephone it is and what it says.
type Account struct {
	Extension, Password string
	Server              string  // host:port of the exchange
	Transport           string  // udp, tcp or tls
	SaysHz              float64 // the tone it says in each call, at -10 dBm0 for up to a minute
	Codecs              string  // in its order; empty: PCMA,PCMU
	Params              string  // put behind its address, such as answermode=auto
}

// WideBand are the codecs of a phone that has G.722 alone.
const WideBand = "G722/16000"

// Phone is one running telephone.
type Phone struct {
	t       testing.TB
	dir     string
	said    printed.Text
	conn    net.Conn
	process *os.Process
	answer  chan string
	exited  chan struct{}
	ending  error // valid when exited is closed
}

const configuration = `
poll_method          epoll
sip_listen           127.0.0.1:0
call_max_calls       4
audio_player         aubridge,none
audio_source         aufile,%[1]s/says.wav
audio_alert          aubridge,alert
ausrc_format         s16
auplay_format        s16
auenc_format         s16
audec_format         s16
rtp_ports            10000-19998
jitter_buffer_delay  2-10
module_path          %[2]s
module               g711.so
module               g722.so
module               srtp.so
module               aufile.so
module               aubridge.so
module               sndfile.so
module_tmp           account.so
module_app           menu.so
module_app           ctrl_tcp.so
snd_path             %[1]s/heard
ctrl_tcp_listen      127.0.0.1:%[3]d
`

// Start switches a telephone on; it registers by itself.
func Start(t testing.TB, a Account) *Phone {
	t.Helper()
	if _, err := os.Stat(program); err != nil {
		t.Fatalf("%s is missing: apt-get install baresip (%v)", program, err)
	}
	p := &Phone{t: t, dir: t.TempDir(), answer: make(chan string, 100), exited: make(chan struct{})}
	control := ports.Free(t)
	codecs, rate := cmp.Or(a.Codecs, "PCMA,PCMU"), dsp.SampleRate
	if codecs == WideBand {
		rate = 2 * dsp.SampleRate
	}
	account := fmt.Sprintf("<sip:%s@%s;transport=%s>;auth_user=%s;auth_pass=%s;regint=120;audio_codecs=%s;%s\n",
		a.Extension, a.Server, a.Transport, a.Extension, a.Password, codecs, a.Params)
	if err := os.Mkdir(filepath.Join(p.dir, "heard"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, octets := range map[string][]byte{
		"config": fmt.Appendf(nil, configuration, p.dir, modules, control), "accounts": []byte(account), "contacts": nil,
		"says.wav": toneWAV(a.SaysHz, time.Minute, rate),
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), octets, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "-4", "-s", "-f", p.dir)
	cmd.Stdout, cmd.Stderr = &p.said, &p.said
	if err := child.Start(cmd); err != nil {
		t.Fatal(err)
	}
	p.process = cmd.Process
	go func() {
		p.ending = cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("baresip %s said:\n%s", a.Extension, p.said.End(16<<10))
		}
	})
	p.await("baresip's control port", func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", control))
		p.conn = conn
		return err == nil
	})
	t.Cleanup(func() { _ = p.conn.Close() })
	go p.read()
	return p
}

// read takes what baresip says on its control port:
//
//	length in decimal digits | ":" | JSON | ","
func (p *Phone) read() {
	r := bufio.NewReader(p.conn)
	for {
		var n int
		if _, err := fmt.Fscanf(r, "%d:", &n); err != nil {
			return
		}
		text := make([]byte, n+1)
		if _, err := io.ReadFull(r, text); err != nil {
			return
		}
		if bytes.Contains(text, []byte(`"response":true`)) {
			p.answer <- string(text[:n])
		}
	}
}

// Do gives a command as at the phone's keyboard and waits until the phone has taken it.
func (p *Phone) Do(command, params string) {
	p.t.Helper()
	text, err := json.Marshal(map[string]string{"command": command, "params": params})
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(p.conn, "%d:%s,", len(text), text); err != nil {
		p.t.Fatal(err)
	}
	select {
	case a := <-p.answer:
		if !strings.Contains(a, `"ok":true`) {
			p.t.Fatalf("baresip refuses %s %s: %s", command, params, a)
		}
	case <-p.exited:
		p.t.Fatalf("baresip ended by itself at %s: %v", command, p.ending)
	case <-time.After(patience):
		p.t.Fatalf("baresip does not answer %s", command)
	}
}

// SwitchOff ends the program politely: it takes its registration back.
func (p *Phone) SwitchOff() {
	p.t.Helper()
	if err := p.process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
}

// Kill ends the program without a word, as when its plug is pulled, and waits for the end.
func (p *Phone) Kill() {
	_ = p.process.Kill() // fails only when it has ended
	<-p.exited
}

// await waits for what the program brings about.
func (p *Phone) await(what string, holds func() bool) {
	p.t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(patience)
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline:
			p.t.Fatalf("waited %v for: %s", patience, what)
		}
	}
}

// Says waits until the program has printed the words.
func (p *Phone) Says(words string) {
	p.t.Helper()
	p.await("baresip to say "+words, func() bool { return strings.Contains(p.said.String(), words) })
}
