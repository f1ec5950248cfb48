// Of all files of loops on rows of eight lanes. AX is the distance in bytes from the beginning of the numbers. Operands
// stand as Go's assembler wants them: VSUBPS b, a, c is c = a - b.

#define binBytes (const_binLanes*4)
#define shortBytes (const_binLanes*2)
#define blockBytes (const_echoBlock*4)
#define edgeBytes (const_besideEdge*4)

// SUM adds up the lanes of y into the lowest of x, which is its lower half.
#define SUM(y, x, t) \
	VEXTRACTF128 $1, y, t; \
	VADDPS       t, x, x; \
	VMOVHLPS     x, x, t; \
	VADDPS       t, x, x; \
	VMOVSHDUP    x, t; \
	VADDSS       t, x, x
