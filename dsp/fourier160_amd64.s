#include "go_asm.h"
#include "textflag.h"

// The transform of fourier160.go on rows of eight lanes, AVX2. Points are 80 real numbers and 80 imaginary ones. The names
// in the remarks are those of the plain form. Operands stand as Go's assembler wants them: VSUBPS b, a, c is c = a - b.

#define imaginary points_im
#define fifth (points_im/5)   // from one fifth of the points to the next
#define quarter (points_im/4)
#define middle (points_im/2)

DATA reverse<>+0(SB)/8, $0x0000000600000007
DATA reverse<>+8(SB)/8, $0x0000000400000005
DATA reverse<>+16(SB)/8, $0x0000000200000003
DATA reverse<>+24(SB)/8, $0x0000000000000001
GLOBL reverse<>(SB), RODATA|NOPTR, $32

DATA half<>+0(SB)/4, $0x3f000000 // 0.5
GLOBL half<>(SB), RODATA|NOPTR, $4

DATA sign<>+0(SB)/4, $0x80000000
GLOBL sign<>(SB), RODATA|NOPTR, $4

DATA scale<>+0(SB)/4, $0x3bcccccd // 1/160
GLOBL scale<>(SB), RODATA|NOPTR, $4

DATA minusScale<>+0(SB)/4, $0xbbcccccd
GLOBL minusScale<>(SB), RODATA|NOPTR, $4

// TURN stores the lanes re, im, turned by w, wi, at to, toi; it spoils t and u.
#define TURN(re, im, w, wi, to, toi, t, u) \
	VMULPS  w, re, t; \
	VMULPS  wi, im, u; \
	VSUBPS  u, t, t; \
	VMOVUPS t, to; \
	VMULPS  wi, re, t; \
	VMULPS  w, im, u; \
	VADDPS  u, t, t; \
	VMOVUPS t, toi

// LOAD takes eight quads of lanes from at: y0 gets the first and the fifth, y3 the fourth and the eighth.
#define LOAD(at, x0, y0, x1, y1, x2, y2, x3, y3) \
	VMOVUPS     (at)(R8)(AX*4), x0; \
	VINSERTF128 $1, (at+64)(R8)(AX*4), y0, y0; \
	VMOVUPS     (at+16)(R8)(AX*4), x1; \
	VINSERTF128 $1, (at+80)(R8)(AX*4), y1, y1; \
	VMOVUPS     (at+32)(R8)(AX*4), x2; \
	VINSERTF128 $1, (at+96)(R8)(AX*4), y2, y2; \
	VMOVUPS     (at+48)(R8)(AX*4), x3; \
	VINSERTF128 $1, (at+112)(R8)(AX*4), y3, y3

// ACROSS turns quads into columns: y0 gets what is first in each quad, y3 what is last. It spoils Y4 to Y7.
#define ACROSS(y0, y1, y2, y3) \
	VUNPCKLPS y1, y0, Y4; \
	VUNPCKHPS y1, y0, Y5; \
	VUNPCKLPS y3, y2, Y6; \
	VUNPCKHPS y3, y2, Y7; \
	VUNPCKLPD Y6, Y4, y0; \
	VUNPCKHPD Y6, Y4, y1; \
	VUNPCKLPD Y7, Y5, y2; \
	VUNPCKHPD Y7, Y5, y3

// FOUR transforms groups of four points: real parts Y0 to Y3, imaginary ones Y8 to Y11. It spoils the other registers.
#define FOUR \
	VADDPS Y2, Y0, Y4; \
	VSUBPS Y2, Y0, Y5; \
	VADDPS Y3, Y1, Y6; \
	VSUBPS Y3, Y1, Y7; \
	VADDPS Y10, Y8, Y12; \
	VSUBPS Y10, Y8, Y13; \
	VADDPS Y11, Y9, Y14; \
	VSUBPS Y11, Y9, Y15; \
	VADDPS Y6, Y4, Y0; \
	VADDPS Y14, Y12, Y8; \
	VADDPS Y15, Y5, Y1; \
	VSUBPS Y7, Y13, Y9; \
	VSUBPS Y6, Y4, Y2; \
	VSUBPS Y14, Y12, Y10; \
	VSUBPS Y15, Y5, Y3; \
	VADDPS Y7, Y13, Y11

// NEXT goes round for the rows at 0, 32 and 48: twenty lanes, of which the third row does four again.
#define NEXT(loop, second, done) \
	CMPQ AX, $32; \
	JGT  done; \
	JLT  second; \
	MOVQ $48, AX; \
	JMP  loop; \
second: \
	MOVQ $32, AX; \
	JMP  loop; \
done:

// transform<> transforms the points at R8 and leaves the result at R9. It spoils AX, R10 and the points at R8.
TEXT transform<>(SB), NOSPLIT, $0
	// The pass of fives, two rows.
	LEAQ         ·turn5(SB), R10
	VBROADCASTSS ·cos1(SB), Y12
	VBROADCASTSS ·cos2(SB), Y13
	VBROADCASTSS ·sin1(SB), Y14
	VBROADCASTSS ·sin2(SB), Y15
	XORQ         AX, AX

fives:
	VMOVUPS (R8)(AX*1), Y0                     // ar
	VMOVUPS imaginary(R8)(AX*1), Y1            // ai
	VMOVUPS fifth(R8)(AX*1), Y6
	VMOVUPS (4*fifth)(R8)(AX*1), Y10
	VADDPS  Y10, Y6, Y2                        // br
	VSUBPS  Y10, Y6, Y6                        // dr
	VMOVUPS (imaginary+fifth)(R8)(AX*1), Y7
	VMOVUPS (imaginary+4*fifth)(R8)(AX*1), Y10
	VADDPS  Y10, Y7, Y3                        // bi
	VSUBPS  Y10, Y7, Y7                        // di
	VMOVUPS (2*fifth)(R8)(AX*1), Y8
	VMOVUPS (3*fifth)(R8)(AX*1), Y10
	VADDPS  Y10, Y8, Y4                        // cr
	VSUBPS  Y10, Y8, Y8                        // er
	VMOVUPS (imaginary+2*fifth)(R8)(AX*1), Y9
	VMOVUPS (imaginary+3*fifth)(R8)(AX*1), Y10
	VADDPS  Y10, Y9, Y5                        // ci
	VSUBPS  Y10, Y9, Y9                        // ei
	VADDPS  Y2, Y0, Y10
	VADDPS  Y4, Y10, Y10
	VMOVUPS Y10, (R9)(AX*1)
	VADDPS  Y3, Y1, Y10
	VADDPS  Y5, Y10, Y10
	VMOVUPS Y10, imaginary(R9)(AX*1)
	VMULPS  Y2, Y12, Y10
	VADDPS  Y10, Y0, Y10
	VMULPS  Y4, Y13, Y11
	VADDPS  Y11, Y10, Y10                      // pr
	VMULPS  Y2, Y13, Y2
	VADDPS  Y2, Y0, Y2
	VMULPS  Y4, Y12, Y4
	VADDPS  Y4, Y2, Y2                         // qr
	VMULPS  Y3, Y12, Y0
	VADDPS  Y0, Y1, Y0
	VMULPS  Y5, Y13, Y4
	VADDPS  Y4, Y0, Y0                         // pi
	VMULPS  Y3, Y13, Y3
	VADDPS  Y3, Y1, Y3
	VMULPS  Y5, Y12, Y5
	VADDPS  Y5, Y3, Y3                         // qi
	VMULPS  Y6, Y14, Y1
	VMULPS  Y8, Y15, Y4
	VADDPS  Y4, Y1, Y1                         // rr
	VMULPS  Y6, Y15, Y6
	VMULPS  Y8, Y14, Y8
	VSUBPS  Y8, Y6, Y6                         // sr
	VMULPS  Y7, Y14, Y4
	VMULPS  Y9, Y15, Y5
	VADDPS  Y5, Y4, Y4                         // ri
	VMULPS  Y7, Y15, Y7
	VMULPS  Y9, Y14, Y9
	VSUBPS  Y9, Y7, Y7                         // si
	VADDPS  Y4, Y10, Y5
	VSUBPS  Y1, Y0, Y8
	TURN(Y5, Y8, (R10)(AX*1), 64(R10)(AX*1), fifth(R9)(AX*1), (imaginary+fifth)(R9)(AX*1), Y9, Y11)
	VADDPS  Y7, Y2, Y5
	VSUBPS  Y6, Y3, Y8
	TURN(Y5, Y8, 128(R10)(AX*1), 192(R10)(AX*1), (2*fifth)(R9)(AX*1), (imaginary+2*fifth)(R9)(AX*1), Y9, Y11)
	VSUBPS  Y7, Y2, Y5
	VADDPS  Y6, Y3, Y8
	TURN(Y5, Y8, 256(R10)(AX*1), 320(R10)(AX*1), (3*fifth)(R9)(AX*1), (imaginary+3*fifth)(R9)(AX*1), Y9, Y11)
	VSUBPS  Y4, Y10, Y5
	VADDPS  Y1, Y0, Y8
	TURN(Y5, Y8, 384(R10)(AX*1), 448(R10)(AX*1), (4*fifth)(R9)(AX*1), (imaginary+4*fifth)(R9)(AX*1), Y9, Y11)
	ADDQ    $32, AX
	CMPQ    AX, $fifth
	JLT     fives

	// The first pass of fours.
	XCHGQ R8, R9
	LEAQ  ·turn4(SB), R10
	XORQ  AX, AX

fours:
	LOAD(0, X0, Y0, X1, Y1, X2, Y2, X3, Y3)
	LOAD(imaginary, X8, Y8, X9, Y9, X10, Y10, X11, Y11)
	FOUR
	VMOVUPS Y0, (R9)(AX*1)
	VMOVUPS Y8, imaginary(R9)(AX*1)
	TURN(Y1, Y9, (R10), 32(R10), quarter(R9)(AX*1), (imaginary+quarter)(R9)(AX*1), Y4, Y5)
	TURN(Y2, Y10, 64(R10), 96(R10), (2*quarter)(R9)(AX*1), (imaginary+2*quarter)(R9)(AX*1), Y4, Y5)
	TURN(Y3, Y11, 128(R10), 160(R10), (3*quarter)(R9)(AX*1), (imaginary+3*quarter)(R9)(AX*1), Y4, Y5)
	NEXT(fours, foursSecond, foursDone)

	// The second pass of fours.
	XCHGQ R8, R9
	XORQ  AX, AX

lastFours:
	LOAD(0, X0, Y0, X1, Y1, X2, Y2, X3, Y3)
	ACROSS(Y0, Y1, Y2, Y3)
	LOAD(imaginary, X8, Y8, X9, Y9, X10, Y10, X11, Y11)
	ACROSS(Y8, Y9, Y10, Y11)
	FOUR
	VMOVUPS Y0, (R9)(AX*1)
	VMOVUPS Y8, imaginary(R9)(AX*1)
	VMOVUPS Y1, quarter(R9)(AX*1)
	VMOVUPS Y9, (imaginary+quarter)(R9)(AX*1)
	VMOVUPS Y2, (2*quarter)(R9)(AX*1)
	VMOVUPS Y10, (imaginary+2*quarter)(R9)(AX*1)
	VMOVUPS Y3, (3*quarter)(R9)(AX*1)
	VMOVUPS Y11, (imaginary+3*quarter)(R9)(AX*1)
	NEXT(lastFours, lastSecond, lastDone)
	RET

// PART parts 80 samples at from into even ones, real, and odd ones, imaginary, of half of the points.
#define PART(from, to, loop) \
	XORQ    AX, AX; \
loop: \
	VMOVUPS (from)(AX*2), Y0; \
	VMOVUPS 32(from)(AX*2), Y1; \
	VSHUFPS $0x88, Y1, Y0, Y2; \
	VSHUFPS $0xdd, Y1, Y0, Y0; \
	VPERMPD $0xd8, Y2, Y2; \
	VPERMPD $0xd8, Y0, Y0; \
	VMOVUPS Y2, (to)(R8)(AX*1); \
	VMOVUPS Y0, (imaginary+to)(R8)(AX*1); \
	ADDQ    $32, AX; \
	CMPQ    AX, $middle; \
	JLT     loop

// func transformAVX2(s *spectrum, first, second *block)
TEXT ·transformAVX2(SB), 0, $1320-24
	LEAQ work-1312(SP), R8
	ADDQ $31, R8
	ANDQ $~31, R8
	LEAQ (2*imaginary)(R8), R9
	MOVQ first+8(FP), SI
	MOVQ second+16(FP), DX
	PART(SI, 0, early)
	PART(DX, middle, late)
	CALL transform<>(SB)

	// Bins 1+AX/4 to 8+AX/4 at AX; 72-AX/4 to 79-AX/4 at BX, which are read and written backwards.
	MOVQ         s+0(FP), DI
	LEAQ         ·turn2(SB), R10
	VMOVDQU      reverse<>(SB), Y15
	VBROADCASTSS half<>(SB), Y14
	XORQ         AX, AX
	MOVQ         $(72*4), BX

join:
	VMOVUPS 4(R9)(AX*1), Y0
	VMOVUPS (imaginary+4)(R9)(AX*1), Y2
	VPERMPS (R9)(BX*1), Y15, Y1
	VPERMPS imaginary(R9)(BX*1), Y15, Y3
	VADDPS  Y1, Y0, Y4
	VSUBPS  Y3, Y2, Y5
	VADDPS  Y3, Y2, Y6
	VSUBPS  Y0, Y1, Y7
	VMULPS  Y14, Y4, Y4                      // er
	VMULPS  Y14, Y5, Y5                      // ei
	VMULPS  Y14, Y6, Y6                      // or
	VMULPS  Y14, Y7, Y7                      // oi
	VMOVUPS 4(R10)(AX*1), Y8
	VMOVUPS (halfTurns_im+4)(R10)(AX*1), Y9
	VMULPS  Y8, Y6, Y10
	VMULPS  Y9, Y7, Y11
	VSUBPS  Y11, Y10, Y10                    // tr
	VMULPS  Y9, Y6, Y11
	VMULPS  Y8, Y7, Y12
	VADDPS  Y12, Y11, Y11                    // ti
	VADDPS  Y10, Y4, Y0
	VADDPS  Y11, Y5, Y1
	VSUBPS  Y10, Y4, Y2
	VSUBPS  Y5, Y11, Y3
	VPERMPS Y2, Y15, Y2
	VPERMPS Y3, Y15, Y3
	VMOVUPS Y0, 4(DI)(AX*1)
	VMOVUPS Y1, (spectrum_im+4)(DI)(AX*1)
	VMOVUPS Y2, (DI)(BX*1)                   // these after those: bin 40 is in both
	VMOVUPS Y3, spectrum_im(DI)(BX*1)
	SUBQ    $32, BX
	ADDQ    $32, AX
	CMPQ    AX, $middle
	JLT     join

	VMOVSS (R9), X0
	VMOVSS imaginary(R9), X1
	VADDSS X1, X0, X2
	VSUBSS X1, X0, X3
	VXORPS X4, X4, X4
	VMOVSS X2, (DI)
	VMOVSS X4, spectrum_im(DI)
	VMOVSS X3, imaginary(DI)                 // bin 80
	VMOVSS X4, (spectrum_im+imaginary)(DI)
	VZEROUPPER
	RET

// JOIN joins half of the points, conjugate, to 80 samples at to; Y15 is the sign.
#define JOIN(from, to, loop) \
	XORQ       AX, AX; \
loop: \
	VMOVUPS    (from)(R9)(AX*1), Y0; \
	VXORPS     (imaginary+from)(R9)(AX*1), Y15, Y1; \
	VUNPCKLPS  Y1, Y0, Y2; \
	VUNPCKHPS  Y1, Y0, Y3; \
	VPERM2F128 $0x20, Y3, Y2, Y0; \
	VPERM2F128 $0x31, Y3, Y2, Y1; \
	VMOVUPS    Y0, (to)(AX*2); \
	VMOVUPS    Y1, 32(to)(AX*2); \
	ADDQ       $32, AX; \
	CMPQ       AX, $middle; \
	JLT        loop

// func transformBackAVX2(s *spectrum, first, second *block)
TEXT ·transformBackAVX2(SB), 0, $1320-24
	LEAQ work-1312(SP), R8
	ADDQ $31, R8
	ANDQ $~31, R8
	LEAQ (2*imaginary)(R8), R9
	MOVQ s+0(FP), DI

	VMOVSS (DI), X0
	VMOVSS imaginary(DI), X1        // bin 80
	VADDSS X1, X0, X2
	VSUBSS X1, X0, X3
	VMULSS scale<>(SB), X2, X2
	VMULSS minusScale<>(SB), X3, X3
	VMOVSS X2, (R8)
	VMOVSS X3, imaginary(R8)

	LEAQ         ·turn2(SB), R10
	VMOVDQU      reverse<>(SB), Y15
	VBROADCASTSS scale<>(SB), Y14
	VBROADCASTSS minusScale<>(SB), Y13
	XORQ         AX, AX
	MOVQ         $(72*4), BX

part:
	VMOVUPS 4(DI)(AX*1), Y0
	VMOVUPS (spectrum_im+4)(DI)(AX*1), Y2
	VPERMPS (DI)(BX*1), Y15, Y1
	VPERMPS spectrum_im(DI)(BX*1), Y15, Y3
	VADDPS  Y1, Y0, Y4                       // er
	VSUBPS  Y3, Y2, Y5                       // ei
	VSUBPS  Y1, Y0, Y6                       // dr
	VADDPS  Y3, Y2, Y7                       // di
	VMOVUPS 4(R10)(AX*1), Y8
	VMOVUPS (halfTurns_im+4)(R10)(AX*1), Y9
	VMULPS  Y8, Y6, Y10
	VMULPS  Y9, Y7, Y11
	VADDPS  Y11, Y10, Y10                    // or
	VMULPS  Y8, Y7, Y11
	VMULPS  Y9, Y6, Y12
	VSUBPS  Y12, Y11, Y11                    // oi
	VSUBPS  Y11, Y4, Y0
	VADDPS  Y10, Y5, Y1
	VADDPS  Y11, Y4, Y2
	VSUBPS  Y5, Y10, Y3
	VMULPS  Y14, Y0, Y0
	VMULPS  Y13, Y1, Y1
	VMULPS  Y14, Y2, Y2
	VMULPS  Y13, Y3, Y3
	VPERMPS Y2, Y15, Y2
	VPERMPS Y3, Y15, Y3
	VMOVUPS Y0, 4(R8)(AX*1)
	VMOVUPS Y1, (imaginary+4)(R8)(AX*1)
	VMOVUPS Y2, (R8)(BX*1)                   // these after those: point 40 is in both
	VMOVUPS Y3, imaginary(R8)(BX*1)
	SUBQ    $32, BX
	ADDQ    $32, AX
	CMPQ    AX, $middle
	JLT     part

	CALL         transform<>(SB)
	MOVQ         first+8(FP), SI
	MOVQ         second+16(FP), DX
	VBROADCASTSS sign<>(SB), Y15
	JOIN(0, SI, early)
	JOIN(middle, DX, late)
	VZEROUPPER
	RET
