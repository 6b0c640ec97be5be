/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* From a tape to a report, and the rows of one. To be included after cmocka.h. */
#ifndef HERDTRACE_MODEL_FIXTURE_H
#define HERDTRACE_MODEL_FIXTURE_H

#include <string.h>

#include "model/model.h"
#include "report/words.h"
#include "records.h"

#define LISTENER 0x1111
#define STEP     ((int64_t)TAPE_STEP_NS)

/* Without an END. Takes the tape. */
static inline struct report *report_of(struct tape *tape)
{
	struct report *r = tape__report(tape);

	tape__free(tape);
	assert_non_null(r);
	if (report__malformed(r))
		fail_msg("malformed: %s", report__malformed(r));
	return r;
}

static inline struct report *complete_report_of(struct tape *tape)
{
	struct report *r;

	tape__end(tape);
	r = report_of(tape);
	if (r->loss.incomplete)
		fail_msg("incomplete: %s", r->loss.reason);
	if (report__unbalanced(r))
		fail_msg("unbalanced: %s", report__unbalanced(r));
	return r;
}

static inline struct report *incomplete_report_of(struct tape *tape, const char *word)
{
	struct report *r = report_of(tape);

	assert_true(r->loss.incomplete);
	if (!strstr(r->loss.reason, word))
		fail_msg("\"%s\" does not say \"%s\"", r->loss.reason, word);
	return r;
}

/* Connections are asked for by the number of their arrival, when none was refused. */
static inline const struct report_connection *connection(const struct report *r, unsigned id)
{
	assert_in_range(id, 1, r->connection_cnt);
	return &r->connections[id - 1];
}

static inline const struct report_wake *wake(const struct report *r, unsigned id, size_t index)
{
	const struct report_connection *c = connection(r, id);

	assert_true(index < c->wake_cnt);
	return &c->wakes[index];
}

static inline const struct report_worker *worker(const struct report *r, uint32_t tid)
{
	for (size_t i = 0; i < r->totals.worker_cnt; i++)
		if (r->totals.workers[i].tid == tid)
			return &r->totals.workers[i];
	fail_msg("no worker %u", tid);
	return NULL;
}

/* An arrival that finds these tasks waiting, and is offered to all of them. */
static inline void arrive(struct tape *t, uint64_t arrival, uint32_t first_tid, unsigned tasks)
{
	tape__arrival(t, arrival, LISTENER);
	for (unsigned i = 0; i < tasks; i++)
		tape__waiter(t, arrival, first_tid + i);
}

#endif
