package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"
)

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
