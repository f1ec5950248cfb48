package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage is what a process has used, from /proc (proc(5)).
type usage struct {
	at        time.Time
	processor time.Duration
	memory    memory
	written   float64 // MiB to the disk's cache
	threads   map[string]thread
}

// memory is what a process has in memory, in MiB: all of it, its own, and its program's and other files'.
type memory struct {
	RSS  float64 `json:"rss"`
	Anon float64 `json:"anon"`
	File float64 `json:"file"`
}

// thread is what one thread has suffered.
type thread struct {
	sound    bool          // it has a priority of its own
	pushed   uint64        // times another took its processor
	unserved time.Duration // ready to run, and not let
}

// clockTick is the unit of processor times in /proc (USER_HZ).
const clockTick = 10 * time.Millisecond

const mib = 1 << 20

func usageOf(pid int) (usage, error) {
	root := fmt.Sprint("/proc/", pid)
	stat, err1 := os.ReadFile(root + "/stat")
	io, err2 := os.ReadFile(root + "/io")
	status, err3 := os.ReadFile(root + "/status")
	if err := errors.Join(err1, err2, err3); err != nil {
		return usage{}, err
	}
	return usage{
		at: time.Now(), processor: time.Duration(field(stat, 14)+field(stat, 15)) * clockTick,
		memory: memory{
			RSS: value(status, "VmRSS:") * 1024 / mib, Anon: value(status, "RssAnon:") * 1024 / mib,
			File: (value(status, "RssFile:") + value(status, "RssShmem:")) * 1024 / mib,
		},
		written: value(io, "write_bytes:") / mib,
		threads: threadsOf(root + "/task"),
	}, nil
}

// settled is what the box has in memory without calls, the least of it: what starting and signing in left behind, a password's
// hash of many MiB above all, stays until memory is collected, and a box that does nothing does not collect for minutes. The
// page is asked until that was enough, and no less has been left for settleFor.
func (b *box) settled(ctx context.Context) (least memory, err error) {
	var fell time.Time
	for began := time.Now(); fell.IsZero() || time.Since(fell) < settleFor && time.Since(began) < settleMost; {
		if _, err := b.now(); err != nil {
			return memory{}, err
		}
		u, err := usageOf(b.command.Process.Pid)
		if err != nil {
			return memory{}, err
		}
		if fell.IsZero() || u.memory.Anon < least.Anon-settleBy {
			fell, least = time.Now(), u.memory
		}
		select {
		case <-ctx.Done():
			return memory{}, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	return least, nil
}

const (
	settleFor  = 5 * time.Second
	settleMost = time.Minute
	settleBy   = 0.1 // MiB; less is no change
)

// field is a number of stat, counted from 1; the name, which is the second, may have blanks.
func field(stat []byte, n int) int {
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if n-3 >= len(fields) {
		return 0
	}
	number, _ := strconv.Atoi(fields[n-3])
	return number
}

// value is the number behind a name at the beginning of a line; 0 when there is none.
func value(text []byte, name string) float64 {
	for line := range strings.Lines(string(text)) {
		if rest, found := strings.CutPrefix(line, name); found {
			if words := strings.Fields(rest); len(words) > 0 {
				number, _ := strconv.ParseFloat(words[0], 64)
				return number
			}
		}
	}
	return 0
}

// threadsOf are all threads there are; one that ends meanwhile is left out.
func threadsOf(tasks string) map[string]thread {
	all := map[string]thread{}
	paths, _ := filepath.Glob(tasks + "/*")
	for _, path := range paths {
		stat, err1 := os.ReadFile(path + "/stat")
		status, err2 := os.ReadFile(path + "/status")
		schedule, err3 := os.ReadFile(path + "/schedstat")
		times := strings.Fields(string(schedule))
		if errors.Join(err1, err2, err3) != nil || len(times) != 3 {
			continue
		}
		waited, _ := strconv.ParseInt(times[1], 10, 64)
		all[filepath.Base(path)] = thread{
			sound: field(stat, 40) > 0, pushed: uint64(value(status, "nonvoluntary_ctxt_switches:")), unserved: time.Duration(waited),
		}
	}
	return all
}

// since adds what the threads that are there now have suffered since an earlier reading: those with a priority of their own,
// and the others.
func (u usage) since(earlier usage) (sound, others thread) {
	for name, t := range u.threads {
		was := earlier.threads[name]
		sum := &others
		if t.sound {
			sum = &sound
		}
		sum.pushed += t.pushed - was.pushed
		sum.unserved += t.unserved - was.unserved
	}
	return sound, others
}

// percent is the share of one processor since an earlier reading.
func (u usage) percent(earlier usage) float64 {
	return 100 * (u.processor - earlier.processor).Seconds() / u.at.Sub(earlier.at).Seconds()
}

// stolen is how long the machine's processors were ready to run and the host did not let them: a virtual machine's tick may
// be late for it, whatever the box does.
func stolen() time.Duration {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(stat), "\n")
	if fields := strings.Fields(line); len(fields) > 8 {
		ticks, _ := strconv.Atoi(fields[8])
		return time.Duration(ticks) * clockTick
	}
	return 0
}
