// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "print/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define PERIOD_NS UINT64_C(200000000)

void progress__begin(struct progress *p)
{
	*p = (struct progress){.terminal = isatty(STDERR_FILENO)};
}

void progress__show(struct progress *p, const struct model *model, uint64_t now_ns)
{
	struct model_progress at;

	if (!p->terminal || now_ns - p->last_ns < PERIOD_NS)
		return;
	p->last_ns = now_ns;
	p->shown = true;
	model__progress(model, &at);
	if (at.listeners)
		fprintf(stderr,
			"\r\033[K%" PRIu64 " connections, %" PRIu64 " wakes; Ctrl-C reports",
			at.arrivals, at.wakes);
	else
		fprintf(stderr, "\r\033[Kwaiting for a listener");
	fflush(stderr);
}

void progress__end(struct progress *p)
{
	if (p->shown)
		fprintf(stderr, "\r\033[K");
}
