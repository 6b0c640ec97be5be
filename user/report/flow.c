// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/flow.h"

#include <errno.h>
#include <stdlib.h>

#include "report/totals.h"

/* Made when the first thing is to be counted; NULL when out of memory. */
static struct flow *get(struct totals *t, struct flow **at)
{
	if (!*at) {
		*at = calloc(1, sizeof(**at));
		if (*at)
			(*at)->serial = ++t->flows_made;
	}
	return *at;
}

void flow__free(struct flow *flow)
{
	if (flow)
		waits__drop(&flow->waits);
	free(flow);
}

static void count_wake(struct flow *f, const struct closed_wake *w)
{
	f->wakes++;
	if (!wake_outcome__is_wasted(w->outcome))
		return;
	f->wasted++;
	f->wasted_cpu_ns += w->cpu_ns > 0 ? w->cpu_ns : 0;
}

static int count_wakes(struct totals *t, const struct closed_connection *c)
{
	struct flow *listener = t->listeners[c->listener].flow;

	for (size_t i = 0; i < c->wake_cnt; i++) {
		const struct closed_wake *w = &c->wakes[i];
		struct flow *worker;

		if (w->cause == CAUSE_LOCK)
			continue;
		worker = get(t, &t->workers[w->worker].flow);
		if (!worker)
			return -ENOMEM;
		count_wake(worker, w);
		count_wake(listener, w);
		count_wake(t->flow, w);
	}
	return 0;
}

static int count_accept(struct totals *t, const struct closed_connection *c)
{
	struct flow *worker;

	if (c->end != CONNECTION_ACCEPTED)
		return 0;
	if (waits__add(&t->listeners[c->listener].flow->waits, c->waited_ns) ||
	    waits__add(&t->flow->waits, c->waited_ns))
		return -ENOMEM;
	worker = c->accepted_by ? get(t, &t->workers[c->accepted_by - 1].flow) : NULL;
	if (!worker)
		return c->accepted_by ? -ENOMEM : 0;
	worker->connections++;
	return waits__add(&worker->waits, c->waited_ns);
}

int flow__count(struct totals *t, const struct closed_connection *c)
{
	struct flow *listener = get(t, &t->listeners[c->listener].flow);
	int err;

	if (!listener || !get(t, &t->flow))
		return -ENOMEM;
	listener->connections++;
	t->flow->connections++;
	err = count_wakes(t, c);
	return err ? err : count_accept(t, c);
}
