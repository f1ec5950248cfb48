/*
 * The other side of a measurement: libspandsp (LGPL 2.1) at the same samples as our dsp. It is a program of its own, built
 * and run by the benchmark beside it, and no part of the product.
 *
 *   peer dtmf rounds < samples            prints the keys, and ns a block of 160 samples
 *   peer keys rounds channels < samples   prints the keys of all channels together, and ns a block; each channel hears the
 *                                         samples from another place on, as the channels of a box do in turn
 *   peer echo rounds taps < far,near,...  prints the level of what is left of each half, and ns a block
 *   peer g722 rounds < samples            prints ns a block, encoded and decoded
 *
 * Samples are 16 bits, in the machine's order.
 */
#include <math.h>
#include <spandsp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 160
#define MOST (8000 * 600)

static int16_t samples[2 * MOST];
static FILE *answers;

static double seconds(void) {
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void dtmf(size_t n, int rounds) {
	char keys[4096];
	double began = seconds();
	size_t blocks = 0;
	for (int r = 0; r < rounds; r++) {
		dtmf_rx_state_t *s = dtmf_rx_init(NULL, NULL, NULL);
		keys[0] = 0;
		size_t have = 0;
		for (size_t at = 0; at + BLOCK <= n; at += BLOCK, blocks++) {
			dtmf_rx(s, samples + at, BLOCK);
			have += dtmf_rx_get(s, keys + have, (int)(sizeof keys - 1 - have));
		}
		keys[have] = 0;
		dtmf_rx_free(s);
	}
	fprintf(answers, "%s\n%.1f\n", keys, (seconds() - began) * 1e9 / blocks);
}

static void keys(size_t n, int rounds, int channels) {
	char told[64];
	dtmf_rx_state_t **s = malloc(channels * sizeof *s);
	for (int c = 0; c < channels; c++)
		s[c] = dtmf_rx_init(NULL, NULL, NULL);
	size_t blocks = n / BLOCK, heard = 0;
	double began = seconds();
	for (int r = 0; r < rounds; r++)
		for (int c = 0; c < channels; c++) {
			size_t at = ((size_t)c * 7919 + r) % blocks;
			dtmf_rx(s[c], samples + at * BLOCK, BLOCK);
			heard += dtmf_rx_get(s[c], told, sizeof told - 1);
		}
	fprintf(answers, "%zu\n%.1f\n", heard, (seconds() - began) * 1e9 / ((double)rounds * channels));
}

static double level(const int16_t *x, size_t n) {
	double power = 0;
	for (size_t i = 0; i < n; i++)
		power += (double)x[i] * x[i];
	return 10 * log10(power / n / (32768.0 * 32768 / 2) + 1e-12) + 3.14;
}

static void echo(size_t n, int rounds, int taps) {
	size_t pairs = n / 2;
	int16_t *left = malloc(pairs * sizeof *left);
	double began = seconds();
	for (int r = 0; r < rounds; r++) {
		echo_can_state_t *s = echo_can_init(taps, ECHO_CAN_USE_ADAPTION);
		for (size_t i = 0; i < pairs; i++)
			left[i] = echo_can_update(s, samples[2 * i], samples[2 * i + 1]);
		echo_can_free(s);
	}
	double took = seconds() - began;
	fprintf(answers, "%.1f %.1f\n%.1f\n", level(left, pairs / 2), level(left + pairs / 2, pairs - pairs / 2),
	       took * 1e9 / ((double)rounds * pairs / BLOCK));
}

static void g722(size_t n, int rounds) {
	uint8_t coded[BLOCK];
	int16_t back[2 * BLOCK];
	double began = seconds();
	size_t blocks = 0;
	for (int r = 0; r < rounds; r++) {
		g722_encode_state_t *e = g722_encode_init(NULL, 64000, 0);
		g722_decode_state_t *d = g722_decode_init(NULL, 64000, 0);
		for (size_t at = 0; at + 2 * BLOCK <= n; at += 2 * BLOCK, blocks++) {
			int octets = g722_encode(e, coded, samples + at, 2 * BLOCK);
			g722_decode(d, back, coded, octets);
		}
		g722_encode_free(e);
		g722_decode_free(d);
	}
	fprintf(answers, "\n%.1f\n", (seconds() - began) * 1e9 / blocks);
}

int main(int argc, char **argv) {
	if (argc < 3)
		return 2;
	size_t n = fread(samples, sizeof samples[0], 2 * MOST, stdin);
	int rounds = atoi(argv[2]);
	/* The library tells of narrow-band signals on its standard output; the answers go to another. */
	answers = fdopen(dup(1), "w");
	if (answers == NULL || freopen("/dev/null", "w", stdout) == NULL)
		return 1;
	if (strcmp(argv[1], "dtmf") == 0)
		dtmf(n, rounds);
	else if (strcmp(argv[1], "keys") == 0 && argc > 3)
		keys(n, rounds, atoi(argv[3]));
	else if (strcmp(argv[1], "echo") == 0 && argc > 3)
		echo(n, rounds, atoi(argv[3]));
	else if (strcmp(argv[1], "g722") == 0)
		g722(n, rounds);
	return fclose(answers) != 0;
}
