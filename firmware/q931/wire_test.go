package q931

import "testing"

// FuzzVariants reads any octets in the habits of every variant, and sees that what is written for the message read is read as
// the same message again.
func FuzzVariants(f *testing.F) {
	for _, s := range spokenByLibpri(f) {
		f.Add(s.octets)
	}
	for _, c := range messages {
		f.Add(unhex(f, c.octets))
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		for _, v := range Profiles {
			p, _ := ProfileOf(v.Name, Network)
			var first, second, third Message
			if p.Decode(&first, octets) != nil {
				continue
			}
			once := p.AppendTo(nil, &first)
			if err := p.Decode(&second, once); err != nil {
				t.Fatalf("%s: % x is written as % x: %v", v.Name, octets, once, err)
			}
			twice := p.AppendTo(nil, &second)
			if err := p.Decode(&third, twice); err != nil {
				t.Fatalf("%s: % x is written as % x: %v", v.Name, once, twice, err)
			}
			if first.Type != second.Type || first.Ref != second.Ref || first.Channel.Timeslots() != second.Channel.Timeslots() && onLine(first.Channel) {
				t.Fatalf("%s: % x\n%+v\nis written as % x\n%+v", v.Name, octets, first, once, second)
			}
		}
	})
}

// onLine says whether all channels that an element names are timeslots of a line.
func onLine(ch Channel) bool {
	const lines = ^uint32(1 | 1<<16)
	for _, n := range ch.Further {
		if n&0x7f > 31 {
			return false
		}
	}
	return ch.Timeslots()&^lines == 0 && ch.Number < 32
}
