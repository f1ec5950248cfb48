package ports

import (
	"fmt"
	"net"
	"testing"
)

func TestPortsAreGivenOnce(t *testing.T) {
	given := map[int]bool{}
	for range 50 {
		port := Free(t)
		if given[port] || port < singles.first || port > singles.last {
			t.Fatalf("port %d is given again, or is none of %d to %d", port, singles.first, singles.last)
		}
		given[port] = true
	}
	before := 0
	for range 10 {
		first := Row(t, 40)
		if first%2 != 0 || first < rows.first || first+39 > rows.last || before != 0 && first < before+40 && first > before-40 {
			t.Fatalf("the row from %d follows the one from %d", first, before)
		}
		before = first
	}
}

// TestTakenPortsAreLeftOut searches spans of a few ports, some of which others have.
func TestTakenPortsAreLeftOut(t *testing.T) {
	first := Row(t, 10)
	tcp, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", first+1))
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	udp, err := net.ListenPacket("udp4", fmt.Sprintf("127.0.0.1:%d", first+4))
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()

	s := span{first: first, last: first + 9, next: first + 8}
	for _, want := range []int{first + 8, first + 2, first + 6} { // rows of 2: 0 has a taken one, and 4
		if got, err := s.find(2, 2); err != nil || got != want {
			t.Fatalf("found %d, %v; want %d", got-first, err, want-first)
		}
	}
	if got, err := s.find(6, 2); err == nil {
		t.Fatalf("found 6 in a row from %d", got-first)
	}
	if got, err := s.find(4, 2); err != nil || got != first+6 {
		t.Fatalf("found %d, %v; want 6", got-first, err)
	}
}
