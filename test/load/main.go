// Command load measures the box at its full size: callers on virtual E1 lines, agents on SIP telephones, music, recordings
// and supervisors, for 30, 60, 120, 240 and 480 calls, and prints one row for each.
//
// In: the appliance as it is shipped, started as a child process on settings made for the measurement. Out: a table of
// what the box used (from /proc), what its own page says of ticks and losses, and what both ears of every call heard.
// Callers come by the far ends of the lines (test/farend), agents by SIP and RTP (test/farend/phone); the cost of both is
// that of this process and is told apart.
//
// No standard. Every party says two tones of its own, which nobody else says; who hears another pair than that of the
// party he talks to has been crossed, and is counted.
//
// Nothing here is asserted: a loaded machine measures worse. Ctrl-C ends early with what there is.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// plan is what is measured.
type plan struct {
	appliance string
	profile   string        // where the box's processor profile goes; empty: none
	steps     []int         // calls at once
	each      time.Duration // how long each step is measured
	perSecond float64       // new calls a second, for as many that end
	listeners int           // supervisors
	record    bool
	blockMS   int
	lines     int
	ip        bool
}

func main() {
	var p plan
	steps := ""
	flag.StringVar(&p.appliance, "appliance", "bin/appliance", "the box's program")
	flag.StringVar(&p.profile, "profile", "", "file for the box's processor profile of the last step")
	flag.StringVar(&steps, "calls", "30,60,120,240,480", "calls at once, step by step")
	flag.DurationVar(&p.each, "each", time.Minute, "how long each step is measured")
	flag.Float64Var(&p.perSecond, "rate", 5, "new calls a second")
	flag.IntVar(&p.listeners, "listeners", 10, "supervisors who listen, at the last step")
	flag.BoolVar(&p.record, "record", true, "record every call")
	flag.IntVar(&p.blockMS, "block", 10, "tick of the lines in ms")
	flag.IntVar(&p.lines, "lines", 16, "E1 lines")
	flag.BoolVar(&p.ip, "ip", false, "callers come by an IP trunk, and all talk to agents")
	flag.Parse()
	for _, text := range strings.Split(steps, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 2 || n > 30*p.lines {
			fmt.Fprintf(os.Stderr, "load: %q calls are not possible: 2 to %d on %d lines\n", text, 30*p.lines, p.lines)
			os.Exit(2)
		}
		p.steps = append(p.steps, n)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := p.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// talks is how many of so many calls talk to agents; the others wait in a queue.
func (p plan) talks(calls int) int {
	if p.ip {
		return calls
	}
	return calls / 2
}

// run measures step by step.
func (p plan) run(ctx context.Context) error {
	most := p.steps[len(p.steps)-1]
	b, err := p.start(p.talks(most) + p.listeners)
	if err != nil {
		return err
	}
	defer b.stop()
	t, err := p.town(ctx, b, p.talks(most))
	if err != nil {
		return err
	}
	defer t.leave()
	fmt.Println(heading)
	for i, calls := range p.steps {
		if err := t.grow(ctx, calls); err != nil {
			return fmt.Errorf("%d calls: %w", calls, err)
		}
		if i == len(p.steps)-1 {
			if err := t.listen(ctx, p.listeners); err != nil {
				return fmt.Errorf("the supervisors: %w", err)
			}
		}
		row, err := t.measure(ctx, calls)
		if err != nil {
			return fmt.Errorf("%d calls: %w", calls, err)
		}
		fmt.Println(row)
	}
	return nil
}
