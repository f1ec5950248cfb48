package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/test/farend"
	"trunkbox/test/farend/phone"
)

// soakTime is how long the soak lasts; TRUNKBOX_SOAK_MINUTES changes it.
const soakTime = 30 * time.Minute

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
		t.Logf("%6d %s", s.done[deed].Load(), deed)
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

// goHome waits until the box has nothing to do any more.
func (s *soak) goHome() {
	s.t.Helper()
	defer s.tellWhatIsLeft()
	wait(s.t, "every channel is idle and no call is left", func() bool { return s.idle() == 30 && len(s.now().Calls) == 0 })
	if busy := s.far.Busy(); busy != 0 {
		s.t.Errorf("the far end still has %d calls", busy)
	}
	for _, a := range s.settings.Agents {
		s.api("POST", "/api/agents/"+a.Extension+"/in", nil, nil)
		s.api("POST", "/api/agents/"+a.Extension+"/resume", nil, nil)
		s.waitAgent(a.Extension, "ready")
	}
}

// tellWhatIsLeft writes down the calls and channels that are not over.
func (s *soak) tellWhatIsLeft() {
	if !s.t.Failed() {
		return
	}
	now := s.now()
	for _, c := range now.Lines[0].Channels {
		if c.State != "idle" {
			s.t.Logf("timeslot %d is %s since %v", c.Timeslot, c.State, c.Since)
		}
	}
	events := s.journal()
	for _, c := range now.Calls {
		var told story
		for _, e := range events {
			if e.Call == c.ID {
				told = append(told, e)
			}
		}
		s.t.Logf("call %+v:\n%s", c, told)
	}
	s.t.Logf("agents: %+v", now.Agents)
}

// checkUsage compares what the box took when it was warm with what it takes in the end.
func (s *soak) checkUsage(readings []usage) {
	wait(s.t, "no socket of a call is left", func() bool { return s.usage().files < readings[0].files+3 || s.usage().files < 20 })
	end := s.usage()
	for i, u := range readings {
		s.t.Logf("after %2d/20: %6.1f MB, %2d threads, %3d files, %4.1f %% of a processor", i+1, u.memoryMB, u.threads, u.files, load(readings[max(i-1, 0)], u))
	}
	s.t.Logf("in the end: %.1f MB, %d threads, %d files", end.memoryMB, end.threads, end.files)
	warm := 0.0
	for _, u := range readings[4:10] {
		warm = max(warm, u.memoryMB)
	}
	// The index of calls grows by about 1 kB a call up to 10,000 calls; the rest must not grow.
	calls := s.done["calls from the line"].Load() + s.done["calls an agent dialled"].Load()
	if most := 1.15*warm + 4 + float64(calls)/500; end.memoryMB > most {
		s.t.Errorf("the box takes %.1f MB in the end; when it was warm it took %.1f MB", end.memoryMB, warm)
	}
}

// checkFigures counts the journal by itself and compares: every call has one beginning and one end, every
// stay in a queue ends once, and the page's figures are the sum.
func (s *soak) checkFigures() {
	begun, ended, waiting := map[string]int{}, map[string]int{}, map[string]string{}
	offered, outcomes := map[string]int{}, map[string]map[string]int{}
	last := map[string]event{}
	for _, e := range s.journal() {
		last[e.Call] = e
		switch queue := e.F["queue"]; e.Kind {
		case "call_arrived":
			begun[e.Call]++
		case "call_dialled":
			begun[e.Call] = 1
		case "call_ended":
			ended[e.Call]++
			if in := waiting[e.Call]; in != "" {
				s.t.Errorf("call %s ended in the queue %s without leaving it", e.Call, in)
			}
		case "queue_entered":
			if in := waiting[e.Call]; in != "" {
				s.t.Errorf("call %s entered %s while it was in %s", e.Call, queue, in)
			}
			waiting[e.Call] = queue
			offered[queue]++
		case "queue_left":
			if waiting[e.Call] != queue {
				s.t.Errorf("call %s left %s while it was in %q", e.Call, queue, waiting[e.Call])
			}
			delete(waiting, e.Call)
			if outcomes[queue] == nil {
				outcomes[queue] = map[string]int{}
			}
			outcomes[queue][e.F["outcome"]]++
		}
	}
	for call, n := range begun {
		if n != 1 || ended[call] != 1 {
			s.t.Errorf("call %s began %d times and ended %d times; its last event is %v", call, n, ended[call], last[call])
		}
	}
	if len(begun) != len(ended) {
		s.t.Errorf("%d calls began, %d ended", len(begun), len(ended))
	}
	s.checkQueues(offered, outcomes)
}

// checkQueues compares the page's figures of today with those counted from the journal.
func (s *soak) checkQueues(offered map[string]int, outcomes map[string]map[string]int) {
	for _, q := range s.now().Queues {
		s.t.Logf("queue %s: %d offered, %v", q.Name, offered[q.Name], outcomes[q.Name])
		sum := 0
		for _, n := range outcomes[q.Name] {
			sum += n
		}
		answered, abandoned := outcomes[q.Name]["answered"], outcomes[q.Name]["abandoned"]+outcomes[q.Name]["short_abandon"]
		if sum != offered[q.Name] || q.Offered != sum || q.Answered != answered || q.Abandoned != abandoned {
			s.t.Errorf("queue %s: %d offered, %d left, %d answered, %d abandoned; the page says %d, %d, %d",
				q.Name, offered[q.Name], sum, answered, abandoned, q.Offered, q.Answered, q.Abandoned)
		}
		if outcomes[q.Name]["system_error"] > 0 {
			s.t.Errorf("queue %s lost calls: %v", q.Name, outcomes[q.Name])
		}
	}
}

// checkGoroutines lets the box end with a list of its goroutines and compares it with a box that has
// done nothing.
func (s *soak) checkGoroutines() {
	fresh := open(s.t, nil)
	for _, a := range fresh.settings.Agents {
		fresh.phone(a.Extension)
	}
	before, after := fresh.goroutines(), s.goroutines()
	s.t.Logf("%d goroutines in a fresh box, %d after the soak", len(before), len(after))
	if len(after) > len(before)+10 {
		s.t.Errorf("%d goroutines in a fresh box, %d after the soak:\n%s", len(before), len(after), strings.Join(after, "\n"))
	}
}

// goroutines ends the process with SIGQUIT, upon which it lists them.
func (b *box) goroutines() []string {
	b.t.Helper()
	must(b.t, b.process.Process.Signal(syscall.SIGQUIT))
	<-b.ended
	var list []string
	for _, stack := range strings.Split(b.out.String(), "\n\n") {
		if regexp.MustCompile(`(?m)^goroutine \d+.*\[.*\]:$`).MatchString(stack) {
			list = append(list, stack)
		}
	}
	return list
}

// checkLog wants no word of a defect in the log.
func (s *soak) checkLog() {
	for level, lines := range s.logged() {
		for line, n := range lines {
			s.t.Logf("%s %d times: %s", level, n, line)
			if level == "ERROR" {
				s.t.Errorf("the box has logged an error: %s", line)
			}
		}
	}
}

// logged are the messages of the box's log, without what changes from one to the next, and how often each came.
func (s *soak) logged() map[string]map[string]int {
	found := map[string]map[string]int{"ERROR": {}, "WARN": {}}
	logs, err := os.ReadDir(s.path("data/log"))
	must(s.t, err)
	for _, entry := range logs {
		log, err := os.ReadFile(s.path("data/log/" + entry.Name()))
		must(s.t, err)
		for line := range strings.Lines(string(log)) {
			for level, lines := range found {
				if _, said, is := strings.Cut(line, " "+level+" "); is {
					lines[changing.ReplaceAllString(strings.TrimSpace(said), "…")]++
				}
			}
		}
	}
	return found
}

// changing are the parts of a message that differ from one to the next.
var changing = regexp.MustCompile(`[0-9a-f]{8,}[^ ]*|\d+`)
