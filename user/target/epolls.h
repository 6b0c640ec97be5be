/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Which epoll instances watch the traced listeners, with which flags: what /proc/PID/fdinfo says now. */
#ifndef HERDTRACE_TARGET_EPOLLS_H
#define HERDTRACE_TARGET_EPOLLS_H

#include <stdbool.h>
#include <stdint.h>

#include "model/model.h"
#include "record/stream.h"

/* The listeners that are open, by the numbers of their inodes. */
struct epolls {
	struct epoll_listener *by_handle, *by_inode;
};

/* A sink. It never fails: without memory a listener is not looked for. */
int epolls__take(void *epolls, const struct record_header *record);

/*
 * Looks through the processes of a model; an EPOLL record for each listener that an instance watches. Of a process with
 * thousands of files the first ones are looked at: instances are made early. Returns 0 or negative errno.
 */
int epolls__tell(struct epolls *epolls, struct stream *stream, const struct model *model);

void epolls__free(struct epolls *epolls);

/* What one line of fdinfo says of a file that is watched. */
struct epoll_item {
	uint32_t fd, events;
	uint64_t inode;
};

/* False: it is about something else. */
bool epolls__parse_item(const char *line, struct epoll_item *item);

#endif
