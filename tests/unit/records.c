// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "model/model.h"
#include "record/check.h"
#include "record/recording.h"

static void *or_die(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

void tape__free(struct tape *tape)
{
	free(tape->records);
	memset(tape, 0, sizeof(*tape));
}

/* ---- records ---- */

static void *append(struct tape *tape, enum record_type type, size_t len, uint32_t tid)
{
	struct record_header *header;

	if (tape->capacity - tape->len < len) {
		tape->capacity = tape->capacity * 2 + len;
		tape->records = or_die(realloc(tape->records, tape->capacity));
	}
	header = (struct record_header *)(tape->records + tape->len);
	memset(header, 0, len);
	tape->len += len;
	header->type = type;
	header->len = len;
	header->tid = tid;
	header->time_ns = TAPE_START_NS + tape->clock_ns;
	tape->clock_ns += TAPE_STEP_NS;
	return header;
}

static struct record_endpoint loopback(uint16_t port)
{
	return (struct record_endpoint){
		.family = AF_INET,
		.port = port,
		.address = {127, 0, 0, 1},
	};
}

/* Cut to what fits, not terminated when it just fits: what the kernel side may send. */
static void set_comm(char *to, const char *comm)
{
	memcpy(to, comm, strnlen(comm, RECORD_COMM_LEN));
}

struct record_meta *tape__meta(struct tape *tape, enum meta_key key, const char *text)
{
	size_t text_len = strlen(text);
	size_t len = (sizeof(struct record_meta) + text_len + 7) / 8 * 8;
	struct record_meta *r = append(tape, RECORD_META, len, 0);

	r->key = key;
	r->text_len = text_len;
	memcpy(r + 1, text, text_len);
	return r;
}

struct record_task *tape__task(struct tape *tape, enum task_event event, uint32_t tid,
			       const char *comm)
{
	struct record_task *r = append(tape, RECORD_TASK, sizeof(*r), tid);

	r->event = event;
	r->tgid = tid;
	set_comm(r->comm, comm);
	return r;
}

struct record_listen *tape__listen(struct tape *tape, uint64_t listener, uint16_t port)
{
	struct record_listen *r = append(tape, RECORD_LISTEN, sizeof(*r), 0);

	r->listener = listener;
	r->local = loopback(port);
	r->backlog = 128;
	return r;
}

struct record_unlisten *tape__unlisten(struct tape *tape, uint64_t listener)
{
	struct record_unlisten *r = append(tape, RECORD_UNLISTEN, sizeof(*r), 0);

	r->listener = listener;
	return r;
}

struct record_path *tape__path(struct tape *tape, uint64_t listener, const char *path)
{
	struct record_path *r = append(tape, RECORD_PATH, sizeof(*r), 0);

	r->listener = listener;
	memcpy(r->path, path, strnlen(path, RECORD_PATH_LEN));
	return r;
}

struct record_migrate *tape__migrate(struct tape *tape, uint64_t arrival, uint64_t as,
				     uint64_t from, uint64_t to)
{
	struct record_migrate *r = append(tape, RECORD_MIGRATE, sizeof(*r), 0);

	r->arrival = as;
	r->from = from;
	r->to = to;
	r->child = TAPE_CHILD(arrival);
	return r;
}

struct record_select *tape__select(struct tape *tape, uint64_t listener, uint64_t arrival)
{
	struct record_select *r = append(tape, RECORD_SELECT, sizeof(*r), 0);

	r->listener = listener;
	r->group = 0x9999;
	r->hash = 0x80000000;
	r->socks = 4;
	r->index = r->predicted = 2;
	r->peer = loopback(TAPE_PEER_PORT(arrival));
	return r;
}

struct record_arrival *tape__arrival(struct tape *tape, uint64_t arrival, uint64_t listener)
{
	struct record_arrival *r = append(tape, RECORD_ARRIVAL, sizeof(*r), 0);

	tape->arrivals++;
	r->arrival = arrival;
	r->listener = listener;
	r->child = TAPE_CHILD(arrival);
	r->peer = loopback(TAPE_PEER_PORT(arrival));
	r->local = loopback(8888);
	return r;
}

struct record_refused *tape__refused(struct tape *tape, uint64_t arrival)
{
	struct record_refused *r = append(tape, RECORD_REFUSED, sizeof(*r), 0);

	r->arrival = arrival;
	return r;
}

struct record_waiter *tape__waiter(struct tape *tape, uint64_t arrival, uint32_t tid)
{
	struct record_waiter *r = append(tape, RECORD_WAITER, sizeof(*r), tid);

	r->arrival = arrival;
	r->tgid = tid;
	r->cause = CAUSE_EPOLL;
	return r;
}

/* The first of them; each is as tape__waiter() has one. */
struct waiter_entry *tape__waiters(struct tape *tape, uint64_t arrival, const uint32_t *tids,
				   unsigned cnt)
{
	struct record_waiters *r =
		append(tape, RECORD_WAITERS, sizeof(*r) + cnt * sizeof(struct waiter_entry), 0);
	struct waiter_entry *at = (struct waiter_entry *)(r + 1);

	r->arrival = arrival;
	r->cnt = cnt;
	for (unsigned i = 0; i < cnt; i++)
		at[i] = (struct waiter_entry){
			.tid = tids[i],
			.tgid = tids[i],
			.cause = CAUSE_EPOLL,
		};
	return at;
}

struct record_walk *tape__walk(struct tape *tape, uint64_t arrival, uint32_t offers)
{
	struct record_walk *r = append(tape, RECORD_WALK, sizeof(*r), 0);

	r->arrival = arrival;
	r->offers = offers;
	return r;
}

struct record_wake *tape__wake(struct tape *tape, uint64_t arrival, uint32_t tid,
			       enum wake_cause cause)
{
	return tape__wake_by(tape, 0, arrival, tid, cause);
}

struct record_wake *tape__wake_by(struct tape *tape, uint32_t waker, uint64_t arrival, uint32_t tid,
				  enum wake_cause cause)
{
	struct record_wake *r = append(tape, RECORD_WAKE, sizeof(*r), tid);

	tape->wakes++;
	r->number = tape->wakes;
	r->arrival = arrival;
	r->cause = cause;
	r->tgid = tid;
	r->waker_tid = waker;
	r->stack_id = -1;
	set_comm(r->comm, "server");
	return r;
}

struct record_run *tape__run(struct tape *tape, uint32_t tid)
{
	return append(tape, RECORD_RUN, sizeof(struct record_run), tid);
}

struct record_accept *tape__accept(struct tape *tape, uint32_t tid, uint64_t arrival)
{
	struct record_accept *r = append(tape, RECORD_ACCEPT, sizeof(*r), tid);

	tape->accepts++;
	r->child = TAPE_CHILD(arrival);
	r->tgid = tid;
	return r;
}

struct record_accept *tape__accept_fails(struct tape *tape, uint32_t tid, int error)
{
	struct record_accept *r = append(tape, RECORD_ACCEPT, sizeof(*r), tid);

	r->error = -error;
	r->tgid = tid;
	return r;
}

struct record_return *tape__return(struct tape *tape, uint32_t tid)
{
	struct record_return *r = append(tape, RECORD_RETURN, sizeof(*r), tid);

	r->call = CALL_EPOLL;
	r->result = 1;
	return r;
}

struct record_sleep *tape__sleep(struct tape *tape, uint32_t tid)
{
	struct record_sleep *r = append(tape, RECORD_SLEEP, sizeof(*r), tid);

	r->call = CALL_EPOLL;
	return r;
}

struct record_standby *tape__standby(struct tape *tape, uint64_t listener, uint32_t tid)
{
	struct record_standby *r = append(tape, RECORD_STANDBY, sizeof(*r), tid);

	r->listener = listener;
	r->call = CALL_EPOLL;
	r->queued = 1;
	return r;
}

struct record_place *tape__place(struct tape *tape, uint32_t tid, uint32_t ns_tid, const char *path)
{
	size_t text_len = strlen(path);
	size_t len = (sizeof(struct record_place) + text_len + 7) / 8 * 8;
	struct record_place *r = append(tape, RECORD_PLACE, len, tid);

	r->ns_pid = r->ns_tid = ns_tid;
	r->text_len = text_len;
	memcpy(r + 1, path, text_len);
	return r;
}

struct record_epoll *tape__epoll(struct tape *tape, uint64_t listener, uint32_t pid,
				 uint32_t events)
{
	struct record_epoll *r = append(tape, RECORD_EPOLL, sizeof(*r), pid);

	r->listener = listener;
	r->fd = 5;
	r->watched = 3;
	r->events = events;
	return r;
}

struct record_holder *tape__holder(struct tape *tape, uint64_t listener, uint32_t pid,
				   uint32_t parent)
{
	struct record_holder *r = append(tape, RECORD_HOLDER, sizeof(*r), pid);

	r->listener = listener;
	r->parent = parent;
	return r;
}

struct record_stack *tape__stack(struct tape *tape, int stack_id, const char *names)
{
	size_t text_len = strlen(names);
	size_t len = (sizeof(struct record_stack) + text_len + 7) / 8 * 8;
	struct record_stack *r = append(tape, RECORD_STACK, len, 0);

	r->stack_id = stack_id;
	r->text_len = text_len;
	memcpy(r + 1, names, text_len);
	return r;
}

struct record_end *tape__end(struct tape *tape)
{
	struct record_end *r = append(tape, RECORD_END, sizeof(*r), 0);

	r->arrivals = tape->arrivals;
	r->wakes = tape->wakes;
	r->accepts = tape->accepts;
	return r;
}

/* ---- what becomes of them ---- */

const struct record_header *tape__next(const struct tape *tape, const struct record_header *record)
{
	size_t at = record ? (const char *)record + record->len - tape->records : 0;

	return at < tape->len ? (const struct record_header *)(tape->records + at) : NULL;
}

struct report *tape__report(const struct tape *tape)
{
	struct model *model = or_die(model__new());
	struct rows *rows = or_die(rows__new());
	const struct record_header *r = NULL;
	struct report *report = NULL;
	const char *why;

	model__add_sink(model, rows__take, rows);
	model__keep_stories(model);
	while ((r = tape__next(tape, r)))
		if (record__check(r, r->len, &why) != r->len || model__take(model, r))
			break;
	if (r)
		rows__free(rows);
	else
		report = model__finish(model, rows);
	if (report && report__load(report))
		abort();
	model__free(model);
	return report;
}

char *tape__recording(const struct tape *tape, size_t *len)
{
	char *bytes;
	FILE *file = or_die(open_memstream(&bytes, len));

	if (recording__begin(file) ||
	    (tape->len && fwrite(tape->records, tape->len, 1, file) != 1) || fclose(file))
		abort();
	return bytes;
}

/* ---- reports ---- */

static const char *malformed_wake(const struct report *r, const struct report_wake *w)
{
	if (w->worker < 1 || w->worker > r->totals.worker_cnt)
		return "wake of a worker that is not there";
	if (r->totals.workers[w->worker - 1].tid != w->tid ||
	    r->totals.workers[w->worker - 1].pid != w->pid)
		return "wake of another task than its worker";
	if (w->cause < CAUSE_ACCEPT || w->cause >= CAUSE_CNT)
		return "wake without a cause";
	if (w->outcome >= OUTCOME_CNT)
		return "wake without an outcome";
	if (w->accepted_connection > r->connection_cnt)
		return "wake accepted a connection that is not there";
	if (w->accepted_connection && w->outcome != OUTCOME_ACCEPTED)
		return "wake accepted a connection and did not";
	if (w->wake_to_run_ns < REPORT_UNKNOWN_NS || w->cpu_ns < REPORT_UNKNOWN_NS ||
	    w->woken_ns < REPORT_UNKNOWN_NS || w->ran_ns < REPORT_UNKNOWN_NS)
		return "negative time of a wake";
	if ((w->returned_ns != REPORT_UNKNOWN_NS && w->returned_ns < w->woken_ns) ||
	    (w->accept_ns != REPORT_UNKNOWN_NS && w->accept_ns < w->woken_ns) ||
	    (w->slept_ns != REPORT_UNKNOWN_NS && w->slept_ns < w->woken_ns))
		return "a wake that went on before it began";
	return NULL;
}

static const char *malformed_wakes(const struct report *r, const struct report_connection *c)
{
	unsigned woken = 0, wasted = 0;

	for (size_t i = 0; i < c->wake_cnt; i++) {
		const struct report_wake *w = &c->wakes[i];
		const char *wrong = malformed_wake(r, w);

		if (wrong)
			return wrong;
		if (w->cause == CAUSE_LOCK)
			continue;
		woken++;
		wasted += w->outcome != OUTCOME_ACCEPTED && w->outcome != OUTCOME_HANDED_ON &&
			  w->outcome != OUTCOME_PENDING;
	}
	return woken != c->woken || wasted != c->wasted ? "wakes of a connection" : NULL;
}

static const char *malformed_connection(const struct report *r, const struct report_connection *c)
{
	bool accepted = c->end == CONNECTION_ACCEPTED;

	if (c->listener < 1 || c->listener > r->totals.listener_cnt)
		return "connection of a listener that is not there";
	if (c->migrated_from > r->totals.listener_cnt)
		return "connection from a listener that is not there";
	if (c->time_ns < 0 || c->waited_ns < 0)
		return "negative time of a connection";
	if (c->arrival_to_accept_ns != (accepted ? c->waited_ns : REPORT_UNKNOWN_NS))
		return "time to accept";
	if (accepted != (c->accepted_worker != 0) || c->accepted_worker > r->totals.worker_cnt)
		return "accepted by a worker that is not there";
	if (accepted && r->totals.workers[c->accepted_worker - 1].tid != c->accepted_by)
		return "accepted by another task than its worker";
	return malformed_wakes(r, c);
}

/* Only an AF_UNIX listener can be without an address: its PATH may be missing. */
static bool listener_ok(const struct report_listener *l, size_t index)
{
	return l->id == index + 1 &&
	       (!strcmp(l->protocol, "unix") || (!strcmp(l->protocol, "tcp") && l->address[0]));
}

const char *report__malformed(const struct report *r)
{
	const char *wrong;

	for (size_t i = 0; i < r->totals.listener_cnt; i++)
		if (!listener_ok(&r->totals.listeners[i], i))
			return "listener";
	for (size_t i = 0; i < r->totals.worker_cnt; i++)
		if (r->totals.workers[i].id != i + 1)
			return "worker";
	for (size_t i = 0; i < r->connection_cnt; i++) {
		if (r->connections[i].id != i + 1 || !r->connections[i].peer[0])
			return "connection";
		wrong = malformed_connection(r, &r->connections[i]);
		if (wrong)
			return wrong;
	}
	if (r->loss.incomplete != (*r->loss.reason != '\0'))
		return "loss without a reason";
	if (!r->loss.incomplete &&
	    (r->loss.ring_drops || r->loss.map_full || r->loss.missed_probes ||
	     r->loss.long_lists || r->loss.early_calls || r->loss.unbalanced))
		return "loss in a complete report";
	return NULL;
}

/* Both sides of what must be equal: from the rows of connections, and from everywhere else. */
struct sums {
	uint64_t wakes, wasted, locks, offers, accepted, waiting, lost, migrated, selections;
	uint64_t outcome[OUTCOME_CNT], cause[CAUSE_CNT];
};

static void add_connection(struct sums *sums, const struct report_connection *c)
{
	for (size_t i = 0; i < c->wake_cnt; i++) {
		sums->cause[c->wakes[i].cause]++;
		if (c->wakes[i].cause == CAUSE_LOCK)
			sums->locks++;
		else
			sums->outcome[c->wakes[i].outcome]++;
	}
	sums->wakes += c->woken;
	sums->wasted += c->wasted;
	sums->offers += c->offers;
	sums->accepted += c->end == CONNECTION_ACCEPTED;
	sums->waiting += c->end == CONNECTION_WAITING;
	sums->lost += c->end == CONNECTION_LOST;
	sums->migrated += c->migrated_from != 0;
	sums->selections += c->selection.present;
}

static const char *unbalanced_summary(const struct report_summary *s, const struct sums *sums)
{
	if (s->wakes != sums->wakes || s->wasted != sums->wasted || s->offers != sums->offers)
		return "wakes of the summary";
	if (s->accepted != sums->accepted || s->waiting != sums->waiting || s->lost != sums->lost ||
	    s->migrated != sums->migrated || s->selections != sums->selections)
		return "connections of the summary";
	for (int o = 0; o < OUTCOME_CNT; o++)
		if (s->outcome[o] != sums->outcome[o])
			return "outcomes of the summary";
	for (int c = 0; c < CAUSE_CNT; c++)
		if (c != CAUSE_LOCK && s->wakes_by_cause.of[c] != sums->cause[c])
			return "causes of the summary";
	if (s->wakes_by_cause.of[CAUSE_LOCK] != sums->locks + s->lock_without_arrival)
		return "hand-overs of the summary";
	return NULL;
}

static const char *unbalanced_workers(const struct report *r, const struct sums *sums)
{
	uint64_t wakes = 0, locks = 0, accepted = 0, wasted_cpu_ns = 0;
	uint64_t outcome[OUTCOME_CNT] = {0};

	for (size_t i = 0; i < r->totals.worker_cnt; i++) {
		const struct report_worker *w = &r->totals.workers[i];
		uint64_t own = 0;

		for (int o = 0; o < OUTCOME_CNT; o++) {
			own += w->outcome[o];
			outcome[o] += w->outcome[o];
		}
		if (own != w->wakes)
			return "outcomes of a worker";
		wakes += w->wakes;
		locks += w->lock_wakes;
		accepted += w->accepted;
		wasted_cpu_ns += w->wasted_cpu_ns;
	}
	if (wakes != sums->wakes || accepted != sums->accepted ||
	    memcmp(outcome, sums->outcome, sizeof(outcome)))
		return "workers and connections";
	if (locks != r->totals.summary.wakes_by_cause.of[CAUSE_LOCK])
		return "hand-overs of workers";
	return wasted_cpu_ns != r->totals.summary.wasted_cpu_ns ? "CPU time of workers" : NULL;
}

static const char *unbalanced_listeners(const struct report *r, const struct sums *sums)
{
	uint64_t connections = 0, accepted = 0;

	for (size_t i = 0; i < r->totals.listener_cnt; i++) {
		connections += r->totals.listeners[i].connections;
		accepted += r->totals.listeners[i].accepted;
	}
	return connections != r->connection_cnt || accepted != sums->accepted ? "listeners" : NULL;
}

const char *report__unbalanced(const struct report *r)
{
	struct sums sums = {0};
	const char *wrong;

	for (size_t i = 0; i < r->connection_cnt; i++)
		add_connection(&sums, &r->connections[i]);
	if (r->totals.summary.connections != r->connection_cnt)
		return "connections";
	wrong = unbalanced_summary(&r->totals.summary, &sums);
	if (!wrong)
		wrong = unbalanced_workers(r, &sums);
	return wrong ? wrong : unbalanced_listeners(r, &sums);
}
