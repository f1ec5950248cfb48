package conformance

import (
	"bytes"
	"encoding/binary"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

// said keeps the frames that boxes have sent, each once.
type said struct {
	mu     sync.Mutex
	frames map[string]bool
}

func (s *said) keep(frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.frames == nil {
		s.frames = map[string]bool{}
	}
	s.frames[string(frame)] = true
}

// capture writes the frames as a pcap file of link type 203, LAPD:
//
//	file    magic a1b2c3d4, version 2.4, zone and accuracy 0, longest frame, link type; 32 bits each but for the version
//	frame   seconds, microseconds, length kept, length on the line; then the octets
func capture(frames []string) []byte {
	file := []byte{}
	for _, word := range []uint32{0xa1b2c3d4, 4<<16 | 2, 0, 0, 65535, 203} {
		file = binary.LittleEndian.AppendUint32(file, word)
	}
	for _, frame := range frames {
		for _, word := range []uint32{0, 0, uint32(len(frame)), uint32(len(frame))} {
			file = binary.LittleEndian.AppendUint32(file, word)
		}
		file = append(file, frame...)
	}
	return file
}

// invokes begins the components of a facility element of EN 300 196-1 that asks for an operation.
const invokes = "\x91\xa1"

// judge has tshark look at every frame: none may be malformed, none may have an error in it. But for the operations of
// EuroISDN: tshark takes their numbers for QSIG's (firmware/q932 has a test with tshark of its own).
func (s *said) judge(t *testing.T) {
	frames := slices.DeleteFunc(slices.Sorted(maps.Keys(s.frames)), func(frame string) bool { return strings.Contains(frame, invokes) })
	if len(frames) < 500 {
		t.Fatalf("only %d frames were said", len(frames))
	}
	tshark := func(filter string) string {
		run := exec.Command("tshark", "-n", "-r", "-", "-Y", filter, "-T", "fields", "-e", "frame.number", "-e", "_ws.col.Info", "-e", "_ws.expert.message")
		run.Stdin = bytes.NewReader(capture(frames))
		var complaint bytes.Buffer
		run.Stderr = &complaint
		out, err := run.Output()
		if err != nil {
			t.Fatalf("tshark (Debian package tshark): %v\n%s", err, complaint.String())
		}
		return string(out)
	}
	if read := strings.Count(tshark("lapd"), "\n"); read != len(frames) {
		t.Errorf("tshark reads %d of %d frames", read, len(frames))
	}
	// 0x800000: severity error
	if bad := tshark("_ws.malformed || _ws.expert.severity >= 0x800000"); bad != "" {
		t.Errorf("tshark finds fault:\n%s", bad)
	}
}
