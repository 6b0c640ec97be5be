// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Did the workers of a listener or group get its connections evenly? */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "report/chi_square.h"
#include "report/split.h"
#include "report/reason.h"
#include "report/state.h"

/* Fair draws are this uneven once in a thousand times. */
#define RARE 0.001

/* A pool with less than a tenth of the draws of another one does not keep that from being called even. */
#define MINOR_SHARE 10

/* ---- a pool as it is judged ---- */

struct judged {
	const struct pool *pool;
	size_t worker_cnt;
	uint64_t draws, connections; /* where there were two or more to draw */
	const struct pool_member **members;
	uint64_t *wins;
	double *expected, *taken; /* by worker: fair wins, draws in which it took part */
	struct split_stage *stages;
	size_t stage_cnt;
	uint32_t *places; /* of all stages */
};

static void drop(struct judged *j)
{
	free(j->members);
	free(j->wins);
	free(j->expected);
	free(j->taken);
	free(j->stages);
	free(j->places);
}

/* One whose only taker could win it is no draw. */
static void take_stage(struct judged *j, const struct pool_stage *stage, uint32_t *places)
{
	struct split_stage *to = &j->stages[j->stage_cnt];

	*to = (struct split_stage){.draws = stage->draws, .workers = places};
	for (size_t i = 0; i < j->worker_cnt; i++)
		if (pool_member__was_in(j->members[i], stage))
			places[to->worker_cnt++] = i;
	if (to->worker_cnt == 1)
		j->wins[places[0]] -= stage->draws;
	if (to->worker_cnt < 2)
		return;
	j->stage_cnt++;
	j->draws += stage->draws;
	for (size_t i = 0; i < to->worker_cnt; i++) {
		j->expected[places[i]] += (double)stage->draws / (double)to->worker_cnt;
		j->taken[places[i]] += (double)stage->draws;
	}
}

static bool allocate(struct judged *j)
{
	size_t workers = j->worker_cnt + 1, stages = j->pool->stages.cnt + 1;

	j->members = calloc(workers, sizeof(*j->members));
	j->wins = calloc(workers, sizeof(*j->wins));
	j->expected = calloc(workers, sizeof(*j->expected));
	j->taken = calloc(workers, sizeof(*j->taken));
	j->stages = calloc(stages, sizeof(*j->stages));
	j->places = calloc(workers * stages, sizeof(*j->places));
	return j->members && j->wins && j->expected && j->taken && j->stages && j->places;
}

/* False when out of memory; drop() in any case. No stages: it cannot be judged. */
static bool take(struct judged *j, const struct totals *t, const struct pool *pool)
{
	size_t at = 0;

	*j = (struct judged){.pool = pool, .worker_cnt = totals__members_in_draw(t, pool)};
	if (pool->is_crowded || (double)j->worker_cnt * (double)pool->stages.cnt > POOL_TURNS_MAX)
		return true;
	if (!allocate(j))
		return false;
	for (const struct pool_member *m = pool->members; m; m = m->next_of_pool) {
		if (!totals__is_in_draw(t, m))
			continue;
		j->wins[at] = m->wins;
		j->members[at++] = m;
	}
	for (size_t i = 0; i < pool->stages.cnt; i++)
		take_stage(j, &pool->stages.at[i], j->places + i * j->worker_cnt);
	return true;
}

/* ---- how uneven it is ---- */

struct shares {
	double least, most, even; /* .even: of the worker with the most for its share */
	double bound, limit;      /* of the worker that is nearest to its limit */
	size_t best;              /* the worker with the most for its share */
};

/* Twice an even share; for one of two, which that would say nothing about, three times the other's. */
static double limit_of(double even)
{
	return even > 0.34 ? (1 + even) / 2 : 2 * even;
}

/* As if there were so many times the draws, with the same shares: all bounds are under their limits. */
static bool is_under(const struct judged *j, double times)
{
	for (size_t i = 0; j->draws && i < j->worker_cnt; i++) {
		double taken = j->taken[i], limit = limit_of(j->expected[i] / taken);

		if (taken > 0 && !split__is_below(times * (double)j->wins[i], times * taken, limit))
			return false;
	}
	return j->draws;
}

static struct shares take_shares(const struct judged *j)
{
	struct shares s = {.least = 1, .bound = 1, .limit = 1};
	double nearest = 0, luckiest = -1;

	for (size_t i = 0; j->draws && i < j->worker_cnt; i++) {
		double share, even, bound;

		if (j->taken[i] <= 0)
			continue;
		share = (double)j->wins[i] / j->taken[i];
		even = j->expected[i] / j->taken[i];
		bound = split__upper_share((double)j->wins[i], j->taken[i]);
		s.least = share < s.least ? share : s.least;
		s.most = share > s.most ? share : s.most;
		if (share / even > luckiest) {
			luckiest = share / even;
			s.best = i;
			s.even = even;
		}
		if (bound / limit_of(even) > nearest) {
			nearest = bound / limit_of(even);
			s.bound = bound;
			s.limit = limit_of(even);
		}
	}
	return s;
}

static double chi_square(const struct judged *j)
{
	double sum = 0;

	for (size_t i = 0; i < j->worker_cnt; i++) {
		double off = (double)j->wins[i] - j->expected[i];

		sum += j->expected[i] > 0 ? off * off / j->expected[i] : 0;
	}
	return sum;
}

static bool decides(const struct judged *j, double sum, double times)
{
	return chi_square__tail(sum * times, j->worker_cnt - 1) < RARE || is_under(j, times);
}

/* About so many draws with the same shares would decide it: an estimate, so chi-square will do. */
static uint64_t estimate_needed(const struct judged *j)
{
	double sum = chi_square(j), low = 1, high = 2;

	while (!decides(j, sum, high) && high < 1e6)
		high *= 2;
	while ((high - low) * (double)j->draws > 0.5) {
		double middle = (low + high) / 2;

		if (decides(j, sum, middle))
			high = middle;
		else
			low = middle;
	}
	high = (high - 1) * (double)j->draws;
	return high < 1 ? 1 : (uint64_t)ceil(high);
}

/* ---- why ---- */

static unsigned count_never_waited(const struct totals *t, const struct judged *j)
{
	unsigned cnt = 0;

	for (size_t i = 0; i < j->worker_cnt; i++)
		cnt += !t->workers[j->members[i]->key.worker].waited;
	return cnt;
}

/* Shorter ones may be a few requests. */
#define STALL_NS UINT64_C(500000000)

static struct pool_absence stall_of(const struct judged *j, size_t i)
{
	struct pool_absence absence = pool_member__absence(j->pool, j->members[i]), none = {0};

	return absence.ns < STALL_NS ? none : absence;
}

/* Draws in which it could have taken part, had it been there. */
static double present(const struct judged *j, size_t i)
{
	return fmax(j->taken[i] - (double)stall_of(j, i).draws, 0);
}

/* Is the split as even as can be expected, once nobody is held against what it was absent for? */
static bool is_explained(const struct judged *j)
{
	double sum = 0, all = 0;
	size_t cnt = 0;

	for (size_t i = 0; i < j->worker_cnt; i++)
		all += present(j, i);
	for (size_t i = 0; i < j->worker_cnt; i++) {
		double fair = (double)j->draws * present(j, i) / all;
		double off = (double)j->wins[i] - fair;

		if (fair <= 0 && j->wins[i])
			return false;
		if (fair <= 0)
			continue;
		sum += off * off / fair;
		cnt++;
	}
	return chi_square__tail(sum, cnt - 1) >= RARE;
}

/*
 * Of a group each has its own queue, a list of waiters that is cut does not tell who is missing, and a ring, or who
 * waits for a signal, is in none.
 */
static bool shows_absence(const struct totals *t, const struct judged *j)
{
	const uint64_t *wakes = t->summary.wakes_by_cause.of;

	if ((j->pool->group && j->pool->most_open > 1) || j->pool->is_cut)
		return false;
	return j->worker_cnt <= POOL_WATCHED && !wakes[CAUSE_IO_URING] && !wakes[CAUSE_SIGNAL] &&
	       !wakes[CAUSE_OTHER];
}

/* A few workers may stand still. Where most are absent for long, and take turns, it is the server's own doing. */
static void find_stall(struct skew_finding *f, const struct totals *t, const struct judged *j)
{
	size_t cnt = 0;

	if (!shows_absence(t, j))
		return;
	for (size_t i = 0; i < j->worker_cnt; i++) {
		struct pool_absence absence = stall_of(j, i);

		cnt += absence.ns > 0;
		if (absence.ns <= f->absence.ns)
			continue;
		f->absence = absence;
		f->stalled = j->members[i]->key.worker + 1;
	}
	if (cnt && 2 * cnt < j->worker_cnt && is_explained(j))
		return;
	f->stalled = 0;
	f->absence = (struct pool_absence){0};
}

#define CAUSE_SIZE 320

static void describe_stall(char to[CAUSE_SIZE], const struct totals *t,
			   const struct skew_finding *f)
{
	const struct report_worker *w = &t->workers[f->stalled - 1];
	char how_long[TEXT_DURATION_SIZE];

	text__duration(how_long, (int64_t)f->absence.ns);
	snprintf(to, CAUSE_SIZE,
		 "worker %u (%u) neither waited nor accepted for %s, in which others won %" PRIu64
		 " draws; apart from that the split is one that fair draws give",
		 w->id, w->tid, how_long, f->absence.draws);
}

static void describe_order(char to[CAUSE_SIZE], const struct pool *p)
{
	static const char rule[] = "exclusive entries in order of registration, one epoll instance "
				   "last in, first out";

	if (p->ordered)
		snprintf(to, CAUSE_SIZE,
			 "the first in the kernel's wait queue won %" PRIu64 " of %" PRIu64
			 " draws at which several tasks waited (%s)",
			 p->first, p->ordered, rule);
	else
		snprintf(to, CAUSE_SIZE,
			 "several tasks waited, and the kernel's order among them decided (%s)",
			 rule);
}

/* A task that is alone in its waiting, though others have nothing to do, is so by the server's own doing. */
static void describe_lock(char to[CAUSE_SIZE], const struct totals *t, const struct judged *j)
{
	unsigned never = count_never_waited(t, j);
	char who[64] = "";

	if (never)
		snprintf(who, sizeof(who), ", and %u of %zu workers never waited", never,
			 j->worker_cnt);
	snprintf(to, CAUSE_SIZE,
		 "only one task waited at a time%s: that is the server's own doing (a lock around "
		 "accept, a dispatcher, workers that are stuck), not the kernel's choice",
		 who);
}

static void describe_cause(char to[CAUSE_SIZE], const struct totals *t, const struct judged *j,
			   const struct skew_finding *f)
{
	const struct pool *p = j->pool;

	if (f->stalled)
		describe_stall(to, t, f);
	else if (p->group && p->most_open > 1)
		snprintf(to, CAUSE_SIZE, "%s chose the listener for each connection",
			 p->by_program * 2 > p->draws ? "the group's BPF program"
						      : "the group's hash");
	else if (totals__waits_alone(t, p))
		describe_lock(to, t, j);
	else if ((p->alone + p->all_busy) * 2 > p->draws)
		snprintf(to, CAUSE_SIZE,
			 "at %" PRIu64 " of %" PRIu64
			 " draws at most one task waited: what the others were busy with",
			 p->alone + p->all_busy, p->draws);
	else if (p->herd.many * 2 > p->connections)
		snprintf(to, CAUSE_SIZE, "several tasks were woken at a time, and the fastest won");
	else
		describe_order(to, p);
}

/* ---- in words ---- */

#define SUBJECT_SIZE 256

/* "20 connections over 4 workers", "20 draws (160 connections, ...) over 4 workers on [::]:80" */
static void describe(char to[SUBJECT_SIZE], const struct totals *t, const struct judged *j,
		     bool is_only)
{
	const struct pool *p = j->pool;
	char what[128];

	if (p->draws == p->connections)
		snprintf(what, sizeof(what), "%" PRIu64 " connections", j->draws);
	else
		snprintf(what, sizeof(what),
			 "%" PRIu64 " draws (of %" PRIu64
			 " connections: what a task takes in one go it has drawn once)",
			 j->draws, p->connections);
	snprintf(to, SUBJECT_SIZE, "%s over %zu workers%s%s", what, j->worker_cnt,
		 is_only ? "" : " on ", is_only ? "" : t->listeners[p->listener].address);
}

/* A hash does not look at who is idle; all others do. */
static const char *about_idle(const struct totals *t, const struct judged *j)
{
	if (!load__is_idle(t) || (j->pool->group && j->pool->most_open > 1))
		return "";
	return "; the order of idle workers does not predict balance under load";
}

static bool prove(struct report_verdict *v, const struct totals *t, const struct judged *j,
		  const struct skew_finding *f, const struct shares *s, const char *subject,
		  const char *load)
{
	const struct report_worker *best = &t->workers[j->members[s->best]->key.worker];
	char cause[CAUSE_SIZE];

	describe_cause(cause, t, j, f);
	return verdict__set(v, VERDICT_PROVED,
			    "%s: from %.0f %% to %.0f %% each, the most for worker %u (%u) where "
			    "%.0f %% is even; fair draws come out so uneven less than once in a "
			    "thousand times; cause: %s (%s%s)",
			    subject, 100 * s->least, 100 * s->most, best->id, best->tid,
			    100 * s->even, cause, load, about_idle(t, j));
}

static const char *of_limit(const struct shares *s)
{
	return s->limit > 0.67 ? "three times the other's" : "twice its even share";
}

static bool refute(struct report_verdict *v, const struct totals *t, const struct judged *j,
		   const struct shares *s, const char *subject, const char *load)
{
	return verdict__set(
		v, VERDICT_REFUTED,
		"%s: from %.0f %% to %.0f %% each where %.0f %% is even; at 95 %%, none "
		"gets more than %.1f %%, and %.1f %% would be %s (%s%s)",
		subject, 100 * s->least, 100 * s->most, 100 * s->even, 100 * s->bound,
		100 * s->limit, of_limit(s), load, about_idle(t, j));
}

static bool leave_open(struct report_verdict *v, const struct judged *j, const struct shares *s,
		       const char *subject, const char *load)
{
	if (!j->members)
		return verdict__set(v, VERDICT_INCONCLUSIVE,
				    "too many of %zu workers came and went (%s)", j->worker_cnt,
				    load);
	if (!j->draws)
		return verdict__set(v, VERDICT_INCONCLUSIVE,
				    "no connection was drawn by two or more workers (%s)", load);
	return verdict__set(v, VERDICT_INCONCLUSIVE,
			    "%s: from %.0f %% to %.0f %% each where %.0f %% is even; at 95 %%, one "
			    "may get up to %.0f %%, and %.0f %% would be %s: about %" PRIu64
			    " more are needed (%s)",
			    subject, 100 * s->least, 100 * s->most, 100 * s->even, 100 * s->bound,
			    100 * s->limit, of_limit(s), estimate_needed(j), load);
}

/* ---- the verdict ---- */

/* The pools that can be judged, and those that could have been. */
struct contest {
	size_t cnt;
	uint64_t most_draws; /* of one of them */
};

static bool can_be_judged(const struct totals *t, const struct pool *pool)
{
	return pool->draws && totals__members_in_draw(t, pool) > 1;
}

static struct contest find_pools(const struct totals *t)
{
	struct contest c = {.cnt = t->pools.untold};

	for (size_t i = 0; i < t->pools.all.cnt; i++) {
		const struct pool *pool = &t->pools.all.at[i];

		if (!can_be_judged(t, pool))
			continue;
		c.cnt++;
		if (pool->draws > c.most_draws)
			c.most_draws = pool->draws;
	}
	return c;
}

static bool judge(struct report_verdict *v, struct skew_finding *f, const struct totals *t,
		  const struct judged *j, size_t pool_cnt)
{
	struct split split = {j->stages, j->stage_cnt, j->wins, j->worker_cnt};
	struct shares s = take_shares(j);
	char subject[SUBJECT_SIZE], load[LOAD_TEXT_SIZE];

	load__describe(load, t);
	describe(subject, t, j, pool_cnt < 2);
	*f = (struct skew_finding){.draws = j->draws,
				   .workers = j->worker_cnt,
				   .pool = j->pool - t->pools.all.at,
				   .share = s.most,
				   .least_share = s.least,
				   .even_share = s.even,
				   .bound = s.bound,
				   .chance = split__chance(&split)};
	if (j->members)
		f->worker = j->members[s.best]->key.worker;
	/* Each pool had its chance to come out uneven. */
	if (f->chance * (double)pool_cnt < RARE) {
		find_stall(f, t, j);
		return prove(v, t, j, f, &s, subject, load);
	}
	if (is_under(j, 1))
		return refute(v, t, j, &s, subject, load);
	return leave_open(v, j, &s, subject, load);
}

/* What is proved of one pool is proved; what is refuted is so only of all that matter. */
static bool is_worse(const struct report_verdict *a, const struct skew_finding *fa,
		     const struct report_verdict *b, const struct skew_finding *fb)
{
	static const int rank[] = {
		[VERDICT_REFUTED] = 0, [VERDICT_INCONCLUSIVE] = 1, [VERDICT_PROVED] = 2};

	if (rank[a->value] != rank[b->value])
		return rank[a->value] > rank[b->value];
	return a->value == VERDICT_PROVED ? fa->chance < fb->chance : fa->bound > fb->bound;
}

static bool judge_pool(struct report_verdict *v, struct skew_finding *f, const struct totals *t,
		       const struct pool *pool, const struct contest *among)
{
	struct skew_finding finding = {0};
	struct report_verdict verdict = {0};
	struct judged j;
	bool ok = take(&j, t, pool) && judge(&verdict, &finding, t, &j, among->cnt);
	bool is_minor = pool->draws * MINOR_SHARE < among->most_draws;

	drop(&j);
	if (ok && (verdict.value == VERDICT_PROVED || !is_minor) &&
	    (!v->reason || is_worse(&verdict, &finding, v, f))) {
		free(v->reason);
		*v = verdict;
		*f = finding;
	} else {
		free(verdict.reason);
	}
	return ok;
}

/* What holds for all that are known need not hold for those that are forgotten. */
static bool take_back(struct report_verdict *v, size_t untold)
{
	free(v->reason);
	return verdict__set(v, VERDICT_INCONCLUSIVE,
			    "listeners came and went: what the workers of %zu of them won is not "
			    "known any more",
			    untold);
}

bool skew__decide(struct report_verdict *v, struct skew_finding *f, const struct totals *t)
{
	struct contest among = find_pools(t);

	*f = (struct skew_finding){.pool = -1, .chance = 1, .bound = 1};
	v->reason = NULL;
	for (size_t i = 0; i < t->pools.all.cnt; i++) {
		const struct pool *pool = &t->pools.all.at[i];

		if (can_be_judged(t, pool) && !judge_pool(v, f, t, pool, &among))
			return false;
	}
	if (v->reason && v->value == VERDICT_REFUTED && t->pools.untold)
		return take_back(v, t->pools.untold);
	if (v->reason)
		return true;
	return verdict__set(v, VERDICT_INCONCLUSIVE,
			    t->worker_cnt + t->folded.workers == 1
				    ? "there is no split among one worker"
				    : "no listener had two workers that could share it");
}
