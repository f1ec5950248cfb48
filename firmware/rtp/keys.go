package rtp

// keys reads telephone-events (RFC 4733 clause 2.3). One key is one timestamp; its packets repeat
// with growing duration, the last ones with E set, three times over. Pump only.
//
//	 0                   1                   2                   3
//	 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//	|     event     |E|R| volume    |          duration             |
//	+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// event 0..9 are the digits, 10 *, 11 #, 12..15 A..D; volume is minus dBm0; duration in samples.
// Departure: events other than DTMF are ignored; volume is only logged (the regenerated tone has the
// level of the dsp generator).
type keys struct {
	known     bool
	timestamp uint32
	event     byte
	duration  uint16
	ended     bool
}

const eventKeys = "0123456789*#ABCD"

// press is what one telephone-event packet says.
type press struct {
	key    byte // '0'..'D'
	first  bool // this key has not been told yet
	end    bool
	length uint16 // samples it has been down
	volume uint8  // minus dBm0, as it came
}

// packet takes one payload; ok is false for a packet that says nothing new or nothing known.
func (k *keys) packet(timestamp uint32, payload []byte) (p press, ok bool) {
	if len(payload) < 4 || int(payload[0]) >= len(eventKeys) {
		return press{}, false
	}
	event, end := payload[0], payload[1]&0x80 != 0
	duration := uint16(payload[2])<<8 | uint16(payload[3])
	p = press{key: eventKeys[event], end: end, length: duration, volume: payload[1] & 0x3F}
	if k.known {
		switch step := int32(timestamp - k.timestamp); {
		case step < 0: // of a key before this one
			return press{}, false
		case step == 0:
			if event != k.event || k.ended || (!end && duration <= k.duration) {
				return press{}, false
			}
			k.duration, k.ended = duration, end
			return p, true
		case !k.ended && event == k.event && uint32(step) == uint32(k.duration) && k.duration == 0xFFFF:
			// A key held beyond 8 s goes on in a new segment (RFC 4733 clause 2.5.1.3).
			k.timestamp, k.duration, k.ended = timestamp, duration, end
			return p, true
		}
	}
	*k = keys{known: true, timestamp: timestamp, event: event, duration: duration, ended: end}
	p.first = true
	return p, true
}
