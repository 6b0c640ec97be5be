// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "cli/expectation.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/suggest.h"
#include "cli/usage.h"

/* The value: its place among the verdicts that follow. */
const struct argument_word expectation_words[] = {
	{"herd", 0},      {"no-herd", 1},      {"skew", 2}, {"no-skew", 3},
	{"stranding", 4}, {"no-stranding", 5}, {NULL, 0},
};

static const struct {
	enum disease disease;
	enum verdict wanted;
} verdicts[] = {
	{DISEASE_HERD, VERDICT_PROVED},      {DISEASE_HERD, VERDICT_REFUTED},
	{DISEASE_SKEW, VERDICT_PROVED},      {DISEASE_SKEW, VERDICT_REFUTED},
	{DISEASE_STRANDING, VERDICT_PROVED}, {DISEASE_STRANDING, VERDICT_REFUTED},
};

/* ---- a limit ---- */

#define UNITS_MAX 5

/* What stands behind a number, by the unit of the quantity: "5ms" are 5e6 ns. */
static const struct {
	const char *name;
	double times;
} units[][UNITS_MAX + 1] = {
	[UNIT_NUMBER] = {{"", 1}},
	[UNIT_PERCENT] = {{"", 1}, {"%", 1}},
	[UNIT_TIME] = {{"ns", 1}, {"us", 1e3}, {"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}},
};

static const char *const unit_examples[] = {
	[UNIT_NUMBER] = "a number such as 1.05",
	[UNIT_PERCENT] = "a percentage such as 5%",
	[UNIT_TIME] = "a time such as 5ms (ns, us, ms or s)",
};

/* Digits with at most one point among them, and at least one before or behind it. */
static size_t number_length(const char *text)
{
	size_t whole = strspn(text, "0123456789"), rest = 0;

	if (text[whole] == '.')
		rest = strspn(text + whole + 1, "0123456789");
	if (!whole && !rest)
		return 0;
	return whole + (text[whole] == '.') + rest;
}

static const char *skip_blanks(const char *text)
{
	return text + strspn(text, " ");
}

static bool is_last(const char *text, const char *word)
{
	size_t length = strlen(word);

	return !strncmp(text, word, length) && !*skip_blanks(text + length);
}

static int parse_limit(struct expectation *e, const char *text, struct error *error)
{
	size_t length = number_length(text);
	const char *unit = skip_blanks(text + length);
	double number = strtod(text, NULL);

	for (size_t i = 0;
	     length && isfinite(number) && i < UNITS_MAX && units[e->quantity->unit][i].name; i++) {
		if (!is_last(unit, units[e->quantity->unit][i].name))
			continue;
		e->limit = number * units[e->quantity->unit][i].times;
		/* There are no parts of nanoseconds, but of powers of ten. */
		if (e->quantity->unit == UNIT_TIME)
			e->limit = round(e->limit);
		return 0;
	}
	return usage__refuse(error, "--expect=%s: %s is compared with %s, not with '%s'", e->text,
			     e->quantity->name, unit_examples[e->quantity->unit], text);
}

/* ---- a number ---- */

static const struct {
	const char *sign;
	enum relation relation;
} relations[] = {
	{"<=", RELATION_AT_MOST}, {">=", RELATION_AT_LEAST}, {"!=", RELATION_UNEQUAL},
	{"==", RELATION_EQUAL},   {"<", RELATION_LESS},      {">", RELATION_MORE},
	{"=", RELATION_EQUAL},
};

static int refuse_name(const struct expectation *e, const char *name, struct error *error)
{
	const char *near = NULL;

	for (size_t i = 0; i < quantity_cnt; i++)
		near = suggest__nearer(name, near, quantities[i].name);
	if (near)
		return usage__refuse(error,
				     "--expect=%s: there is no number '%s': did you mean %s?",
				     e->text, name, near);
	return usage__refuse(
		error,
		"--expect=%s: there is no number '%s'; the manual lists them: wakes/connection, "
		"wasted/s, wait-p99 and others",
		e->text, name);
}

static int find_quantity(struct expectation *e, size_t length, struct error *error)
{
	char name[64];

	while (length && e->text[length - 1] == ' ')
		length--;
	snprintf(name, sizeof(name), "%.*s", (int)(length < 64 ? length : 63), e->text);
	for (size_t i = 0; i < quantity_cnt; i++)
		if (!strcmp(quantities[i].name, skip_blanks(name)))
			e->quantity = &quantities[i];
	return e->quantity ? 0 : refuse_name(e, skip_blanks(name), error);
}

static int parse_number(struct expectation *e, const char *sign, struct error *error)
{
	size_t length = strspn(sign, "<>=!");
	int err = find_quantity(e, (size_t)(sign - e->text), error);

	if (err)
		return err;
	for (size_t i = 0; i < sizeof(relations) / sizeof(relations[0]); i++) {
		if (strlen(relations[i].sign) != length ||
		    strncmp(relations[i].sign, sign, length) != 0)
			continue;
		e->relation = relations[i].relation;
		return parse_limit(e, skip_blanks(sign + length), error);
	}
	return usage__refuse(error,
			     "--expect=%s: '%.*s' compares nothing: it is <, <=, =, !=, >= or >",
			     e->text, (int)length, sign);
}

/* ---- a word ---- */

static int parse_word(struct expectation *e, struct error *error)
{
	for (const struct argument_word *w = expectation_words; w->word; w++) {
		if (strcmp(w->word, e->text) != 0)
			continue;
		e->disease = verdicts[w->value].disease;
		e->wanted = verdicts[w->value].wanted;
		return 0;
	}
	return usage__refuse(error,
			     "--expect wants one of herd, no-herd, skew, no-skew, stranding, "
			     "no-stranding, or a number as in 'wakes/connection<=1.05', not '%s'",
			     e->text);
}

int expectation__parse(struct expectation *e, const char *text, struct error *error)
{
	size_t length = strcspn(text, "<>=!");

	*e = (struct expectation){.text = text};
	return text[length] ? parse_number(e, text + length, error) : parse_word(e, error);
}

/* ---- several ---- */

static bool is_same(const struct expectation *a, const struct expectation *b)
{
	return a->quantity == b->quantity && a->disease == b->disease && a->wanted == b->wanted &&
	       a->relation == b->relation && a->limit == b->limit;
}

void expectations__add(struct expectations *all, const struct expectation *e)
{
	for (size_t i = 0; i < all->cnt && i < EXPECTATIONS_MAX; i++)
		if (is_same(&all->at[i], e))
			return;
	if (all->cnt < EXPECTATIONS_MAX)
		all->at[all->cnt] = *e;
	if (all->cnt <= EXPECTATIONS_MAX)
		all->cnt++;
}

bool expectations__has(const struct expectations *all, enum disease disease, enum verdict wanted)
{
	for (size_t i = 0; i < all->cnt; i++) {
		const struct expectation *e = &all->at[i];

		if (!e->quantity && e->disease == disease && e->wanted == wanted)
			return true;
	}
	return false;
}

int expectations__check(const struct expectations *all, struct error *error)
{
	if (all->cnt > EXPECTATIONS_MAX)
		return usage__refuse(error, "--expect can be given %d times", EXPECTATIONS_MAX);
	/* Nothing can be both. */
	for (size_t i = 0; expectation_words[i].word; i += 2)
		if (expectations__has(all, verdicts[i].disease, VERDICT_PROVED) &&
		    expectations__has(all, verdicts[i].disease, VERDICT_REFUTED))
			return usage__refuse(error,
					     "--expect=%s and --expect=%s exclude each other",
					     expectation_words[i].word,
					     expectation_words[i + 1].word);
	return 0;
}
