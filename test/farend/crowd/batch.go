package crowd

import (
	"encoding/binary"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"trunkbox/test/farend/sound"
)

// batch is what one system call sends or receives. The kernel reads and writes what the headers point to.
type batch struct {
	headers  [letters]header
	vectors  [letters]unix.Iovec
	names    [letters]unix.RawSockaddrInet4
	controls [letters][64]byte
	packets  [letters][2048]byte
	voices   [letters]*Voice
}

// letters is how many packets one system call moves.
const letters = 64

// header is struct mmsghdr of sendmmsg(2).
type header struct {
	unix.Msghdr
	size uint32
}

func (b *batch) init() {
	for i := range b.headers {
		h := &b.headers[i]
		b.vectors[i].Base = &b.packets[i][0]
		h.Name, h.Iov = (*byte)(unsafe.Pointer(&b.names[i])), &b.vectors[i]
		h.SetIovlen(1)
	}
}

// call is sendmmsg or recvmmsg of the packets from one on, without waiting; it returns how many it moved.
func (b *batch) call(number uintptr, socket, from, n int) (int, unix.Errno) {
	moved, _, err := unix.RawSyscall6(number, uintptr(socket), uintptr(unsafe.Pointer(&b.headers[from])), uintptr(n), unix.MSG_DONTWAIT, 0, 0)
	return int(moved), err
}

// take takes in all that has come to an end.
func (e *End) take() {
	b := &e.c.batch
	for {
		for i := range b.headers {
			h := &b.headers[i]
			b.vectors[i].SetLen(len(b.packets[i]))
			h.Namelen, h.Control = unix.SizeofSockaddrInet4, &b.controls[i][0]
			h.SetControllen(len(b.controls[i]))
		}
		n, number := b.call(unix.SYS_RECVMMSG, e.socket, 0, letters)
		if number != 0 {
			return // nothing, or the word of an earlier packet that nobody took it
		}
		now := time.Now().UnixNano()
		for i := range n {
			e.received(b, i, now)
		}
		if n < letters {
			return
		}
	}
}

// received hands a packet to its voice.
func (e *End) received(b *batch, i int, now int64) {
	c := e.c
	at, missed := b.word(i)
	if at == 0 {
		at = now
	}
	if missed > e.missed {
		c.dropped.Add(uint64(missed - e.missed))
		e.missed = missed
	}
	v := e.voices[key(b.names[i].Addr, swapped(b.names[i].Port))]
	if v == nil {
		c.strange.Add(1)
		return
	}
	c.received.Add(1)
	c.lost.Add(uint64(v.hear(b.packets[i][:b.headers[i].size], at))) // -1 takes one back
	c.takenLate.Add(time.Duration(now - at))
}

// key is an address and port as one number.
func key(address [4]byte, port uint16) uint64 {
	return uint64(binary.BigEndian.Uint32(address[:]))<<16 | uint64(port)
}

// swapped is a port between the order of this machine and that of the network.
func swapped(port uint16) uint16 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], port)
	return binary.NativeEndian.Uint16(b[:])
}

// word reads the control messages of a packet: when the kernel took it, in ns since 1970, 0 when it does not say; and how
// many it has dropped on this socket ever.
func (b *batch) word(i int) (at int64, missed uint32) {
	said := b.controls[i][:min(int(b.headers[i].Controllen), len(b.controls[i]))]
	for len(said) >= unix.SizeofCmsghdr {
		head := (*unix.Cmsghdr)(unsafe.Pointer(&said[0]))
		if int(head.Len) < unix.SizeofCmsghdr || int(head.Len) > len(said) {
			break
		}
		data := said[unix.SizeofCmsghdr:head.Len]
		switch {
		case head.Level != unix.SOL_SOCKET:
		case head.Type == unix.SCM_TIMESTAMPNS && len(data) >= int(unsafe.Sizeof(unix.Timespec{})):
			at = (*unix.Timespec)(unsafe.Pointer(&data[0])).Nano()
		case head.Type == unix.SO_RXQ_OVFL && len(data) >= 4:
			missed = binary.NativeEndian.Uint32(data)
		}
		said = said[min(unix.CmsgSpace(len(data)), len(said)):]
	}
	return at, missed
}

// speak sends what is due at a time since the beginning.
func (c *Crowd) speak(due time.Duration, voices []*Voice) {
	for _, e := range c.ends {
		n := 0
		for _, v := range voices {
			if v.e != e || !v.sending {
				continue
			}
			c.batch.lay(n, v, due)
			if n++; n == letters {
				e.send(n, due)
				n = 0
			}
		}
		e.send(n, due)
	}
}

// lay makes the packet of a voice ready to be sent.
func (b *batch) lay(i int, v *Voice, due time.Duration) {
	b.voices[i] = v
	v.write(b.packets[i][:headerOctets+octets], due)
	b.vectors[i].SetLen(headerOctets + octets)
	b.names[i] = unix.RawSockaddrInet4{Family: unix.AF_INET, Port: swapped(v.to.Port()), Addr: v.to.Addr().As4()}
	h := &b.headers[i]
	h.Namelen, h.Control = unix.SizeofSockaddrInet4, nil
	h.SetControllen(0)
}

// send gives the packets to the kernel. One that it does not take is passed over. When each has left is reckoned from the
// time before and after the call.
func (e *End) send(n int, due time.Duration) {
	c := e.c
	for done := 0; done < n; {
		before := time.Now()
		left, number := c.batch.call(unix.SYS_SENDMMSG, e.socket, done, n-done)
		if number != 0 {
			c.failed.Add(1)
			done++
			continue
		}
		took := time.Since(before)
		for i := range left {
			after := took * time.Duration(i) / time.Duration(left)
			c.batch.voices[done+i].left(due, before.Add(after).UnixNano())
			c.sendLate.Add(before.Sub(c.began) + after - due)
		}
		c.sent.Add(uint64(left))
		done += int(left)
	}
}

// Figures are what the crowd has done since it began.
type Figures struct {
	Sent, Received uint64
	Lost           uint64 // gaps in the sequence numbers of what was received
	Strange        uint64 // packets of calls that are over, or not yet agreed on
	Dropped        uint64 // by the kernel, because we were late: these are no fault of the box
	Failed         uint64 // packets the kernel did not take
	SendLate       sound.Counts
	TakenLate      sound.Counts // from the kernel's time of arrival until it was taken in
}

// Figures reads the counters.
func (c *Crowd) Figures() Figures {
	return Figures{
		Sent: c.sent.Load(), Received: c.received.Load(), Lost: c.lost.Load(), Strange: c.strange.Load(), Dropped: c.dropped.Load(), Failed: c.failed.Load(),
		SendLate: c.sendLate.Read(), TakenLate: c.takenLate.Read(),
	}
}

// Since is what was done since an earlier reading.
func (f Figures) Since(e Figures) Figures {
	return Figures{
		Sent: f.Sent - e.Sent, Received: f.Received - e.Received, Lost: f.Lost - e.Lost, Strange: f.Strange - e.Strange, Dropped: f.Dropped - e.Dropped,
		Failed: f.Failed - e.Failed, SendLate: f.SendLate.Since(e.SendLate), TakenLate: f.TakenLate.Since(e.TakenLate),
	}
}
