package performance

import (
	"maps"
	"time"
)

// Report is the history up to the last second.
func (p *Line) Report(name string) Report {
	r := Report{Line: name, At: p.last.Round(0), Available: !p.kept.Unavailable, Bins: p.Bins(), Days: p.Days()}
	for i, b := range r.Bins {
		r.Last24.Sum(b.Counts)
		if b.Valid && i < len(r.Bins)-1 {
			r.ValidIntervals++
		}
	}
	return r
}

// Bins are the last 96 quarter hours and the present one, the oldest first; nil before the first second.
func (p *Line) Bins() []Bin {
	if p.last.IsZero() {
		return nil
	}
	last := p.last.Round(0).Add(-time.Second)
	present, _ := p.bins(last)
	var all []Bin
	for i := quarters; i >= 0; i-- {
		start := time.Unix(present, 0).Add(-time.Duration(i) * quarter)
		all = append(all, p.shown(start.In(p.zone), start.Add(quarter), p.kept.Quarters[start.Unix()]))
	}
	return all
}

// Days are the last 31 days in the time zone of the line, the oldest first, today last; nil before the first
// second.
func (p *Line) Days() []Bin {
	if p.last.IsZero() {
		return nil
	}
	y, m, d := p.last.Round(0).Add(-time.Second).In(p.zone).Date()
	var all []Bin
	for i := days - 1; i >= 0; i-- {
		noon := time.Date(y, m, d-i, 12, 0, 0, 0, p.zone)
		start, end := time.Date(y, m, d-i, 0, 0, 0, 0, p.zone), time.Date(y, m, d-i+1, 0, 0, 0, 0, p.zone)
		all = append(all, p.shown(start, end, p.kept.Days[noon.Format(dayForm)]))
	}
	return all
}

// shown is a bin as others see it. A clock that was set back lets seconds be lived twice; there are never more
// than the bin has.
func (p *Line) shown(start, end time.Time, c *Counts) Bin {
	b := Bin{Start: start, Length: int(end.Sub(start) / time.Second)}
	if c != nil {
		b.Counts = *c
		b.LAPD = maps.Clone(c.LAPD)
	}
	b.Measured = min(b.Measured, b.Length)
	over := end
	if now := p.last.Round(0); now.Before(end) {
		over = now
	}
	passed := int(over.Sub(start) / time.Second)
	b.Valid = b.Measured > 0 && 10*b.Measured >= 9*passed
	return b
}

// Sum adds the counts of a bin.
func (c *Counts) Sum(b Counts) {
	c.Measured += b.Measured
	c.ES += b.ES
	c.SES += b.SES
	c.UAS += b.UAS
	c.BES += b.BES
	c.CSS += b.CSS
	c.LCV += b.LCV
	c.CRC += b.CRC
	c.EBit += b.EBit
	c.FAS += b.FAS
	c.Slips += b.Slips
	c.Joins += b.Joins
	c.Aborts += b.Aborts
	c.BadFCS += b.BadFCS
	for letter, n := range b.LAPD {
		if c.LAPD == nil {
			c.LAPD = map[string]uint64{}
		}
		c.LAPD[letter] += n
	}
}
