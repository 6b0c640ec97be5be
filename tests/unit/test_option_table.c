// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The tables of options and commands, what --help makes of them, and the manual beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "cli/usage.h"
#include "options_fixture.h"

#define MANUAL "user/herdtrace.8.scd"

static bool belongs_to(const struct option_row *option, enum action action)
{
	return option->actions & ACTION_BIT(action);
}

/* It, or a longer one. */
static bool begins_option_of(const char *name, enum action action)
{
	for (size_t i = 0; i < option_cnt; i++)
		if (belongs_to(&option_table[i], action) &&
		    !strncmp(option_table[i].name, name, strlen(name)))
			return true;
	return false;
}

/* ---- the tables ---- */

static void test_rows_are_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_cnt; i++) {
		const struct option_row *o = &option_table[i];

		assert_non_null(o->name);
		assert_non_null(o->help);
		assert_true(o->actions && o->actions < ACTION_BIT(ACTION_CNT));
		assert_int_equal(o->argument != NULL, o->kind != ARGUMENT_NONE);
		assert_int_equal(o->words != NULL,
				 o->kind == ARGUMENT_WORD || o->kind == ARGUMENT_EXPECTATION);
		assert_int_equal(o->least < o->most, o->kind == ARGUMENT_NUMBER ||
							     o->kind == ARGUMENT_PIDS ||
							     o->kind == ARGUMENT_ROWS);
		assert_int_equal(o->set != NULL, o->answer == ANSWER_NONE);
	}
}

static bool collide(const struct option_row *a, const struct option_row *b)
{
	return (a->actions & b->actions) &&
	       (!strcmp(a->name, b->name) || (a->letter && a->letter == b->letter) ||
		(a->letter && a->letter == b->other_letter));
}

static void test_names_are_unique(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_cnt; i++)
		for (size_t j = 0; j < option_cnt; j++)
			assert_false(j != i && collide(&option_table[i], &option_table[j]));
}

static void test_commands(void **state)
{
	(void)state;
	assert_null(command_table[ACTION_TRACE].word);
	for (unsigned i = ACTION_TRACE + 1; i < ACTION_CNT; i++) {
		assert_int_equal(command_table__find(command_table[i].word), i);
		assert_true(!command_table[i].least || command_table[i].too_few);
		assert_true(command_table[i].most == (unsigned)-1 || command_table[i].too_many);
	}
	assert_int_equal(command_table__find(""), ACTION_TRACE);
}

/* ---- which command takes what ---- */

static void assert_answered(const struct parsed *p)
{
	assert_int_equal(p->result, OPTIONS_ANSWERED);
	assert_int_equal(p->error.fault, FAULT_NONE);
	assert_string_equal(p->err.text, "");
	assert_int_equal(p->out.text[strlen(p->out.text) - 1], '\n');
}

static void parse_one(struct parsed *p, enum action action, const char *word)
{
	if (action == ACTION_TRACE)
		PARSE(p, word);
	else
		PARSE(p, command_table[action].word, word);
}

static void assert_of_another_command(const struct parsed *p, const struct option_row *option,
				      enum action action)
{
	char why[128];

	if (action == ACTION_TRACE)
		snprintf(why, sizeof(why), "--%s is an option of 'herdtrace %s', not of a trace",
			 option->name, command_table[__builtin_ctz(option->actions)].word);
	else
		snprintf(why, sizeof(why), "--%s is no option of 'herdtrace %s'", option->name,
			 command_table[action].word);
	assert_refused(p, why);
}

static void test_options_of_other_commands(void **state)
{
	struct parsed p;

	(void)state;
	for (size_t i = 0; i < option_cnt; i++) {
		for (unsigned action = 0; action < ACTION_CNT; action++) {
			char word[64];

			if (begins_option_of(option_table[i].name, action))
				continue;
			snprintf(word, sizeof(word), "--%s", option_table[i].name);
			parse_one(&p, action, word);
			assert_of_another_command(&p, &option_table[i], action);
		}
	}
}

static void test_unknown_options(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "--herd");
	assert_refused(&p, "there is no option --herd");
	PARSE(&p, "verify", "accept", "--herd=5");
	assert_refused(&p, "there is no option --herd");
	PARSE(&p, "-x");
	assert_refused(&p, "there is no option -x");
	PARSE(&p, "-Vx");
	assert_answered(&p);
	PARSE(&p, "-qn5x", "-qx", "true");
	assert_refused(&p, "--connections wants a whole number from 1 to 10000000, not '5x'");
	PARSE(&p, "-n5", "-qx", "true");
	assert_refused(&p, "there is no option -x");
}

static void test_near_options(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "--sumary", "true");
	assert_refused(&p, "there is no option --sumary: did you mean --summary?");
	PARSE(&p, "-n", "5", "--formta=json", "true");
	assert_refused(&p, "there is no option --formta: did you mean --format?");
	PARSE(&p, "compare", "a", "--al1", "b");
	assert_refused(&p, "there is no option --al1: did you mean --all?");
	/* What is meant must be there for this command. */
	PARSE(&p, "doctor", "--sumary");
	assert_refused(&p, "there is no option --sumary");
}

static void test_arguments_of_options(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "-n");
	assert_refused(&p, "-n wants an argument: N");
	PARSE(&p, "-qn");
	assert_refused(&p, "-n wants an argument: N");
	PARSE(&p, "--connections");
	assert_refused(&p, "--connections wants an argument: N");
	PARSE(&p, "-n", "5", "--outp");
	assert_refused(&p, "--output wants an argument: FILE");
	PARSE(&p, "--summary=5", "true");
	assert_refused(&p, "--summary takes no argument");
	PARSE(&p, "--con=5", "true");
	assert_refused(&p, "--con is ambiguous: --connections, --concurrency, --container");
}

/* ---- help ---- */

/* Words of a text in order, with whatever breaks of lines between them. */
static bool has_words(const char *in, const char *text)
{
	const char *word = text;

	while (*word) {
		size_t length = strcspn(word, " ");
		const char *at = memmem(in, strlen(in), word, length);

		if (!at)
			return false;
		in = at + length;
		word += length;
		word += strspn(word, " ");
	}
	return true;
}

static void assert_helps_with(const char *text, const struct option_row *option)
{
	char name[64];

	snprintf(name, sizeof(name), "--%s%s%s ", option->name, option->argument ? "=" : "",
		 option->argument ? option->argument : "");
	assert_non_null(strstr(text, name));
	assert_true(has_words(strstr(text, name), option->help));
	if (option->letter) {
		snprintf(name, sizeof(name), "-%c, --%s", option->letter, option->name);
		assert_non_null(strstr(text, name));
	}
}

static void test_help(void **state)
{
	struct parsed p;

	(void)state;
	for (unsigned action = 0; action < ACTION_CNT; action++) {
		const struct command_row *command = &command_table[action];

		parse_one(&p, action, "--help");
		assert_answered(&p);
		assert_true(has_words(p.out.text, command->doc));
		assert_true(!command->statuses || has_words(p.out.text, command->statuses));
		for (size_t i = 0; i < option_cnt; i++)
			if (belongs_to(&option_table[i], action))
				assert_helps_with(p.out.text, &option_table[i]);
		for (size_t i = 0; i < FORMS_MAX && command->forms[i].operands; i++)
			assert_non_null(strstr(p.out.text, command->forms[i].operands));
	}
}

static void test_other_answers(void **state)
{
	struct parsed p, help;

	(void)state;
	for (unsigned action = 0; action < ACTION_CNT; action++) {
		parse_one(&p, action, "--version");
		assert_answered(&p);
		assert_ptr_equal(strstr(p.out.text, "herdtrace "), p.out.text);
		parse_one(&help, action, "-V");
		assert_answered(&help);
		assert_string_equal(help.out.text, p.out.text);
		parse_one(&p, action, "--usage");
		assert_answered(&p);
		assert_ptr_equal(strstr(p.out.text, "Usage: herdtrace "), p.out.text);
		parse_one(&help, action, "--help");
		parse_one(&p, action, "-?");
		assert_answered(&p);
		assert_string_equal(help.out.text, p.out.text);
		parse_one(&p, action, "-h");
		assert_answered(&p);
		assert_string_equal(help.out.text, p.out.text);
	}
}

/* Nothing behind it is looked at; what is wrong before it is told instead. */
static void test_answer_ends_the_parsing(void **state)
{
	struct parsed p;

	(void)state;
	PARSE(&p, "--version", "--help", "--herd");
	assert_answered(&p);
	assert_null(strstr(p.out.text, "Usage"));
	PARSE(&p, "-n", "x", "--version");
	assert_refused(&p, "--connections wants a whole number from 1 to 10000000, not 'x'");
}

static void test_short_usage(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_non_null(out);
	usage__print(out);
	assert_int_equal(fclose(out), 0);
	assert_ptr_equal(strstr(text, "usage: herdtrace [OPTIONS] -- COMMAND [ARG...]   "), text);
	for (unsigned i = 0; i < ACTION_CNT; i++)
		for (size_t j = 0; j < FORMS_MAX && command_table[i].forms[j].operands; j++)
			assert_non_null(strstr(text, command_table[i].forms[j].does));
	free(text);
}

/* ---- the manual ---- */

static char *read_manual(void)
{
	FILE *in = fopen(MANUAL, "re");
	char *text = NULL;
	size_t size = 0;

	assert_non_null(in);
	assert_true(getdelim(&text, &size, '\0', in) > 0);
	fclose(in);
	return text;
}

/* "*-n*, *--connections* _N_" at the beginning of a line, or behind another one with ";" there. */
static bool is_documented(const char *manual, const struct option_row *option)
{
	char form[128], letter[16] = "", argument[32] = "", *end;
	size_t size;

	if (option->letter)
		snprintf(letter, sizeof(letter), "*-%c*, ", option->letter);
	if (option->argument)
		snprintf(argument, sizeof(argument), " _%s_", option->argument);
	snprintf(form, sizeof(form), "%s*--%s*%s", letter, option->name, argument);
	size = strlen(form);
	for (const char *at = manual; (at = strstr(at, form)); at++) {
		end = (char *)at + size;
		if ((at[-1] == '\n' || !strncmp(at - 2, "; ", 2)) && strchr("\n;", *end))
			return true;
	}
	return false;
}

static void test_manual_has_every_option(void **state)
{
	char *manual = read_manual();

	(void)state;
	for (size_t i = 0; i < option_cnt; i++) {
		if (!is_documented(manual, &option_table[i]))
			print_error("not in the manual: --%s\n", option_table[i].name);
		assert_true(is_documented(manual, &option_table[i]));
	}
	free(manual);
}

static bool is_option(const char *word, size_t length)
{
	for (size_t i = 0; i < option_cnt; i++) {
		const struct option_row *o = &option_table[i];

		if (length == 1 && (o->letter == *word || o->other_letter == *word))
			return true;
		if (word[0] == '-' && strlen(o->name) == length - 1 &&
		    !strncmp(o->name, word + 1, length - 1))
			return true;
	}
	return false;
}

/* Whatever is printed bold and begins with "-" is an option, but for "--" itself. */
static void test_manual_has_no_other_options(void **state)
{
	char *manual = read_manual();

	(void)state;
	for (const char *at = manual; (at = strstr(at, "*-")); at++) {
		const char *word = at + 2;
		size_t length = strcspn(word, "* \n");

		if (length == 1 && word[0] == '-')
			continue;
		if (!is_option(word, length))
			print_error("no option: -%.*s\n", (int)length, word);
		assert_true(is_option(word, length));
	}
	free(manual);
}

static void test_manual_has_every_command(void **state)
{
	char *manual = read_manual(), head[64];

	(void)state;
	for (unsigned i = ACTION_TRACE + 1; i < ACTION_CNT; i++) {
		snprintf(head, sizeof(head), "\n*%s*", command_table[i].word);
		assert_non_null(strstr(manual, head));
	}
	assert_non_null(strstr(manual, "\n@synopsis@\n"));
	assert_non_null(strstr(manual, "\n@options@\n"));
	free(manual);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_are_whole),
		cmocka_unit_test(test_names_are_unique),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_options_of_other_commands),
		cmocka_unit_test(test_unknown_options),
		cmocka_unit_test(test_near_options),
		cmocka_unit_test(test_arguments_of_options),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_other_answers),
		cmocka_unit_test(test_answer_ends_the_parsing),
		cmocka_unit_test(test_short_usage),
		cmocka_unit_test(test_manual_has_every_option),
		cmocka_unit_test(test_manual_has_no_other_options),
		cmocka_unit_test(test_manual_has_every_command),
	};

	return cmocka_run_group_tests_name("option table", tests, NULL, NULL);
}
