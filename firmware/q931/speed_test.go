package q931

import (
	"strings"
	"testing"
)

func TestNoAllocations(t *testing.T) {
	b := unhex(t, messages[0].octets)
	var m Message
	out := make([]byte, 0, 300)
	if n := testing.AllocsPerRun(100, func() {
		if m.Decode(b) != nil {
			t.Fatal("not decoded")
		}
		out = m.AppendTo(out[:0])
	}); n != 0 {
		t.Errorf("decode and encode allocate %v times", n)
	}
	c := callAt(t, User, []string{"SETUP request", "CONNECT"})
	enquiry, actions := event(t, c.Ref(), "STATUS ENQUIRY"), make([]Action, 0, 8)
	unknown := event(t, c.Ref(), "unknown message 0x5f")
	if n := testing.AllocsPerRun(100, func() {
		actions = c.Handle(enquiry, actions[:0])
		actions = c.Handle(unknown, actions[:0])
		actions = c.Handle(Event{Input: LinkDown}, actions[:0])
		actions = c.Handle(Event{Input: LinkUp}, actions[:0])
	}); n != 0 {
		t.Errorf("Handle allocates %v times", n)
	}
}

func BenchmarkDecode(b *testing.B) {
	octets := unhex(b, messages[0].octets)
	var m Message
	b.ReportAllocs()
	b.SetBytes(int64(len(octets)))
	for b.Loop() {
		if err := m.Decode(octets); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendTo(b *testing.B) {
	m := messages[0].m
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		out = m.AppendTo(out[:0])
	}
}

func BenchmarkHandle(b *testing.B) {
	c := callAt(b, User, []string{"SETUP request", "CONNECT"})
	e := event(b, c.Ref(), "STATUS ENQUIRY")
	actions := make([]Action, 0, 8)
	b.ReportAllocs()
	for b.Loop() {
		actions = c.Handle(e, actions[:0])
	}
}

// BenchmarkCall is a whole call of one side, new machine and all.
func BenchmarkCall(b *testing.B) {
	profile, ref := EuroISDN(User), OwnRef(7, 2)
	var flow []Event
	for _, w := range []string{"SETUP request", "CALL PROCEEDING", "ALERTING", "CONNECT", "DISCONNECT request", "RELEASE"} {
		flow = append(flow, event(b, ref, w))
	}
	actions := make([]Action, 0, 8)
	b.ReportAllocs()
	for b.Loop() {
		c := NewCall(User, profile, ref)
		for _, e := range flow {
			actions = c.Handle(e, actions[:0])
		}
	}
}

// TestHandleAllocatesNothing gives every input that is in order to a call in every state it can be in. What allocates is
// left to the rare path: what there was to object to in a message is put into words.
func TestHandleAllocatesNothing(t *testing.T) {
	const runs = 2
	for _, side := range []Side{User, Network} {
		for _, p := range paths[side] {
			for _, in := range allInputs() {
				if strings.Contains(in, "with") || strings.Contains(in, "unknown") {
					continue
				}
				calls := make([]*Call, runs+1)
				for i := range calls {
					calls[i] = callAt(t, side, p.via)
				}
				e, next := event(t, calls[0].Ref(), in), 0
				actions := make([]Action, 0, 8)
				if n := testing.AllocsPerRun(runs, func() {
					actions = calls[next].Handle(e, actions[:0])
					next++
				}); n != 0 {
					t.Errorf("%s, %s: %v allocations", p.state.Label(side), in, n)
				}
			}
		}
	}
}

// BenchmarkHandleEach handles one message of each kind in a state that knows it.
func BenchmarkHandleEach(b *testing.B) {
	for _, c := range []struct {
		side Side
		via  []string
		in   string
	}{
		{User, nil, "SETUP"},
		{User, []string{"SETUP request"}, "CALL PROCEEDING"},
		{User, []string{"SETUP request"}, "ALERTING"},
		{User, []string{"SETUP request"}, "CONNECT"},
		{User, []string{"SETUP request", "CALL PROCEEDING"}, "PROGRESS"},
		{User, []string{"SETUP request", "CONNECT"}, "INFORMATION"},
		{User, []string{"SETUP request", "CONNECT"}, "FACILITY"},
		{User, []string{"SETUP request", "CONNECT"}, "STATUS ENQUIRY"},
		{User, []string{"SETUP request", "CONNECT"}, "STATUS 30 state 10"},
		{User, []string{"SETUP request", "CONNECT"}, "HOLD"},
		{User, []string{"SETUP request", "CONNECT"}, "DISCONNECT"},
		{User, []string{"SETUP request", "CONNECT"}, "RELEASE"},
		{Network, []string{"SETUP", "SETUP response", "DISCONNECT request"}, "RELEASE"},
	} {
		b.Run(c.in, func(b *testing.B) {
			at := callAt(b, c.side, c.via)
			e := event(b, at.Ref(), c.in)
			call, actions := *at, make([]Action, 0, 8)
			b.ReportAllocs()
			for b.Loop() {
				call = *at
				actions = call.Handle(e, actions[:0])
			}
		})
	}
}

// BenchmarkVariants reads and writes a SETUP in the habits of each variant.
func BenchmarkVariants(b *testing.B) {
	for _, v := range Profiles {
		p, _ := ProfileOf(v.Name, User)
		octets := p.AppendTo(nil, setupOf(p))
		b.Run(v.Name, func(b *testing.B) {
			var m Message
			var out []byte
			b.ReportAllocs()
			b.SetBytes(int64(len(octets)))
			for b.Loop() {
				if err := p.Decode(&m, octets); err != nil {
					b.Fatal(err)
				}
				out = p.AppendTo(out[:0], &m)
			}
		})
	}
}

// BenchmarkSegments cuts a message of 700 octets and puts it together again.
func BenchmarkSegments(b *testing.B) {
	s, a, message, actions := NewSegmenter(EuroISDN(User)), NewAssembler(EuroISDN(User)), long(700), make([]Action, 0, 8)
	b.ReportAllocs()
	for b.Loop() {
		parts, err := s.Split(message)
		if err != nil {
			b.Fatal(err)
		}
		for _, part := range parts {
			_, actions = a.Take(part, actions[:0])
		}
	}
}
