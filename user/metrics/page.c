// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "metrics/page.h"

#include "base/clock.h"
#include "metrics/exposition.h"
#include "report/words.h"

/* ---- by place ---- */

typedef uint64_t (*place_number)(const struct page *page, size_t place);

#define PLACE_NUMBER(name, expression)                                    \
	static uint64_t name(const struct page *p, size_t place)          \
	{                                                                 \
		const struct ledger_place *l = &p->ledger->places[place]; \
		const struct page_place *now = &p->places[place];         \
                                                                          \
		(void)l, (void)now;                                       \
		return expression;                                        \
	}

PLACE_NUMBER(connections, l->connections)
PLACE_NUMBER(accepted, l->accepted)
PLACE_NUMBER(lost, l->lost)
PLACE_NUMBER(wasted, l->wasted)
PLACE_NUMBER(handovers, l->handovers)
PLACE_NUMBER(listeners, now->listeners)
PLACE_NUMBER(workers, now->workers)
PLACE_NUMBER(queued, now->queued)
PLACE_NUMBER(backlog, now->backlog)

static void write_by_place(struct exposition *t, const struct page *p, enum family_id family,
			   place_number number)
{
	exposition__begin(t, family);
	for (size_t i = 0; i < p->ledger->place_cnt; i++)
		exposition__count(t, LABELS({"listener", p->ledger->places[i].name}), number(p, i));
}

/* All outcomes of a cause from its first wake on: what is 0 so far has a rate, too. */
static void write_wakes_of(struct exposition *t, const struct ledger_place *place,
			   enum wake_cause cause)
{
	uint64_t sum = 0;

	for (int o = 0; o < OUTCOME_PENDING; o++)
		sum += place->wakes[cause][o];
	for (int o = 0; sum && o < OUTCOME_PENDING; o++)
		exposition__count(t,
				  LABELS({"listener", place->name},
					 {"cause", wake_cause__name(cause)},
					 {"outcome", wake_outcome__name(o)}),
				  place->wakes[cause][o]);
}

static void write_wakes(struct exposition *t, const struct page *p)
{
	exposition__begin(t, WAKES);
	for (size_t i = 0; i < p->ledger->place_cnt; i++)
		for (enum wake_cause cause = 0; cause < CAUSE_CNT; cause++)
			write_wakes_of(t, &p->ledger->places[i], cause);
}

static void write_stranded(struct exposition *t, const struct page *p)
{
	/* As JSON has them. */
	static const char *const causes[STRANDING_CAUSE_CNT] = {
		[STRANDING_LOST] = "lost",
		[STRANDING_NOBODY] = "nobody_left",
		[STRANDING_RUN] = "run_delay",
		[STRANDING_GROUP] = "other_listeners",
		[STRANDING_LISTENER] = "passed_over",
	};

	exposition__begin(t, STRANDED);
	for (size_t i = 0; i < p->ledger->place_cnt; i++)
		for (int c = STRANDING_LOST; c < STRANDING_CAUSE_CNT; c++)
			exposition__count(t,
					  LABELS({"listener", p->ledger->places[i].name},
						 {"cause", causes[c]}),
					  p->ledger->places[i].stranded[c]);
}

static void write_spreads(struct exposition *t, const struct page *p)
{
	const struct ledger *l = p->ledger;

	exposition__begin(t, ACCEPT_WAIT);
	for (size_t i = 0; i < l->place_cnt; i++)
		exposition__spread(t, LABELS({"listener", l->places[i].name}), &l->places[i].waits);
	exposition__begin(t, WAKE_TO_RUN);
	for (size_t i = 0; i < l->place_cnt; i++)
		exposition__spread(t, LABELS({"listener", l->places[i].name}), &l->places[i].runs);
}

static void write_places(struct exposition *t, const struct page *p)
{
	write_by_place(t, p, CONNECTIONS, connections);
	write_by_place(t, p, ACCEPTED, accepted);
	write_by_place(t, p, LOST, lost);
	write_stranded(t, p);
	write_wakes(t, p);
	write_by_place(t, p, WASTED, wasted);
	write_by_place(t, p, HANDOVERS, handovers);
	write_spreads(t, p);
	write_by_place(t, p, LISTENERS, listeners);
	write_by_place(t, p, WORKERS, workers);
	write_by_place(t, p, QUEUE, queued);
	write_by_place(t, p, BACKLOG, backlog);
}

/* ---- by worker ---- */

static void write_classes(struct exposition *t, const struct ledger *l)
{
	exposition__begin(t, WORKER_ACCEPTED);
	for (size_t i = 0; i < l->class_cnt; i++)
		exposition__count(t, LABELS({"worker", l->classes[i].name}),
				  l->classes[i].accepted);
	exposition__begin(t, WORKER_WAKES);
	for (size_t i = 0; i < l->class_cnt; i++)
		for (int o = 0; o < OUTCOME_PENDING; o++)
			exposition__count(t,
					  LABELS({"worker", l->classes[i].name},
						 {"outcome", wake_outcome__name(o)}),
					  l->classes[i].wakes[o]);
	exposition__begin(t, WORKER_WASTED_CPU);
	for (size_t i = 0; i < l->class_cnt; i++)
		exposition__number(t, LABELS({"worker", l->classes[i].name}),
				   (double)l->classes[i].wasted_cpu_ns / NS_PER_SEC);
}

/* ---- of the run ---- */

static void write_one(struct exposition *t, enum family_id family, uint64_t value)
{
	exposition__begin(t, family);
	exposition__count(t, NULL, value);
}

static void write_verdict(struct exposition *t, const char *disease,
			  const struct report_verdict *verdict)
{
	static const enum verdict all[] = {VERDICT_PROVED, VERDICT_REFUTED, VERDICT_INCONCLUSIVE};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		exposition__count(t,
				  LABELS({"disease", disease}, {"verdict", verdict__name(all[i])}),
				  verdict->value == all[i]);
}

static void write_verdicts(struct exposition *t, const struct verdicts *v)
{
	exposition__begin(t, VERDICT);
	write_verdict(t, "herd", &v->herd);
	write_verdict(t, "skew", &v->skew);
	write_verdict(t, "stranding", &v->stranding);
}

static void write_losses(struct exposition *t, const struct report_loss *loss)
{
	exposition__begin(t, LOST_RECORDS);
	exposition__count(t, LABELS({"reason", "buffer_full"}), loss->ring_drops);
	exposition__count(t, LABELS({"reason", "table_full"}), loss->map_full);
	exposition__count(t, LABELS({"reason", "missed_probes"}), loss->missed_probes);
	exposition__count(t, LABELS({"reason", "long_lists"}), loss->long_lists);
	exposition__count(t, LABELS({"reason", "early_calls"}), loss->early_calls);
	exposition__count(t, LABELS({"reason", "contradictions"}), loss->unbalanced);
	write_one(t, INCOMPLETE, loss->incomplete);
}

void page__write(FILE *out, enum http_format format, const struct page *p)
{
	struct exposition t = {.out = out, .format = format};

	exposition__begin(&t, BUILD);
	exposition__count(&t, LABELS({"version", p->version}, {"kernel", p->kernel}), 1);
	exposition__begin(&t, START_TIME);
	exposition__number(&t, NULL, p->start_time);
	write_places(&t, p);
	write_classes(&t, p->ledger);
	write_one(&t, OPPORTUNITIES, p->totals->herd.possible);
	write_one(&t, HERDS, p->totals->herd.herds);
	write_one(&t, BUSY_ARRIVALS, p->totals->stranding.possible);
	write_one(&t, TASKS, p->tasks);
	write_verdicts(&t, p->verdicts);
	write_losses(&t, p->loss);
	exposition__finish(&t);
}
