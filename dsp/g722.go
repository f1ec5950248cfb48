package dsp

// G.722 at 64 kbit/s (mode 1): sound of 16000 samples a second in octets of 125 µs.
//
//	          ┌ lower band 0-4 kHz ─ ADPCM, 6 bits ┐
//	16 kHz ─ QMF                                    ├ octet  H H L L L L L L
//	          └ upper band 4-8 kHz ─ ADPCM, 2 bits ┘
//
// The names of variables are those of clause 6/G.722. The quadrature mirror filters split and join the
// bands; a party of 8000 samples a second is joined to the lower band itself (EncodeNarrow, DecodeNarrow),
// which is what the filters would leave of it: the change of the rate costs nothing and delays nothing.
// Departure: towards a wide-band phone, a tone above 3 kHz has a weak image as far above 4 kHz as it lies below
// (10 dB down at 3.4 kHz), because an empty upper band does not cancel it.
//
// Left out: modes 2 and 3 (data in the lowest bits), appendices III and IV (concealment: firmware/rtp has
// its own).

// G722Encoder makes the octets. The zero value is ready. It belongs to one goroutine.
type G722Encoder struct {
	low, high adpcm
	history   [qmfTaps]int32
}

// G722Decoder makes sound of them. The zero value is ready. It belongs to one goroutine.
type G722Decoder struct {
	low, high adpcm
	history   [qmfTaps]int32
}

const qmfTaps = 24

// Encode writes one octet for two samples of 16 kHz into dst; it takes as many as both have room for and
// gives the number of octets.
func (e *G722Encoder) Encode(dst []byte, src []int16) int {
	n := min(len(dst), len(src)/2)
	for i := range n {
		copy(e.history[:], e.history[2:])
		e.history[qmfTaps-2], e.history[qmfTaps-1] = int32(src[2*i]), int32(src[2*i+1])
		var even, odd int32
		for k, c := range qmf {
			even += e.history[2*k] * c
			odd += e.history[2*k+1] * qmf[len(qmf)-1-k]
		}
		dst[i] = e.octet((odd+even)>>14, (odd-even)>>14)
	}
	return n
}

// EncodeNarrow writes one octet for each sample of 8 kHz; nothing is above 4 kHz. len(dst) must be at least
// len(src).
func (e *G722Encoder) EncodeNarrow(dst []byte, src []int16) {
	for i, x := range src {
		dst[i] = e.octet(int32(x)>>1, 0)
	}
}

// octet encodes one sample of each band, 15 bits each.
func (e *G722Encoder) octet(xl, xh int32) byte {
	il, ih := e.low.quantizeLow(xl), e.high.quantizeHigh(xh)
	e.low.adaptLow(il)
	e.high.adaptHigh(ih)
	return byte(ih<<6 | il)
}

// Decode writes two samples of 16 kHz for each octet into dst and gives the number of samples.
func (d *G722Decoder) Decode(dst []int16, src []byte) int {
	n := min(len(src), len(dst)/2)
	for i, octet := range src[:n] {
		rl, rh := d.bands(octet)
		copy(d.history[:], d.history[2:])
		d.history[qmfTaps-2], d.history[qmfTaps-1] = rl+rh, rl-rh
		var first, second int32
		for k, c := range qmf {
			second += d.history[2*k] * c
			first += d.history[2*k+1] * qmf[len(qmf)-1-k]
		}
		dst[2*i], dst[2*i+1] = int16(saturated(first>>11)), int16(saturated(second>>11))
	}
	return 2 * n
}

// DecodeNarrow writes one sample of 8 kHz for each octet; what is above 4 kHz is left away. len(dst) must be
// at least len(src).
func (d *G722Decoder) DecodeNarrow(dst []int16, src []byte) {
	for i, octet := range src {
		rl, _ := d.bands(octet)
		dst[i] = int16(saturated(rl << 1))
	}
}

// bands decodes an octet into one sample of each band, 15 bits each.
func (d *G722Decoder) bands(octet byte) (rl, rh int32) {
	il, ih := int32(octet&63), int32(octet>>6)
	d.low.begin(lowestDelta)
	d.high.begin(highestDelta)
	rl = limit(d.low.s+(d.low.det*lowLevels[il])>>15, 16383)
	rh = limit(d.high.s+(d.high.det*highLevels[ih])>>15, 16383)
	d.low.adaptLow(il)
	d.high.adaptHigh(ih)
	return rl, rh
}

// adpcm is the adaptive differential coder of one band: a quantizer whose step follows the signal, and a
// predictor with two poles and six zeros.
type adpcm struct {
	s, sp, sz int32 // predicted signal, its poles' and its zeros' share
	nb, det   int32 // logarithm of the step, and the step
	a         [3]int32
	b         [7]int32
	d         [7]int32
	r, p      [3]int32
}

const (
	lowestDelta  = 32 // step to begin with in the lower band
	highestDelta = 8  // and in the upper one
)

// begin gives a new coder its step.
func (c *adpcm) begin(det int32) {
	if c.det == 0 {
		c.det = det
	}
}

// quantizeLow is QUANTL: 6 bits for the difference to what was predicted.
func (c *adpcm) quantizeLow(x int32) int32 {
	c.begin(lowestDelta)
	el := saturated(x - c.s)
	size := el
	if el < 0 {
		size = -(el + 1)
	}
	i := 1
	for i < 30 && size >= (lowDecisions[i]*c.det)>>12 {
		i++
	}
	if el < 0 {
		return lowNegative[i]
	}
	return int32(62 - i)
}

// quantizeHigh is QUANTH: 2 bits.
func (c *adpcm) quantizeHigh(x int32) int32 {
	c.begin(highestDelta)
	eh := saturated(x - c.s)
	size := eh
	if eh < 0 {
		size = -(eh + 1)
	}
	far := size >= (564*c.det)>>12
	switch {
	case eh < 0 && far:
		return 0
	case eh < 0:
		return 1
	case far:
		return 2
	}
	return 3
}

// adaptLow follows the signal in the lower band by the four upper bits of its code: INVQAL, LOGSCL, SCALEL.
func (c *adpcm) adaptLow(il int32) {
	four := il >> 2
	dlt := (c.det * lowCoarse[four]) >> 15
	c.nb = limitBetween((c.nb*127)>>7+lowSteps[lowStepOf[four]], 0, 18432)
	c.det = step(c.nb, 8)
	c.predict(dlt)
}

// adaptHigh does so in the upper band: INVQAH, LOGSCH, SCALEH.
func (c *adpcm) adaptHigh(ih int32) {
	dh := (c.det * highLevels[ih]) >> 15
	c.nb = limitBetween((c.nb*127)>>7+highSteps[ih&1], 0, 22528)
	c.det = step(c.nb, 10)
	c.predict(dh)
}

// step is two to the power of a logarithm with eleven bits behind the point.
func step(nb, most int32) int32 {
	x := stepTable[nb>>6&31]
	if shift := most - nb>>11; shift >= 0 {
		return x >> shift << 2
	} else {
		return x << -shift << 2
	}
}

// predict takes the quantized difference and makes the next prediction: RECONS to PREDIC.
func (c *adpcm) predict(d int32) {
	c.d[0] = d
	c.r[0] = saturated(c.s + d)
	c.p[0] = saturated(c.sz + d)
	c.adaptPoles()
	c.adaptZeros()
	c.r[2], c.r[1] = c.r[1], c.r[0]
	c.p[2], c.p[1] = c.p[1], c.p[0]
	copy(c.d[1:], c.d[:6])
	// FILTEP and FILTEZ
	c.sp = saturated((c.a[1]*saturated(2*c.r[1]))>>15 + (c.a[2]*saturated(2*c.r[2]))>>15)
	sz := int32(0)
	for i := 1; i < len(c.b); i++ {
		sz += (c.b[i] * saturated(2*c.d[i])) >> 15
	}
	c.sz = saturated(sz)
	c.s = saturated(c.sp + c.sz)
}

// adaptPoles is UPPOL2 and UPPOL1.
func (c *adpcm) adaptPoles() {
	same1, same2 := (c.p[0] < 0) == (c.p[1] < 0), (c.p[0] < 0) == (c.p[2] < 0)
	wd1 := saturated(c.a[1] << 2)
	if same1 {
		wd1 = min(-wd1, 32767)
	}
	a2 := int32(-128)
	if same2 {
		a2 = 128
	}
	a2 = limitBetween(a2+wd1>>7+(c.a[2]*32512)>>15, -12288, 12288)
	a1 := int32(-192)
	if same1 {
		a1 = 192
	}
	a1 = saturated(a1 + (c.a[1]*32640)>>15)
	most := saturated(15360 - a2)
	c.a[1], c.a[2] = limitBetween(a1, -most, most), a2
}

// adaptZeros is UPZERO.
func (c *adpcm) adaptZeros() {
	gain := int32(128)
	if c.d[0] == 0 {
		gain = 0
	}
	for i := 1; i < len(c.b); i++ {
		change := -gain
		if (c.d[i] < 0) == (c.d[0] < 0) {
			change = gain
		}
		c.b[i] = saturated(change + (c.b[i]*32640)>>15)
	}
}

func saturated(x int32) int32 { return limitBetween(x, -32768, 32767) }

// limit keeps x from -most-1 to most.
func limit(x, most int32) int32 { return limitBetween(x, -most-1, most) }

func limitBetween(x, least, most int32) int32 { return min(max(x, least), most) }
