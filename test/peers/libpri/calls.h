/*
 * calls - placing, answering and clearing a call, and who is told of in it: a part of peer.c, compiled with it.
 *
 * SPDX-License-Identifier: GPL-2.0-only      (see LICENCE.md: a test program, never part of the product)
 */

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
