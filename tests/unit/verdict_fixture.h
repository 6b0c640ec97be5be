/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* From a tape to its verdicts. To be included after cmocka.h. */
#ifndef HERDTRACE_VERDICT_FIXTURE_H
#define HERDTRACE_VERDICT_FIXTURE_H

#include <string.h>

#include "records.h"
#include "report/verdict.h"

#define LISTENER 0x1111
#define FIRST    11 /* tid of the first worker */

static inline struct report *decided(struct tape *tape)
{
	struct report *r = tape__report(tape);

	tape__free(tape);
	assert_non_null(r);
	assert_int_equal(verdicts__decide(&r->verdicts, &r->totals, &r->loss), 0);
	assert_non_null(r->verdicts.advice);
	return r;
}

static inline struct report *complete(struct tape *tape)
{
	struct report *r;

	tape__end(tape);
	r = decided(tape);
	assert_false(r->loss.incomplete);
	return r;
}

static inline void assert_verdict(const struct report_verdict *v, enum verdict value,
				  const char *words)
{
	if (v->value != value || !strstr(v->reason, words))
		fail_msg("%s: \"%s\" is not %s with \"%s\"", verdict__name(v->value), v->reason,
			 verdict__name(value), words);
}

/* An arrival with so many waiters, of which so many are woken and all but the first too late. */
static inline void arrive(struct tape *t, uint64_t arrival, unsigned waiters, unsigned woken,
			  enum wake_cause cause)
{
	tape__arrival(t, arrival, LISTENER);
	for (unsigned i = 0; i < waiters; i++)
		tape__waiter(t, arrival, FIRST + i);
	for (unsigned i = 0; i < woken; i++)
		tape__wake(t, arrival, FIRST + i, cause);
	tape__walk(t, arrival, woken);
	tape__accept(t, FIRST, arrival);
	for (unsigned i = 0; i < woken; i++)
		tape__sleep(t, FIRST + i);
}

#endif
