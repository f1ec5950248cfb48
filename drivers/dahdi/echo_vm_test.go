//go:build vm

package dahdi_test

import (
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"trunkbox/drivers/dahdi"
	"trunkbox/drivers/span"
	"trunkbox/dsp"
)

// The echo is made in the kernel, so that its path stays the same however late the programs of an emulated machine are:
// channel 32, timeslot 1 of the far span, sends back what it receives (it monitors itself, "digitally"), brought down by its
// receive gain.
const (
	farChannel = 32
	echoDB     = -12 // of the echo against what is sent

	ioSpecify    = 0x4004da26
	ioAudioMode  = 0x4004da20
	ioSetLaw     = 0x4004da27
	ioSetGains   = 0x4204da10
	ioSetConf    = 0xc00cda0d
	ioAttach     = 0x4014da3b
	ioSetBuffers = 0x4018da1b
	lawA         = 2
	digitalMon   = 9
)

// gains are tables from octet to octet, of the channel that asks; 516 octets.
type gains struct {
	_      int32
	rx, tx [256]byte
}

// conference is what a channel hears instead of what is written to it; 12 octets.
type conference struct{ channel, number, mode int32 }

// buffers of a channel; 24 octets.
type buffers struct{ txPolicy, rxPolicy, number, size, read, write int32 }

// attachment of an echo canceller; 20 octets.
type attachment struct {
	channel int32
	name    [16]byte
}

func request[T any](t *testing.T, fd int, number uint, argument *T) {
	t.Helper()
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(number), uintptr(unsafe.Pointer(argument))); errno != 0 {
		t.Fatalf("ioctl %#x of %+v: %v", number, *argument, errno)
	}
}

func openFile(t *testing.T, name string) int {
	t.Helper()
	fd, err := unix.Open("/dev/dahdi/"+name, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	return fd
}

// openFar opens timeslot 1 of the far span for sound.
func openFar(t *testing.T) int {
	t.Helper()
	number, on, law := int32(farChannel), int32(1), int32(lawA)
	fd := openFile(t, "channel")
	request(t, fd, ioSpecify, &number)
	request(t, fd, ioAudioMode, &on)
	request(t, fd, ioSetLaw, &law)
	return fd
}

// makeEcho has timeslot 1 of the far span send back what it receives, and returns what becomes of each octet.
func makeEcho(t *testing.T) [256]byte {
	t.Helper()
	fd := openFar(t)
	var g gains
	factor := math.Pow(10, echoDB/20.)
	for octet := range 256 {
		sample := float64(dsp.ALaw.Decode(byte(octet)))
		g.rx[octet], g.tx[octet] = dsp.ALaw.Encode(int16(math.Round(factor*sample))), byte(octet)
	}
	request(t, fd, ioSetGains, &g)
	request(t, fd, ioSetConf, &conference{0, farChannel, digitalMon})
	return g.rx
}

// attach gives channel 1 the canceller of a module, which the kernel loads for it.
func attach(t *testing.T, name string) {
	t.Helper()
	a := attachment{channel: 1}
	copy(a.name[:], name)
	request(t, openFile(t, "ctl"), ioAttach, &a)
}

// talker says noise at -13 dBm0 with the syllables and pauses of speech, or whatever source gives, on timeslot 1, and keeps
// what was sent and what came back.
type talker struct {
	line           *dahdi.Line
	source         func() float64
	rx, tx         span.Block
	sent, returned []int16
}

func speech(seed uint64) func() float64 {
	r, n := rand.New(rand.NewPCG(seed, 1)), 0
	return func() float64 {
		n++
		syllable := math.Sin(2 * math.Pi * 4 * float64(n) / 8000)
		if n/8000%3 == 2 && n/4000%2 == 0 || syllable < -0.3 {
			return 0
		}
		return 4000 * r.NormFloat64()
	}
}

// say moves so much sound.
func (k *talker) say(t *testing.T, long time.Duration) {
	t.Helper()
	block := k.line.Block()
	linear := make([]int16, block)
	for range int(long*8000/time.Second) / block {
		for i := range linear {
			linear[i] = int16(max(-30000, min(30000, k.source())))
		}
		dsp.ALaw.Compress(k.tx[1][:block], linear)
		k.sent = append(k.sent, linear...)
		if err := k.line.Tick(&k.rx, &k.tx); err != nil {
			t.Fatal(err)
		}
		dsp.ALaw.Expand(linear, k.rx[1][:block])
		k.returned = append(k.returned, linear...)
	}
}

// loses says how much weaker than what was sent in the last two seconds was what came back, in dB.
func (k *talker) loses() float64 {
	const last = 2 * 8000
	return dsp.Level(k.sent[len(k.sent)-last:]) - dsp.Level(k.returned[len(k.returned)-last:])
}

// ecState is what DAHDI says of the canceller of channel 1.
func ecState(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/dahdi/1")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == "1" {
			_, after, _ := strings.Cut(line, "(EC: ")
			state, _, _ := strings.Cut(after, ")")
			return state
		}
	}
	t.Fatalf("no channel 1 in %s", text)
	return ""
}

// TestEchoOfTheKernel: the echo of a far end with DAHDI's cancellers off, on and off again, and beside them the box's own with
// the same echo.
func TestEchoOfTheKernel(t *testing.T) {
	const least = 15 // dB that a canceller must take off after 3 s
	echoes := makeEcho(t)
	for _, name := range []string{"mg2", "kb1"} {
		t.Run(name, func(t *testing.T) {
			attach(t, name)
			l := openLine(t, 1, 80).(*dahdi.Line)
			defer func() { _ = l.Close() }()
			if c := l.Canceller(); c.By != span.ByKernel || c.Name != strings.ToUpper(name) || c.Longest != 128*time.Millisecond {
				t.Fatalf("the line has %+v", c)
			}
			if got := ecState(t); got != strings.ToUpper(name)+" - INACTIVE" {
				t.Errorf("DAHDI says %q before", got)
			}
			k := &talker{line: l, source: speech(1)}
			k.say(t, 2500*time.Millisecond)
			without := k.loses()
			if math.Abs(without+echoDB) > 1 {
				t.Errorf("without a canceller the echo is at %.1f dB, it is made at %d", -without, echoDB)
			}
			began := time.Now()
			if err := l.CancelEcho(1, 32*time.Millisecond); err != nil {
				t.Fatal(err)
			}
			took := time.Since(began)
			if got := ecState(t); got != strings.ToUpper(name)+" - ACTIVE" {
				t.Errorf("DAHDI says %q meanwhile", got)
			}
			k.say(t, 5*time.Second)
			with := k.loses()
			if err := l.CancelEcho(1, 0); err != nil {
				t.Fatal(err)
			}
			k.say(t, 2500*time.Millisecond)
			again := k.loses()
			t.Logf("%s: echo at %.1f dB, %.1f dB with the canceller (%.1f dB less), %.1f dB after it; switched on in %v", name, -without, -with, with-without, -again, took)
			if math.Abs(again-without) > 1 {
				t.Errorf("after it the echo is at %.1f dB, before it was at %.1f", -again, -without)
			}
			if with-without < least {
				t.Errorf("it takes %.1f dB off, %d are wanted", with-without, least)
			}
		})
	}
	t.Run("TheBox", func(t *testing.T) { theBox(t, echoes) })
}

// theBox gives the box's own canceller the same sound with the same echo, 2 ms late.
func theBox(t *testing.T, echoes [256]byte) {
	const late = 16
	for _, suppressed := range []bool{true, false} {
		e, err := dsp.NewEcho(32 * time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		e.Suppress(suppressed)
		source := speech(1)
		k := &talker{}
		var octets [late + 5*8000]byte
		for i := range octets {
			octets[i] = dsp.ALaw.Silence()
			if i >= late {
				octets[i] = dsp.ALaw.Encode(int16(max(-30000, min(30000, source()))))
			}
		}
		for i := late; i < len(octets); i++ {
			k.sent = append(k.sent, dsp.ALaw.Decode(octets[i]))
			k.returned = append(k.returned, dsp.ALaw.Decode(echoes[octets[i-late]]))
		}
		without := k.loses()
		e.Cancel(k.sent, k.returned)
		t.Logf("the box, suppressor %v: echo at %.1f dB, %.1f dB with the canceller (%.1f dB less)", suppressed, -without, -k.loses(), k.loses()-without)
	}
}

// TestAToneTurnsTheCancellerOff: the tone of a modem at the far end, 2,100 Hz turned round each 450 ms (clause 7/G.168). The
// kernel has all of it before it begins, so that it has no gap.
func TestAToneTurnsTheCancellerOff(t *testing.T) {
	const turned, buffer, long = 3600, 1000, 24 // octets, octets, buffers
	attach(t, "mg2")
	l := openLine(t, 1, 80).(*dahdi.Line)
	defer func() { _ = l.Close() }()
	if err := l.CancelEcho(1, 32*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	k := &talker{line: l, source: func() float64 { return 0 }}
	k.say(t, 200*time.Millisecond)
	far := openFar(t)
	request(t, far, ioSetBuffers, &buffers{2, 0, 32, buffer, 0, 0})
	for n := range long {
		var tone [buffer]byte
		for i := range tone {
			at := n*buffer + i
			tone[i] = dsp.ALaw.Encode(int16(8000 * math.Sin(2*math.Pi*2100*float64(at)/8000+math.Pi*float64(at/turned))))
		}
		if _, err := unix.Write(far, tone[:]); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	for range 50 {
		k.say(t, 100*time.Millisecond)
		select {
		case change := <-l.EchoChanges():
			t.Logf("after %v: %+v; the tone was at %.1f dBm0", time.Since(began), change, dsp.Level(k.returned[len(k.returned)-800:]))
			if !change.Off || change.Timeslot != 1 {
				t.Errorf("%+v", change)
			}
			return
		default:
		}
	}
	t.Errorf("the canceller is not turned off in 5 s; DAHDI says %s, and the tone was at %.1f dBm0", ecState(t), dsp.Level(k.returned))
}

// A module that does harm is not used though it is attached.
func TestAFaultyCancellerIsNotUsed(t *testing.T) {
	attach(t, "jpah") // the one that harms the sound only
	l := openLine(t, 1, 80).(*dahdi.Line)
	defer func() { _ = l.Close() }()
	if c := l.Canceller(); c.Name == "JPAH" {
		t.Errorf("the line has %+v", c)
	}
}

// A line without anything attached, of which a module is loaded, attaches it for the first call.
func TestACancellerIsAttachedWhenItIsNeeded(t *testing.T) {
	attach(t, "mg2") // which loads the module
	attach(t, "")
	l := openLine(t, 1, 80).(*dahdi.Line)
	defer func() { _ = l.Close() }()
	if c := l.Canceller(); c.By != span.ByKernel || c.Name != "MG2" {
		t.Fatalf("the line has %+v", c)
	}
	if got := ecState(t); got != "" {
		t.Errorf("before the call channel 1 has %q", got)
	}
	for _, ts := range []span.Timeslot{1, 17, 31} { // not all: the emulated machine is too slow
		if err := l.CancelEcho(ts, 128*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
	if got := ecState(t); got != "MG2 - ACTIVE" {
		t.Errorf("in the call channel 1 has %q", got)
	}
	if err := l.CancelEcho(1, time.Second); err == nil {
		t.Error("a tail of a second is taken")
	}
	if got := ecState(t); got != "MG2 - INACTIVE" {
		t.Errorf("after an error channel 1 has %q", got)
	}
	if err := l.CancelEcho(16, 32*time.Millisecond); err == nil {
		t.Error("the D channel has a canceller")
	}
}
