//go:build ignore

/*
 * pair - two ends of a primary rate, both libpri, joined in memory: what a call costs it.
 *
 * SPDX-License-Identifier: GPL-2.0-only      (see LICENCE.md: a test program, never part of the product)
 *
 *   pair CALLS AT_ONCE
 *
 * The user calls the network: SETUP, CALL PROCEEDING, ALERTING, CONNECT, CONNECT ACKNOWLEDGE, DISCONNECT, RELEASE, RELEASE
 * COMPLETE. So many calls are up at once, and it ends when all are over, with a line on standard output: calls, microseconds of
 * processor time that they took, frames.
 */
#include <libpri.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { USER, NETWORK, QUEUE = 1024, FRAME = 300, FCS = 2, CHANNELS = 30 };

/* Frames on their way to one end. */
struct queue {
	unsigned char octets[QUEUE][FRAME];
	int length[QUEUE];
	unsigned first, last;
};

static struct queue to[2];
static struct pri *ends[2];
static int now_at; /* the end that libpri works for: its constructor sends before its handle is known */
static int to_place, in_flight, over, free_channel[CHANNELS + 2];

static void die(const char *what)
{
	fprintf(stderr, "pair: %s\n", what);
	exit(1);
}

static int read_frame(struct pri *p, void *buffer, int size)
{
	struct queue *q = &to[now_at];
	(void)p;
	if (q->first == q->last)
		return 0;
	unsigned n = q->first++ % QUEUE;
	if (q->length[n] + FCS > size)
		die("a frame is too long");
	memcpy(buffer, q->octets[n], q->length[n]);
	return q->length[n] + FCS;
}

static int write_frame(struct pri *p, void *buffer, int size)
{
	struct queue *q = &to[!now_at];
	(void)p;
	if (q->last - q->first == QUEUE || size > FRAME)
		die("the line is full");
	unsigned n = q->last++ % QUEUE;
	memcpy(q->octets[n], buffer, size - FCS);
	q->length[n] = size - FCS;
	return size;
}

static void say(struct pri *p, char *text)
{
	(void)p;
	fputs(text, stderr);
}

static void place(void)
{
	int channel = 1;
	while (channel == 16 || !free_channel[channel])
		channel++;
	free_channel[channel] = 0;
	q931_call *call = pri_new_call(ends[USER]);
	struct pri_sr *request = pri_sr_new();
	pri_sr_set_channel(request, channel, 1, 0);
	pri_sr_set_bearer(request, PRI_TRANS_CAP_SPEECH, PRI_LAYER_1_ALAW);
	pri_sr_set_called(request, "4001", PRI_UNKNOWN, 1);
	pri_sr_set_caller(request, "02155660000", NULL, PRI_UNKNOWN, PRES_ALLOWED_USER_NUMBER_NOT_SCREENED);
	if (pri_setup(ends[USER], call, request) < 0)
		die("no call to be had");
	pri_sr_free(request);
	to_place--;
	in_flight++;
}

static void on_event(pri_event *e)
{
	struct pri *p = ends[now_at];
	switch (e->e) {
	case PRI_EVENT_RING:
		pri_proceeding(p, e->ring.call, e->ring.channel, 0);
		pri_acknowledge(p, e->ring.call, e->ring.channel, 0);
		pri_answer(p, e->ring.call, e->ring.channel, 0);
		break;
	case PRI_EVENT_ANSWER:
		pri_hangup(p, e->answer.call, PRI_CAUSE_NORMAL_CLEARING);
		break;
	case PRI_EVENT_HANGUP_REQ:
		pri_hangup(p, e->hangup.call, e->hangup.cause);
		break;
	case PRI_EVENT_HANGUP:
	case PRI_EVENT_HANGUP_ACK:
		if (now_at == USER) {
			free_channel[e->hangup.channel & 0xff] = 1;
			in_flight--;
			over++;
		}
		if (e->e == PRI_EVENT_HANGUP)
			pri_hangup(p, e->hangup.call, e->hangup.cause);
		break;
	}
}

/* Lets both ends work until no frame is on its way. */
static void work(void)
{
	pri_event *e;
	for (int idle = 0; idle < 2; now_at = !now_at) {
		idle = to[now_at].first == to[now_at].last ? idle + 1 : 0;
		while (to[now_at].first != to[now_at].last)
			if ((e = pri_check_event(ends[now_at])))
				on_event(e);
	}
}

static long processor_us(void)
{
	struct rusage used;
	getrusage(RUSAGE_SELF, &used);
	return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000L + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		die("usage: pair CALLS AT_ONCE");
	int calls = atoi(argv[1]), at_once = atoi(argv[2]);
	if (calls < 0 || at_once < 1 || at_once > CHANNELS)
		die("the calls at once are 1 to 30");
	for (int i = 1; i <= CHANNELS + 1; i++)
		free_channel[i] = 1;
	pri_set_message(say);
	pri_set_error(say);
	for (now_at = USER; now_at <= NETWORK; now_at++) {
		ends[now_at] = pri_new_cb(-1, now_at == USER ? PRI_CPE : PRI_NETWORK, PRI_SWITCH_EUROISDN_E1, read_frame, write_frame, NULL);
		if (!ends[now_at])
			die("libpri gives no D channel");
		pri_hangup_fix_enable(ends[now_at], 1);
	}
	now_at = USER;
	work();
	to_place = calls;
	long before = processor_us();
	while (over < calls) {
		int begun = over;
		now_at = USER;
		while (to_place > 0 && in_flight < at_once)
			place();
		work();
		if (over == begun)
			die("the calls stand still");
	}
	printf("%d %ld %u\n", over, processor_us() - before, to[USER].last + to[NETWORK].last);
	return 0;
}
