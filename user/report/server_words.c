// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * To add a server: rows here, and in tests/unit/test_server_words.c what each says and when it does not. A name
 * is compared as a whole: nginx-exporter is no nginx.
 */
#include "report/server_words.h"

#include <fnmatch.h>
#include <string.h>

#define ANY_SOCKET   (SHAPE_TCP | SHAPE_UNIX)
#define ANY_TASKS    (SHAPE_THREADS | SHAPE_PROCESSES)
#define ANY_LISTENER (SHAPE_PLAIN | SHAPE_ALONE | SHAPE_GROUP)

#define REUSEPORT_PRICE                                                             \
	"even only in the long run; a busy worker strands its queue, and one that " \
	"closes loses it unless net.ipv4.tcp_migrate_req is set"
#define ORDER_PRICE \
	"the workers share one queue, and of those that are idle the kernel's first gets most"

#define NGINX_LISTEN  "nginx, ngx_http_core_module, listen"
#define NGINX_MUTEX   "nginx, ngx_core_module, accept_mutex"
#define GUNICORN      "gunicorn|gunicorn3|gunicorn: *"
#define GUNICORN_DOCS "gunicorn, Settings, reuse_port"
#define GUNICORN_EACH                                                               \
	"start one gunicorn for each worker, all with the same `--bind`, and each " \
	"with `--workers 1 --reuse-port`"
#define GUNICORN_PRICE "as many masters to look after; " REUSEPORT_PRICE
#define UWSGI          "uwsgi|uwsgi-core|uwsgi_*"
#define UWSGI_DOCS     "uWSGI, Serializing accept(), AKA Thundering Herd, AKA the Zeeg Problem"
#define NODE           "node|nodejs"
#define NODE_CHANGE                                                               \
	"have the primary deal connections out: `NODE_CLUSTER_SCHED_POLICY=rr`, " \
	"or `cluster.schedulingPolicy = cluster.SCHED_RR`"
#define NODE_PRICE "each connection goes through the primary and is sent on"
#define NODE_DOCS  "Node.js, Cluster, cluster.schedulingPolicy"

static const struct server_words rows[] = {
	{"nginx", "nginx", SEEN_HERD_EPOLL | SEEN_SKEW_ORDER,
	 SHAPE_TCP | SHAPE_PLAIN | SHAPE_PROCESSES, "`listen PORT reuseport;`", REUSEPORT_PRICE,
	 NGINX_LISTEN},
	{"nginx", "nginx", SEEN_HERD_EPOLL, SHAPE_UNIX | SHAPE_PLAIN | SHAPE_PROCESSES,
	 "`accept_mutex on;`",
	 "one worker waits at a time, and another one may take up to accept_mutex_delay to follow "
	 "when that is busy",
	 NGINX_MUTEX},
	{"nginx", "nginx", SEEN_SKEW_ALONE, ANY_SOCKET | SHAPE_PLAIN | SHAPE_PROCESSES,
	 "`accept_mutex off;`",
	 "a connection may wake more than one worker, where epoll has no EPOLLEXCLUSIVE",
	 NGINX_MUTEX},
	{"nginx", "nginx", SEEN_SKEW_STALL, ANY_SOCKET | SHAPE_PLAIN | SHAPE_PROCESSES,
	 "keep what blocks out of the workers: `aio threads;` for what they read from disks",
	 "threads for it, and each read is handed to one", "nginx, ngx_http_core_module, aio"},
	{"nginx", "nginx", SEEN_STRANDED, SHAPE_TCP | SHAPE_GROUP | SHAPE_PROCESSES,
	 "`listen PORT;` without reuseport, or keep what blocks out of the workers (`aio "
	 "threads;`)",
	 ORDER_PRICE, NGINX_LISTEN},
	{"gunicorn", GUNICORN, SEEN_HERD_POLL | SEEN_HERD_EPOLL | SEEN_SKEW_ORDER,
	 SHAPE_TCP | SHAPE_PLAIN | ANY_TASKS, GUNICORN_EACH, GUNICORN_PRICE, GUNICORN_DOCS},
	{"gunicorn", GUNICORN, SEEN_HERD_POLL | SEEN_HERD_EPOLL | SEEN_SKEW_ORDER,
	 SHAPE_TCP | SHAPE_ALONE | ANY_TASKS,
	 "`--reuse-port` has no effect among the workers of one master, which opens the socket for "
	 "all: " GUNICORN_EACH,
	 GUNICORN_PRICE, GUNICORN_DOCS},
	{"uwsgi", UWSGI, SEEN_HERD_EPOLL | SEEN_HERD_POLL, ANY_SOCKET | ANY_LISTENER | ANY_TASKS,
	 "`--thunder-lock`", "one worker waits at a time, and a lock is passed on each time",
	 UWSGI_DOCS},
	{"uwsgi", UWSGI, SEEN_SKEW_ALONE, ANY_SOCKET | ANY_LISTENER | SHAPE_PROCESSES,
	 "if `--thunder-lock` is set, leave it out", "each connection wakes all idle workers",
	 UWSGI_DOCS},
	{"Apache", "apache2|httpd", SEEN_HERD_EPOLL, SHAPE_TCP | SHAPE_PLAIN | SHAPE_PROCESSES,
	 "`ListenCoresBucketsRatio 1`",
	 "a listener for each CPU, with children of its own, which wake together; the hash deals "
	 "connections out, whoever is idle; a reload does not change it",
	 "Apache HTTP Server, mpm_common, ListenCoresBucketsRatio"},
	/* It sets SO_REUSEPORT on each listener, also where there is one for all threads. */
	{"haproxy", "haproxy", SEEN_HERD_EPOLL,
	 SHAPE_TCP | SHAPE_PLAIN | SHAPE_ALONE | SHAPE_THREADS, "`bind ADDRESS shards by-thread`",
	 REUSEPORT_PRICE, "HAProxy, Configuration Manual, bind, shards"},
	{"haproxy", "haproxy", SEEN_SKEW_ORDER,
	 SHAPE_TCP | SHAPE_PLAIN | SHAPE_ALONE | SHAPE_THREADS,
	 "leave it: with `tune.listener.multi-queue on`, the default, who accepts hands "
	 "connections to the other threads",
	 "none", "HAProxy, Configuration Manual, tune.listener.multi-queue"},
	{"lighttpd", "lighttpd", SEEN_HERD_EPOLL | SEEN_HERD_POLL,
	 ANY_SOCKET | ANY_LISTENER | SHAPE_PROCESSES, "`server.max-worker = 0`",
	 "one process, and so one CPU", "lighttpd, server.max-worker"},
	{"node", NODE, SEEN_HERD_EPOLL | SEEN_SKEW_ORDER,
	 ANY_SOCKET | SHAPE_PLAIN | SHAPE_ALONE | SHAPE_PROCESSES, NODE_CHANGE, NODE_PRICE,
	 NODE_DOCS},
};

/* Does one of the patterns fit? */
static bool is_called(const char *comm, const char *patterns)
{
	char one[64];

	for (const char *at = patterns; *at;) {
		size_t len = strcspn(at, "|");

		if (len < sizeof(one)) {
			memcpy(one, at, len);
			one[len] = '\0';
			if (!fnmatch(one, comm, 0))
				return true;
		}
		at += len + (at[len] == '|');
	}
	return false;
}

/* All its workers, of which there is one at least; of one that never waited the name may not be known. */
static bool are_called(const struct totals *t, const struct pool *pool, const char *patterns)
{
	bool is_one = false;

	for (const struct pool_member *m = pool->members; m; m = m->next_of_pool) {
		const char *comm = t->workers[m->key.worker].comm;

		if (comm[0] && !is_called(comm, patterns))
			return false;
		is_one = is_one || comm[0];
	}
	return is_one;
}

static unsigned shape_of(const struct totals *t, const struct pool *pool)
{
	bool is_tcp = !strcmp(t->listeners[pool->listener].protocol, "tcp");
	unsigned shape = is_tcp ? SHAPE_TCP : SHAPE_UNIX;
	uint32_t pid = pool->members ? t->workers[pool->members->key.worker].pid : 0;
	bool one_process = true;

	if (!pool->group)
		shape |= SHAPE_PLAIN;
	else
		shape |= pool->most_open < 2 ? SHAPE_ALONE : SHAPE_GROUP;
	for (const struct pool_member *m = pool->members; m; m = m->next_of_pool)
		one_process = one_process && t->workers[m->key.worker].pid == pid;
	return shape | (one_process ? SHAPE_THREADS : SHAPE_PROCESSES);
}

const struct server_words *server_words__row(size_t number)
{
	return number < sizeof(rows) / sizeof(rows[0]) ? &rows[number] : NULL;
}

const struct server_words *server_words__find(const struct totals *t, const struct pool *pool,
					      unsigned seen)
{
	unsigned shape = shape_of(t, pool);
	const struct server_words *row;

	for (size_t i = 0; (row = server_words__row(i)); i++)
		if ((row->seen & seen) && !(shape & ~row->shape) && are_called(t, pool, row->comms))
			return row;
	return NULL;
}
