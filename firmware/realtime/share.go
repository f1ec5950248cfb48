package realtime

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Program asks the kernel for what the sound needs of the program as a whole: a share of the processors, and memory that
// stays. It returns what is refused, one sentence each.
func Program() (refused []string) {
	for _, err := range []error{share(), memory()} {
		if err != nil {
			refused = append(refused, err.Error())
		}
	}
	return refused
}

// mostShare is the niceness that gives the most time: 87 times that of other programs (sched(7)).
const mostShare = -20

// share lets the process's other threads run before other programs. The threads of sound need them: whoever collects
// memory stops all threads for some microseconds, and when another program gets the processor just then, the threads of
// sound wait as long, whatever their own priority. It is called first in the process: threads take over the niceness of
// those that start them. It returns why that is not so.
//
// A real-time priority for them would do it too, and was tried: a loop in any part of the program then keeps out even
// the threads of sound for seconds, because the kernel takes time from all real-time threads alike (see Limit).
func share() error {
	refused := everyThread(func(tid int) error { return unix.Setpriority(unix.PRIO_PROCESS, tid, mostShare) })
	if refused != nil {
		refused = fmt.Errorf("the program's share of the processors, niceness %d: %w", mostShare, refused)
	}
	if session, err := unix.Getsid(0); err != nil || session != os.Getpid() {
		return refused // the session is somebody else's
	}
	// Where the kernel divides the time between sessions first, niceness counts only within them.
	err := os.WriteFile("/proc/self/autogroup", []byte(strconv.Itoa(mostShare)), 0)
	if err != nil && refused == nil && !errors.Is(err, os.ErrNotExist) {
		refused = fmt.Errorf("the program's share of the processors, its session's: %w", err)
	}
	return refused
}

// everyThread does something to each thread of the process, until twice no thread is found that one not yet done has
// started: a list may lack one while others end. It returns the last failure, but for threads that have ended.
func everyThread(do func(tid int) error) (refused error) {
	done := map[int]bool{}
	for quiet := 0; quiet < 2; quiet++ {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		for _, thread := range threads {
			tid, err := strconv.Atoi(thread.Name())
			if err != nil || done[tid] {
				continue
			}
			done[tid], quiet = true, -1
			if err := do(tid); err != nil && !errors.Is(err, unix.ESRCH) {
				refused = err
			}
		}
	}
	return refused
}
