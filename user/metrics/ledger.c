// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "metrics/ledger.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void spread__add(struct spread *s, int64_t ns)
{
	size_t bucket = 0;

	while (bucket < SPREAD_BUCKETS && ns > (INT64_C(1000) << bucket))
		bucket++;
	s->of[bucket]++;
	s->sum_ns += ns;
}

void ledger__drop(struct ledger *l)
{
	for (size_t i = 0; i < l->place_cnt; i++)
		free(l->places[i].name);
	*l = (struct ledger){0};
}

struct ledger_place *ledger__place(struct ledger *l, const char *address)
{
	struct ledger_place *place;
	size_t i = 0;

	while (i < l->place_cnt && i < LEDGER_PLACES && strcmp(l->places[i].name, address))
		i++;
	place = &l->places[i];
	if (i == l->place_cnt) {
		place->name = strdup(i < LEDGER_PLACES ? address : LEDGER_OTHER);
		l->place_cnt += place->name != NULL;
	}
	return place->name ? place : NULL;
}

static struct ledger_class *class_of(struct ledger *l, const char *comm)
{
	struct ledger_class *class;
	size_t i = 0;

	while (i < l->class_cnt && i < LEDGER_CLASSES && strcmp(l->classes[i].name, comm))
		i++;
	class = &l->classes[i];
	if (i == l->class_cnt) {
		strcpy(class->name, i < LEDGER_CLASSES ? comm : LEDGER_OTHER);
		l->class_cnt++;
	}
	return class;
}

static void count_wake(struct ledger_place *place, struct ledger_class *class,
		       const struct closed_wake *w)
{
	bool wasted = wake_outcome__is_wasted(w->outcome);

	place->wakes[w->cause][w->outcome]++;
	place->wasted += wasted;
	class->wakes[w->outcome]++;
	if (wasted && w->cpu_ns > 0)
		class->wasted_cpu_ns += w->cpu_ns;
	if (w->run_ns >= 0)
		spread__add(&place->runs, w->run_ns);
}

int ledger__count(void *ledger, const struct totals *t, const struct closed_connection *c)
{
	struct ledger *l = ledger;
	struct ledger_place *place = ledger__place(l, t->listeners[c->listener].address);

	if (!place)
		return -ENOMEM;
	place->connections++;
	place->lost += c->end == CONNECTION_LOST;
	place->stranded[c->stranding]++;
	if (c->end == CONNECTION_ACCEPTED) {
		place->accepted++;
		spread__add(&place->waits, c->waited_ns);
	}
	if (c->accepted_by)
		class_of(l, t->workers[c->accepted_by - 1].comm)->accepted++;
	for (size_t i = 0; i < c->wake_cnt; i++)
		if (c->wakes[i].cause == CAUSE_LOCK)
			place->handovers++;
		else
			count_wake(place, class_of(l, t->workers[c->wakes[i].worker].comm),
				   &c->wakes[i]);
	return 0;
}
