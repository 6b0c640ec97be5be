// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "doctor/recognise.h"

#include <string.h>

static void add_waiter(struct recognition *r, const struct record_waiter *waiter)
{
	for (size_t i = 0; i < r->cnt; i++)
		if (r->arrivals[i] == waiter->arrival && !waiter->elsewhere &&
		    waiter->header.tid == (uint32_t)r->pid)
			r->causes[i] |= 1u << waiter->cause;
}

int recognition__take(void *recognition, const struct record_header *record)
{
	struct recognition *r = recognition;

	if (record->type == RECORD_ARRIVAL && r->cnt < EXERCISE_WAYS)
		r->arrivals[r->cnt++] = ((const struct record_arrival *)record)->arrival;
	if (record->type == RECORD_WAITER)
		add_waiter(r, (const struct record_waiter *)record);
	return 0;
}

/* Was the server seen waiting as it did for the connection with this index, and in no other way? */
static bool is_right(const struct recognition *r, const struct exercise *e, size_t index)
{
	return index < r->cnt && r->causes[index] == 1u << exercise_kinds[e->made[index]].cause;
}

/* The ways that were recognised, or those that were not. Returns how many they are. */
static size_t print_ways(const struct recognition *r, const struct exercise *e, bool traces_unix,
			 bool right, const char *label, FILE *out)
{
	size_t cnt = 0;

	for (size_t i = 0; i < e->made_cnt; i++) {
		if ((e->made[i] == WAY_UNIX && !traces_unix) || is_right(r, e, i) != right)
			continue;
		fprintf(out, "%s%s", cnt++ ? " " : label, exercise_kinds[e->made[i]].name);
	}
	return cnt;
}

bool recognition__print(const struct recognition *r, const struct exercise *e, bool traces_unix,
			FILE *out)
{
	size_t wrong;

	fputs("waiters   ", out);
	print_ways(r, e, traces_unix, true, " recognised: ", out);
	wrong = print_ways(r, e, traces_unix, false, " NOT RECOGNISED: ", out);
	for (size_t way = 0; way < EXERCISE_WAYS; way++)
		if (e->errors[way])
			fprintf(out, " not tried: %s (%s)", exercise_kinds[way].name,
				strerror(-e->errors[way]));
	fputc('\n', out);
	return !wrong;
}
