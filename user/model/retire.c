// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The end of the model: its state as finished rows, and the identities that must hold in them. */
#include "model/state.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static char *take_text(char **from)
{
	char *text = *from ? *from : strdup("");

	*from = NULL;
	return text;
}

static char *endpoint_text(const struct record_endpoint *e)
{
	char address[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN + 16];

	inet_ntop(e->family, e->address, address, sizeof(address));
	snprintf(text, sizeof(text), e->family == AF_INET6 ? "[%s]:%u" : "%s:%u", address, e->port);
	return strdup(text);
}

/* The client of an AF_UNIX socket has no address, but a process. */
static char *peer_text(const struct record_endpoint *e)
{
	char text[32] = "pid ?";
	uint32_t pid;

	if (e->family != AF_UNIX)
		return endpoint_text(e);
	memcpy(&pid, e->address, sizeof(pid));
	if (pid)
		snprintf(text, sizeof(text), "pid %u", pid);
	return strdup(text);
}

static char *listener_text(const struct model_listener *l)
{
	return l->local.family == AF_UNIX ? strdup(l->path) : endpoint_text(&l->local);
}

/* ---- listeners ---- */

struct reuseport_group {
	struct record_endpoint local;
	unsigned id;
	UT_hash_handle hh;
};

/* Listeners that share address and port through SO_REUSEPORT are one group. */
static int number_groups(struct report *r, const struct model *m)
{
	struct reuseport_group *pool = calloc(m->listeners.cnt + 1, sizeof(*pool));
	struct reuseport_group *groups = NULL, *g;
	unsigned cnt = 0;
	int err = pool ? 0 : -1;

	for (size_t i = 0; !err && i < m->listeners.cnt; i++) {
		const struct model_listener *l = m->listeners.at[i];

		if (!l->reuseport)
			continue;
		HASH_FIND(hh, groups, &l->local, sizeof(l->local), g);
		if (!g) {
			g = &pool[cnt++];
			g->local = l->local;
			g->id = cnt;
			HASH_ADD(hh, groups, local, sizeof(g->local), g);
			err = g->hh.tbl ? 0 : -1;
		}
		r->listeners[i].reuseport_group = g->id;
	}
	HASH_CLEAR(hh, groups);
	free(pool);
	return err;
}

static int make_listeners(struct report *r, const struct model *m)
{
	r->listeners = calloc(m->listeners.cnt + 1, sizeof(*r->listeners));
	if (!r->listeners)
		return -1;
	for (size_t i = 0; i < m->listeners.cnt; i++) {
		struct report_listener *row = &r->listeners[r->listener_cnt++];

		row->id = i + 1;
		row->address = listener_text(m->listeners.at[i]);
		row->protocol =
			strdup(m->listeners.at[i]->local.family == AF_UNIX ? "unix" : "tcp");
		row->closed = m->listeners.at[i]->closed;
		if (!row->address || !row->protocol)
			return -1;
	}
	return number_groups(r, m);
}

/* ---- workers ---- */

static int by_tid(const void *a, const void *b, void *arg)
{
	const struct model *m = arg;
	size_t i = *(const size_t *)a, j = *(const size_t *)b;
	uint32_t left = m->workers.at[i].tid, right = m->workers.at[j].tid;

	/* A number that was used twice: in order of appearance. */
	return left != right ? (left > right) - (left < right) : (i > j) - (i < j);
}

/* Rows in order of thread id, which is mostly that of their making. row_of: worker -> row. */
static int make_workers(struct report *r, const struct model *m, size_t *row_of)
{
	size_t *order = calloc(m->workers.cnt + 1, sizeof(*order));

	r->workers = calloc(m->workers.cnt + 1, sizeof(*r->workers));
	if (!order || !r->workers) {
		free(order);
		return -1;
	}
	for (size_t i = 0; i < m->workers.cnt; i++)
		order[i] = i;
	qsort_r(order, m->workers.cnt, sizeof(*order), by_tid, (void *)m);
	for (size_t i = 0; i < m->workers.cnt; i++) {
		const struct model_worker *w = &m->workers.at[order[i]];
		struct report_worker *row = &r->workers[r->worker_cnt++];

		row_of[order[i]] = i;
		row->id = i + 1;
		row->pid = w->pid;
		row->tid = w->tid;
		row->accepted = w->accepted;
		row->comm = strdup(w->comm);
		if (!row->comm) {
			free(order);
			return -1;
		}
	}
	free(order);
	return 0;
}

/* ---- connections and their wakes ---- */

static int by_index(const void *a, const void *b)
{
	size_t left = *(const size_t *)a, right = *(const size_t *)b;

	return (left > right) - (left < right);
}

/* Sorts workers and keeps each once: a task can sleep through several entries. Their number. */
static size_t unique(size_t *at, size_t cnt)
{
	size_t kept = 0;

	if (cnt)
		qsort(at, cnt, sizeof(*at), by_index);
	for (size_t i = 0; i < cnt; i++)
		if (!kept || at[i] != at[kept - 1])
			at[kept++] = at[i];
	return kept;
}

static void count_waiters(struct report_connection *row, const struct model_connection *c)
{
	size_t waiters = unique(c->waiters.at, c->waiters.cnt);
	size_t elsewhere = unique(c->elsewhere.at, c->elsewhere.cnt);

	row->waiters = waiters;
	/* Who waits here as well is no idle other. */
	for (size_t i = 0; i < elsewhere; i++)
		row->group_idle += !waiters || !bsearch(&c->elsewhere.at[i], c->waiters.at, waiters,
							sizeof(size_t), by_index);
}

static int make_connection(struct report *r, const struct model *m,
			   const struct model_connection *c, const size_t *row_of)
{
	struct report_connection *row = &r->connections[r->connection_cnt++];

	row->id = r->connection_cnt;
	row->listener = c->listener->index + 1;
	row->migrated_from = c->migrated_from ? c->migrated_from->index + 1 : 0;
	row->peer = peer_text(&c->peer);
	count_waiters(row, c);
	row->waiters_truncated = c->truncated;
	row->offers = c->offers;
	row->end = c->end;
	row->selection = c->selection;
	row->waited_ns =
		elapsed_ns(c->time_ns, c->end == CONNECTION_ACCEPTED ? c->accept_ns : m->last_ns);
	row->arrival_to_accept_ns = REPORT_UNKNOWN_NS;
	if (c->end == CONNECTION_ACCEPTED) {
		row->arrival_to_accept_ns = row->waited_ns;
		row->accepted_worker = row_of[c->accepted_by] + 1;
		row->accepted_by = m->workers.at[c->accepted_by].tid;
	}
	return row->peer ? 0 : -1;
}

/* id_of: connection -> id of its row, 0 for one that did not take place. */
static int make_connections(struct report *r, const struct model *m, const size_t *row_of,
			    unsigned *id_of)
{
	uint64_t first_ns = 0;

	r->connections = calloc(m->connections.cnt + 1, sizeof(*r->connections));
	if (!r->connections)
		return -1;
	for (size_t i = 0; i < m->connections.cnt; i++) {
		const struct model_connection *c = m->connections.at[i];

		if (c->refused)
			continue;
		if (!r->connection_cnt)
			first_ns = c->time_ns;
		if (make_connection(r, m, c, row_of))
			return -1;
		id_of[i] = r->connection_cnt;
		r->connections[id_of[i] - 1].time_ns = elapsed_ns(first_ns, c->time_ns);
	}
	return 0;
}

static struct report_wake wake_row(const struct model *m, const struct model_wake *w,
				   const size_t *row_of, const unsigned *id_of)
{
	return (struct report_wake){
		.tid = m->workers.at[w->worker].tid,
		.pid = m->workers.at[w->worker].pid,
		.worker = row_of[w->worker] + 1,
		.waker_tid = w->waker_tid,
		.cause = w->cause,
		.outcome = w->outcome,
		.accepted_connection = w->accepted == NONE ? 0 : id_of[w->accepted],
		.wake_to_run_ns = w->run_ns,
		.cpu_ns = w->cpu_ns,
	};
}

static unsigned wake_id(const struct model_wake *w, const unsigned *id_of)
{
	return w->connection == NONE ? 0 : id_of[w->connection];
}

static int make_wakes(struct report *r, const struct model *m, const size_t *row_of,
		      const unsigned *id_of)
{
	for (size_t i = 0; i < m->wakes.cnt; i++) {
		unsigned id = wake_id(&m->wakes.at[i], id_of);

		if (id)
			r->connections[id - 1].wake_cnt++;
	}
	for (size_t i = 0; i < r->connection_cnt; i++) {
		r->connections[i].wakes =
			calloc(r->connections[i].wake_cnt + 1, sizeof(struct report_wake));
		if (!r->connections[i].wakes)
			return -1;
		r->connections[i].wake_cnt = 0;
	}
	for (size_t i = 0; i < m->wakes.cnt; i++) {
		unsigned id = wake_id(&m->wakes.at[i], id_of);

		if (id) {
			struct report_connection *c = &r->connections[id - 1];

			c->wakes[c->wake_cnt++] = wake_row(m, &m->wakes.at[i], row_of, id_of);
		}
	}
	return 0;
}

/* ---- sums ---- */

static bool outcome_is_wasted(enum wake_outcome outcome)
{
	return outcome != OUTCOME_ACCEPTED && outcome != OUTCOME_PENDING;
}

/* Sums over workers and causes, from every wake the model has. */
static void sum_wakes(struct report *r, const struct model *m, const size_t *row_of,
		      const unsigned *id_of)
{
	for (size_t i = 0; i < m->wakes.cnt; i++) {
		const struct model_wake *w = &m->wakes.at[i];
		struct report_worker *worker = &r->workers[row_of[w->worker]];

		r->summary.wakes_by_cause.of[w->cause]++;
		if (w->cause == CAUSE_LOCK) {
			worker->lock_wakes++;
			r->summary.lock_without_arrival += !wake_id(w, id_of);
			continue;
		}
		worker->wakes++;
		worker->outcome[w->outcome]++;
		if (outcome_is_wasted(w->outcome) && w->cpu_ns > 0)
			worker->wasted_cpu_ns += w->cpu_ns;
	}
}

static void sum_connection(struct report *r, struct report_connection *c)
{
	struct report_summary *s = &r->summary;

	for (size_t i = 0; i < c->wake_cnt; i++) {
		if (c->wakes[i].cause == CAUSE_LOCK)
			continue;
		c->woken++;
		c->wasted += outcome_is_wasted(c->wakes[i].outcome);
		s->outcome[c->wakes[i].outcome]++;
	}
	s->connections++;
	s->wakes += c->woken;
	s->wasted += c->wasted;
	s->offers += c->offers;
	s->accepted += c->end == CONNECTION_ACCEPTED;
	s->waiting += c->end == CONNECTION_WAITING;
	s->lost += c->end == CONNECTION_LOST;
	s->migrated += c->migrated_from != 0;
	s->selections += c->selection.present;
	s->selections_by_program += c->selection.present && c->selection.program;
	s->selections_predicted +=
		c->selection.present && c->selection.index == c->selection.predicted;
	r->listeners[c->listener - 1].connections++;
	r->listeners[c->listener - 1].accepted += c->end == CONNECTION_ACCEPTED;
}

/* What the kernel side counted on its own, where the stream got that far. */
static uint64_t count_missed_totals(const struct report_summary *s, const struct model *m)
{
	if (!m->ended)
		return 0;
	return (m->end.wakes != m->wakes.cnt + m->untold_wakes) +
	       (m->end.arrivals != m->connections.cnt) +
	       (m->end.accepts != s->accepted + s->accepted_untracked);
}

/*
 * Every wake has one cause, one arrival, one task and one outcome: so the sums over connections,
 * workers and causes are the same, and equal what the kernel side counted. Each way in which they
 * are not counts as one.
 */
static uint64_t count_unbalanced(const struct report *r, const struct model *m)
{
	uint64_t workers = 0, workers_accepted = 0, causes = 0, outcomes = 0, by_worker = 0,
		 bad = 0;
	const struct report_summary *s = &r->summary;

	for (size_t i = 0; i < r->worker_cnt; i++) {
		workers += r->workers[i].wakes;
		workers_accepted += r->workers[i].accepted;
		for (int o = 0; o < OUTCOME_CNT; o++)
			by_worker += r->workers[i].outcome[o];
	}
	for (int c = 0; c < CAUSE_CNT; c++)
		causes += c == CAUSE_LOCK ? 0 : s->wakes_by_cause.of[c];
	for (int o = 0; o < OUTCOME_CNT; o++)
		outcomes += s->outcome[o];
	bad += workers != s->wakes;
	bad += causes != s->wakes;
	bad += outcomes != s->wakes;
	bad += by_worker != s->wakes;
	bad += workers_accepted != s->accepted;
	bad += s->accepted + s->waiting + s->lost != s->connections;
	/* More were accepted than had been queued before the trace: an arrival was missed. */
	bad += s->accepted_untracked > m->queued;
	return bad + count_missed_totals(s, m) + m->contradictions + m->unknown_causes;
}

static const char *loss_reason(const struct model *m, const struct report_loss *l)
{
	if (!m->ended)
		return "the stream of records has no end";
	if (l->ring_drops)
		return "records were dropped because the ring buffer was full: make it larger with "
		       "--buffer";
	if (l->map_full)
		return "a table in the kernel was full: too many tasks, listeners or sockets";
	if (l->missed_probes)
		return "the kernel skipped some of the hooks";
	if (m->unknown_causes)
		return "a task was woken by a wait queue function that is not known";
	if (l->unbalanced)
		return "the sums do not balance: the records contradict each other";
	return "";
}

static int make_loss(struct report *r, const struct model *m)
{
	struct report_loss *l = &r->loss;

	l->ring_drops = m->end.ring_drops;
	l->map_full = m->end.map_full;
	l->missed_probes = m->end.missed_probes;
	l->unbalanced = count_unbalanced(r, m);
	l->reason = strdup(loss_reason(m, l));
	l->incomplete = l->reason && *l->reason;
	return l->reason ? 0 : -1;
}

/* ---- together ---- */

static int make_head(struct report *r, struct model *m)
{
	r->kernel_release = take_text(&m->release);
	r->kernel_arch = take_text(&m->arch);
	r->attach_mode = take_text(&m->mode);
	r->server_exit = take_text(&m->server_exit);
	r->hooks = m->hooks.at;
	r->hook_cnt = m->hooks.cnt;
	r->command = m->command.at;
	r->command_cnt = m->command.cnt;
	r->notes = m->notes.at;
	r->note_cnt = m->notes.cnt;
	memset(&m->hooks, 0, sizeof(m->hooks));
	memset(&m->command, 0, sizeof(m->command));
	memset(&m->notes, 0, sizeof(m->notes));
	return r->kernel_release && r->kernel_arch && r->attach_mode && r->server_exit ? 0 : -1;
}

static int make_rows(struct report *r, struct model *m, size_t *row_of, unsigned *id_of)
{
	if (make_head(r, m) || make_listeners(r, m) || make_workers(r, m, row_of) ||
	    make_connections(r, m, row_of, id_of) || make_wakes(r, m, row_of, id_of))
		return -1;
	sum_wakes(r, m, row_of, id_of);
	for (size_t i = 0; i < r->connection_cnt; i++)
		sum_connection(r, &r->connections[i]);
	r->ended_ns = m->end.header.time_ns;
	r->summary.accepted_untracked = m->accepted_untracked;
	for (size_t i = 0; i < r->worker_cnt; i++)
		r->summary.wasted_cpu_ns += r->workers[i].wasted_cpu_ns;
	return make_loss(r, m);
}

/* What is open now stays so; a wake that has led to an accept is decided all the same. */
static void decide_open_wakes(struct model *m)
{
	for (struct model_task *t = m->tasks; t; t = t->hh.next) {
		bool accepted = t->evidence.accepted;
		size_t connection = t->evidence.connection;

		for (size_t at = t->open_wake; at != NONE; at = m->wakes.at[at].older_open) {
			m->wakes.at[at].outcome = accepted ? OUTCOME_ACCEPTED : OUTCOME_PENDING;
			m->wakes.at[at].accepted = accepted ? connection : NONE;
		}
	}
}

struct report *model__finish(struct model *m)
{
	struct report *r = calloc(1, sizeof(*r));
	size_t *row_of = calloc(m->workers.cnt + 1, sizeof(*row_of));
	unsigned *id_of = calloc(m->connections.cnt + 1, sizeof(*id_of));

	decide_open_wakes(m);
	if (r && row_of && id_of && make_rows(r, m, row_of, id_of)) {
		report__free(r);
		r = NULL;
	} else if (!row_of || !id_of) {
		free(r);
		r = NULL;
	}
	free(row_of);
	free(id_of);
	return r;
}
