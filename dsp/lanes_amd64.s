#include "go_asm.h"
#include "textflag.h"

// The loops of lanes.go on rows of eight lanes, AVX2. AX is the distance in bytes from the beginning of the numbers.
// Operands stand as Go's assembler wants them: VSUBPS b, a, c is c = a - b.

#define binBytes (const_binLanes*4)
#define blockBytes (const_echoBlock*4)
#define edgeBytes (const_besideEdge*4)

// laneConstants, at R8.
#define BELIEVING 0(R8)
#define FORGETTING 4(R8)
#define LEAKOWN 8(R8)
#define LEAKNEXT 12(R8)
#define LEAKTHIRD 16(R8)
#define LEAKALL 20(R8)
#define NOISEKEEP 24(R8)
#define NOISENEW 28(R8)

// SUM adds up the lanes of y into the lowest of x, which is its lower half.
#define SUM(y, x, t) \
	VEXTRACTF128 $1, y, t; \
	VADDPS       t, x, x; \
	VMOVHLPS     x, x, t; \
	VADDPS       t, x, x; \
	VMOVSHDUP    x, t; \
	VADDSS       t, x, x

// Lane i gets the number of the lane before, of two before, of the last.
DATA before1<>+0(SB)/8, $0x0000000000000000
DATA before1<>+8(SB)/8, $0x0000000200000001
DATA before1<>+16(SB)/8, $0x0000000400000003
DATA before1<>+24(SB)/8, $0x0000000600000005
GLOBL before1<>(SB), RODATA|NOPTR, $32

DATA before2<>+0(SB)/8, $0x0000000000000000
DATA before2<>+8(SB)/8, $0x0000000100000000
DATA before2<>+16(SB)/8, $0x0000000300000002
DATA before2<>+24(SB)/8, $0x0000000500000004
GLOBL before2<>(SB), RODATA|NOPTR, $32

DATA last<>+0(SB)/8, $0x0000000700000007
DATA last<>+8(SB)/8, $0x0000000700000007
DATA last<>+16(SB)/8, $0x0000000700000007
DATA last<>+24(SB)/8, $0x0000000700000007
GLOBL last<>(SB), RODATA|NOPTR, $32

DATA half<>+0(SB)/4, $0x3f000000 // 0.5
GLOBL half<>(SB), RODATA|NOPTR, $4

DATA one<>+0(SB)/4, $0x3f800000 // 1
GLOBL one<>(SB), RODATA|NOPTR, $4

DATA two<>+0(SB)/4, $0x40000000 // 2
GLOBL two<>(SB), RODATA|NOPTR, $4

DATA sign<>+0(SB)/4, $0x80000000
GLOBL sign<>(SB), RODATA|NOPTR, $4

DATA most16<>+0(SB)/4, $0x46fffe00 // 32767
GLOBL most16<>(SB), RODATA|NOPTR, $4

DATA least16<>+0(SB)/4, $0xc7000000 // -32768
GLOBL least16<>(SB), RODATA|NOPTR, $4

DATA draw<>+0(SB)/4, $0x38000000 // 1/32768
GLOBL draw<>(SB), RODATA|NOPTR, $4

// func floatsAVX2(out *block, in *[echoBlock]int16)
TEXT ·floatsAVX2(SB), NOSPLIT, $0-16
	MOVQ out+0(FP), DI
	MOVQ in+8(FP), SI
	XORQ AX, AX

row:
	VPMOVSXWD (SI)(AX*1), Y0
	VCVTDQ2PS Y0, Y0
	VMOVUPS   Y0, (DI)(AX*2)
	ADDQ      $16, AX
	CMPQ      AX, $(blockBytes/2)
	JLT       row
	VZEROUPPER
	RET

// func samples16AVX2(out *[echoBlock]int16, in *block)
TEXT ·samples16AVX2(SB), NOSPLIT, $0-16
	MOVQ         out+0(FP), DI
	MOVQ         in+8(FP), SI
	VBROADCASTSS most16<>(SB), Y8
	VBROADCASTSS least16<>(SB), Y9
	VBROADCASTSS sign<>(SB), Y10
	VBROADCASTSS half<>(SB), Y11
	XORQ         AX, AX

row:
	VMINPS     (SI)(AX*2), Y8, Y0
	VMINPS     32(SI)(AX*2), Y8, Y1
	VMAXPS     Y9, Y0, Y0
	VMAXPS     Y9, Y1, Y1
	VANDPS     Y10, Y0, Y2          // half, with the sign of the sample
	VANDPS     Y10, Y1, Y3
	VORPS      Y11, Y2, Y2
	VORPS      Y11, Y3, Y3
	VADDPS     Y2, Y0, Y0
	VADDPS     Y3, Y1, Y1
	VCVTTPS2DQ Y0, Y0
	VCVTTPS2DQ Y1, Y1
	VPACKSSDW  Y1, Y0, Y0           // quarters 0 2 1 3
	VPERMQ     $0xd8, Y0, Y0
	VMOVDQU    Y0, (DI)(AX*1)
	ADDQ       $32, AX
	CMPQ       AX, $(blockBytes/2)
	JLT        row
	VZEROUPPER
	RET

// func energyAVX2(x *block) float32
TEXT ·energyAVX2(SB), NOSPLIT, $0-12
	MOVQ   x+0(FP), SI
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	XORQ   AX, AX

row:
	VMOVUPS (SI)(AX*1), Y2
	VMOVUPS 32(SI)(AX*1), Y3
	VMULPS  Y2, Y2, Y2
	VMULPS  Y3, Y3, Y3
	VADDPS  Y2, Y0, Y0
	VADDPS  Y3, Y1, Y1
	ADDQ    $64, AX
	CMPQ    AX, $blockBytes
	JLT     row

	VADDPS Y1, Y0, Y0
	SUM(Y0, X0, X1)
	VMOVSS X0, ret+8(FP)
	VZEROUPPER
	RET

// func subtractAVX2(from, x *block) float32
TEXT ·subtractAVX2(SB), NOSPLIT, $0-20
	MOVQ   from+0(FP), DI
	MOVQ   x+8(FP), SI
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	XORQ   AX, AX

row:
	VMOVUPS (DI)(AX*1), Y2
	VMOVUPS 32(DI)(AX*1), Y3
	VSUBPS  (SI)(AX*1), Y2, Y2
	VSUBPS  32(SI)(AX*1), Y3, Y3
	VMOVUPS Y2, (DI)(AX*1)
	VMOVUPS Y3, 32(DI)(AX*1)
	VMULPS  Y2, Y2, Y2
	VMULPS  Y3, Y3, Y3
	VADDPS  Y2, Y0, Y0
	VADDPS  Y3, Y1, Y1
	ADDQ    $64, AX
	CMPQ    AX, $blockBytes
	JLT     row

	VADDPS Y1, Y0, Y0
	SUM(Y0, X0, X1)
	VMOVSS X0, ret+16(FP)
	VZEROUPPER
	RET

// func colourAVX2(x *block) (sum, beside float32)
TEXT ·colourAVX2(SB), NOSPLIT, $0-16
	MOVQ     x+0(FP), SI
	VMOVUPS  (SI), Y0         // sum
	VMOVUPS  before1<>(SB), Y2
	VXORPS   Y3, Y3, Y3
	VPERMPS  Y0, Y2, Y1
	VBLENDPS $1, Y3, Y1, Y1   // nothing is before the first
	VMULPS   Y0, Y1, Y1       // beside
	MOVQ     $32, AX

row:
	VMOVUPS (SI)(AX*1), Y2
	VMULPS  -4(SI)(AX*1), Y2, Y3
	VADDPS  Y2, Y0, Y0
	VADDPS  Y3, Y1, Y1
	ADDQ    $32, AX
	CMPQ    AX, $blockBytes
	JLT     row

	SUM(Y0, X0, X2)
	SUM(Y1, X1, X2)
	VMOVSS X0, sum+8(FP)
	VMOVSS X1, beside+12(FP)
	VZEROUPPER
	RET

// func correlateAVX2(x *[lonePart]float32, w *lonePartWave) (re, im, power float32)
TEXT ·correlateAVX2(SB), NOSPLIT, $0-28
	MOVQ   x+0(FP), SI
	MOVQ   w+8(FP), DX
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	XORQ   AX, AX

row:
	VMOVUPS (SI)(AX*1), Y3
	VMULPS  (DX)(AX*1), Y3, Y4
	VMULPS  lonePartWave_im(DX)(AX*1), Y3, Y5
	VMULPS  Y3, Y3, Y3
	VADDPS  Y4, Y0, Y0
	VADDPS  Y5, Y1, Y1
	VADDPS  Y3, Y2, Y2
	ADDQ    $32, AX
	CMPQ    AX, $(const_lonePart*4)
	JLT     row

	SUM(Y0, X0, X3)
	SUM(Y1, X1, X3)
	SUM(Y2, X2, X3)
	VMOVSS X0, re+16(FP)
	VMOVSS X1, im+20(FP)
	VMOVSS X2, power+24(FP)
	VZEROUPPER
	RET

// func multiplyAddAVX2(sum, x, w *spectrum)
TEXT ·multiplyAddAVX2(SB), NOSPLIT, $0-24
	MOVQ sum+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ w+16(FP), DX
	XORQ AX, AX

row:
	VMOVUPS (SI)(AX*1), Y0
	VMOVUPS spectrum_im(SI)(AX*1), Y1
	VMOVUPS (DX)(AX*1), Y2
	VMOVUPS spectrum_im(DX)(AX*1), Y3
	VMULPS  Y0, Y2, Y4                    // wr xr
	VMULPS  Y1, Y3, Y5                    // wi xi
	VMULPS  Y1, Y2, Y6                    // wr xi
	VMULPS  Y0, Y3, Y7                    // wi xr
	VSUBPS  Y5, Y4, Y4
	VADDPS  Y7, Y6, Y6
	VADDPS  (DI)(AX*1), Y4, Y4
	VADDPS  spectrum_im(DI)(AX*1), Y6, Y6
	VMOVUPS Y4, (DI)(AX*1)
	VMOVUPS Y6, spectrum_im(DI)(AX*1)
	ADDQ    $32, AX
	CMPQ    AX, $binBytes
	JLT     row
	VZEROUPPER
	RET

// func multiplyAddDoubtAVX2(sum *spectrum, unsure *besideBins, x *spectrum, p *learnedPart)
TEXT ·multiplyAddDoubtAVX2(SB), NOSPLIT, $0-32
	MOVQ sum+0(FP), DI
	MOVQ unsure+8(FP), BX
	MOVQ x+16(FP), SI
	MOVQ p+24(FP), DX
	XORQ AX, AX

row:
	VMOVUPS (SI)(AX*1), Y0
	VMOVUPS spectrum_im(SI)(AX*1), Y1
	VMOVUPS (DX)(AX*1), Y2
	VMOVUPS spectrum_im(DX)(AX*1), Y3
	VMULPS  Y0, Y2, Y4                           // wr xr
	VMULPS  Y1, Y3, Y5                           // wi xi
	VMULPS  Y1, Y2, Y6                           // wr xi
	VMULPS  Y0, Y3, Y7                           // wi xr
	VMULPS  Y0, Y0, Y0
	VMULPS  Y1, Y1, Y1
	VSUBPS  Y5, Y4, Y4
	VADDPS  Y7, Y6, Y6
	VADDPS  Y1, Y0, Y0                           // |x|²
	VADDPS  (DI)(AX*1), Y4, Y4
	VADDPS  spectrum_im(DI)(AX*1), Y6, Y6
	VMULPS  learnedPart_doubt(DX)(AX*1), Y0, Y0
	VADDPS  edgeBytes(BX)(AX*1), Y0, Y0
	VMOVUPS Y4, (DI)(AX*1)
	VMOVUPS Y6, spectrum_im(DI)(AX*1)
	VMOVUPS Y0, edgeBytes(BX)(AX*1)
	ADDQ    $32, AX
	CMPQ    AX, $binBytes
	JLT     row
	VZEROUPPER
	RET

// func gainAVX2(missed *spectrum, share, noise *bins, unsure *besideBins, constants *[8]float32)
TEXT ·gainAVX2(SB), NOSPLIT, $0-40
	MOVQ constants+32(FP), R8
	MOVQ missed+0(FP), DI
	MOVQ share+8(FP), SI
	MOVQ noise+16(FP), DX
	MOVQ unsure+24(FP), BX
	ADDQ $edgeBytes, BX

	VXORPS Y0, Y0, Y0
	XORQ   AX, AX

all:
	VADDPS (BX)(AX*1), Y0, Y0
	ADDQ   $32, AX
	CMPQ   AX, $binBytes
	JLT    all

	SUM(Y0, X0, X1)
	VMULSS       LEAKALL, X0, X0
	VBROADCASTSS X0, Y6
	VBROADCASTSS LEAKOWN, Y7
	VBROADCASTSS LEAKNEXT, Y8
	VBROADCASTSS LEAKTHIRD, Y9
	VBROADCASTSS NOISEKEEP, Y10
	VBROADCASTSS NOISENEW, Y11
	VBROADCASTSS half<>(SB), Y12
	VBROADCASTSS one<>(SB), Y13
	VBROADCASTSS two<>(SB), Y14
	VXORPS       Y15, Y15, Y15
	XORQ         AX, AX

row:
	VMULPS  (BX)(AX*1), Y7, Y0
	VMOVUPS -4(BX)(AX*1), Y1
	VADDPS  4(BX)(AX*1), Y1, Y1
	VMULPS  Y8, Y1, Y1
	VADDPS  Y1, Y0, Y0
	VMOVUPS (-4*const_leakFar)(BX)(AX*1), Y1
	VADDPS  (4*const_leakFar)(BX)(AX*1), Y1, Y1
	VMULPS  Y9, Y1, Y1
	VADDPS  Y1, Y0, Y0
	VADDPS  Y6, Y0, Y0                          // seen
	VMOVUPS (DI)(AX*1), Y2
	VMOVUPS spectrum_im(DI)(AX*1), Y3
	VMULPS  Y2, Y2, Y4
	VMULPS  Y3, Y3, Y5
	VADDPS  Y5, Y4, Y4
	VMULPS  Y12, Y0, Y5
	VSUBPS  Y5, Y4, Y4
	VMAXPS  Y15, Y4, Y4                         // now
	VMULPS  (DX)(AX*1), Y10, Y1
	VMULPS  Y4, Y11, Y5
	VADDPS  Y5, Y1, Y1                          // noise
	VMOVUPS Y1, (DX)(AX*1)
	VMAXPS  Y1, Y4, Y4
	VMULPS  Y14, Y4, Y4
	VADDPS  Y4, Y0, Y0
	VADDPS  Y13, Y0, Y0
	VDIVPS  Y0, Y13, Y0                         // share
	VMOVUPS Y0, (SI)(AX*1)
	VMULPS  Y0, Y2, Y2
	VMULPS  Y0, Y3, Y3
	VMOVUPS Y2, (DI)(AX*1)
	VMOVUPS Y3, spectrum_im(DI)(AX*1)
	ADDQ    $32, AX
	CMPQ    AX, $binBytes
	JLT     row
	VZEROUPPER
	RET

// func stepAVX2(p *learnedPart, x, missed *spectrum, share *bins, constants *[8]float32)
TEXT ·stepAVX2(SB), NOSPLIT, $0-40
	MOVQ         constants+32(FP), R8
	MOVQ         p+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         missed+16(FP), DX
	MOVQ         share+24(FP), BX
	VBROADCASTSS BELIEVING, Y14
	VBROADCASTSS FORGETTING, Y15
	XORQ         AX, AX

row:
	VMOVUPS (SI)(AX*1), Y0
	VMOVUPS spectrum_im(SI)(AX*1), Y1
	VMOVUPS (DX)(AX*1), Y2
	VMOVUPS spectrum_im(DX)(AX*1), Y3
	VMOVUPS learnedPart_doubt(DI)(AX*1), Y4
	VMULPS  Y2, Y0, Y5                      // xr er
	VMULPS  Y3, Y1, Y6                      // xi ei
	VMULPS  Y3, Y0, Y7                      // xr ei
	VMULPS  Y2, Y1, Y8                      // xi er
	VADDPS  Y6, Y5, Y5
	VSUBPS  Y8, Y7, Y7
	VMULPS  Y4, Y5, Y5
	VMULPS  Y4, Y7, Y7
	VADDPS  (DI)(AX*1), Y5, Y5              // wr
	VADDPS  spectrum_im(DI)(AX*1), Y7, Y7   // wi
	VMOVUPS Y5, (DI)(AX*1)
	VMOVUPS Y7, spectrum_im(DI)(AX*1)
	VMULPS  Y0, Y0, Y0
	VMULPS  Y1, Y1, Y1
	VADDPS  Y1, Y0, Y0                      // |x|²
	VMULPS  Y4, Y14, Y6
	VMULPS  Y4, Y6, Y6
	VMULPS  Y0, Y6, Y6
	VMULPS  (BX)(AX*1), Y6, Y6
	VSUBPS  Y6, Y4, Y4                      // d
	VMULPS  Y5, Y5, Y5
	VMULPS  Y7, Y7, Y7
	VADDPS  Y7, Y5, Y5
	VSUBPS  Y4, Y5, Y5
	VMULPS  Y15, Y5, Y5
	VADDPS  Y5, Y4, Y4
	VMOVUPS Y4, learnedPart_doubt(DI)(AX*1)
	ADDQ    $32, AX
	CMPQ    AX, $binBytes
	JLT     row
	VZEROUPPER
	RET

// HANN leaves the powers of bins 1+AX/4 to 8+AX/4 in Y2; Y15 is a half.
#define HANN \
	VMOVUPS (SI)(AX*1), Y0; \
	VADDPS  8(SI)(AX*1), Y0, Y0; \
	VMULPS  Y15, Y0, Y0; \
	VMOVUPS 4(SI)(AX*1), Y2; \
	VSUBPS  Y0, Y2, Y2; \
	VMOVUPS spectrum_im(SI)(AX*1), Y1; \
	VADDPS  (spectrum_im+8)(SI)(AX*1), Y1, Y1; \
	VMULPS  Y15, Y1, Y1; \
	VMOVUPS (spectrum_im+4)(SI)(AX*1), Y3; \
	VSUBPS  Y1, Y3, Y3; \
	VMULPS  Y2, Y2, Y2; \
	VMULPS  Y3, Y3, Y3; \
	VADDPS  Y3, Y2, Y2

// func hannAVX2(power *besideBins, s *spectrum) (all, most float32)
TEXT ·hannAVX2(SB), NOSPLIT, $0-24
	MOVQ         power+0(FP), DI
	MOVQ         s+8(FP), SI
	VBROADCASTSS half<>(SB), Y15
	VXORPS       Y13, Y13, Y13   // all
	VXORPS       Y14, Y14, Y14   // most
	XORQ         AX, AX

row:
	HANN
	VMOVUPS Y2, (edgeBytes+4)(DI)(AX*1)
	VADDPS  Y2, Y13, Y13
	VMAXPS  Y2, Y14, Y14
	ADDQ    $32, AX
	CMPQ    AX, $(blockBytes-32)
	JLT     row

	HANN
	VXORPS   Y3, Y3, Y3
	VBLENDPS $0x80, Y3, Y2, Y2           // but for bin 80
	VMOVUPS  Y2, (edgeBytes+4)(DI)(AX*1)
	VADDPS   Y2, Y13, Y13
	VMAXPS   Y2, Y14, Y14

	SUM(Y13, X13, X0)
	VMOVSS       X13, all+16(FP)
	VEXTRACTF128 $1, Y14, X0
	VMAXPS       X0, X14, X14
	VMOVHLPS     X14, X14, X0
	VMAXPS       X0, X14, X14
	VMOVSHDUP    X14, X0
	VMAXSS       X0, X14, X14
	VMOVSS       X14, most+20(FP)
	VZEROUPPER
	RET

// DRAW moves the generators Y0 on and leaves the sum of their two halves in y.
#define DRAW(y) \
	VPSLLD $13, Y0, Y14; \
	VPXOR  Y14, Y0, Y0; \
	VPSRLD $17, Y0, Y14; \
	VPXOR  Y14, Y0, Y0; \
	VPSLLD $5, Y0, Y14; \
	VPXOR  Y14, Y0, Y0; \
	VPSLLD $16, Y0, y; \
	VPSRAD $16, y, y; \
	VPSRAD $16, Y0, Y14; \
	VPADDD Y14, y, y

// func comfortAVX2(out *block, d *draws, tilt *[8]float32, gain, before float32) float32
//
// A row is filtered in itself by what is 1, 2 and 4 before, each with its power of the tilt, and then continues the row
// before: out[j] = row[j] + tilt^(j+1)·before.
TEXT ·comfortAVX2(SB), NOSPLIT, $0-36
	MOVQ         out+0(FP), DI
	MOVQ         d+8(FP), SI
	MOVQ         tilt+16(FP), DX
	VMOVDQU      (SI), Y0
	VMOVUPS      (DX), Y1
	VBROADCASTSS (DX), Y2
	VBROADCASTSS 4(DX), Y3
	VBROADCASTSS 12(DX), Y4
	VBROADCASTSS gain+24(FP), Y5
	VBROADCASTSS before+28(FP), Y6
	VMOVDQU      before1<>(SB), Y7
	VMOVDQU      before2<>(SB), Y8
	VMOVDQU      last<>(SB), Y9
	VXORPS       Y10, Y10, Y10
	VBROADCASTSS draw<>(SB), Y11
	XORQ         AX, AX

row:
	DRAW(Y12)
	DRAW(Y13)
	VPADDD     Y13, Y12, Y12
	VCVTDQ2PS  Y12, Y12
	VMULPS     Y11, Y12, Y12
	VMULPS     Y5, Y12, Y12
	VPERMPS    Y12, Y7, Y13
	VBLENDPS   $0x01, Y10, Y13, Y13
	VMULPS     Y2, Y13, Y13
	VADDPS     Y13, Y12, Y12
	VPERMPS    Y12, Y8, Y13
	VBLENDPS   $0x03, Y10, Y13, Y13
	VMULPS     Y3, Y13, Y13
	VADDPS     Y13, Y12, Y12
	VPERM2F128 $0x08, Y12, Y12, Y13
	VMULPS     Y4, Y13, Y13
	VADDPS     Y13, Y12, Y12
	VMULPS     Y1, Y6, Y6
	VADDPS     Y6, Y12, Y12
	VMOVUPS    Y12, (DI)(AX*1)
	VPERMPS    Y12, Y9, Y6
	ADDQ       $32, AX
	CMPQ       AX, $blockBytes
	JLT        row
	VMOVDQU    Y0, (SI)
	VMOVSS     X6, ret+32(FP)
	VZEROUPPER
	RET
