// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "alike.h"

#include <string.h>

#define DIFFERS(member) memcmp(&a->member, &b->member, sizeof(a->member))

static const char *differing_totals(const struct totals *a, const struct totals *b)
{
	if (DIFFERS(summary))
		return "summary";
	if (DIFFERS(herd))
		return "sample of herds";
	if (DIFFERS(stranding))
		return "sample of stranding";
	if (DIFFERS(load))
		return "load";
	if (DIFFERS(waits_us) || DIFFERS(wakes))
		return "histograms";
	if (a->first_ns != b->first_ns || a->last_arrival_ns != b->last_arrival_ns)
		return "times";
	return NULL;
}

/* ---- sums over rows, and what has none ---- */

static struct report_worker sum_workers(const struct totals *t)
{
	struct report_worker sum = t->folded.sum;

	for (size_t i = 0; i < t->worker_cnt; i++) {
		sum.wakes += t->workers[i].wakes;
		sum.lock_wakes += t->workers[i].lock_wakes;
		sum.accepted += t->workers[i].accepted;
		sum.wasted_cpu_ns += t->workers[i].wasted_cpu_ns;
		for (int o = 0; o < OUTCOME_CNT; o++)
			sum.outcome[o] += t->workers[i].outcome[o];
	}
	return sum;
}

static const char *differing_workers(const struct totals *a, const struct totals *b)
{
	struct report_worker left = sum_workers(a), right = sum_workers(b);

	if (a->worker_cnt + a->folded.workers != b->worker_cnt + b->folded.workers)
		return "number of workers";
	return memcmp(&left, &right, sizeof(left)) ? "sums of workers" : NULL;
}

static const char *differing_listeners(const struct totals *a, const struct totals *b)
{
	uint64_t left = 0, right = b->folded.connections;

	for (size_t i = 0; i < a->listener_cnt; i++)
		left += a->listeners[i].connections;
	for (size_t i = 0; i < b->listener_cnt; i++)
		right += b->listeners[i].connections;
	if (a->listener_cnt != b->listener_cnt + b->folded.listeners)
		return "number of listeners";
	return left != right ? "connections of listeners" : NULL;
}

/* ---- verdicts ---- */

static bool is_verdict(const struct report_verdict *a, const struct report_verdict *b, bool folded)
{
	return a->value == b->value && (folded || !strcmp(a->reason, b->reason));
}

static const char *differing_verdicts(const struct report *a, const struct report *b)
{
	const struct verdicts *v = &a->verdicts, *w = &b->verdicts;
	const struct skew_finding *f = &v->skew_finding, *g = &w->skew_finding;

	if (!is_verdict(&v->herd, &w->herd, false))
		return "verdict on herds";
	if (!is_verdict(&v->stranding, &w->stranding, false))
		return "verdict on stranding";
	if (!is_verdict(&v->skew, &w->skew, b->totals.folded.workers))
		return "verdict on skew";
	if (f->draws != g->draws || f->workers != g->workers || f->share != g->share ||
	    f->bound != g->bound || f->chance != g->chance || (f->pool < 0) != (g->pool < 0))
		return "finding on skew";
	if (f->pool >= 0 && f->workers && f->draws &&
	    a->totals.workers[f->worker].tid != b->totals.workers[g->worker].tid)
		return "worker of the finding";
	return strcmp(v->advice, w->advice) ? "advice" : NULL;
}

const char *report__differs(const struct report *a, const struct report *b)
{
	const char *what = differing_totals(&a->totals, &b->totals);

	if (!what)
		what = differing_workers(&a->totals, &b->totals);
	if (!what)
		what = differing_listeners(&a->totals, &b->totals);
	if (!what && strcmp(a->loss.reason, b->loss.reason))
		what = "loss";
	return what ? what : differing_verdicts(a, b);
}
