package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A witness says when processors stood still. It is a process of its own that does nothing but sleep, with a thread on every
// processor that comes before everything else there: whenever one wakes late, nothing at all ran on its processor, because the
// host of the virtual machine did not let it, or the kernel was not to be interrupted. A tick of the box that was missed
// in such a moment could not have been made by any program.

const (
	witnessArgument = "witness" // instead of flags
	witnessPriority = 60        // above all that the box and this program have
	witnessSleeps   = 2 * time.Millisecond
	standstill      = 5 * time.Millisecond // as much longer is told
)

// witness is that process: it writes a line for each standstill until it is killed.
func witness() error {
	debug.SetGCPercent(-1) // nothing in it is allocated again and again, and nothing may stop its threads
	failed := make(chan error)
	for cpu := range runtime.NumCPU() {
		go func() { failed <- watchProcessor(cpu) }()
	}
	return <-failed
}

func watchProcessor(cpu int) error {
	runtime.LockOSThread()
	var set unix.CPUSet
	set.Set(cpu)
	if err := unix.SchedSetaffinity(0, &set); err != nil {
		return fmt.Errorf("processor %d: %w", cpu, err)
	}
	attr := unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: witnessPriority}
	if err := unix.SchedSetAttr(0, &attr, 0); err != nil {
		return fmt.Errorf("priority %d: %w", witnessPriority, err)
	}
	spec := unix.NsecToTimespec(int64(witnessSleeps))
	for last := time.Now(); ; {
		_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &spec, nil)
		now := time.Now()
		if stood := now.Sub(last) - witnessSleeps; stood > standstill {
			fmt.Println(cpu, int64(stood))
			now = time.Now()
		}
		last = now
	}
}

// standstills are what the witness has told so far.
type standstills struct {
	mu      sync.Mutex
	lengths []time.Duration // of each, of any processor
}

// watchMachine runs the witness until ctx is done.
func watchMachine(ctx context.Context) (*standstills, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("the witness: %w", err)
	}
	process := exec.CommandContext(ctx, self, witnessArgument)
	process.Stderr = os.Stderr
	process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	says, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("the witness: %w", err)
	}
	s := &standstills{}
	go func() {
		for lines := bufio.NewScanner(says); lines.Scan(); {
			var cpu int
			var length time.Duration
			if _, err := fmt.Sscan(lines.Text(), &cpu, (*int64)(&length)); err == nil {
				s.mu.Lock()
				s.lengths = append(s.lengths, length)
				s.mu.Unlock()
			}
		}
		_ = process.Wait()
	}()
	return s, nil
}

// told is how many there were so far.
func (s *standstills) told() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.lengths)
}

// between are those after the first few, up to others: how many, and the longest in ms.
func (s *standstills) between(before, after int) (times int, longest float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, length := range s.lengths[before:after] {
		longest = max(longest, ms(length))
	}
	return after - before, longest
}
