package exchange

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"trunkbox/drivers/span"
)

// steady is the line that the sound and the signalling stand on: the driver while there is one, and between two of them a
// line that is not open. So a card that goes and comes back costs no call that is answered, and nothing else of the box
// has to know.
type steady struct {
	name  string
	kind  span.Kind
	block int
	noD   bool
	gone  func(driver span.Line) // the driver ended by itself; called from any goroutine

	driver atomic.Pointer[span.Line] // nil while there is none

	mu     sync.Mutex
	closed bool
	change chan struct{} // closed when a driver comes, or the end
}

// newSteady makes a line without a driver.
func newSteady(name string, kind span.Kind, block int, noD bool, gone func(span.Line)) *steady {
	return &steady{name: name, kind: kind, block: block, noD: noD, gone: gone, change: make(chan struct{})}
}

// attach gives the line its driver, which is of the line's kind and block; else, or after Close, the driver is closed.
func (s *steady) attach(driver span.Line) error {
	if driver.Kind() != s.kind || driver.Block() != s.block {
		_ = driver.Close()
		return fmt.Errorf("the driver of %s gives an %v in blocks of %d octets, the settings say %v and %d", s.name, driver.Kind(), driver.Block(), s.kind, s.block)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = driver.Close()
		return io.EOF
	}
	s.driver.Store(&driver)
	close(s.change)
	return nil
}

// lose takes the driver away that said io.EOF.
func (s *steady) lose(was *span.Line) {
	s.mu.Lock()
	lost := !s.closed && s.driver.CompareAndSwap(was, nil)
	if lost {
		s.change = make(chan struct{})
	}
	s.mu.Unlock()
	if lost {
		_ = (*was).Close()
		s.gone(*was)
	}
}

// wait returns the driver when there is one, nil after Close.
func (s *steady) wait() *span.Line {
	for {
		if driver := s.driver.Load(); driver != nil {
			return driver
		}
		s.mu.Lock()
		change, closed := s.change, s.closed
		s.mu.Unlock()
		if closed {
			return nil
		}
		<-change
	}
}

func (s *steady) Name() string    { return s.name }
func (s *steady) Kind() span.Kind { return s.kind }
func (s *steady) Block() int      { return s.block }

// Bearers are the timeslots of its calls: with that of the D channel where another line's carries its signalling.
func (s *steady) Bearers() []span.Timeslot {
	if s.noD {
		return s.kind.Payload()
	}
	return s.kind.B()
}

// Delay is that of the driver, as span.Delayed has it.
func (s *steady) Delay() int {
	if driver := s.driver.Load(); driver != nil {
		if delayed, says := (*driver).(span.Delayed); says {
			return delayed.Delay()
		}
	}
	return s.block
}

func (s *steady) Tick(rx, tx *span.Block) error {
	for {
		driver := s.wait()
		if driver == nil {
			return io.EOF
		}
		err := (*driver).Tick(rx, tx)
		if !errors.Is(err, io.EOF) {
			return err
		}
		s.lose(driver)
		if s.ended() {
			return io.EOF
		}
	}
}

// Beat is that of the driver.
func (s *steady) Beat() (span.Beat, error) {
	driver := s.wait()
	if driver == nil {
		return nil, io.EOF
	}
	if inStep, is := (*driver).(span.InStep); is {
		return inStep.Beat()
	}
	return nil, nil
}

// TickAt is that of the driver, if it has one. Other lines are ticked by the same thread: it waits for no driver.
func (s *steady) TickAt(beat span.Beat, n uint64, rx, tx *span.Block) error {
	err := span.ErrOutOfStep
	if driver := s.driver.Load(); driver != nil {
		if inStep, is := (*driver).(span.InStep); is {
			err = inStep.TickAt(beat, n, rx, tx)
		}
		if errors.Is(err, io.EOF) {
			s.lose(driver)
			err = span.ErrOutOfStep
		}
	}
	if errors.Is(err, span.ErrOutOfStep) && s.ended() {
		return io.EOF
	}
	return err
}

func (s *steady) ReceiveFrame(buf []byte) (int, error) {
	for {
		driver := s.wait()
		if driver == nil {
			return 0, io.EOF
		}
		n, err := (*driver).ReceiveFrame(buf)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		s.lose(driver)
		if s.ended() {
			return 0, io.EOF
		}
	}
}

// errNoDriver says that nothing can be sent while the line is not open.
var errNoDriver = errors.New("the line is not open")

func (s *steady) SendFrame(frame []byte) error {
	driver := s.driver.Load()
	if driver == nil {
		return errNoDriver
	}
	return (*driver).SendFrame(frame)
}

func (s *steady) Status() span.Status {
	if driver := s.driver.Load(); driver != nil {
		return (*driver).Status()
	}
	return span.Status{Alarms: span.NotOpen}
}

// Events are those of the driver, which is asked itself.
func (s *steady) Events() <-chan span.Event { return nil }

func (s *steady) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

func (s *steady) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	driver := s.driver.Load()
	if driver == nil {
		close(s.change)
		return nil
	}
	return (*driver).Close()
}
