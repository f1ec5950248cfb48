package journal

import (
	"strconv"
	"testing"
	"unsafe"
)

// What the disk has taken is not kept in memory, and is found from any event on without reading a segment from its beginning.
func TestSavedEventsAreOnTheDisk(t *testing.T) {
	j, _ := opened(t, t.TempDir(), Options{})
	const events = 3000
	fill(t, j, events)
	if n := len(j.unsaved.lines); n > 0 || j.unsaved.lines != nil {
		t.Errorf("%d events in memory", n)
	}
	segment := j.segments[0]
	if want := int(segment.size / markEvery); len(segment.marks) != want || want < 2 {
		t.Fatalf("%d marks in %d octets", len(segment.marks), segment.size)
	}
	for _, from := range []Seq{1, segment.marks[0].seq - 1, segment.marks[0].seq, segment.marks[0].seq + 1, segment.marks[1].seq, events} {
		read, damage := numbers(t, j, from)
		if len(read) != int(events-from+1) || read[0] != from || len(damage) > 0 {
			t.Errorf("from %d: %d events, %v", from, len(read), damage)
		}
		if at := segment.before(from); segment.size-at > 2*markEvery && from == events {
			t.Errorf("event %d of %d is looked for from octet %d of %d on", from, events, at, segment.size)
		}
	}
}

// There are 10,000 records, most of ended calls.
func TestRecordIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(entry{}); size > 512 {
		t.Errorf("a record has %d octets", size)
	}
	calls := NewCalls(10)
	for n := range 3 {
		id := "c" + strconv.Itoa(n)
		for _, e := range []Event{
			event(CallArrived, id, "line", "line1", "caller", "13800", "called", "6500"),
			event(QueueEntered, id, "queue", "Sales"), event(AgentJoined, id, "queue", "Sales", "agent", "201"),
			event(CallEnded, id, "by", "caller", "cause", "16"), event(CallCharged, id, "state", "final", "amount", "EUR 1.20"), event(RecordingEnded, id),
			event(CallHeld, id), event(QueueLeft, id, "queue", "Other"), event(CallEnded, id, "by", "box"), // too late to count
		} {
			calls.Add(e)
		}
	}
	first, last := calls.order[0], calls.order[2]
	if first.progress != nil || unsafe.StringData(first.Queue) != unsafe.StringData(last.Queue) || unsafe.StringData(first.Agents[0]) != unsafe.StringData(last.Agent) {
		t.Errorf("ended calls keep more than their records: %+v", first)
	}
	for _, r := range calls.List(Filter{}, 9, "") {
		if r.Queue != "Sales" || r.Charge != "EUR 1.20" || r.Recording != RecordedWhole || r.EndedBy != "caller" || r.ReasonEN == "" || r.ReasonZH == "" {
			t.Errorf("%+v", r)
		}
	}
}
