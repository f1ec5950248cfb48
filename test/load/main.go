// Command load measures the box at its full size: callers on virtual E1 lines or on an IP trunk, agents on SIP telephones,
// music, recordings and supervisors, for 30, 60, 120, 240 and 480 calls. Each step is measured without new calls and then with
// calls that come and go, and prints a line; a summary and, on request, JSON come at the end.
//
// In: the appliance as it is shipped, started as a child process on settings made for the measurement. Out: what the box used
// (from /proc and perf), what its own page says of ticks and losses, and what both ears of every call heard. Callers come by
// the far ends of the lines (test/farend) or by SIP, agents by SIP (test/farend/phone), the RTP of all by one thread
// (test/farend/crowd). Over IP, too, calls come to agents through a prompt and a queue.
//
// No standard but RFC 3550 for jitter. Every party says two tones of its own, which nobody else says; who hears another pair
// than that of the party he talks to has been crossed. The delay is that of each packet which comes as it was said, octet for
// octet: from when the packet with its first octet had left, plus that octet's place in it, to the kernel's time of arrival. A
// relay that passes packets on at once has that of the floor, which is measured first; the packet's own 20 ms are not in it.
// Between lines and phones the virtual cable's 30 ms are in it, and sound that the box has changed is not: what an echo
// canceller takes away, a shortened delay leaves out, or a lost packet is replaced by.
//
// Nothing here is asserted: a loaded machine measures worse. Whether it did is told by the columns named own (how late packets
// left against their time, how late they were taken in, what this side dropped), by what the host has stolen, by how often
// and how long the processors stood still (witness.go), and by load %, which is this process. Ctrl-C ends early with what there is.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"trunkbox/firmware/realtime"
	"trunkbox/test/farend/crowd"
	"trunkbox/test/farend/sound"
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
	json      string // file for the report; empty: none
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == witnessArgument {
		fmt.Fprintln(os.Stderr, "load: the witness:", witness())
		os.Exit(1)
	}
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
	flag.StringVar(&p.json, "json", "", "file for the report as JSON")
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
	realtime.Processors(places)
	debug.SetGCPercent(garbage)
	r := p.newReport()
	floor, err := p.floor(ctx)
	if err != nil {
		return err
	}
	r.Floor = spreadOf(floor)
	c, err := crowd.New(priority, addresses...)
	if err != nil {
		return err
	}
	defer c.Close()
	most := p.steps[len(p.steps)-1]
	b, err := p.start(p.talks(most)+p.listeners, c)
	if err != nil {
		return err
	}
	defer b.stop()
	if err := c.Granted(); err != nil {
		r.Remarks = append(r.Remarks, "The kernel did not grant the load: "+err.Error())
	}
	// What is not sound here comes before other programs like the box's, and not before the box's: a real-time priority
	// would keep the processor from whoever collects the box's memory, with all of its threads waiting.
	for _, refused := range realtime.Program() {
		r.Remarks = append(r.Remarks, "The kernel did not grant the load: "+refused)
	}
	t, err := p.town(ctx, b, p.talks(most))
	if err != nil {
		return err
	}
	defer t.leave()
	if t.machine, err = watchMachine(ctx); err != nil {
		return err
	}
	err = p.climb(ctx, t, r)
	if len(r.Rows) > 0 {
		r.print(os.Stdout)
	}
	if p.json != "" {
		err = errors.Join(err, r.write(p.json))
	}
	if errors.Is(err, context.Canceled) {
		return nil // there is what there is
	}
	return err
}

// climb goes up the steps.
func (p plan) climb(ctx context.Context, t *town, r *report) error {
	empty, err := t.b.settled(ctx)
	if err != nil {
		return err
	}
	t.empty, r.Empty = empty, empty
	fmt.Println(short.heading())
	for i, calls := range p.steps {
		if err := t.grow(ctx, calls); err != nil {
			return fmt.Errorf("%d calls: %w", calls, err)
		}
		if i == len(p.steps)-1 {
			if err := t.listen(ctx, p.listeners); err != nil {
				return fmt.Errorf("the supervisors: %w", err)
			}
		}
		rows, err := t.step(ctx, calls)
		for _, row := range rows {
			fmt.Println(short.line(&row))
		}
		r.Rows = append(r.Rows, rows...)
		if err != nil {
			return fmt.Errorf("%d calls: %w", calls, err)
		}
	}
	last := r.Rows[len(r.Rows)-1]
	if len(last.NotGranted) > 0 {
		r.Remarks = append(r.Remarks, "The kernel did not grant the box: "+strings.Join(last.NotGranted, "; "))
	}
	if t.noCalls != nil {
		r.Remarks = append(r.Remarks, t.noCalls.Error())
	}
	return nil
}

// places are for the crowd's thread, and at first for the bare relays. garbage keeps collections, for which it has to stop,
// minutes apart.
const (
	places  = 9
	garbage = 800
)

// priority is that of the load's thread of sound in SCHED_FIFO: below the box's, which a phone elsewhere could not delay
// either; above everything else, for a phone elsewhere is on time.
const priority = 5

// The bare relays of the floor have the priority that the box's thread of phones has.
const (
	relayPriority = 10
	floorLasts    = 2 * time.Second
)

func (p plan) floor(ctx context.Context) (sound.Counts, error) {
	ctx, done := context.WithTimeout(ctx, floorLasts)
	defer done()
	return crowd.Floor(ctx, priority, relayPriority, addresses[phonesEnd], addresses[carrierEnd])
}
