package q931

// BOn returns the channel identification of one B channel of the interface with that identifier (non-facility associated
// signalling: one D channel for several lines). interfaceID is 0 to 127.
func BOn(interfaceID, timeslot uint8, exclusive bool) Channel {
	ch := B(timeslot, exclusive)
	ch.Interface = interfaceIDs[interfaceID&0x7f : interfaceID&0x7f+1]
	return ch
}

// DChannelOn returns the channel identification of the D channel of an interface.
func DChannelOn(interfaceID uint8) Channel {
	return Channel{Given: true, Exclusive: true, DChannel: true, Interface: interfaceIDs[interfaceID&0x7f : interfaceID&0x7f+1]}
}

// WholeInterface returns the channel identification of an interface, for a RESTART of class 6.
func WholeInterface(interfaceID uint8) Channel {
	return Channel{Given: true, Exclusive: true, Interface: interfaceIDs[interfaceID&0x7f : interfaceID&0x7f+1]}
}

// SlotMap returns the channel identification of several B channels as a map of 24 (T1) or 32 (E1) places: bit n of bits is
// timeslot n.
func SlotMap(places uint8, bits uint32, exclusive bool) Channel {
	ch := B(0, exclusive)
	ch.Map = Slots{Octets: places / 8, Bits: bits}
	return ch
}

// InterfaceID returns the identifier of an explicit interface of one octet, false for an implicit or longer one.
func (ch Channel) InterfaceID() (uint8, bool) {
	if len(ch.Interface) != 1 {
		return 0, false
	}
	return ch.Interface[0] & 0x7f, true
}

// Timeslots returns the set of B channels that the element names, by number, list or map: bit n is timeslot n. Numbers
// above 31 are left out.
func (ch Channel) Timeslots() uint32 {
	if !ch.Given || ch.Basic || ch.DChannel || ch.Selection != Indicated || ch.Type != UnitsB {
		return 0
	}
	if ch.Map.Octets != 0 {
		return ch.Map.Bits
	}
	set := uint32(1) << ch.Number
	for _, n := range ch.Further {
		set |= 1 << (n & 0x7f)
	}
	return set
}

// same says whether two elements name the same channels of the same interface; an interface that only one of them names
// explicitly is taken as the same.
func (ch Channel) same(other Channel) bool {
	one, oneIn := ch.InterfaceID()
	two, twoIn := other.InterfaceID()
	return ch.Timeslots() == other.Timeslots() && ch.DChannel == other.DChannel && (!oneIn || !twoIn || one == two)
}

// renumbered returns the element with every channel number passed through of. The octets it came from stay as they are.
func (ch Channel) renumbered(of func(uint8) uint8) Channel {
	if ch.Selection != Indicated || ch.Type == 0 {
		return ch
	}
	if ch.Map.Octets != 0 {
		bits := ch.Map.Bits
		ch.Map.Bits = 0
		for n := range uint8(32) {
			if bits&(1<<n) != 0 {
				ch.Map.Bits |= 1 << of(n)
			}
		}
		return ch
	}
	ch.Number = of(ch.Number) & 0x7f
	if len(ch.Further) > 0 {
		further := make([]byte, len(ch.Further))
		for i, n := range ch.Further {
			further[i] = n&0x80 | of(n&0x7f)&0x7f
		}
		ch.Further = further
	}
	return ch
}
