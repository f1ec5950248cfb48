package rtp

import "trunkbox/dsp"

// Codec is how sound is written in a packet.
type Codec uint8

// The codecs. All three have one octet for 125 µs: the RTP clock of G.722 counts 8000 in a second although
// it has 16000 samples (RFC 3551 clause 4.5.2).
const (
	ALaw Codec = iota
	MuLaw
	G722
)

// The static payload types of RFC 3551 table 4, and comfort noise (RFC 3389).
const (
	PayloadMuLaw        = 0
	PayloadALaw         = 8
	PayloadG722         = 9
	PayloadComfortNoise = 13
)

// CodecOf is the codec of a law.
func CodecOf(law dsp.Law) Codec {
	if law == dsp.MuLaw {
		return MuLaw
	}
	return ALaw
}

// CodecByType is the codec with a static payload type.
func CodecByType(payloadType uint8) (Codec, bool) {
	switch payloadType {
	case PayloadMuLaw:
		return MuLaw, true
	case PayloadALaw:
		return ALaw, true
	case PayloadG722:
		return G722, true
	}
	return ALaw, false
}

// Type is the static payload type.
func (c Codec) Type() uint8 { return [...]uint8{PayloadALaw, PayloadMuLaw, PayloadG722}[c%3] }

// Name is the encoding name of RFC 3551 with its RTP clock.
func (c Codec) Name() string { return [...]string{"PCMA/8000", "PCMU/8000", "G722/8000"}[c%3] }

// law is the companding of a narrow-band codec.
func (c Codec) law() dsp.Law {
	if c == MuLaw {
		return dsp.MuLaw
	}
	return dsp.ALaw
}

// wide is the state of G.722 both ways; it belongs to the pump. Packets are decoded as they come.
// Departure: a packet that overtook another is decoded before it, so both are a little noisy.
type wide struct {
	encoder dsp.G722Encoder
	decoder dsp.G722Decoder
}

// widened is the stream's, from the first packet of G.722 on.
func (s *Stream) widened() *wide {
	if s.wide == nil {
		s.wide = s.spares().wides.take()
	}
	return s.wide
}

// encode writes octets of law in codec c into dst, which has the same length.
func (s *Stream) encode(dst, octets []byte, c Codec, law dsp.Law) {
	if c != G722 {
		dsp.Transcode(dst, octets, law, c.law())
		return
	}
	var room [MaxPayload]int16
	pcm := room[:len(octets)]
	law.Expand(pcm, octets)
	s.widened().encoder.EncodeNarrow(dst, pcm)
}

// decode is its opposite.
func (s *Stream) decode(dst, payload []byte, c Codec, law dsp.Law) {
	if c != G722 {
		dsp.Transcode(dst, payload, c.law(), law)
		return
	}
	var room [MaxPayload]int16
	pcm := room[:len(payload)]
	s.widened().decoder.DecodeNarrow(pcm, payload)
	law.Compress(dst, pcm)
}
