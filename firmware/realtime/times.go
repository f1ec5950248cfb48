package realtime

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Times are how a thread has spent its time since it began, apart from sleeping.
type Times struct {
	Ran    time.Duration
	Waited time.Duration // ready to run, and not let
}

// Times fails for a thread that has ended.
func (t Task) Times() (Times, error) {
	octets, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/schedstat", t.tid))
	if err != nil {
		return Times{}, fmt.Errorf("the times of %s: %w", t.Name, err)
	}
	return times(string(octets))
}

// times reads schedstat: ns run, ns waited, times run.
func times(schedstat string) (Times, error) {
	fields := strings.Fields(schedstat)
	if len(fields) != 3 {
		return Times{}, fmt.Errorf("schedstat has 3 fields, not %d", len(fields))
	}
	ran, err1 := strconv.ParseInt(fields[0], 10, 64)
	waited, err2 := strconv.ParseInt(fields[1], 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		return Times{}, fmt.Errorf("schedstat: %w", err)
	}
	return Times{time.Duration(ran), time.Duration(waited)}, nil
}

// jiffy is the unit of times in /proc/stat (USER_HZ).
const jiffy = 10 * time.Millisecond

// Stolen is how long the processors of a virtual machine were ready to run, and its host did not let them, since the
// start; of all processors together.
func Stolen() (time.Duration, error) {
	octets, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("time taken by the host: %w", err)
	}
	return stolen(string(octets))
}

// stolen reads the first line of /proc/stat: cpu user nice system idle iowait irq softirq steal …
func stolen(stat string) (time.Duration, error) {
	line, _, _ := strings.Cut(stat, "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return 0, fmt.Errorf("the first line of /proc/stat is %q", line)
	}
	n, err := strconv.ParseInt(fields[8], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("/proc/stat: %w", err)
	}
	return time.Duration(n) * jiffy, nil
}

// Limit is the part of each processor's time that the kernel gives to threads with a real-time priority, all of them
// together; what they need beyond it is taken from them for the rest of the period, usually 50 ms in a second. 1 is all.
func Limit() (float64, error) {
	runtime, err1 := os.ReadFile("/proc/sys/kernel/sched_rt_runtime_us")
	period, err2 := os.ReadFile("/proc/sys/kernel/sched_rt_period_us")
	if err := errors.Join(err1, err2); err != nil {
		return 1, fmt.Errorf("the kernel's limit of real-time threads: %w", err)
	}
	return limit(string(runtime), string(period))
}

// limit reads the two settings; a runtime of -1 is without limit.
func limit(runtime, period string) (float64, error) {
	of, err1 := strconv.Atoi(strings.TrimSpace(runtime))
	in, err2 := strconv.Atoi(strings.TrimSpace(period))
	switch err := errors.Join(err1, err2); {
	case err != nil:
		return 1, fmt.Errorf("the kernel's limit of real-time threads: %w", err)
	case of < 0 || in <= 0:
		return 1, nil
	}
	return min(float64(of)/float64(in), 1), nil
}
