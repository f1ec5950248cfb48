package hdlc

import (
	"bytes"
	"testing"
)

// At 56 kbit/s the frames pass a line that sets bit 8 of every octet; at 64 kbit/s none does.
func TestRates(t *testing.T) {
	frame := []byte{0x02, 0x01, 0x7f, 0xff, 0xff, 0x00, 0x7e}
	for _, test := range []struct {
		sent, read int
		want       bool
	}{{64, 64, false}, {56, 56, true}, {56, 64, false}, {64, 56, false}} {
		e, d := NewEncoder(4), NewDecoder(264)
		e.SetRate(test.sent)
		d.SetRate(test.read)
		if err := e.Send(frame); err != nil {
			t.Fatal(err)
		}
		octets := make([]byte, 40)
		e.Fill(octets)
		for i := range octets {
			if test.sent == 56 && octets[i]&1 == 0 {
				t.Fatalf("octet %d at 56 kbit/s is %08b", i, octets[i])
			}
			octets[i] |= 1
		}
		came := false
		d.Push(octets, func(f []byte) { came = came || bytes.Equal(f, frame) })
		if came != test.want {
			t.Errorf("sent at %d, read at %d kbit/s: came whole: %v, want %v", test.sent, test.read, came, test.want)
		}
	}
}

// An octet at 56 kbit/s, drawn: seven bits of the flag, a one, its last bit, six of the next flag, a one.
func TestFlagsAt56(t *testing.T) {
	e := NewEncoder(1)
	e.SetRate(56)
	got := make([]byte, 3)
	e.Fill(got)
	if want := []byte{0b0111111_1, 0b0_011111_1, 0b10_01111_1}; !bytes.Equal(got, want) {
		t.Errorf("flags at 56 kbit/s are %08b, want %08b", got, want)
	}
}
