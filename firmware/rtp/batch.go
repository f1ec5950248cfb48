package rtp

import (
	"time"

	"golang.org/x/sys/unix"
)

// taking is one round of receiving: at most one packet of each socket.
type taking struct {
	*pump
	streams []*Stream
	now     time.Time
	wall    int64 // the same by the clock of the kernel's stamps
}

// stream is whose socket has something; sound is false when that is nothing but errors.
func (t *taking) stream(e *unix.EpollEvent) (s *Stream, sound bool) {
	place := int(e.Fd)
	if place >= len(t.streams) || t.streams[place] == nil {
		return nil, false // closed since
	}
	s = t.streams[place]
	if e.Events&unix.EPOLLERR != 0 {
		s.takeErrors()
	}
	return s, e.Events&unix.EPOLLIN != 0 && !s.closed.Load()
}

// oneByOne makes a system call a packet.
func (t *taking) oneByOne(events []unix.EpollEvent) {
	t.moving.Add(1)
	defer t.moving.Add(1)
	defer t.flush()
	l := &t.letters[0]
	for i := range events {
		s, sound := t.stream(&events[i])
		if !sound {
			continue
		}
		if t.laid == len(t.parcels) {
			t.flush()
		}
		t.calls.add(1)
		if datagram, _, number := l.receive(s.pair.rtp); number == 0 {
			s.soundCame(t.pump, datagram, l, t.now, t.wall)
		}
	}
}

// byRing makes one for each 128 packets.
func (t *taking) byRing(events []unix.EpollEvent) {
	t.moving.Add(1)
	defer t.moving.Add(1)
	for len(events) > 0 {
		n := min(len(events), ringRoom)
		var of [ringRoom]*Stream
		for i := range events[:n] {
			if s, sound := t.stream(&events[i]); sound {
				of[i] = s
				t.ring.lay(ringReceive, s.pair.rtp, t.letters[i].message(), i)
			}
		}
		t.calls.add(1)
		err := t.ring.run(func(i int, result int32) {
			if l := &t.letters[i]; result > 0 && int(result) <= len(l.octets) {
				of[i].soundCame(t.pump, l.octets[:result], l, t.now, t.wall)
			}
		})
		if err != nil {
			t.ringBroke(err)
			return
		}
		t.flush() // what is relayed
		events = events[n:]
	}
}

// ringBroke goes on without the ring, which no kernel that once gave one makes necessary.
func (p *pump) ringBroke(err error) {
	p.ring = nil
	for _, s := range *p.streams.Load() {
		if s != nil {
			s.log.Error("packets are moved one by one from now on", "error", err)
			return
		}
	}
}

// sendAll sends what lies in the outboxes.
func (p *pump) sendAll(streams []*Stream) {
	p.moving.Add(1)
	defer p.moving.Add(1)
	for _, s := range streams {
		if s == nil || s.closed.Load() {
			continue
		}
		if p.laid+outboxMost+inboxSlots > len(p.parcels) {
			p.flush()
		}
		s.transmit(p)
		s.keysHeard(p)
	}
	p.flush()
}

// flush gives the parcels to the kernel and their outcomes to their streams.
func (p *pump) flush() {
	all := p.parcels[:p.laid]
	p.laid = 0
	if len(all) == 0 {
		return
	}
	if p.ring != nil {
		p.flushByRing(all)
		return
	}
	for i := range all {
		l := &all[i]
		p.calls.add(1)
		l.stream.outcome(l, send(l.stream.pair.rtp, l.octets[:l.size], &l.to))
	}
}

// flushByRing makes one system call; what a ring that broke did not send is lost.
func (p *pump) flushByRing(all []parcel) {
	for i := range all {
		p.ring.lay(ringSend, all[i].stream.pair.rtp, all[i].message(), i)
	}
	p.calls.add(1)
	err := p.ring.run(func(i int, result int32) {
		all[i].stream.outcome(&all[i], unix.Errno(max(-result, 0)))
	})
	if err != nil {
		p.ringBroke(err)
	}
}
