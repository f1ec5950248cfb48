#include "go_asm.h"
#include "textflag.h"
#include "lanes_amd64.h"

// The loops of lanes.go over blocks of sound, AVX2.

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

DATA sign<>+0(SB)/4, $0x80000000
GLOBL sign<>(SB), RODATA|NOPTR, $4

DATA most16<>+0(SB)/4, $0x46fffe00 // 32767
GLOBL most16<>(SB), RODATA|NOPTR, $4

DATA least16<>+0(SB)/4, $0xc7000000 // -32768
GLOBL least16<>(SB), RODATA|NOPTR, $4

DATA draw<>+0(SB)/4, $0x38000000 // 1/32768
GLOBL draw<>(SB), RODATA|NOPTR, $4

// func fetch(first unsafe.Pointer, bytes uintptr)
TEXT ·fetch(SB), NOSPLIT, $0-16
	MOVQ first+0(FP), SI
	MOVQ bytes+8(FP), DX
	ADDQ SI, DX
	ANDQ $-64, SI        // whole lines of the cache

line:
	PREFETCHT0 (SI)
	ADDQ       $64, SI
	CMPQ       SI, DX
	JLT        line
	RET

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

// SQUARES adds the squares of Y2 and Y3 to Y0 and Y1, and TOTAL adds those up into X0.
#define SQUARES \
	VMULPS Y2, Y2, Y2; \
	VMULPS Y3, Y3, Y3; \
	VADDPS Y2, Y0, Y0; \
	VADDPS Y3, Y1, Y1

#define TOTAL \
	VADDPS Y1, Y0, Y0; \
	SUM(Y0, X0, X1)

// func energyAVX2(x *block) float32
TEXT ·energyAVX2(SB), NOSPLIT, $0-12
	MOVQ   x+0(FP), SI
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	XORQ   AX, AX

row:
	VMOVUPS (SI)(AX*1), Y2
	VMOVUPS 32(SI)(AX*1), Y3
	SQUARES
	ADDQ    $64, AX
	CMPQ    AX, $blockBytes
	JLT     row

	TOTAL
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
	SQUARES
	ADDQ    $64, AX
	CMPQ    AX, $blockBytes
	JLT     row

	TOTAL
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

// func multiplyAVX2(out, x, y *block)
TEXT ·multiplyAVX2(SB), NOSPLIT, $0-24
	MOVQ out+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ y+16(FP), DX
	XORQ AX, AX

row:
	VMOVUPS (SI)(AX*1), Y0
	VMULPS  (DX)(AX*1), Y0, Y0
	VMOVUPS Y0, (DI)(AX*1)
	ADDQ    $32, AX
	CMPQ    AX, $blockBytes
	JLT     row
	VZEROUPPER
	RET
