/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The oracle's half that has the kernel trace: an instance of tracefs. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oracle.h"

#define COMM_MAX 15
/* Of each CPU. A wake takes some 400 bytes, most of them its stack. */
#define BUFFER_KB "8192"

struct oracle {
	char path[PATH_MAX];
	int dir; /* of the instance */
};

static int write_text(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CLOEXEC);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static FILE *open_text(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	FILE *file;

	if (fd < 0)
		return NULL;
	file = fdopen(fd, "re");
	if (!file)
		close(fd);
	return file;
}

/* An instance inherits its options, some of which change the text beyond recognition. */
static int set_options(int dir)
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
		int err = write_text(dir, "trace_options", plain[i]);

		if (err && err != -EINVAL) /* this kernel has no such option */
			return err;
	}
	return write_text(dir, "trace_options", "stacktrace");
}

static int make_instance(char *path, size_t size)
{
	static const char *const roots[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	int err = -ENOENT;

	for (size_t i = 0; i < sizeof(roots) / sizeof(*roots); i++) {
		/* Another oracle of this process, or what an earlier one left behind, is no
		 * reason to give up. */
		for (int try = 0; try < 100; try++) {
			snprintf(path, size, "%s/instances/herdtrace-oracle-%d-%d", roots[i],
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

static int prepare_instance(struct oracle *oracle)
{
	int err;

	oracle->dir = open(oracle->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (oracle->dir < 0)
		return -errno;
	err = write_text(oracle->dir, "tracing_on", "0");
	if (!err)
		err = write_text(oracle->dir, "trace_clock", "mono");
	if (!err)
		err = set_options(oracle->dir);
	if (!err)
		err = write_text(oracle->dir, "buffer_size_kb", BUFFER_KB);
	return err;
}

struct oracle *oracle__new(void)
{
	struct oracle *oracle = calloc(1, sizeof(*oracle));
	int err;

	if (!oracle)
		return NULL;
	oracle->dir = -1;
	err = make_instance(oracle->path, sizeof(oracle->path));
	if (err) {
		free(oracle);
		errno = -err;
		return NULL;
	}
	err = prepare_instance(oracle);
	if (err) {
		oracle__free(oracle);
		errno = -err;
		return NULL;
	}
	return oracle;
}

void oracle__free(struct oracle *oracle)
{
	if (!oracle)
		return;
	if (oracle->dir >= 0)
		close(oracle->dir);
	rmdir(oracle->path);
	free(oracle);
}

/* The event's own field hides the waker's name, which a filter calls comm as well. */
static int set_filter(int dir, const char *comm)
{
	char filter[COMM_MAX + sizeof("comm == \"\"")];

	if (!comm)
		return write_text(dir, "events/sched/sched_waking/filter", "0");
	for (const char *at = comm; *at; at++)
		if (*at == '"' || (unsigned char)*at < ' ')
			return -EINVAL;
	snprintf(filter, sizeof(filter), "comm %s \"%.*s\"",
		 strchr(comm, '*') ? "~" : "==", COMM_MAX, comm);
	return write_text(dir, "events/sched/sched_waking/filter", filter);
}

static int clear_buffer(int dir)
{
	int fd = openat(dir, "trace", O_WRONLY | O_TRUNC | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int oracle__start(struct oracle *oracle, const char *comm)
{
	int err = set_filter(oracle->dir, comm);

	if (!err)
		err = write_text(oracle->dir, "events/sched/sched_waking/enable", "1");
	if (!err)
		err = clear_buffer(oracle->dir);
	if (!err)
		err = write_text(oracle->dir, "tracing_on", "1");
	return err;
}

/* Adds to the losses of all what the buffer of one CPU did not take, or no longer had. */
static int read_losses(int dir, const char *name, struct oracle_counts counts[], size_t cnt)
{
	FILE *file = open_text(dir, name);
	char line[128];
	unsigned long long value;
	int found = 0;

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "overrun: %llu", &value) == 1 ||
		    sscanf(line, "commit overrun: %llu", &value) == 1 ||
		    sscanf(line, "dropped events: %llu", &value) == 1) {
			for (size_t i = 0; i < cnt; i++)
				counts[i].lost += value;
			found++;
		}
	fclose(file);
	return found == 3 ? 0 : -EIO;
}

static int read_cpu(int per_cpu, const char *cpu, struct oracle_counts counts[], size_t cnt)
{
	char name[NAME_MAX + sizeof("/stats")];
	FILE *file;
	int err;

	snprintf(name, sizeof(name), "%s/stats", cpu);
	err = read_losses(per_cpu, name, counts, cnt);
	if (err)
		return err;
	snprintf(name, sizeof(name), "%s/trace", cpu);
	file = open_text(per_cpu, name);
	if (!file)
		return -errno;
	err = oracle__parse(file, counts, cnt);
	fclose(file);
	return err;
}

/* CPU after CPU: an event and its stack stand together, and comments do not come between. */
static int read_buffer(int dir, struct oracle_counts counts[], size_t cnt)
{
	int err = 0, fd = openat(dir, "per_cpu", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	DIR *per_cpu;

	if (fd < 0)
		return -errno;
	per_cpu = fdopendir(fd);
	if (!per_cpu) {
		err = -errno;
		close(fd);
		return err;
	}
	while (!err && (errno = 0, entry = readdir(per_cpu)))
		if (!strncmp(entry->d_name, "cpu", strlen("cpu")))
			err = read_cpu(fd, entry->d_name, counts, cnt);
	if (!err && errno)
		err = -errno;
	closedir(per_cpu);
	return err;
}

int oracle__stop(struct oracle *oracle, struct oracle_counts counts[], size_t cnt)
{
	int err = write_text(oracle->dir, "tracing_on", "0");

	if (!err)
		err = write_text(oracle->dir, "events/sched/sched_waking/enable", "0");
	if (!err)
		err = read_buffer(oracle->dir, counts, cnt);
	return err;
}
