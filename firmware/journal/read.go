package journal

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"time"
)

// DamageError stands in the place of events that cannot be read.
type DamageError struct {
	After   Seq    // the last event before
	Missing uint64 // how many are missing; 0 when that is not known
	Why     string
}

func (e DamageError) Error() string {
	return fmt.Sprintf("after event %d: %s", e.After, e.Why)
}

// Read gives the events from a number on, up to the newest at the time of the call. Where events cannot
// be read it gives a DamageError in their place, and goes on.
func (j *Journal) Read(from Seq) iter.Seq2[Event, error] {
	return j.read(from, time.Time{}, time.Time{})
}

// Between gives the events from one time to before another; a zero time is no limit.
func (j *Journal) Between(from, to time.Time) iter.Seq2[Event, error] {
	return j.read(1, from, to)
}

// read takes the events from the segments, and from memory those that the disk has not taken.
func (j *Journal) read(from Seq, earliest, end time.Time) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		j.mu.Lock()
		unsaved := j.unsaved.from(from)
		segments := make([]segment, 0, len(j.segments))
		for _, s := range j.segments {
			segments = append(segments, *s)
		}
		j.mu.Unlock()
		within := func(e Event) bool {
			return (earliest.IsZero() || !e.At.Before(earliest)) && (end.IsZero() || e.At.Before(end))
		}
		previous := Seq(0)
		for _, s := range segments {
			beside := s.last < from ||
				(!earliest.IsZero() && s.late.Before(earliest)) || (!end.IsZero() && !s.earliest.Before(end))
			if beside {
				previous = 0
				continue
			}
			for e, err := range s.events(from, &previous) {
				switch {
				case err != nil:
					if previous+1 >= from && !yield(Event{}, err) {
						return
					}
				case e.Seq < from || !within(e):
				case !yield(e, nil):
					return
				}
			}
		}
		for _, l := range unsaved {
			if e := l.event(); within(e) && !yield(e, nil) {
				return
			}
		}
	}
}

// events gives the events of a segment, those before from perhaps not. previous is the number of the event before, 0 when
// not known; it is kept up to date.
func (s *segment) events(from Seq, previous *Seq) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		file, err := os.Open(s.path)
		if err != nil {
			yield(Event{}, DamageError{After: *previous, Why: err.Error()})
			return
		}
		defer func() { _ = file.Close() }()
		begin := s.before(from)
		if begin > 0 {
			*previous = 0
		}
		lines := bufio.NewReaderSize(io.NewSectionReader(file, begin, s.size-begin), 64<<10)
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				if len(line) > 0 {
					yield(Event{}, DamageError{After: *previous, Why: fmt.Sprintf("a line is cut short after %d octets", len(line))})
				}
				return
			}
			e, err := parseLine(bytes.TrimSuffix(line, []byte{'\n'}))
			switch {
			case err != nil:
				if !yield(Event{}, DamageError{After: *previous, Why: err.Error()}) {
					return
				}
				continue
			case *previous > 0 && e.Seq <= *previous:
				if !yield(Event{}, DamageError{After: *previous, Why: fmt.Sprintf("event %d comes again", e.Seq)}) {
					return
				}
				continue
			case *previous > 0 && e.Seq > *previous+1:
				missing := uint64(e.Seq - *previous - 1)
				if !yield(Event{}, DamageError{After: *previous, Missing: missing, Why: fmt.Sprintf("%d events are missing", missing)}) {
					return
				}
			}
			*previous = e.Seq
			if !yield(e, nil) {
				return
			}
		}
	}
}

// Watch gives the events from a number on and then each as it is appended, until ctx ends or the journal
// is closed; then the channel is closed. A slow reader holds up nobody; what it has not read yet stays on
// the disk.
func (j *Journal) Watch(ctx context.Context, from Seq) <-chan Event {
	events := make(chan Event)
	go func() {
		defer close(events)
		for {
			j.mu.Lock()
			grew, closed := j.grew, j.closed
			j.mu.Unlock()
			for e, err := range j.Read(from) {
				if err != nil {
					continue
				}
				select {
				case events <- e:
					from = e.Seq + 1
				case <-ctx.Done():
					return
				}
			}
			if closed {
				return
			}
			select {
			case <-grew:
			case <-j.closing:
			case <-ctx.Done():
				return
			}
		}
	}()
	return events
}

// Last is the number of the newest event, 0 when there is none.
func (j *Journal) Last() Seq {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.next - 1
}
