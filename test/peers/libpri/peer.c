//go:build ignore

/*
 * peer - the exchange or the PBX at the other end of a primary rate, played by libpri.
 *
 * SPDX-License-Identifier: GPL-2.0-only      (see LICENCE.md: a test program, never part of the product)
 *
 * In: D channel frames over a socket (one message = one frame without FCS) or a DAHDI channel, commands on standard
 * input. Out: events on standard output, one a line. With DAHDI every call that is up plays a tone on its B channel and
 * reports which tone it hears.
 *
 *   peer (--network|--user) --socket PATH                      connect to a SOCK_SEQPACKET socket that listens at PATH
 *   peer (--network|--user) --dahdi CHANNEL --first-b CHANNEL  CHANNEL: DAHDI's number of the D channel, of timeslot 1
 *        --tone HZ        tone played on B channels (default 1000)
 *        --variant NAME   euroisdn-e1 (default), euroisdn-t1, ni2, ni1, dms100, 5ess, 4ess or qsig
 *        --overlap        numbers are sent and taken digit by digit
 *        --timer T303=MS  a timer or counter of libpri, by its name there; may be repeated
 *        --auto           answer every call at once
 *        --debug          libpri's trace on standard error
 *
 * Commands (CALL is the number that the events show):
 *   dial CHANNEL CALLED CALLING [NAME]     place a call; CALLING "-" sends no number. Event: dialling CALL
 *   begin CHANNEL CALLED CALLING   the same with the first digits only
 *   digit CALL DIGIT               one digit more
 *   more CALL                      asks for more digits (SETUP ACKNOWLEDGE)
 *   proceed CALL
 *   alert CALL [inband]
 *   progress CALL                  says that there is in-band sound
 *   answer CALL [NUMBER]           NUMBER is who answered (COLP)
 *   hangup CALL CAUSE
 *   hold CALL | retrieve CALL
 *   restart CHANNEL
 *   service CHANNEL STATUS         0: in service, 1: in maintenance, 2: out of service
 *   forget CALL                    the channel of the call was restarted: it is over without a word
 *   pool                           Event: pool
 *   quit
 *
 * Events:
 *   up | down
 *   dialling CALL
 *   ring CALL CHANNEL CALLED CALLING complete|overlap PRESENTATION NAME     an empty number or name is "-"; blanks of
 *                                  a name are underlined
 *   name CALL NAME                 told later than in SETUP
 *   more CALL CHANNEL              the far side asks for more digits
 *   digits CALL DIGITS complete|overlap
 *   proceeding CALL CHANNEL
 *   alerting CALL inband|quiet
 *   progress CALL inband|quiet
 *   answered CALL
 *   answered_by CALL NUMBER PRESENTATION     who did, behind answered, if the far side says so
 *   connected CALL                 the far side acknowledged our answer
 *   hangup CALL cause N            the far side clears (DISCONNECT, RELEASE or RELEASE COMPLETE)
 *   released CALL                  the call is over
 *   held CALL | retrieved CALL | hold_refused CALL CAUSE | retrieve_refused CALL CAUSE      answers to ours
 *   restart CHANNEL | restarted CHANNEL      the far side restarts, or has done so for us; -1 is all
 *   service CHANNEL STATUS | serviced CHANNEL STATUS       the far side's word, or its answer to ours
 *   pool CALLS GLOBALS             call references that libpri has in its books
 *   heard CALL HZ DBM0             each 500 ms; HZ is 0 when there is no tone
 *   error TEXT
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libpri.h>
#include <math.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_CALLS = 64, BLOCK = 160, WINDOW = 4000, FCS = 2 };

/* The ioctls used, code 0xDA. */
#define DAHDI_SPECIFY _IOW(0xDA, 38, int)
#define DAHDI_GETEVENT _IOR(0xDA, 8, int)
#define DAHDI_SET_BLOCKSIZE _IOW(0xDA, 1, int)
#define DAHDI_AUDIOMODE _IOW(0xDA, 32, int)
#define DAHDI_SETLAW _IOW(0xDA, 39, int)
struct buffers {
	int tx_policy, rx_policy, count, size, read_waiting, write_waiting;
};
#define DAHDI_SET_BUFINFO _IOW(0xDA, 27, struct buffers)
enum { DAHDI_EVENT_PENDING = 500, DAHDI_LAW_A = 2 };

struct call {
	q931_call *handle; /* NULL: place is free */
	int channel;
	int fresh; /* a SETUP that was not answered in any way yet */
	int fd; /* B channel, -1: none */
	double phase;
	float heard[WINDOW];
	int samples;
};

/* What is to be told to libpri of a variant. */
struct variant {
	const char *name;
	int type;
	int law;
	int service;  /* SERVICE messages */
	int facility; /* names travel in facilities */
	int logical;  /* channels are counted without timeslot 16 */
};

static const struct variant variants[] = {
	{"euroisdn-e1", PRI_SWITCH_EUROISDN_E1, PRI_LAYER_1_ALAW, 0, 0, 0},
	{"euroisdn-t1", PRI_SWITCH_EUROISDN_T1, PRI_LAYER_1_ULAW, 0, 0, 0},
	{"ni2", PRI_SWITCH_NI2, PRI_LAYER_1_ULAW, 1, 1, 0},
	{"ni1", PRI_SWITCH_NI1, PRI_LAYER_1_ULAW, 1, 0, 0},
	{"dms100", PRI_SWITCH_DMS100, PRI_LAYER_1_ULAW, 1, 0, 0},
	{"5ess", PRI_SWITCH_LUCENT5E, PRI_LAYER_1_ULAW, 1, 0, 0},
	{"4ess", PRI_SWITCH_ATT4ESS, PRI_LAYER_1_ULAW, 1, 0, 0},
	{"qsig", PRI_SWITCH_QSIG, PRI_LAYER_1_ALAW, 0, 1, 1},
};

static const struct variant *variant = variants;
static struct pri *pri;
static struct call calls[MAX_CALLS];
static int d_channel = -1;
static int first_b;
static int on_dahdi;
static int answer_all;
static double tone_hz = 1000;

static void die(const char *what)
{
	fprintf(stderr, "peer: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* --- D channel ---------------------------------------------------------------------------------- */

/* Returns a frame and room for its FCS, whose content libpri does not look at; 0 when nothing is there. */
static int read_frame(struct pri *p, void *buffer, int size)
{
	(void)p;
	if (on_dahdi) {
		int n = read(d_channel, buffer, size);
		if (n >= 0)
			return n;
		if (errno == DAHDI_EVENT_PENDING) {
			int event = 0;
			ioctl(d_channel, DAHDI_GETEVENT, &event);
			printf("line_event %d\n", event);
		}
		return 0;
	}
	int n = recv(d_channel, buffer, size - FCS, MSG_DONTWAIT);
	if (n == 0)
		exit(0); /* the other side hung up the socket */
	return n < 0 ? 0 : n + FCS;
}

/* Takes a frame with room for its FCS. libpri wants its whole length back. */
static int write_frame(struct pri *p, void *buffer, int size)
{
	(void)p;
	int n = on_dahdi ? write(d_channel, buffer, size) : send(d_channel, buffer, size - FCS, MSG_NOSIGNAL);
	if (n < 0) {
		if (on_dahdi && errno == DAHDI_EVENT_PENDING) {
			int event = 0;
			ioctl(d_channel, DAHDI_GETEVENT, &event);
			n = write(d_channel, buffer, size);
		}
		if (n < 0)
			printf("error frame not sent: %s\n", strerror(errno));
	}
	return size;
}

static int open_channel(int number)
{
	int fd = open("/dev/dahdi/channel", O_RDWR | O_NONBLOCK);
	if (fd < 0)
		die("/dev/dahdi/channel");
	if (ioctl(fd, DAHDI_SPECIFY, &number) < 0)
		die("SPECIFY");
	return fd;
}

static int open_d_dahdi(int number)
{
	struct buffers b = {0, 0, 32, 1024, 0, 0};
	int fd = open_channel(number);
	if (ioctl(fd, DAHDI_SET_BUFINFO, &b) < 0)
		die("SET_BUFINFO");
	return fd;
}

static int open_d_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	if (fd < 0)
		die("socket");
	if (strlen(path) >= sizeof address.sun_path) {
		fprintf(stderr, "peer: the path has %zu octets, %zu fit: %s\n", strlen(path), sizeof address.sun_path - 1, path);
		exit(1);
	}
	strcpy(address.sun_path, path);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		die(path);
	return fd;
}

/* --- sound -------------------------------------------------------------------------------------- */

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

/* --- calls -------------------------------------------------------------------------------------- */

static int add_call(q931_call *handle, int channel)
{
	static int next;
	for (int i = 0; i < MAX_CALLS; i++) {
		int n = (next + i) % MAX_CALLS;
		if (!calls[n].handle) {
			memset(&calls[n], 0, sizeof calls[n]);
			calls[n].handle = handle;
			calls[n].channel = channel;
			calls[n].fd = -1;
			next = n + 1;
			return n;
		}
	}
	fprintf(stderr, "peer: more than %d calls\n", MAX_CALLS);
	exit(1);
}

static int number_of(q931_call *handle)
{
	for (int i = 0; i < MAX_CALLS; i++)
		if (calls[i].handle == handle)
			return i;
	return -1;
}

static void forget(int number)
{
	if (number < 0)
		return;
	close_sound(&calls[number]);
	calls[number].handle = NULL;
	printf("released %d\n", number);
}

static void place_call(int channel, char *called, char *calling, char *name, int complete)
{
	q931_call *handle = pri_new_call(pri);
	struct pri_sr *request = pri_sr_new();
	if (!handle || !request) {
		printf("error no call to be had\n");
		return;
	}
	int number = add_call(handle, channel);
	pri_sr_set_channel(request, channel, 1, 0);
	pri_sr_set_bearer(request, PRI_TRANS_CAP_SPEECH, variant->law);
	pri_sr_set_called(request, called, PRI_UNKNOWN, complete);
	if (strcmp(calling, "-") != 0)
		pri_sr_set_caller(request, calling, *name ? name : NULL, PRI_UNKNOWN, PRES_ALLOWED_USER_NUMBER_NOT_SCREENED);
	printf("dialling %d\n", number);
	if (pri_setup(pri, handle, request) < 0)
		printf("error setup of %d failed\n", number);
	pri_sr_free(request);
}

static const char *shown(const char *number)
{
	return *number ? number : "-";
}

/* A name as one word: its blanks are underlined. */
static const char *named(const char *name)
{
	static char word[256];
	snprintf(word, sizeof word, "%s", shown(name));
	for (char *c = word; *c; c++)
		if (*c == ' ')
			*c = '_';
	return word;
}

static const char *inband(int mask)
{
	return mask & (PRI_PROG_INBAND_AVAILABLE | PRI_PROG_CALL_NOT_E2E_ISDN) ? "inband" : "quiet";
}

/* Tells who answered, if it is told. */
static void tell_answerer(int number, const struct pri_subcommands *told)
{
	for (int i = 0; told && i < told->counter_subcmd; i++) {
		const struct pri_party_number *by = &told->subcmd[i].u.connected_line.id.number;
		if (told->subcmd[i].cmd == PRI_SUBCMD_CONNECTED_LINE && by->valid)
			printf("answered_by %d %s %d\n", number, shown(by->str), by->presentation);
	}
}

static void answer(struct call *call, const char *by)
{
	struct pri_party_connected_line line = {.id.number = {.valid = 1, .plan = PRI_UNKNOWN}};
	if (*by) {
		snprintf(line.id.number.str, sizeof line.id.number.str, "%s", by);
		pri_connected_line_update(pri, call->handle, &line);
	}
	pri_answer(pri, call->handle, call->channel, 0);
	open_sound(call);
}

/*
 * The far side clears, or has. libpri wants pri_hangup for each step but the last; after PRI_EVENT_HANGUP and with
 * PRI_EVENT_HANGUP_ACK the handle is gone. Cause -1: the far side gave none, having been cleared by us.
 */
static void on_hangup(pri_event *e)
{
	int number = number_of(e->hangup.call);
	if (e->e != PRI_EVENT_HANGUP_ACK && number >= 0) {
		printf("hangup %d cause %d\n", number, e->hangup.cause);
		close_sound(&calls[number]);
	}
	if (e->e != PRI_EVENT_HANGUP_ACK)
		pri_hangup(pri, e->hangup.call, e->hangup.cause);
	if (e->e != PRI_EVENT_HANGUP_REQ)
		forget(number);
}

#include "services.h"

static void on_restart(int channel)
{
	printf("restart %d\n", channel);
	for (int i = 0; i < MAX_CALLS; i++) {
		if (!calls[i].handle || (channel != -1 && (calls[i].channel & 0xff) != (channel & 0xff)))
			continue;
		pri_destroycall(pri, calls[i].handle);
		forget(i);
	}
}

static void on_event(pri_event *e)
{
	int number;
	on_services(e);
	switch (e->e) {
	case PRI_EVENT_DCHAN_UP:
		printf("up\n");
		break;
	case PRI_EVENT_DCHAN_DOWN:
		printf("down\n");
		break;
	case PRI_EVENT_CONFIG_ERR:
		printf("error %s\n", e->err.err);
		break;
	case PRI_EVENT_RESTART:
		on_restart(e->restart.channel);
		break;
	case PRI_EVENT_RESTART_ACK:
		printf("restarted %d\n", e->restartack.channel);
		break;
	case PRI_EVENT_RING:
		number = add_call(e->ring.call, e->ring.channel);
		calls[number].fresh = 1;
		printf("ring %d %d %s %s %s %d %s\n", number, e->ring.channel & 0xff, shown(e->ring.callednum), shown(e->ring.callingnum),
			e->ring.complete ? "complete" : "overlap", e->ring.callingpres, named(e->ring.callingname));
		on_ring_services(number, e);
		if (answer_all) {
			pri_answer(pri, e->ring.call, e->ring.channel, 0);
			open_sound(&calls[number]);
		}
		break;
	case PRI_EVENT_SETUP_ACK:
		number = number_of(e->setup_ack.call);
		if (number >= 0 && e->setup_ack.channel > 0)
			calls[number].channel = e->setup_ack.channel;
		printf("more %d %d\n", number, e->setup_ack.channel & 0xff);
		break;
	case PRI_EVENT_INFO_RECEIVED:
		printf("digits %d %s %s\n", number_of(e->ring.call), shown(e->ring.callednum), e->ring.complete ? "complete" : "overlap");
		break;
	case PRI_EVENT_FACILITY:
		if (*e->facility.callingname)
			printf("name %d %s\n", number_of(e->facility.call), named(e->facility.callingname));
		break;
	case PRI_EVENT_HOLD_ACK:
		printf("held %d\n", number_of(e->hold_ack.call));
		break;
	case PRI_EVENT_HOLD_REJ:
		printf("hold_refused %d %d\n", number_of(e->hold_rej.call), e->hold_rej.cause);
		break;
	case PRI_EVENT_RETRIEVE_ACK:
		printf("retrieved %d\n", number_of(e->retrieve_ack.call));
		break;
	case PRI_EVENT_RETRIEVE_REJ:
		printf("retrieve_refused %d %d\n", number_of(e->retrieve_rej.call), e->retrieve_rej.cause);
		break;
	case PRI_EVENT_SERVICE:
		printf("service %d %d\n", e->service.channel & 0xff, e->service.changestatus);
		break;
	case PRI_EVENT_SERVICE_ACK:
		printf("serviced %d %d\n", e->service_ack.channel & 0xff, e->service_ack.changestatus);
		break;
	case PRI_EVENT_PROCEEDING:
		number = number_of(e->proceeding.call);
		if (number >= 0 && e->proceeding.channel > 0)
			calls[number].channel = e->proceeding.channel;
		printf("proceeding %d %d\n", number, e->proceeding.channel & 0xff);
		break;
	case PRI_EVENT_RINGING:
		printf("alerting %d %s\n", number_of(e->ringing.call), inband(e->ringing.progressmask));
		break;
	case PRI_EVENT_PROGRESS:
		printf("progress %d %s\n", number_of(e->proceeding.call), inband(e->proceeding.progressmask));
		break;
	case PRI_EVENT_ANSWER:
		number = number_of(e->answer.call);
		printf("answered %d\n", number);
		tell_answerer(number, e->answer.subcmds);
		pri_connect_ack(pri, e->answer.call, 0);
		if (number >= 0)
			open_sound(&calls[number]);
		break;
	case PRI_EVENT_CONNECT_ACK:
		printf("connected %d\n", number_of(e->connect_ack.call));
		break;
	case PRI_EVENT_HANGUP:
	case PRI_EVENT_HANGUP_REQ:
	case PRI_EVENT_HANGUP_ACK:
		on_hangup(e);
		break;
	default:
		printf("event %d\n", e->e);
	}
}

/* Clears a call. A fresh one libpri answers with RELEASE COMPLETE, and tells nothing more of it. */
static void hang_up(int number, int cause)
{
	struct call *call = &calls[number];
	close_sound(call);
	pri_hangup(pri, call->handle, cause);
	if (call->fresh && (cause == 1 || cause == 34 || cause == 44 || cause == 81 || cause == 82 || cause == 88))
		forget(number);
}

/* Tells how many call references libpri has: the line "Total active-calls:N global:N" of its own report. */
static void tell_pool(void)
{
	char *report = pri_dump_info_str(pri);
	char *line = report ? strstr(report, "Total active-calls:") : NULL;
	int active = -1, global = -1;
	if (!line || sscanf(line, "Total active-calls:%d global:%d", &active, &global) != 2)
		printf("error libpri's report has no count of calls: %s\n", report ? report : "");
	else
		printf("pool %d %d\n", active, global);
	free(report);
}

/* --- commands ----------------------------------------------------------------------------------- */

static void on_command(char *line)
{
	char verb[32] = "", a[64] = "", b[64] = "", c[64] = "", rest[64] = "";
	int words = sscanf(line, "%31s %63s %63s %63s %63[^\n]", verb, a, b, c, rest);
	if (words < 1)
		return;
	if (strcmp(verb, "quit") == 0)
		exit(0);
	if (strcmp(verb, "dial") == 0 && words >= 4) {
		place_call(atoi(a), b, c, rest, 1);
		return;
	}
	if (strcmp(verb, "forward") == 0 && words == 5) {
		char from[64] = "", name[64] = "";
		if (sscanf(rest, "%63s %63s", from, name) == 2)
			forward(atoi(a), b, c, from, name);
		return;
	}
	if (strcmp(verb, "begin") == 0 && words == 4) {
		place_call(atoi(a), b, c, rest, 0);
		return;
	}
	if (strcmp(verb, "service") == 0 && words == 3) {
		pri_maintenance_service(pri, 0, atoi(a), atoi(b));
		return;
	}
	if (strcmp(verb, "pool") == 0) {
		tell_pool();
		return;
	}
	if (strcmp(verb, "restart") == 0 && words == 2) {
		pri_reset(pri, atoi(a));
		return;
	}
	int number = atoi(a);
	if (words < 2 || number < 0 || number >= MAX_CALLS || !calls[number].handle) {
		printf("error no such call or command: %s", line);
		return;
	}
	struct call *call = &calls[number];
	int in = strcmp(b, "inband") == 0;
	if (service_command(verb, call, b, c))
		;
	else if (strcmp(verb, "proceed") == 0)
		pri_proceeding(pri, call->handle, call->channel, 0);
	else if (strcmp(verb, "alert") == 0)
		pri_acknowledge(pri, call->handle, call->channel, in);
	else if (strcmp(verb, "progress") == 0)
		pri_progress(pri, call->handle, call->channel, 1);
	else if (strcmp(verb, "more") == 0)
		pri_need_more_info(pri, call->handle, call->channel, 0);
	else if (strcmp(verb, "digit") == 0 && words == 3)
		pri_information(pri, call->handle, b[0]);
	else if (strcmp(verb, "hold") == 0)
		pri_hold(pri, call->handle);
	else if (strcmp(verb, "retrieve") == 0)
		pri_retrieve(pri, call->handle, call->channel);
	else if (strcmp(verb, "answer") == 0)
		answer(call, b);
	else if (strcmp(verb, "forget") == 0) {
		pri_destroycall(pri, call->handle);
		forget(number);
		return;
	} else if (strcmp(verb, "hangup") == 0 && words == 3) {
		hang_up(number, atoi(b));
		return;
	} else
		printf("error no such command: %s", line);
	call->fresh = 0;
}

static void on_input(void)
{
	static char line[256];
	static size_t length;
	char octet;
	ssize_t n;
	while ((n = read(STDIN_FILENO, &octet, 1)) == 1) {
		if (length < sizeof line - 2)
			line[length++] = octet;
		if (octet == '\n') {
			line[length] = 0;
			length = 0;
			on_command(line);
		}
	}
	if (n == 0)
		exit(0);
}

/* --- main --------------------------------------------------------------------------------------- */

static void trace(struct pri *p, char *text)
{
	(void)p;
	fputs(text, stderr);
}

static int wait_ms(void)
{
	struct timeval now, *next = pri_schedule_next(pri);
	if (!next)
		return 1000;
	gettimeofday(&now, NULL);
	long ms = (next->tv_sec - now.tv_sec) * 1000 + (next->tv_usec - now.tv_usec) / 1000 + 1;
	return ms < 0 ? 0 : ms > 1000 ? 1000 : (int)ms;
}

static void run(void)
{
	struct pollfd fds[2 + MAX_CALLS];
	int owner[2 + MAX_CALLS];
	pri_event *e;
	for (;;) {
		int n = 2;
		fds[0] = (struct pollfd){STDIN_FILENO, POLLIN, 0};
		fds[1] = (struct pollfd){d_channel, POLLIN | POLLPRI, 0};
		for (int i = 0; i < MAX_CALLS; i++) {
			if (!calls[i].handle || calls[i].fd < 0)
				continue;
			owner[n] = i;
			fds[n++] = (struct pollfd){calls[i].fd, POLLIN | POLLPRI, 0};
		}
		int ready = poll(fds, n, wait_ms());
		if (ready < 0 && errno != EINTR)
			die("poll");
		while ((e = pri_schedule_run(pri)))
			on_event(e);
		if (ready > 0) {
			for (int i = 2; i < n; i++)
				if (fds[i].revents && calls[owner[i]].fd == fds[i].fd)
					move_sound(owner[i], &calls[owner[i]]);
			if (fds[1].revents && (e = pri_check_event(pri)))
				on_event(e);
			if (fds[0].revents)
				on_input();
		}
		fflush(stdout);
	}
}

static const struct variant *variant_of(const char *name)
{
	for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
		if (strcmp(variants[i].name, name) == 0)
			return &variants[i];
	fprintf(stderr, "peer: there is no variant %s\n", name);
	exit(2);
}

static void usage(void)
{
	fprintf(stderr, "peer (--network|--user) (--socket PATH | --dahdi CHANNEL --first-b CHANNEL) [--tone HZ] "
			"[--variant NAME] [--services] [--overlap] [--timer NAME=MS] [--auto] [--debug]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	int side = 0, debug = 0, d_number = 0, timers = 0, overlap = 0;
	const char *path = NULL, *timer[16];
	for (int i = 1; i < argc; i++) {
		const char *next = i + 1 < argc ? argv[i + 1] : "";
		if (strcmp(argv[i], "--network") == 0)
			side = PRI_NETWORK;
		else if (strcmp(argv[i], "--user") == 0)
			side = PRI_CPE;
		else if (strcmp(argv[i], "--auto") == 0)
			answer_all = 1;
		else if (strcmp(argv[i], "--debug") == 0)
			debug = 1;
		else if (strcmp(argv[i], "--socket") == 0)
			path = argv[++i];
		else if (strcmp(argv[i], "--dahdi") == 0)
			d_number = atoi(next), i++;
		else if (strcmp(argv[i], "--first-b") == 0)
			first_b = atoi(next), i++;
		else if (strcmp(argv[i], "--tone") == 0)
			tone_hz = atof(next), i++;
		else if (strcmp(argv[i], "--variant") == 0)
			variant = variant_of(next), i++;
		else if (strcmp(argv[i], "--services") == 0)
			services = 1;
		else if (strcmp(argv[i], "--overlap") == 0)
			overlap = 1;
		else if (strcmp(argv[i], "--timer") == 0 && timers < 16)
			timer[timers++] = next, i++;
		else
			usage();
	}
	if (!side || (!path && !(d_number && first_b)))
		usage();
	setvbuf(stdout, NULL, _IOLBF, 0);
	pri_set_message(trace);
	pri_set_error(trace);
	on_dahdi = path == NULL;
	d_channel = on_dahdi ? open_d_dahdi(d_number) : open_d_socket(path);
	fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);

	pri = pri_new_cb(d_channel, side, variant->type, read_frame, write_frame, NULL);
	if (!pri) {
		fprintf(stderr, "peer: libpri gives no D channel\n");
		return 1;
	}
	pri_connect_ack_enable(pri, 1);
	pri_hangup_fix_enable(pri, 1);
	pri_hold_enable(pri, 1);
	pri_set_overlapdial(pri, overlap);
	pri_set_service_message_support(pri, variant->service);
	pri_set_chan_mapping_logical(pri, variant->logical);
	if (variant->facility)
		pri_facility_enable(pri);
	if (services)
		services_enable();
	if (debug)
		pri_set_debug(pri, PRI_DEBUG_ALL);
	for (int i = 0; i < timers; i++) {
		char name[16] = "";
		int ms = 0;
		if (sscanf(timer[i], "%15[^=]=%d", name, &ms) != 2 || pri_timer2idx(name) < 0) {
			fprintf(stderr, "peer: libpri has no timer %s\n", timer[i]);
			return 2;
		}
		pri_set_timer(pri, pri_timer2idx(name), ms);
	}
	run();
}
