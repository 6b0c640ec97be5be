// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "claim_sample.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many of a hundred must have found the same number of waiters, or none is left out. */
#define ALIKE_PERCENT 80

static size_t count_with(const struct report *r, unsigned waiters)
{
	size_t cnt = 0;

	for (size_t i = 0; i < r->connection_cnt; i++)
		cnt += r->connections[i].waiters == waiters;
	return cnt;
}

static unsigned most_frequent(const struct report *r)
{
	unsigned best = r->connections[0].waiters;

	for (size_t i = 1; i < r->connection_cnt; i++)
		if (r->connections[i].waiters != best &&
		    count_with(r, r->connections[i].waiters) > count_with(r, best))
			best = r->connections[i].waiters;
	return best;
}

bool sample__take(struct sample *s, const struct claim_view *view, struct finding *f)
{
	const struct report *r = view->report;

	*s = (struct sample){0};
	s->at = calloc(r->connection_cnt + 1, sizeof(*s->at));
	if (!s->at || !r->connection_cnt) {
		snprintf(f->reason, sizeof(f->reason), s->at ? "no connection" : "out of memory");
		sample__free(s);
		return false;
	}
	s->waiters = most_frequent(r);
	s->uniform = count_with(r, s->waiters) * 100 >= r->connection_cnt * ALIKE_PERCENT;
	for (size_t i = 0; i < r->connection_cnt; i++) {
		if (s->uniform && r->connections[i].waiters != s->waiters)
			s->left_out++;
		else
			s->at[s->cnt++] = &r->connections[i];
	}
	if (s->uniform)
		detail__add(f, "%u waiting", s->waiters);
	if (s->left_out)
		detail__add(f, "%zu that found another number waiting left out", s->left_out);
	return true;
}

void sample__free(struct sample *s)
{
	free(s->at);
	s->at = NULL;
}

void measured__range(struct finding *f, const struct claim_view *view, unsigned least,
		     unsigned most)
{
	if (least != most)
		measured__set(f, "%u to %u", least, most);
	else if (!most)
		measured__set(f, "none");
	else if (most > 1 && most == view->claim->workers)
		measured__set(f, "n");
	else
		measured__set(f, "%u", most);
}

void measured__set(struct finding *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(f->measured, sizeof(f->measured), format, args);
	va_end(args);
}

void detail__add(struct finding *f, const char *format, ...)
{
	size_t used = strlen(f->detail);
	va_list args;

	if (used && used + 2 < sizeof(f->detail)) {
		strcpy(f->detail + used, "; ");
		used += 2;
	}
	va_start(args, format);
	vsnprintf(f->detail + used, sizeof(f->detail) - used, format, args);
	va_end(args);
}
