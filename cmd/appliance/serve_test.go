package main

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// heard is a log whose records arrive in a channel.
type heard chan slog.Record

func (h heard) Enabled(context.Context, slog.Level) bool           { return true }
func (h heard) Handle(_ context.Context, record slog.Record) error { h <- record; return nil }
func (h heard) WithAttrs([]slog.Attr) slog.Handler                 { return h }
func (h heard) WithGroup(string) slog.Handler                      { return h }

// TestAFailedHandshakeIsADebugMessage: whoever knocks at the TLS port with something else fills no log.
func TestAFailedHandshakeIsADebugMessage(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := taken.Addr().String()
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	records := make(heard, 10)
	none := func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, nil }
	serve(ctx, &running, &http.Server{Addr: address, TLSConfig: &tls.Config{GetCertificate: none}}, slog.New(records))
	deadline := time.After(20 * time.Second)
	for knocked := false; !knocked; {
		door, err := net.Dial("tcp", address)
		if err != nil {
			select {
			case <-deadline:
				t.Fatalf("nobody listens at %s: %v", address, err)
			case <-time.After(10 * time.Millisecond):
			}
			continue
		}
		defer door.Close()
		if _, err := door.Write([]byte("GET / HTTP/1.0\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
		knocked = true
	}
	select {
	case record := <-records:
		if record.Level != slog.LevelDebug || !strings.Contains(record.Message, "TLS handshake error") {
			t.Errorf("logged at %s: %q", record.Level, record.Message)
		}
	case <-deadline:
		t.Fatal("the failed handshake is not logged")
	}
}
