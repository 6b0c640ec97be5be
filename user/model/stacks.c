// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The kernel stacks of wakes (--stacks): how often each was there, and its names, which are told at the end. */
#include <errno.h>
#include <string.h>

#include "model/state.h"

/* As many as the kernel side keeps (bpf/state.bpf.h), each for two causes; what a file has beyond them is not counted. */
#define STACKS_MAX 8192

static struct model_stack *find_stack(const struct model *m, int32_t id, uint32_t cause)
{
	struct stack_key key = {id, cause};
	struct model_stack *stack;

	HASH_FIND(hh, m->stacks, &key, sizeof(key), stack);
	return stack;
}

int model__count_stack(struct model *m, int32_t id, enum wake_cause cause)
{
	struct model_stack *stack = id < 0 ? NULL : find_stack(m, id, cause);

	if (id < 0 || (!stack && HASH_COUNT(m->stacks) >= STACKS_MAX))
		return 0;
	if (!stack) {
		stack = calloc(1, sizeof(*stack));
		if (!stack)
			return -ENOMEM;
		stack->key = (struct stack_key){id, cause};
		HASH_ADD(hh, m->stacks, key, sizeof(stack->key), stack);
		if (!stack->hh.tbl) {
			free(stack);
			return -ENOMEM;
		}
	}
	stack->wakes++;
	return 0;
}

int model__add_stack(struct model *m, const struct record_stack *r)
{
	for (uint32_t cause = CAUSE_ACCEPT; cause < CAUSE_CNT; cause++) {
		struct model_stack *stack = find_stack(m, r->stack_id, cause);

		if (!stack || stack->names)
			continue;
		stack->names = strndup((const char *)(r + 1), r->text_len);
		if (!stack->names)
			return -ENOMEM;
	}
	return 0;
}

void model__drop_stacks(struct model *m)
{
	struct model_stack *stack, *next;

	HASH_ITER(hh, m->stacks, stack, next)
	{
		HASH_DEL(m->stacks, stack);
		free(stack->names);
		free(stack);
	}
}

static int by_cause_and_wakes(const void *a, const void *b)
{
	const struct report_stack *x = a, *y = b;

	if (x->cause != y->cause)
		return x->cause < y->cause ? -1 : 1;
	if (x->wakes != y->wakes)
		return x->wakes > y->wakes ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* Those that were told: one without names says nothing. */
int model__take_stacks(struct model *m, struct report *report)
{
	size_t cnt = HASH_COUNT(m->stacks);

	report->stacks = cnt ? calloc(cnt, sizeof(*report->stacks)) : NULL;
	if (cnt && !report->stacks)
		return -ENOMEM;
	for (struct model_stack *stack = m->stacks; stack; stack = stack->hh.next) {
		if (!stack->names)
			continue;
		report->stacks[report->stack_cnt++] = (struct report_stack){
			.id = stack->key.id,
			.cause = stack->key.cause,
			.wakes = stack->wakes,
			.names = stack->names,
		};
		stack->names = NULL;
	}
	if (report->stack_cnt)
		qsort(report->stacks, report->stack_cnt, sizeof(*report->stacks),
		      by_cause_and_wakes);
	return 0;
}
