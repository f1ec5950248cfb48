package lapd

// modulus of the sequence numbers (Q.921 3.5.2.1).
const modulus = 128

// Sequence is a send or receive sequence number or state variable, 0 to 127.
type Sequence uint8

// Add returns the number n places on.
func (s Sequence) Add(n int) Sequence { return Sequence((int(s) + n) & (modulus - 1)) }

// Sub returns how many places s lies behind from, 0 to 127.
func (s Sequence) Sub(from Sequence) int { return int(s-from) & (modulus - 1) }

// Within says whether first <= s <= last, counted round from first.
func (s Sequence) Within(first, last Sequence) bool { return s.Sub(first) <= last.Sub(first) }
