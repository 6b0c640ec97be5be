// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "report/reason.h"

#include <stdarg.h>
#include <stdio.h>

bool verdict__set(struct report_verdict *v, enum verdict value, const char *format, ...)
{
	va_list args;

	v->value = value;
	va_start(args, format);
	if (vasprintf(&v->reason, format, args) < 0)
		v->reason = NULL;
	va_end(args);
	return v->reason;
}
