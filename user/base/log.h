/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Messages to the person at the terminal: one line each, on stderr. Names in them may be anything: what
 * a terminal would obey is written as \xNN.
 */
#ifndef HERDTRACE_BASE_LOG_H
#define HERDTRACE_BASE_LOG_H

/* "herdtrace: ..." */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for what is no error: not with --quiet. */
void log_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, only with --verbose. */
void log_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

void log_set_verbose(int verbose);
void log_set_quiet(int quiet);
/* From now on nothing but ASCII. */
void log_set_ascii(int ascii);
int log_is_verbose(void);

#endif
