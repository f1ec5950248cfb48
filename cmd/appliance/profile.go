package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"syscall"
)

// profile begins a profile of the processor time in the file of that name, none for "". Each SIGUSR2 then writes what the
// memory is used for beside it, as "name.heap", and what every goroutine does, as "name.goroutine"; "name.memory" is the
// heap in text, with the collector's figures. What profile returns ends it. For "" nothing is noted of memory either.
func profile(name string) (end func(), err error) {
	if name == "" {
		runtime.MemProfileRate = 0 // its table alone is two megabytes
		return func() {}, nil
	}
	file, err := os.Create(name)
	if err == nil {
		err = pprof.StartCPUProfile(file)
	}
	if err != nil {
		return nil, fmt.Errorf("the profile: %w", err)
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR2)
	go func() {
		for range asked {
			if err := memoryProfile(name); err != nil {
				fmt.Fprintln(os.Stderr, "trunkbox: the profile:", err)
			}
		}
	}()
	return func() {
		signal.Stop(asked)
		close(asked)
		pprof.StopCPUProfile()
		_ = file.Close()
	}, nil
}

// memoryProfile writes what is in memory now. The garbage collector's figures are those before it is run for the profile.
func memoryProfile(name string) error {
	write := func(ending, of string, detail int) error {
		file, err := os.Create(name + ending)
		if err != nil {
			return err
		}
		return errors.Join(pprof.Lookup(of).WriteTo(file, detail), file.Close())
	}
	err := write(".memory", "heap", 1)
	runtime.GC()
	return errors.Join(err, write(".heap", "heap", 0), write(".goroutine", "goroutine", 0))
}
