package exchange

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"trunkbox/drivers/span"
	"trunkbox/firmware/performance"
	"trunkbox/firmware/pri"
	"trunkbox/firmware/timeslot"
)

const (
	measureEvery = time.Second // what performance.Line counts in
	keepEvery    = time.Minute
)

// qualityFailing is the notice of a disk that refuses the performance histories.
const qualityFailing = "performance_failing"

// quality holds the performance histories by line.
type quality struct {
	mu    sync.Mutex
	lines map[string]*performance.Line // those of lines that were removed stay until the end
	zone  *time.Location               // of the box
}

// inZone lets the days begin at the midnight of the box's time zone.
func (q *quality) inZone(zone *time.Location) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.zone = zone
	for _, p := range q.lines {
		p.SetZone(zone)
	}
}

// Performance is the performance history of a line in service; false when there is none of this name, or it has
// not been looked at yet.
func (x *Exchange) Performance(name string) (performance.Report, bool) {
	x.quality.mu.Lock()
	defer x.quality.mu.Unlock()
	p := x.quality.lines[name]
	if p == nil {
		return performance.Report{}, false
	}
	return p.Report(name), true
}

// looked is what measure found on one line.
type looked struct {
	name    string
	line    *line
	span    span.Line
	access  *pri.Access
	slots   *timeslot.Span
	framing string
}

// measure counts a second of every open line each second, beside the sound and the calls. A line that cannot be
// opened has no data.
func (x *Exchange) measure(ctx context.Context) {
	ticker := time.NewTicker(measureEvery)
	defer ticker.Stop()
	for {
		var open []looked
		x.loop.Do(func() {
			for name, l := range x.lines {
				if l.span != nil {
					open = append(open, looked{name, l, l.span, l.access, l.slots, l.settings.Framing})
				}
			}
		})
		var pace *timeslot.Span
		if l := x.pace.Load(); l != nil {
			pace = l.slots
		}
		for _, l := range open {
			x.measureLine(l, pace)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// measureLine counts a second of a line; pace is the one whose clock is the bridge's, nil: none.
func (x *Exchange) measureLine(l looked, pace *timeslot.Span) {
	p := x.historyOf(l.name, l.span.Kind())
	status, link := l.span.Status(), l.access.Now().Errors
	alarms := status.Alarms | span.Alarm(l.line.seen.Swap(0)) // an alarm that came and went counts too
	at := time.Now()
	x.quality.mu.Lock()
	defer x.quality.mu.Unlock()
	p.SetKind(l.span.Kind())
	p.SetFraming(performance.Framing(l.framing))
	p.Link(link)
	p.Slipped(l.slots.ClockSlips(pace))
	p.Second(at, alarms, status.Counters)
}

// historyOf is the history of a line, from its file when it is asked for the first time.
func (x *Exchange) historyOf(name string, kind span.Kind) *performance.Line {
	x.quality.mu.Lock()
	p := x.quality.lines[name]
	x.quality.mu.Unlock()
	if p != nil {
		return p
	}
	p = performance.NewLine(kind, time.UTC)
	if x.Options.Performance != "" {
		if err := p.Load(x.performanceFile(name)); err != nil {
			x.Log.Error("the performance history of a line cannot be read", "line", name, "error", err)
			x.loop.Post(func() {
				x.noticeFault("performance_"+name, "线路 "+name+" 的质量历史无法读取，从现在重新统计",
					"The quality history of the line "+name+" cannot be read and begins anew", err)
			})
		}
	}
	x.quality.mu.Lock()
	defer x.quality.mu.Unlock()
	if x.quality.lines == nil {
		x.quality.lines = map[string]*performance.Line{}
	}
	p.SetZone(x.quality.zone)
	x.quality.lines[name] = p
	return p
}

func (x *Exchange) performanceFile(name string) string {
	return filepath.Join(x.Options.Performance, name+".json")
}

// keepQuality writes the histories to the disk now and again, and at the end.
func (x *Exchange) keepQuality(ctx context.Context) {
	if x.Options.Performance == "" {
		return
	}
	ticker := time.NewTicker(keepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			x.saveQuality()
			return
		case <-ticker.C:
			x.saveQuality()
		}
	}
}

func (x *Exchange) saveQuality() {
	var failed error
	for name, octets := range x.histories() {
		failed = errors.Join(failed, performance.Save(x.performanceFile(name), octets))
	}
	if failed != nil {
		x.Log.Error("the performance histories cannot be written", "error", failed)
	}
	x.loop.Post(func() {
		if failed == nil {
			x.clearNotice(qualityFailing)
			return
		}
		x.noticeFault(qualityFailing, "线路质量历史写不进磁盘，断电后会丢失",
			"The lines' quality history cannot be written to the disk and is lost with the power", failed)
	})
}

// histories are the octets of every history's file.
func (x *Exchange) histories() map[string][]byte {
	x.quality.mu.Lock()
	defer x.quality.mu.Unlock()
	files := map[string][]byte{}
	for name, p := range x.quality.lines {
		octets, err := p.Encode()
		if err != nil {
			x.Log.Error("a performance history cannot be encoded", "line", name, "error", err)
			continue
		}
		files[name] = octets
	}
	return files
}
