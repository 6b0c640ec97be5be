// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* A "complete" for each option of each command. */
#include "completions.h"

#include <stdio.h>

#include "verify/catalogue.h"

/* "-x": nothing but what is named here. */
static void print_words(const struct argument_word *words)
{
	fputs(" -x -a '", stdout);
	for (const struct argument_word *w = words; w->word; w++)
		printf("%s%s", w == words ? "" : " ", w->word);
	putchar('\'');
}

static void print_argument(const struct option_row *option)
{
	switch (option->kind) {
	case ARGUMENT_WORD:
	case ARGUMENT_EXPECTATION: print_words(option->words); break;
	case ARGUMENT_ROWS: fputs(" -x -a 'all none'", stdout); break;
	case ARGUMENT_FILE: fputs(" -r -F", stdout); break;
	case ARGUMENT_DIRECTORY: fputs(" -x -a '(__fish_complete_directories)'", stdout); break;
	case ARGUMENT_CGROUP: fputs(" -x -a '(__herdtrace_cgroups)'", stdout); break;
	case ARGUMENT_UNIT: fputs(" -x -a '(__herdtrace_units)'", stdout); break;
	case ARGUMENT_USER: fputs(" -x -a '(__fish_complete_users)'", stdout); break;
	case ARGUMENT_PIDS: fputs(" -x -a '(__herdtrace_pids)'", stdout); break;
	case ARGUMENT_NONE:
	case ARGUMENT_NUMBER:
	case ARGUMENT_SECONDS:
	case ARGUMENT_NAME:
	case ARGUMENT_LISTENER: fputs(" -x", stdout); break;
	}
}

static void print_option(const char *word, const struct option_row *option)
{
	printf("complete -c herdtrace -n '__herdtrace_is %s' -l %s", word, option->name);
	if (option->letter)
		printf(" -s %c", option->letter);
	if (option->argument)
		print_argument(option);
	fputs(" -d '", stdout);
	completion__quote(option->help, "");
	fputs("'\n", stdout);
}

/* For whoever looks where a server's command line begins. */
static void print_takers(enum action action)
{
	printf("set -g __herdtrace_takers_%s", action ? completion__word(action) : "");
	for (size_t i = 0; i < option_cnt; i++) {
		if (!completion__takes(action, &option_table[i]) || !option_table[i].argument)
			continue;
		printf(" --%s", option_table[i].name);
		if (option_table[i].letter)
			printf(" -%c", option_table[i].letter);
	}
	putchar('\n');
}

static void print_operands(enum action action, char *const *lessons)
{
	const char *word = completion__word(action);

	switch (command_table[action].operand) {
	case OPERAND_NONE: break;
	case OPERAND_COMMAND_LINE: print_takers(action); break;
	case OPERAND_FILE: printf("complete -c herdtrace -n '__herdtrace_is %s' -F\n", word); break;
	case OPERAND_CLAIM:
		for (size_t i = 0; i < catalogue_cnt; i++) {
			printf("complete -c herdtrace -n '__herdtrace_is %s' -a %s -d '", word,
			       catalogue[i].id);
			completion__quote(catalogue[i].text, "");
			fputs("'\n", stdout);
		}
		break;
	case OPERAND_LESSON:
		printf("complete -c herdtrace -n '__herdtrace_is %s' -a '", word);
		for (size_t i = 0; lessons[i]; i++)
			printf("%s%s", i ? " " : "", lessons[i]);
		fputs("'\n", stdout);
		break;
	}
}

static void print(enum action action, char *const *lessons)
{
	const struct command_row *command = &command_table[action];

	if (command->word) {
		printf("set -a __herdtrace_commands %s\n", command->word);
		printf("complete -c herdtrace -n __herdtrace_is_first -a %s -d '", command->word);
		completion__quote(command->forms[0].does, "");
		fputs("'\n", stdout);
	}
	for (size_t i = 0; i < option_cnt; i++)
		if (completion__takes(action, &option_table[i]))
			print_option(completion__word(action), &option_table[i]);
	print_operands(action, lessons);
}

const struct completion_shell completion_fish = {.name = "fish", .print = print};
