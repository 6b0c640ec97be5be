/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tracefs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of each CPU. A wake takes some 400 bytes, most of them its stack. */
#define BUFFER_KB 8192

static unsigned buffer_kb = BUFFER_KB;

void tracefs__set_buffer_kb(unsigned kb)
{
	buffer_kb = kb ? kb : BUFFER_KB;
}

int tracefs__write(const struct tracefs *t, const char *name, const char *text)
{
	int fd = openat(t->dir, name, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

FILE *tracefs__read(const struct tracefs *t, const char *name)
{
	int fd = openat(t->dir, name, O_RDONLY | O_CLOEXEC);
	FILE *file;

	if (fd < 0)
		return NULL;
	file = fdopen(fd, "re");
	if (!file)
		close(fd);
	return file;
}

/* An instance inherits its options, some of which change the text beyond recognition. */
static int set_options(const struct tracefs *t, bool stacks)
{
	static const char *const plain[] = {
		"nosym-offset",
		"nosym-addr",
		"noraw",
		"nohex",
		"nobin",
		"noblock",
		"noverbose",
		"nolatency-format",
		"nouserstacktrace",
		"noannotate",
		"nofields",
		"context-info",
	};

	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++) {
		int err = tracefs__write(t, "trace_options", plain[i]);

		if (err && err != -EINVAL) /* this kernel has no such option */
			return err;
	}
	return tracefs__write(t, "trace_options", stacks ? "stacktrace" : "nostacktrace");
}

static int make_instance(char *path, size_t size, const char *name)
{
	static const char *const roots[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	int err = -ENOENT;

	for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
		/* Another oracle of this process, or what an earlier one left behind, is no
		 * reason to give up. */
		for (int try = 0; try < 100; try++) {
			snprintf(path, size, "%s/instances/herdtrace-%s-%d-%d", roots[i], name,
				 (int)getpid(), try);
			if (!mkdir(path, 0700))
				return 0;
			err = -errno;
			if (err != -EEXIST)
				break;
		}
		if (err != -ENOENT)
			break;
	}
	return err;
}

static int prepare_instance(struct tracefs *t, bool stacks)
{
	char size[16];
	int err;

	snprintf(size, sizeof(size), "%u", buffer_kb);
	t->dir = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->dir < 0)
		return -errno;
	err = tracefs__write(t, "tracing_on", "0");
	if (!err)
		err = tracefs__write(t, "trace_clock", "mono");
	if (!err)
		err = set_options(t, stacks);
	if (!err)
		err = tracefs__write(t, "buffer_size_kb", size);
	return err;
}

int tracefs__open(struct tracefs *t, const char *name, bool stacks)
{
	int err;

	t->dir = -1;
	err = make_instance(t->path, sizeof(t->path), name);
	if (err)
		return err;
	err = prepare_instance(t, stacks);
	if (err)
		tracefs__close(t);
	return err;
}

void tracefs__close(struct tracefs *t)
{
	if (t->dir >= 0)
		close(t->dir);
	t->dir = -1;
	rmdir(t->path);
}

static int clear_buffer(const struct tracefs *t)
{
	int fd = openat(t->dir, "trace", O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* What the buffer of one CPU did not take, or no longer had; negative errno. */
static int64_t read_losses(const struct tracefs *t, const char *name)
{
	FILE *file = tracefs__read(t, name);
	unsigned long long value;
	char line[128];
	int64_t lost = 0;
	int found = 0;

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "overrun: %llu", &value) == 1 ||
		    sscanf(line, "commit overrun: %llu", &value) == 1 ||
		    sscanf(line, "dropped events: %llu", &value) == 1) {
			lost += value;
			found++;
		}
	fclose(file);
	return found == 3 ? lost : -EIO;
}

int tracefs__each_cpu(const struct tracefs *t, tracefs_visitor visit, void *arg)
{
	int err = 0, fd = openat(t->dir, "per_cpu", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *per_cpu = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!per_cpu) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		return err;
	}
	while (!err && (errno = 0, entry = readdir(per_cpu)))
		if (!strncmp(entry->d_name, "cpu", strlen("cpu")))
			err = visit(arg, t, entry->d_name);
	if (!err && errno)
		err = -errno;
	closedir(per_cpu);
	return err;
}

int64_t tracefs__lost(const struct tracefs *t, const char *cpu)
{
	char name[NAME_MAX + sizeof("per_cpu//stats")];

	snprintf(name, sizeof(name), "per_cpu/%s/stats", cpu);
	return read_losses(t, name);
}

int tracefs__begin(const struct tracefs *t)
{
	int err = clear_buffer(t);

	return err ? err : tracefs__write(t, "tracing_on", "1");
}
