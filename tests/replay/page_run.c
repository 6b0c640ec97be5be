// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * page_run many N | hostile: writes a recording for tests/page to look at. many: N connections to four workers with
 * an epoll instance each, one accepts, one gets EAGAIN, two are put back to sleep. hostile: texts of the traced system
 * that would be a script if anything took them for HTML.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "record/recording.h"
#include "records.h"

#define LISTENER 0x1111
#define WORKERS  4
#define PAUSE_NS 4000000 /* between connections */

static uint32_t tid_of(unsigned worker)
{
	return 201 + worker % WORKERS;
}

static void begin(struct tape *t, const char *argument, const char *comm)
{
	tape__meta(t, META_RELEASE, "6.12.118+deb13-amd64");
	tape__meta(t, META_ARCH, "x86_64");
	tape__meta(t, META_MODE, "fentry");
	tape__meta(t, META_VERSION, "1.0");
	tape__meta(t, META_ARGUMENT, argument);
	for (unsigned i = 0; i < WORKERS; i++)
		tape__task(t, TASK_SEEN, tid_of(i), comm);
}

/* In turn; what happens takes some time, so that there is something to see. */
static void connection(struct tape *t, uint64_t arrival, const char *comm)
{
	tape__arrival(t, arrival, LISTENER);
	for (unsigned i = 0; i < WORKERS; i++)
		tape__waiter(t, arrival, tid_of(i));
	for (unsigned i = 0; i < WORKERS; i++)
		memcpy(tape__wake(t, arrival, tid_of(i), CAUSE_EPOLL)->comm, comm,
		       strnlen(comm, RECORD_COMM_LEN));
	tape__walk(t, arrival, WORKERS);
	t->clock_ns += 20000 + arrival * 7919 % 90000;
	for (unsigned i = 0; i < WORKERS; i++) {
		uint32_t tid = tid_of(i + arrival);

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

static void many(struct tape *t, uint64_t cnt)
{
	begin(t, "build/servers/epoll-server", "epoll-server");
	tape__meta(t, META_ARGUMENT, "--own");
	tape__listen(t, LISTENER, 8888);
	for (uint64_t arrival = 1; arrival <= cnt; arrival++)
		connection(t, arrival, "epoll-server");
}

/* Every text that a page has, and every way out of an element, an attribute or a string that we know. */
static void hostile(struct tape *t)
{
	static const char comm[] = "</script><b id=x",
			  unix_path[] = "/tmp/</script><script>hacked=1</script>"
					"<!--<script>\xe2\x80\xa8&lt;b>\"'\\u003c";
	struct record_listen *listen;

	begin(t, "--><img src=x onerror=hacked=1><svg/onload=hacked=1>", comm);
	tape__meta(t, META_ARGUMENT, "</title></style><style>*{display:none}</style>");
	tape__meta(t, META_NOTE, "<script src=//127.0.0.1:1/x.js></script>\xe2\x80\xa9\xff\xfe");
	tape__meta(t, META_HOST, "javascript:hacked=1//<a href=javascript:hacked=1>");
	tape__meta(t, META_SERVER_EXIT, "]]>{\"a\":\"</SCRIPT ><iframe src=data:text/html,x>");
	listen = tape__listen(t, LISTENER, 0);
	listen->local = (struct record_endpoint){.family = AF_UNIX};
	tape__path(t, LISTENER, unix_path);
	for (uint64_t arrival = 1; arrival <= 3; arrival++)
		connection(t, arrival, comm);
}

int main(int argc, char **argv)
{
	struct tape t = {0};
	size_t len;
	char *bytes;

	if (argc == 3 && !strcmp(argv[1], "many")) {
		many(&t, strtoull(argv[2], NULL, 10));
	} else if (argc == 2 && !strcmp(argv[1], "hostile")) {
		hostile(&t);
	} else {
		fprintf(stderr, "usage: page_run many N | hostile\n");
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
