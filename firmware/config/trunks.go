package config

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// matchForm is the beginning of a number, addForm what may be put before one.
var (
	matchForm = regexp.MustCompile(`^\+?[0-9*#]{0,20}$`)
	userForm  = regexp.MustCompile(`^[A-Za-z0-9+._-]{0,64}$`)
)

func (c *check) trunks() {
	seen := map[string]bool{}
	for _, l := range c.s.Lines {
		seen[l.Name] = true
	}
	for i, t := range c.s.Trunks {
		at := fmt.Sprintf("trunks[%d].", i)
		c.lineName(at+"name", t.Name)
		c.once(seen, at+"name", t.Name)
		c.server(at+"server", t.Server)
		c.word(at+"transport", t.Transport, Transports)
		c.word(at+"law", t.Law, TrunkLaws)
		c.within(at+"max_calls", t.MaxCalls, 0, 1000, " 路", " calls")
		if !userForm.MatchString(t.User) {
			c.add(at+"user", fmt.Sprintf("用户名“%s”不可用：最多 64 个字母、数字或 + . _ -。", t.User),
				fmt.Sprintf("The user name %q will not do: up to 64 letters, digits or + . _ -.", t.User))
		}
		if t.Register && t.User == "" {
			c.add(at+"user", "要注册就要有用户名；对方认我方地址的，请关掉注册。", "To register, a user name is needed; switch registering off where the other side knows our address.")
		}
		c.encryption(at, t)
		for j, rule := range t.Numbers {
			c.numberRule(fmt.Sprintf("%snumbers[%d].", at, j), rule)
		}
	}
}

// encryption checks what a trunk needs to keep sound and signalling from others.
func (c *check) encryption(at string, t Trunk) {
	if t.Encrypt && t.Transport != "tls" {
		c.add(at+"encrypt", "话音加密的密钥由信令传送，信令也要加密：请把传输改为 TLS，或取消“话音必须加密”。",
			"The keys of encrypted sound travel in the signalling, which has to be encrypted too: make the transport TLS, or do without.")
	}
	if len(t.Roots) > rootsLongest {
		c.add(at+"roots", fmt.Sprintf("根证书共 %d 字节，最多 %d。", len(t.Roots), rootsLongest),
			fmt.Sprintf("Root certificates of %d octets; at most %d.", len(t.Roots), rootsLongest))
		return
	}
	if _, err := Roots(t.Roots); err != nil {
		c.add(at+"roots", fmt.Sprintf("根证书不可用（%v）。请粘贴 PEM 文本，以 -----BEGIN CERTIFICATE----- 开头；留空则用系统信任的。", err),
			fmt.Sprintf("The root certificates will not do (%v). Paste PEM text, which begins with -----BEGIN CERTIFICATE-----, or leave it empty for those the system trusts.", err))
	}
}

// rootsLongest bounds the certificates of one trunk: a dozen of them.
const rootsLongest = 64 << 10

// Roots reads certificates in PEM; nil for none at all.
func Roots(text string) (*x509.CertPool, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	pool := x509.NewCertPool()
	rest := []byte(text)
	for n := 1; ; n++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			if left := len(bytes.TrimSpace(rest)); left > 0 || n == 1 {
				return nil, fmt.Errorf("after %d certificates there are %d octets that are no PEM", n-1, left)
			}
			return pool, nil
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("part %d is a %s, no CERTIFICATE", n, block.Type)
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d: %w", n, err)
		}
		pool.AddCert(certificate)
	}
}

func (c *check) numberRule(at string, r NumberRule) {
	if !slices.Contains(Directions, r.Direction) {
		c.word(at+"direction", r.Direction, Directions)
	}
	for _, digits := range []struct{ path, value string }{{at + "match", r.Match}, {at + "add", r.Add}} {
		if !matchForm.MatchString(digits.value) {
			c.add(digits.path, fmt.Sprintf("“%s”只能是最多 20 位数字，可以 + 开头。", digits.value),
				fmt.Sprintf("%q may hold up to 20 digits, with + before them if you like.", digits.value))
		}
	}
	c.within(at+"strip", r.Strip, 0, 20, " 位", " digits")
}

// server checks the address of another SIP server.
func (c *check) server(path, address string) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = address, "5060"
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 || (!hostForm.MatchString(host) && net.ParseIP(host) == nil) {
		c.add(path, fmt.Sprintf("服务器地址“%s”不可用，请写成 sip.example.com 或 192.168.1.2:5060。", address),
			fmt.Sprintf("The server address %q will not do; write it like sip.example.com or 192.168.1.2:5060.", address))
	}
}
