package span

import "testing"

// TestSlotset: a timeslot is in a set once it was put in, until it is taken out, and the others are not touched.
func TestSlotset(t *testing.T) {
	for ts := range Timeslot(Slots) {
		for _, before := range []Slotset{0, 0xa5a5a5a5, ^Slotset(0)} {
			with, without := before.With(ts), before.Without(ts)
			if !with.Has(ts) || without.Has(ts) {
				t.Errorf("timeslot %d of %#x: with it %#x, without it %#x", ts, before, with, without)
			}
			for other := range Timeslot(Slots) {
				if was := before.Has(other); other != ts && (with.Has(other) != was || without.Has(other) != was) {
					t.Errorf("timeslot %d changes %d of %#x", ts, other, before)
				}
			}
		}
	}
	if (^Slotset(0)).Has(Slots) {
		t.Errorf("there is a timeslot %d", Slots)
	}
}
