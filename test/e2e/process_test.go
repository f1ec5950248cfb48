package e2e

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit of the processor times in /proc: Linux counts them in hundredths of a second on
// every architecture (USER_HZ).
const clockTick = 10 * time.Millisecond

// usage is what a process has taken from its machine.
type usage struct {
	at        time.Time
	processor time.Duration // user and system together, since its start
	memoryMB  float64       // resident
	threads   int
	files     int // open
}

// usage reads what the box takes.
func (b *box) usage() usage {
	b.t.Helper()
	root := fmt.Sprint("/proc/", b.process.Process.Pid)
	stat, err := os.ReadFile(root + "/stat")
	must(b.t, err)
	// The second field is the name in brackets, which may hold anything; the third follows its last bracket.
	_, rest, _ := strings.Cut(string(stat[strings.LastIndexByte(string(stat), ')'):]), " ")
	fields := strings.Fields(rest)
	number := func(field int) int { // proc(5) counts them from 1
		n, err := strconv.Atoi(fields[field-3])
		must(b.t, err)
		return n
	}
	files, err := os.ReadDir(root + "/fd")
	must(b.t, err)
	return usage{
		at: time.Now(), processor: time.Duration(number(14)+number(15)) * clockTick,
		memoryMB: float64(number(24)) * float64(os.Getpagesize()) / (1 << 20), threads: number(20), files: len(files),
	}
}

// load is the share of one processor that was taken between two readings, in percent.
func load(from, to usage) float64 {
	return 100 * (to.processor - from.processor).Seconds() / to.at.Sub(from.at).Seconds()
}
