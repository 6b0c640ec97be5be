// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "doctor/recognise.h"

#include <errno.h>
#include <string.h>

static void add_waiters(struct recognition *r, const struct record_waiters *waiters)
{
	const struct waiter_entry *at = (const struct waiter_entry *)(waiters + 1);

	for (size_t i = 0; i < r->cnt; i++)
		for (size_t j = 0; r->arrivals[i] == waiters->arrival && j < waiters->cnt; j++)
			if (!at[j].elsewhere && at[j].tid == (uint32_t)r->pid)
				r->causes[i] |= 1u << at[j].cause;
}

int recognition__take(void *recognition, const struct record_header *record)
{
	struct recognition *r = recognition;

	if (record->type == RECORD_ARRIVAL && r->cnt < EXERCISE_WAYS)
		r->arrivals[r->cnt++] = ((const struct record_arrival *)record)->arrival;
	if (record->type == RECORD_WAITERS)
		add_waiters(r, (const struct record_waiters *)record);
	return 0;
}

/* Was the server seen waiting as it did for the connection with this index, and in no other way? */
static bool is_right(const struct recognition *r, const struct exercise *e, size_t index)
{
	return index < r->cnt && r->causes[index] == 1u << exercise_kinds[e->made[index]].cause;
}

static int judge_way(const struct recognition *r, const struct exercise *e, size_t index,
		     struct findings *findings)
{
	struct doctor_finding *f =
		findings__add(findings, FINDING_WAITER, exercise_kinds[e->made[index]].name);

	if (!f)
		return -ENOMEM;
	if (is_right(r, e, index))
		return 0;
	f->state = FINDING_FAILED;
	error__set(&f->cause, FAULT_SYSTEM, -EIO,
		   "a task that slept like this was not recognised as a waiter");
	return 0;
}

int recognition__judge(const struct recognition *r, const struct exercise *e, bool traces_unix,
		       struct findings *findings)
{
	int err = 0;

	for (size_t i = 0; !err && i < e->made_cnt; i++)
		if (e->made[i] != WAY_UNIX || traces_unix)
			err = judge_way(r, e, i, findings);
	for (size_t way = 0; !err && way < EXERCISE_WAYS; way++) {
		struct doctor_finding *f;

		if (!e->errors[way])
			continue;
		f = findings__add(findings, FINDING_WAITER, exercise_kinds[way].name);
		if (!f)
			return -ENOMEM;
		f->state = FINDING_NOT_TRIED;
		error__set(&f->cause, FAULT_SYSTEM, e->errors[way], "%s",
			   strerror(-e->errors[way]));
	}
	return err;
}
