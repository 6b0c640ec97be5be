// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "verify/claim_sample.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool sample__take(struct sample *s, const struct claim_view *view, struct finding *f)
{
	const struct report *r = view->report;
	unsigned least = UINT_MAX, most = 0;

	*s = (struct sample){.at = r->connections, .cnt = r->connection_cnt};
	for (size_t i = 0; i < s->cnt; i++) {
		least = s->at[i].waiters < least ? s->at[i].waiters : least;
		most = s->at[i].waiters > most ? s->at[i].waiters : most;
	}
	s->waiters = most;
	if (s->cnt && least == most)
		detail__add(f, "%u waiting", most);
	else if (s->cnt)
		snprintf(f->reason, sizeof(f->reason),
			 "connections found %u to %u tasks waiting: the server did not come to "
			 "rest in between",
			 least, most);
	else
		snprintf(f->reason, sizeof(f->reason), "no connection");
	return s->cnt && least == most;
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
