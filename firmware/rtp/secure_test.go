package rtp

import (
	"bytes"
	"testing"
	"time"

	"trunkbox/dsp"
)

// agreed lets two streams speak with each other under secrets.
func agreed(t *testing.T, a, b *Stream, suite Suite) {
	t.Helper()
	ofA, ofB := NewMaster(), NewMaster()
	for _, c := range []struct {
		s, other *Stream
		secrets  *Secrets
	}{{a, b, &Secrets{suite, ofA, ofB}}, {b, a, &Secrets{suite, ofB, ofA}}} {
		if err := c.s.Agree(Terms{Addr: c.other.address(), PayloadType: PayloadALaw, DTMFType: 101, Secrets: c.secrets}); err != nil {
			t.Fatal(err)
		}
		c.s.Start()
	}
}

func TestEncryptedStreamsHearEachOther(t *testing.T) {
	for _, suite := range []Suite{AES128SHA80, AES128SHA32} {
		t.Run(suite.String(), func(t *testing.T) {
			a, b := open(t, Options{}), open(t, Options{})
			agreed(t, a, b, suite)
			heardA, heardB := converse(t, a, b, sine(dsp.ALaw, 500, -10, 8000), sine(dsp.ALaw, 1300, -10, 8000))
			if level := dBm0At(dsp.ALaw, heardA[1600:], 1300); level < -10.5 {
				t.Errorf("a hears %.1f dBm0", level)
			}
			if level := dBm0At(dsp.ALaw, heardB[1600:], 500); level < -10.5 {
				t.Errorf("b hears %.1f dBm0", level)
			}
			// Reports are encrypted too, and understood.
			now := time.Now()
			for range 4 {
				now = now.Add(5 * time.Second)
				for _, s := range []*Stream{a, b, a, b} {
					turnBoth(s, now)
				}
			}
			if st := a.Stats(); !st.Encrypted || st.Rejected+st.Malformed+st.Lost != 0 || st.RemoteR < 90 {
				t.Errorf("%+v", st)
			}
		})
	}
}

func TestForgedPacketsAreRejected(t *testing.T) {
	s := open(t, Options{})
	p := newPhone(t, s.address())
	key := NewMaster()
	if err := s.Agree(Terms{Addr: p.address(), PayloadType: PayloadALaw, Secrets: &Secrets{AES128SHA80, NewMaster(), key}}); err != nil {
		t.Fatal(err)
	}
	s.Start()
	mirror, err := newSecure(Secrets{AES128SHA80, key, key}, new(counter))
	if err != nil {
		t.Fatal(err)
	}
	packet := func(seq byte) []byte {
		return append([]byte{0x80, PayloadALaw, 0, seq, 0, 0, 0, seq, 0, 0, 0, 9}, sine(dsp.ALaw, 500, -10, 160)...)
	}
	give := func(datagram []byte) {
		t.Helper()
		if _, err := p.conn.WriteToUDPAddrPort(datagram, s.address()); err != nil {
			t.Fatal(err)
		}
		turn(s)
	}
	good := bytes.Clone(mirror.lock(packet(1)))
	give(good)
	if n := s.received.Load(); n != 1 {
		t.Fatalf("%d packets taken, want 1", n)
	}
	give(good) // played again
	bent := bytes.Clone(mirror.lock(packet(2)))
	bent[20] ^= 1
	give(bent)
	give(packet(3)) // in clear
	short := bytes.Clone(mirror.lock(packet(4)))
	give(short[:len(short)-10]) // without its tag
	if st := s.Stats(); st.Received != 1 || st.Rejected != 4 {
		t.Errorf("%d taken, %d rejected, want 1 and 4", st.Received, st.Rejected)
	}
	give(bytes.Clone(mirror.lock(packet(5))))
	if n := s.received.Load(); n != 2 {
		t.Errorf("%d packets taken after the forged ones, want 2", n)
	}
}

// A re-INVITE with the same keys must not begin the cipher anew: the phone's replay list would refuse us.
func TestSameKeysGoOn(t *testing.T) {
	s := open(t, Options{})
	p := newPhone(t, s.address())
	secrets := Secrets{AES128SHA80, NewMaster(), NewMaster()}
	terms := Terms{Addr: p.address(), PayloadType: PayloadALaw, Secrets: &secrets}
	if err := s.Agree(terms); err != nil {
		t.Fatal(err)
	}
	first := s.secure
	again := secrets
	terms.Secrets = &again
	if err := s.Agree(terms); err != nil || s.secure != first {
		t.Errorf("the context changed with the same keys (%v)", err)
	}
	again.Send = NewMaster()
	if err := s.Agree(terms); err != nil || s.secure == first {
		t.Errorf("the context stayed with another key (%v)", err)
	}
	terms.Secrets = nil
	if err := s.Agree(terms); err != nil || s.secure != nil {
		t.Errorf("still encrypted (%v)", err)
	}
}

func BenchmarkSecure(b *testing.B) {
	key := NewMaster()
	s, err := newSecure(Secrets{AES128SHA80, key, key}, new(counter))
	if err != nil {
		b.Fatal(err)
	}
	packet := append([]byte{0x80, PayloadALaw, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9}, speech(0, 160)...)
	b.ReportAllocs()
	for n := uint16(0); b.Loop(); n++ {
		packet[2], packet[3] = byte(n>>8), byte(n)
		if s.unlock(s.lock(packet)) == nil {
			b.Fatal("not authentic")
		}
	}
}
