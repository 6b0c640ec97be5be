// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * The stacks of wakes, folded for flame graphs: a line for each stack with its cause and outcome as the outermost frames,
 * and how many wakes it stands for. Hand-overs of the lock are among them, with a cause of their own.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "base/text.h"
#include "render/formats.h"
#include "report/words.h"

/* Of a wake whose stack could not be kept. */
#define UNKNOWN "[unknown]"

struct fold_key {
	int32_t stack;
	uint32_t cause, outcome;
};

struct fold {
	struct fold_key key;
	uint64_t wakes;
	UT_hash_handle hh;
};

/* ---- counting ---- */

static int count_wake(struct fold **folds, const struct report_wake *w)
{
	struct fold_key key = {w->stack_id, w->cause, w->outcome};
	struct fold *fold;

	HASH_FIND(hh, *folds, &key, sizeof(key), fold);
	if (!fold) {
		fold = calloc(1, sizeof(*fold));
		if (!fold)
			return -ENOMEM;
		fold->key = key;
		HASH_ADD(hh, *folds, key, sizeof(fold->key), fold);
	}
	fold->wakes++;
	return 0;
}

static int count_wakes(struct fold **folds, const struct report *report)
{
	const struct report_connection *c;
	struct report_cursor cursor = {0};
	int err = 0;

	while (!err && (c = report__next(report, &cursor, &err)))
		for (size_t i = 0; !err && i < c->wake_cnt; i++)
			err = count_wake(folds, &c->wakes[i]);
	report_cursor__end(&cursor);
	return err;
}

static int in_order(const struct fold *a, const struct fold *b)
{
	if (a->key.cause != b->key.cause)
		return a->key.cause < b->key.cause ? -1 : 1;
	if (a->key.outcome != b->key.outcome)
		return a->key.outcome < b->key.outcome ? -1 : 1;
	if (a->wakes != b->wakes)
		return a->wakes > b->wakes ? -1 : 1;
	return (a->key.stack > b->key.stack) - (a->key.stack < b->key.stack);
}

/* ---- writing ---- */

/* Names of the kernel's functions, from a recording that may be anybody's. */
static void put_frame(FILE *out, const char *from, const char *end)
{
	char piece[TEXT_PIECE_SIZE];

	fputc(';', out);
	while (from < end && text__take(&from, piece) > 0)
		fputs(*piece == ';' ? ":" : piece, out);
}

/* They come from the innermost out. */
static void put_frames(FILE *out, const char *names)
{
	static const char between[] = " < ";
	const char *at = names + strlen(names);

	while (at > names) {
		const char *from = at;

		while (from > names && (from - names < 3 || strncmp(from - 3, between, 3) != 0))
			from--;
		put_frame(out, from, at);
		at = from > names ? from - 3 : names;
	}
}

static const char *names_of(const struct report *report, int stack)
{
	for (size_t i = 0; i < report->stack_cnt; i++)
		if (report->stacks[i].id == stack && *report->stacks[i].names)
			return report->stacks[i].names;
	return UNKNOWN;
}

int render_folded__write(FILE *out, const struct report *report,
			 const struct render_options *options)
{
	struct fold *folds = NULL, *fold, *next;
	int err = options->summary_only ? 0 : count_wakes(&folds, report);

	HASH_SORT(folds, in_order);
	HASH_ITER(hh, folds, fold, next)
	{
		if (!err) {
			fprintf(out, "%s;%s", wake_cause__name(fold->key.cause),
				wake_outcome__name(fold->key.outcome));
			put_frames(out, names_of(report, fold->key.stack));
			fprintf(out, " %" PRIu64 "\n", fold->wakes);
		}
		HASH_DEL(folds, fold);
		free(fold);
	}
	return err;
}
