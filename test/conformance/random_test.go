package conformance

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"trunkbox/test/farend/notation"
)

// randomLines are what a far end that has lost its mind says, @ being any reference.
var randomLines = strings.Split(strings.TrimSpace(`
SETUP @ complete bc channel=any called=4001
SETUP @ complete bc channel=1! called=4001
SETUP @ bc channel=2 called=40
SETUP @ channel=3!
SETUP ACKNOWLEDGE @ channel=1!
CALL PROCEEDING @ channel=1!
CALL PROCEEDING @ channel=4!
CALL PROCEEDING @
ALERTING @
ALERTING @ channel=2! progress=8
PROGRESS @ progress=8
PROGRESS @
CONNECT @
CONNECT @ channel=5 3f:01
CONNECT ACKNOWLEDGE @
DISCONNECT @ cause=16
DISCONNECT @ cause=1 progress=8
DISCONNECT @
RELEASE @ cause=16
RELEASE @
RELEASE COMPLETE @ cause=17
RELEASE COMPLETE @ cause=44
INFORMATION @ called=1
INFORMATION @ complete
INFORMATION @ 0e:01
NOTIFY @ notify=0
FACILITY @ 1c:91a10602010102010f
HOLD @
RETRIEVE @
RETRIEVE @ channel=9!
HOLD ACKNOWLEDGE @
STATUS ENQUIRY @
STATUS @ cause=30 state=0
STATUS @ cause=98 state=3
STATUS @ cause=98 state=10
STATUS @
SEGMENT @ 00:8105 complete
SEGMENT @ 00:0005 bc channel=any
SUSPEND @
USER INFORMATION @ 7e:0441
0x5f @
RESTART G channel=1! restart=channels
RESTART ACKNOWLEDGE G/1 channel=1! restart=channels
STATUS G cause=30 state=0
SETUP G bc
SERVICE pd=03 G 01:c2 channel=1!
SERVICE pd=43 G 01:c0 channel=2!
RESTART G channel=if1.2! restart=channels
`), "\n")

var (
	randomReferences = []string{"F1", "F2", "F3", "B1", "B2", "B3", "B4", "F1:1", "F2^", "B9", "-"}
	randomControls   = []string{"dial 4001", "dial 4002", "answer", "alert", "progress", "clear 16", "clear 17", "refuse", "accept", "deflect 5", "report", "service 3 out", "service 3 in"}
	randomSettings   = []string{
		"", "ddi=4", "overlap=yes", "restart=yes", "lines=2", "selection=exclusive hunting=down", "variant=qsig ddi=4",
		"variant=ni2 kind=T1 law=mulaw", "variant=dms100 kind=T1 law=mulaw", "variant=5ess kind=T1 law=mulaw lines=2",
	}
	randomPauses = []time.Duration{time.Millisecond, time.Second, 4 * time.Second, 15 * time.Second, 31 * time.Second, 3 * time.Minute}
)

// mostAnswers is the most that the box may say to one message: HOLD and its like one, an unknown element in a SETUP two, a
// SETUP that takes the channel of a call of ours a word for each.
const mostAnswers = 4

// TestRandomTalk says anything in any order while calls are placed, answered and cleared. The box never answers a RELEASE
// COMPLETE, never answers a STATUS with a STATUS, never says much about little, and keeps its link; a RESTART leaves nothing.
func TestRandomTalk(t *testing.T) {
	for _, side := range sidesOf["both"] {
		for seed := range uint64(20) {
			t.Run(fmt.Sprintf("%s/%d", side, seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { randomTalk(t, side, seed) })
			})
		}
	}
}

func randomTalk(t *testing.T, side string, seed uint64) {
	dice := rand.New(rand.NewPCG(seed, 3))
	settings := strings.Fields(randomSettings[dice.IntN(len(randomSettings))])
	s, err := newAccess(t, 3, side, settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.down()
	p := &player{layer: 3, side: side, subject: s, access: s}
	p.far, p.box = speakers(side)
	pick := func(list []string) string { return list[dice.IntN(len(list))] }
	for range 150 {
		switch dice.IntN(8) {
		case 0:
			_ = s.control(strings.Fields(pick(randomControls))) // nobody there to be answered, no channel left
			p.answersTo(t, "", 1000)
		case 1:
			time.Sleep(randomPauses[dice.IntN(len(randomPauses))])
			p.answersTo(t, "", 1000)
		default:
			line := strings.Replace(pick(randomLines), "@", pick(randomReferences), 1)
			if err := p.farSays(line); err != nil {
				t.Fatal(err)
			}
			p.answersTo(t, line, mostAnswers)
		}
	}
	p.acknowledgeRestarts(t)
	if err := p.finish(); err != nil {
		t.Errorf("%v\n\t%s", err, strings.Join(p.transcript, "\n\t"))
	}
}

// acknowledgeRestarts puts every channel back into service and lets the box try those that it has blocked until it has done so
// with all.
func (p *player) acknowledgeRestarts(t *testing.T) {
	t.Helper()
	if err := p.subject.control([]string{"service", "3", "in"}); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"SERVICE pd=03 G 01:c0 channel=1!", "SERVICE pd=43 G 01:c0 channel=1!"} {
		if err := p.farSays(line); err != nil {
			t.Fatal(err)
		}
	}
	for range 60 {
		time.Sleep(time.Minute)
		synctest.Wait()
		for octets, spoke := p.subject.next(); spoke; octets, spoke = p.subject.next() {
			which, is := strings.CutPrefix(notation.Words(octets, p.box), "RESTART G ")
			if !is {
				continue
			}
			if err := p.farSays("RESTART ACKNOWLEDGE G/1 " + which); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
	}
}

// answersTo takes what the box says to a line and holds it against the rules.
func (p *player) answersTo(t *testing.T, line string, most int) {
	t.Helper()
	synctest.Wait()
	var answers []string
	for octets, spoke := p.subject.next(); spoke; octets, spoke = p.subject.next() {
		answers = append(answers, notation.Words(octets, p.box))
	}
	for _, answer := range answers {
		p.transcript = append(p.transcript, "box> "+answer)
	}
	fail := func(why string) { t.Errorf("%s\n\t%s", why, strings.Join(p.transcript, "\n\t")) }
	if len(answers) > most {
		fail(fmt.Sprintf("%d answers", len(answers)))
	}
	name, rest, _ := strings.Cut(line, " ")
	if strings.HasPrefix(rest, "COMPLETE") || name == "STATUS" && !strings.HasPrefix(rest, "ENQUIRY") {
		reference := strings.Fields(strings.TrimPrefix(rest, "COMPLETE"))[0]
		for _, answer := range answers {
			words := strings.Fields(answer)
			if words[0] == "STATUS" && name == "STATUS" || name == "RELEASE" && words[0] != "SETUP" && strings.Contains(answer, " "+reference+" ") {
				fail(answer + " answers " + line)
			}
		}
	}
}
