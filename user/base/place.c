// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/place.h"

#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as the kernel has it */

bool place__is_one_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* "." where it names none. NULL: no memory. */
static char *directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return strdup(".");
	return slash == path ? strdup("/") : strndup(path, slash - path);
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* A link of /proc/PID/fd leads to a file that somebody has open, whatever it says. */
static bool is_on_proc(const char *path)
{
	char *directory = directory_of(path);
	struct statfs fs;
	bool is = directory && !statfs(directory, &fs) && fs.f_type == PROC_SUPER_MAGIC;

	free(directory);
	return is;
}

/* From a link, which it frees, to what that names. NULL: no memory. */
static char *step(char *link, const char *target)
{
	char *directory = directory_of(link), *next = NULL;

	if (*target == '/')
		next = strdup(target);
	else if (!directory || asprintf(&next, "%s/%s", directory, target) < 0)
		next = NULL;
	free(directory);
	free(link);
	return next;
}

/* NULL: no memory. */
static char *follow(const char *name)
{
	char *at = strdup(name), target[PATH_MAX];

	for (int i = 0; at && i < LINKS_MAX; i++) {
		ssize_t len = is_on_proc(at) ? -1 : readlink(at, target, sizeof(target) - 1);

		if (len < 0)
			break;
		target[len] = '\0';
		at = step(at, target);
	}
	return at;
}

static int own_descriptor(const char *path)
{
	char *directory = directory_of(path), *end;
	long fd = strtol(base_of(path), &end, 10);
	struct stat it, ours;
	bool is = directory && !stat(directory, &it) && !stat("/proc/self/fd", &ours) &&
		  place__is_one_file(&it, &ours) && end != base_of(path) && !*end;

	free(directory);
	return is && fd >= 0 && fd <= INT_MAX ? (int)fd : -1;
}

int place__find(struct place *p, const char *name)
{
	*p = (struct place){.exists = true};
	/* The kernel follows the links first: it may forbid that. */
	if (stat(name, &p->there)) {
		if (errno != ENOENT)
			return -errno;
		p->exists = false;
	}
	p->path = follow(name);
	if (!p->path)
		return -ENOMEM;
	p->own_fd = own_descriptor(p->path);
	p->is_file = *base_of(p->path) && !is_on_proc(p->path) &&
		     (!p->exists || S_ISREG(p->there.st_mode));
	return 0;
}

void place__free(struct place *p)
{
	free(p->path);
	p->path = NULL;
}
