package doctor

import (
	"time"

	"trunkbox/drivers/span"
)

// Patient is the line as an Examination meets it: at work, its owner sending and receiving on it.
type Patient struct {
	Line span.Line
	Setup
	Before Before
	Link   func() bool                   // the data link is up
	Busy   func() []span.Timeslot        // B channels with a call in any state
	Talks  func() []span.Timeslot        // of them, those whose call was answered
	Frames func(from time.Time) []Frame  // of the D channel
	Calls  func() []Frame                // of the D channel, as far back as calls count
	Clocks func() Clocks                 // as measured last; nil: nobody measures
	Told   func(percent int, doing Step) // nil: nobody wants to know
}

// Pace is how long the parts of an examination take.
type Pace struct {
	Listen time.Duration // as the line is set
	Settle time.Duration // after each change, before the line is looked at: alarms take their time to go
	Look   time.Duration // at a line that was changed
	Probe  time.Duration // for the answer to an SABME
	Every  time.Duration // between two looks at the alarms
}

// Usual is the pace for real lines: framers take up to 2.5 s to clear an alarm (practice), a far end repeats SABME each second.
var Usual = Pace{Listen: 8 * time.Second, Settle: 4 * time.Second, Look: 3 * time.Second, Probe: 1500 * time.Millisecond, Every: 100 * time.Millisecond}

// Step is what an examination is doing.
type Step struct{ ZH, EN string }

var (
	listening = Step{"正在听：告警、计数器和每个时隙", "Listening: alarms, counters and every timeslot"}
	tryFormat = Step{"正在试用别的帧格式和线路码", "Trying other framing and line code"}
	tryClock  = Step{"正在试用别的时钟", "Trying the other clock"}
	tryD      = Step{"正在试用 D 通道的别的读法", "Trying to read the D channel in another way"}
	trySide   = Step{"正在以另一侧的身份请求建立链路", "Asking for the link as the other side"}
	restoring = Step{"正在恢复原来的设置", "Putting the settings back"}
)

// format is what the driver is told for a setup. Words that are not known leave its value as it is.
func (s Setup) format() span.Format {
	f, _ := span.ParseFormat(s.Framing, s.LineCode, s.Clock)
	f.DInverted, f.DRate = s.DInverted, s.DRate
	return f
}

// in is the setup with what is in force at the driver, as far as that is known.
func (s Setup) in(f span.Format) Setup {
	if f.Framing != span.FramingUnknown {
		s.Framing = f.Framing.String()
	}
	if f.LineCode != span.LineCodeUnknown {
		s.LineCode = f.LineCode.String()
	}
	if f.Clock != span.ClockUnknown {
		s.Clock = f.Clock.String()
	}
	s.DInverted, s.DRate = f.DInverted, f.DRate
	return s
}
