#include "go_asm.h"
#include "textflag.h"
#include "lanes_amd64.h"

// The loop of lanes.go over the bins of the noise reduction, AVX2.

DATA bias<>+0(SB)/4, $127 // of an exponent
GLOBL bias<>(SB), RODATA|NOPTR, $4

// noiseConstants, at R8.
#define LEAST (32*0)(R8)
#define STEEP (32*1)(R8)
#define MOSTMINUS (32*2)(R8)
#define PERLN2 (32*3)(R8)
#define HALF (32*4)(R8)
#define LN2HIGH (32*5)(R8)
#define LN2LOW (32*6)(R8)
#define PER720 (32*7)(R8)
#define PER120 (32*8)(R8)
#define PER24 (32*9)(R8)
#define PER6 (32*10)(R8)
#define ODDS (32*12)(R8)
#define PRESENCEKEEP (32*13)(R8)
#define PRESENCENEW (32*14)(R8)
#define STUCK (32*15)(R8)
#define TRUST (32*16)(R8)
#define DISTRUST (32*17)(R8)
#define DECISION (32*18)(R8)
#define INDECISION (32*19)(R8)
#define FLOOR (32*20)(R8)

// func turnDownAVX2(s *spectrum, b *noisyBins, constants *[noiseRows][8]float32)
TEXT ·turnDownAVX2(SB), NOSPLIT, $0-24
	MOVQ         s+0(FP), DI
	MOVQ         b+8(FP), SI
	MOVQ         constants+16(FP), R8
	VMOVUPS      (32*11)(R8), Y15     // 1
	VXORPS       Y14, Y14, Y14
	VPBROADCASTD bias<>(SB), Y13
	XORQ         AX, AX

row:
	VMOVUPS    (DI)(AX*1), Y0
	VMOVUPS    spectrum_im(DI)(AX*1), Y1
	VMULPS     Y0, Y0, Y2
	VMULPS     Y1, Y1, Y3
	VADDPS     Y3, Y2, Y2                       // power
	VMOVUPS    noisyBins_noise(SI)(AX*1), Y3
	VMAXPS     LEAST, Y3, Y3                    // noise
	VDIVPS     Y3, Y2, Y4                       // above
	VMULPS     STEEP, Y4, Y5
	VMINPS     MOSTMINUS, Y5, Y5                // x of minusExp
	VMULPS     PERLN2, Y5, Y6
	VADDPS     HALF, Y6, Y6
	VCVTTPS2DQ Y6, Y6
	VCVTDQ2PS  Y6, Y7                           // n
	VMULPS     LN2HIGH, Y7, Y8
	VSUBPS     Y5, Y8, Y8
	VMULPS     LN2LOW, Y7, Y9
	VADDPS     Y9, Y8, Y8                       // g
	VMULPS     PER720, Y8, Y9
	VADDPS     PER120, Y9, Y9
	VMULPS     Y8, Y9, Y9
	VADDPS     PER24, Y9, Y9
	VMULPS     Y8, Y9, Y9
	VADDPS     PER6, Y9, Y9
	VMULPS     Y8, Y9, Y9
	VADDPS     HALF, Y9, Y9
	VMULPS     Y8, Y9, Y9
	VADDPS     Y15, Y9, Y9
	VMULPS     Y8, Y9, Y9
	VADDPS     Y15, Y9, Y9                      // p
	VPSUBD     Y6, Y13, Y6
	VPSLLD     $23, Y6, Y6
	VMULPS     Y6, Y9, Y9
	VMULPS     ODDS, Y9, Y9
	VADDPS     Y15, Y9, Y9
	VDIVPS     Y9, Y15, Y9                      // present
	VMOVUPS    noisyBins_presence(SI)(AX*1), Y10
	VMULPS     PRESENCEKEEP, Y10, Y10
	VMULPS     PRESENCENEW, Y9, Y11
	VADDPS     Y11, Y10, Y10
	VMOVUPS    Y10, noisyBins_presence(SI)(AX*1)
	VCMPPS     $0x1e, STUCK, Y10, Y11           // above
	VMINPS     STUCK, Y9, Y12
	VBLENDVPS  Y11, Y12, Y9, Y9
	VSUBPS     Y9, Y15, Y10
	VMULPS     Y2, Y10, Y10
	VMULPS     Y3, Y9, Y11
	VADDPS     Y11, Y10, Y10
	VMULPS     DISTRUST, Y10, Y10
	VMULPS     TRUST, Y3, Y11
	VADDPS     Y10, Y11, Y11
	VMOVUPS    Y11, noisyBins_noise(SI)(AX*1)
	VMOVUPS    noisyBins_speech(SI)(AX*1), Y10
	VDIVPS     Y3, Y10, Y10
	VMULPS     DECISION, Y10, Y10
	VSUBPS     Y15, Y4, Y11
	VMAXPS     Y14, Y11, Y11
	VMULPS     INDECISION, Y11, Y11
	VADDPS     Y11, Y10, Y10                    // speech
	VADDPS     Y15, Y10, Y11
	VDIVPS     Y11, Y10, Y10
	VSQRTPS    Y10, Y10
	VMAXPS     FLOOR, Y10, Y10                  // gain
	VMULPS     Y10, Y10, Y11
	VMULPS     Y2, Y11, Y11
	VMOVUPS    Y11, noisyBins_speech(SI)(AX*1)
	VMULPS     Y10, Y0, Y0
	VMULPS     Y10, Y1, Y1
	VMOVUPS    Y0, (DI)(AX*1)
	VMOVUPS    Y1, spectrum_im(DI)(AX*1)
	ADDQ       $32, AX
	CMPQ       AX, $binBytes
	JLT        row
	VZEROUPPER
	RET
