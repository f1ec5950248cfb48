package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"trunkbox/drivers/vspan"
	"trunkbox/dsp"
	"trunkbox/test/farend"
	"trunkbox/test/farend/phone"
	"trunkbox/test/farend/sound"
)

// town is everybody who calls and is called.
type town struct {
	p     plan
	b     *box
	lines []*farend.Exchange
	fars  []*vspan.Far
	ends  func() // ends lines and phones

	mu      sync.Mutex
	callers []*caller // who is up, joined or waiting
	agents  []*agent
	spies   []*phone.Call
	serial  int // of the next caller; its code
	used    [agentCodes]bool

	setUps  []time.Duration
	refused int

	machine *standstills
	empty   memory // of the box before the first call
	noCalls error  // why system calls are not counted

	delays sound.Spread // of every packet whose octets came as they were said
}

// caller is one call from a line. Its code is that of its number.
type caller struct {
	n       int
	call    calling
	talks   bool // to an agent; else it waits in a queue
	answers time.Time
}

// calling is a call that was placed, by a line or by an IP trunk.
type calling interface {
	Sound() *sound.Sound
	End(ctx context.Context) // hangs up, and waits until the box has let go
}

type lineCall struct{ *farend.Call }

func (c lineCall) End(ctx context.Context) {
	c.Hangup(16)
	_ = c.WaitGone(ctx)
}

type trunkCall struct{ *phone.Call }

func (c trunkCall) End(ctx context.Context) {
	c.Hangup()
	_, _, _ = c.WaitEnded(ctx)
}

// agent is one telephone; its code lies behind those of all callers.
type agent struct {
	n     int
	phone *phone.Phone
	call  atomic.Pointer[phone.Call]
	talks atomic.Int64 // the number of its caller, -1: none

	since atomic.Int64 // ns since 1970: of this talk
}

// town connects the far ends of the lines and registers the phones.
func (p plan) town(ctx context.Context, b *box, agents int) (*town, error) {
	ctx, stop := context.WithCancel(ctx)
	t := &town{p: p, b: b}
	var running sync.WaitGroup
	t.ends = func() { stop(); running.Wait() }
	for i := range p.lines {
		if b.carrier != nil {
			break
		}
		path := filepath.Join(b.dir, "far.sock")
		if i > 0 {
			path += fmt.Sprintf(".line%d", i+1)
		}
		var line *vspan.Far
		err := within(10*time.Second, "the line "+path+" is there", func() (there bool) {
			var err error
			line, err = vspan.Dial(path, vspan.DialOptions{Name: fmt.Sprintf("far%d", i+1)})
			return err == nil
		})
		if err != nil {
			return nil, err
		}
		e := farend.New(line, farend.Options{RecordS: -1})
		running.Go(func() { _ = e.Run(ctx) })
		t.lines, t.fars = append(t.lines, e), append(t.fars, line)
	}
	for _, e := range t.lines {
		waiting, done := context.WithTimeout(ctx, 20*time.Second)
		err := e.WaitLink(waiting)
		done()
		if err != nil {
			return nil, fmt.Errorf("the link of a line: %w", err)
		}
	}
	for i := range agents {
		a := &agent{n: agentCodes + i}
		a.talks.Store(-1)
		extension := strconv.Itoa(firstExtension + i)
		var err error
		if a.phone, err = t.register(ctx, extension); err != nil {
			return nil, err
		}
		running.Go(func() { t.answerAlways(ctx, a) })
		t.agents = append(t.agents, a)
	}
	return t, nil
}

func (t *town) register(ctx context.Context, extension string) (*phone.Phone, error) {
	p, err := phone.New(phone.Options{Server: t.b.sip, Crowd: t.b.crowd.End(phonesEnd), User: extension, Password: password(extension), RecordS: -1})
	if err != nil {
		return nil, fmt.Errorf("phone %s: %w", extension, err)
	}
	ctx, done := context.WithTimeout(ctx, 20*time.Second)
	defer done()
	if err := p.Register(ctx); err != nil {
		return nil, fmt.Errorf("phone %s: %w", extension, err)
	}
	return p, nil
}

// answerAlways answers every call of a phone at once and says its code. Who it is shows in the calling number.
func (t *town) answerAlways(ctx context.Context, a *agent) {
	defer a.phone.Close()
	octets := clip(a.n, dsp.ALaw)
	for ctx.Err() == nil {
		c, err := a.phone.WaitCall(ctx)
		if err != nil {
			return
		}
		if err := c.Answer(ctx); err != nil {
			continue
		}
		c.Sound().PlayClip(octets)
		n, _ := strconv.Atoi(c.Number()[max(0, len(c.Number())-6):])
		a.call.Store(c)
		a.since.Store(time.Now().UnixNano())
		a.talks.Store(int64(n))
		t.mu.Lock()
		if i := slices.IndexFunc(t.callers, func(c *caller) bool { return c.n == n }); i >= 0 {
			t.acquaint(t.callers[i], a)
		}
		t.mu.Unlock()
		_, _, _ = c.WaitEnded(ctx)
		a.talks.Store(-1)
		a.call.Store(nil)
	}
}

// acquaint lets a caller and his agent follow each other; t.mu is held. A caller who is not among the callers yet, because his
// answer comes after the agent's, is made acquainted when he is.
func (t *town) acquaint(c *caller, a *agent) {
	if call := a.call.Load(); call != nil {
		call.Sound().Follow(c.call.Sound(), &t.delays)
		c.call.Sound().Follow(call.Sound(), &t.delays)
	}
}

// place places one call and waits for its answer.
func (t *town) place(ctx context.Context, talks bool) error {
	t.mu.Lock()
	for t.used[t.serial] { // a code is one caller's for as long as he is up
		t.serial = (t.serial + 1) % agentCodes
	}
	c := &caller{n: t.serial, talks: talks}
	t.used[c.n] = true
	t.mu.Unlock()
	called := "6501"
	if talks {
		called = "6500"
	}
	ctx, done := context.WithTimeout(ctx, 20*time.Second)
	defer done()
	began := time.Now()
	call, err := t.dial(ctx, called, fmt.Sprintf("13800%06d", c.n))
	if err == nil {
		call.Sound().PlayClip(clip(c.n, dsp.ALaw))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.refused++
		t.used[c.n] = false
		return fmt.Errorf("caller %d: %w", c.n, err)
	}
	c.call, c.answers = call, time.Now()
	t.setUps = append(t.setUps, c.answers.Sub(began))
	t.callers = append(t.callers, c)
	for _, a := range t.agents {
		if a.talks.Load() == int64(c.n) {
			t.acquaint(c, a)
		}
	}
	return nil
}

// dial places a call and waits for its answer: over the IP trunk, or over the line with the fewest.
func (t *town) dial(ctx context.Context, called, number string) (calling, error) {
	if t.b.carrier != nil {
		call, err := t.b.carrier.PlaceAs(number, called)
		if err == nil {
			err = call.WaitAnswer(ctx)
		}
		return trunkCall{call}, err
	}
	line := slices.MinFunc(t.lines, func(a, b *farend.Exchange) int { return a.Busy() - b.Busy() })
	call, err := line.Call(ctx, called, number)
	if err == nil {
		err = call.WaitAnswer(ctx)
	}
	return lineCall{call}, err
}

// grow brings the number of calls up to n, those to agents first, at no more than 20 a second.
func (t *town) grow(ctx context.Context, n int) error {
	pace := time.NewTicker(50 * time.Millisecond)
	defer pace.Stop()
	for {
		t.mu.Lock()
		up, talking := len(t.callers), 0
		for _, c := range t.callers {
			if c.talks {
				talking++
			}
		}
		t.mu.Unlock()
		if up >= n {
			break
		}
		if err := t.place(ctx, talking < t.p.talks(n)); err != nil {
			return err
		}
		select {
		case <-pace.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return within(20*time.Second, "all agents talk", func() bool { return t.talking() >= t.p.talks(n) })
}

// talking is how many agents have a caller.
func (t *town) talking() int {
	n := 0
	for _, a := range t.agents {
		if a.talks.Load() >= 0 {
			n++
		}
	}
	return n
}

// remove takes a caller out of those who are up; t.mu is held.
func (t *town) remove(c *caller) {
	t.callers = slices.DeleteFunc(t.callers, func(other *caller) bool { return other == c })
}

// churn ends a call and places another of its kind, so many times a second, until ctx is done.
func (t *town) churn(ctx context.Context) {
	var running sync.WaitGroup
	defer running.Wait()
	if t.p.perSecond <= 0 {
		<-ctx.Done()
		return
	}
	pace := time.NewTicker(time.Duration(float64(time.Second) / t.p.perSecond))
	defer pace.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pace.C:
		}
		t.mu.Lock()
		c := t.callers[rand.IntN(len(t.callers))]
		t.remove(c)
		t.mu.Unlock()
		running.Go(func() {
			gone, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			c.call.End(gone)
			done()
			t.mu.Lock()
			t.used[c.n] = false
			t.mu.Unlock()
			_ = t.place(context.WithoutCancel(ctx), c.talks) // counts what is refused
		})
	}
}

// listen lets so many supervisors listen to agents who talk.
func (t *town) listen(ctx context.Context, n int) error {
	for i := range n {
		p, err := t.register(ctx, strconv.Itoa(firstExtension+len(t.agents)+i))
		if err != nil {
			return err
		}
		ctx, done := context.WithTimeout(ctx, 20*time.Second)
		c, err := p.Dial(ctx, "*71"+strconv.Itoa(firstExtension+i))
		if err == nil {
			err = c.WaitAnswer(ctx)
		}
		done()
		if err != nil {
			return err
		}
		t.spies = append(t.spies, c)
	}
	return nil
}

// leave ends everything.
func (t *town) leave() {
	t.ends()
}
