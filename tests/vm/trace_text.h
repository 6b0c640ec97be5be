/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What the lines of a tracefs file "trace" have in common: "   waker-12   [001] d.s5.   3.249645: event: ..."
 * Names may hold anything, so it is read from where the event begins, to the left. False: not there.
 */
#ifndef HERDTRACE_TRACE_TEXT_H
#define HERDTRACE_TRACE_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* The CPU, in brackets before end. */
bool trace_text__cpu(const char *line, const char *end, unsigned int *cpu);

/* The task that was current, before the brackets. */
bool trace_text__task(const char *line, const char *end, uint32_t *tid);

/* The time that ends here, whole microseconds. */
bool trace_text__time(const char *line, const char *end, uint64_t *ns);

/* The number behind the last " key=" of a text. */
bool trace_text__number(const char *text, const char *key, uint32_t *number);

/* "# comment" or "CPU:1 [LOST 12 EVENTS]": the latter's number is in the statistics as well. */
bool trace_text__is_remark(const char *line);

#endif
