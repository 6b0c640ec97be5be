// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * page_run many N | crowd N W | queue N W | hostile: writes a recording for tests/page to look at. many: N connections to
 * four workers with an epoll instance each, one accepts, one gets EAGAIN, two are put back to sleep. crowd: the same with
 * W workers, as --waiters all records it. queue: W workers in blocking accept, one of whom is woken, in turn. hostile:
 * texts of the traced system that would be a script if anything took them for HTML.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "record/recording.h"
#include "records.h"

#define LISTENER 0x1111
#define WORKERS  4
#define CROWD    1024
#define PAUSE_NS 4000000 /* between connections */

static uint32_t tid_of(unsigned worker)
{
	return 201 + worker;
}

static void begin(struct tape *t, const char *argument, const char *comm, unsigned workers)
{
	tape__meta(t, META_RELEASE, "6.12.118+deb13-amd64");
	tape__meta(t, META_ARCH, "x86_64");
	tape__meta(t, META_MODE, "fentry");
	tape__meta(t, META_VERSION, "1.0");
	tape__meta(t, META_ARGUMENT, argument);
	for (unsigned i = 0; i < workers; i++)
		tape__task(t, TASK_SEEN, tid_of(i), comm);
}

/* From this one on, as they stand in the queue. */
static void list_waiters(struct tape *t, uint64_t arrival, unsigned workers, enum wake_cause cause)
{
	uint32_t tids[CROWD] = {0};
	struct waiter_entry *entries;

	for (unsigned i = 0; i < workers; i++)
		tids[i] = tid_of((i + arrival) % workers);
	entries = tape__waiters(t, arrival, tids, workers);
	for (unsigned i = 0; i < workers; i++)
		entries[i].cause = cause;
}

/* In turn; what happens takes some time, so that there is something to see. */
static void connection(struct tape *t, uint64_t arrival, const char *comm, unsigned workers)
{
	tape__arrival(t, arrival, LISTENER);
	list_waiters(t, arrival, workers, CAUSE_EPOLL);
	for (unsigned i = 0; i < workers; i++)
		memcpy(tape__wake(t, arrival, tid_of(i), CAUSE_EPOLL)->comm, comm,
		       strnlen(comm, RECORD_COMM_LEN));
	tape__walk(t, arrival, workers);
	t->clock_ns += 20000 + arrival * 7919 % 90000;
	for (unsigned i = 0; i < workers; i++) {
		uint32_t tid = tid_of((i + arrival) % workers);

		tape__run(t, tid);
		t->clock_ns += 30000;
		if (i < 2)
			tape__return(t, tid);
		t->clock_ns += 15000;
		if (i == 0)
			tape__accept(t, tid, arrival);
		else if (i == 1)
			tape__accept_fails(t, tid, EAGAIN);
		t->clock_ns += 10000;
		tape__sleep(t, tid);
	}
	t->clock_ns += PAUSE_NS;
}

static void many(struct tape *t, uint64_t cnt, unsigned workers)
{
	begin(t, "build/servers/epoll-server", "epoll-server", workers);
	tape__meta(t, META_ARGUMENT, "--own");
	tape__listen(t, LISTENER, 8888);
	for (uint64_t arrival = 1; arrival <= cnt; arrival++)
		connection(t, arrival, "epoll-server", workers);
}

/* The head of the queue is woken, and queues at its tail again. */
static void queue(struct tape *t, uint64_t cnt, unsigned workers)
{
	begin(t, "build/servers/accept-server", "accept-server", workers);
	tape__listen(t, LISTENER, 8888);
	for (uint64_t arrival = 1; arrival <= cnt; arrival++) {
		uint32_t tid = tid_of(arrival % workers);

		tape__arrival(t, arrival, LISTENER);
		list_waiters(t, arrival, workers, CAUSE_ACCEPT);
		tape__wake(t, arrival, tid, CAUSE_ACCEPT);
		tape__walk(t, arrival, 1);
		t->clock_ns += 20000;
		tape__run(t, tid);
		tape__accept(t, tid, arrival);
		tape__sleep(t, tid);
		t->clock_ns += PAUSE_NS;
	}
}

/* Every text that a page has, and every way out of an element, an attribute or a string that we know. */
static void hostile(struct tape *t)
{
	static const char comm[] = "</script><b id=x",
			  unix_path[] = "/tmp/</script><script>hacked=1</script>"
					"<!--<script>\xe2\x80\xa8&lt;b>\"'\\u003c";
	struct record_listen *listen;

	begin(t, "--><img src=x onerror=hacked=1><svg/onload=hacked=1>", comm, WORKERS);
	tape__meta(t, META_ARGUMENT, "</title></style><style>*{display:none}</style>");
	tape__meta(t, META_NOTE, "<script src=//127.0.0.1:1/x.js></script>\xe2\x80\xa9\xff\xfe");
	tape__meta(t, META_HOST, "javascript:hacked=1//<a href=javascript:hacked=1>");
	tape__meta(t, META_SERVER_EXIT, "]]>{\"a\":\"</SCRIPT ><iframe src=data:text/html,x>");
	listen = tape__listen(t, LISTENER, 0);
	listen->local = (struct record_endpoint){.family = AF_UNIX};
	tape__path(t, LISTENER, unix_path);
	for (uint64_t arrival = 1; arrival <= 3; arrival++)
		connection(t, arrival, comm, WORKERS);
}

/* Returns false when it is asked for something else. */
static bool make(struct tape *t, int argc, char **argv)
{
	uint64_t cnt = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	unsigned workers = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;

	if (argc == 3 && !strcmp(argv[1], "many"))
		many(t, cnt, WORKERS);
	else if (argc == 4 && !strcmp(argv[1], "crowd") && workers && workers <= CROWD)
		many(t, cnt, workers);
	else if (argc == 4 && !strcmp(argv[1], "queue") && workers && workers <= CROWD)
		queue(t, cnt, workers);
	else if (argc == 2 && !strcmp(argv[1], "hostile"))
		hostile(t);
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	struct tape t = {0};
	size_t len;
	char *bytes;

	if (!make(&t, argc, argv)) {
		fprintf(stderr, "usage: page_run many N | crowd N W | queue N W | hostile\n");
		return 2;
	}
	tape__end(&t);
	bytes = tape__recording(&t, &len);
	if (fwrite(bytes, len, 1, stdout) != 1 || fflush(stdout))
		return 1;
	free(bytes);
	tape__free(&t);
	return 0;
}
