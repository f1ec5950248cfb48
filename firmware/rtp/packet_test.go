package rtp

import (
	"bytes"
	"testing"

	"github.com/pion/rtp"
)

// FuzzRTPPacket holds what is read to what another reader finds: what that one takes is taken, and read alike. It looks into
// extensions, too, and refuses more.
func FuzzRTPPacket(f *testing.F) {
	sound := bytes.Repeat([]byte{0x55}, 8)
	for _, seed := range [][]byte{
		{0x80, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7},
		append([]byte{0x80, 0x88, 0xFF, 0xFE, 1, 2, 3, 4, 5, 6, 7, 8}, sound...),
		append([]byte{0x82, 0, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2}, sound...),
		append([]byte{0x91, 9, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7, 0, 0, 0, 1, 0xBE, 0xDE, 0, 1, 0x10, 0xFF, 0, 0}, sound...),
		append([]byte{0x90, 8, 0, 1, 0, 0, 0, 160, 0, 0, 0, 7, 0x12, 0x34, 0, 0}, sound...),
		{0x80, 8, 0},
		[]byte("SIP/2.0 200 OK\r\n"),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, datagram []byte) {
		var other rtp.Packet
		taken := other.Unmarshal(datagram) == nil && other.Version == 2
		var got rtpPacket
		start, ok := got.header(datagram)
		ok = ok && got.content(datagram[start:])
		if taken && !ok {
			t.Fatal("not taken")
		}
		if !taken {
			if ok && !other.Extension {
				t.Fatal("taken")
			}
			return
		}
		if got.padded != other.Padding || got.marker != other.Marker || got.payloadType != other.PayloadType || got.sequence != other.SequenceNumber ||
			got.timestamp != other.Timestamp || got.ssrc != other.SSRC || !bytes.Equal(got.payload, other.Payload) {
			t.Fatalf("read %+v, want %+v", got, other)
		}
	})
}
