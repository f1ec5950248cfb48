package libpri

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// trace is the frames of a D channel, to be judged by Wireshark's dissectors.
type trace struct {
	mu      sync.Mutex
	network bool // we are the network
	octets  []byte
	ours    []bool // which frames are ours
	sent    int    // frames of ours
	calls   int    // of them, those with a message of layer 3
}

// A capture file of link type 177, LINUX_LAPD: each frame without FCS behind a pseudo header of 16 octets in network order.
//
//	+----------+----------+----------+------------------+-----------------+
//	| pkttype 2| hatype 2 | halen 2  | address 8: first | protocol 2      |
//	| 4: sent  |          |          | octet 1: network | 0x0030, LAPD    |
//	+----------+----------+----------+------------------+-----------------+
const (
	linkType   = 177
	fileHeader = 24
	pseudo     = 16
	sentByUs   = 4
	lapdOctets = 0x0030
)

func newTrace(side string) *trace {
	t := &trace{network: side == "network"}
	for _, word := range []uint32{0xa1b2c3d4, 4<<16 | 2, 0, 0, 65535, linkType} {
		t.octets = binary.LittleEndian.AppendUint32(t.octets, word)
	}
	return t
}

func (t *trace) add(frame []byte, ours bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	for _, word := range []uint32{uint32(now.Unix()), uint32(now.Nanosecond() / 1000), uint32(pseudo + len(frame)), uint32(pseudo + len(frame))} {
		t.octets = binary.LittleEndian.AppendUint32(t.octets, word)
	}
	var header [pseudo]byte
	t.ours = append(t.ours, ours)
	if ours {
		header[1] = sentByUs
		t.sent++
		if len(frame) > 4 && frame[2]&1 == 0 {
			t.calls++
		}
	}
	if ours == t.network {
		header[6] = 1
	}
	binary.BigEndian.PutUint16(header[14:], lapdOctets)
	t.octets = append(append(t.octets, header[:]...), frame...)
}

// judges see many traces at once, as starting tshark costs more than reading a trace.
type judges struct {
	mu     sync.Mutex
	names  []string
	traces []*trace
}

func (j *judges) add(name string, t *trace) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.names, j.traces = append(j.names, name), append(j.traces, t)
}

// judge judges them one behind the other.
func (j *judges) judge(test *testing.T) {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := newTrace("user")
	for i, t := range j.traces {
		t.mu.Lock()
		test.Logf("%s: frames %d to %d", j.names[i], len(all.ours)+1, len(all.ours)+len(t.ours))
		all.octets, all.ours = append(all.octets, t.octets[fileHeader:]...), append(all.ours, t.ours...)
		all.sent, all.calls = all.sent+t.sent, all.calls+t.calls
		t.mu.Unlock()
	}
	all.judge(test)
}

// judge has tshark decode the trace: every frame of ours must be LAPD, every I frame of ours Q.931, and nothing in them
// malformed or worth a warning.
func (t *trace) judge(test *testing.T) {
	t.mu.Lock()
	defer t.mu.Unlock()
	file := filepath.Join(test.TempDir(), "d.pcap")
	if err := os.WriteFile(file, t.octets, 0o600); err != nil {
		test.Error(err)
		return
	}
	rows := tshark(test, file)
	if len(rows) != len(t.ours) {
		test.Errorf("tshark saw %d frames, there were %d", len(rows), len(t.ours))
		return
	}
	sent, calls := 0, 0
	for i, row := range rows {
		protocols, wrong, _ := strings.Cut(row, "\t")
		if !t.ours[i] {
			continue
		}
		if strings.Contains(protocols, "lapd") {
			sent++
		}
		if strings.Contains(protocols, "q931") {
			calls++
		}
		if strings.Contains(protocols, "malformed") || wrong != "" {
			test.Errorf("frame %d (%s): %s", i+1, protocols, wrong)
		}
	}
	if sent != t.sent || calls != t.calls {
		test.Errorf("tshark saw %d frames of ours with %d messages, we sent %d with %d", sent, calls, t.sent, t.calls)
	}
	test.Logf("tshark found nothing wrong in %d frames of ours, %d of them messages", sent, calls)
}

// tshark returns a row a frame: protocols, tab, expert messages.
func tshark(test *testing.T, file string) []string {
	command := exec.Command("tshark", "-r", file, "-T", "fields", "-e", "frame.protocols", "-e", "_ws.expert.message")
	var complaint bytes.Buffer
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil {
		test.Errorf("tshark (apt-get install tshark): %v\n%s", err, complaint.String())
		return nil
	}
	return strings.Split(strings.TrimRight(string(output), "\n"), "\n")
}

// TestJudge: the judge sees a frame that is no good.
func TestJudge(t *testing.T) {
	file := filepath.Join(t.TempDir(), "d.pcap")
	for name, frame := range map[string][]byte{
		"message cut off": {0x00, 0x01, 0x00, 0x00, 0x08, 0x02, 0x00, 0x01, 0x05, 0x04, 0x03, 0x80},
		"cause cut off":   {0x00, 0x01, 0x00, 0x00, 0x08, 0x02, 0x00, 0x01, 0x45, 0x08, 0x02, 0x80},
	} {
		trace := newTrace("user")
		trace.add(frame, true)
		if err := os.WriteFile(file, trace.octets, 0o600); err != nil {
			t.Fatal(err)
		}
		rows := tshark(t, file)
		if len(rows) != 1 || !strings.Contains(rows[0], "malformed") && strings.HasSuffix(rows[0], "\t") {
			t.Errorf("%s: tshark finds nothing wrong: %q", name, rows)
		}
	}
}
