package conformance

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"trunkbox/firmware/lapd"
)

// dataLink is a lapd.Link alone with a clock.
type dataLink struct {
	mu     sync.Mutex
	link   *lapd.Link
	timers [2]*time.Timer // T200, T203
	set    [2]int         // which setting of a timer is the valid one
	sent   [][]byte
	events []string
	errors []string
	ended  bool
}

func newDataLink(side string) *dataLink {
	d := &dataLink{}
	which := lapd.User
	if side == "network" {
		which = lapd.Network
	}
	d.link = lapd.NewLink(which, lapd.PrimaryRate)
	return d
}

// down stops the clock.
func (d *dataLink) down() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	for i := range d.timers {
		d.stop(i)
	}
}

func (d *dataLink) handle(e lapd.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return
	}
	for _, a := range d.link.Handle(e) {
		switch a.Verb {
		case lapd.Send:
			d.sent = append(d.sent, slices.Clone(a.Octets))
		case lapd.StartT200:
			d.start(0, lapd.PrimaryRate.T200, lapd.T200Expiry)
		case lapd.StopT200:
			d.stop(0)
		case lapd.StartT203:
			d.start(1, lapd.PrimaryRate.T203, lapd.T203Expiry)
		case lapd.StopT203:
			d.stop(1)
		case lapd.DataInd:
			d.events = append(d.events, fmt.Sprintf("data %x", a.Octets))
		case lapd.ErrorInd:
			d.errors = append(d.errors, a.Letter.String())
		default:
			d.events = append(d.events, linkWords[a.Verb])
		}
	}
}

var linkWords = map[lapd.Verb]string{
	lapd.EstablishInd: "established", lapd.EstablishConf: "establish confirmed", lapd.ReleaseInd: "released",
	lapd.ReleaseConf: "release confirmed", lapd.MessageRefused: "refused",
}

func (d *dataLink) start(which int, after time.Duration, expiry lapd.Input) {
	d.stop(which)
	set := d.set[which]
	d.timers[which] = time.AfterFunc(after, func() {
		d.mu.Lock()
		valid := d.set[which] == set
		d.mu.Unlock()
		if valid {
			d.handle(lapd.Event{Input: expiry})
		}
	})
}

func (d *dataLink) stop(which int) {
	d.set[which]++
	if d.timers[which] != nil {
		d.timers[which].Stop()
	}
}

func (d *dataLink) say(octets []byte) error {
	d.handle(lapd.Event{Input: lapd.FrameReceived, Octets: octets})
	return nil
}

func (d *dataLink) next() ([]byte, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.sent) == 0 {
		return nil, false
	}
	frame := d.sent[0]
	d.sent = d.sent[1:]
	return frame, true
}

// control gives a request of layer 3 or of management to the link.
//
//	establish    release    send 0102    busy    ready    deactivate
func (d *dataLink) control(words []string) error {
	requests := map[string]lapd.Input{
		"establish": lapd.EstablishRequest, "release": lapd.ReleaseRequest, "send": lapd.DataRequest,
		"busy": lapd.SetOwnBusy, "ready": lapd.ClearOwnBusy, "deactivate": lapd.PersistentDeactivation,
	}
	in, known := requests[words[0]]
	if !known {
		return fmt.Errorf("a data link knows no %q", words[0])
	}
	e := lapd.Event{Input: in}
	times := 1
	if in == lapd.DataRequest {
		octets, err := hex.DecodeString(words[1])
		if err != nil {
			return err
		}
		e.Octets = octets
		if len(words) > 2 {
			if times, err = strconv.Atoi(words[2]); err != nil {
				return err
			}
		}
	}
	for range times {
		d.handle(e)
	}
	return nil
}

func (d *dataLink) told(int) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := strings.Join(d.events, ", ")
	d.events = nil
	return all, nil
}

func (d *dataLink) letters() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	slices.Sort(d.errors)
	all := strings.Join(d.errors, " ")
	d.errors = nil
	return all
}

func (d *dataLink) state() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strconv.Itoa(int(d.link.State()))
}
