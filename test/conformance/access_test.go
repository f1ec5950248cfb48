package conformance

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"trunkbox/drivers/span"
	"trunkbox/dsp"
	"trunkbox/firmware/bridge"
	"trunkbox/firmware/call"
	"trunkbox/firmware/config"
	"trunkbox/firmware/pri"
	"trunkbox/test/farend"
	"trunkbox/test/farend/notation"
)

// access is the box's line as the appliance runs it, with an exchange of test/farend or bare frames at the far end.
type access struct {
	t        *testing.T
	access   *pri.Access
	settings config.Line
	wire     *wire // the box's end
	far      *wire
	far2     *wire            // of the backup D channel, nil without one
	lines    []*pri.Access    // all that share the D channel, access first
	bare     []*wire          // of the lines without a D channel
	sound    []*timeslots     // of each line
	exchange *farend.Exchange // layer 3 only
	dialogue *farend.Dialogue
	stop     context.CancelFunc
	ended    sync.WaitGroup
	counted  map[string]uint64 // errors told already

	mu      sync.Mutex
	parties []*party
	refuse  bool
	offered []call.Incoming
	notes   []string // of the data link, to the Observer
}

// newAccess brings up an access. On layer 3 the link is up and an exchange listens; on layer 2 nobody has answered yet. hear, when
// it is not nil, gets every frame that the box sends.
func newAccess(t *testing.T, layer int, side string, words []string, hear func(frame []byte)) (*access, error) {
	settings, err := lineSettings(side, words)
	if err != nil {
		return nil, err
	}
	kind := span.E1
	if settings.Kind == "T1" {
		kind = span.T1
	}
	s := &access{t: t, settings: settings, counted: map[string]uint64{}}
	s.wire, s.far = newWires(kind)
	s.wire.hear = hear
	if err := s.makeLines(linesOf(words), slices.Contains(words, "backup=yes"), kind); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	if layer == 3 {
		farSide := farend.Network
		if side == "network" {
			farSide = farend.User
		}
		s.exchange = farend.New(s.far, farend.Options{Side: farSide, Passive: true})
		s.ended.Go(func() { _ = s.exchange.Run(ctx) })
		s.dialogue = s.exchange.Script()
	}
	s.ended.Go(func() {
		if err := s.access.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	synctest.Wait()
	if layer == 3 && s.access.Now().Link != pri.LinkUp {
		s.down()
		return nil, fmt.Errorf("the link did not come up")
	}
	return s, nil
}

// makeLines makes the line, or several of which the first has the D channel, the second the backup if there is one, and the
// others none.
func (s *access) makeLines(n int, backup bool, kind span.Kind) error {
	var options []pri.Options
	for i := range n {
		settings, w := s.settings, s.wire
		if n > 1 {
			settings.Name, settings.Group, settings.Interface, settings.DChannel = fmt.Sprintf("line%d", i+1), "group", i, "primary"
		}
		if i > 0 {
			settings.DChannel = "none"
			var far *wire
			w, far = newWires(kind)
			s.bare = append(s.bare, w)
			if i == 1 && backup {
				settings.DChannel, s.far2 = "backup", far
			}
			w.bare = settings.DChannel == "none"
		}
		t := &timeslots{t: s.t, open: map[span.Timeslot]bool{}}
		s.sound = append(s.sound, t)
		options = append(options, pri.Options{
			Line: w, Settings: settings, Channels: t, Accept: s.accept, Observer: s, Logger: slog.New(slog.DiscardHandler),
		})
	}
	group, err := pri.NewGroup(options...)
	if err != nil {
		return err
	}
	s.lines = group.Lines()
	s.access = s.lines[0]
	return nil
}

func (s *access) down() {
	s.stop()
	for _, w := range s.bare {
		_ = w.Close()
	}
	_ = s.wire.Close()
	_ = s.far.Close()
	s.ended.Wait()
	synctest.Wait()
}

// speakers of both ends of a line whose box is of that side.
func speakers(side string) (far, box notation.Speaker) {
	return notation.Speaker{Far: true, Network: side == "user"}, notation.Speaker{Network: side == "network"}
}

// say has the far end say a message, or a frame.
func (s *access) say(octets []byte) error {
	if s.exchange != nil {
		return s.dialogue.Send(fmt.Sprintf("%x", octets))
	}
	return s.far.SendFrame(octets)
}

// next is what the far end heard and nobody asked for yet.
func (s *access) next() ([]byte, bool) {
	if s.exchange != nil {
		return s.dialogue.Next()
	}
	return s.far.arrived()
}

// silence is the port of a timeslot that nobody listens to.
type silence struct{}

func (silence) Law() dsp.Law      { return dsp.ALaw }
func (silence) Hear(block []byte) { clear(block) }
func (silence) Speak([]byte)      {}

// timeslots is the sound of a line: which of its timeslots are open.
type timeslots struct {
	t    *testing.T
	mu   sync.Mutex
	open map[span.Timeslot]bool
}

// Open and Close are for the access.
func (s *timeslots) Open(ts span.Timeslot) bridge.Port {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[ts] {
		s.t.Errorf("timeslot %d was opened twice", ts)
	}
	s.open[ts] = true
	return silence{}
}

func (s *timeslots) Close(ts span.Timeslot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open[ts] {
		s.t.Errorf("timeslot %d was closed and was not open", ts)
	}
	delete(s.open, ts)
}

// all are the timeslots that are open, in rising order.
func (s *timeslots) all() []span.Timeslot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.open))
}

// Link and Channel are the Observer.
func (s *access) Link(state, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, "link "+state+" "+reason)
}

func (s *access) Channel(_, _, _ string) {}

func (s *access) accept(in call.Incoming) call.Handler {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse {
		return nil
	}
	p := &party{leg: in.Leg}
	s.parties = append(s.parties, p)
	s.offered = append(s.offered, in)
	return p.handle
}

// lastOffered writes the call offered last: the number called, the caller's behind "from", who sent it on, the text.
func (s *access) lastOffered() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.offered) == 0 {
		return "none"
	}
	in := s.offered[len(s.offered)-1]
	text := in.Called
	if in.Calling.Digits != "" || in.Calling.Restricted {
		text += " from " + in.Calling.Digits
	}
	if in.Calling.Restricted {
		text += "/r"
	}
	if in.Calling.Name != "" {
		text += " named " + in.Calling.Name
	}
	if d := in.Diverted; d != nil {
		text += fmt.Sprintf(" diverted %d by %s %s", d.Count, d.By.Digits, d.Reason)
	}
	if in.Text != "" {
		text += " says " + in.Text
	}
	return strings.TrimSpace(text)
}

// channel is the state of a B channel: "7", or "1.7" of the line with the interface identifier 1.
func (s *access) channel(name string) string {
	line, ts := 0, 0
	if _, err := fmt.Sscanf(name, "%d.%d", &line, &ts); err != nil {
		line = 0
		if _, err := fmt.Sscan(name, &ts); err != nil {
			return err.Error()
		}
	}
	if line >= len(s.lines) {
		return "none"
	}
	for _, ch := range s.lines[line].Now().Channels {
		if int(ch.Timeslot) == ts {
			return strings.TrimSpace(ch.State + " " + ch.Reason)
		}
	}
	return "none"
}

// sounds are the timeslots that are open, named as in channel.
func (s *access) sounds() string {
	var all []string
	for i, line := range s.sound {
		for _, ts := range line.all() {
			name := fmt.Sprint(ts)
			if i > 0 {
				name = fmt.Sprintf("%d.%d", i, ts)
			}
			all = append(all, name)
		}
	}
	return strings.Join(all, " ")
}

// letters are the data link errors since they were asked for last.
func (s *access) letters() string {
	var all []string
	now := s.access.Now().Errors
	for letter, n := range now {
		for range n - s.counted[letter] {
			all = append(all, letter)
		}
	}
	s.counted = now
	slices.Sort(all)
	return strings.Join(all, " ")
}

// observed is what the Observer was told of the data link since it was asked last.
func (s *access) observed() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := strings.Join(s.notes, ", ")
	s.notes = nil
	return all
}

// apply changes settings while the access runs.
func (s *access) apply(words []string) error {
	changed, err := lineSettings(s.settings.Side, words)
	if err == nil {
		s.access.Apply(s.settings, changed)
	}
	return err
}

// line does something to the line: cut (frames of both ends are lost), cut far, cut box (of one end), mend, or an
// alarm, under which frames are lost as on a line.
func (s *access) line(word string) error {
	switch word {
	case "cut":
		s.wire.cut.Store(true)
		s.far.cut.Store(true)
	case "cut far":
		s.far.cut.Store(true)
	case "cut box":
		s.wire.cut.Store(true)
	case "mend":
		s.wire.cut.Store(false)
		s.far.cut.Store(false)
	case "LOS", "LFA", "AIS", "RAI", "none":
		alarm := map[string]span.Alarm{"LOS": span.LOS, "LFA": span.LFA, "AIS": span.AIS, "RAI": span.RAI}[word]
		s.wire.alarms.Store(uint32(alarm))
		s.wire.cut.Store(alarm.Down())
		s.far.cut.Store(alarm.Down())
	default:
		return fmt.Errorf("a line knows no %q", word)
	}
	return nil
}

// carrier does something to the far end's data link: establish (SABME, whatever its state), disconnect (DISC).
func (s *access) carrier(word string) error {
	switch {
	case s.exchange == nil:
		return fmt.Errorf("the far end has no data link of its own on layer 2")
	case word == "establish":
		s.exchange.Establish()
	case word == "disconnect":
		s.exchange.Disconnect()
	default:
		return fmt.Errorf("the far end's data link knows no %q", word)
	}
	return nil
}

// leftovers says what a case leaves behind when its calls are gone.
func (s *access) leftovers() error {
	for i, line := range s.lines {
		for _, ch := range line.Now().Channels {
			if ch.State != string(pri.Idle) {
				return fmt.Errorf("in the end timeslot %d of interface %d is %s %s", ch.Timeslot, i, ch.State, ch.Reason)
			}
		}
	}
	if sounds := s.sounds(); sounds != "" {
		return fmt.Errorf("in the end timeslots %s are open", sounds)
	}
	return nil
}

var (
	_ span.Line    = (*wire)(nil)
	_ pri.Channels = (*timeslots)(nil)
	_ pri.Observer = (*access)(nil)
)
