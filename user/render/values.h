/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Pieces of a report that more than one JSON document has. */
#ifndef HERDTRACE_RENDER_VALUES_H
#define HERDTRACE_RENDER_VALUES_H

#include <jansson.h>

#include "report/totals.h"

/* A number for each cause, lock included. NULL: no memory. */
json_t *values__wakes_by_cause(const struct cause_counts *counts);

#endif
