package conformance

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"trunkbox/drivers/span"
	"trunkbox/firmware/call"
	"trunkbox/firmware/q850"
)

// party is one leg and what it told.
type party struct {
	leg    call.Leg
	mu     sync.Mutex
	events []string
}

func (p *party) handle(event call.Event) {
	what := eventWords(event)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, what)
}

// eventWords is an event of a leg in words.
func eventWords(event call.Event) string {
	what := strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", event), "call."))
	switch e := event.(type) {
	case call.Named:
		what += " " + strings.TrimSpace(e.Party.Digits+" "+e.Party.Name)
	case call.Texted:
		what += " " + e.Text
	case call.Charged:
		what += " " + e.Charge.Phase
		switch {
		case e.Charge.Free:
			what += " free"
		case e.Charge.None:
			what += " unknown"
		case e.Charge.Money != "":
			what += " " + e.Charge.Money
		default:
			what += fmt.Sprintf(" %d units", e.Charge.Units)
		}
	case call.Forwarded:
		what += " " + strings.TrimSpace(e.Reason+" "+e.To.Digits)
	case call.Serviced:
		what = string(e.Service) + " done"
		if !e.Done {
			what = string(e.Service) + " " + e.Reason[strings.LastIndexByte(e.Reason, '_')+1:]
		}
	case call.Sounding:
		if e.Inband {
			what = "inband"
		}
	case call.Answered:
		if e.Connected.Digits != "" {
			what += " by " + e.Connected.Digits
		}
	case call.Digit:
		what += " " + string(e.Key)
	case call.Clearing:
		what += fmt.Sprintf(" %d", e.Cause)
	case call.Cleared:
		who := "us"
		if e.Remote {
			who = "them"
		}
		what += fmt.Sprintf(" %d by %s", e.Cause, who)
	}
	return what
}

// told is what the n-th leg told since it was asked last; 0 is the youngest.
func (s *access) told(n int) (string, error) {
	p, err := s.party(n)
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	all := strings.Join(p.events, ", ")
	p.events = nil
	return all, nil
}

func (s *access) party(n int) (*party, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n == 0 {
		n = len(s.parties)
	}
	if n < 1 || n > len(s.parties) {
		return nil, fmt.Errorf("there is no call %d", n)
	}
	return s.parties[n-1], nil
}

// control does what the exchange above a line does.
//
//	dial 4001 [from=+8621 ...] [name=Ann] [diverted=4000/busy] [line=1] [emergency]    answer    alert    progress    clear 16    refuse    accept
//	service 3 out    service 3 in    report    merge 1    deflect 123    connectas 123/r
func (s *access) control(words []string) error {
	n := 0
	if number, err := strconv.Atoi(words[0]); err == nil {
		n, words = number, words[1:]
	}
	switch words[0] {
	case "dial":
		return s.dial(words[1:])
	case "service": // of a channel: service 3 out, service 3 in
		ts, err := strconv.Atoi(words[1])
		if err != nil {
			return err
		}
		return s.access.SetService(span.Timeslot(ts), words[2] == "in")
	case "refuse", "accept":
		s.mu.Lock()
		defer s.mu.Unlock()
		s.refuse = words[0] == "refuse"
		return nil
	}
	p, err := s.party(n)
	if err != nil {
		return err
	}
	switch words[0] {
	case "answer":
		p.leg.Answer()
	case "alert":
		p.leg.Alert()
	case "progress":
		p.leg.Progress()
	case "clear":
		cause, err := strconv.Atoi(words[1])
		if err != nil {
			return err
		}
		p.leg.Hangup(q850.Cause(cause))
	default:
		return s.service(p.leg, words)
	}
	return nil
}

// service asks the network for something.
func (s *access) service(leg call.Leg, words []string) error {
	networked, is := leg.(call.Networked)
	switch {
	case !is:
		return errors.New("the call cannot be asked for services")
	case words[0] == "report":
		networked.Report()
	case words[0] == "merge":
		n, err := strconv.Atoi(words[1])
		if err != nil {
			return err
		}
		other, err := s.party(n)
		if err != nil {
			return err
		}
		networked.Merge(other.leg)
	case words[0] == "deflect":
		networked.Deflect(words[1])
	case words[0] == "connectas":
		digits, restricted := strings.CutSuffix(words[1], "/r")
		networked.ConnectAs(call.Number{Digits: digits, Restricted: restricted})
	default:
		return fmt.Errorf("call control knows no %q", words[0])
	}
	return nil
}

func (s *access) dial(words []string) error {
	to, line := call.Outgoing{Called: words[0]}, s.access
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "from":
			to.Calling.Digits, to.Calling.Restricted = strings.CutSuffix(value, "/r")
		case "line": // by its interface identifier
			n, err := strconv.Atoi(value)
			if err != nil || n >= len(s.lines) {
				return fmt.Errorf("there is no line %q", value)
			}
			line = s.lines[n]
		case "emergency":
			to.Emergency = true
		case "name":
			to.Calling.Name = value
		case "diverted": // by=reason
			digits, reason, _ := strings.Cut(value, "/")
			to.Diverted = &call.Diversion{By: call.Number{Digits: digits}, Reason: reason, Count: 1}
		default:
			return fmt.Errorf("dial knows no %q", word)
		}
	}
	p := &party{}
	leg, err := line.Dial(to, p.handle)
	if err != nil {
		return err
	}
	p.leg = leg
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parties = append(s.parties, p)
	return nil
}
