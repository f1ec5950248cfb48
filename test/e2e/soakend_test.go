package e2e

import (
	"os"
	"regexp"
	"strings"
	"syscall"
)

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
