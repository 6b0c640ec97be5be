/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Writes a trace for Perfetto (ui.perfetto.dev), packet after packet as they come: tracks, and slices and instants on
 * them. Nothing is kept, so a trace may be of any length. Packets need not be in order of time: Perfetto sorts them,
 * and leaves those of one time in the order of the file.
 *
 * Slices of one track must nest: each ends before what it began in. Slices that overlap go on tracks of their own; tracks
 * of one name without a process or thread are shown as one.
 *
 * Texts may have any bytes: they are made harmless (base/text.h), as protobuf wants valid UTF-8.
 */
#ifndef HERDTRACE_RENDER_PACKETS_H
#define HERDTRACE_RENDER_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct packets {
	FILE *out; /* not owned; write errors are left there */
	int err;   /* -ENOMEM; nothing is written after it */
	bool begun;
};

struct packet_track {
	uint64_t id;      /* not 0 */
	uint64_t parent;  /* 0: none. Of a process or thread a track that is shown beside it */
	const char *name; /* of the track, the process or the thread */
	uint32_t pid;     /* of a process, or of a thread's; 0: of neither */
	uint32_t tid;     /* of a thread, 0: it is none */
	unsigned rank;    /* its place among its like, in rising order; 0: wherever it comes */
};

/* Something said of an event: a text, or else a number or a truth. An empty text and a number below 0 say nothing. */
struct packet_note {
	const char *name; /* ours */
	const char *text; /* NULL: a number or a truth */
	int64_t number;
	bool is_truth; /* of which 0 says no, 1 says yes */
};

#define PACKET_NOTES_MAX 24

struct packet_event {
	uint64_t time_ns;
	uint64_t track;
	const char *name;
	const char *category;  /* ours */
	const uint64_t *flows; /* arrows that begin here, or lead through */
	size_t flow_cnt;
	uint64_t last_flow;              /* an arrow that ends here, 0: none */
	const struct packet_note *notes; /* up to PACKET_NOTES_MAX */
	size_t note_cnt;
};

/* The head of a trace. */
void packets__begin(struct packets *packets, FILE *out);

/* Each track before what is on it. */
void packets__track(struct packets *packets, const struct packet_track *track);

void packets__instant(struct packets *packets, const struct packet_event *event);
void packets__begin_slice(struct packets *packets, const struct packet_event *event);

/* Ends the slice of that track which began last. */
void packets__end_slice(struct packets *packets, uint64_t track, uint64_t time_ns);

#endif
