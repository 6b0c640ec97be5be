// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * A trace for ui.perfetto.dev. A track for each listener has its connections, from their arrival until they are accepted;
 * one for each worker, under its process, has its wakes, named by what came of them. Arrows lead from an arrival to
 * every wake for it, and on to where it is accepted.
 *
 * It is written row by row, and little is kept: see struct lanes, and .busy_until_ns of struct picture.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vector.h"
#include "render/formats.h"
#include "render/packets.h"
#include "report/words.h"

/* Numbers of tracks and arrows are to meet no others when traces of one machine are put together. */
#define OURS UINT64_C(0x1d7)

enum track_kind {
	TRACK_RUN = 1,
	TRACK_LISTENER,
	TRACK_PROCESS,
	TRACK_WORKER,
	TRACK_EXTRA,
};

static uint64_t track_id(enum track_kind kind, uint64_t number)
{
	return OURS << 40 | (uint64_t)kind << 36 | number;
}

/* So many connections in the queue of a listener have a place that is used again. */
#define LANES_MAX 64

/*
 * Connections that wait at the same time would overlap: the first lane that is free takes one. Lanes have the same name
 * and are shown as one track.
 */
struct lane {
	uint64_t track;
	uint64_t free_ns; /* since when */
};

struct lanes {
	VECTOR(struct lane) of; /* LANES_MAX at most */
};

struct picture {
	struct packets to;
	const struct report *report;
	unsigned most_listener, most_worker;      /* ids */
	const struct report_listener **listeners; /* by id */
	struct lanes *lanes;                      /* likewise */
	const struct report_worker **workers;     /* likewise */
	uint64_t *busy_until_ns;                  /* likewise: the end of what is on its track */
	uint64_t extra;                           /* tracks for what overlaps */
	uint64_t arrows;
	VECTOR(uint64_t) flows; /* that begin at the arrival which is drawn */
};

/* ---- times ---- */

/* Never before it, whatever a recording says. */
static uint64_t after(uint64_t time_ns, int64_t ns)
{
	uint64_t sum = time_ns + (uint64_t)ns;

	return ns < 0 || sum < time_ns ? time_ns : sum;
}

/* Of a time since the first arrival, on the clock of the records. One before the machine's start is no time. */
static uint64_t absolute(const struct picture *p, int64_t ns)
{
	uint64_t first_ns = p->report->totals.first_ns, back_ns = -(uint64_t)ns;

	if (ns >= 0)
		return after(first_ns, ns);
	return back_ns > first_ns ? 0 : first_ns - back_ns;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Where a wake's times are: each not before the one above, whatever was recorded. */
struct span {
	uint64_t woken, ran, returned, ended;
	bool has_run, has_returned;
};

static struct span span_of(const struct picture *p, const struct report_connection *c,
			   const struct report_wake *w)
{
	struct span s = {.has_run = w->ran_ns != REPORT_UNKNOWN_NS,
			 .has_returned = w->returned_ns != REPORT_UNKNOWN_NS};

	s.woken = absolute(p, w->woken_ns != REPORT_UNKNOWN_NS ? w->woken_ns : c->time_ns);
	s.ran = s.has_run ? later(s.woken, absolute(p, w->ran_ns)) : s.woken;
	s.returned = s.has_returned ? later(s.ran, absolute(p, w->returned_ns)) : s.ran;
	s.ended = s.returned;
	if (w->accept_ns != REPORT_UNKNOWN_NS)
		s.ended = later(s.ended, absolute(p, w->accept_ns));
	if (w->slept_ns != REPORT_UNKNOWN_NS)
		s.ended = later(s.ended, absolute(p, w->slept_ns));
	else if (w->outcome == OUTCOME_PENDING)
		s.ended = later(s.ended, p->report->ended_ns);
	return s;
}

/* ---- notes ---- */

static struct packet_note number(const char *name, int64_t value)
{
	return (struct packet_note){.name = name, .number = value};
}

static struct packet_note truth(const char *name, bool value)
{
	return (struct packet_note){.name = name, .number = value, .is_truth = true};
}

static struct packet_note text(const char *name, const char *value)
{
	return (struct packet_note){.name = name, .text = value ? value : ""};
}

/* For numbers whose 0 says that there is none. */
static struct packet_note number_if(const char *name, unsigned value)
{
	return number(name, value ? (int64_t)value : REPORT_UNKNOWN_NS);
}

/* ---- tracks ---- */

static void add_track(struct picture *p, uint64_t id, uint64_t parent, const char *name)
{
	packets__track(&p->to, &(struct packet_track){.id = id, .parent = parent, .name = name});
}

static uint64_t add_extra(struct picture *p, uint64_t parent, const char *name)
{
	uint64_t id = track_id(TRACK_EXTRA, ++p->extra);

	add_track(p, id, parent, name);
	return id;
}

static void name_listener(char to[], size_t size, const struct report_listener *l)
{
	snprintf(to, size, "listener %u: %s (%s)", l->id, l->address, l->protocol);
}

/* The track for a connection that is there from one time to the other. */
static uint64_t find_lane(struct picture *p, const struct report_listener *l, uint64_t from_ns,
			  uint64_t until_ns)
{
	struct lanes *lanes = &p->lanes[l->id];
	struct lane *lane = NULL;
	char name[256];

	for (size_t i = 0; i < lanes->of.cnt && !lane; i++)
		if (lanes->of.at[i].free_ns <= from_ns)
			lane = &lanes->of.at[i];
	if (!lane && lanes->of.cnt < LANES_MAX)
		lane = vector_add(&lanes->of);
	name_listener(name, sizeof(name), l);
	/* One that nothing is kept of does as well. */
	if (!lane)
		return add_extra(p, 0, name);
	lane->free_ns = until_ns;
	if (!lane->track)
		lane->track = add_extra(p, 0, name);
	return lane->track;
}

/* Of a wake: that of its worker, unless something is there already. */
static uint64_t find_place(struct picture *p, const struct report_worker *w, const struct span *s)
{
	uint64_t track = track_id(TRACK_WORKER, w->id);

	if (s->woken < p->busy_until_ns[w->id])
		return add_extra(p, track, "other wakes");
	p->busy_until_ns[w->id] = s->ended;
	return track;
}

static int by_process(const void *a, const void *b)
{
	const struct report_worker *x = *(const struct report_worker *const *)a;
	const struct report_worker *y = *(const struct report_worker *const *)b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* The processes, each with the name and the place of its first worker. */
static int add_processes(struct picture *p)
{
	size_t cnt = p->report->totals.worker_cnt;
	const struct report_worker **all = calloc(cnt + 1, sizeof(*all));

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < cnt; i++)
		all[i] = &p->report->totals.workers[i];
	qsort(all, cnt, sizeof(*all), by_process);
	for (size_t i = 0; i < cnt; i++)
		if (i == 0 || all[i]->pid != all[i - 1]->pid)
			packets__track(&p->to, &(struct packet_track){.id = track_id(TRACK_PROCESS,
										     all[i]->pid),
								      .name = all[i]->comm,
								      .pid = all[i]->pid,
								      .rank = all[i]->id});
	free(all);
	return 0;
}

static void add_workers(struct picture *p)
{
	char name[64];

	for (size_t i = 0; i < p->report->totals.worker_cnt; i++) {
		const struct report_worker *w = &p->report->totals.workers[i];

		snprintf(name, sizeof(name), "worker %u: %s", w->id, w->comm);
		packets__track(&p->to, &(struct packet_track){.id = track_id(TRACK_WORKER, w->id),
							      .name = name,
							      .pid = w->pid,
							      .tid = w->tid,
							      .rank = w->id});
	}
}

/* ---- the run ---- */

static void name_run(char to[], size_t size, const struct report *report)
{
	snprintf(to, size, "%sherd %s, skew %s, stranding %s",
		 report->loss.incomplete ? "INCOMPLETE: " : "",
		 verdict__name(report->verdicts.herd.value),
		 verdict__name(report->verdicts.skew.value),
		 verdict__name(report->verdicts.stranding.value));
}

/* What must not get lost on the way: the verdicts, and what is missing. */
static void add_run(struct picture *p)
{
	const struct report *r = p->report;
	const struct packet_note notes[] = {
		text("herd", r->verdicts.herd.reason),
		text("skew", r->verdicts.skew.reason),
		text("stranding", r->verdicts.stranding.reason),
		text("advice", r->verdicts.advice),
		truth("incomplete", r->loss.incomplete),
		text("incomplete_reason", r->loss.reason),
		text("shortfall", r->shortfall),
		text("kernel", r->kernel_release),
		text("host", r->host),
		text("command", r->command_cnt ? r->command[0] : ""),
		number("connections", (int64_t)r->totals.summary.connections),
		number("wakes", (int64_t)r->totals.summary.wakes),
		number("wasted", (int64_t)r->totals.summary.wasted),
	};
	uint64_t track = track_id(TRACK_RUN, 0), from_ns = r->totals.first_ns;
	char name[128];

	if (!r->totals.summary.connections)
		from_ns = r->ended_ns;
	name_run(name, sizeof(name), r);
	add_track(p, track, 0, "herdtrace");
	packets__begin_slice(&p->to,
			     &(struct packet_event){.time_ns = from_ns,
						    .track = track,
						    .name = name,
						    .category = "run",
						    .notes = notes,
						    .note_cnt = sizeof(notes) / sizeof(notes[0])});
	packets__end_slice(&p->to, track,
			   later(from_ns, later(r->ended_ns, r->totals.last_arrival_ns)));
}

/* ---- wakes ---- */

static const struct report_worker *worker_of(const struct picture *p, unsigned id)
{
	return id <= p->most_worker ? p->workers[id] : NULL;
}

static const char *context_name(enum waker_context context)
{
	return context == WAKER_SOFTIRQ ? "softirq" : context == WAKER_TASK ? "task" : "";
}

static void begin_wake(struct picture *p, const struct report_connection *c,
		       const struct report_wake *w, struct packet_event *event)
{
	bool is_lock = w->cause == CAUSE_LOCK;
	const struct packet_note notes[] = {
		number("connection", c->id),
		text("cause", wake_cause__name(w->cause)),
		text("outcome", wake_outcome__name(w->outcome)),
		truth("wasted", !is_lock && wake_outcome__is_wasted(w->outcome)),
		number_if("accepted_connection", w->accepted_connection),
		number("waker_tid", w->waker_tid),
		text("waker_context", context_name(w->waker_context)),
		number("waker_cpu", w->waker_cpu),
		number("wake_to_run_ns", w->wake_to_run_ns),
		number("cpu_ns", w->cpu_ns),
	};
	char name[64];

	snprintf(name, sizeof(name), "%s%s %u", is_lock ? "lock, " : "",
		 wake_outcome__name(w->outcome),
		 w->accepted_connection ? w->accepted_connection : c->id);
	event->name = name;
	event->category = is_lock ? "lock" : "wake";
	event->notes = notes;
	event->note_cnt = sizeof(notes) / sizeof(notes[0]);
	packets__begin_slice(&p->to, event);
}

static void begin_part(struct picture *p, uint64_t track, uint64_t time_ns, const char *name)
{
	packets__begin_slice(&p->to, &(struct packet_event){.time_ns = time_ns,
							    .track = track,
							    .name = name,
							    .category = "task"});
}

/* From the wake until it ran, from then on until it slept, and in this where it was in user space. */
static void add_parts(struct picture *p, uint64_t track, const struct span *s)
{
	if (s->has_run) {
		begin_part(p, track, s->woken, "woken");
		packets__end_slice(&p->to, track, s->ran);
	}
	if (!s->has_run && !s->has_returned)
		return;
	begin_part(p, track, s->ran, "running");
	if (s->has_returned) {
		begin_part(p, track, s->returned, "user space");
		packets__end_slice(&p->to, track, s->ended);
	}
	packets__end_slice(&p->to, track, s->ended);
}

/* arrow: that leads to it, 0: none; goes_on: it leads on from here. */
static void add_wake(struct picture *p, const struct report_connection *c,
		     const struct report_wake *w, uint64_t arrow, bool goes_on)
{
	const struct report_worker *worker = worker_of(p, w->worker);
	struct packet_event event = {0};
	struct span span;

	if (!worker)
		return;
	span = span_of(p, c, w);
	event.time_ns = span.woken;
	event.track = find_place(p, worker, &span);
	event.flows = &arrow;
	event.flow_cnt = goes_on;
	event.last_flow = goes_on ? 0 : arrow;
	begin_wake(p, c, w, &event);
	add_parts(p, event.track, &span);
	packets__end_slice(&p->to, event.track, span.ended);
}

/* ---- connections ---- */

static bool has_arrow(const struct picture *p, const struct report_wake *w)
{
	return w->cause != CAUSE_LOCK && worker_of(p, w->worker);
}

/* Of the wakes of a connection the one that led to its accept; their number: none did. */
static size_t find_taker(const struct picture *p, const struct report_connection *c)
{
	size_t i = 0;

	while (i < c->wake_cnt &&
	       !(has_arrow(p, &c->wakes[i]) && c->wakes[i].outcome == OUTCOME_ACCEPTED &&
		 c->wakes[i].accepted_connection == c->id &&
		 c->wakes[i].worker == c->accepted_worker))
		i++;
	return i;
}

/* An arrow for each wake, and one to the accept where none of them leads there. */
static int number_arrows(struct picture *p, const struct report_connection *c, bool straight)
{
	p->flows.cnt = 0;
	for (size_t i = 0; i < c->wake_cnt + 1; i++) {
		bool wanted = i < c->wake_cnt ? has_arrow(p, &c->wakes[i]) : straight;
		uint64_t *flow = wanted ? vector_add(&p->flows) : NULL;

		if (flow)
			*flow = OURS << 40 | ++p->arrows;
		else if (wanted)
			return -ENOMEM;
	}
	return 0;
}

/* Of a text that says who slept in the queue; the first hundred find room. */
#define QUEUE_TEXT_SIZE 4096

/* In its order: "worker 2 (exclusive), worker 1 (exclusive, not reached)". */
static void describe_queue(char to[QUEUE_TEXT_SIZE], const struct report_connection *c)
{
	size_t used = 0;

	*to = '\0';
	for (size_t i = 0; i < c->waiter_cnt; i++) {
		const struct report_waiter *w = &c->waiter_list[i];
		bool left_out = w->reached == REACHED_NO;

		if (w->elsewhere)
			continue;
		if (used > QUEUE_TEXT_SIZE - 64) {
			strcpy(to + used, ", ...");
			return;
		}
		used += (size_t)sprintf(to + used, "%sworker %u%s%s%s%s", used ? ", " : "",
					w->worker, w->exclusive || left_out ? " (" : "",
					w->exclusive ? "exclusive" : "",
					w->exclusive && left_out ? ", " : "",
					left_out       ? "not reached)"
					: w->exclusive ? ")"
						       : "");
	}
}

static void begin_queued(struct picture *p, const struct report_connection *c, uint64_t track,
			 uint64_t from_ns)
{
	char name[64], queue[QUEUE_TEXT_SIZE];
	const struct packet_note notes[] = {
		number("connection", c->id),
		text("peer", c->peer),
		text("outcome", connection_end__name(c->end)),
		text("queue", queue),
		number_if("accepted_by", c->accepted_by),
		number("waiters", c->waiters),
		truth("waiters_truncated", c->waiters_truncated),
		number("offers", c->offers),
		number("woken", c->woken),
		number("wasted", c->wasted),
		truth("stranded", c->stranded),
		number_if("migrated_from", c->migrated_from),
	};
	struct packet_event event = {.time_ns = from_ns,
				     .track = track,
				     .category = "connection",
				     .flows = p->flows.at,
				     .flow_cnt = p->flows.cnt,
				     .notes = notes,
				     .note_cnt = sizeof(notes) / sizeof(notes[0])};

	describe_queue(queue, c);
	snprintf(name, sizeof(name), "connection %u %s%s", c->id, connection_end__name(c->end),
		 c->stranded ? ", stranded" : "");
	event.name = name;
	packets__begin_slice(&p->to, &event);
}

/* Its place on the listener's track: the handshake, where it is known, and the time in the queue. */
static void add_queued(struct picture *p, const struct report_connection *c,
		       const struct report_listener *l)
{
	bool has_syn = c->syn_to_arrival_ns != REPORT_UNKNOWN_NS;
	uint64_t from_ns = absolute(p, c->time_ns), syn_ns = from_ns, until_ns, track;

	until_ns = after(from_ns, c->waited_ns);
	if (has_syn && (uint64_t)c->syn_to_arrival_ns < from_ns)
		syn_ns = from_ns - (uint64_t)c->syn_to_arrival_ns;
	track = find_lane(p, l, syn_ns, until_ns);
	if (has_syn) {
		begin_part(p, track, syn_ns, "handshake");
		packets__end_slice(&p->to, track, from_ns);
	}
	begin_queued(p, c, track, from_ns);
	packets__end_slice(&p->to, track, until_ns);
}

static void add_accept(struct picture *p, const struct report_connection *c, uint64_t arrow)
{
	const struct packet_note note = number("connection", c->id);
	char name[32];

	snprintf(name, sizeof(name), "accept %u", c->id);
	packets__instant(&p->to,
			 &(struct packet_event){
				 .time_ns = after(absolute(p, c->time_ns), c->arrival_to_accept_ns),
				 .track = track_id(TRACK_WORKER, c->accepted_worker),
				 .name = name,
				 .category = "accept",
				 .last_flow = arrow,
				 .notes = &note,
				 .note_cnt = 1,
			 });
}

static int add_connection(struct picture *p, const struct report_connection *c)
{
	const struct report_listener *l =
		c->listener <= p->most_listener ? p->listeners[c->listener] : NULL;
	bool accepted = c->end == CONNECTION_ACCEPTED && worker_of(p, c->accepted_worker) &&
			c->arrival_to_accept_ns != REPORT_UNKNOWN_NS;
	size_t taker = accepted ? find_taker(p, c) : c->wake_cnt, arrow = 0;
	uint64_t to_accept = 0;
	int err;

	if (!l)
		return 0;
	err = number_arrows(p, c, accepted && taker == c->wake_cnt);
	if (err)
		return err;
	add_queued(p, c, l);
	for (size_t i = 0; i < c->wake_cnt; i++) {
		uint64_t flow = has_arrow(p, &c->wakes[i]) ? p->flows.at[arrow++] : 0;

		add_wake(p, c, &c->wakes[i], flow, i == taker);
		if (i == taker)
			to_accept = flow;
	}
	if (accepted)
		add_accept(p, c, to_accept ? to_accept : p->flows.at[arrow]);
	return p->to.err;
}

/* ---- all of it ---- */

static void find_most(struct picture *p)
{
	const struct totals *t = &p->report->totals;

	for (size_t i = 0; i < t->listener_cnt; i++)
		if (t->listeners[i].id > p->most_listener)
			p->most_listener = t->listeners[i].id;
	for (size_t i = 0; i < t->worker_cnt; i++)
		if (t->workers[i].id > p->most_worker)
			p->most_worker = t->workers[i].id;
}

/* By id: where some have no row any more, places stay empty. */
static int begin_picture(struct picture *p, FILE *out)
{
	const struct totals *t = &p->report->totals;

	find_most(p);
	p->listeners = calloc(p->most_listener + 1, sizeof(*p->listeners));
	p->lanes = calloc(p->most_listener + 1, sizeof(*p->lanes));
	p->workers = calloc(p->most_worker + 1, sizeof(*p->workers));
	p->busy_until_ns = calloc(p->most_worker + 1, sizeof(*p->busy_until_ns));
	if (!p->listeners || !p->lanes || !p->workers || !p->busy_until_ns)
		return -ENOMEM;
	for (size_t i = 0; i < t->listener_cnt; i++)
		p->listeners[t->listeners[i].id] = &t->listeners[i];
	for (size_t i = 0; i < t->worker_cnt; i++)
		p->workers[t->workers[i].id] = &t->workers[i];
	packets__begin(&p->to, out);
	add_run(p);
	add_workers(p);
	return add_processes(p);
}

static void free_picture(struct picture *p)
{
	for (unsigned i = 0; p->lanes && i <= p->most_listener; i++)
		free(p->lanes[i].of.at);
	free(p->lanes);
	free(p->listeners);
	free(p->workers);
	free(p->busy_until_ns);
	free(p->flows.at);
}

int render_perfetto__write(FILE *out, const struct report *report,
			   const struct render_options *options)
{
	struct picture p = {.report = report};
	const struct report_connection *connection;
	struct report_cursor cursor = {0};
	int err = begin_picture(&p, out), read_err = 0;

	while (!err && !options->summary_only && !ferror(out) &&
	       (connection = report__next(report, &cursor, &read_err)))
		err = add_connection(&p, connection);
	report_cursor__end(&cursor);
	free_picture(&p);
	return err ? err : read_err ? read_err : p.to.err;
}
