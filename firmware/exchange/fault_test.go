package exchange

import (
	"errors"
	"net"
	"strings"
	"testing"
)

func TestFaultOfATakenPort(t *testing.T) {
	first, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	_, err = net.ListenPacket("udp", first.LocalAddr().String())
	if err == nil {
		t.Fatal("one port was opened twice")
	}
	zh, en := Fault(err)
	if !strings.HasPrefix(zh, "端口已被占用（") || !strings.HasPrefix(en, "the port is in use (") || !strings.Contains(zh, first.LocalAddr().String()) {
		t.Errorf("%s | %s", zh, en)
	}
}

func TestFaultOfOurOwn(t *testing.T) {
	if zh, en := Fault(errors.New("line1: no span 3")); zh != "技术原因（line1: no span 3）" || en != "line1: no span 3" {
		t.Errorf("%s | %s", zh, en)
	}
}
