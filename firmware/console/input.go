package console

import (
	"context"
	"errors"
	"io"
	"time"
	"unicode/utf8"

	"trunkbox/firmware/column"
)

// What ends a session without being a fault.
var (
	errIdle      = errors.New("no key for too long")
	errLoggedOut = errors.New("logged out")
)

// The keys the console knows.
const (
	keyCancel    = 0x03 // Ctrl-C
	keyBackspace = 0x08
	keyWipe      = 0x15 // Ctrl-U
	keyEscape    = 0x1b
	keyDelete    = 0x7f
)

// longestLine is the most octets of one line of input.
const longestLine = 1000

// input hands out what comes in on the line.
type input struct {
	chunks  chan []byte
	failed  error // why chunks was closed
	pending []byte
	afterCR bool
}

// newInput begins to read the line. The reader ends with the line, or when nobody fetches after ctx.
func newInput(ctx context.Context, line io.Reader) *input {
	in := &input{chunks: make(chan []byte, 64)}
	go func() {
		defer close(in.chunks)
		for {
			buffer := make([]byte, 1024)
			n, err := line.Read(buffer)
			if n > 0 {
				select {
				case in.chunks <- buffer[:n]:
				case <-ctx.Done():
					return
				}
			}
			if err != nil {
				in.failed = err
				return
			}
		}
	}()
	return in
}

// octet waits for the next octet.
func (in *input) octet(ctx context.Context, idle <-chan time.Time) (byte, error) {
	for len(in.pending) == 0 {
		select {
		case chunk, more := <-in.chunks:
			if !more {
				return 0, in.end()
			}
			in.pending = chunk
		case <-idle:
			return 0, errIdle
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	b := in.pending[0]
	in.pending = in.pending[1:]
	return b, nil
}

// end is why there is no more.
func (in *input) end() error {
	if in.failed == nil {
		return io.EOF
	}
	return in.failed
}

// cancelled says whether Ctrl-C is among the octets that have come; it does not wait. Everything typed
// before it is dropped with it.
func (in *input) cancelled() bool {
	for {
		for i, b := range in.pending {
			if b == keyCancel {
				in.pending = in.pending[i+1:]
				return true
			}
		}
		select {
		case chunk, more := <-in.chunks:
			if !more {
				return true
			}
			in.pending = append(in.pending, chunk...)
		default:
			return false
		}
	}
}

// discard drops what comes in until the line has been quiet for a moment.
func (in *input) discard(ctx context.Context, quiet time.Duration) {
	in.pending = nil
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	for {
		select {
		case _, more := <-in.chunks:
			if !more {
				return
			}
			timer.Reset(quiet)
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// readLine reads one line with echo, or without for a password. Backspace takes the last character back,
// Ctrl-U all; Ctrl-C gives an empty line.
func (s *session) readLine(ctx context.Context, echo bool) (string, error) {
	idle := time.NewTimer(s.Idle)
	defer idle.Stop()
	var text []byte
	for {
		b, err := s.in.octet(ctx, idle.C)
		if err != nil {
			return "", err
		}
		idle.Reset(s.Idle)
		second := s.in.afterCR && b == '\n'
		s.in.afterCR = b == '\r'
		switch {
		case second: // of CR LF
		case b == '\r' || b == '\n':
			s.print("\r\n")
			return string(text), nil
		case b == keyCancel:
			s.print("^C\r\n")
			return "", nil
		case b == keyWipe:
			for len(text) > 0 {
				text = s.rubOut(text, echo)
			}
		case b == keyBackspace || b == keyDelete:
			text = s.rubOut(text, echo)
		case b == keyEscape:
			if err := s.passEscape(ctx, idle.C); err != nil {
				return "", err
			}
		case b >= ' ' && len(text) < longestLine:
			text = append(text, b)
			if echo {
				s.print(string([]byte{b}))
			}
		}
	}
}

// rubOut takes the last character off a line and off the screen.
func (s *session) rubOut(text []byte, echo bool) []byte {
	r, size := utf8.DecodeLastRune(text)
	if size > 0 && echo {
		for range column.RuneWidth(r) {
			s.print("\b \b")
		}
	}
	return text[:len(text)-size]
}

// passEscape passes over the rest of an escape sequence: ESC, [ or O, then up to a letter or tilde.
func (s *session) passEscape(ctx context.Context, idle <-chan time.Time) error {
	b, err := s.in.octet(ctx, idle)
	if err != nil || (b != '[' && b != 'O') {
		return err
	}
	for {
		b, err := s.in.octet(ctx, idle)
		if err != nil || (b >= '@' && b <= '~') {
			return err
		}
	}
}
