package rtp

import "encoding/binary"

// rtpPacket is what the box needs of an RTP packet (RFC 3550 clause 5.1). What is no RTP costs no allocation, and neither do
// sources and extensions, which are passed over.
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|V=2|P|X|  CC   |M|     PT      |       sequence number         |
//	|                           timestamp                           |
//	|                             SSRC                              |
//	|                    CC times: CSRC identifier                  |
//	|    when X: defined by profile |  length in words of 32 bits   |
//	|                       header extension                        |
//	|            payload: PT 0, 8, 9: one octet for 125 µs          |
//	|                 when P: padding, its last octet the length of it
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
type rtpPacket struct {
	padded      bool
	marker      bool
	payloadType uint8
	sequence    uint16
	timestamp   uint32
	ssrc        uint32
	payload     []byte // of the datagram that was read
}

const headerSize = 12

// header reads what is before the payload, which begins at start and may be encrypted; false: that is no RTP.
func (p *rtpPacket) header(datagram []byte) (start int, ok bool) {
	if len(datagram) < headerSize || datagram[0]>>6 != 2 {
		return 0, false
	}
	p.padded, p.marker, p.payloadType = datagram[0]&0x20 != 0, datagram[1]&0x80 != 0, datagram[1]&0x7F
	p.sequence = binary.BigEndian.Uint16(datagram[2:])
	p.timestamp = binary.BigEndian.Uint32(datagram[4:])
	p.ssrc = binary.BigEndian.Uint32(datagram[8:])
	start = headerSize + 4*int(datagram[0]&0xF)
	if datagram[0]&0x10 != 0 {
		if len(datagram) < start+4 {
			return 0, false
		}
		start += 4 + 4*int(binary.BigEndian.Uint16(datagram[start+2:]))
	}
	return start, start <= len(datagram)
}

// content takes what comes after the header; false: its padding is wrong.
func (p *rtpPacket) content(octets []byte) bool {
	if p.padded {
		if len(octets) == 0 {
			return false
		}
		padding := int(octets[len(octets)-1])
		if padding == 0 || padding > len(octets) {
			return false
		}
		octets = octets[:len(octets)-padding]
	}
	p.payload = octets
	return true
}
