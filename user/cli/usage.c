// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "cli/usage.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>

#include "cli/command_table.h"

#define LINE_SIZE 128
#define HINT      " (see 'herdtrace --help')"

/* "herdtrace report [OPTIONS] FILE". Returns its length. */
static int write_form(char line[LINE_SIZE], const struct command_row *command,
		      const struct command_form *form, const char *options)
{
	return snprintf(line, LINE_SIZE, "herdtrace%s%s%s%s%s", command->word ? " " : "",
			command->word ? command->word : "", options, *form->operands ? " " : "",
			form->operands);
}

static int widest_form(size_t from, const char *options)
{
	char line[LINE_SIZE];
	int widest = 0;

	for (size_t i = from; i < ACTION_CNT; i++) {
		const struct command_row *command = &command_table[i];

		for (size_t j = 0; j < FORMS_MAX && command->forms[j].operands; j++) {
			int width = write_form(line, command, &command->forms[j], options);

			widest = width > widest ? width : widest;
		}
	}
	return widest;
}

/* Those of the commands from one on, each behind the same text, but the first behind another. */
static void print_forms(FILE *out, size_t from, const char *options, const char *first,
			const char *before)
{
	int width = widest_form(from, options);

	for (size_t i = from; i < ACTION_CNT; i++) {
		const struct command_row *command = &command_table[i];

		for (size_t j = 0; j < FORMS_MAX && command->forms[j].operands; j++) {
			char line[LINE_SIZE];

			write_form(line, command, &command->forms[j], options);
			fprintf(out, "%s%-*s   %s\n", first, width, line, command->forms[j].does);
			first = before;
		}
	}
}

void usage__print(FILE *out)
{
	print_forms(out, ACTION_TRACE, " [OPTIONS]", "usage: ", "       ");
	fputs("Try 'herdtrace -n 20 -- ./accept-server', or 'herdtrace --help'.\n", out);
}

void usage__print_others(FILE *out)
{
	print_forms(out, ACTION_TRACE + 1, "", "  ", "  ");
}

int usage__refuse(struct error *error, const char *format, ...)
{
	char line[ERROR_TEXT_SIZE / 2];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return error__set(error, FAULT_INPUT, -EINVAL, "%s" HINT, line);
}
