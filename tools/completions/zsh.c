// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A row for each command, and an array of specifications for _arguments. */
#include "completions.h"

#include <stdio.h>

#include "verify/catalogue.h"

static void print_words(const struct argument_word *words)
{
	putchar('(');
	for (const struct argument_word *w = words; w->word; w++)
		printf("%s%s", w == words ? "" : " ", w->word);
	putchar(')');
}

static void print_action(const struct option_row *option)
{
	switch (option->kind) {
	case ARGUMENT_WORD:
	case ARGUMENT_EXPECTATION: print_words(option->words); break;
	case ARGUMENT_ROWS: fputs("(all none)", stdout); break;
	case ARGUMENT_FILE: fputs("_files", stdout); break;
	case ARGUMENT_DIRECTORY: fputs("_files -/", stdout); break;
	case ARGUMENT_CGROUP: fputs("_herdtrace_cgroups", stdout); break;
	case ARGUMENT_UNIT: fputs("_herdtrace_units", stdout); break;
	case ARGUMENT_USER: fputs("_users", stdout); break;
	case ARGUMENT_PIDS: fputs("_sequence _herdtrace_pids", stdout); break;
	case ARGUMENT_NONE:
	case ARGUMENT_NUMBER:
	case ARGUMENT_SECONDS:
	case ARGUMENT_NAME:
	case ARGUMENT_LISTENER: putchar(' '); break;
	}
}

/* How it excludes itself in both of its forms, or does not; then one of them. */
static void print_specification(const struct option_row *o, bool is_long)
{
	fputs("\t'", stdout);
	if (o->repeats)
		putchar('*');
	else if (o->letter)
		printf("(-%c --%s)", o->letter, o->name);
	if (is_long)
		printf("--%s%s", o->name, o->argument ? "=" : "");
	else
		printf("-%c%s", o->letter, o->argument ? "+" : "");
	putchar('[');
	completion__quote(o->help, "[]");
	putchar(']');
	if (o->argument) {
		putchar(':');
		completion__quote(o->argument, ":");
		putchar(':');
		print_action(o);
	}
	fputs("'\n", stdout);
}

static void print_operands(enum action action, char *const *lessons)
{
	switch (command_table[action].operand) {
	case OPERAND_NONE: break;
	case OPERAND_COMMAND_LINE: fputs("\t'(-)*::COMMAND:_normal'\n", stdout); break;
	case OPERAND_FILE: fputs("\t'*:FILE:_files'\n", stdout); break;
	case OPERAND_CLAIM:
		fputs("\t'*:ID:((", stdout);
		for (size_t i = 0; i < catalogue_cnt; i++) {
			printf("%s%s\\:\"", i ? " " : "", catalogue[i].id);
			completion__quote(catalogue[i].text, "\":$`");
			putchar('"');
		}
		fputs("))'\n", stdout);
		break;
	case OPERAND_LESSON:
		fputs("\t'*:LESSON:(", stdout);
		for (size_t i = 0; lessons[i]; i++)
			printf("%s%s", i ? " " : "", lessons[i]);
		fputs(")'\n", stdout);
		break;
	}
}

static void print(enum action action, char *const *lessons)
{
	const struct command_row *command = &command_table[action];

	if (command->word) {
		printf("_herdtrace_commands+=('%s:", command->word);
		completion__quote(command->forms[0].does, ":");
		fputs("')\n", stdout);
	}
	printf("_herdtrace_%s=(\n", command->word ? command->word : "trace");
	for (size_t i = 0; i < option_cnt; i++) {
		if (!completion__takes(action, &option_table[i]))
			continue;
		print_specification(&option_table[i], true);
		if (option_table[i].letter)
			print_specification(&option_table[i], false);
	}
	print_operands(action, lessons);
	fputs(")\n", stdout);
}

const struct completion_shell completion_zsh = {.name = "zsh", .print = print};
