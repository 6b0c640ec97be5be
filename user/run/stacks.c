// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "run/stacks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "report/words.h"

/* Distinct stacks that are kept; the rest differ in what the softirq came on top of. */
#define STACKS_MAX 64
/* Shown for each cause. */
#define STACKS_SHOWN 2

struct stack {
	int id;
	uint32_t cause;
	uint64_t wakes;
};

struct stacks {
	struct stack at[STACKS_MAX];
	size_t cnt;
};

struct stacks *stacks__new(void)
{
	return calloc(1, sizeof(struct stacks));
}

void stacks__free(struct stacks *stacks)
{
	free(stacks);
}

int stacks__take(void *stacks, const struct record_header *record)
{
	const struct record_wake *r = (const void *)record;
	struct stacks *s = stacks;

	if (record->type != RECORD_WAKE || r->stack_id < 0)
		return 0;
	for (size_t i = 0; i < s->cnt; i++) {
		if (s->at[i].id == r->stack_id && s->at[i].cause == r->cause) {
			s->at[i].wakes++;
			return 0;
		}
	}
	if (s->cnt < STACKS_MAX)
		s->at[s->cnt++] = (struct stack){r->stack_id, r->cause, 1};
	return 0;
}

static int by_cause_and_wakes(const void *a, const void *b)
{
	const struct stack *x = a, *y = b;

	if (x->cause != y->cause)
		return x->cause < y->cause ? -1 : 1;
	return (x->wakes < y->wakes) - (x->wakes > y->wakes);
}

void stacks__push(struct stacks *s, struct tracer *tracer, struct stream *stream)
{
	unsigned shown = 0;

	qsort(s->at, s->cnt, sizeof(s->at[0]), by_cause_and_wakes);
	for (size_t i = 0; i < s->cnt; i++) {
		char *names, *text;

		if (i && s->at[i].cause != s->at[i - 1].cause)
			shown = 0;
		if (shown++ >= STACKS_SHOWN)
			continue;
		names = tracer__stack(tracer, s->at[i].id);
		if (names && asprintf(&text, "stack of %" PRIu64 " %s wakes: %s", s->at[i].wakes,
				      wake_cause__name(s->at[i].cause), names) >= 0) {
			stream__push_meta(stream, META_NOTE, text);
			free(text);
		}
		free(names);
	}
}
