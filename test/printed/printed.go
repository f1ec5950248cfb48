// Package printed keeps what a process prints, for a test that reads it meanwhile.
//
// In: the output of the box or of a foreign program. Out: all of it so far, or its end. It is beside both paths.
//
// There is no standard.
//
// A Text is safe from anywhere; the zero value is empty. It grows as long as somebody prints.
package printed

import (
	"bytes"
	"sync"
)

// Text is what was printed so far.
type Text struct {
	mu     sync.Mutex
	octets bytes.Buffer
}

// Write adds to the text and never fails.
func (t *Text) Write(octets []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.octets.Write(octets)
}

// String is all of it.
func (t *Text) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.octets.String()
}

// End is the last octets of it, most at most.
func (t *Text) End(most int) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	text := t.octets.Bytes()
	return string(text[max(0, len(text)-most):])
}
