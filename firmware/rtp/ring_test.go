package rtp

import (
	"net/netip"
	"testing"

	"golang.org/x/sys/unix"
)

// More packets than there is room for, over many sockets, go out and come in whole, and each outcome is told
// of the right one; a closed socket fails alone.
func TestRing(t *testing.T) {
	r, err := newRing()
	if err != nil {
		t.Skip("the box moves packets one by one here, which TestTwoStreamsHearEachOther sees work: ", err)
	}
	defer r.close()
	fds, at := make([]int, ringRoom), make([]postal, ringRoom)
	for i := range fds {
		if fds[i], err = listen(netip.AddrPortFrom(loopback, 0)); err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fds[i])
		at[i], _ = post(netip.AddrPortFrom(loopback, uint16(boundTo(fds[i]))), false)
	}
	letters, parcels := make([]letter, ringRoom), make([]parcel, ringRoom)
	for round := range 3 {
		for i := range parcels {
			l := &parcels[i]
			l.to, l.size = at[(i+1)%ringRoom], 3
			copy(l.octets[:], []byte{byte(round), byte(i), 7})
			fd := fds[i]
			if i == 5 {
				fd = -1
			}
			r.lay(ringSend, fd, l.message(), i)
		}
		outcomes := map[int]int32{}
		if err := r.run(func(i int, result int32) { outcomes[i] = result }); err != nil {
			t.Fatal(err)
		}
		for i := range parcels {
			if want := int32(3); i == 5 && outcomes[i] != -int32(unix.EBADF) || i != 5 && outcomes[i] != want {
				t.Errorf("round %d, packet %d: %d", round, i, outcomes[i])
			}
		}
		for i := range letters {
			r.lay(ringReceive, fds[i], letters[i].message(), i)
		}
		got := 0
		if err := r.run(func(i int, result int32) {
			from := (i + ringRoom - 1) % ringRoom
			l := &letters[i]
			switch {
			case from == 5 && result == -int32(unix.EAGAIN):
			case result == 3 && l.octets[0] == byte(round) && l.octets[1] == byte(from) && int(l.sender.from().Port()) == boundTo(fds[from]) && l.stamp() != 0:
				got++
			default:
				t.Errorf("round %d, letter %d: %d %v", round, i, result, l.octets[:3])
			}
		}); err != nil {
			t.Fatal(err)
		}
		if got != ringRoom-1 {
			t.Errorf("round %d: %d letters", round, got)
		}
	}
}
