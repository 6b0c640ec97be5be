// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * manual <FILE.scd: copies the source of the manual, and puts in place of the lines "@synopsis@" and
 * "@options@" what the tables of commands and options say.
 */
#include <stdio.h>
#include <string.h>

#include "cli/command_table.h"
#include "cli/option_table.h"

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

/* A line for each form; "++" keeps scdoc from joining a line with the next one. */
static void print_synopsis(void)
{
	const char *end = "";

	for (size_t i = 0; i < ACTION_CNT; i++) {
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

int main(void)
{
	char line[512];

	while (fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "@synopsis@\n"))
			print_synopsis();
		else if (!strcmp(line, "@options@\n"))
			print_options();
		else
			fputs(line, stdout);
	}
	return fflush(stdout) || ferror(stdin) ? 1 : 0;
}
