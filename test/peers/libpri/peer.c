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

#include "dchannel.h"
#include "sound.h"
#include "calls.h"
#include "services.h"
#include "events.h"

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
