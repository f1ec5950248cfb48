// Package uart is the serial port of the box: the socket on the front into which the support plugs a cable.
//
// In and out: octets between the cable and firmware/console. It is beside both paths.
//
// 115,200 baud, 8 data bits, no parity, one stop bit, no flow control, as the consoles of the trade have
// it (terms: 9,600 as the fallback). Modem lines, breaks and other speeds of the chip are left out.
//
// Read and Write may run at the same time, each from one goroutine. Close ends a waiting Read.
package uart

import (
	"errors"
	"fmt"
	"io"

	"go.bug.st/serial"
)

// The speeds of a support console, in baud.
const (
	Speed     = 115200
	SlowSpeed = 9600
)

// Port is an open serial port.
type Port struct {
	port serial.Port
	path string
}

// Open opens the port at path (/dev/ttyS0, or a pseudo terminal) and sets it to raw 8N1 at baud.
func Open(path string, baud int) (*Port, error) {
	port, err := serial.Open(path, &serial.Mode{BaudRate: baud, DataBits: 8, Parity: serial.NoParity, StopBits: serial.OneStopBit})
	if err != nil {
		return nil, fmt.Errorf("open serial port %s at %d baud: %w", path, baud, err)
	}
	return &Port{port, path}, nil
}

// Path is the path the port was opened with.
func (p *Port) Path() string { return p.path }

// Read waits for at least one octet. It returns io.EOF after Close, and when the other end of a pseudo
// terminal has gone.
func (p *Port) Read(octets []byte) (int, error) {
	n, err := p.port.Read(octets)
	var failed *serial.PortError
	if errors.As(err, &failed) && failed.Code() == serial.PortClosed {
		return n, io.EOF
	}
	if err == nil && n == 0 && len(octets) > 0 {
		return 0, io.EOF
	}
	return n, err
}

// Write hands all octets to the port.
func (p *Port) Write(octets []byte) (int, error) {
	written := 0
	for written < len(octets) {
		n, err := p.port.Write(octets[written:])
		written += max(n, 0)
		if err != nil {
			return written, fmt.Errorf("write to %s after %d of %d octets: %w", p.path, written, len(octets), err)
		}
	}
	return written, nil
}

// Close closes the port.
func (p *Port) Close() error { return p.port.Close() }
