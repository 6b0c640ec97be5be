/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Files in a directory that is the working directory meanwhile. To be included after cmocka.h. */
#ifndef HERDTRACE_FILES_H
#define HERDTRACE_FILES_H

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline int files__begin(void **state)
{
	static char directory[] = "/tmp/herdtrace-files.XXXXXX";

	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	*state = mkdtemp(directory);
	return !*state || chdir(*state);
}

static inline int files__remove(const char *path, const struct stat *s, int type, struct FTW *f)
{
	(void)s;
	(void)type;
	(void)f;
	return remove(path);
}

static inline int files__end(void **state)
{
	return chdir("/") || nftw(*state, files__remove, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void files__put(const char *name, const char *text)
{
	FILE *f = fopen(name, "we");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

/* What is in it; "(none)" where there is none. */
static inline const char *files__text(const char *name)
{
	static char text[256];
	FILE *f = fopen(name, "re");

	if (!f)
		return "(none)";
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

#endif
