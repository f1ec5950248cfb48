package uart

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// pseudoTerminal opens a pair: the cable's end, and the path of the box's end.
func pseudoTerminal(t *testing.T) (*os.File, string) {
	t.Helper()
	cable, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cable.Close() })
	number, err := unix.IoctlGetInt(int(cable.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.IoctlSetPointerInt(int(cable.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	return cable, fmt.Sprintf("/dev/pts/%d", number)
}

func TestEveryOctetPasses(t *testing.T) {
	cable, path := pseudoTerminal(t)
	port, err := Open(path, Speed)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = port.Close() }()
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	if _, err := port.Write(all); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 256)
	if _, err := io.ReadFull(cable, got); err != nil || !bytes.Equal(got, all) {
		t.Errorf("out: %x, %v", got, err)
	}
	if _, err := cable.Write(all); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(port, got); err != nil || !bytes.Equal(got, all) {
		t.Errorf("in: %x, %v", got, err)
	}
	settings, err := unix.IoctlGetTermios(int(cable.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	if settings.Cflag&unix.CBAUD != unix.B115200 || settings.Cflag&unix.CSIZE != unix.CS8 || settings.Cflag&(unix.PARENB|unix.CSTOPB) != 0 {
		t.Errorf("the port is set to %#o", settings.Cflag)
	}
}

func TestCloseEndsRead(t *testing.T) {
	_, path := pseudoTerminal(t)
	port, err := Open(path, SlowSpeed)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := port.Read(make([]byte, 1))
		ended <- err
	}()
	if err := port.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err == nil {
			t.Error("Read gave an octet that nobody sent")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Read waits on")
	}
}

func TestCableGone(t *testing.T) {
	cable, path := pseudoTerminal(t)
	port, err := Open(path, Speed)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = port.Close() }()
	if err := cable.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := port.Read(make([]byte, 1)); err == nil {
		t.Error("Read gave an octet that nobody sent")
	}
}

func TestOpenSaysWhich(t *testing.T) {
	if _, err := Open("/dev/no-such-port", Speed); err == nil || errors.Unwrap(err) == nil {
		t.Errorf("%v", err)
	}
}
