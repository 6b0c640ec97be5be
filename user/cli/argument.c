// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "cli/argument.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/usage.h"

#define MAX_SECONDS 1e9

static int parse_number(const struct option_row *option, const char *text, long *number,
			struct error *error)
{
	char *end;

	errno = 0;
	*number = strtol(text, &end, 10);
	if (!errno && end != text && !*end && *number >= option->least && *number <= option->most)
		return 0;
	return usage__refuse(error, "--%s wants a whole number from %ld to %ld, not '%s'",
			     option->name, option->least, option->most, text);
}

/* One number, or several with commas. */
static int check_numbers(const struct option_row *option, const char *text, struct error *error)
{
	char *list = strdup(text), *rest = list, *word;
	long unused;
	int err = list ? 0 : -ENOMEM;

	while (!err && (word = strsep(&rest, ",")))
		err = parse_number(option, word, &unused, error);
	free(list);
	return err;
}

static int parse_seconds(const struct option_row *option, const char *text, double *seconds,
			 struct error *error)
{
	char *end;

	*seconds = strtod(text, &end);
	if (end != text && !*end && isfinite(*seconds) && *seconds > 0 && *seconds <= MAX_SECONDS)
		return 0;
	return usage__refuse(error, "--%s wants a number of seconds above 0, not '%s'",
			     option->name, text);
}

static int parse_rows(const struct option_row *option, const char *text, long *number,
		      struct error *error)
{
	struct error unused = {0};

	*number = strcmp(text, "all") ? 0 : -1;
	if (*number || !strcmp(text, "none") || !parse_number(option, text, number, &unused))
		return 0;
	return usage__refuse(error, "--%s wants all, none or a number from %ld to %ld, not '%s'",
			     option->name, option->least, option->most, text);
}

static int parse_word(const struct option_row *option, const char *text, int *value,
		      struct error *error)
{
	char known[256] = "";

	for (const struct argument_word *w = option->words; w->word; w++) {
		if (!strcmp(w->word, text)) {
			*value = w->value;
			return 0;
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s",
			 w == option->words ? "" : ", ", w->word);
	}
	return usage__refuse(error, "--%s wants one of %s, not '%s'", option->name, known, text);
}

int argument__parse(const struct option_row *option, const char *text, union argument_value *value,
		    struct error *error)
{
	switch (option->kind) {
	case ARGUMENT_NONE: return 0;
	case ARGUMENT_NUMBER: return parse_number(option, text, &value->number, error);
	case ARGUMENT_ROWS: return parse_rows(option, text, &value->number, error);
	case ARGUMENT_SECONDS: return parse_seconds(option, text, &value->seconds, error);
	case ARGUMENT_WORD: return parse_word(option, text, &value->word, error);
	case ARGUMENT_FILE:
	case ARGUMENT_DIRECTORY:
	case ARGUMENT_CGROUP:
	case ARGUMENT_UNIT:
	case ARGUMENT_LISTENER:
	case ARGUMENT_NAME:
	case ARGUMENT_USER: value->text = text; return 0;
	case ARGUMENT_EXPECTATION: return expectation__parse(&value->expectation, text, error);
	case ARGUMENT_PIDS: value->text = text; return check_numbers(option, text, error);
	}
	return -EINVAL;
}
