package rtp

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ring is an io_uring (io_uring(7)) used in the plainest way: sends and receives on many sockets are laid
// down one by one and carried out by one system call, which returns when all are done. The sockets never
// wait, so nothing is left under way.
//
//	lay, lay, lay … ── submission queue ──► run: io_uring_enter ──► completion queue ──► done, done, done …
//
// It belongs to the pump's thread. Where the kernel has none, or does not let us, the pump makes a system
// call a packet.
type ring struct {
	fd             int
	laid           uint32
	entries        []ringEntry
	completions    []ringCompletion
	subTail        *uint32
	comHead        *uint32
	comTail        *uint32
	subMask        uint32
	comMask        uint32
	subMap, comMap []byte
	entryMap       []byte
}

// ringEntry is struct io_uring_sqe, as far as it is used:
//
//	opcode:8 flags:8 ioprio:16 fd:32 | off:64 | addr:64 | len:32 msg_flags:32 | user_data:64 | 3 x 64
type ringEntry struct {
	opcode, flags uint8
	priority      uint16
	fd            int32
	offset        uint64
	address       uint64
	length        uint32
	messageFlags  uint32
	userData      uint64
	_             [3]uint64
}

// ringCompletion is struct io_uring_cqe.
type ringCompletion struct {
	userData uint64
	result   int32
	flags    uint32
}

// ringParams is struct io_uring_params; the offsets are of head, tail, mask, entries … in the mapped rings.
type ringParams struct {
	subEntries, comEntries, flags, cpu, idle, features, workers uint32
	_                                                           [3]uint32
	sub                                                         [7]uint32 // head tail mask entries flags dropped array
	_                                                           [3]uint32
	com                                                         [6]uint32 // head tail mask entries overflow cqes
	_                                                           [4]uint32
}

const (
	ringRoom      = 128    // packets in one system call
	ringClamp     = 1 << 4 // IORING_SETUP_CLAMP
	ringGetEvents = 1      // IORING_ENTER_GETEVENTS
	ringSend      = 9      // IORING_OP_SENDMSG
	ringReceive   = 10     // IORING_OP_RECVMSG

	ringOffSubmissions = 0
	ringOffCompletions = 0x8000000
	ringOffEntries     = 0x10000000
)

// newRing makes a ring, or says why there is none.
func newRing() (*ring, error) {
	p := ringParams{flags: ringClamp}
	fd, _, number := unix.Syscall(unix.SYS_IO_URING_SETUP, ringRoom, uintptr(unsafe.Pointer(&p)), 0)
	if number != 0 {
		return nil, fmt.Errorf("io_uring_setup: %w", number)
	}
	unix.CloseOnExec(int(fd))
	r := &ring{fd: int(fd)}
	if err := r.mapQueues(&p); err != nil {
		r.close()
		return nil, err
	}
	return r, nil
}

func (r *ring) mapQueues(p *ringParams) (err error) {
	const protection, sharing = unix.PROT_READ | unix.PROT_WRITE, unix.MAP_SHARED | unix.MAP_POPULATE
	if p.subEntries < ringRoom || p.comEntries < ringRoom {
		return fmt.Errorf("io_uring of %d and %d entries, want %d", p.subEntries, p.comEntries, ringRoom)
	}
	if r.subMap, err = unix.Mmap(r.fd, ringOffSubmissions, int(p.sub[6]+4*p.subEntries), protection, sharing); err != nil {
		return fmt.Errorf("submission queue: %w", err)
	}
	if r.comMap, err = unix.Mmap(r.fd, ringOffCompletions, int(p.com[5])+int(p.comEntries)*int(unsafe.Sizeof(ringCompletion{})), protection, sharing); err != nil {
		return fmt.Errorf("completion queue: %w", err)
	}
	if r.entryMap, err = unix.Mmap(r.fd, ringOffEntries, int(p.subEntries)*int(unsafe.Sizeof(ringEntry{})), protection, sharing); err != nil {
		return fmt.Errorf("submission entries: %w", err)
	}
	word := func(queue []byte, at uint32) *uint32 { return (*uint32)(unsafe.Pointer(&queue[at])) }
	r.subTail, r.subMask = word(r.subMap, p.sub[1]), *word(r.subMap, p.sub[2])
	r.comHead, r.comTail, r.comMask = word(r.comMap, p.com[0]), word(r.comMap, p.com[1]), *word(r.comMap, p.com[2])
	r.entries = unsafe.Slice((*ringEntry)(unsafe.Pointer(&r.entryMap[0])), p.subEntries)
	r.completions = unsafe.Slice((*ringCompletion)(unsafe.Pointer(&r.comMap[p.com[5]])), p.comEntries)
	for i := range unsafe.Slice(word(r.subMap, p.sub[6]), p.subEntries) {
		*word(r.subMap, p.sub[6]+uint32(4*i)) = uint32(i) // places in the queue are places among the entries
	}
	return nil
}

func (r *ring) close() {
	for _, m := range [][]byte{r.subMap, r.comMap, r.entryMap} {
		if m != nil {
			_ = unix.Munmap(m)
		}
	}
	_ = unix.Close(r.fd)
}

// lay adds one operation on the message of a socket; number comes back with its result. The message must
// stay where it is until run returns.
func (r *ring) lay(opcode uint8, fd int, message *unix.Msghdr, number int) {
	tail := atomic.LoadUint32(r.subTail)
	r.entries[tail&r.subMask] = ringEntry{
		opcode: opcode, fd: int32(fd), address: uint64(uintptr(unsafe.Pointer(message))), length: 1,
		messageFlags: unix.MSG_DONTWAIT, userData: uint64(number),
	}
	atomic.StoreUint32(r.subTail, tail+1)
	r.laid++
}

// run carries out what was laid and gives each result to done: octets, or a negative error number.
func (r *ring) run(done func(number int, result int32)) error {
	for left := r.laid; left > 0; {
		taken, _, number := unix.RawSyscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), uintptr(left), uintptr(left), ringGetEvents, 0, 0)
		if number != 0 && number != unix.EINTR {
			return fmt.Errorf("io_uring_enter with %d packets: %w", left, number)
		}
		if number == 0 {
			left -= uint32(taken)
		}
	}
	for r.laid > 0 {
		head, tail := atomic.LoadUint32(r.comHead), atomic.LoadUint32(r.comTail)
		for ; head != tail; head++ {
			c := r.completions[head&r.comMask]
			r.laid--
			done(int(c.userData), c.result)
		}
		atomic.StoreUint32(r.comHead, head)
		if r.laid > 0 {
			if _, _, number := unix.RawSyscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), 0, 1, ringGetEvents, 0, 0); number != 0 && number != unix.EINTR {
				return fmt.Errorf("io_uring_enter for %d results: %w", r.laid, number)
			}
		}
	}
	return nil
}
