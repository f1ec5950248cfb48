package dahdi

import "testing"

// TestOfferDropsTheOldest: who reads late has the newest, in order.
func TestOfferDropsTheOldest(t *testing.T) {
	held := make(chan int, 3)
	for n := range 10 {
		offer(held, n)
	}
	for want := 7; want < 10; want++ {
		if got := <-held; got != want {
			t.Errorf("%d is read, want %d", got, want)
		}
	}
	if len(held) != 0 {
		t.Errorf("%d are left", len(held))
	}
}
