// Package identity is the box's own TLS certificate, which it makes for itself at the first start.
//
// In: a store that keeps secrets (firmware/config). Out: a certificate for the page (HTTPS) and for the
// phones (SIP over TLS), on no path of sound or signal.
//
// X.509 (RFC 5280), ECDSA on P-256; self-signed, because no authority knows the box. A certificate of the
// owner's own and renewal by an authority are left out.
//
// The private key never leaves the store and this process.
package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Store keeps what the box made for itself.
type Store interface {
	KeptSecret(name string) ([]byte, bool)
	PutSecret(name string, value []byte) error
}

const secretName = "tls"

// lifetime is long because nobody at the site can renew a certificate; phones pin it.
const lifetime = 20 * 365 * 24 * time.Hour

// Certificate returns the box's certificate, and makes and keeps it at the first start or when the kept one
// cannot be read.
func Certificate(store Store, now time.Time) (tls.Certificate, error) {
	if kept, found := store.KeptSecret(secretName); found {
		if certificate, err := tls.X509KeyPair(kept, kept); err == nil {
			return certificate, nil
		}
	}
	made, err := create(now)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making the box's certificate: %w", err)
	}
	if err := store.PutSecret(secretName, made); err != nil {
		return tls.Certificate{}, fmt.Errorf("keeping the box's certificate: %w", err)
	}
	return tls.X509KeyPair(made, made)
}

// create makes key and certificate, both as PEM one after the other. It begins a day ago, for the box's
// clock may be wrong before it has heard the network's.
func create(now time.Time) ([]byte, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "Trunkbox"},
		NotBefore:    now.Add(-24 * time.Hour),
		NotAfter:     now.Add(lifetime),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"trunkbox", "trunkbox.local", "localhost"},
		IPAddresses:  addresses(),
		IsCA:         true, BasicConstraintsValid: true,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	octets := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	return append(octets, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret})...), nil
}

// addresses are the box's own at this moment.
func addresses() []net.IP {
	var list []net.IP
	own, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, address := range own {
		if network, ok := address.(*net.IPNet); ok {
			list = append(list, network.IP)
		}
	}
	return list
}
