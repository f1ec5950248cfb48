package sipphone

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"trunkbox/firmware/rtp"
)

func lines(l ...string) []byte { return []byte(strings.Join(l, "\r\n") + "\r\n") }

var sdpHead = []string{"v=0", "o=- 1 1 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "t=0 0"}

func TestParseSDP(t *testing.T) {
	for _, c := range []struct {
		name      string
		add       []string
		sound     string
		types     []uint8
		dtmf      uint8
		direction rtp.Direction
		holds     bool
		packetMS  int
	}{
		{"plain", []string{"m=audio 4000 RTP/AVP 8 0"}, "192.0.2.9:4000", []uint8{8, 0}, 0, rtp.SendRecv, false, 0},
		{"telephone-event", []string{"m=audio 4000 RTP/AVP 0 96", "a=rtpmap:96 telephone-event/8000", "a=ptime:30"}, "192.0.2.9:4000", []uint8{0}, 96, rtp.SendRecv, false, 30},
		{"event at another rate", []string{"m=audio 4000 RTP/AVP 0 96", "a=rtpmap:96 telephone-event/48000"}, "192.0.2.9:4000", []uint8{0}, 0, rtp.SendRecv, false, 0},
		{"event that no format names", []string{"m=audio 4000 RTP/AVP 0", "a=rtpmap:96 telephone-event/8000"}, "192.0.2.9:4000", []uint8{0}, 0, rtp.SendRecv, false, 0},
		{"hold", []string{"m=audio 4000 RTP/AVP 8", "a=sendonly"}, "192.0.2.9:4000", []uint8{8}, 0, rtp.RecvOnly, true, 0},
		{"inactive", []string{"m=audio 4000 RTP/AVP 8", "a=inactive"}, "192.0.2.9:4000", []uint8{8}, 0, rtp.Inactive, true, 0},
		{"listens only", []string{"m=audio 4000 RTP/AVP 8", "a=recvonly"}, "192.0.2.9:4000", []uint8{8}, 0, rtp.SendOnly, false, 0},
		{"old hold", []string{"m=audio 4000 RTP/AVP 8", "c=IN IP4 0.0.0.0"}, "invalid AddrPort", []uint8{8}, 0, rtp.RecvOnly, true, 0},
		{"session direction", []string{"a=sendonly", "m=audio 4000 RTP/AVP 8"}, "192.0.2.9:4000", []uint8{8}, 0, rtp.RecvOnly, true, 0},
		{"line before session", []string{"a=sendonly", "m=audio 4000 RTP/AVP 8", "a=sendrecv"}, "192.0.2.9:4000", []uint8{8}, 0, rtp.SendRecv, false, 0},
		{"video first", []string{"m=video 5000 RTP/AVP 31", "m=audio 4000 RTP/AVP 8", "c=IN IP4 192.0.2.77"}, "192.0.2.77:4000", []uint8{8}, 0, rtp.SendRecv, false, 0},
		{"IPv6", []string{"m=audio 4000 RTP/AVP 8", "c=IN IP6 2001:db8::7"}, "[2001:db8::7]:4000", []uint8{8}, 0, rtp.SendRecv, false, 0},
		{"a name", []string{"m=audio 4000 RTP/AVP 8", "c=IN IP4 phone.example"}, "invalid AddrPort", []uint8{8}, 0, rtp.SendRecv, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := parseSDP(lines(append(slices.Clone(sdpHead), c.add...)...), openOnly)
			if err != nil {
				t.Fatal(err)
			}
			if d.sound.String() != c.sound || !slices.Equal(d.types, c.types) || d.dtmf != c.dtmf || d.direction != c.direction || d.holds != c.holds || d.packetMS != c.packetMS {
				t.Errorf("%+v", d)
			}
		})
	}
}

// The last line may lack its end: it must not be lost, for it may be the hold.
func TestLastLineWithoutEnd(t *testing.T) {
	body := strings.TrimSuffix(string(lines(append(slices.Clone(sdpHead), "m=audio 4000 RTP/AVP 8", "a=sendonly")...)), "\r\n")
	d, err := parseSDP([]byte(body), openOnly)
	if err != nil || !d.holds {
		t.Errorf("holds %v, error %v", d.holds, err)
	}
}

func TestSDPThatCannotBeTaken(t *testing.T) {
	for _, c := range []struct {
		name string
		add  []string
		want error
	}{
		{"no sound", []string{"m=video 5000 RTP/AVP 31"}, errNoSound},
		{"switched off", []string{"m=audio 0 RTP/AVP 8"}, errNoSound},
		{"SRTP only", []string{"m=audio 4000 RTP/SAVP 8"}, errNoSound},
		{"no G.711", []string{"m=audio 4000 RTP/AVP 18 3"}, errNoG711},
	} {
		if _, err := parseSDP(lines(append(slices.Clone(sdpHead), c.add...)...), openOnly); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := parseSDP([]byte("rubbish"), openOnly); err == nil {
		t.Error("rubbish is taken for an SDP")
	}
}

func TestOfferAndAnswer(t *testing.T) {
	own := session{id: 7, version: 1, host: "192.0.2.1", port: 10000, packetMS: 20, types: ourTypes}
	body, err := own.offer(rtp.SendRecv)
	if err != nil {
		t.Fatal(err)
	}
	d, err := parseSDP(body, openOnly)
	if err != nil || d.sound != netip.MustParseAddrPort("192.0.2.1:10000") || !slices.Equal(d.types, []uint8{8, 0, 9}) || d.dtmf != 101 || d.packetMS != 20 {
		t.Errorf("our offer reads %+v, %v", d, err)
	}
	offer, err := parseSDP(lines(append(slices.Clone(sdpHead), "m=video 5000 RTP/AVP 31", "m=audio 4000 RTP/AVP 0 8 96", "a=rtpmap:96 telephone-event/8000", "a=sendonly")...), openOnly)
	if err != nil {
		t.Fatal(err)
	}
	if offer.choose(ourTypes) != rtp.PayloadALaw {
		t.Error("A-law was offered and not chosen")
	}
	body, err = own.answer(&offer, offer.choose(ourTypes))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"m=video 0 RTP/AVP 31", "m=audio 10000 RTP/AVP 8 96", "a=recvonly", "a=fmtp:96 0-15", "c=IN IP4 192.0.2.1"} {
		if !strings.Contains(string(body), want+"\r\n") {
			t.Errorf("the answer lacks %q:\n%s", want, body)
		}
	}
	if strings.Index(string(body), "m=video") > strings.Index(string(body), "m=audio") {
		t.Error("the lines of the answer are in another order")
	}
}

func FuzzSDP(f *testing.F) {
	f.Add(lines(append(slices.Clone(sdpHead), "m=video 5000 RTP/AVP 31", "m=audio 4000 RTP/AVP 0 8 96", "a=rtpmap:96 telephone-event/8000", "a=sendonly")...))
	f.Add([]byte("v=0\no=- 0 0 IN IP6 ::\ns=-\nc=IN IP6 ::\nt=0 0\nm=audio 9/2 RTP/AVP 8"))
	own := session{id: 1, version: 1, host: "192.0.2.1", port: 10000, packetMS: 20, types: ourTypes}
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := parseSDP(body, openOnly)
		if err != nil {
			return
		}
		answer, err := own.answer(&d, d.choose(ourTypes))
		if err != nil {
			t.Fatalf("no answer to an offer that was taken: %v", err)
		}
		back, err := parseSDP(answer, openOnly)
		if err != nil {
			t.Fatalf("our own answer does not parse: %v\n%s", err, answer)
		}
		if len(back.lines) != len(d.lines) || back.sound.Port() != 10000 {
			t.Fatalf("answer with %d lines, port %d, to %d lines", len(back.lines), back.sound.Port(), len(d.lines))
		}
	})
}
