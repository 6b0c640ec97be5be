// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * A trace for Perfetto: what of a report is where in it. That the bytes are Perfetto's format, tests/perfetto sees, which
 * knows nothing of user/render/perfetto.proto.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "perfetto.pb-c.h"
#include "render/packets.h"
#include "report_fixture.h"

#define FIRST_NS UINT64_C(1000000)

/* ---- reading it back ---- */

static Perfetto__Trace *unpack(const char *bytes, size_t size)
{
	Perfetto__Trace *trace = perfetto__trace__unpack(NULL, size, (const uint8_t *)bytes);

	assert_non_null(trace);
	return trace;
}

static Perfetto__Trace *draw(const struct report *report)
{
	struct render_options options = {.format = RENDER_PERFETTO};
	char *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);
	Perfetto__Trace *trace;

	assert_non_null(out);
	assert_int_equal(render__report(out, report, &options), 0);
	assert_int_equal(fclose(out), 0);
	trace = unpack(bytes, size);
	free(bytes);
	return trace;
}

static void drop(Perfetto__Trace *trace)
{
	perfetto__trace__free_unpacked(trace, NULL);
}

/* The event of that name after the packet at *at, which is set to it; NULL: there is none. */
static const Perfetto__TrackEvent *find(const Perfetto__Trace *trace, const char *name, size_t *at)
{
	for (; *at < trace->n_packet; ++*at) {
		const Perfetto__TrackEvent *event = trace->packet[*at]->track_event;

		if (event && event->name && !strcmp(event->name, name))
			return event;
	}
	return NULL;
}

static const Perfetto__TrackEvent *get(const Perfetto__Trace *trace, const char *name)
{
	size_t at = 0;
	const Perfetto__TrackEvent *event = find(trace, name, &at);

	if (!event)
		fail_msg("there is no '%s'", name);
	return event;
}

static uint64_t time_of(const Perfetto__Trace *trace, const char *name)
{
	size_t at = 0;

	assert_non_null(find(trace, name, &at));
	return trace->packet[at]->timestamp;
}

static const Perfetto__TrackDescriptor *track_of(const Perfetto__Trace *trace, uint64_t id)
{
	for (size_t i = 0; i < trace->n_packet; i++) {
		const Perfetto__TrackDescriptor *track = trace->packet[i]->track_descriptor;

		if (track && track->uuid == id)
			return track;
	}
	fail_msg("there is no such track");
	return NULL;
}

static const Perfetto__DebugAnnotation *note_of(const Perfetto__TrackEvent *event, const char *name)
{
	for (size_t i = 0; i < event->n_debug_annotations; i++)
		if (!strcmp(event->debug_annotations[i]->name, name))
			return event->debug_annotations[i];
	return NULL;
}

/* ---- a report ---- */

static struct report_wake wake(unsigned worker, enum wake_outcome outcome, int64_t woken_ns,
			       int64_t slept_ns)
{
	return (struct report_wake){
		.tid = 70 + worker,
		.pid = 70 + worker,
		.worker = worker,
		.cause = CAUSE_EPOLL,
		.outcome = outcome,
		.accepted_connection = outcome == OUTCOME_ACCEPTED,
		.woken_ns = woken_ns,
		.ran_ns = woken_ns + 10,
		.returned_ns = REPORT_UNKNOWN_NS,
		.accept_ns = REPORT_UNKNOWN_NS,
		.slept_ns = slept_ns,
		.wake_to_run_ns = 10,
		.cpu_ns = REPORT_UNKNOWN_NS,
		.waker_cpu = -1,
		.stack_id = -1,
	};
}

/* The fixture's two connections: the first woke both and the second worker took it; the second was lost. */
static struct report *new_picture(void)
{
	struct report *r = new_report();

	r->totals.first_ns = FIRST_NS;
	r->ended_ns = FIRST_NS + 9000000;
	for (size_t i = 0; i < 2; i++) {
		r->connections[i].syn_to_arrival_ns = REPORT_UNKNOWN_NS;
		r->connections[i].waited_ns = i ? 500 : r->connections[i].arrival_to_accept_ns;
	}
	r->connections[0].wakes[0] = wake(2, OUTCOME_ACCEPTED, 100, 90000);
	r->connections[0].wakes[1] = wake(1, OUTCOME_SWALLOWED, 120, 300);
	r->connections[1].wakes[0] = wake(1, OUTCOME_EAGAIN, 2000100, 2000300);
	r->connections[1].wakes[1] = wake(2, OUTCOME_IDLE, 2000200, 2000400);
	r->connections[1].wakes[1].cause = CAUSE_LOCK;
	return r;
}

/* ---- what is in the picture ---- */

static void test_tracks(void **state)
{
	struct report *r = new_picture();
	Perfetto__Trace *trace = draw(r);
	const Perfetto__TrackDescriptor *track;

	(void)state;
	track = track_of(trace, get(trace, "swallowed 1")->track_uuid);
	assert_int_equal(track->thread->tid, 71);
	assert_int_equal(track->thread->pid, 71);
	assert_string_equal(track->thread->thread_name, "worker 1: epoll-server");
	track = track_of(trace, get(trace, "connection 1 accepted")->track_uuid);
	assert_string_equal(track->name, "listener 1: 127.0.0.1:8888 (tcp)");
	assert_int_equal(get(trace, "connection 2 lost, stranded")->track_uuid, track->uuid);
	drop(trace);
	report__free(r);
}

static void test_times(void **state)
{
	struct report *r = new_picture();
	Perfetto__Trace *trace;

	(void)state;
	r->connections[0].syn_to_arrival_ns = 400;
	trace = draw(r);
	assert_int_equal(time_of(trace, "handshake"), FIRST_NS - 400);
	assert_int_equal(time_of(trace, "connection 1 accepted"), FIRST_NS);
	assert_int_equal(time_of(trace, "swallowed 1"), FIRST_NS + 120);
	assert_int_equal(time_of(trace, "accept 1"), FIRST_NS + 87600);
	drop(trace);
	report__free(r);
}

/* What was not observed is not made up: the wake is where its connection came, and has no parts. */
static void test_unknown_times(void **state)
{
	struct report *r = new_picture();
	struct report_wake *w = &r->connections[1].wakes[0];
	Perfetto__Trace *trace;
	size_t at = 0;

	(void)state;
	w->woken_ns = w->ran_ns = w->slept_ns = REPORT_UNKNOWN_NS;
	trace = draw(r);
	assert_non_null(find(trace, "eagain 2", &at));
	assert_int_equal(trace->packet[at]->timestamp, FIRST_NS + 2000000);
	assert_int_equal(trace->packet[at + 1]->track_event->type,
			 PERFETTO__TRACK_EVENT__TYPE__TYPE_SLICE_END);
	assert_int_equal(trace->packet[at + 1]->timestamp, FIRST_NS + 2000000);
	drop(trace);
	report__free(r);
}

/* What is not over when the trace ends goes on until then. */
static void test_pending(void **state)
{
	struct report *r = new_picture();
	struct report_wake *w = &r->connections[1].wakes[0];
	Perfetto__Trace *trace;
	size_t at = 0;

	(void)state;
	w->outcome = OUTCOME_PENDING;
	w->ran_ns = w->slept_ns = REPORT_UNKNOWN_NS;
	trace = draw(r);
	assert_non_null(find(trace, "pending 2", &at));
	assert_int_equal(trace->packet[at + 1]->timestamp, r->ended_ns);
	drop(trace);
	report__free(r);
}

/* From the arrival to both wakes, and on to the accept; a hand-over of the lock is no wake for it. */
static void test_arrows(void **state)
{
	struct report *r = new_picture();
	Perfetto__Trace *trace = draw(r);
	const Perfetto__TrackEvent *arrival = get(trace, "connection 1 accepted");
	const Perfetto__TrackEvent *taker = get(trace, "accepted 1");
	const Perfetto__TrackEvent *other = get(trace, "swallowed 1");
	const Perfetto__TrackEvent *accept = get(trace, "accept 1");

	(void)state;
	assert_int_equal(arrival->n_flow_ids, 2);
	assert_int_equal(taker->n_flow_ids, 1);
	assert_int_equal(taker->flow_ids[0], arrival->flow_ids[0]);
	assert_int_equal(accept->terminating_flow_ids[0], arrival->flow_ids[0]);
	assert_int_equal(other->n_flow_ids, 0);
	assert_int_equal(other->terminating_flow_ids[0], arrival->flow_ids[1]);
	assert_int_equal(get(trace, "connection 2 lost, stranded")->n_flow_ids, 1);
	assert_int_equal(get(trace, "lock, idle 2")->n_terminating_flow_ids, 0);
	drop(trace);
	report__free(r);
}

/* It was busy with another one, and took it all the same. */
static void test_straight_arrow(void **state)
{
	struct report *r = new_picture();
	Perfetto__Trace *trace;
	const Perfetto__TrackEvent *arrival;

	(void)state;
	r->connections[0].wakes[0].accepted_connection = 2;
	trace = draw(r);
	arrival = get(trace, "connection 1 accepted");
	assert_int_equal(arrival->n_flow_ids, 3);
	assert_int_equal(get(trace, "accepted 2")->terminating_flow_ids[0], arrival->flow_ids[0]);
	assert_int_equal(get(trace, "accept 1")->terminating_flow_ids[0], arrival->flow_ids[2]);
	drop(trace);
	report__free(r);
}

/* Two wakes of a worker at one time, two connections in one queue: each has a track, of one name and place. */
static void test_overlap(void **state)
{
	struct report *r = new_picture();
	const Perfetto__TrackDescriptor *a, *b;
	Perfetto__Trace *trace;
	size_t at = 0;

	(void)state;
	r->connections[1].wakes[0] = wake(1, OUTCOME_SWALLOWED, 299, 2000300);
	r->connections[0].waited_ns = 2000001;
	trace = draw(r);
	a = track_of(trace, get(trace, "swallowed 1")->track_uuid);
	b = track_of(trace, get(trace, "swallowed 2")->track_uuid);
	assert_true(b->parent_uuid == a->uuid);
	assert_string_equal(b->name, "other wakes");
	a = track_of(trace, get(trace, "connection 1 accepted")->track_uuid);
	b = track_of(trace, find(trace, "connection 2 lost, stranded", &at)->track_uuid);
	assert_true(a != b);
	assert_string_equal(a->name, b->name);
	drop(trace);
	report__free(r);
}

/* One that begins as the other ends is on the same track. */
static void test_no_overlap(void **state)
{
	struct report *r = new_picture();
	Perfetto__Trace *trace;

	(void)state;
	r->connections[1].wakes[0] = wake(1, OUTCOME_SWALLOWED, 300, 2000300);
	r->connections[0].waited_ns = 2000000;
	trace = draw(r);
	assert_int_equal(get(trace, "swallowed 1")->track_uuid,
			 get(trace, "swallowed 2")->track_uuid);
	assert_int_equal(get(trace, "connection 1 accepted")->track_uuid,
			 get(trace, "connection 2 lost, stranded")->track_uuid);
	drop(trace);
	report__free(r);
}

static void test_notes(void **state)
{
	struct report *r = new_picture();
	const Perfetto__TrackEvent *event;
	Perfetto__Trace *trace;

	(void)state;
	r->connections[0].wakes[1].waker_context = WAKER_SOFTIRQ;
	r->connections[0].wakes[1].waker_cpu = 3;
	trace = draw(r);
	event = get(trace, "swallowed 1");
	assert_string_equal(note_of(event, "cause")->string_value, "epoll");
	assert_string_equal(note_of(event, "waker_context")->string_value, "softirq");
	assert_int_equal(note_of(event, "waker_cpu")->int_value, 3);
	assert_true(note_of(event, "wasted")->bool_value);
	assert_null(note_of(event, "cpu_ns"));
	assert_null(note_of(event, "accepted_connection"));
	event = get(trace, "accepted 1");
	assert_false(note_of(event, "wasted")->bool_value);
	assert_int_equal(note_of(event, "accepted_connection")->int_value, 1);
	assert_null(note_of(event, "waker_cpu"));
	drop(trace);
	report__free(r);
}

static void test_queue(void **state)
{
	static struct report_waiter waiters[] = {
		{.worker = 2, .exclusive = true, .reached = REACHED_YES},
		{.worker = 1, .reached = REACHED_YES},
		{.worker = 3, .reached = REACHED_NO},
		{.worker = 4, .exclusive = true, .reached = REACHED_NO},
		{.worker = 5, .elsewhere = true},
		{.worker = 6},
	};
	static struct report_waiter many[4000];
	struct report *r = new_picture();
	Perfetto__Trace *trace;
	const char *text;

	(void)state;
	r->connections[0].waiter_list = waiters;
	r->connections[0].waiter_cnt = sizeof(waiters) / sizeof(waiters[0]);
	for (size_t i = 0; i < 4000; i++)
		many[i] = (struct report_waiter){
			.worker = UINT32_MAX, .exclusive = true, .reached = REACHED_NO};
	r->connections[1].waiter_list = many;
	r->connections[1].waiter_cnt = 4000;
	trace = draw(r);
	assert_string_equal(note_of(get(trace, "connection 1 accepted"), "queue")->string_value,
			    "worker 2 (exclusive), worker 1, worker 3 (not reached), "
			    "worker 4 (exclusive, not reached), worker 6");
	text = note_of(get(trace, "connection 2 lost, stranded"), "queue")->string_value;
	assert_non_null(strstr(text, "not reached), ..."));
	drop(trace);
	r->connections[0].waiter_list = r->connections[1].waiter_list = NULL;
	report__free(r);
}

/* Who sees the picture and nothing else must see that something is missing. */
static void test_verdicts(void **state)
{
	static const char name[] = "INCOMPLETE: herd proved, skew refuted, stranding inconclusive";
	struct report *r = new_picture();
	Perfetto__Trace *trace;

	(void)state;
	r->loss.incomplete = true;
	free(r->loss.reason);
	r->loss.reason = strdup("5 records were lost");
	trace = draw(r);
	assert_string_equal(note_of(get(trace, name), "incomplete_reason")->string_value,
			    "5 records were lost");
	assert_int_equal(time_of(trace, name), FIRST_NS);
	drop(trace);
	report__free(r);
}

static void test_no_connections(void **state)
{
	struct report *r = new_picture();
	Perfetto__Trace *trace;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		free(r->connections[i].wakes);
	r->connection_cnt = 0;
	r->totals.summary.connections = 0;
	r->totals.first_ns = 0;
	trace = draw(r);
	assert_int_equal(time_of(trace, "herd proved, skew refuted, stranding inconclusive"),
			 r->ended_ns);
	drop(trace);
	report__free(r);
}

/* ---- hostile names ---- */

/* Strings of protobuf are UTF-8: a reader may refuse all of a trace in which one is not. */
static void test_hostile_names(void **state)
{
	struct report *r = new_picture();
	Perfetto__Trace *trace;
	const Perfetto__TrackDescriptor *track;

	(void)state;
	free(r->totals.listeners[0].address);
	r->totals.listeners[0].address = strdup("@\xc3\x28\n\"<script>");
	strcpy(r->connections[0].peer, "pid \xf5");
	trace = draw(r);
	track = track_of(trace, get(trace, "accepted 1")->track_uuid);
	assert_string_equal(track->thread->thread_name, "worker 2: " SAFE_COMM);
	track = track_of(trace, get(trace, "connection 1 accepted")->track_uuid);
	assert_string_equal(track->name, "listener 1: @\\xc3(\\x0a\"<script> (tcp)");
	assert_string_equal(note_of(get(trace, "connection 1 accepted"), "peer")->string_value,
			    "pid \\xf5");
	drop(trace);
	report__free(r);
}

/* ---- packets by themselves ---- */

static void test_every_note(void **state)
{
	struct packet_note notes[PACKET_NOTES_MAX];
	struct packet_event event = {.time_ns = UINT64_MAX >> 1,
				     .track = UINT64_MAX,
				     .name = "\xff",
				     .category = "c",
				     .notes = notes,
				     .note_cnt = PACKET_NOTES_MAX};
	struct packets packets;
	Perfetto__Trace *trace;
	char *bytes = NULL;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	(void)state;
	assert_non_null(out);
	for (size_t i = 0; i < PACKET_NOTES_MAX; i++)
		notes[i] = (struct packet_note){.name = "n", .text = "\xfe"};
	packets__begin(&packets, out);
	packets__instant(&packets, &event);
	fclose(out);
	trace = unpack(bytes, size);
	assert_int_equal(packets.err, 0);
	assert_int_equal(trace->n_packet, 2);
	assert_int_equal(trace->packet[0]->sequence_flags, 1);
	assert_false(trace->packet[1]->has_sequence_flags);
	assert_int_equal(trace->packet[1]->timestamp, UINT64_MAX >> 1);
	assert_true(trace->packet[1]->track_event->track_uuid == UINT64_MAX);
	assert_string_equal(trace->packet[1]->track_event->name, "\\xff");
	assert_int_equal(trace->packet[1]->track_event->n_debug_annotations, PACKET_NOTES_MAX);
	drop(trace);
	free(bytes);
}

static void test_full_disk(void **state)
{
	struct render_options options = {.format = RENDER_PERFETTO};
	struct report *r = new_picture();
	FILE *out = fopen("/dev/full", "w");

	(void)state;
	assert_non_null(out);
	assert_int_equal(render__report(out, r, &options), -ENOSPC);
	fclose(out);
	report__free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tracks),        cmocka_unit_test(test_times),
		cmocka_unit_test(test_unknown_times), cmocka_unit_test(test_pending),
		cmocka_unit_test(test_arrows),        cmocka_unit_test(test_straight_arrow),
		cmocka_unit_test(test_overlap),       cmocka_unit_test(test_no_overlap),
		cmocka_unit_test(test_notes),         cmocka_unit_test(test_queue),
		cmocka_unit_test(test_verdicts),      cmocka_unit_test(test_no_connections),
		cmocka_unit_test(test_hostile_names), cmocka_unit_test(test_every_note),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests_name("perfetto", tests, NULL, NULL);
}
