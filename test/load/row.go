package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"trunkbox/test/farend/crowd"
	"trunkbox/test/farend/sound"
)

// row is what one step has shown: so many calls, for some time, without new calls or with them. Times are in ms.
type row struct {
	Calls   int     `json:"calls"`
	Churn   bool    `json:"churn"` // calls come and go
	Seconds float64 `json:"seconds"`

	Box             float64 `json:"boxPercent"`  // of one processor
	Load            float64 `json:"loadPercent"` // this process
	Memory          memory  `json:"memoryMiB"`
	KiBPerCall      float64 `json:"kibPerCall"` // of the box's own memory, over what it had without calls
	Written         float64 `json:"writtenMiBPerSecond"`
	SystemCalls     float64 `json:"systemCallsPerSecond,omitempty"` // counted for three seconds without churn
	CallsPerPacket  float64 `json:"systemCallsPerPacket,omitempty"` // packets in and out; everything else the box does is in it
	SoundPushed     uint64  `json:"soundPushed"`                    // times another took a thread of sound's processor
	SoundUnservedMS float64 `json:"soundUnserved"`                  // how long threads of sound were ready and not let
	OthersPushed    uint64  `json:"othersPushed"`
	StolenMS        float64 `json:"stolen"`       // by the host, from all processors, as far as it says so
	Stood           int     `json:"stood"`        // times a processor stood still
	StoodMS         float64 `json:"stoodLongest"` // the longest

	Delay      spreadRow  `json:"delay"` // of each packet that came as it was said, mouth to ear
	JitterIn   jitterRow  `json:"jitterToBox"`
	JitterOut  jitterRow  `json:"jitterFromBox"`
	Packets    packetsRow `json:"packets"`
	SendLate   spreadRow  `json:"ownSendLate"`  // when packets left, against when they were due
	TakenLate  spreadRow  `json:"ownTakenLate"` // from the kernel's time of arrival until the packet was taken in
	Ticks      ticksRow   `json:"ticks"`
	SetUps     int        `json:"setUps"`
	Refused    int        `json:"refused"`
	SetUp      timesRow   `json:"setUp"`
	PerCall    float64    `json:"processorPerCall"` // ms of the box for one call that comes and goes, over the step without them
	Ears       ears       `json:"ears"`
	NotGranted []string   `json:"notGranted"` // what the kernel did not grant the box's threads
}

// spreadRow is a spread in ms.
type spreadRow struct {
	N    uint64  `json:"n"`
	P50  float64 `json:"p50"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Most float64 `json:"most"`
}

func spreadOf(c sound.Counts) spreadRow {
	return spreadRow{c.Total(), ms(c.Quantile(0.5)), ms(c.Quantile(0.99)), ms(c.Quantile(0.999)), ms(c.Quantile(1))}
}

type jitterRow struct {
	Mean float64 `json:"mean"`
	Most float64 `json:"most"`
}

func jitterOf(j crowd.Jitter) jitterRow { return jitterRow{ms(j.Mean), ms(j.Most)} }

type packetsRow struct {
	Sent     uint64 `json:"sent"`
	Received uint64 `json:"received"`
	Lost     uint64 `json:"lost"`    // gaps in what came from the box, less what was dropped here
	Strange  uint64 `json:"strange"` // of calls that were over, or not yet agreed on
	Dropped  uint64 `json:"dropped"` // by the kernel at our socket
}

func packetsOf(f crowd.Figures) packetsRow {
	return packetsRow{f.Sent, f.Received, f.Lost - min(f.Lost, f.Dropped), f.Strange, f.Dropped}
}

// ticksRow is how the ticks of all lines came.
type ticksRow struct {
	Moved     uint64      `json:"moved"`
	Missed    uint64      `json:"missed"` // more than a block's time late
	Classes   []lateClass `json:"classes"`
	LongestMS float64     `json:"longest"` // the most that one was late, when that was in this step; else the bound of its class
	Cause     string      `json:"cause"`   // of the longest
	Causes    string      `json:"causes"`  // of those missed, with their numbers
	Underruns uint64      `json:"underruns"`
	Overruns  uint64      `json:"overruns"`
	Slips     uint64      `json:"slips"`
	FarMissed uint64      `json:"ownBlocksMissed"`    // by the far ends of the lines: no fault of the box
	Bridge    float64     `json:"bridgeLongestSince"` // the bridge's longest tick since the start
	Sound     float64     `json:"soundPercentSince"`  // the most of a second of one processor that the threads of sound used since the start
}

// ticksOf are those between two looks at the box.
func ticksOf(before, after now, began time.Time) ticksRow {
	a, b := after.Tick, before.Tick
	t := ticksRow{
		Moved: a.Moved - b.Moved, Missed: a.Missed - b.Missed, Underruns: a.Underruns - b.Underruns, Overruns: a.Overruns - b.Overruns,
		Slips: a.Slips - b.Slips, Classes: slices.Clone(a.Late),
	}
	for i := range t.Classes {
		if i < len(b.Late) {
			t.Classes[i].Ticks -= b.Late[i].Ticks
		}
		if t.Classes[i].Ticks > 0 && t.Classes[i].UpToUS > 0 {
			t.LongestMS = float64(t.Classes[i].UpToUS) / 1000
		}
	}
	t.Bridge, t.Sound, t.Causes = float64(a.LongestUS)/1000, a.Processor, causesOf(b.Causes, a.Causes)
	if a.LateAt.After(began) {
		t.LongestMS, t.Cause = float64(a.LateUS)/1000, a.Cause
	}
	return t
}

// causesOf are those that were counted between two looks: "host:3 processor:1".
func causesOf(before, after map[string]uint64) string {
	var words []string
	for _, cause := range slices.Sorted(maps.Keys(after)) {
		if n := after[cause] - before[cause]; n > 0 {
			words = append(words, fmt.Sprint(cause, ":", n))
		}
	}
	return strings.Join(words, " ")
}

type timesRow struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

func timesOf(all []time.Duration) timesRow {
	if len(all) == 0 {
		return timesRow{}
	}
	sorted := slices.Sorted(slices.Values(all))
	at := func(q float64) float64 { return ms(sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]) }
	return timesRow{at(0.5), at(0.99)}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
