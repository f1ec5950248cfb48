package sip

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"trunkbox/dsp"
	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
)

// baresip is one running telephone.
type baresip struct {
	t       testing.TB
	dir     string
	output  *lockedBuffer
	conn    net.Conn
	process *os.Process
	answer  chan string
	exited  chan struct{}
}

const baresipConfig = `
poll_method          epoll
sip_listen           127.0.0.1:%[1]d
call_max_calls       4
audio_player         aubridge,none
audio_source         aufile,%[2]s/says.wav
audio_alert          aubridge,alert
ausrc_format         s16
auplay_format        s16
auenc_format         s16
audec_format         s16
rtp_ports            %[3]d-%[4]d
jitter_buffer_delay  2-10
module_path          /usr/lib/baresip/modules
module               g711.so
module               aufile.so
module               aubridge.so
module               sndfile.so
module_tmp           account.so
module_app           menu.so
module_app           ctrl_tcp.so
snd_path             %[2]s/heard
ctrl_tcp_listen      127.0.0.1:%[5]d
`

// newBaresip starts a phone for an extension that says a tone; params go behind the address of its account.
func newBaresip(t testing.TB, b *box, extension, secret, transport string, saysHz float64, params string) *baresip {
	t.Helper()
	path := program(t, "/usr/bin/baresip", "baresip")
	p := &baresip{t: t, dir: t.TempDir(), output: &lockedBuffer{}, answer: make(chan string, 100), exited: make(chan struct{})}
	if err := os.Mkdir(filepath.Join(p.dir, "heard"), 0o700); err != nil {
		t.Fatal(err)
	}
	writeWAV(t, filepath.Join(p.dir, "says.wav"), saysHz, 60*time.Second)
	port := freePorts(t, 20)
	control := freeTCP(t)
	at := b.Listening(strings.ToUpper(transport))
	account := fmt.Sprintf("<sip:%s@%s;transport=%s>;auth_user=%s;auth_pass=%s;regint=120;audio_codecs=PCMA,PCMU;%s\n", extension, at, transport, extension, secret, params)
	for name, text := range map[string]string{
		"config": fmt.Sprintf(baresipConfig, port, p.dir, port+2, port+18, control), "accounts": account, "contacts": "",
	} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(path, "-4", "-s", "-f", p.dir)
	cmd.Stdout, cmd.Stderr = p.output, p.output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.process = cmd.Process
	go func() {
		_ = cmd.Wait()
		close(p.exited)
	}()
	t.Cleanup(func() {
		_ = p.process.Kill()
		<-p.exited
		if t.Failed() {
			t.Logf("baresip %s said:\n%s", extension, tail(p.output.String(), 120))
		}
	})
	await(t, "baresip's control port", func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", control))
		p.conn = conn
		return err == nil
	})
	t.Cleanup(func() { _ = p.conn.Close() })
	go p.read()
	return p
}

// read takes what baresip says on its control port: netstrings of JSON.
func (p *baresip) read() {
	r := bufio.NewReader(p.conn)
	for {
		var n int
		if _, err := fmt.Fscanf(r, "%d:", &n); err != nil {
			return
		}
		text := make([]byte, n+1)
		for got := 0; got < len(text); {
			m, err := r.Read(text[got:])
			if err != nil {
				return
			}
			got += m
		}
		if strings.Contains(string(text), `"response":true`) {
			p.answer <- string(text[:n])
		}
	}
}

// do gives a command as at the phone's keyboard.
func (p *baresip) do(command, params string) {
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
	case <-time.After(10 * time.Second):
		p.t.Fatalf("baresip does not answer %s", command)
	}
}

// heard is what the phone recorded of the box, samples.
func (p *baresip) heard() []int16 {
	p.t.Helper()
	files, err := filepath.Glob(filepath.Join(p.dir, "heard", "*dec.wav"))
	if err != nil || len(files) == 0 {
		return nil
	}
	octets, err := os.ReadFile(files[len(files)-1])
	if err != nil || len(octets) < 44 {
		return nil
	}
	pcm := make([]int16, (len(octets)-44)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(octets[44+2*i:]))
	}
	return pcm
}

// recorded waits until a 400 ms piece of the phone's recording holds the tone.
func (p *baresip) recorded(hz float64) {
	p.t.Helper()
	best := -99.0
	await(p.t, fmt.Sprintf("the phone's recording to hold %.0f Hz", hz), func() bool {
		pcm := p.heard()
		for len(pcm) >= 3200 {
			best = max(best, dsp.Goertzel(pcm[:3200], hz))
			pcm = pcm[3200:]
		}
		return best > -12
	})
}

// writeWAV writes a mono 8 kHz file with a tone of -10 dBm0.
func writeWAV(t testing.TB, path string, hz float64, length time.Duration) {
	t.Helper()
	pcm := make([]int16, dsp.Samples(length))
	dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{{Sines: []dsp.Sine{{Hz: hz, DBm0: -10}}}}}).Fill(pcm)
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data\x00\x00\x00\x00")
	for _, v := range pcm {
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	binary.LittleEndian.PutUint32(b[40:], uint32(len(b)-44))
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func freeTCP(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

// The box rings baresip on each transport, both hear each other's tone, the phone hangs up and signs off.
func TestBaresipIsCalled(t *testing.T) {
	for _, transport := range []string{"udp", "tcp", "tls"} {
		t.Run(transport, func(t *testing.T) {
			b := newBox(t, nil)
			p := newBaresip(t, b, "201", password, transport, 700, "answermode=auto")
			r := b.registered("201")
			if !strings.EqualFold(r.Transport, transport) || !strings.Contains(r.UserAgent, "baresip") || !r.Reachable {
				t.Errorf("%+v", r)
			}
			l := b.dial("201")
			event[call.Sounding](l)
			event[call.Answered](l)
			l.talk(1300)
			l.hears(700)
			if level := l.level(1300); level > -40 {
				t.Errorf("the box hears its own tone with %.1f dBm0", level)
			}
			p.recorded(1300)
			p.do("hangup", "")
			if c := event[call.Cleared](l); !c.Remote || c.Cause != q850.NormalClearing {
				t.Errorf("%+v", c)
			}
			if err := p.process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			await(t, "the phone to sign off", func() bool { return len(b.Registrations()) == 0 })
		})
	}
}

// baresip calls, puts on hold, resumes, sends keys, transfers, and the box ends the call.
func TestBaresipCalls(t *testing.T) {
	b := newBox(t, nil)
	p := newBaresip(t, b, "202", password, "udp", 600, "answermode=manual")
	b.registered("202")
	p.do("dial", "sip:9001@"+b.Listening("UDP").String())
	l := b.next()
	if l.in.Called != "9001" || l.in.Phone != "202" {
		t.Errorf("%+v", l.in)
	}
	l.Alert()
	l.Progress()
	event[call.Sounding](l)
	l.talk(1500)
	p.recorded(1500) // early sound: ring-back and announcements are heard before answer
	l.Answer()
	l.hears(600)
	for _, key := range "15#" {
		p.do("sndcode", string(key))
		if e := event[call.Digit](l); rune(e.Key) != key {
			t.Errorf("key %c, want %c", e.Key, key)
		}
		p.do("sndcode", "\x00")
	}
	p.do("hold", "")
	event[call.Held](l)
	l.quiet(600)
	p.do("resume", "")
	event[call.Resumed](l)
	l.hears(600)
	p.do("transfer", "203")
	if e := event[call.Transfer](l); e.Target != "203" {
		t.Errorf("%+v", e)
	}
	l.Hangup(q850.NormalClearing)
	if c := event[call.Cleared](l); c.Remote || c.Cause != q850.NormalClearing {
		t.Errorf("%+v", c)
	}
}

func TestBaresipWithAWrongPassword(t *testing.T) {
	b := newBox(t, nil)
	newBaresip(t, b, "201", "guessed", "udp", 700, "answermode=auto")
	await(t, "the refusal to be told", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.refused) > 0 && b.refused[0] == "sip 201"
	})
	if all := b.Registrations(); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

// A phone whose program is killed is found out, and a call to it says why it fails.
func TestBaresipIsSwitchedOff(t *testing.T) {
	b := newBox(t, nil)
	p := newBaresip(t, b, "201", password, "udp", 700, "answermode=auto")
	b.registered("201")
	if err := p.process.Kill(); err != nil { // it cannot sign off: its registration stays
		t.Fatal(err)
	}
	<-p.exited
	l := b.dial("201")
	c := event[call.Cleared](l)
	if c.Cause != q850.SubscriberAbsent || c.Remote || !strings.Contains(c.Detail, "ICMP") {
		t.Errorf("%+v", c)
	}
	await(t, "the phone to be down", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.phones) > 1 && strings.HasPrefix(b.phones[1], "down 201")
	})
}
