package lapd

import (
	"bytes"
	"errors"
	"testing"
)

// TestFrames holds the codec to octets drawn from Tables 1, 4 and 5/Q.921.
func TestFrames(t *testing.T) {
	for _, c := range []struct {
		sender Side
		octets []byte
		want   string
	}{
		{Network, []byte{0x02, 0x01, 0x7f}, "SABME P1"},
		{User, []byte{0x00, 0x01, 0x7f}, "SABME P1"},
		{Network, []byte{0x00, 0x01, 0x73}, "UA F1"},
		{User, []byte{0x02, 0x01, 0x73}, "UA F1"},
		{User, []byte{0x00, 0x01, 0x53}, "DISC P1"},
		{User, []byte{0x00, 0x01, 0x43}, "DISC P0"},
		{User, []byte{0x02, 0x01, 0x1f}, "DM F1"},
		{User, []byte{0x02, 0x01, 0x97, 0, 0, 0, 0, 0}, "FRMR F1"},
		{Network, []byte{0x02, 0x01, 0x03, 0x08}, "UI P0"},
		{Network, []byte{0x02, 0x01, 0x01, 0x03}, "RR P1 nr1"},
		{User, []byte{0x02, 0x01, 0x05, 0xfe}, "RNR F0 nr127"},
		{User, []byte{0x02, 0x01, 0x09, 0x05}, "REJ F1 nr2"},
		{User, []byte{0x00, 0x01, 0xfe, 0x01, 0x08}, "I P1 ns127 nr0"},
	} {
		f, err := Parse(c.octets, c.sender)
		if err != nil || write(f) != c.want {
			t.Errorf("%v % x: %v %v, want %v", c.sender, c.octets, write(f), err, c.want)
		}
		if got := f.AppendTo(nil, c.sender); !bytes.Equal(got, c.octets) {
			t.Errorf("%v %s: % x, want % x", c.sender, c.want, got, c.octets)
		}
	}
}

func TestSequence(t *testing.T) {
	for _, c := range []struct {
		s, first, last Sequence
		want           bool
	}{
		{0, 0, 0, true}, {1, 0, 0, false}, {127, 126, 2, true}, {2, 126, 2, true}, {3, 126, 2, false}, {125, 126, 2, false},
	} {
		if got := c.s.Within(c.first, c.last); got != c.want {
			t.Errorf("%d <= %d <= %d: %v", c.first, c.s, c.last, got)
		}
	}
	if Sequence(126).Add(3) != 1 || Sequence(1).Sub(126) != 3 {
		t.Error("the numbers do not go round at 128")
	}
}

func FuzzFrame(f *testing.F) {
	for _, seed := range [][]byte{{2, 1, 0x7f}, {0, 1, 0, 0, 8, 2, 0, 1, 5}, {2, 1, 1, 3}, {2, 1, 0x97, 1, 2, 3, 4, 5}, {0xfe, 0xff, 3, 15}} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		for _, sender := range []Side{User, Network} {
			frame, err := Parse(octets, sender)
			if err != nil {
				if !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrUndefined) && !errors.Is(err, ErrInformed) && !errors.Is(err, ErrWrongSize) {
					t.Fatal(err)
				}
				continue
			}
			again, err := Parse(frame.AppendTo(nil, sender), sender)
			if err != nil || write(again) != write(frame) || !bytes.Equal(again.Info, frame.Info) {
				t.Fatalf("% x: %s, again %s %v", octets, write(frame), write(again), err)
			}
		}
	})
}

// FuzzLink plays any input to a link. Whatever comes, the variables stay in their bounds and the far end can set the
// link up.
func FuzzLink(f *testing.F) {
	f.Add([]byte{3, 3, 2, 1, 0x7f, 2, 2, 2, 4})
	f.Add([]byte{0, 3, 3, 0, 1, 0x73, 2, 3, 4, 2, 1, 1, 3, 4, 4, 4})
	f.Fuzz(func(t *testing.T, script []byte) {
		l := NewLink(User, PrimaryRate)
		for len(script) > 0 {
			in := Input(script[0] % 9)
			script = script[1:]
			e := Event{Input: in}
			if in == FrameReceived && len(script) > 0 {
				n := min(int(script[0]%8), len(script)-1)
				e.Octets, script = script[1:1+n], script[1+n:]
			}
			if in == DataRequest {
				e.Octets = []byte("message")
			}
			l.Handle(e)
			if sent := l.vs.Sub(l.va); sent > int(PrimaryRate.K) || sent > l.iQueue.n {
				t.Fatalf("V(A) %d, V(S) %d, %d in the I queue", l.va, l.vs, l.iQueue.n)
			}
		}
		play(t, l, "deactivate", "deactivate", "deactivate", "SABME P1", "UA F1")
		if l.State() != Established {
			t.Fatalf("state %v", l.State())
		}
	})
}
