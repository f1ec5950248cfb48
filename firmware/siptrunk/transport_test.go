package siptrunk

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/q850"
	"trunkbox/firmware/sipphone"
)

// certified makes a certificate for a name, and the pool that trusts it.
func certified(t testing.TB, name string) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// answerStreams answers the requests of each connection: OPTIONS with 200, INVITE with 486.
func answerStreams(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			reader := bufio.NewReader(conn)
			length, reply := 0, []string{}
			method := ""
			for {
				line, err := reader.ReadString('\n')
				if err != nil {
					return
				}
				line = strings.TrimRight(line, "\r\n")
				name, value, _ := strings.Cut(line, ": ")
				switch name {
				case "Via", "From", "Call-ID", "CSeq":
					reply = append(reply, line)
				case "To":
					if !strings.Contains(line, ";tag=") {
						line += ";tag=s"
					}
					reply = append(reply, line)
				case "Content-Length":
					for _, digit := range value {
						length = 10*length + int(digit-'0')
					}
				case "":
					if method == "" {
						continue // keep-alive
					}
					if _, err := reader.Discard(length); err != nil {
						return
					}
					status := map[string]string{"OPTIONS": "200 OK", "INVITE": "486 Busy Here"}[method]
					if status != "" {
						text := strings.Join(append(append([]string{"SIP/2.0 " + status}, reply...), "Content-Length: 0", "", ""), "\r\n")
						if _, err := conn.Write([]byte(text)); err != nil {
							return
						}
					}
					length, reply, method = 0, nil, ""
				default:
					if method == "" {
						method, _, _ = strings.Cut(line, " ")
					}
				}
			}
		}()
	}
}

// Over TCP and TLS the box opens the connection; over TLS only to who has a certificate for the name of the server.
func TestTrunksOverStreams(t *testing.T) {
	certificate, pool := certified(t, "localhost")
	roots := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}))
	stranger, _ := certified(t, "localhost")
	others := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: stranger.Certificate[0]}))
	for name, c := range map[string]struct {
		transport, host string
		trusted         *x509.CertPool
		roots           string // of the trunk's settings
		want            string
	}{
		"TCP":                                  {"tcp", "localhost", nil, "", "carrier up"},
		"TLS":                                  {"tls", "localhost", pool, "", "carrier up"},
		"TLS, a certificate nobody knows":      {"tls", "localhost", x509.NewCertPool(), "", "carrier down trunk_untrusted localhost"},
		"TLS, roots of its own":                {"tls", "localhost", x509.NewCertPool(), roots, "carrier up"},
		"TLS, roots of its own, by address":    {"tls", "127.0.0.1", x509.NewCertPool(), roots, "carrier up"},
		"TLS, roots of its own, another's":     {"tls", "localhost", pool, others, "carrier down trunk_untrusted localhost"},
		"TLS, by an address that is not in it": {"tls", "127.0.0.2", pool, roots, "carrier down trunk_untrusted 127.0.0.2"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp4", ":0")
			if err != nil {
				t.Fatal(err)
			}
			if c.transport == "tls" {
				l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{certificate}})
			}
			defer l.Close()
			go answerStreams(l)
			_, port, _ := net.SplitHostPort(l.Addr().String())
			server := config.Trunk{Name: "carrier", Server: c.host + ":" + port, Transport: c.transport, Roots: c.roots, Enabled: true}
			b := benchWith(t, func(o *sipphone.Options) {
				o.Settings.Phones.TCP, o.Settings.Phones.TLS = "127.0.0.1:0", "127.0.0.1:0"
				o.TLS, o.Roots = certificate, c.trusted
			}, server)
			select {
			case got := <-b.states:
				if !strings.HasPrefix(got, c.want) {
					t.Fatalf("became %q, want %q", got, c.want)
				}
			case <-time.After(10 * time.Second):
				t.Fatalf("did not become %q", c.want)
			}
			if c.want != "carrier up" {
				return
			}
			ended := make(chan call.Cleared, 1)
			if _, err := b.trunks.Trunk("carrier").Dial(call.Outgoing{Called: "10086"}, func(e call.Event) {
				if end, over := e.(call.Cleared); over {
					ended <- end
				}
			}); err != nil {
				t.Fatal(err)
			}
			if end := <-ended; end.Cause != q850.UserBusy || !end.Remote {
				t.Errorf("%+v", end)
			}
		})
	}
}
