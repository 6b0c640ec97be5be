// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "compare/changes.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "compare/document.h"
#include "compare/fisher.h"
#include "compare/ranks.h"

/* Larger numbers are those of no run. */
#define NUMBER_MAX 1000000000000000

/* Loads whose rates are further apart than this are not the same. */
#define SAME_LOAD 1.5

/* ---- sentences ---- */

static struct change *add(struct changes *c, const char *what)
{
	struct change *change;

	if (c->cnt == CHANGES_MAX)
		return NULL;
	change = &c->at[c->cnt++];
	*change = (struct change){.what = what};
	return change;
}

static void __attribute__((format(printf, 3, 4)))
say(struct changes *c, const char *what, const char *format, ...)
{
	struct change *change = add(c, what);
	va_list args;

	if (!change)
		return;
	va_start(args, format);
	vsnprintf(change->text, sizeof(change->text), format, args);
	va_end(args);
}

/* Ends the sentence that was said last. */
static void add_words(struct changes *c, const char *words)
{
	struct change *change = &c->at[c->cnt - 1];
	size_t used = strlen(change->text);

	snprintf(change->text + used, sizeof(change->text) - used, ": %s", words);
}

/* The same, with what chance has to do with it: p is how probable the difference is by chance alone. */
static void judge_p(struct changes *c, double p)
{
	struct change *change = &c->at[c->cnt - 1];

	change->is_tested = true;
	change->p = p;
	add_words(c, change__is_certain(change) ? "more than chance" : "chance alone can do that");
}

static void judge(struct changes *c, struct portion before, struct portion after)
{
	judge_p(c, fisher__test(before, after));
}

bool change__is_certain(const struct change *change)
{
	return change->is_tested && change->p < CHANGE_CHANCE;
}

/* ---- numbers ---- */

/* -1: there is none that makes sense. */
static int64_t count_at(const json_t *document, const char *path)
{
	const json_t *value = document__at(document, path);
	json_int_t number = json_is_integer(value) ? json_integer_value(value) : -1;

	return number >= 0 && number <= NUMBER_MAX ? number : -1;
}

/* NAN likewise. */
static double real_at(const json_t *document, const char *path)
{
	const json_t *value = document__at(document, path);
	double number = json_is_number(value) ? json_number_value(value) : NAN;

	return number >= 0 && number <= NUMBER_MAX ? number : NAN;
}

/* Nothing of nothing where it makes no sense. */
static struct portion portion_at(const json_t *document, const char *cnt, const char *of)
{
	struct portion p = {count_at(document, cnt), count_at(document, of)};

	return p.cnt >= 0 && p.cnt <= p.of ? p : (struct portion){0, 0};
}

static double percent(struct portion p)
{
	return 100.0 * p.cnt / p.of;
}

/* ---- what may have changed ---- */

static void find_herd(struct changes *c, const json_t *before, const json_t *after)
{
	static const char herds[] = "verdict.herd_sample.herds",
			  all[] = "verdict.herd_sample.opportunities";
	struct portion a = portion_at(before, herds, all), b = portion_at(after, herds, all);

	if (!a.of || !b.of)
		return;
	say(c, "herd",
	    "Of connections that found two or more tasks waiting, %.0f %% woke more than were of "
	    "use before "
	    "(%lld of %lld), %.0f %% after (%lld of %lld)",
	    percent(a), (long long)a.cnt, (long long)a.of, percent(b), (long long)b.cnt,
	    (long long)b.of);
	judge(c, a, b);
}

/* ---- wakes ---- */

static double count_wakes(const json_t *row)
{
	const json_t *wakes = json_object_get(row, "wakes"), *wake;
	size_t cnt = 0, i;

	/* Hand-overs of a lock are listed, but no wakes. */
	json_array_foreach (wakes, i, wake) {
		const char *cause = json_string_value(json_object_get(wake, "cause"));

		cnt += !cause || strcmp(cause, "lock");
	}
	return json_is_array(wakes) ? cnt : NAN;
}

static double count_wasted(const json_t *row)
{
	return real_at(row, "wasted");
}

static double wait_of(const json_t *row)
{
	return real_at(row, "arrival_to_accept_ns");
}

/* A number of each connection that has one; nothing where the document has no rows. The caller frees it. */
static struct sample read_rows(const json_t *document, double (*number)(const json_t *row))
{
	const json_t *rows = json_object_get(document, "connections"), *row;
	struct sample s = {.at = calloc(json_array_size(rows) + 1, sizeof(*s.at))};
	size_t i;

	json_array_foreach (rows, i, row) {
		double value = number(row);

		if (s.at && value >= 0)
			s.at[s.cnt++] = value;
	}
	return s;
}

/* Wakes of one connection are not independent of each other: what is compared is connections. */
static void judge_rows(struct changes *c, const json_t *before, const json_t *after,
		       double (*number)(const json_t *row))
{
	struct sample a = read_rows(before, number), b = read_rows(after, number);
	double p = ranks__test(&a, &b);

	if (!a.cnt || !b.cnt || isnan(p))
		add_words(c, "whether by chance only rows can say, which are not there");
	else
		judge_p(c, p);
	free(a.at);
	free(b.at);
}

static void find_wakes(struct changes *c, const json_t *before, const json_t *after)
{
	int64_t wakes[] = {count_at(before, "summary.wakes"), count_at(after, "summary.wakes")};
	int64_t wasted[] = {count_at(before, "summary.wasted"), count_at(after, "summary.wasted")};
	int64_t all[] = {count_at(before, "summary.connections"),
			 count_at(after, "summary.connections")};

	if (all[0] <= 0 || all[1] <= 0 || wakes[0] < 0 || wakes[1] < 0 || wasted[0] < 0 ||
	    wasted[1] < 0)
		return;
	say(c, "wakes", "A connection made %.2f wakes before, %.2f after",
	    (double)wakes[0] / all[0], (double)wakes[1] / all[1]);
	judge_rows(c, before, after, count_wakes);
	say(c, "waste", "Of these %.2f were for nothing before, %.2f after",
	    (double)wasted[0] / all[0], (double)wasted[1] / all[1]);
	judge_rows(c, before, after, count_wasted);
}

/* ---- shares ---- */

static struct portion largest_share(const json_t *document)
{
	double share = real_at(document, "verdict.skew_sample.share");
	int64_t draws = count_at(document, "verdict.skew_sample.draws");

	if (!(share <= 1) || draws <= 0)
		return (struct portion){0, 0};
	return (struct portion){llround(share * draws), draws};
}

static void find_share(struct changes *c, const json_t *before, const json_t *after)
{
	struct portion a = largest_share(before), b = largest_share(after);

	if (!a.of || !b.of)
		return;
	say(c, "share",
	    "The worker with the largest share took %.0f %% of %lld draws before, %.0f %% of %lld "
	    "after",
	    percent(a), (long long)a.of, percent(b), (long long)b.of);
	judge(c, a, b);
}

static void find_stranding(struct changes *c, const json_t *before, const json_t *after)
{
	static const char stranded[] = "verdict.stranding_sample.stranded",
			  all[] = "verdict.stranding_sample.opportunities";
	struct portion a = portion_at(before, stranded, all), b = portion_at(after, stranded, all);

	if (!a.of || !b.of)
		return;
	say(c, "stranding",
	    "Of connections that came while a worker was busy, %.0f %% were stranded before (%lld "
	    "of %lld), %.0f %% after (%lld of %lld)",
	    percent(a), (long long)a.cnt, (long long)a.of, percent(b), (long long)b.cnt,
	    (long long)b.of);
	judge(c, a, b);
}

/* ---- how long connections waited ---- */

static int compare_waits(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void sort(struct sample *s)
{
	if (s->at)
		qsort(s->at, s->cnt, sizeof(*s->at), compare_waits);
}

/* Of a sorted one. */
static double median(const struct sample *s)
{
	return s->at[(s->cnt - 1) / 2];
}

static struct sample together(const struct sample *a, const struct sample *b)
{
	struct sample s = {calloc(a->cnt + b->cnt, sizeof(*s.at)), a->cnt + b->cnt};

	if (s.at) {
		memcpy(s.at, a->at, a->cnt * sizeof(*s.at));
		memcpy(s.at + a->cnt, b->at, b->cnt * sizeof(*s.at));
		sort(&s);
	}
	return s;
}

static struct portion longer_than(const struct sample *s, double limit)
{
	struct portion p = {0, s->cnt};

	for (size_t i = 0; i < s->cnt; i++)
		p.cnt += s->at[i] > limit;
	return p;
}

/* By the median of both together (Mood's test): nothing is known of how waits are distributed. */
static void say_wait(struct changes *c, const struct sample *a, const struct sample *b)
{
	char before[TEXT_DURATION_SIZE], after[TEXT_DURATION_SIZE];
	struct sample both = together(a, b);

	if (!both.at)
		return;
	text__duration(before, llround(median(a)));
	text__duration(after, llround(median(b)));
	say(c, "wait", "From arrival to accept it took %s before, %s after (median)", before,
	    after);
	judge(c, longer_than(a, median(&both)), longer_than(b, median(&both)));
	free(both.at);
}

static void find_wait(struct changes *c, const json_t *before, const json_t *after)
{
	struct sample a = read_rows(before, wait_of), b = read_rows(after, wait_of);

	sort(&a);
	sort(&b);
	if (a.cnt && b.cnt)
		say_wait(c, &a, &b);
	free(a.at);
	free(b.at);
}

/* ---- what stands in the way ---- */

static void find_gap(struct changes *c, const char *which, const json_t *document)
{
	const char *reason = json_string_value(document__at(document, "loss.reason"));

	if (json_is_true(document__at(document, "loss.incomplete")))
		say(c, "incomplete", "The run %s is incomplete%s%.200s: nothing follows from it",
		    which, reason && *reason ? ", as " : "", reason ? reason : "");
}

static void find_load(struct changes *c, const json_t *before, const json_t *after)
{
	double a = real_at(before, "summary.severity.connections_per_sec");
	double b = real_at(after, "summary.severity.connections_per_sec");

	if (a > 0 && b > 0 && (a > b * SAME_LOAD || b > a * SAME_LOAD))
		say(c, "load",
		    "The load was not the same: %.0f connections per second before, %.0f after", a,
		    b);
}

void changes__find(struct changes *c, const json_t *before, const json_t *after)
{
	*c = (struct changes){0};
	find_gap(c, "before", before);
	find_gap(c, "after", after);
	if (c->cnt)
		return;
	find_load(c, before, after);
	find_herd(c, before, after);
	find_wakes(c, before, after);
	find_share(c, before, after);
	find_stranding(c, before, after);
	find_wait(c, before, after);
}
