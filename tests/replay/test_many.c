// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * test_many HERDTRACE: replays a million connections and looks at what that takes. With --summary memory
 * does not grow with connections; with rows they wait in a file, and come out in order of arrival. TAP.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay.h"

#define LISTENER 0x1111
#define WORKERS  4

#define PICTURE_LIMIT (32l << 10) /* KiB */

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
static void write_recording(FILE *out, uint64_t cnt)
{
	struct tape t = {0};

	tape__listen(&t, LISTENER, 8888);
	tape__arrival(&t, 1, LISTENER);
	for (uint64_t i = 2; i <= cnt; i++) {
		connection(&t, i);
		if (i % 1000 == 0) {
			tape__arrival(&t, cnt + i, LISTENER);
			tape__refused(&t, cnt + i);
		}
		tape__flush(&t, out);
	}
	tape__accept(&t, 11, 1);
	tape__end(&t);
	tape__flush(&t, out);
	tape__free(&t);
}

static void test_summary(const char *herdtrace, uint64_t cnt)
{
	static const char *const options[] = {"--summary", "-f", "csv", NULL};
	unsigned long long connections = 0, wakes = 0;
	struct replay r;
	char line[256];
	long memory = 0;
	bool good;

	replay__start(&r, herdtrace, options, write_recording, cnt);
	while (fgets(line, sizeof(line), r.report)) {
		sscanf(line, "summary.connections,%llu", &connections);
		sscanf(line, "summary.wakes,%llu", &wakes);
	}
	good = replay__finish(&r, &memory);
	replay__result(good && connections == cnt && wakes == WORKERS * (cnt - 1),
		       "the summary of a million connections");
	replay__result(memory < MEMORY_LIMIT, "in less than 64 MiB");
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

	replay__start(&r, herdtrace, options, write_recording, cnt);
	while (fgets(line, sizeof(line), r.report)) {
		if (sscanf(line, "%llu,%llu,", &id, &time_ns) != 2)
			continue;
		in_order &= id == ++rows && time_ns >= last_ns;
		last_ns = time_ns;
	}
	good = replay__finish(&r, &memory);
	replay__result(good && rows == cnt, "a row for each of them");
	replay__result(in_order, "in order of arrival");
	replay__result(memory < MEMORY_LIMIT, "in less than 64 MiB as well");
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

	replay__start(&r, herdtrace, options, write_recording, cnt);
	while (fgets(line, sizeof(line), r.report)) {
		/* The rows of workers have no address. */
		found += sscanf(line, "%*[ *!]%llu", &id) == 1 && strchr(line, ':');
		sscanf(line, "not shown: %llu more like conn", &more);
	}
	good = replay__finish(&r, &memory);
	replay__result(good && found == expected && more == cnt - expected,
		       expected == cnt ? "a table of all" : "a table of the worst");
	replay__result(memory < MEMORY_LIMIT, "in less than 64 MiB, too");
	printf("# %ld KiB\n", memory);
}

static uint64_t get_varint(FILE *in)
{
	uint64_t value = 0;
	int byte;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		byte = getc(in);
		if (byte == EOF)
			return 0;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			break;
	}
	return value;
}

/* The picture: packets one after another (field 1, with a length), three for each connection, two for each wake. */
static void test_perfetto(const char *herdtrace, uint64_t cnt)
{
	static const char *const options[] = {"-f", "perfetto", NULL};
	unsigned long long packets = 0;
	struct replay r;
	long memory = 0;
	bool good = true;
	int tag;

	replay__start(&r, herdtrace, options, write_recording, cnt);
	while ((tag = getc(r.report)) != EOF) {
		uint64_t left = get_varint(r.report);

		good &= tag == 0x0a;
		while (left && getc(r.report) != EOF)
			left--;
		good &= !left;
		packets++;
	}
	good = replay__finish(&r, &memory) && good;
	replay__result(good && packets >= 3 * cnt + 2 * WORKERS * (cnt - 1),
		       "a picture of a hundred thousand connections");
	replay__result(memory < PICTURE_LIMIT, "in less than 32 MiB");
	printf("# %llu packets, %ld KiB\n", packets, memory);
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
	test_perfetto(argv[1], cnt / 10);
	replay__plan();
	return 0;
}
