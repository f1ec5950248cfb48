package dsp_test

import (
	"fmt"
	"math"
	"time"

	"trunkbox/dsp"
)

// line is a second and a half of a telephone line on which somebody dials: A-law octets, as they come from the network.
func line(number string) []byte {
	cadence, err := dsp.DTMFDigits(number, dsp.DTMFOn, dsp.DTMFOff)
	if err != nil {
		panic(err)
	}
	octets := make([]byte, 1500*8)
	dsp.NewTone(cadence).FillOctets(octets, dsp.ALaw)
	return octets
}

// Digits are heard by a receiver that is given the sound block by block, of any size.
func ExampleDTMF() {
	receiver := dsp.NewDTMF()
	octets := line("110#")
	for len(octets) > 0 {
		block := octets[:160] // 20 ms
		octets = octets[160:]
		receiver.PushOctets(block, dsp.ALaw, func(e dsp.DigitEvent) {
			if e.End {
				fmt.Printf("%c, for %d ms\n", e.Digit, e.Lasted().Round(10*time.Millisecond).Milliseconds())
			}
		})
	}
	// Output:
	// 1, for 100 ms
	// 1, for 100 ms
	// 0, for 100 ms
	// #, for 100 ms
}

// A receiver that is told of the network's dial tone hears digits under it that are weaker than it is.
func ExampleNewDTMFFor() {
	dialTone := []dsp.Sine{{Hz: 350, DBm0: -6}, {Hz: 440, DBm0: -6}}
	digit := []dsp.Sine{{Hz: 770, DBm0: -18}, {Hz: 1336, DBm0: -18}}
	samples := make([]int16, 8000)
	dsp.NewTone(dsp.Cadence{Steps: []dsp.Step{
		{Sines: dialTone, Lasts: 400 * time.Millisecond},
		{Sines: append(digit, dialTone...), Lasts: 100 * time.Millisecond},
		{Sines: dialTone},
	}}).Fill(samples)
	dsp.NewDTMFFor(dsp.DTMFReception{DialTone: []float64{350, 440}}).Push(samples, func(e dsp.DigitEvent) {
		if !e.End {
			fmt.Printf("%c\n", e.Digit)
		}
	})
	// Output: 5
}

// A telephone sends digits; what is not one is an error.
func ExampleDTMFDigits() {
	cadence, err := dsp.DTMFDigits("0086", 70*time.Millisecond, 70*time.Millisecond)
	fmt.Println(cadence.Duration(), err)
	_, err = dsp.DTMFDigits("00x", 70*time.Millisecond, 70*time.Millisecond)
	fmt.Println(err != nil)
	// Output:
	// 560ms <nil>
	// true
}

// The tones of a network are told by their cadence, which the table of countries has.
func ExampleCallProgress() {
	china, _ := dsp.CountryByCode("CN")
	samples := make([]int16, 5*dsp.SampleRate)
	dsp.NewTone(china.Busy).Fill(samples)
	dsp.NewCallProgress(china).Push(samples, func(e dsp.CallToneEvent) {
		fmt.Println(e.Tone == dsp.BusyTone, e.End)
	})
	// Output: true false
}

// A canceller is given what was sent to the line and what came back, at the same instants.
func ExampleEcho() {
	echo, err := dsp.NewEcho(32 * time.Millisecond)
	if err != nil {
		fmt.Println(err)
		return
	}
	far, near, before := make([]int16, 160), make([]int16, 160), make([]int16, 160)
	state := uint32(1)
	var heard, left float64
	for range 100 { // 2 s
		for i := range far {
			state = state*1664525 + 1013904223
			far[i] = int16(int32(state) >> 18) // somebody makes noise
			near[i] = before[i] / 4            // which comes back 20 ms later, 12 dB weaker
		}
		copy(before, far)
		heard = dsp.Level(near)
		echo.Cancel(far, near)
		left = dsp.Level(near)
	}
	fmt.Printf("%.0f dBm0 came back, less than -65 is left: %v\n", math.Round(heard), left < -65)
	// Output: -22 dBm0 came back, less than -65 is left: true
}

// R2's signals are two of six frequencies, and sound until they are answered.
func ExampleNewR2() {
	tone, err := dsp.R2Signal(dsp.R2Forward, 7)
	if err != nil {
		fmt.Println(err)
		return
	}
	samples := make([]int16, 800)
	dsp.NewTone(tone).Fill(samples)
	dsp.NewR2(dsp.R2Forward).Push(samples, func(e dsp.MFEvent) { fmt.Println(e.Signal) })
	// Output: 7
}
