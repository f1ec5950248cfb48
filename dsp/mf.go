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
// frequencies hold nearly all the energy there is. Whether they are in the right proportion is judged once in a
// row of hits, when the signal nearly fills the window, and under a taper: in what is filled in part, or a few Hz off,
// the stronger frequency is seen in the weaker one's place.
const (
	mfFrequencies = 6
	mfMostHops    = 8
	mfMostSamples = 133 // of a window
)

// mfPlan is a signalling system's receiver.
type mfPlan struct {
	hz         [mfFrequencies]float64
	hopSamples int
	windowHops int
	leastDBm0  float64 // a frequency
	twistDB    float64 // between the two
	besideDB   float64 // between the two where they are neighbours
	leastShare float32 // of the window's energy that the two must hold
	begin      int     // hits in a row before a signal is told
	end        int     // misses in a row before its end is told

	leastEnergy float32 // of a window that can hold a signal
	waves       [mfFrequencies][]phasor
	tapered     [mfFrequencies][]phasor // that give a sine's amplitude
}

// with works out the reference waves of a window.
func (p mfPlan) with() *mfPlan {
	samples := p.hopSamples * p.windowHops
	p.leastEnergy = float32(math.Pow(Amplitude(p.leastDBm0), 2) / 2 * float64(samples))
	for i, hz := range p.hz {
		p.waves[i], p.tapered[i] = make([]phasor, samples), make([]phasor, samples)
		for n := range samples {
			sin, cos := math.Sincos(2 * math.Pi * hz * float64(n) / SampleRate)
			taper := 4 * hann(n, samples) / float64(samples)
			p.waves[i][n] = phasor{float32(cos), float32(-sin)}
			p.tapered[i][n] = phasor{float32(taper * cos), float32(-taper * sin)}
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
	hops   int64
	filled int                    // samples of the newest hop
	window [mfMostSamples]float32 // ring by hops

	phasors [mfFrequencies][mfMostHops]phasor // ring by hops
	powers  [mfMostHops]float32

	signal, candidate int // 0 none
	hits, misses      int
	refused           bool // what sounds is no signal, whatever its tail looks like
	firstHit, lastHit int64
	low, high         float64
}

// Push lets the receiver hear the next samples; it calls emit for each signal that begins or ends. It
// allocates nothing.
func (m *MF) Push(samples []int16, emit func(MFEvent)) {
	for len(samples) > 0 {
		_, hop := m.newest()
		n := min(len(samples), len(hop)-m.filled)
		for i, x := range samples[:n] {
			hop[m.filled+i] = float32(x)
		}
		samples = samples[n:]
		if m.filled += n; m.filled == len(hop) {
			m.filled = 0
			m.correlate()
			m.judge(emit)
			m.hops++
		}
	}
}

// newest is the hop of the window that is being filled, and which it is in the rings.
func (m *MF) newest() (slot int, hop []float32) {
	slot = int(m.hops % int64(m.plan.windowHops))
	return slot, m.window[slot*m.plan.hopSamples:][:m.plan.hopSamples]
}

// correlate works the full hop into the rings. The window that ends with it is the plan's window set
// back by whole hops, which turns all its phasors alike.
func (m *MF) correlate() {
	slot, hop := m.newest()
	var power float32
	for _, v := range hop {
		power += v * v
	}
	m.powers[slot] = power
	for i := range m.phasors {
		var sum phasor
		wave := m.plan.waves[i][slot*len(hop):][:len(hop)]
		for n, w := range wave {
			sum.re += hop[n] * w.re
			sum.im += hop[n] * w.im
		}
		m.phasors[i][slot] = sum
	}
}

// judge moves the signal on by one hop.
func (m *MF) judge(emit func(MFEvent)) {
	signal := m.look()
	if signal == 0 || signal != m.candidate {
		m.candidate, m.hits, m.firstHit = signal, 0, m.hops
	}
	if signal != 0 {
		m.hits++
	} else {
		m.refused = false
	}
	begins, low, high := false, 0.0, 0.0
	if m.hits == m.plan.begin && signal != m.signal && !m.refused {
		low, high = m.levels(signal)
		begins = math.Abs(low-high) <= m.plan.most(signal) && min(low, high) >= m.plan.leastDBm0
		m.refused = !begins
	}
	hop := int64(m.plan.hopSamples)
	window := int64(m.plan.windowHops) * hop
	lag := window * int64(m.plan.leastShare*100) / 100 // the window is filled so far at the first hit
	if m.signal != 0 {
		if signal == m.signal {
			m.misses, m.lastHit = 0, m.hops
		} else if m.misses++; m.misses >= m.plan.end || begins {
			emit(MFEvent{m.signal, true, (m.lastHit+1)*hop - window + lag, m.low, m.high})
			m.signal = 0
		}
	}
	if m.signal == 0 && begins {
		m.signal, m.misses, m.lastHit, m.low, m.high = signal, 0, m.hops, low, high
		emit(MFEvent{signal, false, (m.firstHit+1)*hop - lag, low, high})
	}
}

// look gives the signal in the window, however unlike the levels of its frequencies are; 0 if it is none.
func (m *MF) look() int {
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
	if energy < m.plan.leastEnergy || (power[first]+power[second])*2/samples < m.plan.leastShare*energy {
		return 0
	}
	low, high := min(first, second), max(first, second)
	return high*(high-1)/2 + low + 1
}

// levels gives the levels of a signal's frequencies in the window, of which the middle counts most.
func (m *MF) levels(signal int) (lowDBm0, highDBm0 float64) {
	slot, hop := m.newest()
	oldest := (slot + 1) * len(hop)
	low, high, _ := mfPair(signal)
	level := func(i int) float64 {
		var sum phasor
		for n, w := range m.plan.tapered[i] {
			x := m.window[(oldest+n)%len(m.plan.tapered[i])]
			sum.re += x * w.re
			sum.im += x * w.im
		}
		return DBm0(float64(sum.power() / 2))
	}
	return level(low), level(high)
}

// mfPair is the places of a signal's two frequencies; there is one for 1 to 15.
func mfPair(signal int) (low, high int, is bool) {
	for high = 1; high < mfFrequencies; high++ {
		if low = signal - high*(high-1)/2 - 1; low >= 0 && low < high {
			return low, high, true
		}
	}
	return 0, 0, false
}

// most is by how many dB the two frequencies of a signal may differ.
func (p *mfPlan) most(signal int) float64 {
	if low, high, _ := mfPair(signal); high-low == 1 {
		return p.besideDB
	}
	return p.twistDB
}

// step gives the two frequencies of a signal, each of the level, for the time (0 for ever).
func (p *mfPlan) step(signal int, dBm0 float64, lasts time.Duration) (Step, error) {
	low, high, is := mfPair(signal)
	if !is {
		return Step{}, fmt.Errorf("there is no signal %d: 1 to 15 are", signal)
	}
	return Step{Sines: []Sine{{p.hz[low], dBm0}, {p.hz[high], dBm0}}, Lasts: lasts}, nil
}
