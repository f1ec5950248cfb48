package q931

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

var (
	theirGlobal = Ref{Length: 2}             // they began: a RESTART of theirs, a STATUS to it
	ourGlobal   = Ref{Flag: true, Length: 2} // we began: the acknowledgement of ours
)

// restartInputs are the inputs of the restart procedure in words.
var restartInputs = []struct {
	name string
	ref  Ref
	t    MessageType
	body string
}{
	{"RESTART of channel 5", theirGlobal, MsgRestart, "18 03 a9 83 85 79 01 80"},
	{"RESTART of the interface", theirGlobal, MsgRestart, "79 01 86"},
	{"RESTART of all interfaces", theirGlobal, MsgRestart, "79 01 87"},
	{"RESTART without indicator", theirGlobal, MsgRestart, "18 03 a9 83 85"},
	{"RESTART without channel", theirGlobal, MsgRestart, "79 01 80"},
	{"RESTART with spoilt channel", theirGlobal, MsgRestart, "18 02 a9 83 79 01 80"},
	{"RESTART with spoilt indicator", theirGlobal, MsgRestart, "18 03 a9 83 85 79 01 00"},
	{"RESTART with the wrong flag", ourGlobal, MsgRestart, "18 03 a9 83 85 79 01 80"},
	{"RESTART ACKNOWLEDGE of channel 5", ourGlobal, MsgRestartAck, "18 03 a9 83 85 79 01 80"},
	{"RESTART ACKNOWLEDGE of channel 6", ourGlobal, MsgRestartAck, "18 03 a9 83 86 79 01 80"},
	{"RESTART ACKNOWLEDGE of channels 5 and 6", ourGlobal, MsgRestartAck, "18 04 a9 83 05 86 79 01 80"},
	{"RESTART ACKNOWLEDGE of the interface", ourGlobal, MsgRestartAck, "79 01 86"},
	{"RESTART ACKNOWLEDGE with the wrong flag", theirGlobal, MsgRestartAck, "18 03 a9 83 85 79 01 80"},
	{"STATUS to ours", ourGlobal, MsgStatus, "08 02 80 e0 14 01 00"},
	{"STATUS to theirs", theirGlobal, MsgStatus, "08 02 80 d1 14 01 3d"},
	{"SETUP with flag 0", theirGlobal, MsgSetup, bearer + channel},
	{"RELEASE with flag 1", ourGlobal, MsgRelease, cause16},
	{"STATUS ENQUIRY with flag 0", theirGlobal, MsgStatusEnquiry, ""},
	{"unknown message with flag 1", ourGlobal, 0x5f, ""},
	{"RESTART CLEAR request", Ref{}, 0, ""},
	{"RESTART response", Ref{}, 0, ""},
	{"T316", Ref{}, 0, ""},
	{"T317", Ref{}, 0, ""},
	{"DL-RELEASE", Ref{}, 0, ""},
	{"DL-ESTABLISH", Ref{}, 0, ""},
}

func restartEvent(tb testing.TB, words string) Event {
	tb.Helper()
	for _, in := range restartInputs {
		if in.name != words {
			continue
		}
		if in.ref.Length > 0 {
			m := new(Message)
			if err := m.Decode(octets(tb, in.ref, in.t, in.body)); err != nil {
				tb.Fatalf("%s: %v", words, err)
			}
			return Received(m)
		}
		e := event(tb, Ref{}, words)
		if e.Input == RestartClearReq {
			e.Msg = &Message{Channel: B(5, true), Restart: Some(RestartChannels)}
		}
		return e
	}
	tb.Fatalf("no input is called %q", words)
	return Event{}
}

// TestRestartTransitions writes the matrix of the restart procedure.
func TestRestartTransitions(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("# The restart procedure: its two halves and every input. A dot: nothing happens.\n" +
		"# Written by go test -run TestRestartTransitions -golden; read against Figure A.6/Q.931.\n")
	for _, p := range []struct {
		name string
		via  []string
	}{
		{"Rest 0", nil},
		{"Rest 1, RESTART sent", []string{"RESTART CLEAR request"}},
		{"Rest 1, T316 expired once", []string{"RESTART CLEAR request", "T316"}},
		{"Rest 2, RESTART received", []string{"RESTART of channel 5"}},
		{"both", []string{"RESTART CLEAR request", "RESTART of channel 5"}},
	} {
		fmt.Fprintf(&b, "\n== %s\n", p.name)
		for _, in := range restartInputs {
			r := NewRestart(EuroISDN(User))
			for _, w := range p.via {
				r.Handle(restartEvent(t, w), nil)
			}
			did := words(r.Handle(restartEvent(t, in.name), nil))
			if did == "" {
				did = "."
			}
			state := "Rest 0"
			switch {
			case r.asking && r.obeying:
				state = "Rest 1+2"
			case r.asking:
				state = "Rest 1"
			case r.obeying:
				state = "Rest 2"
			}
			fmt.Fprintf(&b, "%-40s %-9s %s\n", in.name, state, did)
		}
	}
	compareGolden(t, "restart.golden", b.Bytes())
}

func TestRestartSequences(t *testing.T) {
	for name, flow := range map[string]string{
		"a channel": `
			RESTART CLEAR request            | send RESTART ch 5, start T316
			RESTART ACKNOWLEDGE of channel 5 | stop T316, RESTART conf
			RESTART ACKNOWLEDGE of channel 5 |`,
		"another channel is acknowledged first": `
			RESTART CLEAR request            | send RESTART ch 5, start T316
			RESTART ACKNOWLEDGE of channel 6 | error: RESTART ACKNOWLEDGE for another channel than asked for
			RESTART ACKNOWLEDGE of channel 5 | stop T316, RESTART conf`,
		"T316 twice": `
			RESTART CLEAR request            | send RESTART ch 5, start T316
			T316                             | send RESTART ch 5, start T316
			T316                             | RESTART failed
			RESTART CLEAR request            | send RESTART ch 5, start T316`,
		"one at a time": `
			RESTART CLEAR request            | send RESTART ch 5, start T316
			RESTART CLEAR request            | error: a RESTART is being waited for already`,
		"obeyed": `
			RESTART of channel 5             | start T317, RESTART ind
			RESTART response                 | stop T317, send RESTART ACKNOWLEDGE ch 5
			RESTART response                 | error: no RESTART is being obeyed`,
		"obeyed for an interface": `
			RESTART of the interface         | start T317, RESTART ind
			RESTART response                 | stop T317, send RESTART ACKNOWLEDGE`,
		"not obeyed in time": `
			RESTART of channel 5             | start T317, RESTART ind
			T317                             | error: the calls were not cleared within T317
			T317                             |`,
		"both sides at once": `
			RESTART CLEAR request            | send RESTART ch 5, start T316
			RESTART of channel 5             | start T317, RESTART ind
			RESTART ACKNOWLEDGE of channel 5 | stop T316, RESTART conf
			RESTART response                 | stop T317, send RESTART ACKNOWLEDGE ch 5`,
		"the link goes": `
			RESTART CLEAR request            | send RESTART ch 5, start T316
			RESTART of channel 5             | start T317, RESTART ind
			DL-RELEASE                       | stop T316, RESTART failed, stop T317`,
		"calls may not have the global reference": `
			SETUP with flag 0                | send STATUS 81 state 0, error: message with the global call reference refused
			RESTART CLEAR request            | send RESTART ch 5, start T316
			RELEASE with flag 1              | send STATUS 81 state 61, error: message with the global call reference refused
			RESTART of channel 5             | start T317, RESTART ind
			STATUS ENQUIRY with flag 0       | send STATUS 81 state 62, error: message with the global call reference refused`,
	} {
		t.Run(name, func(t *testing.T) {
			r := NewRestart(EuroISDN(Network))
			for i, line := range strings.Split(strings.TrimSpace(flow), "\n") {
				in, want, _ := strings.Cut(line, "|")
				actions := r.Handle(restartEvent(t, strings.TrimSpace(in)), nil)
				if got := words(actions); got != strings.TrimSpace(want) {
					t.Fatalf("line %d:\n got %s\nwant %s", i+1, got, want)
				}
				for _, a := range actions {
					if a.Kind == Send && (!a.Msg.Ref.Global() || a.Msg.Ref.Flag != (a.Msg.Type != MsgRestart && a.Msg.Cause[0].Value == 0 ||
						a.Msg.Type == MsgStatus && strings.HasSuffix(strings.TrimSpace(in), "flag 0"))) {
						t.Fatalf("line %d: %s goes out with %v", i+1, a.Msg.Type, a.Msg.Ref)
					}
				}
			}
		})
	}
}

// TestRestartOctets sees that the acknowledgement returns channel and class as they came, although the
// octets they came in were overwritten meanwhile.
func TestRestartOctets(t *testing.T) {
	for _, body := range []string{"18 04 a9 83 05 86 79 01 80", "18 06 a9 93 80 00 00 02 79 01 80", "18 02 e9 81 79 01 86"} {
		b := octets(t, theirGlobal, MsgRestart, body)
		want := append([]byte{8, 2, 0x80, 0, 0x4e}, b[5:]...)
		r, m := NewRestart(EuroISDN(User)), new(Message)
		if err := m.Decode(b); err != nil {
			t.Fatal(err)
		}
		r.Handle(Received(m), nil)
		for i := range b {
			b[i] = 0xff
		}
		actions := r.Handle(Event{Input: RestartResp}, nil)
		for _, a := range actions {
			if a.Kind == Send {
				if got := a.Msg.AppendTo(nil); !bytes.Equal(got, want) {
					t.Errorf("acknowledged % x, want % x", got, want)
				}
			}
		}
	}
}
