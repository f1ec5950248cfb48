package dsp

import (
	"fmt"
	"math"
	"time"
)

// Multi-frequency signalling sends two of six frequencies at a time, which gives fifteen signals,
// numbered alike in R2 (Table 1/Q.441) and in R1, where they are digits (Table 1/Q.322):
//
//	        f0  f1  f2  f3  f4  f5
//	f0           1   2   4   7  11
//	f1               3   5   8  12
//	f2                   6   9  13
//	f3                      10  14
//	f4                          15
//
// The receiver takes the sound in hops. The last hops make a window that all six frequencies pass a
// whole number of times, so that none is seen in another. A window is a hit for a signal when two
// frequencies are in the right proportion and hold nearly all the energy there is.
const (
	mfFrequencies = 6
	mfMostHops    = 8
)

// mfPlan is a signalling system's receiver.
type mfPlan struct {
	hz         [mfFrequencies]float64
	hopSamples int
	windowHops int
	leastDBm0  float64 // a frequency
	twistDB    float64 // between the two
	leastShare float32 // of the window's energy that the two must hold
	begin      int     // hits in a row before a signal is told
	end        int     // misses in a row before its end is told
	waves      [mfFrequencies][]phasor
}

// with works out the reference waves of a window.
func (p mfPlan) with() *mfPlan {
	for i, hz := range p.hz {
		p.waves[i] = make([]phasor, p.hopSamples*p.windowHops)
		for n := range p.waves[i] {
			sin, cos := math.Sincos(2 * math.Pi * hz * float64(n) / SampleRate)
			p.waves[i][n] = phasor{float32(cos), float32(-sin)}
		}
	}
	return &p
}

// MFEvent tells of the beginning or the end of a signal.
type MFEvent struct {
	Signal int // 1 to 15
	End    bool
	At     int64 // sample, counted from the receiver's first, where it began or ended, right to 8 ms
	// LowDBm0 and HighDBm0 are the levels of the lower and the higher frequency at the beginning.
	LowDBm0, HighDBm0 float64
}

// MF is a receiver of multi-frequency signals for one direction of one call. Make one with NewR2 or
// NewBellMF.
type MF struct {
	plan   *mfPlan
	filled int
	hop    [64]float32
	hops   int64

	phasors [mfFrequencies][mfMostHops]phasor // ring by hops
	powers  [mfMostHops]float32

	signal, candidate int // 0 none
	hits, misses      int
	firstHit, lastHit int64
	low, high         float64
}

// Push lets the receiver hear the next samples; it calls emit for each signal that begins or ends. It
// allocates nothing.
func (m *MF) Push(samples []int16, emit func(MFEvent)) {
	for _, x := range samples {
		m.hop[m.filled] = float32(x)
		if m.filled++; m.filled == m.plan.hopSamples {
			m.filled = 0
			m.correlate()
			m.hops++
			m.judge(emit)
		}
	}
}

// correlate works the full hop into the rings. The window that ends with it is the plan's window set
// back by whole hops, which turns all its phasors alike.
func (m *MF) correlate() {
	slot := int(m.hops) % m.plan.windowHops
	var power float32
	for _, v := range m.hop[:m.plan.hopSamples] {
		power += v * v
	}
	m.powers[slot] = power
	for i := range m.phasors {
		var sum phasor
		wave := m.plan.waves[i][slot*m.plan.hopSamples:][:m.plan.hopSamples]
		for n, w := range wave {
			sum.re += m.hop[n] * w.re
			sum.im += m.hop[n] * w.im
		}
		m.phasors[i][slot] = sum
	}
}

// judge moves the signal on by one hop.
func (m *MF) judge(emit func(MFEvent)) {
	signal, low, high := m.look()
	if signal == 0 || signal != m.candidate {
		m.candidate, m.hits, m.firstHit = signal, 0, m.hops
	}
	if signal != 0 {
		m.hits++
	}
	hop := int64(m.plan.hopSamples)
	window := int64(m.plan.windowHops) * hop
	lag := window * int64(m.plan.leastShare*100) / 100 // the window is filled so far at the first hit
	if m.signal != 0 {
		if signal == m.signal {
			m.misses, m.lastHit = 0, m.hops
		} else if m.misses++; m.misses >= m.plan.end || m.hits >= m.plan.begin {
			emit(MFEvent{m.signal, true, m.lastHit*hop - window + lag, m.low, m.high})
			m.signal = 0
		}
	}
	if m.signal == 0 && m.hits >= m.plan.begin {
		m.signal, m.misses, m.lastHit, m.low, m.high = signal, 0, m.hops, low, high
		emit(MFEvent{signal, false, m.firstHit*hop - lag, low, high})
	}
}

// look gives the signal in the window, 0 if it is none, and the levels of its frequencies.
func (m *MF) look() (signal int, lowDBm0, highDBm0 float64) {
	hops := m.plan.windowHops
	samples := float32(hops * m.plan.hopSamples)
	var energy float32
	for _, p := range m.powers[:hops] {
		energy += p
	}
	var power [mfFrequencies]float32
	first, second := -1, -1
	for i := range power {
		var sum phasor
		for _, p := range m.phasors[i][:hops] {
			sum.re += p.re
			sum.im += p.im
		}
		power[i] = sum.power()
		switch {
		case first < 0 || power[i] > power[first]:
			first, second = i, first
		case second < 0 || power[i] > power[second]:
			second = i
		}
	}
	if energy == 0 || (power[first]+power[second])*2/samples < m.plan.leastShare*energy {
		return 0, 0, 0
	}
	low, high := min(first, second), max(first, second)
	level := func(i int) float64 { return DBm0(float64(power[i] * 2 / (samples * samples))) }
	lowDBm0, highDBm0 = level(low), level(high)
	if math.Abs(lowDBm0-highDBm0) > m.plan.twistDB || min(lowDBm0, highDBm0) < m.plan.leastDBm0 {
		return 0, 0, 0
	}
	return high*(high-1)/2 + low + 1, lowDBm0, highDBm0
}

// cadence gives the two frequencies of a signal, each of the level, for the time (0 for ever).
func (p *mfPlan) step(signal int, dBm0 float64, lasts time.Duration) (Step, error) {
	for high := 1; high < mfFrequencies; high++ {
		if low := signal - high*(high-1)/2 - 1; low >= 0 && low < high {
			return Step{Sines: []Sine{{p.hz[low], dBm0}, {p.hz[high], dBm0}}, Lasts: lasts}, nil
		}
	}
	return Step{}, fmt.Errorf("there is no signal %d: 1 to 15 are", signal)
}
