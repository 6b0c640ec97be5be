// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Advice in the words of a server: what each row says, and that it is silent where the data does not support it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "report/server_words.h"
#include "verdict_fixture.h"

#define WORKERS 4
#define OTHER   (LISTENER + 1) /* of the same group */

/* ---- what is seen of a server ---- */

enum socket { PLAIN, INHERITED, LOCAL };

struct server {
	const char *comm;
	enum socket socket;
	bool threads;     /* of one process */
	const char *last; /* what the last worker is called, NULL: as the others */
};

#define OF(comm)                         \
	{                                \
		comm, PLAIN, false, NULL \
	}
#define THREADS(comm)                   \
	{                               \
		comm, PLAIN, true, NULL \
	}
#define INHERITS(comm)                       \
	{                                    \
		comm, INHERITED, false, NULL \
	}
#define ON_UNIX(comm)                    \
	{                                \
		comm, LOCAL, false, NULL \
	}

static void name(struct tape *t, const struct server *s)
{
	for (unsigned w = 0; w < WORKERS; w++)
		tape__task(t, TASK_SEEN, FIRST + w, w == WORKERS - 1 && s->last ? s->last : s->comm)
			->tgid = s->threads ? FIRST : FIRST + w;
}

static void listen_as(struct tape *t, enum socket socket)
{
	struct record_listen *l = tape__listen(t, LISTENER, 80);

	l->reuseport = socket == INHERITED;
	if (socket != LOCAL)
		return;
	l->local = (struct record_endpoint){.family = AF_UNIX};
	tape__path(t, LISTENER, "/run/x.sock");
}

/* All wait, so many are woken, the first accepts. */
static void serve(struct tape *t, const struct server *s, unsigned arrival, unsigned waiting,
		  unsigned woken, enum wake_cause cause)
{
	tape__arrival(t, arrival, LISTENER);
	for (unsigned w = 0; w < waiting; w++)
		tape__waiter(t, arrival, FIRST + w)->tgid = s->threads ? FIRST : FIRST + w;
	for (unsigned w = 0; w < woken; w++) {
		struct record_wake *wake =
			cause == CAUSE_CHAIN && w
				? tape__wake_by(t, FIRST, arrival, FIRST + w, cause)
			: cause == CAUSE_CHAIN ? tape__wake(t, arrival, FIRST, CAUSE_EPOLL)
					       : tape__wake(t, arrival, FIRST + w, cause);

		strcpy(wake->comm, w == WORKERS - 1 && s->last ? s->last : s->comm);
		wake->tgid = s->threads ? FIRST : FIRST + w;
	}
	tape__walk(t, arrival, cause == CAUSE_CHAIN ? 1 : woken);
	tape__accept(t, FIRST, arrival)->tgid = FIRST;
	for (unsigned w = 0; w < woken; w++)
		tape__sleep(t, FIRST + w);
}

/* Connections that wake all four for one. */
static struct report *herd(const struct server *s, enum wake_cause cause)
{
	struct tape t = {0};
	struct report *r;

	name(&t, s);
	listen_as(&t, s->socket);
	for (unsigned i = 1; i <= 3; i++)
		serve(&t, s, i, WORKERS, WORKERS, cause);
	r = complete(&t);
	assert_int_equal(r->verdicts.herd.value, VERDICT_PROVED);
	return r;
}

/* Connections that all go to the first of those that wait. */
static struct report *skew(const struct server *s, unsigned waiting)
{
	struct tape t = {0};
	struct report *r;

	name(&t, s);
	listen_as(&t, s->socket);
	for (unsigned i = 1; i <= 20; i++)
		serve(&t, s, i, waiting, 1, CAUSE_EPOLL);
	for (unsigned w = 0; waiting < WORKERS && w < WORKERS; w++)
		tape__holder(&t, LISTENER, FIRST + w, 10);
	r = complete(&t);
	assert_int_equal(r->verdicts.skew.value, VERDICT_PROVED);
	return r;
}

/* The last of those that have their turns goes away, and comes back no more. */
static struct report *stall(const struct server *s)
{
	struct tape t = {0};
	struct report *r;

	name(&t, s);
	listen_as(&t, s->socket);
	for (unsigned i = 1; i <= 60; i++) {
		unsigned there = i < 9 ? WORKERS : WORKERS - 1, winner = FIRST + i % there;

		tape__arrival(&t, i, LISTENER);
		for (unsigned w = 0; w < there; w++)
			tape__waiter(&t, i, FIRST + w)->tgid = s->threads ? FIRST : FIRST + w;
		tape__accept(&t, winner, i)->tgid = s->threads ? FIRST : winner;
		tape__sleep(&t, winner);
		t.clock_ns += STRANDED_NS;
	}
	r = complete(&t);
	assert_int_equal(r->verdicts.skew.value, VERDICT_PROVED);
	return r;
}

/* A connection behind a busy worker, while another one of the group sleeps on its own listener. */
static struct report *stranding(const struct server *s)
{
	struct tape t = {0};
	struct report *r;

	name(&t, s);
	tape__listen(&t, LISTENER, 80)->reuseport = 1;
	tape__listen(&t, OTHER, 80)->reuseport = 1;
	tape__arrival(&t, 1, LISTENER);
	tape__waiter(&t, 1, FIRST);
	strcpy(tape__wake(&t, 1, FIRST, CAUSE_EPOLL)->comm, s->comm);
	tape__run(&t, FIRST);
	tape__accept(&t, FIRST, 1);
	tape__arrival(&t, 2, LISTENER);
	tape__waiter(&t, 2, FIRST + 1)->elsewhere = 1;
	t.clock_ns += 5 * STRANDED_NS;
	tape__accept(&t, FIRST, 2);
	r = complete(&t);
	assert_int_equal(r->verdicts.stranding.value, VERDICT_PROVED);
	return r;
}

static struct report *seen(const struct server *s, unsigned what)
{
	switch (what) {
	case SEEN_HERD_EPOLL: return herd(s, CAUSE_EPOLL);
	case SEEN_HERD_CHAIN: return herd(s, CAUSE_CHAIN);
	case SEEN_HERD_POLL: return herd(s, CAUSE_POLL);
	case SEEN_HERD_OTHER: return herd(s, CAUSE_SIGNAL);
	case SEEN_SKEW_ALONE: return skew(s, 1);
	case SEEN_SKEW_ORDER: return skew(s, WORKERS);
	case SEEN_SKEW_STALL: return stall(s);
	default: return stranding(s);
	}
}

/* ---- what is said ---- */

static const struct {
	struct server server;
	unsigned seen;
	const char *change, *price, *documentation;
} spoken[] = {
	{OF("nginx"), SEEN_HERD_EPOLL, "`listen PORT reuseport;`",
	 "a busy worker strands its queue", "documentation: nginx, ngx_http_core_module, listen)"},
	{OF("nginx"), SEEN_SKEW_ORDER, "`listen PORT reuseport;`", "long run", "module, listen)"},
	{ON_UNIX("nginx"), SEEN_HERD_EPOLL, "`accept_mutex on;`", "one worker waits",
	 "ngx_core_module, accept_mutex"},
	{OF("nginx"), SEEN_SKEW_ALONE, "`accept_mutex off;`", "may wake more", "accept_mutex"},
	{OF("nginx"), SEEN_SKEW_STALL, "keep what blocks out of the workers: `aio threads;`",
	 "each read is handed to one", "ngx_http_core_module, aio"},
	{OF("nginx"), SEEN_STRANDED, "`listen PORT;` without reuseport", "share one queue",
	 "listen"},
	{OF("gunicorn"), SEEN_HERD_POLL, "start one gunicorn for each worker",
	 "masters to look after", "gunicorn, Settings, reuse_port"},
	{OF("gunicorn: worke"), SEEN_HERD_EPOLL, "`--workers 1 --reuse-port`", "long run",
	 "gunicorn"},
	{INHERITS("gunicorn"), SEEN_HERD_POLL, "`--reuse-port` has no effect among the workers",
	 "masters", "reuse_port"},
	{OF("uwsgi"), SEEN_HERD_EPOLL, "`--thunder-lock`", "one worker waits at a time",
	 "AKA Thundering Herd"},
	{ON_UNIX("uwsgi_python3"), SEEN_HERD_EPOLL, "`--thunder-lock`", "a lock", "accept()"},
	{OF("uwsgi-core"), SEEN_SKEW_ALONE, "if `--thunder-lock` is set, leave it out", "wakes all",
	 "uWSGI"},
	{OF("apache2"), SEEN_HERD_EPOLL, "`ListenCoresBucketsRatio 1`", "a listener for each CPU",
	 "mpm_common"},
	{OF("httpd"), SEEN_HERD_EPOLL, "`ListenCoresBucketsRatio 1`", "each CPU", "mpm_common"},
	{THREADS("haproxy"), SEEN_HERD_EPOLL, "`bind ADDRESS shards by-thread`", "strands",
	 "Configuration Manual, bind, shards"},
	{{"haproxy", INHERITED, true, NULL},
	 SEEN_HERD_EPOLL,
	 "`bind ADDRESS shards by-thread`",
	 "strands",
	 "bind, shards"},
	{THREADS("haproxy"), SEEN_SKEW_ORDER, "leave it: with `tune.listener.multi-queue on`",
	 "none", "tune.listener.multi-queue"},
	{OF("lighttpd"), SEEN_HERD_EPOLL, "`server.max-worker = 0`", "one CPU",
	 "server.max-worker"},
	{OF("node"), SEEN_HERD_EPOLL, "`NODE_CLUSTER_SCHED_POLICY=rr`", "the primary", "Cluster"},
	{ON_UNIX("nodejs"), SEEN_SKEW_ORDER, "cluster.SCHED_RR", "the primary", "schedulingPolicy"},
};

static void assert_says(const struct report *r, const char *words)
{
	if (!strstr(r->verdicts.advice, words))
		fail_msg("\"%s\" does not say \"%s\"", r->verdicts.advice, words);
}

static void test_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(spoken) / sizeof(spoken[0]); i++) {
		struct report *r = seen(&spoken[i].server, spoken[i].seen);

		assert_says(r, " (");
		assert_says(r, " workers): ");
		assert_says(r, spoken[i].change);
		assert_says(r, spoken[i].price);
		assert_says(r, spoken[i].documentation);
		report__free(r);
	}
}

/* A server is known in whole words, of all its workers, and only for what its line would change. */
static const struct {
	struct server server;
	unsigned seen;
} silent[] = {
	{OF("nginx-exporter"), SEEN_HERD_EPOLL},
	{OF("ngin"), SEEN_HERD_EPOLL},
	{{"nginx", PLAIN, false, "python3"}, SEEN_HERD_EPOLL},
	{OF("nginx"), SEEN_HERD_POLL},
	{OF("nginx"), SEEN_HERD_OTHER},
	{OF("nginx"), SEEN_HERD_CHAIN},
	{INHERITS("nginx"), SEEN_HERD_EPOLL},
	{INHERITS("nginx"), SEEN_SKEW_ORDER},
	{ON_UNIX("nginx"), SEEN_SKEW_ORDER},
	{THREADS("nginx"), SEEN_HERD_EPOLL},
	{ON_UNIX("gunicorn"), SEEN_HERD_POLL},
	{OF("gunicorn-stats"), SEEN_HERD_POLL},
	{OF("gunicorn"), SEEN_HERD_CHAIN},
	{OF("gunicorn"), SEEN_SKEW_ALONE},
	{OF("uwsgi"), SEEN_SKEW_ORDER},
	{OF("uwsgitop"), SEEN_HERD_EPOLL},
	{ON_UNIX("apache2"), SEEN_HERD_EPOLL},
	{INHERITS("apache2"), SEEN_HERD_EPOLL},
	{OF("apache2"), SEEN_HERD_OTHER},
	{OF("apache2"), SEEN_SKEW_ORDER},
	{OF("haproxy"), SEEN_HERD_EPOLL},
	{{"haproxy", LOCAL, true, NULL}, SEEN_HERD_EPOLL},
	{THREADS("haproxy"), SEEN_HERD_POLL},
	{OF("lighttpd"), SEEN_SKEW_ORDER},
	{THREADS("lighttpd"), SEEN_HERD_EPOLL},
	{THREADS("node"), SEEN_HERD_EPOLL},
	{OF("node"), SEEN_SKEW_ALONE},
	{OF("node"), SEEN_HERD_POLL},
	{OF("gunicorn"), SEEN_STRANDED},
	{OF("gunicorn"), SEEN_SKEW_STALL},
	{THREADS("nginx"), SEEN_SKEW_STALL},
	{OF("server"), SEEN_HERD_EPOLL},
	{OF("server"), SEEN_STRANDED},
	{OF("*"), SEEN_HERD_EPOLL},
	{OF("nginx|node"), SEEN_HERD_EPOLL},
};

static void test_is_silent(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		struct report *r = seen(&silent[i].server, silent[i].seen);

		if (strpbrk(r->verdicts.advice, "`") || strstr(r->verdicts.advice, "documentation"))
			fail_msg("%s, case %zu: \"%s\"", silent[i].server.comm, i,
				 r->verdicts.advice);
		report__free(r);
	}
}

/* General words are there all the same. */
static void test_speaks_in_general(void **state)
{
	struct report *unknown = seen(&(struct server)OF("server"), SEEN_HERD_EPOLL),
		      *stuck = seen(&(struct server)OF("server"), SEEN_STRANDED);

	(void)state;
	assert_says(unknown, "register it with EPOLLEXCLUSIVE");
	assert_says(stuck, "keep what blocks out of the workers");
	assert_says(stuck, "EPOLLEXCLUSIVE (price: ");
	report__free(unknown);
	report__free(stuck);
}

/* Each worker that never waited may be without a name; the one that did has one. */
static void test_names_that_are_not_known(void **state)
{
	struct tape t = {0};
	struct report *r;

	(void)state;
	tape__task(&t, TASK_SEEN, FIRST, "nginx");
	for (unsigned i = 1; i <= 20; i++)
		serve(&t, &(struct server)OF("nginx"), i, 1, 1, CAUSE_EPOLL);
	for (unsigned w = 0; w < WORKERS; w++)
		tape__holder(&t, LISTENER, FIRST + w, 10);
	r = complete(&t);
	assert_string_equal(r->totals.workers[WORKERS - 1].comm, "");
	assert_says(r, "`accept_mutex off;`");
	report__free(r);
}

/* Who adds a row adds what it says to the table above. */
static void test_each_row_has_its_test(void **state)
{
	const struct server_words *row;

	(void)state;
	for (size_t n = 0; (row = server_words__row(n)); n++) {
		size_t i = 0, cnt = sizeof(spoken) / sizeof(spoken[0]);

		assert_true(row->price[0] && row->documentation[0]);
		while (i < cnt &&
		       !((row->seen & spoken[i].seen) && strstr(row->change, spoken[i].change)))
			i++;
		if (i == cnt)
			fail_msg("%s: nothing tests \"%s\"", row->server, row->change);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_says),
		cmocka_unit_test(test_is_silent),
		cmocka_unit_test(test_speaks_in_general),
		cmocka_unit_test(test_names_that_are_not_known),
		cmocka_unit_test(test_each_row_has_its_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
