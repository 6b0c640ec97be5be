// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "target/epolls.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Out of memory is an error to report, not a reason to exit. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "base/clock.h"
#include "base/procfs.h"
#include "base/vector.h"

/* Of one process are looked at ... */
#define FILES_MAX 4096
/* ... and of all of them so many instances: each further one is compared with those that are known. */
#define INSTANCES_MAX 1024

struct epoll_listener {
	uint64_t handle, inode;
	UT_hash_handle hh, by_inode;
};

struct watch {
	uint64_t listener;
	struct epoll_item item;
};

struct instance {
	pid_t pid;
	int fd;
	uint32_t processes;
	pid_t last; /* of them: it may have the instance open twice */
	VECTOR(struct watch) watches;
};

struct look {
	const struct epolls *epolls;
	VECTOR(pid_t) pids;
	VECTOR(struct instance) instances;
	bool cannot_compare;
	int err;
};

/* ---- listeners ---- */

static void forget(struct epolls *e, uint64_t handle)
{
	struct epoll_listener *l;

	HASH_FIND(hh, e->by_handle, &handle, sizeof(handle), l);
	if (!l)
		return;
	HASH_DEL(e->by_handle, l);
	HASH_DELETE(by_inode, e->by_inode, l);
	free(l);
}

static void add(struct epolls *e, const struct record_listen *r)
{
	struct epoll_listener *l, *other;

	forget(e, r->listener);
	HASH_FIND(by_inode, e->by_inode, &r->inode, sizeof(r->inode), other);
	if (other)
		forget(e, other->handle);
	l = calloc(1, sizeof(*l));
	if (!l)
		return;
	l->handle = r->listener;
	l->inode = r->inode;
	HASH_ADD(hh, e->by_handle, handle, sizeof(l->handle), l);
	if (!l->hh.tbl) {
		free(l);
		return;
	}
	HASH_ADD(by_inode, e->by_inode, inode, sizeof(l->inode), l);
	if (l->by_inode.tbl)
		return;
	HASH_DEL(e->by_handle, l);
	free(l);
}

int epolls__take(void *epolls, const struct record_header *record)
{
	const union record_any *r = (const union record_any *)record;

	if (record->type == RECORD_LISTEN && r->listen.inode)
		add(epolls, &r->listen);
	else if (record->type == RECORD_UNLISTEN)
		forget(epolls, r->unlisten.listener);
	return 0;
}

void epolls__free(struct epolls *e)
{
	struct epoll_listener *l, *next;

	HASH_ITER(hh, e->by_handle, l, next)
	{
		forget(e, l->handle);
	}
}

/* ---- one instance ---- */

/* "tfd: 3 events: 19 data: 3 pos:0 ino:1a2b sdev:8" (fs/eventpoll.c) */
bool epolls__parse_item(const char *line, struct epoll_item *item)
{
	return sscanf(line, "tfd: %" SCNu32 " events: %" SCNx32 " data: %*x pos:%*d ino:%" SCNx64,
		      &item->fd, &item->events, &item->inode) == 3;
}

static int note_item(struct look *l, struct instance *instance, const struct epoll_item *item)
{
	struct epoll_listener *listener;
	struct watch *watch;

	HASH_FIND(by_inode, l->epolls->by_inode, &item->inode, sizeof(item->inode), listener);
	if (!listener)
		return 0;
	watch = vector_add(&instance->watches);
	if (!watch)
		return -ENOMEM;
	*watch = (struct watch){listener->handle, *item};
	return 0;
}

static int read_items(struct look *l, struct instance *instance)
{
	struct epoll_item item;
	char path[64], line[256];
	int err = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", procfs__living_thread(instance->pid),
		 instance->fd);
	f = fopen(path, "re");
	while (f && !err && fgets(line, sizeof(line), f))
		if (epolls__parse_item(line, &item))
			err = note_item(l, instance, &item);
	if (f)
		fclose(f);
	return err;
}

/* As kcmp() says it: 0 the same, 1 and 2 the known one comes before or after it; negative: not known. */
static long compare(struct look *l, const struct instance *known, pid_t pid, int fd)
{
	long order = l->cannot_compare
			     ? -1
			     : syscall(SYS_kcmp, known->pid, pid, KCMP_FILE, known->fd, fd);

	/* One of them may have ended. */
	if (order < 0 && errno != ESRCH && errno != EBADF)
		l->cannot_compare = true;
	return order;
}

/*
 * Instances are in the order that kcmp() has for them, as thousands of workers may have one each. Where it is, or
 * belongs; where that cannot be told, each process has its own.
 */
static size_t find_instance(struct look *l, pid_t pid, int fd, bool *found)
{
	size_t from = 0, to = l->instances.cnt;

	*found = false;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		long order = compare(l, &l->instances.at[middle], pid, fd);

		*found = order == 0;
		if (*found)
			return middle;
		if (order == 1)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

static struct instance *insert_instance(struct look *l, size_t at)
{
	size_t after = l->instances.cnt - at;
	struct instance *last = vector_add(&l->instances);

	if (!last)
		return NULL;
	memmove(&l->instances.at[at + 1], &l->instances.at[at], after * sizeof(*l->instances.at));
	l->instances.at[at] = (struct instance){0};
	return &l->instances.at[at];
}

static int note_instance(struct look *l, pid_t pid, int fd)
{
	struct instance *instance;
	bool found;
	size_t at = find_instance(l, pid, fd, &found);
	int err = 0;

	if (!found && l->instances.cnt == INSTANCES_MAX)
		return 0;
	instance = found ? &l->instances.at[at] : insert_instance(l, at);
	if (!instance)
		return -ENOMEM;
	if (!found) {
		instance->pid = pid;
		instance->fd = fd;
		err = read_items(l, instance);
	}
	instance->processes += instance->last != pid;
	instance->last = pid;
	return err;
}

/* ---- all of them ---- */

static bool is_instance(int directory, const char *name)
{
	static const char what[] = "anon_inode:[eventpoll]";
	char link[sizeof(what)];

	return isdigit(*name) &&
	       readlinkat(directory, name, link, sizeof(link)) == sizeof(what) - 1 &&
	       !memcmp(link, what, sizeof(what) - 1);
}

/* Who is gone has none. */
static int look_at_process(struct look *l, pid_t pid)
{
	struct dirent *entry;
	char path[64];
	int err = 0, cnt = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", procfs__living_thread(pid));
	dir = opendir(path);
	while (dir && !err && cnt++ < FILES_MAX && (entry = readdir(dir)))
		if (is_instance(dirfd(dir), entry->d_name))
			err = note_instance(l, pid, atoi(entry->d_name));
	if (dir)
		closedir(dir);
	return err;
}

static void add_process(void *look, uint32_t tid, uint32_t tgid, bool is_woken)
{
	struct look *l = look;
	pid_t *slot = tid == tgid ? vector_add(&l->pids) : NULL;

	(void)is_woken;
	if (slot)
		*slot = tid;
	else if (tid == tgid)
		l->err = -ENOMEM;
}

static int by_number(const void *a, const void *b)
{
	return *(const pid_t *)a - *(const pid_t *)b;
}

static int by_owner(const void *a, const void *b)
{
	const struct instance *left = a, *right = b;

	return left->pid == right->pid ? left->fd - right->fd : left->pid - right->pid;
}

static int tell(const struct look *l, const struct instance *instance, struct stream *stream)
{
	struct record_epoll r = {
		.header = {.type = RECORD_EPOLL, .len = sizeof(r), .tid = instance->pid},
		.fd = instance->fd,
		.processes = l->cannot_compare ? 0 : instance->processes,
	};
	int err = 0;

	for (size_t i = 0; i < instance->watches.cnt && !err; i++) {
		const struct watch *watch = &instance->watches.at[i];

		r.header.time_ns = clock__now_ns();
		r.listener = watch->listener;
		r.watched = watch->item.fd;
		r.events = watch->item.events;
		err = stream__push(stream, &r, sizeof(r));
	}
	return err;
}

int epolls__tell(struct epolls *epolls, struct stream *stream, const struct model *model)
{
	struct look l = {.epolls = epolls};
	int err;

	if (!epolls->by_inode)
		return 0;
	model__each_task(model, add_process, &l);
	if (l.pids.cnt)
		qsort(l.pids.at, l.pids.cnt, sizeof(*l.pids.at), by_number);
	err = l.err;
	for (size_t i = 0; i < l.pids.cnt && !err; i++)
		err = look_at_process(&l, l.pids.at[i]);
	if (l.instances.cnt)
		qsort(l.instances.at, l.instances.cnt, sizeof(*l.instances.at), by_owner);
	for (size_t i = 0; i < l.instances.cnt && !err; i++)
		err = tell(&l, &l.instances.at[i], stream);
	for (size_t i = 0; i < l.instances.cnt; i++)
		free(l.instances.at[i].watches.at);
	free(l.instances.at);
	free(l.pids.at);
	return err;
}
