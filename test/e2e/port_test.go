package e2e

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"trunkbox/firmware/config"
	"trunkbox/test/ports"
)

// TestASIPPortIsTaken: the owner is told of a port that cannot be opened, until it can.
func TestASIPPortIsTaken(t *testing.T) {
	t.Parallel()
	var taken net.PacketConn
	b := open(t, func(s *config.Settings) {
		var err error
		taken, err = net.ListenPacket("udp", s.Phones.UDP)
		must(t, err)
		s.Phones.TCP = fmt.Sprintf("127.0.0.1:%d", ports.Free(t))
	})
	told := func() bool {
		notices := b.now().Notices
		at := slices.IndexFunc(notices, func(n struct{ ID, EN string }) bool { return n.ID == "ports_closed" })
		return at >= 0 && strings.Contains(notices[at].EN, "UDP "+b.settings.Phones.UDP)
	}
	wait(t, "the owner is told of the port", told)
	must(t, taken.Close())
	wait(t, "the port is open", func() bool { return !told() })
	b.phone("801")
	b.waitAgent("801", "ready")
}
