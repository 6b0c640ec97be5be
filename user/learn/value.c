// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "learn/value.h"

#include <errno.h>
#include <math.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a path has led to. */
struct tally {
	size_t cnt, positive;
	double sum, least, most;
	const char *text; /* of the last one that is a text */
};

static void take(struct tally *t, const json_t *at)
{
	double number = json_is_boolean(at) ? json_boolean_value(at) : json_number_value(at);

	if (!at || json_is_null(at))
		return;
	t->text = json_string_value(at);
	t->least = t->cnt ? fmin(t->least, number) : number;
	t->most = t->cnt ? fmax(t->most, number) : number;
	t->sum += number;
	t->positive += number > 0;
	t->cnt++;
}

/* Members by dots; each element of an array. */
static void walk(struct tally *t, const json_t *at, const char *path)
{
	size_t length = strcspn(path, "."), i;
	char name[VALUE_SIZE];
	json_t *each;

	if (json_is_array(at)) {
		json_array_foreach (at, i, each)
			walk(t, each, path);
		return;
	}
	if (!*path) {
		take(t, at);
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)length, path);
	walk(t, json_object_get(at, name), path + length + (path[length] == '.'));
}

/* Takes a word off the front, if it is there. */
static bool take_word(const char **at, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*at, word, length) || (*at)[length] != ' ')
		return false;
	*at += length + 1;
	return true;
}

/* Returns 0 or -ENOENT. */
static int look_up(const char *what, const json_t *document, double *number, const char **text)
{
	bool most = take_word(&what, "max"), least = take_word(&what, "min");
	bool count = take_word(&what, "count");
	struct tally t = {0};

	walk(&t, document, what);
	if (!t.cnt && !count)
		return -ENOENT;
	*number = most ? t.most : least ? t.least : count ? t.positive : t.sum;
	*text = t.text;
	return 0;
}

/* -EINVAL: no regular expression. */
static int count_lines(const char *pattern, const char *output, double *number)
{
	char *copy = strdup(output), *rest = copy, *line;
	regex_t regex;

	if (!copy || regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB)) {
		free(copy);
		return -EINVAL;
	}
	*number = 0;
	while ((line = strsep(&rest, "\n")))
		*number += !regexec(&regex, line, 0, NULL, 0);
	regfree(&regex);
	free(copy);
	return 0;
}

/* Returns 0 or negative errno. */
static int measure(const char *what, const struct outcome *o, double *number, const char **text)
{
	const char *slash = strstr(what, " / ");
	char first[VALUE_SIZE];
	double by;
	int err;

	*text = NULL;
	if (take_word(&what, "lines"))
		return count_lines(what, o->output ? o->output : "", number);
	if (take_word(&what, "drawn"))
		return o->drawing ? count_lines(what, o->drawing, number) : -ENOENT;
	if (!strcmp(what, "status")) {
		*number = o->status;
		return 0;
	}
	if (!slash)
		return look_up(what, o->document, number, text);
	snprintf(first, sizeof(first), "%.*s", (int)(slash - what), what);
	err = look_up(first, o->document, number, text);
	if (err || look_up(slash + 3, o->document, &by, text) || by == 0)
		return -ENOENT;
	*number /= by;
	return 0;
}

static int decimals(const struct lesson_bounds *b)
{
	const char *text = b->is ? b->is : b->least ? b->least : b->most;
	const char *point = strchr(text, '.');

	return point ? (int)strspn(point + 1, "0123456789") : 0;
}

bool value__holds(const char *what, const struct lesson_bounds *b, const struct outcome *o,
		  char measured[VALUE_SIZE])
{
	const char *text;
	double number;

	if (measure(what, o, &number, &text)) {
		snprintf(measured, VALUE_SIZE, "not there");
		return b->is && !strcmp(measured, b->is);
	}
	if (text)
		snprintf(measured, VALUE_SIZE, "%s", text);
	else
		snprintf(measured, VALUE_SIZE, "%.*f", decimals(b), number);
	if (b->is)
		return !strcmp(measured, b->is);
	/* As it is printed: that is what the text says. */
	number = text ? NAN : strtod(measured, NULL);
	return !isnan(number) && (!b->least || number >= strtod(b->least, NULL)) &&
	       (!b->most || number <= strtod(b->most, NULL));
}

void value__expected(const struct lesson_bounds *b, char expected[VALUE_SIZE])
{
	if (b->is)
		snprintf(expected, VALUE_SIZE, "%s", b->is);
	else if (b->least && b->most)
		snprintf(expected, VALUE_SIZE, "%s to %s", b->least, b->most);
	else
		snprintf(expected, VALUE_SIZE, "at %s %s", b->least ? "least" : "most",
			 b->least ? b->least : b->most);
}
