package main

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"log/slog"
	"os"
	"sync"
	"time"

	"trunkbox/test/farend/phone"
)

// The feature codes of the first settings.
const (
	codeLogInOut    = "*45"
	codePauseResume = "*46"
)

// pausing is the agent who takes a break now and then.
const pausing = "8002"

// presence remembers who has logged in, since the code of the box toggles: extension by extension.
type presence struct {
	path string
	mu   sync.Mutex
	In   map[string]bool `json:"logged_in"`
}

func loadPresence(path string) *presence {
	p := &presence{path: path}
	if octets, err := os.ReadFile(path); err == nil {
		_ = json.Unmarshal(octets, p)
	}
	if p.In == nil {
		p.In = map[string]bool{}
	}
	return p
}

func (p *presence) has(extension string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.In[extension]
}

func (p *presence) note(extension string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.In[extension] = true
	octets, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return os.WriteFile(p.path, octets, 0o600)
}

// agent is one person at work.
type agent struct {
	d     *demo
	who   account
	phone *phone.Phone
	voice []byte
}

// work is the day of one agent: register, log in, take calls, until ctx is done. ready is called once,
// when the agent can be called or cannot be for a reason that is told.
func (d *demo) work(ctx context.Context, who account, server string, state *presence, log *slog.Logger, ready func()) {
	var once sync.Once
	defer once.Do(ready)
	p, err := phone.New(phone.Options{Server: server, User: who.extension, Password: who.password, Name: who.name, RecordS: 1, Logger: log})
	if err != nil {
		d.say("%s: %v", who.extension, err)
		return
	}
	defer p.Close()
	hash := fnv.New64a()
	hash.Write([]byte(who.extension))
	a := &agent{d: d, who: who, phone: p, voice: speak(hash.Sum64())}
	if err := a.register(ctx); err != nil {
		if ctx.Err() == nil {
			d.say("%s %s 不能注册 cannot register: %v", who.extension, who.name, err)
		}
		return
	}
	var staying sync.WaitGroup
	defer staying.Wait()
	staying.Go(func() { p.StayRegistered(ctx) })
	if !state.has(who.extension) {
		if err := a.code(ctx, codeLogInOut); err != nil {
			d.say("%s %s 不能签入 cannot log in: %v", who.extension, who.name, err)
		} else if err := state.note(who.extension); err != nil {
			d.say("demo-agents.json: %v", err)
		}
	}
	once.Do(ready)
	a.answerCalls(ctx)
}

// register tries for a while: the box may still be starting its phones.
func (a *agent) register(ctx context.Context) error {
	for try := 0; ; try++ {
		part, cancel := context.WithTimeout(ctx, 3*time.Second)
		err := a.phone.Register(part)
		cancel()
		var refused phone.StatusError
		if err == nil || try == 5 || errors.As(err, &refused) {
			return err
		}
		if !sleep(ctx, time.Second) {
			return err
		}
	}
}

// code dials a feature code and listens to what the box says about it.
func (a *agent) code(ctx context.Context, code string) error {
	part, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	c, err := a.phone.Dial(part, code)
	if err != nil {
		return err
	}
	if _, _, err := c.WaitEnded(part); err != nil {
		c.Hangup()
	}
	return nil
}

// answerCalls takes one call after the other.
func (a *agent) answerCalls(ctx context.Context) {
	paused := false
	defer func() {
		if paused { // leave as one came: the code toggles
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
			defer cancel()
			_ = a.code(last, codePauseResume)
		}
	}()
	for {
		c, err := a.phone.WaitCall(ctx)
		if err != nil {
			return
		}
		a.take(ctx, c)
		if a.who.extension != pausing || !chance(4) || ctx.Err() != nil {
			continue
		}
		if err := a.code(ctx, codePauseResume); err != nil {
			continue
		}
		paused = true
		a.d.tell("%s %s 小休 takes a break", a.who.extension, a.who.name)
		if !sleep(ctx, a.d.pace.pause.pick()) {
			return
		}
		if a.code(ctx, codePauseResume) == nil {
			paused = false
		}
	}
}

// take rings a little, talks, and hangs up unless the caller has.
func (a *agent) take(ctx context.Context, c *phone.Call) {
	defer c.Hangup()
	ringing, cancel := context.WithTimeout(ctx, a.d.pace.pickUp.pick())
	defer cancel()
	if _, _, err := c.WaitEnded(ringing); err == nil || ctx.Err() != nil {
		return
	}
	if err := c.Answer(ctx); err != nil {
		return
	}
	a.d.tell("%s %s 接听 answers %s", a.who.extension, a.who.name, c.Number())
	c.Sound().PlayClip(a.voice)
	talking, over := context.WithTimeout(ctx, a.d.pace.talk.pick())
	defer over()
	_, _, _ = c.WaitEnded(talking)
}
