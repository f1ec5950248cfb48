/*
 * services - what libpri makes of facilities, and what it says in them: a part of peer.c, compiled with it.
 *
 * SPDX-License-Identifier: GPL-2.0-only      (see LICENCE.md: a test program, never part of the product)
 *
 *   --services       libpri tells of services, and takes what it is asked for
 *
 * Commands:
 *   forward CHANNEL CALLED CALLING FROM NAME   place a call that FROM sent on, with a name of one word
 *   units CALL COUNT                           charging units so far
 *   cost CALL COUNT CURRENCY                   the charge in the end, in hundredths; in the next message
 *   rate CALL COUNT CURRENCY                   the rate of a minute, in hundredths
 *   trace CALL                                 asks to trace a malicious call
 *   bridge CALL CALL                           asks the far side to join two calls
 *
 * Events:
 *   redirecting CALL FROM NAME REASON          the call was sent on; an empty word is "-"
 *   line CALL NUMBER NAME                      who really answered
 *   malicious CALL NUMBER                      the far side asks to trace a call, and is told that it was done
 *   transfer CALL CALL                         the far side asks to join two calls; libpri says with its next DISCONNECT that it was done
 *   reroute CALL NUMBER COUNT                  the same for a call to be sent elsewhere
 *   charge CALL so_far|final COUNT
 *   traced CALL STATUS                         0: done
 */
static int services;

static const char *word(const char *s)
{
	return *s ? s : "-";
}

static void services_enable(void)
{
	pri_facility_enable(pri);
	pri_aoc_events_enable(pri, 1);
	pri_mcid_enable(pri, 1);
	pri_transfer_enable(pri, 1);
	pri_reroute_enable(pri, 1);
}

static void on_subcommand(q931_call *call, q931_call *reply, struct pri_subcommand *s)
{
	int number = number_of(call);
	switch (s->cmd) {
	case PRI_SUBCMD_CONNECTED_LINE:
		printf("line %d %s %s\n", number, word(s->u.connected_line.id.number.str), word(s->u.connected_line.id.name.str));
		break;
	case PRI_SUBCMD_MCID_REQ:
		printf("malicious %d %s\n", number, word(s->u.mcid_req.originator.number.str));
		break;
	case PRI_SUBCMD_MCID_RSP:
		printf("traced %d %d\n", number, s->u.mcid_rsp.status);
		break;
	case PRI_SUBCMD_TRANSFER_CALL:
		printf("transfer %d %d\n", number_of(s->u.transfer.call_1), number_of(s->u.transfer.call_2));
		pri_transfer_rsp(pri, reply, s->u.transfer.invoke_id, 1);
		break;
	case PRI_SUBCMD_REROUTING:
		printf("reroute %d %s %d\n", number, word(s->u.rerouting.deflection.to.number.str), s->u.rerouting.deflection.count);
		pri_rerouting_rsp(pri, reply, s->u.rerouting.invoke_id, PRI_REROUTING_RSP_OK_CLEAR);
		break;
	case PRI_SUBCMD_AOC_D:
		printf("charge %d so_far %ld\n", number, s->u.aoc_d.recorded.unit.item[0].number);
		break;
	case PRI_SUBCMD_AOC_E:
		printf("charge %d final %ld\n", number, s->u.aoc_e.recorded.unit.item[0].number);
		break;
	}
}

/* Tells of the services in an event, before what the event itself is. */
static void on_services(pri_event *e)
{
	struct pri_subcommands *list = NULL;
	q931_call *call = NULL, *reply = NULL;
	if (!services)
		return;
	switch (e->e) {
	case PRI_EVENT_FACILITY:
		list = e->facility.subcmds, call = e->facility.call, reply = e->facility.subcall;
		break;
	case PRI_EVENT_ANSWER:
		list = e->answer.subcmds, call = reply = e->answer.call;
		break;
	case PRI_EVENT_HANGUP:
	case PRI_EVENT_HANGUP_REQ:
		list = e->hangup.subcmds, call = reply = e->hangup.call;
		break;
	}
	for (int i = 0; list && i < list->counter_subcmd; i++)
		on_subcommand(call, reply, &list->subcmd[i]);
}

/* Tells what a new call says of itself, after the ring. */
static void on_ring_services(int number, pri_event *e)
{
	if (!services)
		return;
	if (*e->ring.redirectingnum || *e->ring.redirectingname)
		printf("redirecting %d %s %s %d\n", number, word(e->ring.redirectingnum), word(e->ring.redirectingname), e->ring.redirectingreason);
}

static void forward(int channel, char *called, char *calling, char *from, char *name)
{
	q931_call *handle = pri_new_call(pri);
	struct pri_sr *request = pri_sr_new();
	int number = add_call(handle, channel);
	pri_sr_set_channel(request, channel, 1, 0);
	pri_sr_set_bearer(request, PRI_TRANS_CAP_SPEECH, variant->law);
	pri_sr_set_called(request, called, PRI_UNKNOWN, 1);
	pri_sr_set_caller(request, calling, name, PRI_UNKNOWN, PRES_ALLOWED_USER_NUMBER_NOT_SCREENED);
	pri_sr_set_redirecting(request, from, PRI_UNKNOWN, PRES_ALLOWED_USER_NUMBER_NOT_SCREENED, PRI_REDIR_FORWARD_ON_BUSY);
	printf("dialling %d\n", number);
	if (pri_setup(pri, handle, request) < 0)
		printf("error setup of %d failed\n", number);
	pri_sr_free(request);
}

static struct pri_aoc_amount hundredths(long count)
{
	return (struct pri_aoc_amount){count, PRI_AOC_MULTIPLIER_HUNDREDTH};
}

/* Carries out a command of services; 0: it is none. */
static int service_command(const char *verb, struct call *call, char *b, char *c)
{
	if (strcmp(verb, "units") == 0) {
		struct pri_subcmd_aoc_d charge = {.charge = PRI_AOC_DE_CHARGE_UNITS};
		charge.recorded.unit.num_items = 1;
		charge.recorded.unit.item[0] = (struct pri_aoc_units_element){atol(b), -1};
		pri_aoc_d_send(pri, call->handle, &charge);
	} else if (strcmp(verb, "cost") == 0) {
		struct pri_subcmd_aoc_e charge = {.charge = PRI_AOC_DE_CHARGE_CURRENCY};
		charge.recorded.money.amount = hundredths(atol(b));
		snprintf(charge.recorded.money.currency, sizeof charge.recorded.money.currency, "%.10s", c);
		pri_aoc_e_send(pri, call->handle, &charge);
	} else if (strcmp(verb, "rate") == 0) {
		struct pri_subcmd_aoc_s rates = {.num_items = 1};
		rates.item[0].chargeable = PRI_AOC_CHARGED_ITEM_BASIC_COMMUNICATION;
		rates.item[0].rate_type = PRI_AOC_RATE_TYPE_DURATION;
		rates.item[0].rate.duration.amount = hundredths(atol(b));
		rates.item[0].rate.duration.time = (struct pri_aoc_time){1, PRI_AOC_TIME_SCALE_MINUTE};
		snprintf(rates.item[0].rate.duration.currency, sizeof rates.item[0].rate.duration.currency, "%.10s", c);
		pri_aoc_s_send(pri, call->handle, &rates);
	} else if (strcmp(verb, "bridge") == 0) {
		int other = atoi(b);
		if (other < 0 || other >= MAX_CALLS || !calls[other].handle || pri_channel_bridge(call->handle, calls[other].handle) < 0)
			printf("error libpri cannot join the calls\n");
	} else if (strcmp(verb, "trace") == 0)
		pri_mcid_req_send(pri, call->handle);
	else
		return 0;
	return 1;
}
