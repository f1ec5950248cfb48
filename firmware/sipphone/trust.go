package sipphone

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"slices"
)

// Trusted is a carrier's server as its certificate has to name it, and who may have signed that.
type Trusted struct {
	Host  string         // name or address
	Roots *x509.CertPool // nil: those of Options
}

// ErrUntrusted is why a connection over TLS was given up.
var ErrUntrusted = errors.New("the certificate is not trusted")

// dialling is how connections over TLS are opened. Each carrier may have certificates of its own, so that the chain is
// checked by vouched in place of the library, after the same rules.
func (s *Server) dialling() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true, VerifyConnection: s.vouched}
}

// vouched checks the certificate of a server that we have connected to (RFC 5280; RFC 6125 for the name). TLS does not
// tell whom we called by address (RFC 6066 clause 3): then the certificate has to be that of one of the carriers that are
// known by address, whose key nobody else has.
func (s *Server) vouched(state tls.ConnectionState) error {
	candidates := []Trusted{}
	if s.carriers != nil {
		candidates = slices.DeleteFunc(s.carriers.Trusted(), func(c Trusted) bool {
			_, err := netip.ParseAddr(c.Host)
			return state.ServerName == "" && err != nil || state.ServerName != "" && c.Host != state.ServerName
		})
	}
	if len(candidates) == 0 && state.ServerName != "" {
		candidates = []Trusted{{Host: state.ServerName}}
	}
	failed := []error{ErrUntrusted}
	for _, c := range candidates {
		err := s.chain(state.PeerCertificates, c)
		if err == nil {
			return nil
		}
		failed = append(failed, fmt.Errorf("%s: %w", c.Host, err))
	}
	return errors.Join(failed...)
}

// chain follows the certificates of a server to a root.
func (s *Server) chain(certificates []*x509.Certificate, c Trusted) error {
	if len(certificates) == 0 {
		return errors.New("it showed no certificate")
	}
	between := x509.NewCertPool()
	for _, certificate := range certificates[1:] {
		between.AddCert(certificate)
	}
	roots := c.Roots
	if roots == nil {
		roots = s.options.Roots
	}
	_, err := certificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, DNSName: c.Host})
	return err
}
