package sipphone

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"trunkbox/firmware/rtp"
)

// description is what the SDP of a phone says of its sound (RFC 8866, RFC 3264).
type description struct {
	sound     netip.AddrPort // where it listens; invalid when it does not say or says 0.0.0.0
	types     []uint8        // payload types of G.711 and G.722 it takes, in its order
	dtmf      uint8          // payload type of telephone-event at 8000 Hz, 0: none
	direction rtp.Direction  // seen from the box
	holds     bool           // it does not want to hear us
	packetMS  int            // a=ptime, 0: not told
	comfort   bool           // it takes comfort noise
	crypto    *crypto        // of an encrypted line
	lines     []mediaLine    // every m= line, for the answer must have the same ones
	audio     int            // index of the line the rest is about
}

// mediaLine is one m= line as it must be repeated when it is refused.
type mediaLine struct {
	kind    string
	protos  []string
	formats []string
}

var (
	errNoSound  = errors.New("no audio line with RTP/AVP, or on TLS RTP/SAVP, that is not switched off")
	errNoG711   = errors.New("none of PCMA, PCMU and G722 among the codecs")
	errNoCrypto = errors.New("no a=crypto line with AES_CM_128_HMAC_SHA1_80 or _32")
	errOpen     = errors.New("the settings want its sound encrypted: RTP/SAVP with a=crypto, and signalling over TLS")
)

// parseSDP reads the body of an INVITE, an answer or an ACK. Encrypted sound goes before plain where both
// will do.
func parseSDP(body []byte, seal sealing) (description, error) {
	if !bytes.HasSuffix(body, []byte("\n")) {
		body = append(slices.Clone(body), '\r', '\n') // pion/sdp loses a last line without an end
	}
	var s sdp.SessionDescription
	if err := s.Unmarshal(body); err != nil {
		return description{}, fmt.Errorf("SDP of %d octets: %w", len(body), err)
	}
	d := description{audio: -1}
	unlocked := false // a line was encrypted in a way nobody here knows
	for i, m := range s.MediaDescriptions {
		d.lines = append(d.lines, mediaLine{m.MediaName.Media, m.MediaName.Protos, m.MediaName.Formats})
		ok, sealed := seal.takes(strings.Join(m.MediaName.Protos, "/"))
		if !ok || m.MediaName.Media != "audio" || m.MediaName.Port.Value == 0 || d.crypto != nil || d.audio >= 0 && !sealed {
			continue
		}
		if sealed {
			if d.crypto = firstCrypto(m.Attributes); d.crypto == nil {
				unlocked = true
				continue
			}
		}
		d.audio = i
	}
	switch {
	case d.audio < 0 && (seal == neither || seal == sealedOnly && !unlocked):
		return d, fmt.Errorf("%w (%d media lines)", errOpen, len(d.lines))
	case d.audio < 0 && unlocked:
		return d, fmt.Errorf("%w (%d media lines)", errNoCrypto, len(d.lines))
	case d.audio < 0:
		return d, fmt.Errorf("%w (%d media lines)", errNoSound, len(d.lines))
	}
	m := s.MediaDescriptions[d.audio]
	d.readCodecs(m)
	if len(d.types) == 0 {
		return d, fmt.Errorf("%w: %s", errNoG711, strings.Join(m.MediaName.Formats, " "))
	}
	connection := m.ConnectionInformation
	if connection == nil {
		connection = s.ConnectionInformation
	}
	d.direction = directionOf(m.Attributes, s.Attributes)
	d.readAddress(connection, m.MediaName.Port.Value)
	d.holds = d.holds || !d.sends()
	return d, nil
}

// sends tells whether the box may send.
func (d *description) sends() bool { return d.direction == rtp.SendRecv || d.direction == rtp.SendOnly }

func (d *description) readCodecs(m *sdp.MediaDescription) {
	for _, format := range m.MediaName.Formats {
		switch format {
		case "0", "8", "9":
			d.types = append(d.types, format[0]-'0')
		case "13":
			d.comfort = true
		}
	}
	for _, a := range m.Attributes {
		switch a.Key {
		case "rtpmap":
			number, name, _ := strings.Cut(a.Value, " ")
			n, err := strconv.ParseUint(number, 10, 7)
			if err == nil && n > 0 && strings.EqualFold(strings.TrimSpace(name), "telephone-event/8000") && slices.Contains(m.MediaName.Formats, number) {
				d.dtmf = uint8(n)
			}
		case "ptime":
			if ms, err := strconv.Atoi(a.Value); err == nil && ms >= 10 && ms <= 60 && ms%10 == 0 {
				d.packetMS = ms
			}
		}
	}
}

// readAddress takes the c= line. 0.0.0.0 is how RFC 2543 put on hold.
func (d *description) readAddress(c *sdp.ConnectionInformation, port int) {
	if c == nil || c.Address == nil || port > 65535 {
		return
	}
	addr, err := netip.ParseAddr(c.Address.Address)
	if err != nil {
		return // a name: the sound tells the address when it comes (rtp latches)
	}
	if addr.IsUnspecified() {
		d.holds = true
		if d.direction == rtp.SendRecv {
			d.direction = rtp.RecvOnly
		} else if d.direction == rtp.SendOnly {
			d.direction = rtp.Inactive
		}
		return
	}
	d.sound = netip.AddrPortFrom(addr.Unmap(), uint16(port))
}

// directionOf is the direction seen from the box: what the phone sends, we receive. The line's own
// attribute goes before the session's (RFC 8866 clause 6.7).
func directionOf(levels ...[]sdp.Attribute) rtp.Direction {
	for _, attributes := range levels {
		for _, a := range attributes {
			switch a.Key {
			case "sendrecv":
				return rtp.SendRecv
			case "sendonly":
				return rtp.RecvOnly
			case "recvonly":
				return rtp.SendOnly
			case "inactive":
				return rtp.Inactive
			}
		}
	}
	return rtp.SendRecv
}

// choose picks the first of order that is there.
func (d *description) choose(order []uint8) uint8 {
	for _, t := range order {
		if slices.Contains(d.types, t) {
			return t
		}
	}
	return d.types[0]
}

// ourTypes are the payload types the box takes, in its order: A-law, so that an E1's octets pass unchanged; else µ-law,
// and G.722 when the phone takes nothing else, for no line has more than 4 kHz.
var ourTypes = []uint8{rtp.PayloadALaw, rtp.PayloadMuLaw, rtp.PayloadG722}

// preferring is ourTypes with the payload type before the others.
func preferring(first uint8) []uint8 {
	order := []uint8{first}
	for _, t := range ourTypes {
		if t != first {
			order = append(order, t)
		}
	}
	return order
}

// session is our own side of an SDP.
type session struct {
	id, version uint64
	host        string // address told in o= and c=
	port        int
	packetMS    int
	types       []uint8 // payload types it takes, in its order
	keys        *keys   // of encrypted sound; nil: there may be none
	sealed      bool    // what is offered is encrypted
	comfort     bool    // the phone may be told of silence instead of sent it
}

// offeredDTMF is the payload type of telephone-event in our offers.
const offeredDTMF = 101

// offer lists what the box can do.
func (s *session) offer(direction rtp.Direction) ([]byte, error) {
	var lines []crypto
	if s.sealed && s.keys != nil {
		lines = s.keys.offer()
	}
	return s.describe([]*sdp.MediaDescription{s.audioLine(s.types, offeredDTMF, s.comfort, direction, lines)})
}

// answer repeats every line of the offer: the chosen one with one codec, the others refused with port 0
// (RFC 3264 clause 6).
func (s *session) answer(offer *description, payloadType uint8) ([]byte, error) {
	var lines []*sdp.MediaDescription
	var sealed []crypto
	if offer.crypto != nil && s.keys != nil {
		sealed = []crypto{{offer.crypto.tag, offer.crypto.suite, s.keys[offer.crypto.suite]}}
	}
	for i, l := range offer.lines {
		if i == offer.audio {
			lines = append(lines, s.audioLine([]uint8{payloadType}, offer.dtmf, s.comfort && offer.comfort, offer.direction, sealed))
			continue
		}
		lines = append(lines, &sdp.MediaDescription{MediaName: sdp.MediaName{Media: l.kind, Protos: l.protos, Formats: l.formats}})
	}
	return s.describe(lines)
}

func (s *session) audioLine(types []uint8, dtmf uint8, comfort bool, direction rtp.Direction, sealed []crypto) *sdp.MediaDescription {
	m := &sdp.MediaDescription{MediaName: sdp.MediaName{Media: "audio", Port: sdp.RangedPort{Value: s.port}, Protos: []string{"RTP", "AVP"}}}
	if len(sealed) > 0 {
		m.MediaName.Protos[1] = "SAVP"
	}
	for _, t := range types {
		number := strconv.Itoa(int(t))
		codec, _ := rtp.CodecByType(t)
		m.MediaName.Formats = append(m.MediaName.Formats, number)
		m.Attributes = append(m.Attributes, sdp.NewAttribute("rtpmap", number+" "+codec.Name()))
	}
	for _, c := range sealed {
		m.Attributes = append(m.Attributes, c.attribute())
	}
	if dtmf != 0 {
		number := strconv.Itoa(int(dtmf))
		m.MediaName.Formats = append(m.MediaName.Formats, number)
		m.Attributes = append(m.Attributes, sdp.NewAttribute("rtpmap", number+" telephone-event/8000"), sdp.NewAttribute("fmtp", number+" 0-15"))
	}
	if comfort { // RFC 3389 clause 5
		number := strconv.Itoa(rtp.PayloadComfortNoise)
		m.MediaName.Formats = append(m.MediaName.Formats, number)
		m.Attributes = append(m.Attributes, sdp.NewAttribute("rtpmap", number+" CN/8000"))
	}
	m.Attributes = append(m.Attributes, sdp.NewAttribute("ptime", strconv.Itoa(s.packetMS)), sdp.NewPropertyAttribute(direction.String()))
	return m
}

func (s *session) describe(lines []*sdp.MediaDescription) ([]byte, error) {
	family := "IP4"
	if addr, err := netip.ParseAddr(s.host); err == nil && addr.Is6() {
		family = "IP6"
	}
	d := sdp.SessionDescription{
		Origin: sdp.Origin{
			Username: "trunkbox", SessionID: s.id, SessionVersion: s.version,
			NetworkType: "IN", AddressType: family, UnicastAddress: s.host,
		},
		SessionName:           "-",
		ConnectionInformation: &sdp.ConnectionInformation{NetworkType: "IN", AddressType: family, Address: &sdp.Address{Address: s.host}},
		TimeDescriptions:      []sdp.TimeDescription{{}},
		MediaDescriptions:     lines,
	}
	body, err := d.Marshal()
	if err != nil {
		return nil, fmt.Errorf("SDP with %d media lines: %w", len(lines), err)
	}
	return body, nil
}
