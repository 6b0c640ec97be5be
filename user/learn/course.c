// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "learn/course.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/beside.h"

static int is_lesson(const struct dirent *entry)
{
	return strspn(entry->d_name, "0123456789") == 2 && entry->d_name[2] == '-';
}

static int find(char *path, size_t size, struct error *error)
{
	static const char *const places[] = {"../docs/lessons", "../share/herdtrace/lessons", NULL};

	if (beside__find(path, size, places))
		return 0;
	return error__set(error, FAULT_INPUT, -ENOENT,
			  "cannot find the lessons; 'make install' puts them in share/herdtrace");
}

int course__load(struct course *c, struct error *error)
{
	char directory[PATH_MAX + 64];
	struct dirent **entries;
	int cnt, err = find(directory, sizeof(directory), error);

	if (err)
		return err;
	cnt = scandir(directory, &entries, is_lesson, alphasort);
	if (cnt < 0)
		return error__set(error, FAULT_INPUT, -errno, "cannot read %s: %s", directory,
				  strerror(errno));
	for (int i = 0; i < cnt; i++) {
		struct lesson *l = err ? NULL : vector_add(&c->lessons);

		if (l)
			err = lesson__load(l, directory, entries[i]->d_name, error);
		else if (!err)
			err = error__set(error, FAULT_DATA, -ENOMEM, "out of memory");
		free(entries[i]);
	}
	free(entries);
	return err;
}

void course__free(struct course *c)
{
	for (size_t i = 0; i < c->lessons.cnt; i++)
		lesson__free(&c->lessons.at[i]);
	free(c->lessons.at);
	*c = (struct course){0};
}

const struct lesson *course__find(const struct course *c, const char *which)
{
	char *end;
	long number = strtol(which, &end, 10);

	if (end != which && !*end)
		return number >= 1 && (size_t)number <= c->lessons.cnt ? &c->lessons.at[number - 1]
								       : NULL;
	for (size_t i = 0; i < c->lessons.cnt; i++) {
		const char *name = c->lessons.at[i].name;

		if (!strcmp(name, which) || !strcmp(name + 3, which))
			return &c->lessons.at[i];
	}
	return NULL;
}

unsigned course__language(void)
{
	/* As gettext goes by them. */
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *locale = NULL;

	for (size_t i = 0; i < 3 && (!locale || !*locale); i++)
		locale = getenv(names[i]);
	for (unsigned i = 0; locale && i < LESSON_LANGUAGES; i++)
		if (!strncmp(locale, lesson_languages[i], 2))
			return i;
	return 0;
}
