package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/test/farend"
	"trunkbox/test/farend/phone"
)

// soakTime is how long the soak lasts; TRUNKBOX_SOAK_MINUTES changes it.
const soakTime = 30 * time.Minute

// everythingHappens is the time in which each deed happens with certainty.
const everythingHappens = 3 * time.Minute

// callersAtOnce place calls all the time, three agents answer and place them too.
const callersAtOnce = 8

// TestSoak lets callers and agents do whatever they can do, in any order, and wants the box to be as it
// was when they have gone home: no channel taken, no call without an end, no figure that does not add
// up, no memory, goroutine or socket kept.
func TestSoak(t *testing.T) {
	if os.Getenv("TRUNKBOX_SOAK") == "" {
		t.Skip("half an hour of calls: set TRUNKBOX_SOAK=1, and TRUNKBOX_SOAK_MINUTES for another time")
	}
	lasts := soakTime
	if minutes, err := strconv.ParseFloat(os.Getenv("TRUNKBOX_SOAK_MINUTES"), 64); err == nil {
		lasts = time.Duration(minutes * float64(time.Minute))
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("%v of calls, seed %d", lasts, seed)
	s := newSoak(t, seed)
	readings := s.work(lasts)
	s.goHome()
	for _, deed := range deeds {
		n := s.done[deed].Load()
		t.Logf("%6d %s", n, deed)
		if n == 0 && lasts >= everythingHappens {
			t.Errorf("%s: not once in %v", deed, lasts)
		}
	}
	s.checkUsage(readings)
	s.checkFigures()
	s.checkLog()
	s.checkGoroutines()
}

// soak is a box at work with its callers and agents.
type soak struct {
	*box
	phones  []*phone.Phone
	talking sync.WaitGroup // those whom the box has called
	number  atomic.Uint64  // of callers
	done    map[string]*atomic.Int64
	seed    uint64
}

// deeds are what can happen, for the count.
var deeds = []string{
	"calls from the line", "calls from the line that were refused or lost", "callers who talked to an agent", "callers who gave up",
	"calls an agent answered", "calls an agent let ring", "calls an agent rejected", "holds", "transfers by REFER", "transfers by keys",
	"calls an agent dialled", "of those answered", "settings changed", "orders of the supervisor",
}

func newSoak(t *testing.T, seed uint64) *soak {
	b := open(t, func(s *config.Settings) {
		s.Menus[0].Retries = 1
		s.Menus[0].OnFail = config.Destination{Kind: "hangup"}
		s.Queues[0].RingSeconds, s.Queues[0].AutoPause, s.Queues[0].AnnounceEvery = 5, 0, 15
		s.Queues[0].MaxWait, s.Queues[0].MaxLength = 10, 2
		s.Queues[1].MaxWait = 4 // nobody serves it
		s.Queues[1].OnEmpty = "wait"
		s.Outbound.Barred = []string{"00"}
	})
	s := &soak{box: b, seed: seed, done: map[string]*atomic.Int64{}}
	for _, deed := range deeds {
		s.done[deed] = &atomic.Int64{}
	}
	for _, a := range b.settings.Agents {
		s.phones = append(s.phones, b.phone(a.Extension))
	}
	return s
}

func (s *soak) count(deed string) { s.done[deed].Add(1) }

// work lets everybody work for a time and reads what the box takes twenty times meanwhile.
func (s *soak) work(lasts time.Duration) []usage {
	open, closing := context.WithTimeout(context.Background(), lasts)
	defer closing()
	var working sync.WaitGroup
	each := func(n uint64, do func(context.Context, *rand.Rand)) {
		random := rand.New(rand.NewPCG(s.seed, n))
		working.Go(func() {
			for open.Err() == nil {
				do(open, random)
			}
		})
	}
	for n := range callersAtOnce {
		each(uint64(n), s.aCaller)
	}
	for n, p := range s.phones {
		each(uint64(100+n), func(ctx context.Context, r *rand.Rand) { s.anAgent(ctx, r, p) })
		each(uint64(200+n), func(ctx context.Context, r *rand.Rand) { s.anAgentDials(ctx, r, p) })
	}
	each(300, s.theSupervisor)
	each(400, s.aCalledParty)
	var readings []usage
	for range 20 {
		pause(open, lasts/20)
		readings = append(readings, s.usage())
	}
	working.Wait()
	s.talking.Wait()
	return readings
}

// pause waits, or less when the office closes.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func upTo(r *rand.Rand, d time.Duration) time.Duration { return time.Duration(r.Int64N(int64(d))) }

// aCaller calls, does something, and hangs up at last.
func (s *soak) aCaller(open context.Context, r *rand.Rand) {
	ctx, stop := context.WithTimeout(open, 25*time.Second)
	defer stop()
	pause(ctx, upTo(r, 2*time.Second))
	s.count("calls from the line")
	c, err := s.far.Call(ctx, "5551000", fmt.Sprintf("13%09d", s.number.Add(1)))
	if err != nil {
		return
	}
	defer s.over(c)
	if r.IntN(20) == 0 {
		pause(ctx, upTo(r, 100*time.Millisecond)) // hangs up before or just when the box answers
		return
	}
	if c.WaitAnswer(ctx) != nil {
		s.count("calls from the line that were refused or lost")
		return
	}
	keys := []string{"1", "1", "1", "1", "801", "802", "803", "2", "0", "9", "899", "6500", "*", ""}[r.IntN(14)]
	if c.SendKeys(keys) != nil || c.WaitKeysSent(ctx) != nil {
		return
	}
	patient, leave := context.WithTimeout(ctx, upTo(r, 15*time.Second))
	defer leave()
	go func() { _, _, _ = c.WaitCleared(patient); leave() }()
	if c.WaitTone(patient, agentHz) != nil {
		s.count("callers who gave up")
		return
	}
	s.count("callers who talked to an agent")
	c.PlayTone(callerHz)
	talking, enough := context.WithTimeout(ctx, upTo(r, 6*time.Second))
	defer enough()
	_, _, _ = c.WaitCleared(talking)
}

// What callers and agents say.
const (
	callerHz = 700
	agentHz  = 1300
)

// overAtLast is how long a call may take to end when a machine that stands still has cost the data link, and
// messages with it: T305 of 30 s and T308 twice, and time to spare.
const overAtLast = 90 * time.Second

// over hangs up and wants the call to be gone.
func (s *soak) over(c *farend.Call) {
	c.Hangup(16)
	ctx, stop := context.WithTimeout(context.Background(), overAtLast)
	defer stop()
	if err := c.WaitGone(ctx); err != nil {
		s.t.Errorf("channel %d: %v", c.Channel(), err)
	}
}

// anAgent takes the next call of a phone.
func (s *soak) anAgent(open context.Context, r *rand.Rand, p *phone.Phone) {
	c, err := p.WaitCall(open)
	if err != nil {
		return
	}
	defer c.Hangup()
	switch r.IntN(12) {
	case 0:
		s.count("calls an agent rejected")
		c.Reject([]int{486, 480, 603}[r.IntN(3)])
		return
	case 1:
		s.count("calls an agent let ring")
		ringing, stop := context.WithTimeout(open, 8*time.Second)
		defer stop()
		_, _, _ = c.WaitEnded(ringing)
		return
	}
	pause(open, upTo(r, time.Second))
	ctx, stop := context.WithTimeout(open, 10*time.Second)
	defer stop()
	if c.Answer(ctx) != nil {
		return
	}
	s.count("calls an agent answered")
	c.PlayTone(agentHz)
	s.anAgentTalks(ctx, r, c)
}

// anAgentTalks does with a call what agents do.
func (s *soak) anAgentTalks(ctx context.Context, r *rand.Rand, c *phone.Call) {
	talking, enough := context.WithTimeout(ctx, upTo(r, 4*time.Second))
	defer enough()
	if _, _, err := c.WaitEnded(talking); err == nil {
		return
	}
	target := []string{"801", "802", "803", "6500", "6501", "910400", "899"}[r.IntN(7)]
	switch r.IntN(6) {
	case 0:
		s.count("holds")
		if c.Hold(ctx) == nil {
			pause(ctx, upTo(r, time.Second))
			_ = c.Resume(ctx)
		}
	case 1:
		s.count("transfers by REFER")
		_ = c.Transfer(ctx, target)
	case 2:
		s.count("transfers by keys")
		_ = c.SendKeys("##" + target + "#")
	}
	ending, enough := context.WithTimeout(ctx, upTo(r, 3*time.Second))
	defer enough()
	_, _, _ = c.WaitEnded(ending)
}

// anAgentDials lets an agent dial outside, a colleague, a queue, or a code of the box.
func (s *soak) anAgentDials(open context.Context, r *rand.Rand, p *phone.Phone) {
	pause(open, upTo(r, 15*time.Second))
	if open.Err() != nil {
		return
	}
	numbers := []string{"910400", "910400", "910100", "910017", "910001", "910034", "910300", "9001234", "110", "801", "802", "803", "6501", "*9196", "*46", "*45", "899"}
	s.count("calls an agent dialled")
	c, err := p.Place(numbers[r.IntN(len(numbers))])
	if err != nil {
		return
	}
	defer c.Hangup()
	ctx, stop := context.WithTimeout(open, upTo(r, 8*time.Second))
	defer stop()
	if c.WaitAnswer(ctx) != nil {
		return
	}
	s.count("of those answered")
	c.PlayTone(agentHz)
	s.anAgentTalks(ctx, r, c)
}

// aCalledParty lets those whom the box has called hang up after a while, as people do.
func (s *soak) aCalledParty(open context.Context, r *rand.Rand) {
	c, err := s.far.WaitCall(open)
	if err != nil {
		return
	}
	talks := upTo(r, 10*time.Second)
	s.talking.Go(func() {
		pause(open, talks)
		s.over(c)
	})
}

// theSupervisor looks at the page, brings agents back, ends calls and changes settings.
func (s *soak) theSupervisor(open context.Context, r *rand.Rand) {
	pause(open, upTo(r, 3*time.Second))
	s.count("orders of the supervisor")
	agent := s.settings.Agents[r.IntN(len(s.settings.Agents))].Extension
	switch r.IntN(6) {
	case 0:
		s.api("POST", "/api/agents/"+agent+"/pause", map[string]string{"reason": "meeting"}, nil)
	case 1:
		s.api("POST", "/api/agents/"+agent+"/out", nil, nil)
	case 2:
		s.changeSettings(r)
	default:
		for _, a := range s.settings.Agents {
			s.api("POST", "/api/agents/"+a.Extension+"/in", nil, nil)
			s.api("POST", "/api/agents/"+a.Extension+"/resume", nil, nil)
		}
	}
}

// changeSettings saves settings that all parts have to take up.
func (s *soak) changeSettings(r *rand.Rand) {
	var in struct {
		Settings config.Settings
		Revision string
	}
	s.api("GET", "/api/settings", nil, &in)
	in.Settings.Queues[0].WrapUpSeconds = r.IntN(3)
	in.Settings.Lines[0].Hunting = []string{"up", "down", "round-robin", "least-recent"}[r.IntN(4)]
	in.Settings.Agents[2].CallerID = in.Settings.Outbound.Numbers[r.IntN(2)]
	s.api("PUT", "/api/settings", map[string]any{"settings": in.Settings, "revision": in.Revision}, nil)
	s.count("settings changed")
}
