package identity

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"testing"
	"time"
)

type kept map[string][]byte

func (k kept) KeptSecret(name string) ([]byte, bool)     { v, found := k[name]; return v, found }
func (k kept) PutSecret(name string, value []byte) error { k[name] = value; return nil }

type full struct{ kept }

func (full) PutSecret(string, []byte) error { return errors.New("no space left on device") }

func TestTheCertificateIsMadeOnceAndServesTLS(t *testing.T) {
	store := kept{}
	first, err := Certificate(store, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	second, err := Certificate(store, time.Now())
	if err != nil || !bytes.Equal(first.Certificate[0], second.Certificate[0]) {
		t.Fatalf("the second start has another certificate (%v)", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(first.Leaf)
	a, b := net.Pipe()
	server := tls.Server(a, &tls.Config{Certificates: []tls.Certificate{first}})
	go func() { _ = server.Handshake() }()
	if err := tls.Client(b, &tls.Config{RootCAs: roots, ServerName: "trunkbox.local"}).Handshake(); err != nil {
		t.Fatal(err)
	}
}

func TestADamagedCertificateIsMadeAnew(t *testing.T) {
	store := kept{secretName: []byte("cut sh")}
	if _, err := Certificate(store, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := Certificate(full{kept{}}, time.Now()); err == nil {
		t.Error("a store that cannot keep is not told")
	}
}
