package dahdi

import (
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// How a tick could ask the kernel for less: a block is read from and written to each of 30 channels. Plain calls are 60 a
// tick, a ring (io_uring) is one for all of them. /dev/zero and /dev/null stand for the channels: what is measured is the
// way to a driver and back, without the driver.

// channelsOf opens what stands for the channels of an E1.
func channelsOf(b *testing.B) (in, out []int) {
	b.Helper()
	for range 30 {
		for path, list := range map[string]*[]int{"/dev/zero": &in, "/dev/null": &out} {
			fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK, 0)
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = unix.Close(fd) })
			*list = append(*list, fd)
		}
	}
	return in, out
}

func BenchmarkTickByPlainCalls(b *testing.B) {
	in, out := channelsOf(b)
	block := make([]byte, 80)
	for b.Loop() {
		for i := range in {
			if _, errno := write(out[i], block); errno != 0 {
				b.Fatal(errno)
			}
			if _, errno := read(in[i], block); errno != 0 {
				b.Fatal(errno)
			}
		}
	}
	b.ReportMetric(60, "calls/tick")
}

func BenchmarkTickByARing(b *testing.B) {
	in, out := channelsOf(b)
	r, err := newURing(64)
	if err != nil {
		b.Skipf("the kernel gives no ring: %v", err) // a benchmark has no other way to say so
	}
	defer r.close()
	blocks := make([][80]byte, 60)
	var pinned runtime.Pinner
	defer pinned.Unpin()
	pinned.Pin(&blocks[0])
	for b.Loop() {
		for i := range in {
			r.queue(opWrite, out[i], unsafe.Pointer(&blocks[2*i]), 80)
			r.queue(opRead, in[i], unsafe.Pointer(&blocks[2*i+1]), 80)
		}
		if err := r.enter(60); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(1, "calls/tick")
}

// uring is the least of an io_uring(7): a queue of requests and one of answers, shared with the kernel.
type uring struct {
	fd                     int
	sq, cq, entries        []byte
	sqTail, cqHead, cqTail *uint32
	array                  []uint32
	sqMask                 uint32
	tail                   uint32
}

// The operations, and where the kernel maps what.
const (
	opRead, opWrite           = 22, 23
	mapSQ, mapCQ, mapRequests = 0, 0x8000000, 0x10000000
	enterGetEvents            = 1
	requestSize               = 64
	answerSize                = 16
	offsetsSQ, offsetsCQ      = 40, 80 // in the parameters
	offHead, offTail, offMask = 0, 4, 8
	offArray                  = 24
	offAnswers                = 20
	parametersSize            = 120
)

func newURing(n uint32) (*uring, error) {
	params := make([]byte, parametersSize)
	u32 := func(at int) uint32 { return *(*uint32)(unsafe.Pointer(&params[at])) }
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, uintptr(n), uintptr(unsafe.Pointer(&params[0])), 0)
	if errno != 0 {
		return nil, os.NewSyscallError("io_uring_setup", errno)
	}
	r := &uring{fd: int(fd)}
	sqEntries, cqEntries := u32(0), u32(4)
	for _, m := range []struct {
		to     *[]byte
		offset int64
		size   uint32
	}{
		{&r.sq, mapSQ, u32(offsetsSQ+offArray) + sqEntries*4},
		{&r.cq, mapCQ, u32(offsetsCQ+offAnswers) + cqEntries*answerSize},
		{&r.entries, mapRequests, sqEntries * requestSize},
	} {
		mapped, err := unix.Mmap(r.fd, m.offset, int(m.size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
		if err != nil {
			r.close()
			return nil, err
		}
		*m.to = mapped
	}
	at := func(in []byte, offset uint32) *uint32 { return (*uint32)(unsafe.Pointer(&in[offset])) }
	r.sqTail, r.sqMask = at(r.sq, u32(offsetsSQ+offTail)), *at(r.sq, u32(offsetsSQ+offMask))
	r.array = unsafe.Slice(at(r.sq, u32(offsetsSQ+offArray)), sqEntries)
	r.cqHead, r.cqTail = at(r.cq, u32(offsetsCQ+offHead)), at(r.cq, u32(offsetsCQ+offTail))
	return r, nil
}

// queue puts one request down; the kernel sees it with enter.
func (r *uring) queue(op byte, fd int, block unsafe.Pointer, length uint32) {
	i := r.tail & r.sqMask
	request := r.entries[i*requestSize : (i+1)*requestSize]
	clear(request)
	request[0] = op
	*(*int32)(unsafe.Pointer(&request[4])) = int32(fd)
	*(*uint64)(unsafe.Pointer(&request[16])) = uint64(uintptr(block))
	*(*uint32)(unsafe.Pointer(&request[24])) = length
	r.array[i] = i
	r.tail++
}

// enter hands n requests over, waits for their answers and takes them.
func (r *uring) enter(n uint32) error {
	atomic.StoreUint32(r.sqTail, r.tail)
	_, _, errno := unix.Syscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), uintptr(n), uintptr(n), enterGetEvents, 0, 0)
	if errno != 0 {
		return os.NewSyscallError("io_uring_enter", errno)
	}
	atomic.StoreUint32(r.cqHead, atomic.LoadUint32(r.cqTail))
	return nil
}

func (r *uring) close() {
	for _, mapped := range [][]byte{r.sq, r.cq, r.entries} {
		if mapped != nil {
			_ = unix.Munmap(mapped)
		}
	}
	_ = unix.Close(r.fd)
}
