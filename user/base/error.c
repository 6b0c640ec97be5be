// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error__set(struct error *error, enum fault fault, int code, const char *format, ...)
{
	va_list args;

	if (error->fault != FAULT_NONE)
		return code;
	error->fault = fault;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return code;
}

const char *error__remedy(const struct error *error)
{
	const char *remedy = "";

	for (const char *at = error->text; (at = strstr(at, "; ")); at += 2)
		remedy = at + 2;
	return remedy;
}
