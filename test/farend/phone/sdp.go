package phone

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"trunkbox/dsp"
)

// description is what this telephone understands of a session description: one audio stream.
//
//	v=0
//	o=- <id> <version> IN IP4 <address>
//	s=-
//	c=IN IP4 <address>
//	t=0 0
//	m=audio <port> RTP/AVP <payload types in order of preference>
//	a=rtpmap:101 telephone-event/8000
//	a=sendrecv | sendonly | recvonly | inactive
type description struct {
	address   *net.UDPAddr
	payloads  []int // of RTP, in order
	keys      int   // payload type of telephone-event, 0: none
	direction string
}

// Payload types of RFC 3551, and ours for keys.
const (
	payloadMuLaw = 0
	payloadALaw  = 8
	payloadKeys  = 101
)

func payloadOf(law dsp.Law) int {
	if law == dsp.MuLaw {
		return payloadMuLaw
	}
	return payloadALaw
}

// parseDescription reads a session description.
func parseDescription(body []byte) (description, error) {
	d := description{direction: "sendrecv"}
	var host string
	port := -1
	for _, line := range strings.Split(strings.ReplaceAll(string(body), "\r", "\n"), "\n") {
		kind, value, found := strings.Cut(line, "=")
		if !found {
			continue
		}
		switch kind {
		case "c":
			if f := strings.Fields(value); len(f) == 3 && (port < 0 || host == "" || f[1] == "IP4") {
				host = f[2]
			}
		case "m":
			f := strings.Fields(value)
			if port >= 0 || len(f) < 4 || f[0] != "audio" {
				continue // only the first audio stream counts
			}
			n, err := strconv.Atoi(f[1])
			if err != nil || n < 0 || n > 65535 {
				return d, fmt.Errorf("phone: the port %q of the audio stream is no port", f[1])
			}
			port = n
			for _, p := range f[3:] {
				if n, err := strconv.Atoi(p); err == nil {
					d.payloads = append(d.payloads, n)
				}
			}
		case "a":
			d.attribute(value)
		}
	}
	if port < 0 {
		return d, fmt.Errorf("phone: no audio stream in a session description of %d octets", len(body))
	}
	ip := net.ParseIP(host)
	if ip == nil {
		return d, fmt.Errorf("phone: no address in the session description: %q", host)
	}
	d.address = &net.UDPAddr{IP: ip, Port: port}
	return d, nil
}

func (d *description) attribute(value string) {
	switch value {
	case "sendrecv", "sendonly", "recvonly", "inactive":
		d.direction = value
		return
	}
	mapping, found := strings.CutPrefix(value, "rtpmap:")
	if !found {
		return
	}
	payload, codec, _ := strings.Cut(mapping, " ")
	if strings.EqualFold(strings.TrimSpace(codec), "telephone-event/8000") {
		d.keys, _ = strconv.Atoi(payload)
	}
}

// law is the first G.711 law that the description has and this telephone takes.
func (p *Phone) law(d description) (dsp.Law, error) {
	for _, payload := range d.payloads {
		for _, law := range p.laws() {
			if payload == payloadOf(law) {
				return law, nil
			}
		}
	}
	return 0, fmt.Errorf("phone: none of the payload types %v is taken", d.payloads)
}

func (p *Phone) laws() []dsp.Law {
	if p.o.OtherLaw {
		return []dsp.Law{p.o.Law, 1 - p.o.Law}
	}
	return []dsp.Law{p.o.Law}
}

// describe writes the session description of a stream. laws and keys are what is offered or answered.
func (p *Phone) describe(port int, laws []dsp.Law, keys int, direction string, version int) []byte {
	payloads, maps := "", ""
	for _, law := range laws {
		name := "PCMA"
		if law == dsp.MuLaw {
			name = "PCMU"
		}
		payloads += fmt.Sprintf(" %d", payloadOf(law))
		maps += fmt.Sprintf("a=rtpmap:%d %s/8000\r\n", payloadOf(law), name)
	}
	if keys != 0 {
		payloads += fmt.Sprintf(" %d", keys)
		maps += fmt.Sprintf("a=rtpmap:%d telephone-event/8000\r\na=fmtp:%d 0-15\r\n", keys, keys)
	}
	return fmt.Appendf(nil, "v=0\r\no=- %d %d IN IP4 %s\r\ns=-\r\nc=IN IP4 %s\r\nt=0 0\r\nm=audio %d RTP/AVP%s\r\n%sa=ptime:20\r\na=%s\r\n",
		p.began(), version, p.ip, p.ip, port, payloads, maps, direction)
}

// began is the session id of every description of this telephone.
func (p *Phone) began() int64 { return p.made.UnixNano() / int64(time.Millisecond) }

// mirrored is the answer to a direction.
func mirrored(direction string) string {
	switch direction {
	case "sendonly":
		return "recvonly"
	case "recvonly":
		return "sendonly"
	}
	return direction
}
