// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * manual <herdtrace.8.scd: copies the source of the manual, and puts in place of the lines "@synopsis@" and
 * "@options@" what the tables of commands and options say.
 * manual herdtrace.8.scd COMMAND <herdtrace-COMMAND.8.scd: likewise the page of a command, see page.h.
 */
#include <stdio.h>
#include <string.h>

#include "cli/command_table.h"
#include "cli/option_table.h"
#include "page.h"

/* How much of a word is the name of an operand: "ID" of "ID...]". */
static size_t name_length(const char *word)
{
	size_t length = strcspn(word, " ]");
	const char *dots = strstr(word, "...");

	return dots && dots < word + length ? (size_t)(dots - word) : length;
}

static const char *mark_of(const char *word)
{
	if (word[0] != '-')
		return "_";
	return word[1] == '-' ? "" : "*";
}

/* "[_ID_...]": options are bold, names of operands underlined, what is around them is plain. */
static void print_operand(const char *word, size_t length)
{
	const char *name = word + (word[0] == '['), *mark = mark_of(name);
	size_t named = name_length(name);
	const char *end = name + named;

	printf("%.*s%s%.*s%s%.*s", (int)(name - word), word, mark, (int)named, name, mark,
	       (int)(word + length - end), end);
}

static void print_operands(const char *operands)
{
	while (*operands) {
		size_t length = strcspn(operands, " ");

		putchar(' ');
		print_operand(operands, length);
		operands += length;
		operands += *operands == ' ';
	}
}

static void print_name(const struct command_row *command)
{
	printf("*herdtrace%s%s*", command->word ? " " : "", command->word ? command->word : "");
}

/* A line for each form of some commands; "++" keeps scdoc from joining a line with the next one. */
static void print_synopsis(enum action first, enum action last)
{
	const char *end = "";

	for (size_t i = first; i <= last; i++) {
		const struct command_row *command = &command_table[i];

		for (size_t j = 0; j < FORMS_MAX && command->forms[j].operands; j++) {
			fputs(end, stdout);
			print_name(command);
			fputs(" [_OPTIONS_]", stdout);
			print_operands(command->forms[j].operands);
			end = "++\n";
		}
	}
	putchar('\n');
}

static void print_option(const struct option_row *option)
{
	if (option->letter)
		printf("*-%c*", option->letter);
	else
		printf("*--%s*", option->name);
	if (option->argument)
		printf(" _%s_", option->argument);
}

/* A row for each command with the options that it takes, but those that all of them take. */
static void print_options(void)
{
	for (size_t i = 0; i < ACTION_CNT; i++) {
		const char *before = i ? "\n:  " : "\n:< ";

		fputs(i ? "|  " : "|[ ", stdout);
		print_name(&command_table[i]);
		for (size_t j = 0; j < option_cnt; j++) {
			const struct option_row *option = &option_table[j];

			if (!(option->actions & ACTION_BIT(i)) || option->group == GROUP_HELP)
				continue;
			fputs(before, stdout);
			print_option(option);
			before = ", ";
		}
		putchar('\n');
	}
}

static int print_manual(void)
{
	char line[512];

	while (fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "@synopsis@\n"))
			print_synopsis(ACTION_TRACE, ACTION_CNT - 1);
		else if (!strcmp(line, "@options@\n"))
			print_options();
		else
			fputs(line, stdout);
	}
	return 0;
}

static int print_page(const char *path, const char *word)
{
	enum action action = command_table__find(word);
	struct manual manual = {0};
	char line[512];
	int err;

	if (action == ACTION_TRACE) {
		fprintf(stderr, "manual: there is no command %s\n", word);
		return -1;
	}
	err = manual__read(&manual, path);
	while (!err && fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "@synopsis@\n"))
			print_synopsis(action, action);
		else if (!strcmp(line, "@section@\n"))
			err = manual__print_section(&manual, action);
		else if (!strcmp(line, "@options@\n"))
			err = manual__print_options(&manual, action);
		else if (!strcmp(line, "@statuses@\n"))
			err = manual__print_statuses(&manual, action);
		else
			fputs(line, stdout);
	}
	manual__free(&manual);
	return err;
}

int main(int argc, char **argv)
{
	int err = argc == 3 ? print_page(argv[1], argv[2]) : print_manual();

	return err || fflush(stdout) || ferror(stdin) ? 1 : 0;
}
