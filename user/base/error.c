// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

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
