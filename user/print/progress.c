// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "print/progress.h"

#include <stdarg.h>

#include "base/clock.h"
#include "print/terminal.h"

#define PERIOD_NS       (200 * NS_PER_MS)
#define QUIET_PERIOD_NS NS_PER_SEC

/* To the first column, and the rest of the line cleared. */
#define LINE_START "\r\033[K"

void progress__begin(struct progress *p, FILE *out)
{
	*p = (struct progress){.out = out, .terminal = terminal__is_smart(out)};
}

bool progress__is_due(const struct progress *p, uint64_t now_ns)
{
	return p->terminal && now_ns - p->last_ns >= PERIOD_NS;
}

uint64_t progress__next_ns(const struct progress *p, bool is_new)
{
	if (!p->terminal)
		return UINT64_MAX;
	return p->last_ns + (is_new ? PERIOD_NS : QUIET_PERIOD_NS);
}

void progress__show(struct progress *p, uint64_t now_ns, const char *format, ...)
{
	char line[256];
	unsigned width;
	va_list args;

	if (!p->terminal)
		return;
	width = terminal__describe(p->out, COLOR_NEVER).width;
	p->last_ns = now_ns;
	p->shown = true;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	/* A line that is broken by the terminal could not be taken away any more. */
	if (width && width - 1 < sizeof(line))
		line[width - 1] = '\0';
	fprintf(p->out, "%s%s", LINE_START, line);
	fflush(p->out);
}

void progress__end(struct progress *p)
{
	if (p->shown)
		fputs(LINE_START, p->out);
	p->shown = false;
}
