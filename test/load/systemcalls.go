package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// counted is for how long system calls are counted, apart from everything else that is measured.
const counted = 3 * time.Second

// systemCalls counts the system calls of a process for some seconds, all threads, with perf(1): how many a second. It is an
// error when there is no perf, or when the kernel does not let it.
func systemCalls(ctx context.Context, pid int) (perSecond float64, err error) {
	seconds := strconv.Itoa(int(counted / time.Second))
	said, err := exec.CommandContext(ctx, "perf", "stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-p", strconv.Itoa(pid), "--", "sleep", seconds).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("counting system calls with perf: %w: %s", err, strings.TrimSpace(string(said)))
	}
	for line := range strings.Lines(string(said)) {
		words := strings.Split(line, ",")
		if n, err := strconv.ParseFloat(words[0], 64); err == nil && len(words) > 2 {
			return n / counted.Seconds(), nil
		}
	}
	return 0, fmt.Errorf("counting system calls: perf says %q", said)
}
