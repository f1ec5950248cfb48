package main

import (
	"fmt"
	"os"
	"runtime/pprof"
)

// profile begins a profile of the processor time in the file of that name, none for "". What it returns ends it.
func profile(name string) (end func(), err error) {
	if name == "" {
		return func() {}, nil
	}
	file, err := os.Create(name)
	if err == nil {
		err = pprof.StartCPUProfile(file)
	}
	if err != nil {
		return nil, fmt.Errorf("the profile: %w", err)
	}
	return func() {
		pprof.StopCPUProfile()
		_ = file.Close()
	}, nil
}
