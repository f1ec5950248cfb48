package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"trunkbox/firmware/config"
)

// town is who is there: the people around the box as the first settings name them.
type town struct {
	server string // host:port of the box's SIP over UDP, as this machine reaches it
	port   int
	main   string // the number that the carrier calls for the menu
	agents []account
	free   account // the newcomer's
}

// account is one SIP account.
type account struct{ extension, name, password string }

// mainNumber is the box's number at the carrier.
const mainNumber = "075588001000"

// workers are the demonstration's agents; the last one is nobody's yet.
var workers = []struct{ extension, zh, en string }{
	{"8001", "李娜", "Li Na"},
	{"8002", "王强", "Wang Qiang"},
	{"8003", "张敏", "Zhang Min"},
	{"8004", "新同事", "Newcomer"},
}

// settle reads the settings of the first start, or makes them.
func (d *demo) settle() (town, error) {
	path := d.firstSettings()
	octets, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		octets = config.Export(d.firstStart())
		err = os.WriteFile(path, octets, 0o600)
	}
	if err != nil {
		return town{}, fmt.Errorf("the settings of the first start: %w", err)
	}
	settings, problems, err := config.Import(octets)
	if err == nil && len(problems) > 0 {
		err = config.ProblemsError(problems)
	}
	if err != nil {
		return town{}, fmt.Errorf("%s: %w", path, err)
	}
	return townOf(settings)
}

func (d *demo) firstSettings() string { return filepath.Join(d.data, "first-settings.json") }

// townOf finds the people in the settings.
func townOf(s config.Settings) (town, error) {
	_, port, err := net.SplitHostPort(s.Phones.UDP)
	if err != nil {
		return town{}, fmt.Errorf("the address of the phones %q: %w", s.Phones.UDP, err)
	}
	n, err := strconv.Atoi(port)
	if err != nil || len(s.Agents) < 2 {
		return town{}, fmt.Errorf("the first settings name port %q and %d agents; move them away to begin anew", port, len(s.Agents))
	}
	if busy := takenUDP(n); busy != nil {
		return town{}, fmt.Errorf("SIP port %d of these settings is in use, end the other program first: %w", n, busy)
	}
	t := town{server: net.JoinHostPort("127.0.0.1", port), port: n, main: mainNumber}
	for i, a := range s.Agents {
		who := account{a.Extension, a.Name, a.Password}
		if i == len(s.Agents)-1 {
			t.free = who
			break
		}
		t.agents = append(t.agents, who)
	}
	return t, nil
}

// firstStart is a box with three agents at work, a free extension, and numbers that lead straight to
// each of them.
func (d *demo) firstStart() config.Settings {
	s := config.Default("CN", d.lang)
	var queues []string
	for _, q := range s.Queues {
		queues = append(queues, q.Name)
		s.Routes = append(s.Routes, config.Route{Called: q.Extension, To: config.Destination{Kind: "queue", Target: q.Name}})
	}
	for _, w := range workers {
		name := w.zh
		if s.Box.Language == "en" {
			name = w.en
		}
		s.Agents = append(s.Agents, config.Agent{Extension: w.extension, Name: name, Password: password(), Queues: queues, Outbound: true})
		s.Routes = append(s.Routes, config.Route{Called: w.extension, To: config.Destination{Kind: "extension", Target: w.extension}})
	}
	s.Outbound.Numbers = []string{mainNumber}
	if port := freeSIP(); port != 5060 {
		d.say("SIP 端口 5060 已被占用，改用 %d / SIP port 5060 is taken, using %d", port, port)
		s.Phones.UDP, s.Phones.TCP, s.Phones.TLS = fmt.Sprintf(":%d", port), fmt.Sprintf(":%d", port), fmt.Sprintf(":%d", port+1)
	}
	return s
}

// password is fourteen letters and digits that are not mistaken for one another: 69 bits.
func password() string {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789"
	var b strings.Builder
	for b.Len() < 14 {
		var octet [1]byte
		_, _ = rand.Read(octet[:]) // it never fails
		if int(octet[0]) < len(letters)*(256/len(letters)) {
			b.WriteByte(letters[int(octet[0])%len(letters)])
		}
	}
	return b.String()
}

// takenUDP says why a UDP port of this machine cannot be had; nil when it can.
func takenUDP(port int) error {
	c, err := net.ListenPacket("udp", fmt.Sprintf(":%d", port))
	if err == nil {
		c.Close()
	}
	return err
}

// freeSIP finds a port for SIP over UDP and TCP with its neighbour free for TLS: 5060 if it can.
func freeSIP() int {
	for port := 5060; port < 5160; port += 10 {
		tcp, tls := fmt.Sprintf(":%d", port), fmt.Sprintf(":%d", port+1)
		if takenUDP(port) == nil && freeTCP(tcp) == tcp && freeTCP(tls) == tls {
			return port
		}
	}
	return 5060
}

// freeTCP returns the address if it can be listened on, else the next port after it that can.
func freeTCP(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return address
	}
	for try := n; try < n+100; try++ {
		candidate := net.JoinHostPort(host, strconv.Itoa(try))
		if l, err := net.Listen("tcp", candidate); err == nil {
			l.Close()
			if try == n {
				return address
			}
			return candidate
		}
	}
	return address
}

// ownAddresses are the IPv4 addresses under which this machine can be reached, its own last.
func ownAddresses() []string {
	var found []string
	all, _ := net.InterfaceAddrs()
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			found = append(found, n.IP.String())
		}
	}
	return append(found, "127.0.0.1")
}
