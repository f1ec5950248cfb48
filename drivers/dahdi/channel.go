package dahdi

import (
	"errors"
	"fmt"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/unix"

	"trunkbox/drivers/span"
)

// defaultDir is where udev and devtmpfs put DAHDI's device files.
const defaultDir = "/dev/dahdi"

// maxChannels bounds the search for the channels of a span; DAHDI itself numbers up to 1,023.
const maxChannels = 1023

// found is a channel of a span as DAHDI has it.
type found struct {
	number  int32 // of all DAHDI channels, from 1
	sigtype int32
}

// layout is a span as DAHDI has it: its kind and its channels by timeslot.
type layout struct {
	kind     span.Kind
	channels map[span.Timeslot]found
}

// open opens one of DAHDI's device files. The error says what to do.
func open(dir, name string, flags int) (int, error) {
	path := filepath.Join(dir, name)
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0)
	switch {
	case err == nil:
		return fd, nil
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV):
		return -1, fmt.Errorf("%s is missing: load the dahdi module (modprobe dahdi): %w", path, err)
	case errors.Is(err, unix.EACCES), errors.Is(err, unix.EPERM):
		return -1, fmt.Errorf("%s may not be opened: run as root or join the group of the file: %w", path, err)
	}
	return -1, fmt.Errorf("open %s: %w", path, err)
}

// readSpan reads what DAHDI says of a span.
func readSpan(ctl int, number int) (spanInfo, error) {
	info := spanInfo{spanno: int32(number)}
	if err := ioctl(ctl, ioSpanStat, unsafe.Pointer(&info)); err != nil {
		return info, fmt.Errorf("DAHDI has no span %d: load the driver of the card and run dahdi_cfg: %w", number, err)
	}
	return info, nil
}

// findChannels looks up the channels of a span. Channel n of a span is timeslot n, on an E1 (1 to
// 31) as on a T1 (1 to 24).
func findChannels(ctl int, number int) (layout, error) {
	info, err := readSpan(ctl, number)
	if err != nil {
		return layout{}, err
	}
	l := layout{channels: make(map[span.Timeslot]found)}
	switch info.totalchans {
	case 31:
		l.kind = span.E1
	case 24:
		l.kind = span.T1
	default:
		return layout{}, fmt.Errorf("span %d has %d channels: an E1 has 31, a T1 has 24", number, info.totalchans)
	}
	for channel := int32(1); channel <= maxChannels && len(l.channels) < int(info.totalchans); channel++ {
		p := params{channo: channel}
		if err := ioctl(ctl, ioGetParams, unsafe.Pointer(&p)); err != nil {
			continue // the numbers of spans that are gone stay free
		}
		if p.spanno == int32(number) {
			l.channels[span.Timeslot(p.chanpos)] = found{number: channel, sigtype: p.sigtype}
		}
	}
	for _, ts := range append(l.kind.B(), l.kind.D()) {
		c, ok := l.channels[ts]
		if !ok {
			return layout{}, fmt.Errorf("span %d: DAHDI has no channel for timeslot %d", number, ts)
		}
		if c.sigtype == sigNone {
			return layout{}, fmt.Errorf("span %d: timeslot %d (DAHDI channel %d) has no signalling: name it in bchan= or dchan= of /etc/dahdi/system.conf and run dahdi_cfg",
				number, ts, c.number)
		}
	}
	return l, nil
}

// openChannel opens a channel for one user; a channel in use fails with EBUSY.
func openChannel(dir string, number int32) (int, error) {
	fd, err := open(dir, "channel", unix.O_RDWR|unix.O_NONBLOCK)
	if err != nil {
		return -1, err
	}
	if err := ioctlSet(fd, ioSpecify, number); err != nil {
		_ = unix.Close(fd)
		if errors.Is(err, unix.EBUSY) {
			return -1, fmt.Errorf("DAHDI channel %d is in use: end the program that has it open (asterisk, another appliance): %w", number, err)
		}
		return -1, fmt.Errorf("DAHDI channel %d: %w", number, err)
	}
	return fd, nil
}

// step is one ioctl of setting up a channel, with its name for the error.
type step struct {
	name    string
	request uint
	value   int32
}

// setUp runs the steps of a channel and sets its buffers.
func setUp(fd int, number int32, buffers bufInfo, steps []step) error {
	for _, s := range steps {
		if err := ioctlSet(fd, s.request, s.value); err != nil {
			return fmt.Errorf("DAHDI channel %d: %s %d: %w", number, s.name, s.value, err)
		}
	}
	if err := ioctl(fd, ioSetBufInfo, unsafe.Pointer(&buffers)); err != nil {
		return fmt.Errorf("DAHDI channel %d: %d buffers of %d octets: %w", number, buffers.numbufs, buffers.bufsize, err)
	}
	return nil
}

// openB opens a B channel for sound: law, no gains (a fresh channel has none), small buffers.
func openB(dir string, number int32, kind span.Kind, block int) (int, error) {
	fd, err := openChannel(dir, number)
	if err != nil {
		return -1, err
	}
	buffers := bufInfo{txpolicy: policyImmediate, rxpolicy: policyImmediate, numbufs: blockBuffers(block), bufsize: int32(block)}
	err = setUp(fd, number, buffers, []step{
		{"AUDIOMODE", ioAudioMode, 1}, // an idle timeslot then carries the silence of the law
		{"SETLAW", ioSetLaw, lawOf(kind)},
		{"BUFFER_EVENTS", ioBufferEvents, 1},
	})
	if err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// lawOf is the usual law of a kind.
func lawOf(kind span.Kind) int32 {
	if kind == span.T1 {
		return lawMu
	}
	return lawA
}

// blockBuffers is how many buffers of a block hold 80 ms, the longest the owner of the sound may be
// late before octets are lost.
func blockBuffers(block int) int32 {
	const held = 640 // octets
	return int32(min(max((held+block-1)/block, 4), maxBuffers))
}

// frameBuffer is the size of a D channel buffer: a frame of the longest length, its FCS, and room to
// see that a frame was longer than that.
const frameBuffer = maxBufferSpace / maxBuffers

// openD opens a D channel; the kernel does flags, stuffing and FCS.
func openD(dir string, c found) (int, error) {
	fd, err := openChannel(dir, c.number)
	if err != nil {
		return -1, err
	}
	steps := []step{{"BUFFER_EVENTS", ioBufferEvents, 1}}
	if c.sigtype != sigHDLCFCS && c.sigtype != sigHardHDLC { // configured as bchan
		steps = append(steps, step{"HDLCFCSMODE", ioHDLCFCSMode, 1})
	}
	buffers := bufInfo{txpolicy: policyImmediate, rxpolicy: policyImmediate, numbufs: maxBuffers, bufsize: frameBuffer}
	if err := setUp(fd, c.number, buffers, steps); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}
