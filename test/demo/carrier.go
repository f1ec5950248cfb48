package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"trunkbox/drivers/vspan"
	"trunkbox/test/farend"
)

// carrier is the exchange at the other end of the line and the callers behind it.
type carrier struct {
	d    *demo
	town town

	mu       sync.Mutex
	exchange *farend.Exchange // nil while the line is not there
	up       chan struct{}    // closed when the D channel was up for the first time
	once     sync.Once
	calls    sync.WaitGroup
	busy     chan struct{} // one token a call that was not placed by hand
}

// mostCalls bounds the calls that come by themselves: a third of the line.
const mostCalls = 10

func newCarrier(d *demo, t town) *carrier {
	return &carrier{d: d, town: t, up: make(chan struct{}), busy: make(chan struct{}, mostCalls)}
}

// run keeps an exchange on the line until ctx is done, whenever the line is there.
func (c *carrier) run(ctx context.Context, socket string) {
	defer c.calls.Wait()
	for ctx.Err() == nil {
		if line, err := vspan.Dial(socket, vspan.DialOptions{Name: "carrier"}); err == nil {
			c.serve(ctx, line)
		}
		sleep(ctx, 300*time.Millisecond)
	}
}

// serve is one life of the exchange. When ctx is done, calls get a moment to be cleared in order.
func (c *carrier) serve(ctx context.Context, line *vspan.Far) {
	x := farend.New(line, farend.Options{TellTheTime: true, RecordS: 1})
	c.set(x)
	defer c.set(nil)
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	stop := context.AfterFunc(ctx, func() {
		over := time.Now().Add(2 * time.Second)
		for time.Now().Before(over) && x.Busy() > 0 {
			time.Sleep(50 * time.Millisecond)
		}
		end()
	})
	defer stop()
	go func() {
		if x.WaitLink(life) == nil {
			c.once.Do(func() { close(c.up) })
		}
	}()
	if err := x.Run(life); err != nil && ctx.Err() == nil {
		c.d.tell("线路断开 the line is gone: %v", err)
	}
}

func (c *carrier) set(x *farend.Exchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.exchange = x
}

// upWait is how long the box may take to start.
const upWait = 60 * time.Second

// waitUp waits until the D channel is up.
func (c *carrier) waitUp(ctx context.Context) error {
	select {
	case <-c.up:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(upWait):
		return fmt.Errorf("the line is not up after %v: is the first line of the settings virtual and enabled?", upWait)
	}
}

// caller is somebody who calls.
type caller struct {
	number, name string
	key          string // at the menu; empty: none
	patience     time.Duration
	hidden       bool
}

var names = []string{"", "", "", "ZHAO LEI", "QIAN JUN", "SUN YAN", "ZHOU TAO", "WU XIA", "ZHENG HAO", "FENG LI", "CHEN MO", "HUAWEI STORE", "CITY HOSPITAL"}

var prefixes = []string{"138", "139", "135", "186", "189", "177", "0755", "020", "010", "0571"}

// somebody is a caller as they come.
func (c *carrier) somebody() caller {
	prefix := prefixes[rand.IntN(len(prefixes))]
	who := caller{number: prefix, name: names[rand.IntN(len(names))], key: string("1120219"[rand.IntN(7)]), patience: c.d.pace.patience.pick()}
	for len(who.number) < 11 {
		who.number += string(rune('0' + rand.IntN(10)))
	}
	switch {
	case chance(5): // gives up while waiting
		who.patience = c.d.pace.hasty.pick()
	case chance(12): // says nothing: the menu decides
		who.key = ""
	}
	who.hidden = chance(15)
	return who
}

// plain is how many callers press a key and have patience before others come, so that a newcomer sees a
// call queued and answered within the first minute.
const plain = 3

// placeCalls places calls at the pace of people.
func (c *carrier) placeCalls(ctx context.Context) {
	for n := 0; sleep(ctx, c.d.pace.calls.pick()); n++ {
		who := c.somebody()
		if n < plain {
			who.key, who.patience = string("12"[n%2]), c.d.pace.patience.most
		}
		select {
		case c.busy <- struct{}{}:
			if !c.place(ctx, c.town.main, who, func() { <-c.busy }) {
				<-c.busy
			}
		default: // enough callers wait already
		}
	}
}

// placeByHand places a call to a number of the box at once; none stands for the menu.
func (c *carrier) placeByHand(ctx context.Context, number string) {
	who := c.somebody()
	who.patience, who.hidden = c.d.pace.patience.most, false
	if number == "" {
		number = c.town.main
	} else {
		who.key = ""
	}
	if !c.place(ctx, number, who, func() {}) {
		c.d.say("现在不能呼叫 no call is possible now")
	}
}

// place begins a call of its own and calls over after its end; it says false when the line is not there.
func (c *carrier) place(ctx context.Context, number string, who caller, over func()) bool {
	c.mu.Lock()
	x := c.exchange
	c.mu.Unlock()
	if x == nil {
		return false
	}
	c.calls.Go(func() {
		defer over()
		if err := c.call(ctx, x, number, who); err != nil && ctx.Err() == nil {
			c.d.tell("%s: %v", who.number, err)
		}
	})
	return true
}

// call is one call from SETUP to its end.
func (c *carrier) call(ctx context.Context, x *farend.Exchange, number string, who caller) error {
	soon, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	call, err := x.Place(soon, farend.Setup{Called: number, Calling: who.number, Name: who.name, Hidden: who.hidden})
	if err != nil {
		return err
	}
	defer call.Hangup(16)
	c.d.tell("→ %s %s 呼叫 calls %s", who.number, who.name, number)
	waiting, done := context.WithTimeout(ctx, who.patience)
	defer done()
	if err := call.WaitAnswer(waiting); err != nil {
		return c.ended(ctx, who, call, err)
	}
	if who.key != "" {
		if !sleep(ctx, c.d.pace.think.pick()) {
			return nil
		}
		if err := call.SendKeys(who.key); err != nil {
			return err
		}
		sent, keyed := context.WithTimeout(ctx, c.d.pace.keySent)
		defer keyed()
		if err := call.WaitKeysSent(sent); err != nil {
			return err
		}
	}
	call.PlayClip(speak(rand.Uint64()))
	waiting, done = context.WithTimeout(ctx, who.patience)
	defer done()
	_, _, err = call.WaitCleared(waiting)
	return c.ended(ctx, who, call, err)
}

// ended tells how a call ended; err is what the last wait came back with.
func (c *carrier) ended(ctx context.Context, who caller, call *farend.Call, err error) error {
	var cleared farend.ClearedError
	switch {
	case ctx.Err() != nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		c.d.tell("← %s 主叫挂机 the caller hangs up", who.number)
		return nil
	case errors.As(err, &cleared):
	case err != nil:
		return err
	}
	cause, _, err := call.WaitCleared(ctx)
	c.d.tell("← %s 结束 ended, cause %d", who.number, cause)
	return err
}
