package conformance

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/test/farend/notation"
)

// The steps of a script. Whatever the box says has to be asked for with box> before the next step that makes it speak.
//
//	far> SETUP F5 bc channel=1!     the far end says a message (layer 3) or a frame (layer 2): test/farend/notation
//	box> CONNECT F5                 the box has said this by now
//	box> ?                          ... anything
//	way U10                         the steps of a way
//	far2> SABME P1                  the same on the backup D channel (layer 2, backup=yes)
//	box2> UA F1
//	call F5                         @ stands for this call reference from now on
//	timer 4s                        so much time passes
//	control dial 4001               a request from above: access.control, dataLink.control; a number first names the call
//	told answered, digit 5          all that the youngest call told since it was asked last; (2) first names the second call
//	offered 4001 from 123           the call offered last; none
//	state 10                        the call's state, asked for with STATUS ENQUIRY; on a data link its state
//	channel 1 idle                  the state of a B channel as the box shows it; 1.7: that of interface 1
//	sound 1 2                       the B channels on which there is sound; nothing: none
//	link up                         the data link as the box shows it: up, establishing, down
//	shown link down line_down       what the Observer was told of the data link since it was asked last
//	errors A B                      the letters of the MDL-ERROR indications since they were asked for last
//	line cut                        access.line
//	carrier establish               access.carrier
//	apply restart=yes               settings changed while the box runs
//	loop 128 far> I P0 ns% nr0 | .. steps between bars, played so often; % is how often they were, modulo 128, %+ one more
//	end open                        the calls are not ended and looked for at the end
//
// When the steps of layer 3 are done the far end restarts the interface: every channel has to be idle then, and no sound open.

// subject is what is played against.
type subject interface {
	say(octets []byte) error
	next() ([]byte, bool)
	control(words []string) error
	told(n int) (string, error)
	letters() string
	down()
}

// player plays one case once.
type player struct {
	layer      int
	far, box   notation.Speaker
	side       string
	subject    subject
	access     *access // nil on a data link alone
	ref        string
	open       bool
	quiet      bool // no transcript
	transcript []string
}

// doing is what a step does, by its word; nil for a word that is none.
func doing(verb string) func(p *player, text string) error {
	switch verb {
	case "far>":
		return (*player).farSays
	case "box>":
		return (*player).boxSaid
	case "far2>":
		return (*player).farSays2
	case "box2>":
		return (*player).boxSaid2
	case "call":
		return (*player).names
	case "timer":
		return (*player).waits
	case "control":
		return (*player).controls
	case "told":
		return (*player).toldIs
	case "offered":
		return (*player).offeredIs
	case "state":
		return (*player).stateIs
	case "channel":
		return (*player).channelIs
	case "sound":
		return (*player).soundIs
	case "shown":
		return (*player).shownIs
	case "link":
		return (*player).linkIs
	case "errors":
		return (*player).errorsAre
	case "line":
		return (*player).lineDoes
	case "carrier":
		return (*player).carrierDoes
	case "apply":
		return (*player).applies
	case "end":
		return (*player).ends
	}
	return nil
}

// plan is what is played in one run: the ways first.
type plan struct {
	settings []string
	steps    []step
}

func planOf(c testCase, steps []step, side string, ways map[string]testCase) (plan, error) {
	p := plan{settings: c.settings}
	if c.given != "" {
		way, known := ways[sideWord(c.given, side)]
		if !known {
			return p, fmt.Errorf("no way is called %q", sideWord(c.given, side))
		}
		before, err := planOf(way, way.steps, side, ways)
		if err != nil {
			return p, err
		}
		p.settings = append(before.settings, p.settings...)
		p.steps = append(p.steps, before.steps...)
	}
	for _, s := range steps {
		if s.verb != "way" {
			p.steps = append(p.steps, s)
			continue
		}
		way, err := planOf(testCase{given: s.text}, nil, side, ways)
		if err != nil {
			return p, err
		}
		p.settings = append(way.settings, p.settings...)
		p.steps = append(p.steps, way.steps...)
	}
	return p, nil
}

// play plays one run in a bubble of its own. hear gets every frame that an access sends.
func play(t *testing.T, g group, run plan, side string, hear func([]byte)) (err error) {
	synctest.Test(t, func(t *testing.T) {
		p := &player{layer: 3, side: side}
		if strings.HasPrefix(g.id, "L2") {
			p.layer = 2
		}
		p.far, p.box = speakers(side)
		if g.subject == "link" {
			p.subject = newDataLink(side)
		} else {
			p.access, err = newAccess(t, p.layer, side, run.settings, hear)
			if err != nil {
				return
			}
			p.subject = p.access
		}
		defer p.subject.down()
		for _, s := range run.steps {
			if err = p.step(s); err != nil {
				err = fmt.Errorf("line %d, %s %s: %w\n\t%s", s.line, s.verb, s.text, err, strings.Join(p.transcript, "\n\t"))
				return
			}
		}
		if err = p.finish(); err != nil {
			err = fmt.Errorf("%w\n\t%s", err, strings.Join(p.transcript, "\n\t"))
		}
	})
	return err
}

func (p *player) step(s step) error {
	text := sideWord(s.text, p.side)
	fields := strings.Split(text, " ")
	for i := range fields {
		if fields[i] == "@" {
			fields[i] = p.ref
		}
	}
	text = strings.Join(fields, " ")
	synctest.Wait()
	speaks := s.verb == "far>" || s.verb == "far2>" || s.verb == "timer" || s.verb == "control" || s.verb == "carrier" || s.verb == "line" || s.verb == "state"
	if speaks {
		if err := p.silent(); err != nil {
			return err
		}
	}
	do := doing(s.verb)
	if do == nil {
		return fmt.Errorf("nothing is called %q", s.verb)
	}
	err := do(p, text)
	synctest.Wait()
	return err
}

// silent says what the box said and nobody asked for.
func (p *player) silent() error {
	if octets, spoke := p.subject.next(); spoke {
		return fmt.Errorf("before that the box said %s", p.write(octets, p.box))
	}
	if p.access != nil && p.access.far2 != nil {
		if octets, spoke := p.access.far2.arrived(); spoke {
			return fmt.Errorf("before that the box said on the backup %s", p.write(octets, p.box))
		}
	}
	return nil
}

// finish ends what is open and looks for what is left.
func (p *player) finish() error {
	synctest.Wait()
	if err := p.silent(); err != nil {
		return err
	}
	if p.open || p.layer == 2 {
		return nil
	}
	class := "restart=interface"
	if len(p.access.lines) > 1 {
		class = "restart=all"
	}
	for _, s := range []step{{"far>", "RESTART G " + class, 0}, {"box>", "RESTART ACKNOWLEDGE G/1 " + class, 0}} {
		if err := p.step(s); err != nil {
			return fmt.Errorf("at the end: %w", err)
		}
	}
	return p.access.leftovers()
}

// write writes octets in words.
func (p *player) write(octets []byte, who notation.Speaker) string {
	if p.layer == 2 {
		return notation.FrameWords(octets, who)
	}
	return notation.Words(octets, who)
}

func (p *player) farSays(text string) error { return p.says("far> ", text, p.subject.say) }

func (p *player) boxSaid(text string) error { return p.said("box> ", text, p.subject.next) }

var errNoBackup = errors.New("there is no backup D channel")

func (p *player) farSays2(text string) error {
	if p.access == nil || p.access.far2 == nil {
		return errNoBackup
	}
	return p.says("far2> ", text, p.access.far2.SendFrame)
}

func (p *player) boxSaid2(text string) error {
	if p.access == nil || p.access.far2 == nil {
		return errNoBackup
	}
	return p.said("box2> ", text, p.access.far2.arrived)
}

// note keeps what was said for the transcript.
func (p *player) note(who string, octets []byte, speaker notation.Speaker) {
	if !p.quiet {
		p.transcript = append(p.transcript, who+p.write(octets, speaker))
	}
}

// says has the far end say a line by say.
func (p *player) says(who, text string, say func([]byte) error) error {
	write := notation.Message
	if p.layer == 2 {
		write = notation.Frame
	}
	octets, err := write(text, p.far)
	if err != nil {
		return err
	}
	p.note(who, octets, p.far)
	return say(octets)
}

// said wants a line from the box that next has heard.
func (p *player) said(who, text string, next func() ([]byte, bool)) error {
	octets, spoke := next()
	if !spoke {
		return errors.New("the box said nothing")
	}
	p.note(who, octets, p.box)
	if text == "?" {
		return nil
	}
	match := notation.Match
	if p.layer == 2 {
		match = notation.MatchFrame
	}
	if err := match(octets, text, p.box); err != nil {
		return fmt.Errorf("the box said %s: %w", p.write(octets, p.box), err)
	}
	return nil
}

func (p *player) names(text string) error {
	p.ref = text
	return nil
}

func (p *player) waits(text string) error {
	d, err := time.ParseDuration(text)
	if err == nil {
		p.transcript = append(p.transcript, "     "+text)
		time.Sleep(d) // of the bubble
	}
	return err
}

func (p *player) controls(text string) error { return p.subject.control(strings.Fields(text)) }

// is compares what is with what is wanted.
func is(got, want string) error {
	if got != want {
		return fmt.Errorf("it is %q", got)
	}
	return nil
}

func (p *player) toldIs(text string) error {
	n := 0
	if _, err := fmt.Sscanf(text, "(%d)", &n); err == nil {
		_, text, _ = strings.Cut(text, ")")
	}
	got, err := p.subject.told(n)
	if err != nil {
		return err
	}
	return is(got, strings.TrimSpace(text))
}

func (p *player) stateIs(text string) error {
	if link, alone := p.subject.(*dataLink); alone {
		return is(link.state(), text)
	}
	if err := p.farSays("STATUS ENQUIRY " + p.ref); err != nil {
		return err
	}
	synctest.Wait()
	return p.boxSaid("STATUS " + p.ref + " cause=30 state=" + text)
}

var errAlone = errors.New("a data link alone has none")

// onAccess compares what an access says of itself.
func (p *player) onAccess(get func(*access) string, want string) error {
	if p.access == nil {
		return errAlone
	}
	return is(get(p.access), want)
}

func (p *player) offeredIs(text string) error { return p.onAccess((*access).lastOffered, text) }
func (p *player) soundIs(text string) error   { return p.onAccess((*access).sounds, text) }
func (p *player) shownIs(text string) error   { return p.onAccess((*access).observed, text) }
func (p *player) errorsAre(text string) error { return is(p.subject.letters(), text) }

func (p *player) linkIs(text string) error {
	return p.onAccess(func(a *access) string { return a.access.Now().Link }, text)
}

func (p *player) channelIs(text string) error {
	name, state, _ := strings.Cut(text, " ")
	return p.onAccess(func(a *access) string { return a.channel(name) }, state)
}

func (p *player) lineDoes(text string) error {
	if p.access == nil {
		return errAlone
	}
	p.transcript = append(p.transcript, "     line "+text)
	return p.access.line(text)
}

func (p *player) carrierDoes(text string) error {
	if p.access == nil {
		return errAlone
	}
	return p.access.carrier(text)
}

func (p *player) applies(text string) error {
	if p.access == nil {
		return errAlone
	}
	return p.access.apply(strings.Fields(text))
}

func (p *player) ends(text string) error {
	p.open = true
	return is(text, "open")
}
