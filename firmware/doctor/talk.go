package doctor

import (
	"bytes"
	"time"

	"trunkbox/firmware/lapd"
)

// Frame is one frame of the D channel, without flags and FCS.
type Frame struct {
	At     time.Time
	Sent   bool // by us
	Octets []byte
}

// Talk is who said what on the D channel.
type Talk struct {
	Sent, Received [lapd.XID + 1]int // by lapd.Kind
	FarUser        int               // frames that only the user side can have sent
	FarNetwork     int               // frames that only the network side can have sent
	Returned       int               // frames of ours that came back at once
	Unreadable     int               // received

	Probed        string // side as which the doctor asked for the link: "user", "network"; empty: it did not
	ProbeReturned bool   // that very frame came back
	ProbeTaken    bool   // it was answered with UA
	ProbeRefused  bool   // it was answered with DM
}

// add counts another one.
func (t *Talk) add(o Talk) {
	for k := range t.Sent {
		t.Sent[k] += o.Sent[k]
		t.Received[k] += o.Received[k]
	}
	t.FarUser += o.FarUser
	t.FarNetwork += o.FarNetwork
	t.Returned += o.Returned
	t.Unreadable += o.Unreadable
	if o.Probed != "" {
		t.Probed = o.Probed
	}
	t.ProbeReturned = t.ProbeReturned || o.ProbeReturned
	t.ProbeTaken = t.ProbeTaken || o.ProbeTaken
	t.ProbeRefused = t.ProbeRefused || o.ProbeRefused
}

// heard is the number of frames received.
func (t *Talk) heard() (n int) {
	for _, of := range t.Received {
		n += of
	}
	return n + t.Unreadable
}

// loopTime is within what a frame comes back on a looped line: the delays of both drivers and the frame's own time.
const loopTime = 250 * time.Millisecond

// Listen counts frames, oldest first.
func Listen(frames []Frame) Talk {
	var t Talk
	var away []Frame // sent and not seen to come back
	for _, f := range frames {
		kind, side, known := identify(f.Octets)
		switch {
		case f.Sent && known:
			t.Sent[kind]++
			away = append(away, f)
			continue
		case f.Sent:
			continue
		case !known:
			t.Unreadable++
			continue
		}
		t.Received[kind]++
		switch side {
		case userSide:
			t.FarUser++
		case networkSide:
			t.FarNetwork++
		}
		for i, ours := range away {
			if f.At.Sub(ours.At) < loopTime && bytes.Equal(f.Octets, ours.Octets) {
				t.Returned++
				away = append(away[:i:i], away[i+1:]...)
				break
			}
		}
	}
	return t
}

// whose is the side that can have sent a frame.
type whose uint8

const (
	eitherSide whose = iota
	userSide
	networkSide
)

// identify says what a frame is and, by its C/R bit, who alone can have sent it: a command of the network and a response
// of the user have 1, the others 0 (Table 1/Q.921), and SABME is always a command, UA and DM always responses.
func identify(octets []byte) (lapd.Kind, whose, bool) {
	byUser, err := lapd.Parse(octets, lapd.User)
	byNetwork, netErr := lapd.Parse(octets, lapd.Network)
	switch {
	case err == nil && netErr == nil:
		return byUser.Kind, eitherSide, true
	case err == nil:
		return byUser.Kind, userSide, true
	case netErr == nil:
		return byNetwork.Kind, networkSide, true
	}
	return 0, eitherSide, false
}
