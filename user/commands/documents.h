/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* What verify and compare print, in each format that they have (cli/option_table.c). */
#ifndef HERDTRACE_COMMANDS_DOCUMENTS_H
#define HERDTRACE_COMMANDS_DOCUMENTS_H

#include "compare/rows.h"
#include "render/render.h"
#include "verify/report.h"

/* Each returns 0 or negative errno, -EINVAL for a format that there is not. */
int documents__write_verify(FILE *out, const struct verify_report *report,
			    enum render_format format, const struct terminal *terminal);
int documents__write_comparison(FILE *out, const struct comparison *comparison, bool all,
				enum render_format format, const struct terminal *terminal);

#endif
