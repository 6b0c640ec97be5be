// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/totals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Out of memory is an error to report, not a reason to exit. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "base/vector.h"
#include "report/words.h"

void totals__drop(struct totals *t)
{
	/* The count may be set before the array is there, when building one failed half-way. */
	for (size_t i = 0; t->workers && i < t->worker_cnt; i++)
		flow__free(t->workers[i].flow);
	for (size_t i = 0; t->listeners && i < t->listener_cnt; i++) {
		flow__free(t->listeners[i].flow);
		free(t->listeners[i].address);
		free(t->listeners[i].protocol);
		free(t->listeners[i].epolls.at);
	}
	for (size_t i = 0; i < t->places.cnt; i++) {
		free(t->places.at[i].unit);
		free(t->places.at[i].container);
	}
	free(t->places.at);
	free(t->listeners);
	free(t->workers);
	flow__free(t->flow);
	pools__drop(&t->pools);
	*t = (struct totals){0};
}

/* ---- rows ---- */

struct report_listener *totals__add_listener(struct totals *t)
{
	struct report_listener *l;

	if (vector__grow((void **)&t->listeners, &t->listener_cnt, &t->listener_capacity,
			 sizeof(*t->listeners)))
		return NULL;
	l = &t->listeners[t->listener_cnt++];
	l->id = ++t->listeners_made;
	l->backlog = -1;
	return l;
}

struct report_worker *totals__add_worker(struct totals *t, uint32_t pid, uint32_t tid)
{
	struct report_worker *w;

	if (vector__grow((void **)&t->workers, &t->worker_cnt, &t->worker_capacity,
			 sizeof(*t->workers)))
		return NULL;
	w = &t->workers[t->worker_cnt++];
	w->pid = pid;
	w->tid = tid;
	return w;
}

int totals__name_listener(struct totals *t, size_t index, const struct record_endpoint *local,
			  const char *path)
{
	struct report_listener *l = &t->listeners[index];
	char text[ENDPOINT_TEXT_SIZE];

	if (local)
		l->local = *local;
	if (path)
		memcpy(l->path, path, sizeof(l->path));
	free(l->address);
	free(l->protocol);
	endpoint__text(text, &l->local);
	l->address = strdup(l->local.family == AF_UNIX ? l->path : text);
	l->protocol = strdup(l->local.family == AF_UNIX ? "unix" : "tcp");
	return l->address && l->protocol ? 0 : -ENOMEM;
}

uint32_t totals__place(struct totals *t, const char *unit, const char *container)
{
	struct report_place *p;

	for (size_t i = 0; i < t->places.cnt; i++) {
		p = &t->places.at[i];
		if (!strcmp(p->unit, unit) && !strcmp(p->container, container))
			return i + 1;
	}
	p = t->places.cnt < PLACES_MAX ? vector_add(&t->places) : NULL;
	if (!p)
		return 0;
	p->unit = strdup(unit);
	p->container = strdup(container);
	if (p->unit && p->container)
		return t->places.cnt;
	free(p->unit);
	free(p->container);
	t->places.cnt--;
	return 0;
}

const struct report_place *totals__place_of(const struct totals *t, const struct report_worker *w)
{
	return w->place ? &t->places.at[w->place - 1] : NULL;
}

int totals__note_epoll(struct report_listener *l, const struct report_epoll *epoll)
{
	struct report_epoll *slot = NULL;

	for (size_t i = 0; i < l->epolls.cnt && !slot; i++) {
		struct report_epoll *known = &l->epolls.at[i];

		if (known->pid == epoll->pid && known->fd == epoll->fd &&
		    known->watched == epoll->watched)
			slot = known;
	}
	if (!slot && l->epolls.cnt == EPOLLS_MAX)
		return 0;
	if (!slot)
		slot = vector_add(&l->epolls);
	if (!slot)
		return -ENOMEM;
	*slot = *epoll;
	return 0;
}

bool totals__is_in_draw(const struct totals *t, const struct pool_member *m)
{
	return m->wins || !t->workers[m->key.worker].outcome[OUTCOME_HANDED_ON];
}

size_t totals__members_in_draw(const struct totals *t, const struct pool *pool)
{
	size_t cnt = pool->left;

	for (const struct pool_member *m = pool->members; m; m = m->next_of_pool)
		cnt += totals__is_in_draw(t, m);
	return cnt;
}

/* Is there a worker that has never come to wait, nor to accept? */
static bool has_absentee(const struct totals *t, const struct pool *pool)
{
	for (const struct pool_member *m = pool->members; m; m = m->next_of_pool)
		if (!m->wins && !t->workers[m->key.worker].waited)
			return true;
	return false;
}

/* Where the one that waits is busy now and then, nobody waits; but busy workers have waited before, or accepted. */
bool totals__waits_alone(const struct totals *t, const struct pool *pool)
{
	if (!pool->alone)
		return false;
	if (pool->alone * 10 >= pool->draws * 9)
		return true;
	return (pool->alone + pool->all_busy) * 10 >= pool->draws * 9 && has_absentee(t, pool);
}

struct pool *totals__pool_of(struct totals *t, size_t index)
{
	struct report_listener *l = &t->listeners[index];
	struct pool *pool;
	int64_t number;

	if (!l->pool) {
		number = l->reuseport ? pools__of_group(&t->pools, &l->local, index)
				      : pools__new(&t->pools, index);
		if (number < 0)
			return NULL;
		l->pool = number + 1;
		pool = &t->pools.all.at[number];
		if (++pool->open > pool->most_open)
			pool->most_open = pool->open;
	}
	return &t->pools.all.at[l->pool - 1];
}

void totals__leave_pool(struct totals *t, size_t index)
{
	struct report_listener *l = &t->listeners[index];

	if (l->pool)
		t->pools.all.at[l->pool - 1].open--;
}

struct reuseport_group {
	struct record_endpoint local;
	unsigned id;
	UT_hash_handle hh;
};

int totals__number_groups(struct totals *t)
{
	struct reuseport_group *pool = calloc(t->listener_cnt + 1, sizeof(*pool));
	struct reuseport_group *groups = NULL, *g;
	unsigned cnt = 0;
	int err = pool ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < t->listener_cnt; i++) {
		struct report_listener *l = &t->listeners[i];

		if (!l->reuseport)
			continue;
		HASH_FIND(hh, groups, &l->local, sizeof(l->local), g);
		if (!g) {
			g = &pool[cnt++];
			g->local = l->local;
			g->id = cnt;
			HASH_ADD(hh, groups, local, sizeof(g->local), g);
			err = g->hh.tbl ? 0 : -ENOMEM;
		}
		l->reuseport_group = g->id;
	}
	HASH_CLEAR(hh, groups);
	free(pool);
	return err;
}

/* For qsort(). One number that was used twice: in order of appearance. */
static int by_tid(const void *a, const void *b)
{
	const struct report_worker *left = a, *right = b;

	if (left->tid != right->tid)
		return left->tid > right->tid ? 1 : -1;
	return (left->id > right->id) - (left->id < right->id);
}

void totals__sort_workers(struct totals *t, uint32_t *row_of)
{
	for (size_t i = 0; i < t->worker_cnt; i++)
		t->workers[i].id = i;
	if (t->worker_cnt)
		qsort(t->workers, t->worker_cnt, sizeof(*t->workers), by_tid);
	for (size_t i = 0; i < t->worker_cnt; i++) {
		row_of[t->workers[i].id] = i;
		t->workers[i].id = i + 1;
	}
	for (struct pool_member *m = t->pools.members; m; m = m->hh.next)
		m->key.worker = row_of[m->key.worker];
}

/* ---- sums ---- */

/* times: 1, or -1 to take it back. */
static void book_outcome(struct totals *t, const struct closed_wake *w, int times)
{
	struct report_worker *worker = &t->workers[w->worker];

	worker->outcome[w->outcome] += times;
	if (wake_outcome__is_wasted(w->outcome) && w->cpu_ns > 0) {
		worker->wasted_cpu_ns += times * w->cpu_ns;
		t->summary.wasted_cpu_ns += times * w->cpu_ns;
	}
}

void totals__add_wake(struct totals *t, const struct closed_wake *w)
{
	struct report_worker *worker = &t->workers[w->worker];

	t->summary.wakes_by_cause.of[w->cause]++;
	if (w->cause == CAUSE_LOCK) {
		worker->lock_wakes++;
		return;
	}
	worker->wakes++;
	book_outcome(t, w, 1);
}

void totals__change_outcome(struct totals *t, struct closed_wake *w, enum wake_outcome outcome)
{
	book_outcome(t, w, -1);
	w->outcome = outcome;
	book_outcome(t, w, 1);
}

void totals__add_unclaimed(struct totals *t, enum wake_cause cause)
{
	t->summary.lock_without_arrival += cause == CAUSE_LOCK;
}

static void count_outcomes(struct report_summary *s, const struct closed_connection *c)
{
	for (size_t i = 0; i < c->wake_cnt; i++)
		if (c->wakes[i].cause != CAUSE_LOCK)
			s->outcome[c->wakes[i].outcome]++;
	s->wakes += closed_connection__woken(c);
	s->wasted += closed_connection__wasted(c);
	s->offers += c->offers;
}

static void count_ends(struct report_summary *s, const struct closed_connection *c)
{
	s->connections++;
	s->accepted += c->end == CONNECTION_ACCEPTED;
	s->waiting += c->end == CONNECTION_WAITING;
	s->lost += c->end == CONNECTION_LOST;
	s->migrated += c->migrated_from != 0;
}

static void count_selection(struct report_summary *s, const struct report_selection *selection)
{
	if (!selection->present)
		return;
	s->selections++;
	s->selections_by_program += selection->program;
	s->selections_unpredicted += !report_selection__is_predicted(selection);
	s->selections_predicted += report_selection__as_predicted(selection);
}

/* Every wake but the first: what there was too many of. */
static void count_extra(struct herd_sample *h, const struct closed_connection *c)
{
	bool first = true;

	for (size_t i = 0; i < c->wake_cnt; i++) {
		const struct closed_wake *w = &c->wakes[i];

		if (w->cause == CAUSE_LOCK)
			continue;
		h->extra.of[w->cause] += !first;
		h->rearmed += !first && w->cause == CAUSE_CHAIN && w->rearmed;
		first = false;
	}
}

static bool has_pending(const struct closed_connection *c)
{
	for (size_t i = 0; i < c->wake_cnt; i++)
		if (c->wakes[i].cause != CAUSE_LOCK && c->wakes[i].outcome == OUTCOME_PENDING)
			return true;
	return false;
}

static void sample_herd(struct herd_sample *h, const struct closed_connection *c)
{
	unsigned wasted = closed_connection__wasted(c);

	if (c->asleep > h->most_waiters)
		h->most_waiters = c->asleep;
	if (c->asleep < 2)
		return;
	h->possible++;
	if (c->tasks > h->most)
		h->most = c->tasks;
	if (c->tasks < 2)
		return;
	h->many++;
	h->undecided += !wasted && has_pending(c);
	if (!wasted)
		return;
	h->herds++;
	h->wasted += wasted;
	count_extra(h, c);
}

/* Who waited says why the winner of a draw won it. */
static void sample_draw(struct pool *p, const struct closed_connection *c)
{
	if (!c->drawn)
		return;
	p->all_busy += !c->asleep;
	p->alone += c->asleep == 1;
	p->ordered += c->waiters > 1 && c->first;
	p->first += c->waiters > 1 && c->first && c->first == c->accepted_by;
	p->by_program += c->selection.program;
}

static void sample_load(struct load_sample *l, const struct closed_connection *c)
{
	if (c->queued > l->most_queued)
		l->most_queued = c->queued;
	if (!c->there || c->waiters_truncated)
		return;
	l->arrivals++;
	l->busy += c->asleep < c->there;
}

static void sample(struct totals *t, const struct closed_connection *c)
{
	struct pool *pool = totals__pool_of(t, c->listener);

	sample_herd(&t->herd, c);
	sample_load(&t->load, c);
	if (!pool)
		return;
	sample_herd(&pool->herd, c);
	sample_draw(pool, c);
}

uint64_t stranding_sample__stranded(const struct stranding_sample *s)
{
	uint64_t sum = 0;

	for (int cause = STRANDING_LOST; cause < STRANDING_CAUSE_CNT; cause++)
		sum += s->of[cause];
	return sum;
}

static void sample_stranding(struct stranding_sample *s, const struct closed_connection *c)
{
	if (c->end == CONNECTION_WAITING && c->stranding == STRANDING_NONE)
		s->waiting += c->was_busy;
	else
		s->possible += c->was_busy;
	s->of[c->stranding]++;
	if (c->stranding > STRANDING_LOST && c->waited_ns > s->longest_ns)
		s->longest_ns = c->waited_ns;
}

void totals__add_connection(struct totals *t, const struct closed_connection *c)
{
	struct report_listener *listener = &t->listeners[c->listener];

	if (!t->summary.connections || c->number < t->first_number) {
		t->first_number = c->number;
		t->first_ns = c->time_ns;
	}
	count_ends(&t->summary, c);
	count_outcomes(&t->summary, c);
	count_selection(&t->summary, &c->selection);
	sample(t, c);
	if (c->time_ns > t->last_arrival_ns)
		t->last_arrival_ns = c->time_ns;
	sample_stranding(&t->stranding, c);
	histogram__add(&t->wakes, closed_connection__woken(c));
	if (c->end == CONNECTION_ACCEPTED)
		histogram__add(&t->waits_us, (uint64_t)c->waited_ns / 1000);
	listener->connections++;
	listener->accepted += c->end == CONNECTION_ACCEPTED;
}
