package dahdi

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"trunkbox/drivers/span"
)

// Dynamic is a span without a card. Two spans of the loc driver with one key are joined back to
// back in the kernel: "1:0" and "1:1". Destroying one of them is a cut cable for the other, which
// then has an alarm and no clock.
type Dynamic struct {
	Driver  string // "loc"
	Address string // "key:id"; key and id are one hexadecimal digit
	Kind    span.Kind
	Timing  int    // as in system.conf; 0 for both of a loc pair, or no octet ever moves
	Dir     string // of the device files; empty is /dev/dahdi
}

// Create makes the span and gives its channels their signalling, as dahdi_cfg would. It returns the
// number of the span.
func (d Dynamic) Create() (number int, err error) {
	ctl, err := open(d.dir(), "ctl", unix.O_RDWR)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, unix.Close(ctl)) }()
	s := d.span()
	made, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(ctl), ioDynamicCreate, uintptr(unsafe.Pointer(&s)))
	if errno != 0 {
		return 0, fmt.Errorf("create span %s/%s: %w", d.Driver, d.Address, errno)
	}
	number = int(made)
	if number == 0 { // some versions of the driver tell it only in the struct
		number = int(s.spanno)
	}
	if err := configure(ctl, number, d.Kind); err != nil {
		return number, fmt.Errorf("span %s/%s: %w", d.Driver, d.Address, err)
	}
	return number, nil
}

// Destroy removes the span. It fails with EBUSY while one of its channels is open.
func (d Dynamic) Destroy() (err error) {
	ctl, err := open(d.dir(), "ctl", unix.O_RDWR)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unix.Close(ctl)) }()
	s := d.span()
	if err := ioctl(ctl, ioDynamicDestroy, unsafe.Pointer(&s)); err != nil {
		return fmt.Errorf("destroy span %s/%s: %w", d.Driver, d.Address, err)
	}
	return nil
}

func (d Dynamic) dir() string {
	if d.Dir == "" {
		return defaultDir
	}
	return d.Dir
}

func (d Dynamic) span() dynamicSpan {
	s := dynamicSpan{numchans: 31, timing: int32(d.Timing)}
	if d.Kind == span.T1 {
		s.numchans = 24
	}
	copy(s.driver[:len(s.driver)-1], d.Driver)
	copy(s.addr[:len(s.addr)-1], d.Address)
	return s
}

// configure gives every channel of a span its signalling: HDLC with FCS in the D timeslot, clear in
// the others.
func configure(ctl, number int, kind span.Kind) error {
	for channel := int32(1); channel <= maxChannels; channel++ {
		p := params{channo: channel}
		if ioctl(ctl, ioGetParams, unsafe.Pointer(&p)) != nil || p.spanno != int32(number) {
			continue
		}
		c := chanConfig{channel: channel, sigtype: sigClear, deflaw: lawOf(kind), master: channel}
		if span.Timeslot(p.chanpos) == kind.D() {
			c.sigtype = sigHDLCFCS
		}
		if err := ioctl(ctl, ioChanConfig, unsafe.Pointer(&c)); err != nil {
			return fmt.Errorf("configure channel %d (timeslot %d): %w", channel, p.chanpos, err)
		}
	}
	return nil
}
