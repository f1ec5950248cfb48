package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"trunkbox/board"
	"trunkbox/firmware/config"
	"trunkbox/firmware/console"
	"trunkbox/firmware/exchange"
	"trunkbox/firmware/journal"
)

// begin applies the settings that the installer gave for the first start, and makes notices of what was
// found wrong. Settings that cannot be used at the first start stop it: somebody stands before the box.
func begin(store *config.Store, report config.Report, first string) ([]exchange.Notice, error) {
	var notices []exchange.Notice
	if report.EN != "" {
		notices = append(notices, exchange.Notice{ID: "settings_found", Since: time.Now(), ZH: report.ZH, EN: report.EN})
	}
	if first == "" || !report.FirstBoot {
		return notices, nil
	}
	octets, err := os.ReadFile(first)
	if err != nil {
		return nil, fmt.Errorf("the first settings: %w", err)
	}
	settings, problems, err := config.Import(octets)
	if err == nil && len(problems) > 0 {
		err = config.ProblemsError(problems)
	}
	if err != nil {
		return nil, fmt.Errorf("the first settings in %s: %w", first, err)
	}
	if err := store.Save(settings, "first settings"); err != nil {
		return nil, fmt.Errorf("the first settings in %s: %w", first, err)
	}
	for _, agent := range settings.Agents {
		if agent.LoggedIn {
			err = errors.Join(err, store.SetLoggedIn(agent.Extension, true))
		}
	}
	return notices, err
}

// journalNotices makes notices of what the journal found wrong.
func journalNotices(report journal.Report) []exchange.Notice {
	if report.EN == "" {
		return nil
	}
	return []exchange.Notice{{ID: "journal_found", Since: time.Now(), ZH: report.ZH, EN: report.EN}}
}

// greet prints where the page is and, until the first password is set, the one-time code.
func greet(f flags, store *config.Store) {
	var text strings.Builder
	fmt.Fprintf(&text, "trunkbox %s\n", version)
	for _, address := range pageAddresses(f.http) {
		fmt.Fprintf(&text, "网页 page: http://%s/\n", address)
	}
	if code, open := store.OneTimeCode(); open {
		fmt.Fprintf(&text, "一次性代码 one-time code: %s\n", code)
	}
	fmt.Print(text.String())
}

// pageAddresses are the addresses under which a listen address can be reached.
func pageAddresses(listen string) []string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return nil
	}
	if host != "" && host != "0.0.0.0" && host != "::" {
		return []string{listen}
	}
	addresses := []string{net.JoinHostPort("127.0.0.1", port)}
	own, _ := net.InterfaceAddrs()
	for _, address := range own {
		if network, ok := address.(*net.IPNet); ok && network.IP.To4() != nil && !network.IP.IsLoopback() {
			addresses = append(addresses, net.JoinHostPort(network.IP.String(), port))
		}
	}
	return addresses
}

// servePort serves the support console on the board's serial port, or the one given; a box without one
// goes on without.
func servePort(ctx context.Context, support *console.Console, b *board.Board, path string, log *slog.Logger) {
	if path == "" {
		path = b.SerialPath()
	}
	if path == "" {
		return
	}
	for ctx.Err() == nil {
		if err := support.ServePort(ctx, path); err != nil && !errors.Is(err, context.Canceled) {
			log.Error("the support port", "path", path, "error", strings.TrimSpace(err.Error()))
		}
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Second):
		}
	}
}
