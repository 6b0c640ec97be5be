// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "run/stacks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Their map has so many places, and their ids are the numbers of these (bpf/state.bpf.h). */
#define STACKS_MAX 4096

/* Of the names in a record. */
#define TEXT_MAX 4096

struct stacks {
	bool seen[STACKS_MAX];
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

	if (record->type == RECORD_WAKE && r->stack_id >= 0 && r->stack_id < STACKS_MAX)
		s->seen[r->stack_id] = true;
	return 0;
}

static int push_one(int id, const char *names, struct stream *stream)
{
	struct {
		struct record_stack stack;
		char text[TEXT_MAX];
	} r = {0};
	size_t len = strnlen(names, sizeof(r.text));

	memcpy(r.text, names, len);
	r.stack.header.type = RECORD_STACK;
	r.stack.header.len = sizeof(r.stack) + (len + 7) / 8 * 8;
	r.stack.stack_id = id;
	r.stack.text_len = len;
	return stream__push(stream, &r, r.stack.header.len);
}

int stacks__push(const struct stacks *s, struct tracer *tracer, struct stream *stream)
{
	int err = 0;

	for (int id = 0; id < STACKS_MAX && !err; id++) {
		char *names = s->seen[id] ? tracer__stack(tracer, id) : NULL;

		if (names)
			err = push_one(id, names, stream);
		free(names);
	}
	return err;
}
