// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* What /proc says of tasks and listeners that no hook tells: where they are, and in which epoll instances. */
#include <errno.h>
#include <string.h>

#include "base/cgpath.h"
#include "model/state.h"

/* Who has ended since is of no interest. */
int model__add_place(struct model *m, const struct record_place *r)
{
	char unit[CGPATH_NAME_SIZE], container[CGPATH_NAME_SIZE];
	struct model_task *t = model__find_task(m, r->header.tid);
	bool has_name;
	char *path;

	if (!t)
		return 0;
	path = strndup((const char *)(r + 1), r->text_len);
	if (!path)
		return -ENOMEM;
	t->ns_pid = r->ns_pid;
	t->ns_tid = r->ns_tid;
	t->place = 0;
	has_name = cgpath__unit(path, unit);
	has_name |= cgpath__container(path, container);
	/* Of a path that names neither, that is all. */
	if (has_name)
		t->place = totals__place(&m->totals, unit, container);
	free(path);
	model__place_worker(m, t);
	return 0;
}

int model__add_epoll(struct model *m, const struct record_epoll *r)
{
	const struct model_listener *l = model__find_listener(m, r->listener);
	struct report_epoll epoll = {
		.pid = r->header.tid,
		.fd = r->fd,
		.watched = r->watched,
		.events = r->events,
		.processes = r->processes,
	};

	return l ? totals__note_epoll(&m->totals.listeners[l->index], &epoll) : 0;
}
