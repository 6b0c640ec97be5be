/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* A run that is looked at: who waits, who accepts, and the numbers of each look. To be included after cmocka.h. */
#ifndef HERDTRACE_TEST_TOP_FIXTURE_H
#define HERDTRACE_TEST_TOP_FIXTURE_H

#include "base/clock.h"
#include "live_model.h"
#include "report/verdict.h"
#include "top/numbers.h"

#define TOP_LISTENER 0x1111

struct watched {
	struct live_model live;
	struct top_meter meter;
	struct top_numbers numbers;
	struct verdicts verdicts;
	struct report_loss loss;
	uint64_t arrivals, looks;
};

static inline void watched__begin(struct watched *w)
{
	*w = (struct watched){.loss = {.reason = ""}};
	live_model__begin(&w->live);
	model__keep_flows(w->live.model);
}

static inline void watched__end(struct watched *w)
{
	verdicts__drop(&w->verdicts);
	numbers__drop(&w->numbers);
	meter__drop(&w->meter);
	live_model__end(&w->live);
}

/* Two tasks wait: both are woken, the first one accepts. */
static inline void watched__connect(struct watched *w, uint64_t listener, uint32_t winner,
				    uint32_t loser)
{
	struct tape *t = &w->live.tape;
	uint64_t arrival = ++w->arrivals;

	tape__arrival(t, arrival, listener);
	tape__waiter(t, arrival, winner);
	tape__waiter(t, arrival, loser);
	tape__wake(t, arrival, winner, CAUSE_ACCEPT);
	tape__wake(t, arrival, loser, CAUSE_ACCEPT);
	tape__walk(t, arrival, 2);
	tape__run(t, winner);
	tape__run(t, loser);
	tape__accept(t, winner, arrival);
	tape__sleep(t, winner);
	tape__sleep(t, loser);
}

/* Looks are a second apart. */
static inline struct top_look watched__prepare(struct watched *w)
{
	live_model__feed(&w->live);
	return (struct top_look){
		.begun_ns = NS_PER_SEC,
		.now_ns = (1 + w->looks++) * NS_PER_SEC,
		.totals = model__look(w->live.model, UINT64_MAX),
		.loss = &w->loss,
		.verdicts = &w->verdicts,
		.model = w->live.model,
	};
}

static inline const struct top_numbers *watched__look(struct watched *w)
{
	struct top_look look = watched__prepare(w);

	assert_non_null(look.totals);
	verdicts__drop(&w->verdicts);
	assert_int_equal(verdicts__decide(&w->verdicts, look.totals, &w->loss), 0);
	assert_int_equal(numbers__take(&w->numbers, &w->meter, &look), 0);
	return &w->numbers;
}

static inline const struct top_row *top_worker(const struct top_numbers *n, uint32_t tid)
{
	for (size_t i = 0; i < n->workers.cnt; i++)
		if (n->workers.at[i].tid == tid)
			return &n->workers.at[i];
	fail_msg("no worker %u", tid);
	return NULL;
}

#endif
