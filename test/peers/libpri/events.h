/*
 * events - what libpri tells, as lines on standard output: a part of peer.c, compiled with it.
 *
 * SPDX-License-Identifier: GPL-2.0-only      (see LICENCE.md: a test program, never part of the product)
 */

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
