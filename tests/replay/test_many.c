// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * test_many HERDTRACE: replays a million connections and looks at what that takes. With --summary memory
 * does not grow with connections; with rows they wait in a file, and come out in order of arrival. TAP.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/recording.h"
#include "records.h"

#define LISTENER     0x1111
#define WORKERS      4
#define MEMORY_LIMIT (64l << 10) /* KiB */

static unsigned number;

static void result(bool good, const char *name)
{
	printf("%sok %u - %s\n", good ? "" : "not ", ++number, name);
}

static void flush(struct tape *t, FILE *out)
{
	if (t->len && fwrite(t->records, t->len, 1, out) != 1)
		_exit(1);
	t->len = 0;
}

/* Every worker is woken, one accepts. */
static void connection(struct tape *t, uint64_t arrival)
{
	tape__arrival(t, arrival, LISTENER);
	for (unsigned i = 0; i < WORKERS; i++)
		tape__waiter(t, arrival, 11 + i);
	for (unsigned i = 0; i < WORKERS; i++)
		tape__wake(t, arrival, 11 + i, CAUSE_EPOLL);
	tape__walk(t, arrival, WORKERS);
	tape__accept(t, 11 + arrival % WORKERS, arrival);
	for (unsigned i = 0; i < WORKERS; i++)
		tape__sleep(t, 11 + i);
}

/*
 * The first connection is accepted after all others, so that every row has to wait for it; every
 * thousandth is refused.
 */
static void write_recording(int fd, uint64_t cnt)
{
	FILE *out = fdopen(fd, "w");
	struct tape t = {0};

	if (!out || recording__begin(out))
		_exit(1);
	tape__listen(&t, LISTENER, 8888);
	tape__arrival(&t, 1, LISTENER);
	for (uint64_t i = 2; i <= cnt; i++) {
		connection(&t, i);
		if (i % 1000 == 0) {
			tape__arrival(&t, cnt + i, LISTENER);
			tape__refused(&t, cnt + i);
		}
		flush(&t, out);
	}
	tape__accept(&t, 11, 1);
	tape__end(&t);
	flush(&t, out);
	tape__free(&t);
	if (fclose(out))
		_exit(1);
}

struct replay {
	pid_t writer, reader;
	FILE *report;
};

static void start(struct replay *r, const char *herdtrace, const char *const *options, uint64_t cnt)
{
	const char *argv[8] = {herdtrace, "report"};
	int in[2], out[2];
	size_t at = 2;

	while (*options)
		argv[at++] = *options++;
	argv[at] = "/dev/stdin";
	if (pipe(in) || pipe(out))
		exit(1);
	r->writer = fork();
	if (!r->writer) {
		close(in[0]);
		write_recording(in[1], cnt);
		_exit(0);
	}
	r->reader = fork();
	if (!r->reader) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		execv(herdtrace, (char *const *)argv);
		_exit(127);
	}
	close(in[0]);
	close(in[1]);
	close(out[1]);
	r->report = fdopen(out[0], "r");
}

/* True when both ended well; the reader's largest size in KiB. */
static bool finish(struct replay *r, long *memory)
{
	int written, read;
	struct rusage usage;

	fclose(r->report);
	if (waitpid(r->writer, &written, 0) < 0 || wait4(r->reader, &read, 0, &usage) < 0)
		return false;
	*memory = usage.ru_maxrss;
	return !written && !read;
}

static void test_summary(const char *herdtrace, uint64_t cnt)
{
	static const char *const options[] = {"--summary", "-f", "csv", NULL};
	unsigned long long connections = 0, wakes = 0;
	struct replay r;
	char line[256];
	long memory = 0;
	bool good;

	start(&r, herdtrace, options, cnt);
	while (fgets(line, sizeof(line), r.report)) {
		sscanf(line, "summary.connections,%llu", &connections);
		sscanf(line, "summary.wakes,%llu", &wakes);
	}
	good = finish(&r, &memory);
	result(good && connections == cnt && wakes == WORKERS * (cnt - 1),
	       "the summary of a million connections");
	result(memory < MEMORY_LIMIT, "in less than 64 MiB");
	printf("# %ld KiB\n", memory);
}

/* "ID,TIME,..." with the ids from 1 on, times that never go back, and every connection once. */
static void test_rows(const char *herdtrace, uint64_t cnt)
{
	static const char *const options[] = {"-f", "csv", NULL};
	unsigned long long id = 0, time_ns = 0, rows = 0, last_ns = 0;
	bool in_order = true, good;
	struct replay r;
	char line[512];
	long memory = 0;

	start(&r, herdtrace, options, cnt);
	while (fgets(line, sizeof(line), r.report)) {
		if (sscanf(line, "%llu,%llu,", &id, &time_ns) != 2)
			continue;
		in_order &= id == ++rows && time_ns >= last_ns;
		last_ns = time_ns;
	}
	good = finish(&r, &memory);
	result(good && rows == cnt, "a row for each of them");
	result(in_order, "in order of arrival");
	result(memory < MEMORY_LIMIT, "in less than 64 MiB as well");
	printf("# %ld KiB\n", memory);
}

/* The table: every row, or a few that say how many are like them; neither may be kept. */
static void test_table(const char *herdtrace, uint64_t cnt, const char *rows, uint64_t expected)
{
	const char *const options[] = {"--rows", rows, NULL};
	unsigned long long id, found = 0, more = 0;
	struct replay r;
	char line[512];
	long memory = 0;
	bool good;

	start(&r, herdtrace, options, cnt);
	while (fgets(line, sizeof(line), r.report)) {
		/* The rows of workers have no address. */
		found += sscanf(line, "%*[ *!]%llu", &id) == 1 && strchr(line, ':');
		sscanf(line, "not shown: %llu more like conn", &more);
	}
	good = finish(&r, &memory);
	result(good && found == expected && more == cnt - expected,
	       expected == cnt ? "a table of all" : "a table of the worst");
	result(memory < MEMORY_LIMIT, "in less than 64 MiB, too");
	printf("# %ld KiB\n", memory);
}

int main(int argc, char **argv)
{
	const uint64_t cnt = 1000000;

	if (argc != 2) {
		fprintf(stderr, "usage: test_many HERDTRACE\n");
		return 2;
	}
	setlinebuf(stdout);
	test_summary(argv[1], cnt);
	test_rows(argv[1], cnt);
	test_table(argv[1], cnt, "all", cnt);
	test_table(argv[1], cnt, "20", 20);
	printf("1..%u\n", number);
	return 0;
}
