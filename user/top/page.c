// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "top/page.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/clock.h"
#include "base/text.h"

/* With fewer lines than that the verdicts share one. */
#define ROOMY_ROWS 18
#define TEXT_SIZE  1024

struct layout {
	struct top_page *page;
	const struct top_numbers *numbers;
	const struct top_choice *choice;
	const struct top_size *size;
	unsigned width; /* cells */
	bool failed;
};

/* ---- cells ---- */

/* What the locale does not know takes one. */
static int cells_of(const char *text, size_t *len)
{
	uint32_t code_point = text__code_point(text, len);
	int cells = *len ? wcwidth((wchar_t)code_point) : 1;

	if (!*len)
		*len = 1;
	return cells < 0 ? 1 : cells;
}

static unsigned count_cells(const char *text)
{
	unsigned cnt = 0;
	size_t len;

	for (; *text; text += len)
		cnt += cells_of(text, &len);
	return cnt;
}

/* As much of a text as fits so many cells. Returns the bytes; *cells: how many these take. */
static size_t bytes_in(const char *text, unsigned width, unsigned *cells)
{
	size_t used = 0, len;

	for (*cells = 0; text[used]; used += len) {
		unsigned more = cells_of(text + used, &len);

		if (*cells + more > width)
			break;
		*cells += more;
	}
	return used;
}

/* Takes characters off the front until the rest has at most so many cells. */
static const char *end_of(const char *text, unsigned width)
{
	size_t len;

	while (*text && count_cells(text) > width) {
		cells_of(text, &len);
		text += len;
	}
	return text;
}

/* Adds a text in just so many cells; what is cut ends with "~". Returns the bytes. */
static size_t put_cell(char *to, const char *text, unsigned width, bool left)
{
	bool cut = count_cells(text) > width;
	unsigned cells;
	size_t len = bytes_in(text, width - (cut && width), &cells), used = 0;
	unsigned pad = width - cells - (cut && width);

	if (!left)
		used += sprintf(to, "%*s", pad, "");
	memcpy(to + used, text, len);
	used += len;
	if (cut && width)
		to[used++] = '~';
	if (left)
		used += sprintf(to + used, "%*s", pad, "");
	to[used] = '\0';
	return used;
}

/* ---- lines ---- */

/* A line of its own, as long as it fits; NULL: the page is full, or there is no memory. */
static struct top_line *add_line(struct layout *l, const char *text)
{
	char *plain = l->size->ascii ? text__plain(text) : NULL;
	struct top_line *line = NULL;
	unsigned cells;
	size_t len;

	l->failed |= l->size->ascii && !plain;
	if (!l->failed && l->page->cnt < l->size->rows) {
		line = vector_add(l->page);
		l->failed |= !line;
	}
	if (line) {
		*line = (struct top_line){0};
		text = plain ? plain : text;
		len = bytes_in(text, l->width, &cells);
		memcpy(line->text, text, len);
		line->text[len] = '\0';
	}
	free(plain);
	return line;
}

static struct top_line *say(struct layout *l, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static struct top_line *say(struct layout *l, const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return add_line(l, text);
}

static void color(struct top_line *line, const char *part, enum top_style style)
{
	const char *at = line ? strstr(line->text, part) : NULL;

	if (!at)
		return;
	line->mark = at - line->text;
	line->mark_len = strlen(part);
	line->mark_style = style;
}

/* ---- the head ---- */

static void say_title(struct layout *l)
{
	uint64_t sec = l->numbers->span_ns[TOP_WHOLE] / NS_PER_SEC;
	char right[96], left[256], text[TOP_LINE_SIZE + sizeof(right)] = "";
	struct top_line *line;
	size_t used = 0;

	snprintf(right, sizeof(right), "%s%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ", every %g s",
		 l->choice->is_paused ? "PAUSED  " : "", sec / 3600, sec / 60 % 60, sec % 60,
		 l->size->every_sec);
	snprintf(left, sizeof(left), "herdtrace top: %s", l->size->title);
	if (l->width > strlen(right))
		used = put_cell(text, left, l->width - strlen(right) - 1, true);
	snprintf(text + used, sizeof(text) - used, "%s%s", used ? " " : "", right);
	line = add_line(l, text);
	if (line)
		line->style = TOP_BOLD;
	color(line, "PAUSED", TOP_YELLOW);
}

static void say_rates(struct layout *l)
{
	const struct top_numbers *n = l->numbers;
	enum top_span span = l->choice->span;
	char rate[TOP_CELL_SIZE], wakes[TOP_CELL_SIZE], wasted[TOP_CELL_SIZE], cpu[TOP_CELL_SIZE];
	char part[TOP_CELL_SIZE] = "", burnt[2 * TOP_CELL_SIZE];
	double share = numbers__ratio(n->all.of[span].wasted, n->all.of[span].wakes);
	struct top_line *line;

	columns__print(rate, TOP_CONNECTIONS, &n->all, n, span);
	columns__print(wakes, TOP_WAKES, &n->all, n, span);
	columns__print(wasted, TOP_WASTED, &n->all, n, span);
	columns__print(cpu, TOP_CPU, &n->all, n, span);
	if (share > 0)
		snprintf(part, sizeof(part), " (%.0f %%)", 100 * share);
	snprintf(burnt, sizeof(burnt), "%s/s wasted", wasted);
	line = say(l, "%s: %s connections/s, %s wakes each, %s%s, %s %% of a CPU",
		   span == TOP_PERIOD ? "now" : "mean", rate, wakes, burnt, part, cpu);
	if (n->all.of[span].wasted)
		color(line, burnt, TOP_RED);
}

static void say_waits(struct layout *l)
{
	const struct top_numbers *n = l->numbers;
	const struct top_counts *c = &n->all.of[l->choice->span];
	char p50[TEXT_DURATION_SIZE], p99[TEXT_DURATION_SIZE], shares[96] = "";

	text__duration(p50, c->p50_ns);
	text__duration(p99, c->p99_ns);
	if (n->workers_here && c->connections)
		snprintf(shares, sizeof(shares), ", %zu worker%s: %.0f %% max, %.0f %% min",
			 n->workers_here, n->workers_here == 1 ? "" : "s",
			 100 * n->most[l->choice->span], 100 * n->least[l->choice->span]);
	else
		snprintf(shares, sizeof(shares), ", %zu worker%s", n->workers_here,
			 n->workers_here == 1 ? "" : "s");
	say(l, "wait: p50 %s, p99 %s, queue %zu (most %" PRIu64 ")%s", p50, p99, n->all.queued,
	    n->most_queued, shares);
}

static void say_sums(struct layout *l)
{
	const struct top_counts *c = &l->numbers->all.of[TOP_WHOLE];

	say(l, "in all: %" PRIu64 " connections, %" PRIu64 " wakes, %" PRIu64 " wasted",
	    c->connections, c->wakes, c->wasted);
}

/* ---- verdicts ---- */

static const char *const verdict_titles[TOP_VERDICT_CNT] = {"HERD", "SKEW", "STRANDING"};

static const char *word_of(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PROVED: return "PROVED";
	case VERDICT_REFUTED: return "REFUTED";
	case VERDICT_INCONCLUSIVE: break;
	}
	return "INCONCLUSIVE";
}

static enum top_style style_of(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PROVED: return TOP_RED;
	case VERDICT_REFUTED: return TOP_GREEN;
	case VERDICT_INCONCLUSIVE: break;
	}
	return TOP_YELLOW;
}

static void say_verdicts(struct layout *l)
{
	const struct top_numbers *n = l->numbers;

	if (l->size->rows < ROOMY_ROWS) {
		say(l, "herd %s, skew %s, stranding %s", verdict__name(n->verdicts[TOP_HERD].value),
		    verdict__name(n->verdicts[TOP_SKEW].value),
		    verdict__name(n->verdicts[TOP_STRANDING].value));
		return;
	}
	for (int i = 0; i < TOP_VERDICT_CNT; i++) {
		enum verdict value = n->verdicts[i].value;
		struct top_line *line = say(l, "%s: %s - %s", verdict_titles[i], word_of(value),
					    n->verdicts[i].reason);

		color(line, word_of(value), style_of(value));
	}
}

static void say_loss(struct layout *l)
{
	struct top_line *line;

	if (!l->numbers->is_incomplete)
		return;
	line = say(l, "INCOMPLETE: %s", l->numbers->loss);
	if (line)
		line->style = TOP_RED;
}

/* ---- rows ---- */

struct table {
	bool shown[TOP_COLUMN_CNT];
	unsigned width[TOP_COLUMN_CNT];
};

static bool has_threads(const struct top_row *const *rows, size_t cnt)
{
	for (size_t i = 0; i < cnt; i++)
		if (rows[i]->pid != rows[i]->tid)
			return true;
	return false;
}

static unsigned table_width(const struct table *t)
{
	unsigned width = 0;

	for (int i = 0; i < TOP_COLUMN_CNT; i++)
		if (t->shown[i])
			width += t->width[i] + 1;
	return width ? width - 1 : 0;
}

/* Takes away the column that is least missed; false: all that are left stay. */
static bool narrow(struct table *t)
{
	int least = -1;

	for (int i = 0; i < TOP_COLUMN_CNT; i++)
		if (t->shown[i] && top_columns[i].leaves_at &&
		    (least < 0 || top_columns[i].leaves_at > top_columns[least].leaves_at))
			least = i;
	if (least >= 0)
		t->shown[least] = false;
	return least >= 0;
}

/* With text__plain() every byte of another character takes four. */
static unsigned cells_of_name(const struct layout *l, const char *name)
{
	unsigned cells = 0;

	if (!l->size->ascii)
		return count_cells(name);
	for (; *name; name++)
		cells += (unsigned char)*name < 0x80 ? 1 : 4;
	return cells;
}

static void choose_columns(struct layout *l, struct table *t, const struct top_row *const *rows,
			   size_t cnt)
{
	unsigned longest = top_columns[TOP_NAME].width, width;

	for (int i = 0; i < TOP_COLUMN_CNT; i++) {
		t->shown[i] = columns__has(l->choice->by, i);
		t->width[i] = top_columns[i].width;
	}
	if (l->choice->by == TOP_WORKERS && !has_threads(rows, cnt))
		t->shown[TOP_TID] = false;
	while (table_width(t) > l->width && narrow(t))
		;
	for (size_t i = 0; i < cnt; i++) {
		unsigned cells = cells_of_name(l, rows[i]->name);

		longest = cells > longest ? cells : longest;
	}
	width = table_width(t);
	if (width < l->width)
		t->width[TOP_NAME] += l->width - width;
	if (t->width[TOP_NAME] > longest)
		t->width[TOP_NAME] = longest;
}

static const char *heading(const struct layout *l, enum top_column column)
{
	if (column != TOP_NAME)
		return top_columns[column].name;
	return l->choice->by == TOP_WORKERS ? "COMMAND" : "ADDRESS";
}

/* As it is to be shown; freed by the caller. Of an address the end tells most: the port, the file. */
static char *name_in(struct layout *l, const struct table *t, const struct top_row *row)
{
	unsigned width = t->width[TOP_NAME];
	char *name = l->size->ascii ? text__plain(row->name) : strdup(row->name), *cut = NULL;

	l->failed |= !name;
	if (!name || l->choice->by == TOP_WORKERS || count_cells(name) <= width)
		return name;
	l->failed |= asprintf(&cut, "~%s", end_of(name, width ? width - 1 : 0)) < 0;
	free(name);
	return l->failed ? NULL : cut;
}

/* row: NULL: the headings. */
static void put_row(struct layout *l, const struct table *t, const struct top_row *row)
{
	char text[TOP_LINE_SIZE + TOP_COLUMN_CNT * 8] = "", cell[TOP_CELL_SIZE];
	char *name = row ? name_in(l, t, row) : NULL;
	size_t used = 0;
	struct top_line *line;

	for (int i = 0; i < TOP_COLUMN_CNT; i++) {
		const char *content = row && i == TOP_NAME && name ? name : cell;

		if (!t->shown[i])
			continue;
		if (row)
			columns__print(cell, i, row, l->numbers, l->choice->span);
		else
			content = heading(l, i);
		if (used)
			used += sprintf(text + used, " ");
		used += put_cell(text + used, content, t->width[i], top_columns[i].is_text);
	}
	free(name);
	line = add_line(l, text);
	if (row || !line)
		return;
	line->style = TOP_REVERSE;
	color(line, heading(l, l->choice->sort), TOP_BOLD);
}

static void say_nothing(struct layout *l)
{
	const struct top_numbers *n = l->numbers;

	if (l->choice->by == TOP_WORKERS && n->listeners_here)
		say(l, "no worker has waited yet: %zu listener%s", n->listeners_here,
		    n->listeners_here == 1 ? "" : "s");
	else
		say(l, "nothing listens");
}

static void put_rows(struct layout *l, size_t bottom)
{
	struct table table;
	size_t cnt, room;
	const struct top_row **rows = columns__sort(l->numbers, l->choice->by, l->choice->span,
						    l->choice->sort, l->choice->reversed, &cnt);

	l->failed |= !rows;
	if (!rows)
		return;
	choose_columns(l, &table, rows, cnt);
	put_row(l, &table, NULL);
	room = l->size->rows > l->page->cnt + bottom ? l->size->rows - l->page->cnt - bottom : 0;
	l->page->rows = room;
	l->page->first = l->choice->first;
	if (l->page->first + room > cnt)
		l->page->first = cnt > room ? cnt - room : 0;
	for (size_t i = l->page->first; i < cnt && i < l->page->first + room; i++)
		put_row(l, &table, rows[i]);
	if (!cnt && room)
		say_nothing(l);
	free(rows);
}

/* ---- help ---- */

static void say_help(struct layout *l, size_t bottom)
{
	static const char *const lines[] = {
		"q  quit                w  rows of workers     p  pause, go on",
		/* In parentheses, as one line of several would be: clang asks whether a comma is missing. */
		("s  sort by the next    l  rows of listeners   t  last period, or mean since the "
		 "start"),
		"r  the other way       up, down, page up, page down, home  other rows",
		"",
		"CONN/S    connections that it accepted, or that came to the listener, per second",
		"SHARE     of all connections          WAKES  tasks woken for each connection",
		"WASTED/S  wakes that led to no accept CPU %  of one CPU, burnt by those",
		"P50, P99  of the time until accept, to within an eighth",
		"QUEUE     connections that wait to be accepted, and the backlog",
		"",
		"A connection is counted some two seconds after it is over.",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (l->page->cnt + bottom < l->size->rows)
			say(l, "%s", lines[i]);
}

static void say_keys(struct layout *l)
{
	struct top_line *line;

	while (!l->failed && l->page->cnt + 1 < l->size->rows)
		say(l, "%s", "");
	line = say(l,
		   l->choice->shows_help
			   ? "h back"
			   : "q quit  s sort  r reverse  p pause  w workers  l listeners  t mean  "
			     "h help");
	if (line)
		line->style = TOP_BOLD;
}

/* ---- together ---- */

int top_page__make(struct top_page *page, const struct top_numbers *numbers,
		   const struct top_choice *choice, const struct top_size *size)
{
	struct layout l = {page, numbers, choice, size, size->columns, false};
	size_t bottom = size->has_keys;

	if (l.width > TOP_CELLS_MAX)
		l.width = TOP_CELLS_MAX;
	page->cnt = page->rows = page->first = 0;
	say_title(&l);
	say_loss(&l);
	say_rates(&l);
	say_waits(&l);
	say_sums(&l);
	say_verdicts(&l);
	if (size->rows >= ROOMY_ROWS)
		say(&l, "%s", "");
	if (choice->shows_help)
		say_help(&l, bottom);
	else
		put_rows(&l, bottom);
	if (size->has_keys)
		say_keys(&l);
	return l.failed ? -ENOMEM : 0;
}

void top_page__drop(struct top_page *page)
{
	free(page->at);
	*page = (struct top_page){0};
}

static const char *const sequences[TOP_STYLE_CNT] = {
	[TOP_PLAIN] = "",          [TOP_BOLD] = "\033[1m",   [TOP_RED] = "\033[31m",
	[TOP_YELLOW] = "\033[33m", [TOP_GREEN] = "\033[32m", [TOP_REVERSE] = "\033[7m",
};

static void print_part(FILE *out, const char *text, size_t len, enum top_style style, bool color)
{
	bool styled = color && style != TOP_PLAIN && len;

	fprintf(out, "%s%.*s%s", styled ? sequences[style] : "", (int)len, text,
		styled ? "\033[0m" : "");
}

void top_page__print(FILE *out, const struct top_page *page, bool color)
{
	for (size_t i = 0; i < page->cnt; i++) {
		const struct top_line *line = &page->at[i];
		size_t end = line->mark + line->mark_len;

		print_part(out, line->text, line->mark, line->style, color);
		print_part(out, line->text + line->mark, line->mark_len, line->mark_style, color);
		print_part(out, line->text + end, strlen(line->text + end), line->style, color);
		fputc('\n', out);
	}
}
