package dsp

import (
	"math/rand/v2"
	"testing"
)

// TestHopsByFours: what a machine's instructions work out for four numbers at once is what the plain form does,
// to the last bit.
func TestHopsByFours(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	var ring [ringHops]eightTones
	for n := range 5000 {
		var samples [hopSamples]int16
		for i := range samples {
			samples[i] = []int16{-32768, 32767, 0, int16(random.Uint32()), int16(random.NormFloat64() * 1000)}[random.IntN(5)]
		}
		var x, plainX [hopSamples + 2]float32
		energy, plainEnergy := spreadHop(&samples, &x), plainSpread(&samples, &plainX)
		if x != plainX || energy != plainEnergy {
			t.Fatalf("samples %v: %v of energy %v, want %v of %v", samples, x, energy, plainX, plainEnergy)
		}
		turn := &hopTurns[random.IntN(len(hopTurns))]
		var got, want eightTones
		correlateHop(&x, hopWave, turn, &got)
		if plainHop(&x, hopWave, turn, &want); got != want {
			t.Fatalf("samples %v: %v, want %v", samples, got, want)
		}
		ring[n%ringHops] = got
		var square, plainSquare [8]float32
		first := random.IntN(ringHops)
		squareHalves(&ring, first, &square)
		if plainHalves(&ring, first, &plainSquare); square != plainSquare {
			t.Fatalf("halves from hop %d on: %v, want %v", first, square, plainSquare)
		}
		low, high := random.IntN(4), 4+random.IntN(4)
		var window, plainWindow [windowHops + 2]twoTones
		gatherTones(&ring, first, low, high, partTaper, &window)
		if plainGather(&ring, first, low, high, partTaper, &plainWindow); window != plainWindow {
			t.Fatalf("tones %d and %d from hop %d on: %v, want %v", low, high, first, window, plainWindow)
		}
		var once, twice, sums, plainSums [2]twoTones
		for i := range 4 {
			once[0][i], once[1][i] = random.Float32(), random.Float32()-0.5
			twice[0][i], twice[1][i] = random.Float32(), random.Float32()-0.5
		}
		turnTones(&window, windowTaper, &once, &twice, &sums)
		if plainTurn(&window, windowTaper, &once, &twice, &plainSums); sums != plainSums {
			t.Fatalf("tones %d and %d turned: %v, want %v", low, high, sums, plainSums)
		}
	}
}
