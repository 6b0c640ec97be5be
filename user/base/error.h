/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Errors as values: whoever fails says what was wrong and what would help, in one line, and hands it
 * up; only commands/ prints it and turns it into an exit status.
 */
#ifndef HERDTRACE_BASE_ERROR_H
#define HERDTRACE_BASE_ERROR_H

#define ERROR_TEXT_SIZE 1024 /* what a line on stderr holds, with the name of a file in it */

/* Whose fault it is. */
enum fault {
	FAULT_NONE,
	FAULT_INPUT, /* what was asked for is wrong or not there: options, files, commands, tasks */
	FAULT_SYSTEM, /* this kernel or these privileges cannot do it */
	FAULT_DATA,   /* data is missing: nothing can be concluded, or not be written */
};

struct error {
	enum fault fault;
	char text[ERROR_TEXT_SIZE]; /* one line; bytes of the traced system in it are untrusted */
};

/*
 * Describes an error, unless one is there already: the first is the cause of the others. Returns
 * code, a negative errno, so that "return error__set(...)" reads as one step.
 */
int error__set(struct error *error, enum fault fault, int code, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * Where in the text it says what would help, "" where it does not: behind the last semicolon, as in "what is wrong;
 * what would help".
 */
const char *error__remedy(const struct error *error);

#endif
