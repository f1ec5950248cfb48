package dahdi

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"trunkbox/drivers/span"
)

// Bits of a span's lineconfig and linecompat; level and build-out are below them.
const (
	configD4   = 1 << 4
	configESF  = 1 << 5
	configAMI  = 1 << 6
	configB8ZS = 1 << 7
	configCCS  = 1 << 8 // timeslot 16 is not for CAS
	configHDB3 = 1 << 9
	configCRC4 = 1 << 10

	configCoding = configD4 | configESF | configAMI | configB8ZS | configHDB3 | configCRC4
)

// framingBits and codeBits are what each value is in lineconfig.
var (
	framingBits = map[span.Framing]int32{span.CRC4: configCRC4, span.NoCRC4: 0, span.ESF: configESF, span.D4: configD4}
	codeBits    = map[span.LineCode]int32{span.HDB3: configHDB3, span.AMI: configAMI, span.B8ZS: configB8ZS}
)

// tuning is what the driver keeps of the format that cannot be read back.
type tuning struct {
	mu    sync.Mutex   // one change at a time
	clock span.Clock   // as set here; unknown until then
	rate  atomic.Int64 // kbit/s of the D channel
}

// configured reads framing and line code from lineconfig. A dynamic span has neither.
func configured(kind span.Kind, info *spanInfo) span.Format {
	var f span.Format
	if dynamic(info) {
		return f
	}
	for _, choice := range kind.Choices().Framings {
		if bits := framingBits[choice]; f.Framing == span.FramingUnknown && info.lineconfig&bits == bits {
			f.Framing = choice
		}
	}
	for _, choice := range kind.Choices().LineCodes {
		if bits := codeBits[choice]; f.LineCode == span.LineCodeUnknown && info.lineconfig&bits == bits {
			f.LineCode = choice
		}
	}
	return f
}

// dynamic says whether a span has no framer. Its driver takes every configuration and does nothing.
func dynamic(info *spanInfo) bool {
	return strings.HasPrefix(string(info.spantype[:]), "DYNAM") || strings.HasPrefix(string(info.name[:]), "DYN/")
}

// choices are what the hardware of a span can be set to.
func choices(kind span.Kind, info *spanInfo, sigtype int32) span.Choices {
	c := span.Choices{DRates: []int{64, 56}}
	if sigtype == sigHardHDLC {
		c.DRates = []int{64} // the card's own framer
	}
	if dynamic(info) {
		return c
	}
	c.Clocks = kind.Choices().Clocks
	for _, f := range kind.Choices().Framings {
		if bits := framingBits[f]; info.linecompat&bits == bits {
			c.Framings = append(c.Framings, f)
		}
	}
	for _, l := range kind.Choices().LineCodes {
		if info.linecompat&codeBits[l] != 0 {
			c.LineCodes = append(c.LineCodes, l)
		}
	}
	return c
}

// lineConfigOf puts a format into a lineconfig, of which everything else stays.
func lineConfigOf(was int32, f span.Format) int32 {
	return was&^configCoding | configCCS | framingBits[f.Framing] | codeBits[f.LineCode]
}

// syncOf is the place of a span in DAHDI's order of clock sources: its number, or 0 for a span that
// never gives the clock. Where nothing was said the line gives it, as is usual.
func syncOf(number int, c span.Clock) int32 {
	if c == span.Internal {
		return 0
	}
	return int32(number)
}

// Format is what is in force. The clock is known only once it was set here: DAHDI does not tell.
func (l *Line) Format() span.Format {
	l.tuned.mu.Lock()
	defer l.tuned.mu.Unlock()
	f, _ := l.format()
	return f
}

// format is called with tuned.mu held.
func (l *Line) format() (span.Format, spanInfo) {
	l.use.RLock()
	defer l.use.RUnlock()
	var info spanInfo
	if !l.closed.Load() {
		info, _ = readSpan(l.ctl, l.number) // a span that is gone has no format
	}
	f := configured(l.kind, &info)
	f.Clock, f.DRate = l.tuned.clock, int(l.tuned.rate.Load())
	return f, info
}

// Formats are what the span's hardware says it can do.
func (l *Line) Formats() span.Choices {
	l.tuned.mu.Lock()
	defer l.tuned.mu.Unlock()
	_, info := l.format()
	return choices(l.kind, &info, l.dchan.sigtype)
}

// Tune changes the span's configuration; a card starts its framer anew.
func (l *Line) Tune(f span.Format) error {
	l.tuned.mu.Lock()
	defer l.tuned.mu.Unlock()
	was, info := l.format()
	f = f.Fill(was)
	if err := choices(l.kind, &info, l.dchan.sigtype).Allow(f); err != nil {
		return fmt.Errorf("%s: DAHDI span %d: %w", l.name, l.number, err)
	}
	l.use.RLock()
	defer l.use.RUnlock()
	if l.closed.Load() {
		return fmt.Errorf("%s is closed: %w", l.name, unix.EBADF)
	}
	if f.Framing != was.Framing || f.LineCode != was.LineCode || f.Clock != was.Clock {
		if err := l.configureSpan(&info, f); err != nil {
			return err
		}
		l.tuned.clock = f.Clock
	}
	if f.DRate != was.DRate {
		if err := l.setRate(f.DRate); err != nil {
			return err
		}
		l.tuned.rate.Store(int64(f.DRate))
	}
	return nil
}

// configureSpan sets framing, line code and clock, and looks whether the span's driver has taken them.
func (l *Line) configureSpan(info *spanInfo, f span.Format) error {
	c := lineConfig{
		span: int32(l.number), name: info.name, lbo: info.lbo,
		lineconfig: lineConfigOf(info.lineconfig, f), sync: syncOf(l.number, f.Clock),
	}
	if err := ioctl(l.ctl, ioSpanConfig, unsafe.Pointer(&c)); err != nil {
		return l.refusal(fmt.Sprintf("%v, %v, clock from %v", f.Framing, f.LineCode, f.Clock), err)
	}
	now, err := readSpan(l.ctl, l.number)
	if err != nil {
		return fmt.Errorf("%s: %w", l.name, err)
	}
	if now.lineconfig != c.lineconfig {
		return fmt.Errorf("%s: span %d has lineconfig %#x after it was given %#x: %w", l.name, l.number, now.lineconfig, c.lineconfig, span.ErrNotSupported)
	}
	return nil
}

// setRate sets the D channel's rate and begins its bit stream anew.
func (l *Line) setRate(kbits int) error {
	if l.noD {
		return nil
	}
	if err := ioctlSet(l.d, ioHDLCRate, int32(kbits)); err != nil {
		return l.refusal(fmt.Sprintf("a D channel of %d kbit/s", kbits), err)
	}
	return nil
}

// refusal makes an error of DAHDI's: what a driver has no function for is not supported.
func (l *Line) refusal(what string, err error) error {
	for _, none := range []error{unix.ENOSYS, unix.ENOTTY, unix.EOPNOTSUPP, unix.EINVAL} {
		if errors.Is(err, none) {
			return fmt.Errorf("%s: %s: DAHDI span %d: %w (%w)", l.name, what, l.number, span.ErrNotSupported, err)
		}
	}
	return fmt.Errorf("%s: %s: DAHDI span %d: %w", l.name, what, l.number, err)
}
