// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/expectation.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- words ---- */

const char *expectation_outcome__name(enum expectation_outcome outcome)
{
	switch (outcome) {
	case EXPECTATION_HOLDS: return "holds";
	case EXPECTATION_FAILS: return "fails";
	case EXPECTATION_INCONCLUSIVE: break;
	}
	return "inconclusive";
}

const char *disease__name(enum disease disease)
{
	switch (disease) {
	case DISEASE_HERD: return "herd";
	case DISEASE_SKEW: return "skew";
	case DISEASE_STRANDING: break;
	}
	return "stranding";
}

const struct report_verdict *verdicts__of(const struct verdicts *v, enum disease disease)
{
	switch (disease) {
	case DISEASE_HERD: return &v->herd;
	case DISEASE_SKEW: return &v->skew;
	case DISEASE_STRANDING: break;
	}
	return &v->stranding;
}

const char *relation__sign(enum relation relation)
{
	switch (relation) {
	case RELATION_LESS: return "<";
	case RELATION_AT_MOST: return "<=";
	case RELATION_EQUAL: return "=";
	case RELATION_UNEQUAL: return "!=";
	case RELATION_AT_LEAST: return ">=";
	case RELATION_MORE: break;
	}
	return ">";
}

/* ---- numbers ---- */

static bool is_so(double value, enum relation relation, double limit)
{
	switch (relation) {
	case RELATION_LESS: return value < limit;
	case RELATION_AT_MOST: return value <= limit;
	case RELATION_EQUAL: return value == limit;
	case RELATION_UNEQUAL: return value != limit;
	case RELATION_AT_LEAST: return value >= limit;
	case RELATION_MORE: break;
	}
	return value > limit;
}

/* Of a value that lies between two: the same for all that are possible, or it is not known. */
static enum expectation_outcome compare(const struct measured *m, const struct expectation *e)
{
	bool is_between = m->low < e->limit && e->limit < m->high;
	bool low = is_so(m->low, e->relation, e->limit);

	if (low != is_so(m->high, e->relation, e->limit))
		return EXPECTATION_INCONCLUSIVE;
	if (is_between && (e->relation == RELATION_EQUAL || e->relation == RELATION_UNEQUAL))
		return EXPECTATION_INCONCLUSIVE;
	return low ? EXPECTATION_HOLDS : EXPECTATION_FAILS;
}

/* "expected wait-p99 < 5 ms, got 31.2 ms from arrival to accept" */
static void say_what(struct expectation_result *r, const struct expectation *e, double got)
{
	char limit[QUANTITY_TEXT_SIZE], value[QUANTITY_TEXT_SIZE];
	int digits = 4;

	/* As many as it takes to tell them apart. */
	do {
		quantity__print(limit, e->quantity, e->limit, digits);
		quantity__print(value, e->quantity, got, digits);
		digits += 4;
	} while (digits < 20 && got != e->limit && !strcmp(limit, value));
	snprintf(r->why, sizeof(r->why), "expected %s %s %s, got %s%s%s", e->quantity->name,
		 relation__sign(e->relation), limit, value, *e->quantity->of ? " " : "",
		 e->quantity->of);
}

static void add(struct expectation_result *r, const char *text)
{
	size_t used = strlen(r->why);

	snprintf(r->why + used, sizeof(r->why) - used, "%s%s", used ? "; but " : "", text);
}

/* What a small sample shows may refute, but does not confirm. */
static void judge_sample(struct expectation_result *r, const struct measured *m)
{
	char text[128];

	if (m->sample >= m->needed || (r->outcome == EXPECTATION_FAILS && !m->is_drawn))
		return;
	r->outcome = EXPECTATION_INCONCLUSIVE;
	snprintf(text, sizeof(text),
		 "that is a sample of %" PRIu64 ", and to rely on it takes %" PRIu64, m->sample,
		 m->needed);
	add(r, text);
}

static int judge_number(struct expectation_result *r, const struct expectation *e,
			const struct report *report)
{
	struct measured m = {0};
	int err = e->quantity->measure(&m, report);

	r->outcome = EXPECTATION_INCONCLUSIVE;
	if (err)
		return err;
	if (!m.is_known) {
		snprintf(r->why, sizeof(r->why), "%s is not known: %s", e->quantity->name, m.why);
		return 0;
	}
	r->has_got = true;
	r->got = m.low;
	r->outcome = compare(&m, e);
	say_what(r, e, m.low);
	if (r->outcome == EXPECTATION_INCONCLUSIVE)
		add(r, m.why);
	judge_sample(r, &m);
	return 0;
}

/* ---- verdicts ---- */

static void judge_verdict(struct expectation_result *r, const struct expectation *e,
			  const struct report *report)
{
	const struct report_verdict *v = verdicts__of(&report->verdicts, e->disease);

	snprintf(r->why, sizeof(r->why), "%s is %s: %s", disease__name(e->disease),
		 verdict__name(v->value), v->reason);
	if (v->value == e->wanted)
		r->outcome = EXPECTATION_HOLDS;
	else if (v->value == VERDICT_INCONCLUSIVE)
		r->outcome = EXPECTATION_INCONCLUSIVE;
	else
		r->outcome = EXPECTATION_FAILS;
}

/* ---- all ---- */

bool expectations__want_rows(const struct expectations *all)
{
	for (size_t i = 0; i < all->cnt; i++)
		if (all->at[i].quantity && all->at[i].quantity->wants_rows)
			return true;
	return false;
}

/* NULL: nothing is. */
static const char *what_is_missing(const struct report *report)
{
	if (report->loss.incomplete)
		return report->loss.reason;
	return report__is_short(report) ? report->shortfall : NULL;
}

int expectations__judge(const struct expectations *all, const struct report *report,
			struct expectation_results *results)
{
	const char *missing = what_is_missing(report);
	int err = 0;

	results->cnt = 0;
	for (size_t i = 0; i < all->cnt && !err; i++) {
		struct expectation_result *r = &results->at[results->cnt++];

		*r = (struct expectation_result){
			.expectation = &all->at[i],
			.outcome = EXPECTATION_INCONCLUSIVE,
		};
		if (missing)
			snprintf(r->why, sizeof(r->why), "the result is incomplete: %s", missing);
		else if (all->at[i].quantity)
			err = judge_number(r, &all->at[i], report);
		else
			judge_verdict(r, &all->at[i], report);
	}
	return err;
}
