// Package ports finds ports of the loopback for the boxes and telephones of tests, so that many run side by side.
//
// In: nothing but how many are wanted. Out: numbers of ports that nobody uses. It is beside both paths.
//
// All lie below those that Linux gives to clients (32768 and up, net.ipv4.ip_local_port_range): a box that is killed and
// started again must find its ports free, whatever sockets were opened meanwhile.
//
// Nobody gets a port twice until all were given. A port is looked at and let go again, so another process may take it;
// each process begins elsewhere. Every function is safe from anywhere.
package ports

import (
	"fmt"
	"net"
	"os"
	"sync"
	"testing"
)

// span is a range of ports with the place of the next search.
type span struct {
	mu          sync.Mutex
	first, last int
	next        int
}

var (
	singles = span{first: 30000, last: 32699, next: 30000 + os.Getpid()%2700}
	rows    = span{first: 20000, last: 29999, next: 20000 + os.Getpid()%5000*2}
)

// Find finds a port that nobody uses for TCP or UDP.
func Find() (int, error) { return singles.find(1, 1) }

// FindRow finds n ports in a row, the first even, that nobody uses for TCP or UDP: a range for sound.
func FindRow(n int) (first int, err error) { return rows.find(n, 2) }

// Free is Find for a test, which fails when there is none.
func Free(t testing.TB) int {
	t.Helper()
	port, err := Find()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// Row is FindRow for a test, which fails when there is none.
func Row(t testing.TB, n int) int {
	t.Helper()
	first, err := FindRow(n)
	if err != nil {
		t.Fatal(err)
	}
	return first
}

// find searches the whole span once, from where the last search ended; the first port is a multiple of step.
func (s *span) find(n, step int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for looked := 0; looked <= s.last-s.first; {
		at := (s.next + step - 1) / step * step
		if at+n-1 > s.last {
			looked += s.last - s.next + 1
			s.next = s.first
			continue
		}
		taken := firstTaken(at, n)
		if taken < 0 {
			s.next = at + n
			return at, nil
		}
		looked += taken + 1 - s.next
		s.next = taken + 1
	}
	return 0, fmt.Errorf("no %d ports in a row from %d to %d are free for TCP and UDP on 127.0.0.1", n, s.first, s.last)
}

// firstTaken is the first of n ports that somebody uses; -1: none.
func firstTaken(first, n int) int {
	for port := first; port < first+n; port++ {
		address := fmt.Sprintf("127.0.0.1:%d", port)
		tcp, err := net.Listen("tcp4", address)
		if err != nil {
			return port
		}
		udp, err := net.ListenPacket("udp4", address)
		_ = tcp.Close()
		if err != nil {
			return port
		}
		_ = udp.Close()
	}
	return -1
}
