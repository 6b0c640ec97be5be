// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Where the workers are, and in which epoll instances their listeners: a sentence each. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "render/page.h"
#include "report/words.h"

/* Of so many listeners, unless it is asked for. */
#define LISTENERS_SHOWN 4

#define FLAGS_SIZE 192 /* for all there are */

const struct report_place *page__common_place(const struct report *report)
{
	const struct totals *t = &report->totals;

	for (size_t i = 1; i < t->worker_cnt; i++)
		if (t->workers[i].place != t->workers[0].place)
			return NULL;
	return t->worker_cnt ? totals__place_of(t, &t->workers[0]) : NULL;
}

static void say_place(struct page *page)
{
	const struct report_place *place = page__common_place(page->report);
	bool both = place && *place->unit && *place->container;

	if (place)
		page__say(page, NO_COLOR, "all workers are in %s%s%s%s%.*s",
			  *place->unit ? "unit " : "", place->unit, both ? ", " : "",
			  *place->container ? "container " : "", CONTAINER_DIGITS,
			  place->container);
}

/* ---- epoll ---- */

/* "EPOLLIN, EPOLLET" */
static void list_flags(uint32_t events, char text[FLAGS_SIZE])
{
	size_t used = 0;
	const char *name;

	snprintf(text, FLAGS_SIZE, "no events");
	while ((name = epoll_flags__take(&events)))
		used += snprintf(text + used, FLAGS_SIZE - used, "%s%s", used ? ", " : "", name);
}

static bool is_alike(const struct report_epoll *a, const struct report_epoll *b)
{
	return a->events == b->events && a->processes == b->processes;
}

/* Was it counted with one that stands before it? */
static bool is_counted(const struct report_listener *l, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (is_alike(&l->epolls.at[i], &l->epolls.at[index]))
			return true;
	return false;
}

/* "epoll: 127.0.0.1:8888 is in 4 instances, each of 1 process: EPOLLIN" */
static void say_alike(struct page *page, const struct report_listener *l, size_t index)
{
	const struct report_epoll *epoll = &l->epolls.at[index];
	char flags[FLAGS_SIZE], whose[64] = "";
	size_t cnt = 0;

	if (is_counted(l, index))
		return;
	for (size_t i = index; i < l->epolls.cnt; i++)
		cnt += is_alike(&l->epolls.at[i], epoll);
	list_flags(epoll->events, flags);
	if (epoll->processes)
		snprintf(whose, sizeof(whose), ", %sof %" PRIu32 " process%s",
			 cnt == 1 ? "" : "each ", epoll->processes,
			 epoll->processes == 1 ? "" : "es");
	page__say(page, NO_COLOR, "epoll: %s is in %zu instance%s%s: %s", l->address, cnt,
		  cnt == 1 ? "" : "s", whose, flags);
}

/* It says why so many were woken, or is asked for. */
static bool shows_epolls(const struct page *page)
{
	const struct report_summary *s = &page->report->totals.summary;

	return page->options->verbose ||
	       (s->wasted && s->wakes_by_cause.of[CAUSE_EPOLL] + s->wakes_by_cause.of[CAUSE_CHAIN]);
}

static void say_epolls(struct page *page)
{
	const struct totals *t = &page->report->totals;
	size_t shown = 0, left_out = 0;

	for (size_t i = 0; i < t->listener_cnt; i++) {
		const struct report_listener *l = &t->listeners[i];

		if (!l->epolls.cnt)
			continue;
		if (shown++ >= LISTENERS_SHOWN && !page->options->verbose)
			left_out++;
		else
			for (size_t j = 0; j < l->epolls.cnt; j++)
				say_alike(page, l, j);
	}
	if (left_out)
		page__say(page, NO_COLOR, "epoll: %zu more listener%s (--verbose, --json)",
			  left_out, left_out == 1 ? "" : "s");
}

void page__say_places(struct page *page)
{
	say_place(page);
	if (shows_epolls(page))
		say_epolls(page);
}
