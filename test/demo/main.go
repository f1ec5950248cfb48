// Command demo is what `make run` starts: the whole box on a virtual E1 line, with a town around it.
// A carrier's exchange places calls at a human pace, three agents take them on SIP telephones, and one
// extension waits for the softphone of whoever looks on.
//
// Nothing in it is part of the box: the callers speak ISDN to the far end of the line (test/farend),
// the agents speak SIP (test/farend/phone), and neither has another way in. The box itself is the
// appliance as it is shipped, started as a child process; its output is passed through.
//
// No standard. The settings of the first start are written as the document that the box imports.
//
// A second start finds the data of the first one. Ctrl-C ends calls, registrations and the box.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	var d demo
	flag.StringVar(&d.appliance, "appliance", "", "the box's program; empty: built from ./cmd/appliance")
	flag.StringVar(&d.data, "data", "data", "directory of everything that is kept")
	flag.StringVar(&d.http, "http", ":8080", "address of the page")
	flag.StringVar(&d.https, "https", ":8443", "address of the page with TLS")
	flag.StringVar(&d.lang, "lang", language(), "zh or en: names and prompts of the first start")
	flag.BoolVar(&d.quiet, "quiet", false, "say nothing about each call")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d.in, d.out = os.Stdin, os.Stdout
	if err := d.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// language is that of the terminal, Chinese when it does not say.
func language() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(name); v != "" && !strings.HasPrefix(v, "zh") && v != "C" && v != "POSIX" && !strings.HasPrefix(v, "C.") {
			return "en"
		} else if v != "" {
			return "zh"
		}
	}
	return "zh"
}

// demo is one run.
type demo struct {
	appliance, data, http, https, lang string
	quiet                              bool
	in                                 io.Reader
	out                                io.Writer
	pace                               pace // zero: a human one
	printing                           sync.Mutex
}

// say prints a line.
func (d *demo) say(format string, args ...any) {
	d.printing.Lock()
	defer d.printing.Unlock()
	fmt.Fprintf(d.out, format+"\n", args...)
}

// tell prints a line about a call, with the time, unless the run is quiet.
func (d *demo) tell(format string, args ...any) {
	if !d.quiet {
		d.say(time.Now().Format("15:04:05 ")+format, args...)
	}
}

func (d *demo) run(ctx context.Context) error {
	if d.pace == (pace{}) {
		d.pace = human
	}
	if err := os.MkdirAll(d.data, 0o750); err != nil {
		return fmt.Errorf("the data directory: %w", err)
	}
	town, err := d.settle()
	if err != nil {
		return err
	}
	if d.appliance == "" {
		if d.appliance, err = build(ctx, d.data); err != nil {
			return err
		}
	}
	for _, address := range []*string{&d.http, &d.https} {
		if free := freeTCP(*address); free != *address {
			d.say("端口 %s 已被占用，改用 %s / port %s is taken, using %s", *address, free, *address, free)
			*address = free
		}
	}
	box, err := d.startBox()
	if err != nil {
		return err
	}
	defer box.stop()

	// The town lives inside the box's life: it ends first, so that calls and registrations end in order.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		<-box.ended
		cancel(errBoxEnded)
	}()
	if err := d.live(ctx, town, box.socket); err != nil {
		return err
	}
	if errors.Is(context.Cause(ctx), errBoxEnded) {
		return fmt.Errorf("%w: %w", errBoxEnded, box.err)
	}
	d.say("\n正在结束 / ending …")
	return nil
}

var errBoxEnded = errors.New("the box has ended by itself")

// live brings carrier and agents to life until ctx is done.
func (d *demo) live(ctx context.Context, town town, socket string) error {
	var living sync.WaitGroup
	defer living.Wait()
	log := slog.New(slog.DiscardHandler)
	carrier := newCarrier(d, town)
	living.Go(func() { carrier.run(ctx, socket) })
	if err := carrier.waitUp(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	state := loadPresence(filepath.Join(d.data, "demo-agents.json"))
	var present sync.WaitGroup
	for _, a := range town.agents {
		present.Add(1)
		living.Go(func() { d.work(ctx, a, town.server, state, log, present.Done) })
	}
	present.Wait()
	d.greet(town)
	living.Go(func() { carrier.placeCalls(ctx) })
	go d.listen(ctx, carrier)
	<-ctx.Done()
	return nil
}

// greet says what a newcomer needs to know.
func (d *demo) greet(t town) {
	host := strings.Join(ownAddresses(), ", ")
	d.say(`
软电话 softphone   服务器 server %s   端口 port %d (UDP)   分机 extension %s   密码 password %s
                   注册后拨 *45 签入接听来电 / register it, dial *45 to take calls
打一个电话 a call  输入 call %s 再按回车，呼叫您的分机；call 回车，呼叫总机
                   type "call %s" + Enter to call your extension, "call" + Enter to call the main number
结束 end           Ctrl-C
`, host, t.port, t.free.extension, t.free.password, t.free.extension, t.free.extension)
}

// listen takes what is typed.
func (d *demo) listen(ctx context.Context, c *carrier) {
	lines := bufio.NewScanner(d.in)
	for lines.Scan() && ctx.Err() == nil {
		word, rest, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		switch strings.ToLower(word) {
		case "":
		case "call", "c":
			c.placeByHand(ctx, strings.TrimSpace(rest))
		default:
			d.say("call | call 8001   (Ctrl-C: 结束 end)")
		}
	}
}
