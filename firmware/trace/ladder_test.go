package trace

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"trunkbox/firmware/lapd"
	"trunkbox/firmware/q931"
)

var golden = flag.Bool("golden", false, "rewrite the golden files")

// talk is both sides of a D channel, us as the user.
type talk struct {
	line *Line
	ns   [2]lapd.Sequence // of the network, of ours
}

// send puts a frame on the line; of an I frame the numbers are counted.
func (k *talk) send(us bool, f lapd.Frame) {
	side, i := lapd.Network, 0
	if us {
		side, i = lapd.User, 1
	}
	f.NR = k.ns[1-i]
	if f.Kind == lapd.I {
		f.NS, f.Command = k.ns[i], true
		k.ns[i]++
	}
	k.line.Add(us, false, f.AppendTo(nil, side))
}

func (k *talk) message(us bool, ref q931.Ref, m q931.Message) {
	m.Ref = ref
	k.send(us, lapd.Frame{Kind: lapd.I, Info: m.AppendTo(nil)})
	k.send(!us, lapd.Frame{Kind: lapd.RR})
}

// number is a public number.
func number164(digits string) q931.Number {
	return q931.Number{Given: true, Plan: q931.PlanE164, Digits: []byte(digits)}
}

// wholeCalls is a link set up, a call of the far side's, one of ours, and what nobody should send.
func wholeCalls(l *Line) {
	k := &talk{line: l}
	k.send(false, lapd.Frame{Kind: lapd.SABME, Command: true, PF: true})
	k.send(true, lapd.Frame{Kind: lapd.UA, PF: true})
	theirs, answer := q931.Ref{Value: 5, Length: 2}, q931.Ref{Value: 5, Length: 2, Flag: true}
	k.message(false, theirs, q931.Message{
		Type: q931.MsgSetup, Bearer: q931.SpeechALaw, Channel: q931.B(7, true),
		Calling: number164("13800138000"), Called: number164("5551000"), SendingComplete: true,
	})
	k.message(true, answer, q931.Message{Type: q931.MsgCallProceeding, Channel: q931.B(7, true)})
	k.message(true, answer, q931.Message{Type: q931.MsgAlerting, Progress: [2]q931.Progress{{Description: q931.InBand}}})
	k.message(true, answer, q931.Message{Type: q931.MsgConnect})
	k.message(false, theirs, q931.Message{Type: q931.MsgConnectAck})
	k.send(false, lapd.Frame{Kind: lapd.RR, Command: true, PF: true})
	k.send(true, lapd.Frame{Kind: lapd.RR, PF: true})
	k.message(false, theirs, q931.Message{Type: q931.MsgDisconnect, Cause: [2]q931.Cause{{Value: 16}}})
	k.message(true, answer, q931.Message{Type: q931.MsgRelease})
	k.message(false, theirs, q931.Message{Type: q931.MsgReleaseComplete})

	ours := q931.Ref{Value: 5, Length: 2}
	k.message(true, ours, q931.Message{Type: q931.MsgSetup, Bearer: q931.SpeechALaw, Channel: q931.B(8, false), Called: number164("10086")})
	k.message(false, q931.Ref{Value: 5, Length: 2, Flag: true}, q931.Message{Type: q931.MsgReleaseComplete, Cause: [2]q931.Cause{{Value: 100}}})
	k.message(true, q931.Ref{Length: 2}, q931.Message{Type: q931.MsgRestart, Channel: q931.B(8, true), Restart: q931.Some(q931.RestartChannels)})
	k.message(false, theirs, q931.Message{Type: q931.MsgHold})
	k.send(false, lapd.Frame{Kind: lapd.I, Info: []byte{0x43, 1}})
	for _, service := range [][]byte{
		{0x43, 2, 0, 0, 0x07, 1, 1, 0xc2, 0x18, 3, 0xa9, 0x83, 0x84}, // NI-2: channel 4 out of service
		{0x43, 2, 0x80, 0, 0x0f, 1, 1, 0xc2, 0x18, 3, 0xa9, 0x83, 0x84},
		{0x03, 2, 0, 0, 0x0f, 1, 1, 0xc0, 0x18, 4, 0xe9, 0x81, 0x83, 0x84}, // others: channel 4 of interface 1 in service
		{0x03, 2, 0x80, 0, 0x07, 1, 1, 0xc0, 0x18, 4, 0xe9, 0x81, 0x83, 0x84},
	} {
		k.send(false, lapd.Frame{Kind: lapd.I, Info: service})
	}
	k.message(true, ours, q931.Message{Type: q931.MsgHold})
	k.message(false, q931.Ref{Value: 5, Length: 2, Flag: true}, q931.Message{Type: q931.MsgHoldAck})
	k.line.Add(false, false, []byte{0, 1, 0x1f, 9})
	k.send(true, lapd.Frame{Kind: lapd.DISC, Command: true, PF: true})
	k.send(false, lapd.Frame{Kind: lapd.DM, PF: true})
}

// TestLadder: whole calls, in the words of the protocols and in both languages.
func TestLadder(t *testing.T) {
	l := open(t, "")
	wholeCalls(l)
	var text strings.Builder
	for _, row := range l.Page(Filter{}, 1000).Rows {
		arrow, ref, look := "<--", "", ""
		if row.Sent {
			arrow = "-->"
		}
		if row.Ref != nil {
			ref = " [" + row.Ref.String() + "]"
		}
		if row.Look {
			look = " !"
		}
		fmt.Fprintf(&text, "%s %s%s%s\n", arrow, row.Layer2, ref, look)
		if row.Layer3 != "" {
			fmt.Fprintf(&text, "    %s\n", row.Layer3)
		}
		fmt.Fprintf(&text, "    %s\n    %s\n", row.ZH, row.EN)
	}
	name := filepath.Join("testdata", "ladder.golden")
	if *golden {
		if err := os.WriteFile(name, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if text.String() != string(want) {
		t.Errorf("the ladder is not that of %s (-golden rewrites it):\n%s", name, &text)
	}
}

// TestOneCall: of two calls with the same number, one is given by its owner or by its timeslot.
func TestOneCall(t *testing.T) {
	l := open(t, "")
	began := time.Now()
	wholeCalls(l)
	for _, row := range []struct {
		how         string
		filter      Filter
		ref         string
		first, last string
		frames      int
	}{
		{"by reference", Filter{Ref: &CallRef{5, false}}, "far-5", "SETUP cref 5/0, channel 7", "HOLD", 9},
		{"our own", Filter{Ref: &CallRef{5, true}}, "us-5", "SETUP cref 5/0, channel 8", "HOLD ACKNOWLEDGE", 4},
		{"by timeslot", Filter{Call: &Call{Timeslot: 8, Began: began, Ended: began}}, "us-5", "SETUP", "HOLD ACKNOWLEDGE", 4},
		{"by timeslot, up", Filter{Call: &Call{Timeslot: 7, Began: began}}, "far-5", "SETUP", "HOLD", 9},
		{"messages", Filter{Messages: true}, "", "SETUP", "HOLD ACKNOWLEDGE", 18},
	} {
		page := l.Page(row.filter, 100)
		if len(page.Rows) != row.frames || page.More != 0 {
			t.Errorf("%s: %d frames, more %d, expected %d", row.how, len(page.Rows), page.More, row.frames)
			continue
		}
		if ref := page.Ref; row.ref != "" && (ref == nil || ref.String() != row.ref) {
			t.Errorf("%s: found reference %v, expected %s", row.how, ref, row.ref)
		}
		first, last := page.Rows[0].Layer3, page.Rows[len(page.Rows)-1].Layer3
		if !strings.HasPrefix(first, row.first) || !strings.HasPrefix(last, row.last) {
			t.Errorf("%s: from %q to %q, expected %q to %q", row.how, first, last, row.first, row.last)
		}
	}
	if page := l.Page(Filter{Call: &Call{Timeslot: 30, Began: began}}, 1000); page.Ref != nil || len(page.Rows) < 30 {
		t.Errorf("a call nobody saw: reference %v, %d frames of its time", page.Ref, len(page.Rows))
	}
	if page := l.Page(Filter{Call: &Call{Timeslot: 7, Began: began.Add(-time.Hour), Ended: began.Add(-time.Hour)}}, 10); len(page.Rows) != 0 {
		t.Errorf("a call of an hour ago: %d frames", len(page.Rows))
	}
}

// TestPages goes back page by page, from memory into the files.
func TestPages(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	wholeCalls(l)
	l.Close()
	l = open(t, dir)
	wholeCalls(l)
	total := int(l.ring.end()) - 1
	next, before, pages := Seq(total), Seq(0), 0
	for {
		page := l.Page(Filter{Before: before}, 7)
		for i := len(page.Rows) - 1; i >= 0; i-- {
			if page.Rows[i].Seq != next {
				t.Fatalf("page %d: frame %d, expected %d", pages, page.Rows[i].Seq, next)
			}
			next--
		}
		pages++
		if before = page.More; before == 0 {
			break
		}
	}
	if next != 0 || pages != (total+6)/7 {
		t.Errorf("%d pages, %d of %d frames not on them", pages, next, total)
	}
}

func TestParseCallRef(t *testing.T) {
	for _, text := range []string{"us-5", "far-32767", "far-0"} {
		if ref, err := ParseCallRef(text); err != nil || ref.String() != text {
			t.Errorf("%s: %v, %v", text, ref, err)
		}
	}
	for _, text := range []string{"", "5", "us", "us-", "us-32768", "they-5", "far--1"} {
		if ref, err := ParseCallRef(text); err == nil {
			t.Errorf("%q is taken as %v", text, ref)
		}
	}
}

// tshark reads a capture file: a row a frame, its protocols and what is wrong with it.
func tshark(t *testing.T, content []byte) []string {
	t.Helper()
	command := exec.Command("tshark", "-r", "-", "-T", "fields", "-e", "frame.protocols", "-e", "q931.message_type", "-e", "_ws.expert.message")
	command.Stdin = bytes.NewReader(content)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		t.Fatalf("tshark (apt-get install tshark): %v\n%s", err, &complaint)
	}
	return strings.Split(strings.TrimRight(string(out), "\n"), "\n")
}

// TestWiresharkReadsIt: the frames of a call, as a whole file and as one that grows.
func TestWiresharkReadsIt(t *testing.T) {
	l := open(t, "")
	began := time.Now()
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	var live bytes.Buffer
	streamed, copied := make(chan error, 1), make(chan struct{})
	go func() { streamed <- l.StreamPcap(ctx, write, Filter{Ref: &CallRef{5, false}}) }()
	if _, err := io.CopyN(&live, read, int64(len(pcapHead()))); err != nil { // it has begun: frames from here on are in it
		t.Fatal(err)
	}
	wholeCalls(l)
	var file bytes.Buffer
	if err := l.WritePcap(&file, Filter{Call: &Call{Timeslot: 7, Began: began}}); err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.CopyN(&live, read, int64(file.Len()-len(pcapHead()))); close(copied) }()
	select {
	case <-copied:
	case <-time.After(20 * time.Second):
		t.Fatal("the live capture has fewer octets than the file")
	}
	stop()
	if err := <-streamed; err != nil {
		t.Error(err)
	}
	if !bytes.Equal(live.Bytes(), file.Bytes()) {
		t.Errorf("live %d octets differ from the file's %d", live.Len(), file.Len())
	}
	rows := tshark(t, file.Bytes())
	types := []string{"0x05", "0x02", "0x01", "0x07", "0x0f", "0x45", "0x4d", "0x5a", "0x24"}
	if len(rows) != len(types) {
		t.Fatalf("tshark sees %d frames, expected %d: %q", len(rows), len(types), rows)
	}
	for i, row := range rows {
		fields := strings.Split(row, "\t")
		if !strings.Contains(fields[0], "lapd:q931") || fields[1] != types[i] || fields[2] != "" || strings.Contains(row, "malformed") {
			t.Errorf("frame %d: %q, expected type %s and no complaint", i+1, row, types[i])
		}
	}
}

// TestStreamEnds: a reader that goes ends the stream with an error.
func TestStreamEnds(t *testing.T) {
	l := open(t, "")
	read, write := io.Pipe()
	_ = read.Close()
	if err := l.StreamPcap(t.Context(), write, Filter{}); err == nil {
		t.Error("a stream that nobody reads has no error")
	}
}
