// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Three arrays: the options of a command, what an option of it takes, what its operands are. */
#include "completions.h"

#include <stdio.h>

#include "verify/catalogue.h"

static void print_words(const struct argument_word *words)
{
	fputs("words", stdout);
	for (; words->word; words++)
		printf(" %s", words->word);
}

static void print_argument(const struct option_row *option)
{
	switch (option->kind) {
	case ARGUMENT_WORD:
	case ARGUMENT_EXPECTATION: print_words(option->words); break;
	case ARGUMENT_ROWS: fputs("words all none", stdout); break;
	case ARGUMENT_FILE: fputs("file", stdout); break;
	case ARGUMENT_DIRECTORY: fputs("directory", stdout); break;
	case ARGUMENT_CGROUP: fputs("cgroup", stdout); break;
	case ARGUMENT_UNIT: fputs("unit", stdout); break;
	case ARGUMENT_USER: fputs("user", stdout); break;
	case ARGUMENT_PIDS: fputs("pids", stdout); break;
	case ARGUMENT_NONE:
	case ARGUMENT_NUMBER:
	case ARGUMENT_SECONDS:
	case ARGUMENT_NAME:
	case ARGUMENT_LISTENER: fputs("words", stdout); break;
	}
}

static void print_operands(enum action action, char *const *lessons)
{
	printf("_herdtrace_operands['%s']='", completion__word(action));
	switch (command_table[action].operand) {
	case OPERAND_NONE: fputs("words", stdout); break;
	case OPERAND_COMMAND_LINE: fputs("command", stdout); break;
	case OPERAND_FILE: fputs("file", stdout); break;
	case OPERAND_CLAIM:
		fputs("words", stdout);
		for (size_t i = 0; i < catalogue_cnt; i++)
			printf(" %s", catalogue[i].id);
		break;
	case OPERAND_LESSON:
		fputs("words", stdout);
		for (; *lessons; lessons++)
			printf(" %s", *lessons);
		break;
	}
	fputs("'\n", stdout);
}

static void print_options(enum action action)
{
	const char *before = "";

	printf("_herdtrace_options['%s']='", completion__word(action));
	for (size_t i = 0; i < option_cnt; i++) {
		if (!completion__takes(action, &option_table[i]))
			continue;
		printf("%s--%s", before, option_table[i].name);
		if (option_table[i].letter)
			printf(" -%c", option_table[i].letter);
		before = " ";
	}
	fputs("'\n", stdout);
}

static void print_arguments(enum action action)
{
	for (size_t i = 0; i < option_cnt; i++) {
		const struct option_row *o = &option_table[i];

		if (!completion__takes(action, o) || !o->argument)
			continue;
		printf("_herdtrace_arguments['%s --%s']='", completion__word(action), o->name);
		print_argument(o);
		fputs("'\n", stdout);
		if (!o->letter)
			continue;
		printf("_herdtrace_arguments['%s -%c']='", completion__word(action), o->letter);
		print_argument(o);
		fputs("'\n", stdout);
	}
}

static void print(enum action action, char *const *lessons)
{
	print_options(action);
	print_arguments(action);
	print_operands(action, lessons);
}

const struct completion_shell completion_bash = {.name = "bash", .print = print};
