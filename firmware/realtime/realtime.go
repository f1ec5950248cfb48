// Package realtime asks the kernel to run the threads that move sound when they must run: before all others, always on
// the same processor, with their memory never swapped out.
//
// In: the threads of firmware/timeslot, firmware/bridge and firmware/rtp, each locked to its goroutine, and cmd/appliance
// for the process. Out: what was granted and what was not; how long each thread ran, and was ready to run and was not let;
// what the host of a virtual machine took: firmware/exchange finds in it why a tick was late. Beside the sound path.
//
// Linux: sched_setattr(2) with SCHED_FIFO, sched_setaffinity(2), setpriority(2), /proc/self/autogroup, mlockall(2) on
// fault, /proc/…/schedstat, /proc/stat. Needs CAP_SYS_NICE and CAP_IPC_LOCK or the limits RLIMIT_RTPRIO and RLIMIT_MEMLOCK; without
// them everything works, later on a busy machine.
//
// Every function is safe from anywhere; Thread changes the calling thread, which must be locked to its goroutine.
package realtime

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Priorities of threads, in SCHED_FIFO's range of 1 to 99. The line's clock waits for nobody: its thread comes first.
const (
	Line   = 20
	Bridge = 15
	Phones = 10
)

// Task is a thread that moves sound.
type Task struct {
	Name     string
	Priority int // 0: the kernel did not grant it
	CPU      int // it is pinned to; -1: to none
	Refused  string

	tid int
}

var (
	mu    sync.Mutex
	tasks = map[int]*Task{} // by thread
)

// Thread gives the calling thread a priority and, with cpu of 0 or more, a processor of its own, as far as the kernel
// lets us; what it does not grant stands in Tasks. The returned function takes the thread out of Tasks; it is called
// before the thread ends.
func Thread(name string, priority, cpu int) (leave func()) {
	t := &Task{Name: name, CPU: -1, tid: unix.Gettid()}
	attr := unix.SchedAttr{
		Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: uint32(priority),
		Flags: unix.SCHED_FLAG_RESET_ON_FORK, // a thread or program that is started from here gets none of it
	}
	var refused []string
	if err := unix.SchedSetAttr(0, &attr, 0); err != nil {
		refused = append(refused, fmt.Sprintf("priority %d: %v", priority, err))
	} else {
		t.Priority = priority
	}
	if cpu >= 0 {
		var set unix.CPUSet
		set.Set(cpu % runtime.NumCPU())
		if err := unix.SchedSetaffinity(0, &set); err != nil {
			refused = append(refused, fmt.Sprintf("processor %d: %v", cpu, err))
		} else {
			t.CPU = cpu % runtime.NumCPU()
		}
	}
	t.Refused = strings.Join(refused, "; ")
	mu.Lock()
	defer mu.Unlock()
	tasks[t.tid] = t
	count()
	return func() {
		mu.Lock()
		defer mu.Unlock()
		delete(tasks, t.tid)
		count()
	}
}

// Tasks are the threads that move sound, by name.
func Tasks() []Task {
	mu.Lock()
	defer mu.Unlock()
	var all []Task
	for _, t := range tasks {
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b Task) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// memory keeps the process's memory from being swapped out, page by page as it is used. It returns why that is not so.
func memory() error {
	if err := unix.Mlockall(unix.MCL_CURRENT | unix.MCL_FUTURE | unix.MCL_ONFAULT); err != nil {
		return fmt.Errorf("memory is not locked: %w", err)
	}
	return nil
}
