package dahdi

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The numbers of DAHDI's ioctl interface (linux-2.11, code 0xDA) as they are on 64-bit machines with
// the generic encoding: direction in bits 30-31 (1 to the kernel, 2 from it), size in bits 16-29,
// code in bits 8-15, number in bits 0-7. Arguments without a struct below are one int32.
const (
	ioSpecify        = 0x4004da26 // bind an open file to a channel number
	ioFlush          = 0x4004da03 // flush* below
	ioGetParams      = 0xc088da05 // params
	ioGetEvent       = 0x8004da08 // event*, 0 when none is left
	ioSpanStat       = 0xc13ada0a // spanInfo
	ioMaint          = 0x4008da0b // maintInfo
	ioSpanConfig     = 0x4024da12 // lineConfig
	ioChanConfig     = 0x404cda13 // chanConfig
	ioGetBufInfo     = 0x8018da1b // bufInfo
	ioSetBufInfo     = 0x4018da1b // bufInfo
	ioAudioMode      = 0x4004da20 // 1: law, gains and echo canceller work on a clear channel
	ioEchoCancel     = 0x4004da21 // taps: makes the attached canceller anew; 0 takes it away
	ioHDLCFCSMode    = 0x4004da25 // 1: the kernel frames, stuffs and checks
	ioSetLaw         = 0x4004da27 // law*
	ioGetVersion     = 0x80a0da39 // versionInfo
	ioAttachEchoCan  = 0x4014da3b // attachment, on the control file
	ioHDLCRate       = 0x4004da65 // 64 or 56 kbit/s
	ioDynamicCreate  = 0xc048da50 // dynamicSpan
	ioDynamicDestroy = 0x4048da51 // dynamicSpan
	ioBufferEvents   = 0x4004da69 // 1: overruns and underruns become events
)

// What ioFlush throws away; a sum.
const (
	flushRead  = 1
	flushWrite = 2
	flushEvent = 4
)

// errEvent is what read and write fail with while an event waits (ELAST of DAHDI).
const errEvent = unix.Errno(500)

// What ioGetEvent gives.
const (
	eventNone          = 0
	eventAlarm         = 4
	eventNoAlarm       = 5
	eventAbort         = 6 // HDLC abort
	eventOverrun       = 7 // HDLC frame longer than the buffer
	eventBadFCS        = 8
	eventECDisabled    = 19 // the canceller, by a tone; of older drivers
	eventRemoved       = 20
	eventTxCED         = 23 // the tone of a fax machine or modem was sent, and the canceller is off
	eventRxCED         = 24 // the same tone was received
	eventNLPDisabled   = 27 // the canceller's suppressor is off by the tone
	eventNLPEnabled    = 28
	eventReadOverrun   = 29
	eventWriteUnderrun = 30
)

// Signalling types of a channel.
const (
	sigNone     = 0
	sigClear    = 0x80
	sigHDLCFCS  = 0x380
	sigHardHDLC = 0x80080 // the card frames; else as sigHDLCFCS
)

const (
	lawMu = 1
	lawA  = 2
)

// policyImmediate starts to transmit with the first buffer.
const policyImmediate = 0

// Bounds of ioSetBufInfo: count, and count times size in octets.
const (
	maxBuffers     = 32
	maxBufferSpace = 32768
)

// params is what ioGetParams tells of a channel; 136 octets.
type params struct {
	channo      int32 // in: which channel, on the control file
	spanno      int32
	chanpos     int32 // place in the span, from 1
	sigtype     int32
	sigcap      int32
	rxisoffhook int32
	rxbits      int32
	txbits      int32
	txhooksig   int32
	rxhooksig   int32
	curlaw      int32
	idlebits    int32
	name        [40]byte
	times       [11]int32 // of analogue signalling
	chanAlarms  int32
}

// spanInfo is what ioSpanStat tells of a span. The kernel's struct is packed and ends after
// spantype, at 314 octets; the two that Go adds are never touched.
type spanInfo struct {
	spanno       int32 // in: which span, from 1
	name         [20]byte
	desc         [40]byte
	alarms       int32
	txlevel      int32
	rxlevel      int32
	bpv          int32
	crc4         int32
	ebit         int32
	fas          int32
	fe           int32
	cv           int32
	be           int32
	prbs         int32
	errsec       int32
	irqmisses    int32
	syncsrc      int32
	numchans     int32 // configured
	totalchans   int32
	totalspans   int32
	lbo          int32
	lineconfig   int32
	lboname      [40]byte
	location     [40]byte
	manufacturer [40]byte
	devicetype   [40]byte
	irq          int32
	linecompat   int32
	spantype     [6]byte
}

// spanInfoSize is the size of the kernel's packed struct in octets.
const spanInfoSize = 314

// bufInfo is the buffering of a channel; 24 octets.
type bufInfo struct {
	txpolicy  int32
	rxpolicy  int32
	numbufs   int32 // 2 to 32, in each direction
	bufsize   int32 // octets, from 16
	readbufs  int32 // filled, to be read
	writebufs int32 // filled, to be sent
}

// chanConfig is what ioChanConfig makes of a channel; 76 octets.
type chanConfig struct {
	channel    int32
	name       [40]byte
	sigtype    int32
	deflaw     int32
	master     int32
	idlebits   int32
	netdevName [16]byte
}

// lineConfig is what ioSpanConfig makes of a span; 36 octets.
type lineConfig struct {
	span       int32
	name       [20]byte
	lbo        int32 // line build-out
	lineconfig int32 // config*
	sync       int32 // place among the clock sources, from 1; 0: none
}

// maintInfo is a command of ioMaint; 8 octets.
type maintInfo struct {
	spanno  int32
	command int32 // maint*
}

// versionInfo is what ioGetVersion tells; 160 octets.
type versionInfo struct {
	version        [80]byte
	echoCancellers [80]byte // names with commas between them
}

// attachment is what ioAttachEchoCan makes a channel's echo canceller; 20 octets.
type attachment struct {
	channel int32
	name    [16]byte // with its zero; empty: none
}

// dynamicSpan is a span without a card; 72 octets.
type dynamicSpan struct {
	driver   [20]byte
	addr     [40]byte
	numchans int32
	timing   int32
	spanno   int32
}

// ioctl passes a struct; for an int32 there are ioctlSet and ioctlGet.
func ioctl(fd int, request uint, arg unsafe.Pointer) error {
	for {
		_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(request), uintptr(arg))
		switch errno {
		case 0:
			return nil
		case unix.EINTR:
		default:
			return errno
		}
	}
}

func ioctlSet(fd int, request uint, value int32) error {
	return ioctl(fd, request, unsafe.Pointer(&value))
}

func ioctlGet(fd int, request uint) (int32, error) {
	var value int32
	err := ioctl(fd, request, unsafe.Pointer(&value))
	return value, err
}

// read and write are the system calls with the bare error number: an event on a channel comes as an
// error, often, and as an error value it would cost an allocation each time.
func read(fd int, p []byte) (int, unix.Errno)  { return transfer(unix.SYS_READ, fd, p) }
func write(fd int, p []byte) (int, unix.Errno) { return transfer(unix.SYS_WRITE, fd, p) }

func transfer(call uintptr, fd int, p []byte) (int, unix.Errno) {
	n, _, errno := unix.Syscall(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	return int(n), errno
}
