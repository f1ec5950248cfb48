package dahdi

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"trunkbox/drivers/span"
)

// DAHDI has one way to every echo canceller. To each channel one is attached by name, which dahdi_cfg does as
// echocanceller= of system.conf says: a kernel module's, or the card's by the name hwec. A number of taps then has it make
// one for the channel and takes the former away; 0 only takes away. A channel to which nothing is attached takes the taps
// and cancels nothing.

// hardwareName attaches the canceller of the card; where there is none it is attached all the same and cannot be made.
const hardwareName = "hwec"

// A tap is one sample of the echo's tail; DAHDI knows powers of two only and makes any other number 64. The modules mg2 and kb1
// of dahdi-linux 2.11.1 ask for 164 and 260 octets less than they use. What the kernel gives beyond what is asked for covers
// that, but not for kb1 with 64 taps, which writes 16 octets into its neighbour's memory: the fewest are the next.
const (
	fewestTaps = 128
	mostTaps   = 1024
)

const longestTail = mostTaps * time.Second / rate

// softwareNames are the cancellers of DAHDI's modules that are taken where system.conf attaches none, in this order. Each takes more than 30 dB
// off an echo within 3 s (TestEchoOfTheKernel).
var softwareNames = []string{"mg2", "kb1"}

// faulty are modules that are never made use of, not even where system.conf names them. In dahdi-linux 2.11.1 sec and sec2 keep
// their taps far outside their memory (the kernel ended within a minute), and jpah silences two samples of three.
var faulty = []string{"sec", "sec2", "jpah"}

// procDir is where DAHDI tells of its spans in text.
const procDir = "/proc/dahdi"

// heldChanges is how many changes of cancellers wait for a reader before the oldest is lost.
const heldChanges = 64

// canceller is what the driver keeps of the echo cancellers of its channels.
type canceller struct {
	is      span.Canceller
	attach  string // to be attached to a channel that has none, before its first use
	mu      sync.Mutex
	have    span.Slotset  // the timeslots that have one
	toned   atomic.Uint32 // a Slotset: those that a tone has turned off
	changes chan span.EchoChange
}

// findCanceller finds out what the span has. The card's is known by trying: on the first B channel one is made and taken
// away, for only then the kernel asks the card's driver.
func (l *Line) findCanceller() {
	l.echo.changes = make(chan span.EchoChange, heldChanges)
	known, err := echoCancellers(l.ctl)
	text, readable := l.spanText()
	if err != nil || !readable || len(l.b) == 0 {
		return // and what is attached could not be put back
	}
	first := l.b[0]
	if slices.Contains(known, hardwareName) {
		if l.cardCancels(first) {
			text, _ = l.spanText()
			name, _ := attachedTo(text, first.channel)
			l.echo.is = span.Canceller{By: span.ByHardware, Name: name, Longest: longestTail}
			l.echo.attach, l.echo.have = hardwareName, span.Slotset(0).With(first.ts)
			return
		}
		was, _ := attachedTo(text, first.channel)
		if err := attachEcho(l.ctl, first.channel, was); err != nil {
			l.log.Warn("the echo canceller of a channel could not be put back", "line", l.name, "channel", first.channel, "canceller", was, "error", err)
		}
	}
	l.echo.attach, l.echo.have = l.software(text)
	if l.echo.attach == "" {
		l.echo.attach = firstOf(softwareNames, known)
	}
	if l.echo.attach != "" {
		l.echo.is = span.Canceller{By: span.ByKernel, Name: strings.ToUpper(l.echo.attach), Longest: longestTail}
	}
}

// software is the first module's canceller that dahdi_cfg has attached, and the timeslots that have one. The others must be
// given it: a channel without any takes the taps and says nothing.
func (l *Line) software(text string) (name string, have span.Slotset) {
	for _, s := range l.b {
		attached, _ := attachedTo(text, s.channel)
		switch attached = strings.ToLower(attached); {
		case slices.Contains(faulty, attached):
			l.log.Warn("an echo canceller that damages memory or sound is not used: name another in system.conf (echocanceller=mg2,...)",
				"line", l.name, "channel", s.channel, "canceller", attached)
		case attached != "":
			have = have.With(s.ts)
			if name == "" {
				name = attached
			}
		}
	}
	return name, have
}

// firstOf is the first of some names that is among those known, "" when none is.
func firstOf(names, known []string) string {
	for _, name := range names {
		if slices.Contains(known, name) {
			return name
		}
	}
	return ""
}

// cardCancels says whether the card can make a canceller for a channel; it leaves it attached.
func (l *Line) cardCancels(s slot) bool {
	if attachEcho(l.ctl, s.channel, hardwareName) != nil || ioctlSet(s.fd, ioEchoCancel, mostTaps) != nil {
		return false
	}
	return ioctlSet(s.fd, ioEchoCancel, 0) == nil
}

// echoCancellers are the names of the cancellers that DAHDI has at this moment, in small letters: hwec among them if any
// card in the box has one.
func echoCancellers(ctl int) ([]string, error) {
	var v versionInfo
	if err := ioctl(ctl, ioGetVersion, unsafe.Pointer(&v)); err != nil {
		return nil, fmt.Errorf("GETVERSION: %w", err)
	}
	return namesOf(v.echoCancellers[:]), nil
}

// namesOf reads "HWEC, MG2" up to its zero. The list ends with a comma when its last name is not to be told.
func namesOf(list []byte) []string {
	text, _, _ := strings.Cut(string(list), "\x00")
	var names []string
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			names = append(names, name)
		}
	}
	return names
}

func attachEcho(ctl int, channel int32, name string) error {
	a := attachment{channel: channel}
	copy(a.name[:len(a.name)-1], name)
	return ioctl(ctl, ioAttachEchoCan, unsafe.Pointer(&a))
}

// spanText is what DAHDI tells of the span in text.
func (l *Line) spanText() (text string, readable bool) {
	octets, err := os.ReadFile(filepath.Join(procDir, strconv.Itoa(l.number)))
	return string(octets), err == nil
}

// attachedTo finds a channel in DAHDI's text of a span, one channel a line:
//
//	1 DYN/loc/1:0/0/1 Clear (In use) (EC: MG2 - ACTIVE)
func attachedTo(text string, channel int32) (name string, found bool) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != strconv.Itoa(int(channel)) {
			continue
		}
		_, after, _ := strings.Cut(line, "(EC: ")
		name, _, _ = strings.Cut(after, " - ")
		return name, true
	}
	return "", false
}

// tapsOf is the number of taps for a tail: 128 to 1,024 (16 to 128 ms) in powers of two.
func tapsOf(tail time.Duration) (int32, error) {
	if tail > longestTail {
		return 0, fmt.Errorf("an echo tail of %v: %w (%v at most)", tail, span.ErrNotSupported, longestTail)
	}
	taps := max(int(tail*rate/time.Second), fewestTaps)
	return 1 << bits.Len(uint(taps-1)), nil
}

// Canceller says what echo canceller the span has: the card's if it has one, else the one that dahdi_cfg has attached, else
// one that a loaded module brings.
func (l *Line) Canceller() span.Canceller { return l.echo.is }

// CancelEcho makes a canceller for a timeslot, or takes it away.
func (l *Line) CancelEcho(ts span.Timeslot, tail time.Duration) error {
	l.use.RLock()
	defer l.use.RUnlock()
	if l.closed.Load() {
		return io.EOF
	}
	i := slices.IndexFunc(l.b, func(s slot) bool { return s.ts == ts })
	if i < 0 || l.echo.is.By == span.ByNobody {
		return fmt.Errorf("%s/ts%02d: an echo canceller: %w", l.name, ts, span.ErrNotSupported)
	}
	s := l.b[i]
	if tail <= 0 {
		return l.echoError(s, 0, ioctlSet(s.fd, ioEchoCancel, 0))
	}
	taps, err := tapsOf(tail)
	if err != nil {
		return errors.Join(fmt.Errorf("%s/ts%02d: %w", l.name, ts, err), l.echoError(s, 0, ioctlSet(s.fd, ioEchoCancel, 0)))
	}
	if err := l.attachOnce(s); err != nil {
		return err
	}
	l.echo.toned.And(uint32((^span.Slotset(0)).Without(ts)))
	return l.echoError(s, taps, ioctlSet(s.fd, ioEchoCancel, taps))
}

// attachOnce attaches the canceller to a channel that has it not yet.
func (l *Line) attachOnce(s slot) error {
	l.echo.mu.Lock()
	defer l.echo.mu.Unlock()
	if l.echo.have.Has(s.ts) {
		return nil
	}
	if err := attachEcho(l.ctl, s.channel, l.echo.attach); err != nil {
		return l.ioError("ATTACH_ECHOCAN "+l.echo.attach, s.ts, err)
	}
	l.echo.have = l.echo.have.With(s.ts)
	return nil
}

func (l *Line) echoError(s slot, taps int32, err error) error {
	what := fmt.Sprintf("%s: ECHOCANCEL %d", l.echo.is.Name, taps)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.ENODEV), errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOTTY): // the canceller's own words
		return fmt.Errorf("%s/ts%02d: %s: %w (%w)", l.name, s.ts, what, span.ErrNotSupported, err)
	}
	return l.ioError(what, s.ts, err)
}

// EchoChanges gives what tones have done to cancellers.
func (l *Line) EchoChanges() <-chan span.EchoChange { return l.echo.changes }

// echoToned tells that a tone has turned the canceller of a timeslot off, or that it is back on. DAHDI has several events
// for one tone: the first is told.
func (l *Line) echoToned(ts span.Timeslot, off bool) {
	var was uint32
	if off {
		was = l.echo.toned.Or(uint32(span.Slotset(0).With(ts)))
	} else {
		was = l.echo.toned.And(uint32((^span.Slotset(0)).Without(ts)))
	}
	if span.Slotset(was).Has(ts) != off {
		offer(l.echo.changes, span.EchoChange{At: time.Now(), Timeslot: ts, Off: off})
	}
}

var _ span.EchoCanceller = (*Line)(nil)
