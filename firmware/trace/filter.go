package trace

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"trunkbox/firmware/q931"
)

// CallRef is a call reference of an interface. Both sides number their calls, so it takes to know whose number it is.
type CallRef struct {
	Value uint16
	Ours  bool // the call is one that we placed
}

// String writes the reference as the API takes it: "us-5", "far-5".
func (r CallRef) String() string {
	if r.Ours {
		return "us-" + strconv.Itoa(int(r.Value))
	}
	return "far-" + strconv.Itoa(int(r.Value))
}

// MarshalText writes what String does.
func (r CallRef) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what String writes.
func (r *CallRef) UnmarshalText(text []byte) error {
	ref, err := ParseCallRef(string(text))
	*r = ref
	return err
}

// ParseCallRef reads what String writes.
func ParseCallRef(text string) (CallRef, error) {
	who, number, _ := strings.Cut(text, "-")
	value, err := strconv.ParseUint(number, 10, 15)
	if err != nil || who != "us" && who != "far" {
		return CallRef{}, fmt.Errorf("the call reference %q: it is written us-5 or far-5", text)
	}
	return CallRef{Value: uint16(value), Ours: who == "us"}, nil
}

// Call is what the switch knows of a call on a line; its reference is found by it.
type Call struct {
	Timeslot     int
	Began, Ended time.Time // Ended is zero as long as it is up
}

// Filter says which frames are wanted.
type Filter struct {
	From, To time.Time // to before To; zero: no limit
	Ref      *CallRef  // only messages of this call
	Messages bool      // only frames with a message of layer 3
	Call     *Call     // only the messages of this call, or, when they are not found, the frames of its time
	Before   Seq       // only frames before this one, for the page before; 0: no limit
}

// passes says whether the frame is wanted, its time apart.
func (f Filter) passes(frame Frame) bool {
	if f.Before != 0 && frame.Seq >= f.Before {
		return false
	}
	if f.Ref == nil && !f.Messages {
		return true
	}
	ref, message := refOf(frame)
	return message && (f.Ref == nil || ref == *f.Ref)
}

// firstInformation is where the message begins in an I frame: address and control field of two octets each
// (Figure 5/Q.921).
const firstInformation = 4

// refOf reads the call reference of a message; false when the frame has none or the dummy one (clause 4.3/Q.931).
func refOf(f Frame) (CallRef, bool) {
	o := f.Octets
	if len(o) < firstInformation+3 || o[2]&1 != 0 || o[firstInformation] != q931.Discriminator && !maintenance(o[firstInformation]) {
		return CallRef{}, false
	}
	length := int(o[firstInformation+1] & 0x0f)
	if length < 1 || length > 2 || len(o) < firstInformation+2+length {
		return CallRef{}, false
	}
	o = o[firstInformation+2:]
	flag, value := o[0]&0x80 != 0, uint16(o[0]&0x7f)
	if length == 2 {
		value = value<<8 | uint16(o[1])
	}
	return CallRef{Value: value, Ours: f.Sent != flag}, true
}

// around is how much before and after a call its frames are looked for: the far side's messages come before the switch
// knows of the call, and the last ones after it has forgotten it.
const around = 3 * time.Second

// resolve turns the Call of a filter into times and a reference: of the calls that began with a SETUP in its time and
// were on its timeslot, the one that began nearest to it.
func (l *Line) resolve(f Filter) Filter {
	if f.Call == nil {
		return f
	}
	call := *f.Call
	f.Call = nil
	f.From = call.Began.Add(-around)
	if f.To = call.Ended; !f.To.IsZero() {
		f.To = f.To.Add(around)
	}
	began := map[CallRef]time.Time{}
	var nearest *CallRef
	var away time.Duration
	for frame := range l.Frames(f.From, f.To) {
		ref, is := refOf(frame)
		var m q931.Message
		if !is || m.Decode(frame.Octets[firstInformation:]) != nil {
			continue
		}
		if m.Type == q931.MsgSetup {
			began[ref] = frame.At
		}
		slot, one := m.Channel.Slot()
		at, known := began[ref]
		if !known || !one || int(slot) != call.Timeslot {
			continue
		}
		if far := at.Sub(call.Began).Abs(); nearest == nil || far < away {
			nearest, away = &ref, far
		}
	}
	f.Ref = nearest
	return f
}

// Page is a part of a ladder.
type Page struct {
	Rows []Row    `json:"rows"` // oldest first
	More Seq      `json:"more"` // Before of the page before this one; 0: there is none
	Ref  *CallRef `json:"ref"`  // that was filtered by, or found for the call
}

// Page decodes the newest frames that pass the filter, at most limit of them.
func (l *Line) Page(filter Filter, limit int) Page {
	filter = l.resolve(filter)
	oldest := l.ring.oldest()
	frames := l.newest(filter, limit+1, func(yield func(Frame) bool) { l.ring.since(oldest)(yield) })
	if len(frames) <= limit {
		frames = append(l.newest(filter, limit+1-len(frames), l.older(oldest, filter.From)), frames...)
	}
	page := Page{Rows: []Row{}, Ref: filter.Ref}
	if len(frames) > limit {
		frames = frames[len(frames)-limit:]
		page.More = frames[0].Seq
	}
	for _, f := range frames {
		page.Rows = append(page.Rows, newRow(f))
	}
	return page
}

// newest keeps the last n of the frames that pass the filter.
func (l *Line) newest(filter Filter, n int, frames func(func(Frame) bool)) []Frame {
	var last []Frame
	for f := range frames {
		if !filter.From.IsZero() && f.At.Before(filter.From) || !filter.To.IsZero() && !f.At.Before(filter.To) || !filter.passes(f) {
			continue
		}
		f.Octets = slices.Clone(f.Octets)
		if last = append(last, f); len(last) >= 2*n {
			last = append(last[:0], last[len(last)-n:]...)
		}
	}
	return last[max(0, len(last)-n):]
}
