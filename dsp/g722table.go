package dsp

// The numbers of G.722: the filter of table 11, the quantizers of tables 14 to 21.

// qmf is one half of the quadrature mirror filter's coefficients; the other mirrors it.
var qmf = [qmfTaps / 2]int32{3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11}

// lowDecisions are the decision levels of the six-bit quantizer, in 4096ths of the step.
var lowDecisions = [30]int32{
	0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714,
	786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
}

// lowNegative is the code of a negative difference by its interval; of a positive one it is 62 less the
// interval.
var lowNegative = func() (codes [31]int32) {
	codes[1], codes[2] = 63, 62
	for i := 3; i < len(codes); i++ {
		codes[i] = int32(34 - i)
	}
	return codes
}()

// lowSizes are the output values of the six-bit inverse quantizer for the intervals from the widest on, in
// 32768ths of the step.
var lowSizes = [30]int32{
	24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000,
	5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136,
}

// lowLevels are they by code: codes 4 to 31 are negative, 32 to 61 positive, 62 and 63 negative again; 0 to 3
// are never sent.
var lowLevels = func() (levels [64]int32) {
	for i, size := range lowSizes {
		levels[32+i] = size
		if i < 28 {
			levels[4+i] = -size
		}
	}
	levels[62], levels[63] = -lowSizes[28], -lowSizes[29]
	for i := range 4 {
		levels[i] = -lowSizes[29]
	}
	return levels
}()

// lowCoarse are the output values by the four upper bits, by which encoder and decoder adapt.
var lowCoarse = [16]int32{0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0}

// lowStepOf and lowSteps say by how much the logarithm of the step grows with a code's four upper bits.
var (
	lowStepOf = [16]uint8{0, 7, 6, 5, 4, 3, 2, 1, 7, 6, 5, 4, 3, 2, 1, 0}
	lowSteps  = [8]int32{-60, -30, 58, 172, 334, 538, 1198, 3042}
)

// highLevels are the output values of the two-bit inverse quantizer, highSteps by how much its logarithm
// grows with the lower bit of a code.
var (
	highLevels = [4]int32{-7408, -1616, 7408, 1616}
	highSteps  = [2]int32{798, -214}
)

// stepTable is 2048 times two to the power of 0 to 31 32nds.
var stepTable = [32]int32{
	2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
	2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
}
