package phone

import (
	"fmt"

	"trunkbox/dsp"
	"trunkbox/test/farend/crowd"
	"trunkbox/test/farend/sound"
)

// shared is a stream that a crowd moves.
type shared struct {
	*crowd.Voice
	end   *crowd.End
	sound *sound.Sound
}

// newStream makes the stream of a call.
func (p *Phone) newStream() (stream, error) {
	if end := p.o.Crowd; end != nil {
		s := sound.New(p.o.Law, p.o.RecordS)
		return shared{end.Open(s, p.o.Law), end, s}, nil
	}
	m, err := newMedia(p.ip, p.o.Law, p.o.RecordS, &p.traffic)
	if err != nil {
		return nil, fmt.Errorf("phone: a socket for sound: %w", err)
	}
	return m, nil
}

func (s shared) port() int { return int(s.end.Address().Port()) }

func (s shared) agree(d description, law dsp.Law, direction string) {
	s.Agree(d.address.AddrPort(), law, direction == "sendrecv" || direction == "sendonly")
}

func (s shared) ear() *sound.Sound { return s.sound }

func (shared) press(string) bool { return false }

func (s shared) packets() (sent, received int) {
	c := s.Counts()
	return int(c.Sent), int(c.Received)
}

func (s shared) close() {
	s.Close()
	s.sound.Stop()
}
