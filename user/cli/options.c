// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* From the tables of commands and options to argp, and from there to struct options. */
#include "cli/options.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/argument.h"
#include "cli/command_table.h"
#include "cli/complain.h"
#include "cli/option_table.h"
#include "cli/usage.h"
#include "cli/version.h"

/* Options without a letter have keys from here on, which are no characters. */
#define FIRST_LONG_KEY 256

/* Ends the parsing where there is nothing more to parse, and says no more about it. */
#define STOP ECANCELED

struct parse {
	struct options *options;
	struct error *error;
	bool answered;
};

/* ---- options ---- */

static int option_key(size_t index)
{
	char letter = option_table[index].letter;

	return letter ? letter : FIRST_LONG_KEY + (int)index;
}

static bool belongs_to(const struct option_row *option, enum action action)
{
	return option->actions & ACTION_BIT(action);
}

/* The same letter may be an option of several commands. */
static const struct option_row *find_option(enum action action, int key)
{
	for (size_t i = 0; i < option_cnt; i++)
		if (belongs_to(&option_table[i], action) &&
		    (option_key(i) == key || option_table[i].other_letter == key))
			return &option_table[i];
	return NULL;
}

static void answer(const struct option_row *option, struct argp_state *state)
{
	switch (option->answer) {
	case ANSWER_NONE: break;
	case ANSWER_HELP:
		argp_help(state->root_argp, stdout, ARGP_HELP_STD_HELP, state->name);
		break;
	case ANSWER_USAGE: argp_help(state->root_argp, stdout, ARGP_HELP_USAGE, state->name); break;
	case ANSWER_VERSION:
		fputs("herdtrace " HERDTRACE_VERSION HERDTRACE_BUILD "\n", state->out_stream);
		break;
	}
}

static error_t take_option(struct parse *p, const struct option_row *option, const char *text,
			   struct argp_state *state)
{
	union argument_value value = {0};

	if (option->answer != ANSWER_NONE) {
		answer(option, state);
		p->answered = true;
		return STOP;
	}
	if (argument__parse(option, text, &value, p->error))
		return STOP;
	option->set(p->options, value);
	return 0;
}

/* ---- operands ---- */

/*
 * Gathers the operands behind the program's name: argv has been parsed at least as far as that. The
 * NULL that ends them has room, as argv ends with one too.
 */
static error_t take_operand(struct parse *p, char *text, struct argp_state *state)
{
	const struct command_row *command = &command_table[p->options->action];

	if (command->operand == OPERAND_COMMAND_LINE)
		return ARGP_ERR_UNKNOWN; /* argp offers all that is left, then */
	if (state->arg_num >= command->most) {
		usage__refuse(p->error, "%s", command->too_many);
		return STOP;
	}
	p->options->arguments = state->argv + 1;
	p->options->arguments[state->arg_num] = text;
	return 0;
}

static error_t finish(struct parse *p, struct argp_state *state)
{
	const struct command_row *command = &command_table[p->options->action];
	int err = 0;

	if (p->options->arguments)
		p->options->arguments[state->arg_num] = NULL;
	if (state->arg_num < command->least)
		err = usage__refuse(p->error, "%s", command->too_few);
	else if (command->check)
		err = command->check(p->options, p->error);
	return err ? STOP : 0;
}

/* ---- argp ---- */

static error_t parse_key(int key, char *text, struct argp_state *state)
{
	struct parse *p = state->input;
	const struct option_row *option;

	switch (key) {
	case ARGP_KEY_ARG: return take_operand(p, text, state);
	case ARGP_KEY_ARGS: p->options->command = state->argv + state->next; return 0;
	case ARGP_KEY_END: return finish(p, state);
	}
	option = find_option(p->options->action, key);
	return option ? take_option(p, option, text, state) : ARGP_ERR_UNKNOWN;
}

/* Those of an action. The list has room for two of each, and for the empty one that ends it. */
static void list_options(struct argp_option *list, enum action action)
{
	for (size_t i = 0; i < option_cnt; i++) {
		const struct option_row *option = &option_table[i];

		if (!belongs_to(option, action))
			continue;
		*list++ = (struct argp_option){
			.name = option->name,
			.key = option_key(i),
			.arg = option->argument,
			.doc = option->help,
			.group = option->group,
		};
		if (option->other_letter)
			*list++ = (struct argp_option){
				.key = option->other_letter,
				.flags = OPTION_ALIAS | OPTION_HIDDEN,
			};
	}
	*list = (struct argp_option){0};
}

/* The forms of a command, one in a line. */
static void write_forms(FILE *out, const struct command_row *command)
{
	for (size_t i = 0; i < FORMS_MAX && command->forms[i].operands; i++)
		fprintf(out, "%s%s", i ? "\n" : "", command->forms[i].operands);
}

/* What --help says before its options, and after \v behind them. */
static void write_doc(FILE *out, const struct command_row *command)
{
	fputs(command->doc, out);
	if (command->statuses)
		fputc('\v', out);
	if (!command->word) {
		fputs("Other commands, each with its own --help:\n", out);
		usage__print_others(out);
		fputc('\n', out);
	}
	if (command->statuses)
		fprintf(out, "Exit status: %s", command->statuses);
}

/* A text for argp; the caller frees it. NULL: no memory. */
static char *write_text(void (*write)(FILE *out, const struct command_row *command),
			const struct command_row *command)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	write(out, command);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

static int run_argp(struct parse *p, int argc, char **argv)
{
	/* Help and version are in our table, what is wrong is for us to say; argp only parses. */
	static const unsigned flags = ARGP_IN_ORDER | ARGP_SILENT;
	const struct command_row *command = &command_table[p->options->action];
	char *forms = write_text(write_forms, command), *doc = write_text(write_doc, command);
	struct argp_option list[2 * option_cnt + 1];
	int err = ENOMEM;

	list_options(list, p->options->action);
	if (forms && doc)
		err = argp_parse(&(struct argp){.options = list,
						.parser = parse_key,
						.args_doc = *forms ? forms : NULL,
						.doc = doc},
				 argc, argv, flags, NULL, p);
	free(forms);
	free(doc);
	/* STOP: it has been said. */
	return err == EINVAL ? complain__about(argv + 1, p->options->action, p->error) : -err;
}

int options__parse(struct options *o, int argc, char **argv, struct error *error)
{
	struct parse parse = {.options = o, .error = error};
	char name[64], *word = argc > 1 ? argv[1] : NULL;
	int err;

	*o = (struct options){
		.action = word ? command_table__find(word) : ACTION_TRACE,
		.client = {.concurrency = 1, .gap_ms = -1},
		.language = -1,
	};
	if (o->action == ACTION_TRACE) {
		err = run_argp(&parse, argc, argv);
	} else {
		/* A command's word is part of the name by which argp speaks of us. */
		snprintf(name, sizeof(name), "herdtrace %s", word);
		argv[1] = name;
		err = run_argp(&parse, argc - 1, argv + 1);
		argv[1] = word;
	}
	o->tracer.running = whom__is_named(&o->whom);
	if (parse.answered)
		return OPTIONS_ANSWERED;
	if (err == -ENOMEM)
		return error__set(error, FAULT_INPUT, err, "out of memory");
	return err;
}
