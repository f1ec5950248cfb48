// Command appliance is the whole box in one process: lines, phones, call centre, page and support port.
//
// It chooses the drivers of the lines, real or virtual, and joins the exchange with the page and the console.
package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
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
	"trunkbox/webadmin"
)

// version is set when the file is linked.
var version = "development"

// flags are what the installer of the file decides; everything else is a setting.
type flags struct {
	data, recordings, http, https, board, far, first, serial, profile string
	version                                                           bool
}

func main() {
	var f flags
	flag.StringVar(&f.data, "data", "/var/lib/trunkbox", "directory of settings, journal and logs")
	flag.StringVar(&f.recordings, "recordings", "", "directory of recordings, as on a disk of its own; empty: DATA/recordings")
	flag.StringVar(&f.http, "http", ":8080", "address of the page; empty: none")
	flag.StringVar(&f.https, "https", ":8443", "address of the page with TLS; empty: none")
	flag.StringVar(&f.board, "board", "sim", "what the box is: "+board.Names())
	flag.StringVar(&f.far, "far", "", "socket that serves the far end of the virtual lines; empty: DATA/far.sock")
	flag.StringVar(&f.first, "first-settings", "", "settings to begin with at the very first start")
	flag.StringVar(&f.serial, "serial", "", "port of the support console; empty: the board's")
	flag.StringVar(&f.profile, "profile", "", "file for a profile of the processor time; empty: none")
	flag.BoolVar(&f.version, "version", false, "print the version and end")
	flag.Parse()
	if f.version {
		fmt.Println("trunkbox", version)
		return
	}
	if err := run(f); err != nil {
		fmt.Fprintln(os.Stderr, "trunkbox:", err)
		os.Exit(1)
	}
}

// garbage is by how much the memory in use may grow, in percent, before it is collected: half of what Go takes, as the
// box has little memory and makes little garbage.
const garbage = 50

func run(f flags) error {
	debug.SetGCPercent(garbage)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := os.MkdirAll(f.data, 0o750); err != nil {
		return fmt.Errorf("the data directory cannot be made: %w", err)
	}
	if f.profile != "" {
		file, err := os.Create(f.profile)
		if err == nil {
			err = pprof.StartCPUProfile(file)
		}
		if err != nil {
			return fmt.Errorf("the profile: %w", err)
		}
		defer pprof.StopCPUProfile()
	}
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

	drivers := drivers{far: f.far, log: log}
	if drivers.far == "" {
		drivers.far = filepath.Join(f.data, "far.sock")
	}
	x, err := exchange.New(exchange.Options{
		Store: store, Journal: events, Board: lights, OpenLine: drivers.open, TLS: certificate, Version: version, Log: log,
		Notices: notices, Restart: stop, TraceDir: filepath.Join(f.data, "trace"), Performance: filepath.Join(f.data, "performance"),
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

// serve runs the page on one address until ctx is done. An address that cannot be had is logged: the
// phones go on without the page.
func serve(ctx context.Context, running *sync.WaitGroup, server *http.Server, log *slog.Logger) {
	if server.Addr == "" {
		return
	}
	server.ReadHeaderTimeout = 10 * time.Second
	server.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelDebug) // handshakes that fail, mostly
	running.Go(func() {
		listen := server.ListenAndServe
		if server.TLSConfig != nil {
			listen = func() error { return server.ListenAndServeTLS("", "") }
		}
		if err := listen(); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the page cannot be served", "address", server.Addr, "error", err)
		}
	})
	context.AfterFunc(ctx, func() { _ = server.Close() })
}
