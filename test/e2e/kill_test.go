package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"trunkbox/firmware/config"
	"trunkbox/test/farend/phone"
)

// kills is how often the box is killed in all, by boxesKilled boxes side by side.
const (
	kills       = 100
	boxesKilled = 2
)

// TestKilledAHundredTimes ends the box without a word, at any moment of its work and of its start, and
// wants everything back that it had promised.
func TestKilledAHundredTimes(t *testing.T) {
	t.Parallel()
	for n := range boxesKilled {
		t.Run(fmt.Sprint("box", n+1), func(t *testing.T) {
			t.Parallel()
			killOneBox(t, uint64(time.Now().UnixNano()))
		})
	}
}

func killOneBox(t *testing.T, seed uint64) {
	t.Logf("seed %d", seed)
	v := newVictim(t, seed)
	for round := range kills / boxesKilled {
		v.work()
		v.revive(round)
		if t.Failed() {
			t.Fatalf("after kill %d", round+1)
		}
	}
	joined := v.joined.Load()
	v.toSales("13800000001")
	wait(t, "an agent answers as if nothing had happened", func() bool { return v.joined.Load() > joined })
	v.kill()
	v.farEnds()
	v.checkJournal()
	t.Logf("%d calls answered, %d agents joined, %d settings acknowledged, %d registrations, %d starts killed; longest start %v, all starts %v",
		len(v.answered), v.joined.Load(), v.acked, v.registrations, v.startsKilled, v.longestStart.Round(time.Millisecond), v.starts.Round(time.Millisecond))
}

// victim is a box to be killed, with all that it has promised so far.
type victim struct {
	*box
	random *rand.Rand
	phones []*phone.Phone // of 801 and 802: registered once, at the beginning
	caller atomic.Uint64
	joined atomic.Uint64

	mu       sync.Mutex
	answered []string // callers' numbers whose calls the far end saw answered

	settings config.Settings // the last sent
	sent     int             // its number, kept in two fields of it
	acked    int             // the last number that was answered with 200

	moving        *phone.Phone // of 803: another one each time
	unsure        []string     // addresses of later ones of 803 that were not told whether they are registered
	registrations int

	startsKilled         int
	starts, longestStart time.Duration
}

func newVictim(t *testing.T, seed uint64) *victim {
	b := open(t, func(s *config.Settings) { s.Queues[0].RingSeconds = 15 })
	v := &victim{box: b, random: rand.New(rand.NewPCG(seed, 0))}
	for _, extension := range []string{"801", "802"} {
		p := b.phone(extension)
		v.phones = append(v.phones, p)
		go v.answering(p)
	}
	v.readSettings()
	return v
}

// work lets the box work, changes its settings and registers phones until it is killed in the middle.
func (v *victim) work() {
	alive, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	for range 10 {
		patience := time.Duration(v.random.IntN(300)) * time.Millisecond
		working.Go(func() { v.calling(alive, patience) })
	}
	working.Go(func() { v.setting(alive) })
	first := time.Duration(v.random.IntN(400)) * time.Millisecond
	working.Go(func() { v.registering(alive, first) })
	after(time.Duration(50+v.random.IntN(550)) * time.Millisecond)
	v.kill()
	stop()
	working.Wait()
	v.farEnds()
}

// after waits for the moment of the kill.
func after(d time.Duration) { <-time.After(d) }

// calling places calls, one after the other, and hangs up or leaves them in the queue.
func (v *victim) calling(alive context.Context, patience time.Duration) {
	for alive.Err() == nil {
		number := fmt.Sprintf("1390%07d", v.caller.Add(1))
		c, err := v.far.Call(alive, "5551000", number)
		if err != nil {
			return
		}
		if c.WaitAnswer(alive) != nil {
			return
		}
		v.mu.Lock()
		v.answered = append(v.answered, number)
		v.mu.Unlock()
		if c.SendKeys("1") != nil {
			return
		}
		left, leave := context.WithTimeout(alive, patience)
		_, _, _ = c.WaitCleared(left)
		leave()
		if patience > 100*time.Millisecond {
			c.Hangup(16)
		}
	}
}

// answering answers every call that a phone gets.
func (v *victim) answering(p *phone.Phone) {
	for {
		c, err := p.WaitCall(v.t.Context())
		if err != nil {
			return
		}
		go func() { // a box that is killed now acknowledges nothing
			if c.Answer(v.t.Context()) == nil {
				v.joined.Add(1)
			}
		}()
	}
}

// readSettings takes the settings to be changed from the box.
func (v *victim) readSettings() {
	v.t.Helper()
	var in struct{ Settings config.Settings }
	v.api("GET", "/api/settings", nil, &in)
	v.settings = in.Settings
}

// setting saves settings with a rising number in two places that have nothing to do with each other.
func (v *victim) setting(alive context.Context) {
	var in struct{ Revision string }
	if v.ask(alive, "GET", "/api/settings", nil, &in) != nil {
		return
	}
	for alive.Err() == nil {
		v.sent++
		v.settings.Box.Name = fmt.Sprint("box ", v.sent)
		v.settings.Queues[1].MaxWait = v.sent
		if v.ask(alive, "PUT", "/api/settings", map[string]any{"settings": v.settings, "revision": in.Revision}, &in) != nil {
			return
		}
		v.acked = v.sent
	}
}

// ask is api for a box that may be dead.
func (v *victim) ask(alive context.Context, method, path string, body, answer any) error {
	octets, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(alive, method, "http://"+v.http+path, bytes.NewReader(octets))
	if err != nil {
		return err
	}
	request.Header.Set("X-Trunkbox-Page", "1")
	response, err := v.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	said, err := io.ReadAll(response.Body)
	switch {
	case err != nil:
		return err
	case response.StatusCode != http.StatusOK:
		v.t.Errorf("%s %s: %s: %s", method, path, response.Status, said)
		return fmt.Errorf("%s", response.Status)
	}
	return json.Unmarshal(said, answer)
}

// registering gives extension 803 another phone.
func (v *victim) registering(alive context.Context, first time.Duration) {
	select {
	case <-alive.Done():
		return
	case <-time.After(first):
	}
	p, err := phone.New(phone.Options{Server: v.box.settings.Phones.UDP, User: "803", Password: "password-803"})
	if err != nil {
		v.t.Error(err)
		return
	}
	if p.Register(alive) != nil {
		v.unsure = append(v.unsure, p.Address())
		_ = p.Close()
		return
	}
	v.registrations++
	if v.moving != nil {
		_ = v.moving.Close()
	}
	v.moving, v.unsure = p, nil
}

// revive starts the box, every sixth time with a kill in the middle of the start, and holds it to what
// was promised.
func (v *victim) revive(round int) {
	v.t.Helper()
	if round%6 == 5 {
		v.launch()
		after(time.Duration(v.random.IntN(150)) * time.Millisecond)
		v.kill()
		v.startsKilled++
	}
	began := time.Now()
	v.start()
	took := time.Since(began)
	v.starts += took
	v.longestStart = max(v.longestStart, took)
	v.connectFar()
	v.checkSettings()
	v.checkPhones()
	for _, notice := range v.now().Notices {
		v.t.Errorf("the box says: %s", notice.EN)
	}
}

// checkSettings wants the last settings that were acknowledged, or the ones sent after them, as a whole.
func (v *victim) checkSettings() {
	v.t.Helper()
	sent := v.settings
	v.readSettings()
	var name int
	if _, err := fmt.Sscanf(v.settings.Box.Name, "box %d", &name); err != nil && v.acked > 0 {
		v.t.Errorf("%d settings were acknowledged, the box is called %q", v.acked, v.settings.Box.Name)
	}
	if name < v.acked || name > v.sent || name > 0 && v.settings.Queues[1].MaxWait != name {
		v.t.Errorf("settings %d were acknowledged and %d sent; the box has %d in one place and %d in another",
			v.acked, v.sent, name, v.settings.Queues[1].MaxWait)
	}
	sent.Box.Name, sent.Queues[1].MaxWait = v.settings.Box.Name, v.settings.Queues[1].MaxWait
	if is, was := config.Export(v.settings), config.Export(sent); !bytes.Equal(is, was) {
		v.t.Errorf("the settings were\n%s\nand are\n%s", was, is)
	}
}

// checkPhones wants every phone that was registered.
func (v *victim) checkPhones() {
	v.t.Helper()
	known := map[string]string{}
	for _, a := range v.now().Agents {
		known[a.Extension] = a.Phone
	}
	for i, extension := range []string{"801", "802"} {
		if known[extension] != v.phones[i].Address() {
			v.t.Errorf("the phone of %s is %s; the box knows %q", extension, v.phones[i].Address(), known[extension])
		}
	}
	if v.moving != nil && known["803"] != v.moving.Address() && !slices.Contains(v.unsure, known["803"]) {
		v.t.Errorf("the phone of 803 is %s; the box knows %q", v.moving.Address(), known["803"])
	}
}

// checkJournal reads every octet of the journal as the kill has left it: each line whole but the very
// last, no event missing, and a beginning and an answer for each call that was answered.
func (v *victim) checkJournal() {
	v.t.Helper()
	files, err := filepath.Glob(v.path("data/journal/*"))
	must(v.t, err)
	slices.Sort(files)
	seq, starts := uint64(0), 0
	callers, answers := map[string]string{}, map[string]int{}
	for i, name := range files {
		octets, err := os.ReadFile(name)
		must(v.t, err)
		for len(octets) > 0 {
			line, rest, whole := bytes.Cut(octets, []byte("\n"))
			octets = rest
			sum, body, _ := bytes.Cut(line, []byte(" "))
			var e struct {
				Seq uint64
				event
			}
			damaged := fmt.Sprintf("%08x", crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli))) != string(sum) || json.Unmarshal(body, &e) != nil
			switch {
			case (damaged || !whole) && i == len(files)-1 && len(rest) == 0:
				continue // torn by the last kill
			case damaged || e.Seq != seq+1:
				v.t.Fatalf("%s: after event %d comes %q", filepath.Base(name), seq, line)
			}
			seq = e.Seq
			switch {
			case e.Kind == "box_started":
				starts++
			case e.Kind == "call_arrived":
				callers[e.F["caller"]] = e.Call
			case e.Kind == "call_answered", e.Kind == "agent_joined":
				answers[e.Call]++
			}
		}
	}
	for _, number := range v.answered {
		if id, arrived := callers[number]; !arrived || answers[id] == 0 {
			v.t.Errorf("the call from %s was answered; in the journal it arrived as %q and was answered %d times", number, id, answers[id])
		}
	}
	if least := kills/boxesKilled + 1; starts < least || starts > least+v.startsKilled {
		v.t.Errorf("the journal has %d starts, want %d to %d", starts, least, least+v.startsKilled)
	}
	if len(v.answered) < kills || v.acked < kills || v.joined.Load() < kills/10 || v.registrations < kills/10 {
		v.t.Errorf("too little has happened to say anything: %d calls, %d settings, %d agents, %d registrations",
			len(v.answered), v.acked, v.joined.Load(), v.registrations)
	}
}
