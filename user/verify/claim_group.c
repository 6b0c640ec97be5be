// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Checks of which listener of a reuseport group a connection comes to, and what when it closes. */
#include "verify/claim_sample.h"

#include <inttypes.h>
#include <stdio.h>

#include "report/chi_square.h"

/* An uneven split is one that a fair choice makes less than once in a million times. */
#define UNEVEN_BELOW 1e-6

void check__own_listener(const struct claim_view *view, struct finding *f)
{
	const struct report *r = view->report;
	unsigned least = UINT32_MAX, most = 0, chosen = 0;

	for (size_t i = 0; i < r->connection_cnt; i++) {
		const struct report_connection *c = &r->connections[i];

		least = c->woken < least ? c->woken : least;
		most = c->woken > most ? c->woken : most;
		chosen += c->selection.present && c->selection.socks == view->claim->workers;
	}
	detail__add(f, "%zu listeners; %u chosen from %u", r->totals.listener_cnt, chosen,
		    view->claim->workers);
	if (least == 1 && most == 1 && chosen == r->connection_cnt &&
	    r->totals.listener_cnt == view->claim->workers)
		measured__set(f, "1, one of n listeners");
	else
		measured__range(f, view, least, most);
}

/* ---- the choice ---- */

static size_t count_selections(const struct report *r, struct finding *f)
{
	size_t cnt = 0;

	for (size_t i = 0; i < r->connection_cnt; i++)
		cnt += r->connections[i].selection.present;
	if (!cnt)
		measured__set(f, "no choice");
	return cnt;
}

static size_t count_predicted(const struct report *r)
{
	size_t cnt = 0;

	for (size_t i = 0; i < r->connection_cnt; i++)
		cnt += r->connections[i].selection.present &&
		       report_selection__as_predicted(&r->connections[i].selection);
	return cnt;
}

void check__index(const struct claim_view *view, struct finding *f)
{
	const struct report *r = view->report;
	size_t cnt = count_selections(r, f), predicted = count_predicted(r);

	if (!cnt)
		return;
	detail__add(f, "%zu of %zu as the hash predicts", predicted, cnt);
	if (predicted == r->connection_cnt)
		measured__set(f, "hash * n >> 32");
	else
		measured__set(f, predicted ? "sometimes hash * n >> 32" : "not hash * n >> 32");
}

void check__even(const struct claim_view *view, struct finding *f)
{
	const struct report *r = view->report;
	double fair = (double)r->connection_cnt / view->claim->workers, sum = 0, tail;
	uint64_t least = UINT64_MAX, most = 0;

	if (r->totals.listener_cnt != view->claim->workers) {
		measured__set(f, "%zu listeners", r->totals.listener_cnt);
		return;
	}
	for (size_t i = 0; i < r->totals.listener_cnt; i++) {
		uint64_t got = r->totals.listeners[i].connections;

		sum += (got - fair) * (got - fair) / fair;
		least = got < least ? got : least;
		most = got > most ? got : most;
	}
	tail = chi_square__tail(sum, view->claim->workers - 1);
	detail__add(f, "%" PRIu64 " to %" PRIu64 " for each listener, chi-square %.1f, p %.2g",
		    least, most, sum, tail);
	measured__set(f, tail < UNEVEN_BELOW ? "uneven" : "even");
}

/* ---- the CPU ---- */

/* How many of the CPUs that have a listener were seen to choose. */
static size_t count_cpus(const struct claim_view *view)
{
	size_t seen = 0;

	for (size_t cpu = 0; cpu < view->cpu_cnt && cpu < view->claim->workers; cpu++) {
		for (size_t i = 0; i < view->report->connection_cnt; i++) {
			if (view->report->connections[i].selection.cpu == view->cpus[cpu]) {
				seen++;
				break;
			}
		}
	}
	return seen;
}

/* Worker i runs on the i-th CPU that it may use, modulo their number. */
static bool is_its_cpu(const struct claim_view *view, const struct report_selection *s)
{
	return s->index != RECORD_NO_INDEX && view->cpus[s->index % view->cpu_cnt] == s->cpu;
}

/* As the program of the server says. */
static bool is_cpu_modulo(const struct claim_view *view, const struct report_selection *s)
{
	return s->program && s->cpu >= 0 && s->index == s->cpu % view->claim->workers;
}

typedef bool (*selection_test)(const struct claim_view *view, const struct report_selection *s);

static void check_cpu(const struct claim_view *view, struct finding *f, selection_test is_own)
{
	const struct report *r = view->report;
	size_t cnt, own = 0, seen = count_cpus(view);

	if (view->cpu_cnt < 2) {
		snprintf(f->reason, sizeof(f->reason), "this needs two CPUs");
		return;
	}
	cnt = count_selections(r, f);
	if (!cnt)
		return;
	for (size_t i = 0; i < r->connection_cnt; i++)
		own += r->connections[i].selection.present &&
		       is_own(view, &r->connections[i].selection);
	detail__add(f, "%zu of %zu by the CPU that handled the SYN, %zu by hash; %zu CPUs", own,
		    cnt, count_predicted(r), seen);
	if (seen < 2)
		snprintf(f->reason, sizeof(f->reason), "SYNs were not seen on two CPUs");
	else if (own == r->connection_cnt)
		measured__set(f, "by CPU");
	else
		measured__set(f, count_predicted(r) == r->connection_cnt ? "by hash" : "neither");
}

void check__incoming_cpu(const struct claim_view *view, struct finding *f)
{
	check_cpu(view, f, is_its_cpu);
}

void check__cpu_modulo(const struct claim_view *view, struct finding *f)
{
	check_cpu(view, f, is_cpu_modulo);
}

/* ---- a listener that closes ---- */

struct fate {
	unsigned lost, moved, accepted, waiting;
};

static struct fate count_fates(const struct report *r)
{
	struct fate fate = {0};

	for (size_t i = 0; i < r->connection_cnt; i++) {
		const struct report_connection *c = &r->connections[i];

		fate.lost += c->end == CONNECTION_LOST;
		fate.waiting += c->end == CONNECTION_WAITING;
		fate.moved += c->end == CONNECTION_ACCEPTED && c->migrated_from;
		fate.accepted += c->end == CONNECTION_ACCEPTED && !c->migrated_from;
	}
	return fate;
}

void check__fate(const struct claim_view *view, struct finding *f)
{
	const struct report *r = view->report;
	struct fate fate = count_fates(r);

	detail__add(f, "%u lost, %u moved and accepted, %u accepted, %u waiting", fate.lost,
		    fate.moved, fate.accepted, fate.waiting);
	if (fate.lost == r->connection_cnt)
		measured__set(f, "lost");
	else if (fate.moved == r->connection_cnt)
		measured__set(f, "moved");
	else if (fate.accepted == r->connection_cnt)
		measured__set(f, "accepted");
	else if (fate.waiting == r->connection_cnt)
		measured__set(f, "waiting");
	else
		measured__set(f, "some lost, moved, accepted or waiting");
}

void check__moved_wakes(const struct claim_view *view, struct finding *f)
{
	unsigned least = UINT32_MAX, most = 0, cnt = 0;
	const struct report *r = view->report;

	for (size_t i = 0; i < r->connection_cnt; i++) {
		const struct report_connection *c = &r->connections[i];

		if (!c->migrated_from || !c->waiters)
			continue;
		cnt++;
		least = c->woken < least ? c->woken : least;
		most = c->woken > most ? c->woken : most;
	}
	detail__add(f, "%" PRIu64 " moved, %u of them found a task waiting",
		    r->totals.summary.migrated, cnt);
	if (cnt)
		measured__range(f, view, least, most);
	else if (r->totals.summary.migrated)
		snprintf(f->reason, sizeof(f->reason), "no connection that moved found a waiter");
	else
		check__fate(view, f);
}
