// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "page.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/option_table.h"

#define STATUS "Exit status: "

/* Lines from one to before another. */
struct span {
	size_t from, to;
};

int manual__read(struct manual *manual, const char *path)
{
	FILE *in = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (!in) {
		fprintf(stderr, "manual: %s: %m\n", path);
		return -1;
	}
	while (getline(&line, &size, in) > 0) {
		manual->lines = reallocarray(manual->lines, manual->cnt + 1, sizeof(char *));
		manual->lines[manual->cnt++] = line;
		line = NULL;
	}
	free(line);
	fclose(in);
	return 0;
}

void manual__free(struct manual *manual)
{
	while (manual->cnt)
		free(manual->lines[--manual->cnt]);
	free(manual->lines);
}

/* ---- parts of it ---- */

/* "# VERIFY\n", "## Metrics\n": a heading of this level and name, whatever its case. */
static bool is_heading_of(const char *line, const char *mark, const char *name)
{
	size_t length = strlen(mark);

	return !strncmp(line, mark, length) && !strncasecmp(line + length, name, strlen(name)) &&
	       line[length + strlen(name)] == '\n';
}

/* What is below a heading, up to the next one of its level or above. Empty: there is none. */
static struct span find_section(const struct manual *m, const char *mark, const char *name)
{
	struct span span = {0};

	while (span.from < m->cnt && !is_heading_of(m->lines[span.from], mark, name))
		span.from++;
	span.from += span.from < m->cnt;
	span.to = span.from;
	while (span.to < m->cnt && strncmp(m->lines[span.to], mark, strlen(mark)) &&
	       strncmp(m->lines[span.to], "# ", 2))
		span.to++;
	return span;
}

static bool begins_entry(const char *line)
{
	return !strncmp(line, "*-", 2);
}

/* An option's lines, or those of several that share them, with the empty line behind it. */
static size_t end_of_entry(const struct manual *m, size_t at, size_t limit)
{
	size_t end = at + 1;

	for (size_t i = end; i < limit && (m->lines[i][0] == '\t' || m->lines[i][0] == '\n'); i++)
		end = i + 1;
	return end;
}

static bool begins_status(const char *line)
{
	return !strncmp(line, STATUS, strlen(STATUS));
}

static size_t end_of_paragraph(const struct manual *m, size_t at, size_t limit)
{
	while (at < limit && m->lines[at][0] != '\n')
		at++;
	return at < limit ? at + 1 : at;
}

/* ---- printing ---- */

/* The heading that a text names in bold: "see *PICTURES*". Its length, 0: it is none. */
static size_t named_heading(const struct manual *m, const char *at)
{
	size_t length = at[0] == '*' ? strspn(at + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ ") : 0;
	char name[64];

	if (!length || at[length + 1] != '*' || length >= sizeof(name))
		return 0;
	snprintf(name, sizeof(name), "%.*s", (int)length, at + 1);
	return find_section(m, "# ", name).from < m->cnt ? length + 2 : 0;
}

/* What is named is in the manual, and not on this page. */
static void print_line(const struct manual *m, const char *line)
{
	while (*line) {
		size_t length = named_heading(m, line);

		if (!length) {
			putchar(*line++);
			continue;
		}
		printf("%.*s in *herdtrace*(8)", (int)length, line);
		line += length;
	}
}

static void print_span(const struct manual *m, struct span span)
{
	for (size_t i = span.from; i < span.to; i++)
		print_line(m, m->lines[i]);
}

int manual__print_section(const struct manual *m, enum action action)
{
	struct span span = find_section(m, "# ", command_table[action].word);

	if (span.from >= m->cnt) {
		fprintf(stderr, "manual: there is no section of %s\n", command_table[action].word);
		return -1;
	}
	span.from += m->lines[span.from][0] == '\n';
	for (size_t i = span.from; i < span.to;) {
		if (begins_entry(m->lines[i]))
			i = end_of_entry(m, i, span.to);
		else if (begins_status(m->lines[i]))
			i = end_of_paragraph(m, i, span.to);
		else
			print_line(m, m->lines[i++]);
	}
	return 0;
}

int manual__print_statuses(const struct manual *m, enum action action)
{
	struct span span = find_section(m, "# ", command_table[action].word);

	for (size_t i = span.from; i < span.to; i++) {
		if (!begins_status(m->lines[i]))
			continue;
		print_line(m, m->lines[i] + strlen(STATUS));
		print_span(m, (struct span){i + 1, end_of_paragraph(m, i, span.to)});
		return 0;
	}
	if (command_table[action].statuses) {
		printf("%s\n", command_table[action].statuses);
		return 0;
	}
	fprintf(stderr, "manual: no exit status of %s\n", command_table[action].word);
	return -1;
}

/* ---- options ---- */

static bool names_option(const char *line, const struct option_row *option)
{
	char form[64];
	const char *at;

	snprintf(form, sizeof(form), "*--%s*", option->name);
	at = strstr(line, form);
	return at && begins_entry(line);
}

/* Its entry below some heading, but not one that only says that it is told elsewhere. 0: there is none. */
static size_t find_entry(const struct manual *m, struct span span, const struct option_row *option)
{
	for (size_t i = span.from; i < span.to; i++)
		if (names_option(m->lines[i], option) &&
		    strncmp(m->lines[i + 1], "\tAs for", strlen("\tAs for")))
			return i;
	return 0;
}

/* In the command's section first, then below the heading of its name among the options, then among all options. */
static size_t find_best_entry(const struct manual *m, enum action action,
			      const struct option_row *option)
{
	const char *word = command_table[action].word;
	size_t at = find_entry(m, find_section(m, "# ", word), option);

	at = at ? at : find_entry(m, find_section(m, "## ", word), option);
	return at ? at : find_entry(m, find_section(m, "# ", "OPTIONS"), option);
}

int manual__print_options(const struct manual *m, enum action action)
{
	bool *printed = calloc(m->cnt, sizeof(*printed));
	int err = printed ? 0 : -1;

	for (size_t i = 0; !err && i < option_cnt; i++) {
		size_t at;

		if (!(option_table[i].actions & ACTION_BIT(action)))
			continue;
		at = find_best_entry(m, action, &option_table[i]);
		if (!at) {
			fprintf(stderr, "manual: nothing says what --%s is\n",
				option_table[i].name);
			err = -1;
		} else if (!printed[at]) {
			print_span(m, (struct span){at, end_of_entry(m, at, m->cnt)});
			printed[at] = true;
		}
	}
	free(printed);
	return err;
}
