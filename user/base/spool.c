// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct spool {
	size_t memory; /* bytes, until a file is made */
	char *bytes;   /* NULL once there is one */
	size_t capacity;
	uint64_t size;
	int fd; /* of the file, -1: none yet */
};

struct spool *spool__new(size_t memory)
{
	struct spool *s = calloc(1, sizeof(*s));

	if (s) {
		s->memory = memory;
		s->fd = -1;
	}
	return s;
}

void spool__free(struct spool *s)
{
	if (!s)
		return;
	free(s->bytes);
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

uint64_t spool__size(const struct spool *s)
{
	return s->size;
}

/* ---- the file ---- */

static int open_unnamed(void)
{
	const char *directory = getenv("TMPDIR");
	char path[4096];
	int fd;

	if (!directory || !*directory)
		directory = "/tmp";
	fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
		return fd < 0 ? -errno : fd;
	/* A file system that has no such files. */
	if (snprintf(path, sizeof(path), "%s/herdtrace.XXXXXX", directory) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	unlink(path);
	return fd;
}

static int write_at(int fd, uint64_t offset, const char *bytes, size_t len)
{
	while (len) {
		ssize_t put = pwrite(fd, bytes, len, (off_t)offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		bytes += put;
		offset += put;
		len -= put;
	}
	return 0;
}

static int read_at(int fd, uint64_t offset, char *bytes, size_t len)
{
	while (len) {
		ssize_t got = pread(fd, bytes, len, (off_t)offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -ENODATA;
		bytes += got;
		offset += got;
		len -= got;
	}
	return 0;
}

/* What is in memory goes into a file. */
static int spill(struct spool *s)
{
	int fd = open_unnamed();
	int err = fd < 0 ? fd : write_at(fd, 0, s->bytes, s->size);

	if (err) {
		if (fd >= 0)
			close(fd);
		return err;
	}
	free(s->bytes);
	s->bytes = NULL;
	s->fd = fd;
	return 0;
}

/* ---- memory ---- */

static int grow(struct spool *s, size_t size)
{
	size_t capacity = s->capacity ? s->capacity : 4096;
	char *larger;

	while (capacity < size)
		capacity *= 2;
	if (capacity == s->capacity)
		return 0;
	larger = realloc(s->bytes, capacity);
	if (!larger)
		return -ENOMEM;
	memset(larger + s->capacity, 0, capacity - s->capacity);
	s->bytes = larger;
	s->capacity = capacity;
	return 0;
}

/* ---- both ---- */

int spool__put(struct spool *s, uint64_t offset, const void *bytes, size_t len)
{
	uint64_t end = offset + len;
	int err = 0;

	if (s->fd < 0 && end > s->memory)
		err = spill(s);
	else if (s->fd < 0)
		err = grow(s, end);
	if (err)
		return err;
	if (s->fd >= 0)
		err = write_at(s->fd, offset, bytes, len);
	else
		memcpy(s->bytes + offset, bytes, len);
	if (!err && end > s->size)
		s->size = end;
	return err;
}

int spool__get(const struct spool *s, uint64_t offset, void *bytes, size_t len)
{
	if (offset + len > s->size)
		return -ENODATA;
	if (s->fd >= 0)
		return read_at(s->fd, offset, bytes, len);
	memcpy(bytes, s->bytes + offset, len);
	return 0;
}
