package vspan

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mutex is a sync.Mutex whose owner is as urgent as the most urgent of those who wait for it (priority inheritance,
// futex(2)): the thread of a line waits for a goroutine that serves the far end for as long as that needs for a block, not
// until other programs or the runtime let it go on. A goroutine that waits for a sync.Mutex, even a thread's own, is put
// into a queue when it is unlocked and stays there until the one that unlocked it has done something else.
//
// The word holds the number of the owner's thread, 0 for none, and a bit of the kernel's that says that others wait. Who
// holds it stays on his thread until Unlock.
type mutex struct{ word atomic.Uint32 }

// The operations of futex(2), on a word of this process alone.
const (
	futexPrivate  = 128
	futexLockPI   = 6 | futexPrivate
	futexUnlockPI = 7 | futexPrivate
)

// futexWaiters is the kernel's bit in the word: somebody waits.
const futexWaiters = 1 << 31

// Lock waits until nobody else holds the mutex.
func (m *mutex) Lock() {
	runtime.LockOSThread()
	m.take(uint32(unix.Gettid()))
}

// lockAs is Lock for a goroutine that is locked to its thread and knows its number, which costs a system call.
func (m *mutex) lockAs(thread uint32) {
	runtime.LockOSThread()
	m.take(thread)
}

func (m *mutex) take(thread uint32) {
	if m.word.CompareAndSwap(0, thread) {
		return
	}
	for {
		switch errno := m.futex(futexLockPI); errno {
		case 0:
			m.order()
			return
		case unix.EAGAIN, unix.EINTR: // the owner is ending, or a signal came
		default:
			panic(fmt.Sprintf("vspan: waiting for a cable: %v", errno))
		}
	}
}

// Unlock lets the most urgent of those who wait go on.
func (m *mutex) Unlock() {
	owner := m.word.Load() // ourselves, and the kernel's bit
	if owner&futexWaiters != 0 || !m.word.CompareAndSwap(owner, 0) {
		m.order()
		if errno := m.futex(futexUnlockPI); errno != 0 {
			panic(fmt.Sprintf("vspan: letting go of a cable: %v", errno))
		}
	}
	runtime.UnlockOSThread()
}

func (m *mutex) futex(op uintptr) unix.Errno {
	_, _, errno := unix.Syscall6(unix.SYS_FUTEX, uintptr(unsafe.Pointer(&m.word)), op, 0, 0, 0, 0)
	return errno
}

// order changes nothing: where the kernel hands the mutex over, it tells the memory model of Go so.
func (m *mutex) order() { m.word.Or(0) }
