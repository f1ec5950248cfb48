package rtp

// numbering gives what leaves a stream its sequence numbers and timestamps, whoever made it: the engine counts
// its packets and its time, a relayed stream has the numbers its phone gave. Both are shifted so that the
// sequence has no hole and no number twice where one takes over from the other, and the timestamp goes on at
// the next sample. A loss within either stays a hole. Pump only, with the stream's mu held.
//
//	engine   7 8 9             10 11        shifted by 0, from the relay's end on by 3
//	relayed         501 502 503             shifted by 10 - 501
//	leaves   7 8 9   10  11  12 13 14
type numbering struct {
	sequence  uint16 // of the next packet
	timestamp uint32 // of the next sample

	engineSequence, relayedSequence   uint16 // added to the one and the other
	engineTimestamp, relayedTimestamp uint32
}

// engine numbers a packet of the engine with n samples.
func (u *numbering) engine(sequence uint16, timestamp uint32, n int) (uint16, uint32) {
	sequence, timestamp = sequence+u.engineSequence, timestamp+u.engineTimestamp
	u.sequence, u.timestamp = sequence+1, timestamp+uint32(n)
	return sequence, timestamp
}

// takeOver makes the packet with the phone's sequence, and its sample at timestamp, the next; the engine
// stands at its own two numbers and stays there.
func (u *numbering) takeOver(sequence uint16, timestamp uint32, engineSequence uint16, engineTimestamp uint32) {
	u.sequence, u.timestamp = engineSequence+u.engineSequence, engineTimestamp+u.engineTimestamp
	u.relayedSequence, u.relayedTimestamp = u.sequence-sequence, u.timestamp-timestamp
}

// relayed numbers a packet of the phone with n samples. What leaves by it moves the engine's numbers on.
func (u *numbering) relayed(sequence uint16, timestamp uint32, n int) (uint16, uint32) {
	sequence, timestamp = sequence+u.relayedSequence, timestamp+u.relayedTimestamp
	if step := int16(sequence + 1 - u.sequence); step > 0 {
		u.sequence += uint16(step)
		u.engineSequence += uint16(step)
	}
	if step := int32(timestamp + uint32(n) - u.timestamp); step > 0 {
		u.timestamp += uint32(step)
		u.engineTimestamp += uint32(step)
	}
	return sequence, timestamp
}
