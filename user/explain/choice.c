// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Which connection there is most to learn from. */
#include <inttypes.h>

#include "base/text.h"
#include "explain/explain.h"

/* The first reason counts for more than all that follow it. */
enum lesson {
	LESSON_NONE,
	LESSON_SLEEPERS, /* somebody slept, and the walk stopped or did not */
	LESSON_MIGRATED,
	LESSON_STRANDED,
	LESSON_CHAIN,
	LESSON_WASTED,
};

struct rank {
	enum lesson lesson;
	uint64_t much; /* of it */
	unsigned id;
	unsigned wasted, woken, waiters;
	int64_t waited_ns;
};

static unsigned count_chains(const struct report_connection *row)
{
	unsigned cnt = 0;

	for (size_t i = 0; i < row->wake_cnt; i++)
		cnt += row->wakes[i].cause == CAUSE_CHAIN;
	return cnt;
}

static struct rank rank_of(const struct report_connection *row)
{
	struct rank r = {
		.id = row->id,
		.wasted = row->wasted,
		.woken = row->woken,
		.waiters = row->waiters + row->group_idle,
		.waited_ns = row->waited_ns,
	};
	unsigned chains = count_chains(row);

	if (row->wasted) {
		r.lesson = LESSON_WASTED;
		r.much = ((uint64_t)row->wasted << 32) + chains;
	} else if (chains) {
		r.lesson = LESSON_CHAIN;
		r.much = chains;
	} else if (row->stranded) {
		r.lesson = LESSON_STRANDED;
		r.much = row->waited_ns > 0 ? (uint64_t)row->waited_ns : 0;
	} else if (row->migrated_from) {
		r.lesson = LESSON_MIGRATED;
	} else if (r.waiters) {
		r.lesson = LESSON_SLEEPERS;
		r.much = r.waiters;
	}
	return r;
}

static bool is_better(const struct rank *r, const struct rank *than)
{
	if (r->lesson != than->lesson)
		return r->lesson > than->lesson;
	return r->much > than->much;
}

static void say_why(const struct rank *r, char why[EXPLAIN_WHY_SIZE])
{
	char waited[TEXT_DURATION_SIZE];

	text__duration(waited, r->waited_ns);
	switch (r->lesson) {
	case LESSON_WASTED:
		snprintf(why, EXPLAIN_WHY_SIZE, "none wasted more wakes: %u of %u", r->wasted,
			 r->woken);
		return;
	case LESSON_CHAIN:
		snprintf(why, EXPLAIN_WHY_SIZE,
			 "no wake was wasted; here one task woke the next (%" PRIu64 " times)",
			 r->much);
		return;
	case LESSON_STRANDED:
		snprintf(why, EXPLAIN_WHY_SIZE, "none was stranded for longer: %s", waited);
		return;
	case LESSON_MIGRATED:
		snprintf(why, EXPLAIN_WHY_SIZE, "the first one that was moved to another listener");
		return;
	case LESSON_SLEEPERS:
		snprintf(why, EXPLAIN_WHY_SIZE,
			 "no wake was wasted in this run; here most tasks slept (%u)", r->waiters);
		return;
	case LESSON_NONE: break;
	}
	snprintf(why, EXPLAIN_WHY_SIZE, "the first one: nobody slept at any arrival");
}

int explain__choose(const struct report *report, unsigned wanted, struct explain_choice *choice)
{
	const struct report_connection *row;
	struct report_cursor cursor = {0};
	struct rank best = {0};
	int err;

	*choice = (struct explain_choice){0};
	while ((row = report__next(report, &cursor, &err))) {
		struct rank r = rank_of(row);

		if (!choice->first)
			choice->first = row->id;
		choice->last = row->id;
		if (row->id == wanted)
			choice->id = wanted;
		if (!best.id || is_better(&r, &best))
			best = r;
	}
	report_cursor__end(&cursor);
	if (wanted || !best.id)
		return err;
	choice->id = best.id;
	say_why(&best, choice->why);
	return err;
}
