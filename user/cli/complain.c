// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "cli/complain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/command_table.h"
#include "cli/option_table.h"
#include "cli/suggest.h"
#include "cli/usage.h"

static bool belongs_to(const struct option_row *option, enum action action)
{
	return option->actions & ACTION_BIT(action);
}

/* Options of the action that begin with a name; *one is the one that is it, or the last of them. */
static size_t find_long(const char *name, size_t length, enum action action,
			const struct option_row **one)
{
	size_t cnt = 0;

	for (size_t i = 0; i < option_cnt; i++) {
		const struct option_row *option = &option_table[i];

		if (!belongs_to(option, action) || strncmp(option->name, name, length))
			continue;
		*one = option;
		if (!option->name[length])
			return 1;
		cnt++;
	}
	return cnt;
}

static const struct option_row *find_letter(char letter, enum action action)
{
	for (size_t i = 0; i < option_cnt; i++)
		if (belongs_to(&option_table[i], action) &&
		    (option_table[i].letter == letter || option_table[i].other_letter == letter))
			return &option_table[i];
	return NULL;
}

/* A command that has an option of this name, NULL: none. */
static const struct command_row *find_owner(const char *name)
{
	for (size_t i = 0; i < option_cnt; i++)
		for (unsigned action = 0; action < ACTION_CNT; action++)
			if (belongs_to(&option_table[i], action) &&
			    !strcmp(option_table[i].name, name))
				return &command_table[action];
	return NULL;
}

static int refuse_unknown(const char *name, enum action action, struct error *error)
{
	const struct command_row *owner = find_owner(name);
	const char *near = NULL;

	if (owner && action == ACTION_TRACE)
		return usage__refuse(error, "--%s is an option of 'herdtrace %s', not of a trace",
				     name, owner->word);
	if (owner)
		return usage__refuse(error, "--%s is no option of 'herdtrace %s'", name,
				     command_table[action].word);
	for (size_t i = 0; i < option_cnt; i++)
		if (belongs_to(&option_table[i], action))
			near = suggest__nearer(name, near, option_table[i].name);
	if (near)
		return usage__refuse(error, "there is no option --%s: did you mean --%s?", name,
				     near);
	return usage__refuse(error, "there is no option --%s", name);
}

static int refuse_ambiguous(const char *name, enum action action, struct error *error)
{
	char known[256] = "";

	for (size_t i = 0; i < option_cnt; i++) {
		size_t used = strlen(known);

		if (belongs_to(&option_table[i], action) &&
		    !strncmp(option_table[i].name, name, strlen(name)))
			snprintf(known + used, sizeof(known) - used, "%s--%s", used ? ", " : "",
				 option_table[i].name);
	}
	return usage__refuse(error, "--%s is ambiguous: %s", name, known);
}

/* Each returns 1 where the next word is the option's argument, 0, or negative errno and an error. */

static int check_long(const char *word, const char *next, enum action action, struct error *error)
{
	size_t length = strcspn(word + 2, "=");
	const struct option_row *option = NULL;
	size_t cnt = find_long(word + 2, length, action, &option);
	bool has_text = word[2 + length] == '=';
	char name[64];

	snprintf(name, sizeof(name), "%.*s", (int)length, word + 2);
	if (!cnt)
		return refuse_unknown(name, action, error);
	if (cnt > 1)
		return refuse_ambiguous(name, action, error);
	if (has_text && !option->argument)
		return usage__refuse(error, "--%s takes no argument", option->name);
	if (has_text || !option->argument)
		return 0;
	return next ? 1
		    : usage__refuse(error, "--%s wants an argument: %s", option->name,
				    option->argument);
}

static int check_letters(const char *letters, const char *next, enum action action,
			 struct error *error)
{
	for (; *letters; letters++) {
		const struct option_row *option = find_letter(*letters, action);

		if (!option)
			return usage__refuse(error, "there is no option -%c", *letters);
		if (!option->argument)
			continue;
		if (letters[1])
			return 0;
		return next ? 1
			    : usage__refuse(error, "-%c wants an argument: %s", *letters,
					    option->argument);
	}
	return 0;
}

int complain__about(char *const *words, enum action action, struct error *error)
{
	bool ends_options = command_table[action].operand == OPERAND_COMMAND_LINE;

	for (; *words && strcmp(*words, "--"); words++) {
		int taken = 0;

		if (!strncmp(*words, "--", 2))
			taken = check_long(*words, words[1], action, error);
		else if (words[0][0] == '-' && words[0][1])
			taken = check_letters(*words + 1, words[1], action, error);
		else if (ends_options)
			break;
		if (taken < 0)
			return taken;
		words += taken;
	}
	return usage__refuse(error, "these options make no sense");
}
