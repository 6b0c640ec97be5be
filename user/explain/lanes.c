// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What each task did, in a lane of its own on one time axis. Times are those since the arrival. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vector.h"
#include "explain/drawing.h"
#include "explain/scale.h"

#define LANES_MAX   12
#define COLUMNS_MIN 12
#define COLUMNS_MAX 160
#define INDENT      2
#define GAP         2

enum cell { CELL_NONE, CELL_ASLEEP, CELL_WOKEN, CELL_KERNEL, CELL_USER, CELL_CNT };

static const struct {
	const char *drawn, *ascii;
} cells[CELL_CNT] = {
	[CELL_NONE] = {" ", " "},       [CELL_ASLEEP] = {"\u00b7", "."},
	[CELL_WOKEN] = {"\u254c", "-"}, [CELL_KERNEL] = {"\u2500", "="},
	[CELL_USER] = {"\u2501", "#"},
};

struct lane {
	unsigned worker;
	uint32_t tid;
	bool slept; /* at the arrival */
};

struct lanes {
	struct drawing *d;
	VECTOR(struct lane) all;
	size_t shown;
	int64_t end_ns; /* of the axis */
	VECTOR(int64_t) times;
	struct scale scale;
	unsigned label; /* cells */
};

/* ---- who, and how long ---- */

static int64_t since(const struct lanes *l, int64_t ns)
{
	return ns == REPORT_UNKNOWN_NS || ns < l->d->row->time_ns ? REPORT_UNKNOWN_NS
								  : ns - l->d->row->time_ns;
}

static bool is_drawn(const struct report_wake *wake)
{
	return wake->cause != CAUSE_LOCK;
}

static int add_lane(struct lanes *l, unsigned worker, uint32_t tid, bool slept)
{
	struct lane *lane;

	for (size_t i = 0; i < l->all.cnt; i++)
		if (l->all.at[i].worker == worker)
			return 0;
	lane = vector_add(&l->all);
	if (!lane)
		return -ENOMEM;
	*lane = (struct lane){worker, tid, slept};
	return 0;
}

/* Who was woken, in order; whoever accepted it has his lane among the first. */
static int find_lanes(struct lanes *l)
{
	const struct report_connection *row = l->d->row;
	int err = 0;

	for (size_t i = 0; i < row->wake_cnt && l->all.cnt < LANES_MAX - 1 && !err; i++)
		if (is_drawn(&row->wakes[i]))
			err = add_lane(l, row->wakes[i].worker, row->wakes[i].tid, true);
	if (!err && row->accepted_worker)
		err = add_lane(l, row->accepted_worker, row->accepted_by, false);
	return err;
}

static unsigned count_others(const struct lanes *l)
{
	const struct report_connection *row = l->d->row;
	unsigned cnt = 0;

	for (size_t i = 0; i < row->wake_cnt; i++) {
		bool has_lane = !is_drawn(&row->wakes[i]);

		for (size_t j = 0; j < l->all.cnt; j++)
			has_lane |= l->all.at[j].worker == row->wakes[i].worker;
		cnt += !has_lane;
	}
	return cnt;
}

static bool has_lane(const struct lanes *l, unsigned worker)
{
	for (size_t i = 0; i < l->all.cnt; i++)
		if (l->all.at[i].worker == worker)
			return true;
	return false;
}

static void lengthen(struct lanes *l, int64_t ns)
{
	if (since(l, ns) > l->end_ns)
		l->end_ns = since(l, ns);
}

/* What came of the wakes is the end of the picture: who accepted may serve its client for long before it sleeps. */
static void find_end(struct lanes *l)
{
	const struct report_connection *row = l->d->row;

	for (size_t i = 0; i < row->wake_cnt; i++) {
		const struct report_wake *wake = &row->wakes[i];

		if (!is_drawn(wake) || !has_lane(l, wake->worker))
			continue;
		lengthen(l, wake->woken_ns);
		lengthen(l, wake->ran_ns);
		lengthen(l, wake->returned_ns);
		lengthen(l, wake->ended_ns);
	}
	lengthen(l, row->accepted_ns);
	if (row->end != CONNECTION_ACCEPTED && row->waited_ns > l->end_ns)
		l->end_ns = row->waited_ns;
}

static int add_time(struct lanes *l, int64_t ns)
{
	int64_t *slot;

	if (ns < 0 || ns > l->end_ns)
		return 0;
	slot = vector_add(&l->times);
	if (!slot)
		return -ENOMEM;
	*slot = ns;
	return 0;
}

static int add_times(struct lanes *l)
{
	const struct report_connection *row = l->d->row;
	int err = add_time(l, 0) | add_time(l, l->end_ns) | add_time(l, since(l, row->accepted_ns));

	for (size_t i = 0; i < row->wake_cnt; i++) {
		const struct report_wake *wake = &row->wakes[i];

		if (!is_drawn(wake) || !has_lane(l, wake->worker))
			continue;
		err |= add_time(l, since(l, wake->woken_ns));
		err |= add_time(l, since(l, wake->ran_ns));
		err |= add_time(l, since(l, wake->returned_ns));
		err |= add_time(l, since(l, wake->accept_ns));
		err |= add_time(l, since(l, wake->slept_ns));
	}
	return err ? -ENOMEM : 0;
}

/* ---- a lane ---- */

struct strip {
	enum cell cells[COLUMNS_MAX];
	char marks[COLUMNS_MAX]; /* NUL: none */
};

static void mark(const struct lanes *l, struct strip *s, int64_t ns, char letter)
{
	unsigned column;

	if (ns < 0 || ns > l->end_ns)
		return;
	column = scale__column(&l->scale, ns);
	/* What came of it counts for more than how it came to that. */
	if (s->marks[column] != 'A' && s->marks[column] != 'E')
		s->marks[column] = letter;
}

/* From a time on, as nothing else is known. */
static void fill(const struct lanes *l, struct strip *s, int64_t from, enum cell cell)
{
	if (from < 0 || from > l->end_ns)
		return;
	for (unsigned i = scale__column(&l->scale, from); i < l->scale.columns; i++)
		s->cells[i] = cell;
}

static char accept_letter(const struct report_wake *wake)
{
	return wake->outcome == OUTCOME_ACCEPTED ? 'A' : 'E';
}

/* In order: each goes over what was known before it. */
static void draw_wake(const struct lanes *l, struct strip *s, const struct report_wake *wake)
{
	bool ran = wake->ran_ns != REPORT_UNKNOWN_NS;

	fill(l, s, since(l, wake->woken_ns), CELL_WOKEN);
	fill(l, s, since(l, ran ? wake->ran_ns : wake->woken_ns), CELL_KERNEL);
	fill(l, s, since(l, wake->returned_ns), CELL_USER);
	fill(l, s, since(l, wake->slept_ns),
	     wake->outcome == OUTCOME_EXITED ? CELL_NONE : CELL_ASLEEP);
	mark(l, s, since(l, wake->woken_ns), 'w');
	mark(l, s, since(l, wake->ran_ns), 'r');
	mark(l, s, since(l, wake->returned_ns), 'u');
	mark(l, s, since(l, wake->slept_ns), wake->outcome == OUTCOME_EXITED ? 'x' : 's');
	mark(l, s, since(l, wake->accept_ns), accept_letter(wake));
}

static struct strip draw_strip(const struct lanes *l, const struct lane *lane)
{
	const struct report_connection *row = l->d->row;
	struct strip s = {0};

	if (lane->slept)
		fill(l, &s, 0, CELL_ASLEEP);
	for (size_t i = 0; i < row->wake_cnt; i++)
		if (row->wakes[i].worker == lane->worker && is_drawn(&row->wakes[i]))
			draw_wake(l, &s, &row->wakes[i]);
	if (lane->worker == row->accepted_worker)
		mark(l, &s, since(l, row->accepted_ns), 'A');
	return s;
}

static const char *mark_color(char letter)
{
	if (letter == 'A')
		return GREEN;
	return letter == 'E' ? RED : NULL;
}

static void print_cell(const struct lanes *l, const struct strip *s, unsigned column)
{
	const struct terminal *terminal = l->d->terminal;
	const char *color = terminal->color ? mark_color(s->marks[column]) : NULL;
	FILE *out = l->d->out;

	if (color)
		fputs(color, out);
	if (s->marks[column])
		fputc(s->marks[column], out);
	else
		fputs(terminal->ascii ? cells[s->cells[column]].ascii
				      : cells[s->cells[column]].drawn,
		      out);
	if (color)
		fputs(PLAIN, out);
}

static void print_lane(const struct lanes *l, const struct lane *lane)
{
	const struct report_wake *wake = drawing__wake_of(l->d, lane->worker);
	struct strip s = draw_strip(l, lane);
	char who[WHO_SIZE], came_of[CAME_OF_SIZE] = "awake";

	drawing__who(who, lane->worker, lane->tid);
	if (wake)
		drawing__came_of(came_of, l->d, wake);
	else if (lane->worker == l->d->row->accepted_worker)
		strcpy(came_of, "accepted it");
	fprintf(l->d->out, "%*s%-*s%*s", INDENT, "", (int)l->label, who, GAP, "");
	for (unsigned i = 0; i < l->scale.columns; i++)
		print_cell(l, &s, i);
	fprintf(l->d->out, "%*s%s\n", GAP, "", came_of);
}

/* ---- the axis ---- */

static size_t cells_of(const char *text)
{
	size_t cnt = 0;

	for (; *text; text++)
		cnt += ((unsigned char)*text & 0xc0) != 0x80;
	return cnt;
}

/* "850 ns", plain where the terminal is. */
static char *time_text(const struct lanes *l, int64_t ns)
{
	char text[TEXT_DURATION_SIZE] = "0";

	if (ns)
		drawing__time(text, ns);
	return l->d->terminal->ascii ? text__plain(text) : strdup(text);
}

/* Times above the columns where they are, as many as there is room for; then a stroke at each of them. */
static int print_axis(const struct lanes *l)
{
	char strokes[COLUMNS_MAX + 1];
	FILE *out = l->d->out;
	size_t at = 0;

	memset(strokes, ' ', sizeof(strokes));
	fprintf(out, "%*s", (int)(INDENT + l->label + GAP), "");
	for (size_t i = 0; i < l->scale.cnt; i++) {
		unsigned column = scale__column(&l->scale, l->scale.at[i]);
		char *text = time_text(l, l->scale.at[i]);
		size_t width;

		if (!text)
			return -ENOMEM;
		width = cells_of(text);
		if (column + width <= l->scale.columns + CAME_OF_CELLS &&
		    (!i || column >= at + GAP)) {
			fprintf(out, "%*s%s", (int)(column - at), "", text);
			strokes[column] = '|';
			at = column + width;
		}
		free(text);
	}
	strokes[l->scale.columns] = '\0';
	for (size_t end = l->scale.columns; end && strokes[end - 1] == ' ';)
		strokes[--end] = '\0';
	fprintf(out, "\n%*s%s\n", (int)(INDENT + l->label + GAP), "", strokes);
	return 0;
}

static void print_legend(const struct lanes *l)
{
	bool ascii = l->d->terminal->ascii;
#define CELL(which) (ascii ? cells[CELL_##which].ascii : cells[CELL_##which].drawn)

	drawing__say(
		l->d,
		"w woken, r runs, u back in user space, A accepts, E EAGAIN, s sleeps, x ends");
	drawing__say(l->d,
		     "%s%s asleep  %s%s waits for a CPU  %s%s in the kernel  %s%s in user space; "
		     "not to scale",
		     CELL(ASLEEP), CELL(ASLEEP), CELL(WOKEN), CELL(WOKEN), CELL(KERNEL),
		     CELL(KERNEL), CELL(USER), CELL(USER));
#undef CELL
}

static unsigned columns_for(const struct lanes *l)
{
	unsigned width = l->d->terminal->width ? l->d->terminal->width : 80;
	unsigned taken = INDENT + l->label + 2 * GAP + CAME_OF_CELLS;

	if (width < taken + COLUMNS_MIN)
		return COLUMNS_MIN;
	return width - taken < COLUMNS_MAX ? width - taken : COLUMNS_MAX;
}

static void measure_labels(struct lanes *l)
{
	char who[WHO_SIZE];

	for (size_t i = 0; i < l->all.cnt; i++) {
		drawing__who(who, l->all.at[i].worker, l->all.at[i].tid);
		if (strlen(who) > l->label)
			l->label = strlen(who);
	}
}

static int draw(struct lanes *l)
{
	int err = find_lanes(l);
	unsigned others;

	if (err)
		return err;
	if (!l->all.cnt) {
		drawing__say(l->d, "  nobody was woken, and nobody accepted it");
		return 0;
	}
	measure_labels(l);
	find_end(l);
	err = add_times(l);
	if (err)
		return err;
	scale__make(&l->scale, l->times.at, l->times.cnt, columns_for(l));
	err = print_axis(l);
	for (size_t i = 0; i < l->all.cnt && !err; i++)
		print_lane(l, &l->all.at[i]);
	others = count_others(l);
	if (others)
		drawing__say(l->d, "  ... %u more wakes of others", others);
	print_legend(l);
	return err;
}

void drawing__lanes(struct drawing *d)
{
	struct lanes l = {.d = d};

	drawing__say(d, "WHAT EACH DID, from its arrival on");
	drawing__keep_error(d, draw(&l));
	free(l.all.at);
	free(l.times.at);
	fputc('\n', d->out);
}
