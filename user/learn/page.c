// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "learn/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "learn/wrap.h"

#define FENCE "```"

struct page {
	const struct page_reader *reader;
	const struct terminal *terminal;
	FILE *out;
	bool in_block;   /* of code */
	bool skip_block; /* the next one, or the one that this line is in */
	bool was_empty;  /* the last line that was written */
};

/* "<!--run NAME-->" with word "run": the NAME, which ends in line itself. NULL: it is another line. */
static char *find_mark(char *line, const char *word)
{
	size_t length = strlen(word);
	char *end = strstr(line, "-->");

	if (strncmp(line, "<!--", 4) || strncmp(line + 4, word, length) || !end || end[3])
		return NULL;
	*end = '\0';
	return line + 4 + length;
}

static bool is_verbatim(const struct page *p, const char *line)
{
	return p->in_block || *line == '|' || !strncmp(line, "    ", 4);
}

static int fence(struct page *p)
{
	if (p->in_block)
		p->skip_block = false;
	p->in_block = !p->in_block;
	return 0;
}

static int text(struct page *p, const char *line)
{
	/* Where something is left out there would be two. */
	if (!*line && p->was_empty)
		return 0;
	p->was_empty = !*line;
	return is_verbatim(p, line) ? wrap__print_verbatim(p->out, p->terminal, line)
				    : wrap__print(p->out, p->terminal, line);
}

static int take_line(struct page *p, char *line)
{
	const struct page_reader *r = p->reader;
	char *name;

	if (!strncmp(line, FENCE, strlen(FENCE)))
		return fence(p);
	if (p->in_block)
		return p->skip_block ? 0 : text(p, line);
	if ((name = find_mark(line, "run "))) {
		p->skip_block = true;
		p->was_empty = true;
		return r->run(r->context, name);
	}
	if (find_mark(line, "pause"))
		return r->pause(r->context);
	if (find_mark(line, "picture ")) {
		p->skip_block = !r->shows_pictures;
		return 0;
	}
	if ((name = find_mark(line, "drawing "))) {
		p->skip_block = r->draw && r->draw(r->context, name);
		return 0;
	}
	/* A remark for who edits it. */
	return strncmp(line, "<!--", 4) ? text(p, line) : 0;
}

int page__show(const char *path, const struct page_reader *reader, FILE *out,
	       const struct terminal *terminal, struct error *error)
{
	struct page page = {.reader = reader, .terminal = terminal, .out = out, .was_empty = true};
	FILE *in = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	int err = 0;

	if (!in)
		return error__set(error, FAULT_INPUT, -errno, "cannot read %s: %s", path,
				  strerror(errno));
	while (!err && (length = getline(&line, &size, in)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		err = take_line(&page, line);
	}
	free(line);
	fclose(in);
	return err;
}
