/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The member "connections" of the JSON document. */
#ifndef HERDTRACE_RENDER_JSON_ROWS_H
#define HERDTRACE_RENDER_JSON_ROWS_H

#include <stdbool.h>
#include <stdio.h>

#include "print/json_text.h"
#include "report/report.h"

/* Writes it as one more member of the document, empty without rows. Returns 0 or negative errno. */
int json_rows__write(FILE *out, const struct report *report, bool rows);

#endif
