package vspan

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestOnlyOneHoldsTheMutex: many goroutines count without another lock; the race detector watches them.
func TestOnlyOneHoldsTheMutex(t *testing.T) {
	const each, many = 2000, 8
	var m mutex
	var running sync.WaitGroup
	n := 0
	for range many {
		running.Go(func() {
			for range each {
				m.Lock()
				n++
				if n%64 == 0 {
					runtime.Gosched() // the owner stays on its thread, and others come to wait
				}
				m.Unlock()
			}
		})
	}
	running.Wait()
	if n != each*many {
		t.Errorf("counted %d, want %d", n, each*many)
	}
	if m.word.Load() != 0 {
		t.Errorf("the word is %#x with no owner", m.word.Load())
	}
}

// TestTheOwnerInheritsThePriority: while a thread of SCHED_FIFO waits, the owner has that priority.
func TestTheOwnerInheritsThePriority(t *testing.T) {
	var m mutex
	m.Lock()
	owner := unix.Gettid()
	ready, got := make(chan error), make(chan struct{})
	held := 1
	go func() {
		runtime.LockOSThread() // and ends with the goroutine
		ready <- unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 7}, 0)
		m.Lock()
		held++
		m.Unlock()
		close(got)
	}()
	if err := <-ready; err != nil {
		m.Unlock()
		<-got
		t.Skipf("the kernel grants no priority here: %v", err)
	}
	until := time.Now().Add(10 * time.Second)
	for m.word.Load()&futexWaiters == 0 && time.Now().Before(until) { // until it waits
		runtime.Gosched()
	}
	const inherited = -1 - 7 // proc(5): -1 less the real-time priority
	during := priority(t, owner)
	for during != inherited && time.Now().Before(until) {
		runtime.Gosched()
		during = priority(t, owner)
	}
	m.Unlock()
	<-got
	if during != inherited {
		t.Errorf("while another waits the owner has priority %d, want %d", during, inherited)
	}
	if held != 2 {
		t.Error("the one who waited has not had it")
	}
	if after := priority(t, owner); after < 0 {
		t.Errorf("the owner keeps priority %d", after)
	}
}

// priority is that of a thread as the kernel has it now, field 18 of its stat.
func priority(t *testing.T, tid int) int {
	octets, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/stat", tid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(octets[bytes.LastIndexByte(octets, ')')+1:]))
	n, err := strconv.Atoi(fields[18-3])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
