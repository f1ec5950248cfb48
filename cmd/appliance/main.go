// Command appliance is the whole box in one process: lines, phones, call centre, page and support port.
//
// In: the flags of whoever starts it, and the settings in its data directory. Out: the drivers of the lines, real or
// virtual, given to firmware/exchange, which is joined with webadmin and firmware/console. Both paths begin here.
//
// No standard. It is the only one that knows DAHDI and the page; everything but the flags is a setting.
//
// SIGINT and SIGTERM end it in order. A page or a support port that cannot be had does not stop the phones.
package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"trunkbox/board"
	"trunkbox/firmware/config"
	"trunkbox/firmware/console"
	"trunkbox/firmware/exchange"
	"trunkbox/firmware/identity"
	"trunkbox/firmware/journal"
	"trunkbox/firmware/logbook"
	"trunkbox/firmware/realtime"
	"trunkbox/webadmin"
)

// version is set when the file is linked.
var version = "development"

func main() {
	f := parsed()
	if f.version {
		fmt.Println("trunkbox", version)
		return
	}
	if err := run(f); err != nil {
		fmt.Fprintln(os.Stderr, "trunkbox:", err)
		os.Exit(1)
	}
}

// garbage is by how much the memory in use may grow, in percent, before it is collected. Go takes 100; the box has little memory
// and makes little garbage. With 480 calls, of which five a second end and others come, it is collected 1.4 times a second,
// for some 7 ms of a processor; with 10 % that is 3 times, for 1 MB less, and with 25 % 0.8 times, for 2 MB more.
const garbage = 15

func run(f flags) error {
	refused := realtime.Program()
	debug.SetGCPercent(garbage)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := os.MkdirAll(f.data, 0o750); err != nil {
		return fmt.Errorf("the data directory cannot be made: %w", err)
	}
	endProfile, err := profile(f.profile)
	if err != nil {
		return err
	}
	defer endProfile()
	book, err := logbook.New(filepath.Join(f.data, "log"), logBytes)
	if err != nil {
		return fmt.Errorf("the log: %w", err)
	}
	defer book.Close()
	log := slog.New(book)

	store, report, err := config.Open(f.data, log)
	if err != nil {
		return fmt.Errorf("the settings: %w", err)
	}
	defer store.Close()
	notices, err := begin(store, report, f.first)
	if err != nil {
		return err
	}
	events, damage, err := journal.Open(filepath.Join(f.data, "journal"), journal.Options{Logger: log})
	if err != nil {
		return fmt.Errorf("the journal: %w", err)
	}
	defer events.Close()
	notices = append(notices, journalNotices(damage)...)
	certificate, err := identity.Certificate(store, time.Now())
	if err != nil {
		return err
	}
	lights, err := board.Open(f.board)
	if err != nil {
		return fmt.Errorf("the board: %w", err)
	}
	defer lights.Close()

	drivers := drivers{far: cmp.Or(f.far, filepath.Join(f.data, "far.sock")), clock: beat(), log: log}
	x, err := exchange.New(exchange.Options{
		Store: store, Journal: events, Board: lights, OpenLine: drivers.open, TLS: certificate, Version: version, Log: log,
		Notices: notices, Refused: refused, Restart: stop, TraceDir: filepath.Join(f.data, "trace"), Performance: filepath.Join(f.data, "performance"),
		Recordings: cmp.Or(f.recordings, filepath.Join(f.data, "recordings")), Clock: boxClock(f.board),
	})
	if err != nil {
		return err
	}
	page := webadmin.New(webadmin.Options{Switch: x, Store: store, Log: events, Traces: x, Lines: x, Doctor: x, Recordings: x, Logger: log, SignInRefused: x.SignInRefused})
	defer page.Close()
	support := console.New(console.Options{Exchange: x, Traces: x, Lines: x, Doctor: x, Recordings: x, Store: store, Journal: events, Log: book, Version: version, Restart: stop})

	var running sync.WaitGroup
	serve(ctx, &running, &http.Server{Addr: f.http, Handler: page}, log)
	serve(ctx, &running, &http.Server{Addr: f.https, Handler: page, TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}}}, log)
	running.Go(func() { servePort(ctx, support, lights, f.serial, log) })
	greet(f, store)
	err = x.Run(ctx)
	running.Wait()
	return err
}

// logBytes is the room that the log may take on the disk.
const logBytes = 32 << 20
