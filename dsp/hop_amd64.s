#include "textflag.h"

// SPREAD makes four floats of the words in the lower half of X0, stores them, and squares them.
#define SPREAD(from, to, offset) \
	PXOR to, to; \
	PUNPCKLWL from, to; \
	PSRAL $16, to; \
	CVTPL2PS to, to; \
	MOVUPS to, offset(DI); \
	MULPS to, to

// func spreadHop(samples *[hopSamples]int16, x *[hopSamples + 2]float32) (energy float32)
TEXT ·spreadHop(SB), NOSPLIT, $0-20
	MOVQ samples+0(FP), SI
	MOVQ x+8(FP), DI
	MOVQ 0(SI), X0
	MOVQ 8(SI), X1
	MOVL 16(SI), AX
	MOVQ AX, X2
	SPREAD(X0, X3, 0)
	SPREAD(X1, X4, 16)
	SPREAD(X2, X5, 32)
	ADDPS X4, X3
	ADDPS X5, X3
	MOVHLPS X3, X4
	ADDPS X4, X3
	MOVAPS X3, X4
	SHUFPS $1, X4, X4
	ADDSS X4, X3
	MOVSS X3, energy+16(FP)
	RET

// Registers: X0, X1 the real parts of the eight tones, X2, X3 the imaginary ones; DI samples, SI waves.

// FOLD adds the samples i and 9-i of the hop: their sum against row i of the waves, their difference
// against row 5+i.
#define FOLD(i) \
	MOVSS (4*i)(DI), X4; \
	MOVSS (4*(9-i))(DI), X5; \
	MOVAPS X4, X6; \
	ADDSS X5, X4; \
	SUBSS X5, X6; \
	SHUFPS $0, X4, X4; \
	SHUFPS $0, X6, X6; \
	MOVUPS (32*i)(SI), X7; \
	MOVUPS (32*i+16)(SI), X8; \
	MOVUPS (32*(5+i))(SI), X9; \
	MOVUPS (32*(5+i)+16)(SI), X10; \
	MULPS X4, X7; \
	MULPS X4, X8; \
	MULPS X6, X9; \
	MULPS X6, X10; \
	ADDPS X7, X0; \
	ADDPS X8, X1; \
	ADDPS X9, X2; \
	ADDPS X10, X3

// TURN multiplies four phasors by those at offset in DX and stores them at BX.
#define TURN(re, im, offset) \
	MOVUPS offset(DX), X4; \
	MOVUPS (32+offset)(DX), X5; \
	MOVAPS re, X6; \
	MOVAPS im, X7; \
	MULPS X4, X6; \
	MULPS X5, X7; \
	SUBPS X7, X6; \
	MULPS X5, re; \
	MULPS X4, im; \
	ADDPS im, re; \
	MOVUPS X6, offset(BX); \
	MOVUPS re, (32+offset)(BX)

// func correlateHop(x *[hopSamples]float32, wave *[hopSamples][8]float32, turn, to *eightTones)
TEXT ·correlateHop(SB), NOSPLIT, $0-32
	MOVQ x+0(FP), DI
	MOVQ wave+8(FP), SI
	MOVQ turn+16(FP), DX
	MOVQ to+24(FP), BX
	XORPS X0, X0
	XORPS X1, X1
	XORPS X2, X2
	XORPS X3, X3
	FOLD(0)
	FOLD(1)
	FOLD(2)
	FOLD(3)
	FOLD(4)
	TURN(X0, X2, 0)
	TURN(X1, X3, 16)
	RET

// HOP adds the eight phasors of hop SI of the ring DI to the sums and goes on to the next.
#define HOP \
	MOVUPS (DI)(SI*1), X4; \
	MOVUPS 16(DI)(SI*1), X5; \
	MOVUPS 32(DI)(SI*1), X6; \
	MOVUPS 48(DI)(SI*1), X7; \
	ADDPS X4, X0; \
	ADDPS X5, X1; \
	ADDPS X6, X2; \
	ADDPS X7, X3; \
	ADDQ $64, SI; \
	ANDQ $2047, SI

// HALF sums eight hops and adds their power to X8, X9.
#define HALF \
	XORPS X0, X0; \
	XORPS X1, X1; \
	XORPS X2, X2; \
	XORPS X3, X3; \
	HOP; HOP; HOP; HOP; HOP; HOP; HOP; HOP; \
	MULPS X0, X0; \
	MULPS X1, X1; \
	MULPS X2, X2; \
	MULPS X3, X3; \
	ADDPS X2, X0; \
	ADDPS X3, X1; \
	ADDPS X0, X8; \
	ADDPS X1, X9

// func squareHalves(ring *[ringHops]eightTones, first int, to *[8]float32)
TEXT ·squareHalves(SB), NOSPLIT, $0-24
	MOVQ ring+0(FP), DI
	MOVQ first+8(FP), SI
	MOVQ to+16(FP), BX
	SHLQ $6, SI
	XORPS X8, X8
	XORPS X9, X9
	HALF
	HALF
	MOVUPS X8, (BX)
	MOVUPS X9, 16(BX)
	RET

// BOTH packs the phasors of the tones at R8 and R9 of hop SI of the ring DI into X7, keeps them at n in BX, and
// goes on to the next hop.
#define BOTH(n) \
	LEAQ (DI)(SI*1), AX; \
	MOVSS (AX)(R8*4), X7; \
	MOVSS 32(AX)(R8*4), X4; \
	MOVSS (AX)(R9*4), X5; \
	MOVSS 32(AX)(R9*4), X6; \
	UNPCKLPS X4, X7; \
	UNPCKLPS X6, X5; \
	MOVLHPS X5, X7; \
	MOVUPS X7, (16*n)(BX); \
	ADDQ $64, SI; \
	ANDQ $2047, SI

// PART adds hop n, in X7, to a part's sum.
#define PART(n, sum) \
	MOVUPS (16*(n))(DX), X6; \
	MULPS X7, X6; \
	ADDPS X6, sum

// func gatherTones(ring *[ringHops]eightTones, first, low, high int, taper *[partHops]twoTones, to *[windowHops + 2]twoTones)
TEXT ·gatherTones(SB), NOSPLIT, $0-48
	MOVQ ring+0(FP), DI
	MOVQ first+8(FP), SI
	MOVQ low+16(FP), R8
	MOVQ high+24(FP), R9
	MOVQ taper+32(FP), DX
	MOVQ to+40(FP), BX
	SHLQ $6, SI
	XORPS X0, X0
	XORPS X1, X1
	BOTH(0); PART(0, X0)
	BOTH(1); PART(1, X0)
	BOTH(2); PART(2, X0)
	BOTH(3); PART(3, X0)
	BOTH(4); PART(4, X0)
	BOTH(5); PART(5, X0)
	BOTH(6); PART(6, X0); PART(0, X1)
	BOTH(7); PART(7, X0); PART(1, X1)
	BOTH(8); PART(8, X0); PART(2, X1)
	BOTH(9); PART(9, X0); PART(3, X1)
	BOTH(10); PART(4, X1)
	BOTH(11); PART(5, X1)
	BOTH(12); PART(6, X1)
	BOTH(13); PART(7, X1)
	BOTH(14); PART(8, X1)
	BOTH(15); PART(9, X1)
	MOVUPS X0, (16*16)(BX)
	MOVUPS X1, (16*17)(BX)
	RET

// BACK turns the sum by X4 and X5, and adds the term in X6.
#define BACK(sum) \
	MOVAPS sum, X7; \
	SHUFPS $0xB1, X7, X7; \
	MULPS X4, sum; \
	MULPS X5, X7; \
	ADDPS X7, sum; \
	ADDPS X6, sum

// SUM adds hop n to the even sum and the tapered one.
#define SUM(n, even, tapered) \
	MOVUPS (16*(n))(DI), X6; \
	BACK(even); \
	MOVUPS (16*(n))(SI), X8; \
	MULPS X8, X6; \
	BACK(tapered)

// func turnTones(window *[windowHops + 2]twoTones, taper *[windowHops]twoTones, once, twice *[2]twoTones, to *[2]twoTones)
TEXT ·turnTones(SB), NOSPLIT, $0-40
	MOVQ window+0(FP), DI
	MOVQ taper+8(FP), SI
	MOVQ once+16(FP), DX
	MOVQ twice+24(FP), CX
	MOVQ to+32(FP), BX
	MOVUPS 0(CX), X4
	MOVUPS 16(CX), X5
	XORPS X0, X0
	XORPS X1, X1
	XORPS X2, X2
	XORPS X3, X3
	SUM(15, X2, X3); SUM(14, X0, X1)
	SUM(13, X2, X3); SUM(12, X0, X1)
	SUM(11, X2, X3); SUM(10, X0, X1)
	SUM(9, X2, X3); SUM(8, X0, X1)
	SUM(7, X2, X3); SUM(6, X0, X1)
	SUM(5, X2, X3); SUM(4, X0, X1)
	SUM(3, X2, X3); SUM(2, X0, X1)
	SUM(1, X2, X3); SUM(0, X0, X1)
	MOVUPS 0(DX), X4
	MOVUPS 16(DX), X5
	MOVAPS X0, X6
	BACK(X2)
	MOVAPS X1, X6
	BACK(X3)
	MOVUPS X2, 0(BX)
	MOVUPS X3, 16(BX)
	RET
