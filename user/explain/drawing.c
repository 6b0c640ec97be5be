// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "explain/drawing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/words.h"

void drawing__keep_error(struct drawing *d, int err)
{
	if (err && !d->err)
		d->err = err;
}

void drawing__say(struct drawing *d, const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	drawing__keep_error(d, text ? paragraph__print(d->out, d->terminal, text,
						       (struct paragraph_color){0})
				    : -ENOMEM);
	free(text);
}

bool drawing__is_unix(const struct drawing *d)
{
	return d->listener && d->listener->protocol && !strcmp(d->listener->protocol, "unix");
}

void drawing__who(char who[WHO_SIZE], unsigned worker, uint32_t tid)
{
	snprintf(who, WHO_SIZE, "worker %u (%" PRIu32 ")", worker, tid);
}

const char *drawing__comm(const struct drawing *d, unsigned worker)
{
	for (size_t i = 0; i < d->report->totals.worker_cnt; i++)
		if (d->report->totals.workers[i].id == worker)
			return d->report->totals.workers[i].comm;
	return "";
}

const struct report_wake *drawing__wake_of(const struct drawing *d, unsigned worker)
{
	for (size_t i = d->row->wake_cnt; i-- > 0;)
		if (d->row->wakes[i].worker == worker && d->row->wakes[i].cause != CAUSE_LOCK)
			return &d->row->wakes[i];
	return NULL;
}

void drawing__came_of(char text[CAME_OF_SIZE], const struct drawing *d,
		      const struct report_wake *wake)
{
	switch (wake->outcome) {
	case OUTCOME_ACCEPTED:
		if (wake->accepted_connection == d->row->id)
			strcpy(text, "accepted it");
		else if (wake->accepted_connection)
			snprintf(text, CAME_OF_SIZE, "took %u", wake->accepted_connection);
		else
			strcpy(text, "took another");
		return;
	case OUTCOME_HANDED_ON: strcpy(text, "handed on"); return;
	case OUTCOME_EAGAIN: strcpy(text, "EAGAIN"); return;
	default: snprintf(text, CAME_OF_SIZE, "%s", wake_outcome__name(wake->outcome));
	}
}

void drawing__time(char *to, int64_t ns)
{
	if (ns < 1000 * 1000)
		text__duration(to, ns);
	else if (ns < INT64_C(1000) * 1000 * 1000)
		snprintf(to, TEXT_DURATION_SIZE, "%.2f ms", (double)ns / 1e6);
	else
		snprintf(to, TEXT_DURATION_SIZE, "%.3f s", (double)ns / 1e9);
}
