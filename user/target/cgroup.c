// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "target/cgroup.h"

#include <ctype.h>
#include <errno.h>
#include <fts.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target/unit.h"

#define MOUNTS "/proc/self/mounts"

/* Where the second version is mounted, "" where it is not: the only one that the kernel side can ask about. */
static void find_mount(char *path, size_t size)
{
	FILE *f = setmntent(MOUNTS, "re");
	struct mntent *m;

	*path = '\0';
	while (f && !*path && (m = getmntent(f)))
		if (!strcmp(m->mnt_type, "cgroup2"))
			snprintf(path, size, "%s", m->mnt_dir);
	if (f)
		endmntent(f);
}

static bool is_cgroup(const char *path)
{
	char procs[4096];

	return snprintf(procs, sizeof(procs), "%s/cgroup.procs", path) < (int)sizeof(procs) &&
	       !access(procs, F_OK);
}

/* ---- by path ---- */

static int find_path(char **path, const char *mount, const char *name, struct error *error)
{
	char below[4096];

	snprintf(below, sizeof(below), "%s%s%s", mount, *name == '/' ? "" : "/", name);
	if (is_cgroup(below))
		*path = strdup(below);
	else if (!strncmp(name, mount, strlen(mount)) && is_cgroup(name))
		*path = strdup(name);
	else
		return error__set(error, FAULT_INPUT, -ENOENT,
				  "there is no cgroup %s below %s (/proc/PID/cgroup has that of a "
				  "process)",
				  name, mount);
	return *path ? 0 : -ENOMEM;
}

/* ---- by name ---- */

bool cgroup__is_container(const char *name, const char *id)
{
	size_t len = strlen(id);
	const char *dash;

	if (strstr(name, "conmon"))
		return false;
	if (!strncmp(name, id, len))
		return true;
	dash = strrchr(name, '-');
	return dash && !strncmp(dash + 1, id, len);
}

static bool is_unit(const char *name, const char *unit)
{
	return !strcmp(name, unit);
}

/* Of "web.service": web@one.service. */
static bool is_instance(const char *name, const char *unit)
{
	size_t stem = strrchr(unit, '.') - unit, len = strlen(name), type = strlen(unit + stem);

	return len > stem + type && !strncmp(name, unit, stem) && name[stem] == '@' &&
	       !strcmp(name + len - type, unit + stem);
}

struct search {
	bool (*is_meant)(const char *name, const char *what);
	const char *what;
	char *path;     /* of the outermost, the first of them; owned by the caller */
	size_t cnt;     /* all, but for those inside of each other */
	size_t nearest; /* of them as far out as that one */
	bool no_memory;
};

static void note(struct search *s, const FTSENT *entry, short *level)
{
	s->cnt++;
	if (s->path && entry->fts_level > *level)
		return;
	if (s->path && entry->fts_level == *level) {
		s->nearest++;
		return;
	}
	free(s->path);
	s->path = strdup(entry->fts_path);
	s->no_memory |= !s->path;
	s->nearest = 1;
	*level = entry->fts_level;
}

/* The directories with a name that is meant. Returns how many. */
static size_t search(struct search *s, const char *mount)
{
	char *roots[] = {(char *)mount, NULL};
	/* cppcheck-suppress nullPointer ; in any order: fts(3) allows it */
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	short level = 0;
	FTSENT *entry;

	while (tree && (entry = fts_read(tree))) {
		if (entry->fts_info != FTS_D || !entry->fts_level ||
		    !s->is_meant(entry->fts_name, s->what))
			continue;
		fts_set(tree, entry, FTS_SKIP);
		note(s, entry, &level);
	}
	if (tree)
		fts_close(tree);
	return s->cnt;
}

/* Gives the path away, or drops it. */
static int take_path(struct search *s, char **path)
{
	*path = s->path;
	return s->no_memory ? -ENOMEM : 0;
}

/* A system in a container may have a unit of the same name: who is outside of it means that of the host. */
static int take_outermost(struct search *s, char **path, struct error *error)
{
	int err;

	if (s->nearest == 1 || s->no_memory)
		return take_path(s, path);
	err = error__set(error, FAULT_INPUT, -EINVAL,
			 "%zu cgroups have the name %s, %s is one: name that of yours by --cgroup",
			 s->nearest, s->what, s->path);
	free(s->path);
	return err;
}

/* Some are there to start others only: postgresql.service has no process, postgresql@15-main.service has. */
static int refuse_unit(const char *mount, const char *unit, struct error *error)
{
	struct search instance = {.is_meant = is_instance, .what = unit};
	int err;

	if (search(&instance, mount) && instance.path)
		err = error__set(error, FAULT_INPUT, -ESRCH,
				 "nobody runs in the unit %s, but %s does: name that", unit,
				 strrchr(instance.path, '/') + 1);
	else if (unit__is_installed("", unit))
		err = error__set(error, FAULT_INPUT, -ESRCH,
				 "the unit %s is not running (systemctl start %s)", unit, unit);
	else
		err = error__set(error, FAULT_INPUT, -ENOENT,
				 "there is no unit %s (systemctl list-units --type=service)", unit);
	free(instance.path);
	return err;
}

static int find_unit(char **path, const char *mount, const char *name, struct error *error)
{
	char unit[UNIT_NAME_SIZE], real[UNIT_NAME_SIZE];
	struct search by_name = {.is_meant = is_unit, .what = unit},
		      by_alias = {.is_meant = is_unit, .what = real};

	if (!unit__complete(unit, name))
		return error__set(error, FAULT_INPUT, -ENAMETOOLONG,
				  "no unit has a name as long as that");
	if (search(&by_name, mount))
		return take_outermost(&by_name, path, error);
	unit__resolve(real, "", unit);
	if (strcmp(unit, real) && search(&by_alias, mount))
		return take_outermost(&by_alias, path, error);
	return refuse_unit(mount, real, error);
}

/* A few characters may be the beginning of anything. */
#define ID_LEAST 6

static int find_container(char **path, const char *mount, const char *id, struct error *error)
{
	struct search s = {.is_meant = cgroup__is_container, .what = id};
	size_t digits = 0;

	while (isxdigit((unsigned char)id[digits]))
		digits++;
	if (id[digits] || digits < ID_LEAST)
		return error__set(error, FAULT_INPUT, -EINVAL,
				  "--container wants at least %d digits of the container's ID "
				  "(docker ps, podman ps), not '%s'",
				  ID_LEAST, id);
	if (search(&s, mount) == 1)
		return take_path(&s, path);
	free(s.path);
	if (s.cnt)
		return error__set(error, FAULT_INPUT, -EINVAL,
				  "%zu containers have an ID that begins with %s: give more of it",
				  s.cnt, id);
	return error__set(error, FAULT_INPUT, -ESRCH,
			  "there is no running container whose ID begins with %s", id);
}

int cgroup__find_below(char **path, const char *mount, const struct whom *whom, struct error *error)
{
	*path = NULL;
	if (whom->unit)
		return find_unit(path, mount, whom->unit, error);
	if (whom->container)
		return find_container(path, mount, whom->container, error);
	return find_path(path, mount, whom->cgroup, error);
}

int cgroup__find(char **path, const struct whom *whom, struct error *error)
{
	char mount[512];

	*path = NULL;
	find_mount(mount, sizeof(mount));
	if (!*mount)
		return error__set(
			error, FAULT_SYSTEM, -EOPNOTSUPP,
			"cgroups of version 2 are not mounted here (mount -t cgroup2 none "
			"/sys/fs/cgroup): name the server by -p or --port");
	return cgroup__find_below(path, mount, whom, error);
}

/* ---- who is there ---- */

static int read_procs(struct targets *targets, const char *directory)
{
	char path[4096];
	int pid, err = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	f = fopen(path, "re");
	/* 0 stands for one of another PID namespace. */
	while (f && !err && fscanf(f, "%d", &pid) == 1)
		err = pid > 0 ? targets__add(targets, pid) : 0;
	if (f)
		fclose(f);
	return err;
}

int cgroup__read(struct targets *targets, const char *path)
{
	char *roots[] = {(char *)path, NULL};
	/* cppcheck-suppress nullPointer ; in any order: fts(3) allows it */
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	FTSENT *entry;
	int err = tree ? 0 : -errno;

	while (tree && !err && (entry = fts_read(tree)))
		if (entry->fts_info == FTS_D)
			err = read_procs(targets, entry->fts_path);
	if (tree)
		fts_close(tree);
	return err;
}
