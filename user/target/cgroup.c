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

/*
 * The directories with a name that is meant, the outermost of those inside of each other. Returns how many; *path has
 * the first.
 */
static size_t search(char **path, const char *mount,
		     bool (*is_meant)(const char *name, const char *what), const char *what)
{
	char *roots[] = {(char *)mount, NULL};
	/* cppcheck-suppress nullPointer ; in any order: fts(3) allows it */
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	size_t cnt = 0;
	FTSENT *entry;

	while (tree && (entry = fts_read(tree))) {
		if (entry->fts_info != FTS_D || !entry->fts_level ||
		    !is_meant(entry->fts_name, what))
			continue;
		fts_set(tree, entry, FTS_SKIP);
		if (!cnt++)
			*path = strdup(entry->fts_path);
	}
	if (tree)
		fts_close(tree);
	return cnt;
}

static bool has_unit_file(const char *unit)
{
	static const char *const directories[] = {"/etc/systemd/system", "/run/systemd/system",
						  "/usr/lib/systemd/system", "/lib/systemd/system"};
	char path[512];

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", directories[i], unit);
		if (!access(path, F_OK))
			return true;
	}
	return false;
}

static int find_unit(char **path, const char *mount, const char *name, struct error *error)
{
	char unit[256];

	snprintf(unit, sizeof(unit), "%s%s", name, strchr(name, '.') ? "" : ".service");
	if (search(path, mount, is_unit, unit))
		return *path ? 0 : -ENOMEM;
	if (has_unit_file(unit))
		return error__set(error, FAULT_INPUT, -ESRCH,
				  "the unit %s is not running (systemctl start %s)", unit, unit);
	return error__set(error, FAULT_INPUT, -ENOENT,
			  "there is no unit %s (systemctl list-units --type=service)", unit);
}

/* A few characters may be the beginning of anything. */
#define ID_LEAST 6

static int find_container(char **path, const char *mount, const char *id, struct error *error)
{
	size_t cnt, digits = 0;

	while (isxdigit((unsigned char)id[digits]))
		digits++;
	if (id[digits] || digits < ID_LEAST)
		return error__set(error, FAULT_INPUT, -EINVAL,
				  "--container wants at least %d digits of the container's ID "
				  "(docker ps, podman ps), not '%s'",
				  ID_LEAST, id);
	cnt = search(path, mount, cgroup__is_container, id);
	if (cnt == 1)
		return *path ? 0 : -ENOMEM;
	if (cnt)
		return error__set(error, FAULT_INPUT, -EINVAL,
				  "%zu containers have an ID that begins with %s: give more of it",
				  cnt, id);
	return error__set(error, FAULT_INPUT, -ESRCH,
			  "there is no running container whose ID begins with %s", id);
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
	if (whom->unit)
		return find_unit(path, mount, whom->unit, error);
	if (whom->container)
		return find_container(path, mount, whom->container, error);
	return find_path(path, mount, whom->cgroup, error);
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
