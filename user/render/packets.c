// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "render/packets.h"

#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "perfetto.pb-c.h"

/*
 * Perfetto wants to know which packets are of one writer. Those that Perfetto itself numbers begin with 1: a number out
 * of their way lets a trace be put behind one that it made of the same machine.
 */
#define SEQUENCE 0x1d7ace

/* What was said before, by whomever, is not needed to understand what follows. */
#define INCREMENTAL_STATE_CLEARED 1

#define ORDERED_BY_RANK 1

#define TEXTS_MAX (2 + PACKET_NOTES_MAX)

/* Of one packet, until it is written. */
struct texts {
	char *at[TEXTS_MAX];
	size_t cnt;
};

/* ---- a packet to the stream ---- */

struct sink {
	ProtobufCBuffer base;
	FILE *out;
};

static void append(ProtobufCBuffer *buffer, size_t len, const uint8_t *bytes)
{
	fwrite(bytes, 1, len, ((struct sink *)buffer)->out);
}

/* A trace is a message that has nothing but packets: one after another they are the same as all at once. */
static void put(struct packets *p, Perfetto__TracePacket *packet, struct texts *texts)
{
	Perfetto__Trace trace = PERFETTO__TRACE__INIT;
	struct sink sink = {.base = {.append = append}, .out = p->out};

	packet->has_trusted_packet_sequence_id = true;
	packet->trusted_packet_sequence_id = SEQUENCE;
	packet->has_sequence_flags = !p->begun;
	packet->sequence_flags = INCREMENTAL_STATE_CLEARED;
	p->begun = true;
	trace.n_packet = 1;
	trace.packet = &packet;
	if (!p->err)
		perfetto__trace__pack_to_buffer(&trace, &sink.base);
	for (size_t i = 0; texts && i < texts->cnt; i++)
		free(texts->at[i]);
}

/* NULL stays NULL, which is a field that is not there. */
static char *harmless(struct packets *p, struct texts *texts, const char *text)
{
	char *copy = text ? text__harmless(text) : NULL;

	if (text && !copy)
		p->err = -ENOMEM;
	if (copy)
		texts->at[texts->cnt++] = copy;
	return copy;
}

/* ---- tracks ---- */

void packets__begin(struct packets *p, FILE *out)
{
	Perfetto__TracePacket packet = PERFETTO__TRACE_PACKET__INIT;
	Perfetto__TrackDescriptor all = PERFETTO__TRACK_DESCRIPTOR__INIT;

	*p = (struct packets){.out = out};
	all.has_uuid = true;
	all.has_process_ordering = all.has_thread_ordering = true;
	all.process_ordering = all.thread_ordering = ORDERED_BY_RANK;
	packet.track_descriptor = &all;
	put(p, &packet, NULL);
}

void packets__track(struct packets *p, const struct packet_track *track)
{
	Perfetto__TracePacket packet = PERFETTO__TRACE_PACKET__INIT;
	Perfetto__TrackDescriptor to = PERFETTO__TRACK_DESCRIPTOR__INIT;
	Perfetto__ProcessDescriptor process = PERFETTO__PROCESS_DESCRIPTOR__INIT;
	Perfetto__ThreadDescriptor thread = PERFETTO__THREAD_DESCRIPTOR__INIT;
	struct texts texts = {0};
	char *name = harmless(p, &texts, track->name);

	packet.track_descriptor = &to;
	to.has_uuid = true;
	to.uuid = track->id;
	to.has_parent_uuid = track->parent;
	to.parent_uuid = track->parent;
	to.has_sibling_order_rank = track->rank;
	to.sibling_order_rank = track->rank;
	if (track->tid) {
		thread.has_pid = thread.has_tid = true;
		thread.pid = track->pid;
		thread.tid = track->tid;
		thread.thread_name = name;
		to.thread = &thread;
	} else if (track->pid) {
		process.has_pid = true;
		process.pid = track->pid;
		process.process_name = name;
		to.process = &process;
	} else {
		to.name = name;
	}
	put(p, &packet, &texts);
}

/* ---- events ---- */

static void put_event(struct packets *p, Perfetto__TrackEvent *event, uint64_t time_ns,
		      uint64_t track, struct texts *texts)
{
	Perfetto__TracePacket packet = PERFETTO__TRACE_PACKET__INIT;

	packet.has_timestamp = true;
	/* Perfetto's times have a sign. */
	packet.timestamp = time_ns < INT64_MAX ? time_ns : INT64_MAX;
	packet.track_event = event;
	event->has_type = event->has_track_uuid = true;
	event->track_uuid = track;
	put(p, &packet, texts);
}

static bool says_something(const struct packet_note *note)
{
	return note->text ? *note->text : note->number >= 0;
}

static void set_note(struct packets *p, struct texts *texts, Perfetto__DebugAnnotation *to,
		     const struct packet_note *note)
{
	perfetto__debug_annotation__init(to);
	to->name = (char *)note->name;
	to->string_value = harmless(p, texts, note->text);
	to->has_bool_value = !note->text && note->is_truth;
	to->bool_value = note->number;
	to->has_int_value = !note->text && !note->is_truth;
	to->int_value = note->number;
}

static void begin_event(struct packets *p, Perfetto__TrackEvent__Type type,
			const struct packet_event *event)
{
	Perfetto__TrackEvent to = PERFETTO__TRACK_EVENT__INIT;
	Perfetto__DebugAnnotation notes[PACKET_NOTES_MAX], *at[PACKET_NOTES_MAX];
	char *category = (char *)event->category;
	uint64_t last_flow = event->last_flow;
	struct texts texts = {0};

	for (size_t i = 0; i < event->note_cnt && i < PACKET_NOTES_MAX; i++) {
		if (!says_something(&event->notes[i]))
			continue;
		set_note(p, &texts, &notes[i], &event->notes[i]);
		at[to.n_debug_annotations++] = &notes[i];
	}
	to.debug_annotations = at;
	to.type = type;
	to.name = harmless(p, &texts, event->name);
	to.n_categories = 1;
	to.categories = &category;
	to.n_flow_ids = event->flow_cnt;
	to.flow_ids = (uint64_t *)event->flows;
	to.n_terminating_flow_ids = last_flow ? 1 : 0;
	to.terminating_flow_ids = &last_flow;
	put_event(p, &to, event->time_ns, event->track, &texts);
}

void packets__instant(struct packets *p, const struct packet_event *event)
{
	begin_event(p, PERFETTO__TRACK_EVENT__TYPE__TYPE_INSTANT, event);
}

void packets__begin_slice(struct packets *p, const struct packet_event *event)
{
	begin_event(p, PERFETTO__TRACK_EVENT__TYPE__TYPE_SLICE_BEGIN, event);
}

void packets__end_slice(struct packets *p, uint64_t track, uint64_t time_ns)
{
	Perfetto__TrackEvent to = PERFETTO__TRACK_EVENT__INIT;

	to.type = PERFETTO__TRACK_EVENT__TYPE__TYPE_SLICE_END;
	put_event(p, &to, time_ns, track, NULL);
}
