/*
 * sound - the tone that a call plays and the one it hears, on DAHDI alone: a part of peer.c, compiled with it.
 *
 * SPDX-License-Identifier: GPL-2.0-only      (see LICENCE.md: a test program, never part of the product)
 */

/* G.711 A-law of a sample of 13 bits (sign and 12), bits of even number inverted. */
static uint8_t alaw(int sample)
{
	uint8_t sign = sample >= 0 ? 0x80 : 0;
	int size = sample >= 0 ? sample : -sample - 1;
	int segment = 0;
	if (size > 4095)
		size = 4095;
	while (segment < 7 && size >= 32 << segment)
		segment++;
	int step = segment < 2 ? size >> 1 : size >> segment;
	return (sign | segment << 4 | (step & 15)) ^ 0x55;
}

static int alaw_sample(uint8_t code)
{
	code ^= 0x55;
	int segment = code >> 4 & 7, step = code & 15;
	int size = segment == 0 ? 2 * step + 1 : (2 * step + 33) << (segment - 1);
	return code & 0x80 ? size : -size;
}

/* Power of one frequency in n samples under a Hann window, in the square of its amplitude (Goertzel's recursion). */
static double power_at(const float *samples, int n, double hz)
{
	double c = 2 * cos(2 * M_PI * hz / 8000), s1 = 0, s2 = 0;
	for (int i = 0; i < n; i++) {
		double window = 0.5 - 0.5 * cos(2 * M_PI * i / n);
		double s = samples[i] * window + c * s1 - s2;
		s2 = s1;
		s1 = s;
	}
	double p = s1 * s1 + s2 * s2 - c * s1 * s2;
	return p * 16 / n / n;
}

/* Searches the strongest tone: coarsely in a tenth of a second, then to one hertz in all of it. */
static void report_tone(int number, struct call *c)
{
	double best = 0, hz = 0;
	for (double f = 100; f <= 3800; f += 10) {
		double p = power_at(c->heard, 800, f);
		if (p > best)
			best = p, hz = f;
	}
	double coarse = hz;
	best = 0;
	for (double f = coarse - 10; f <= coarse + 10; f++) {
		double p = power_at(c->heard, WINDOW, f);
		if (p > best)
			best = p, hz = f;
	}
	/* a sine of amplitude 4096 is +3.14 dBm0 in A-law */
	double dbm0 = 10 * log10(best / 4096 / 4096 + 1e-12) + 3.14;
	printf("heard %d %.0f %.1f\n", number, dbm0 < -50 ? 0 : hz, dbm0);
	c->samples = 0;
}

static void open_sound(struct call *c)
{
	struct buffers b = {0, 0, 4, BLOCK, 0, 0};
	int one = 1, law = DAHDI_LAW_A, block = BLOCK;
	if (!on_dahdi || c->fd >= 0)
		return;
	c->fd = open_channel(first_b + (c->channel & 0xff) - 1);
	c->samples = 0;
	if (ioctl(c->fd, DAHDI_AUDIOMODE, &one) < 0)
		die("AUDIOMODE");
	if (ioctl(c->fd, DAHDI_SETLAW, &law) < 0)
		die("SETLAW");
	if (ioctl(c->fd, DAHDI_SET_BLOCKSIZE, &block) < 0)
		die("SET_BLOCKSIZE");
	if (ioctl(c->fd, DAHDI_SET_BUFINFO, &b) < 0)
		die("SET_BUFINFO");
}

static void close_sound(struct call *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

/* One block heard, one block played: the line is the clock. */
static void move_sound(int number, struct call *c)
{
	uint8_t block[BLOCK];
	int n = read(c->fd, block, sizeof block);
	if (n < 0 && errno == DAHDI_EVENT_PENDING) {
		int event;
		ioctl(c->fd, DAHDI_GETEVENT, &event);
		return;
	}
	if (n <= 0)
		return;
	for (int i = 0; i < n; i++) {
		if (c->samples < WINDOW)
			c->heard[c->samples++] = alaw_sample(block[i]);
		block[i] = alaw((int)(1000 * sin(c->phase)));
		c->phase += 2 * M_PI * tone_hz / 8000;
		if (c->phase > 2 * M_PI)
			c->phase -= 2 * M_PI;
	}
	if (write(c->fd, block, n) < 0 && errno == DAHDI_EVENT_PENDING) {
		int event;
		ioctl(c->fd, DAHDI_GETEVENT, &event);
	}
	if (c->samples == WINDOW)
		report_tone(number, c);
}
