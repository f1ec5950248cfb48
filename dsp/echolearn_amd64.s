#include "go_asm.h"
#include "textflag.h"
#include "lanes_amd64.h"

// The loops of lanes.go over the bins of the echo canceller's spectra, AVX2.

// laneConstants, at R8.
#define BELIEVING 0(R8)
#define FORGETTING 4(R8)
#define LEAKOWN 8(R8)
#define LEAKNEXT 12(R8)
#define LEAKTHIRD 16(R8)
#define LEAKALL 20(R8)
#define NOISEKEEP 24(R8)
#define NOISENEW 28(R8)

DATA half<>+0(SB)/4, $0x3f000000 // 0.5
GLOBL half<>(SB), RODATA|NOPTR, $4

DATA one<>+0(SB)/4, $0x3f800000 // 1
GLOBL one<>(SB), RODATA|NOPTR, $4

DATA two<>+0(SB)/4, $0x40000000 // 2
GLOBL two<>(SB), RODATA|NOPTR, $4

DATA nearest<>+0(SB)/4, $0x00008000 // half of what a short number leaves out
GLOBL nearest<>(SB), RODATA|NOPTR, $4

// func packAVX2(short *shortSpectrum, s *spectrum)
TEXT ·packAVX2(SB), NOSPLIT, $0-16
	MOVQ         short+0(FP), DI
	MOVQ         s+8(FP), SI
	VPBROADCASTD nearest<>(SB), Y15
	XORQ         AX, AX

row: // the imaginary parts follow the real ones, in both
	VPADDD    (SI)(AX*2), Y15, Y0
	VPSRLD    $16, Y0, Y0
	VPACKUSDW Y0, Y0, Y0         // quarters 0 0 1 1
	VPERMQ    $0x08, Y0, Y0
	VMOVDQU   X0, (DI)(AX*1)
	ADDQ      $16, AX
	CMPQ      AX, $(2*shortBytes)
	JLT       row
	VZEROUPPER
	RET

// SHORT makes a row of floats of the upper halves at from.
#define SHORT(from, y) \
	VPMOVZXWD from, y; \
	VPSLLD    $16, y, y

// ADDPRODUCT adds the products of Y0, Y1 and Y2, Y3, real and imaginary, to the row of the spectrum at DI.
#define ADDPRODUCT \
	VMULPS  Y0, Y2, Y4; \
	VMULPS  Y1, Y3, Y5; \
	VMULPS  Y1, Y2, Y6; \
	VMULPS  Y0, Y3, Y7; \
	VSUBPS  Y5, Y4, Y4; \
	VADDPS  Y7, Y6, Y6; \
	VADDPS  (DI)(AX*2), Y4, Y4; \
	VADDPS  spectrum_im(DI)(AX*2), Y6, Y6; \
	VMOVUPS Y4, (DI)(AX*2); \
	VMOVUPS Y6, spectrum_im(DI)(AX*2)

// func multiplyAddAVX2(sum *spectrum, x, w *shortSpectrum)
TEXT ·multiplyAddAVX2(SB), NOSPLIT, $0-24
	MOVQ sum+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ w+16(FP), DX
	XORQ AX, AX

row:
	SHORT((SI)(AX*1), Y0)
	SHORT(shortSpectrum_im(SI)(AX*1), Y1)
	SHORT((DX)(AX*1), Y2)
	SHORT(shortSpectrum_im(DX)(AX*1), Y3)
	ADDPRODUCT
	ADDQ $16, AX
	CMPQ AX, $shortBytes
	JLT  row
	VZEROUPPER
	RET

// func multiplyAddDoubtAVX2(sum *spectrum, unsure *besideBins, x *shortSpectrum, p *learnedPart)
TEXT ·multiplyAddDoubtAVX2(SB), NOSPLIT, $0-32
	MOVQ sum+0(FP), DI
	MOVQ unsure+8(FP), BX
	MOVQ x+16(FP), SI
	MOVQ p+24(FP), DX
	XORQ AX, AX

row:
	SHORT((SI)(AX*1), Y0)
	SHORT(shortSpectrum_im(SI)(AX*1), Y1)
	VMOVUPS (DX)(AX*2), Y2
	VMOVUPS spectrum_im(DX)(AX*2), Y3
	ADDPRODUCT
	VMULPS  Y0, Y0, Y0
	VMULPS  Y1, Y1, Y1
	VADDPS  Y1, Y0, Y0                           // |x|²
	VMULPS  learnedPart_doubt(DX)(AX*2), Y0, Y0
	VADDPS  edgeBytes(BX)(AX*2), Y0, Y0
	VMOVUPS Y0, edgeBytes(BX)(AX*2)
	ADDQ    $16, AX
	CMPQ    AX, $shortBytes
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

// func stepAVX2(p *learnedPart, x *shortSpectrum, missed *spectrum, share *bins, constants *[8]float32)
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
	SHORT((SI)(AX*1), Y0)
	SHORT(shortSpectrum_im(SI)(AX*1), Y1)
	VMOVUPS (DX)(AX*2), Y2
	VMOVUPS spectrum_im(DX)(AX*2), Y3
	VMOVUPS learnedPart_doubt(DI)(AX*2), Y4
	VMULPS  Y2, Y0, Y5                      // xr er
	VMULPS  Y3, Y1, Y6                      // xi ei
	VMULPS  Y3, Y0, Y7                      // xr ei
	VMULPS  Y2, Y1, Y8                      // xi er
	VADDPS  Y6, Y5, Y5
	VSUBPS  Y8, Y7, Y7
	VMULPS  Y4, Y5, Y5
	VMULPS  Y4, Y7, Y7
	VADDPS  (DI)(AX*2), Y5, Y5              // wr
	VADDPS  spectrum_im(DI)(AX*2), Y7, Y7   // wi
	VMOVUPS Y5, (DI)(AX*2)
	VMOVUPS Y7, spectrum_im(DI)(AX*2)
	VMULPS  Y0, Y0, Y0
	VMULPS  Y1, Y1, Y1
	VADDPS  Y1, Y0, Y0                      // |x|²
	VMULPS  Y4, Y14, Y6
	VMULPS  Y4, Y6, Y6
	VMULPS  Y0, Y6, Y6
	VMULPS  (BX)(AX*2), Y6, Y6
	VSUBPS  Y6, Y4, Y4                      // d
	VMULPS  Y5, Y5, Y5
	VMULPS  Y7, Y7, Y7
	VADDPS  Y7, Y5, Y5
	VSUBPS  Y4, Y5, Y5
	VMULPS  Y15, Y5, Y5
	VADDPS  Y5, Y4, Y4
	VMOVUPS Y4, learnedPart_doubt(DI)(AX*2)
	ADDQ    $16, AX
	CMPQ    AX, $shortBytes
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
