// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * test_long HERDTRACE RECORDS: a server that runs for hours, at least so many records long (long_server.h). The summary
 * must be exact, and no larger for it. TAP.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "long_server.h"
#include "replay.h"

#define LONG_LIMIT (48l << 10) /* KiB */

static void run_for(FILE *out, uint64_t rounds)
{
	struct server s = {0};

	begin_server(&s);
	while (rounds--) {
		serve(&s, HERDS);
		tape__flush(&s.tape, out);
	}
	tape__end(&s.tape);
	tape__flush(&s.tape, out);
	tape__free(&s.tape);
}

/* ---- the summary ---- */

static const struct {
	const char *key;
	unsigned long long of_round;
} sums[] = {
	{"summary.connections", CONNECTIONS},
	{"summary.accepted", ACCEPTED},
	{"summary.lost", LOST},
	{"summary.waiting", 0},
	{"summary.migrated", 1},
	{"summary.wakes", WAKES},
	{"summary.wasted", WAKES - HERDS - 2},
	{"summary.wakes_by_cause.lock", LOCKS},
	{"summary.lock_without_arrival", LOCKS},
	{"summary.wakes_by_outcome.accepted", HERDS + 2},
	{"summary.wakes_by_outcome.exited", 1},
	{"summary.wakes_by_outcome.swallowed", WAKES - HERDS - 3},
	{"summary.offers", (HERDS + 1) * WORKERS},
	{"loss.unbalanced", 0},
};

#define SUM_CNT (sizeof(sums) / sizeof(sums[0]))

/* "KEY,NUMBER": is it one of the sums, and right? A wrong one is shown. */
static unsigned check_line(const char *line, uint64_t rounds)
{
	const char *comma = strchr(line, ',');
	size_t len = comma ? (size_t)(comma - line) : 0;

	for (size_t i = 0; i < SUM_CNT; i++) {
		unsigned long long wanted = sums[i].of_round * rounds;

		if (strlen(sums[i].key) != len || strncmp(line, sums[i].key, len))
			continue;
		if (strtoull(comma + 1, NULL, 10) == wanted)
			return 1;
		printf("# not %llu: %s", wanted, line);
	}
	return 0;
}

static void test_sums(const char *herdtrace, uint64_t rounds)
{
	static const char *const options[] = {"--summary", "-f", "csv", NULL};
	unsigned right = 0;
	struct replay r;
	char line[1024];
	long memory = 0;
	bool good;

	replay__start(&r, herdtrace, options, run_for, rounds);
	while (fgets(line, sizeof(line), r.report))
		right += check_line(line, rounds);
	good = replay__finish(&r, &memory);
	replay__result(good && right == SUM_CNT, "the sums of a long run");
	replay__result(memory < LONG_LIMIT, "in less than 48 MiB");
	printf("# %llu rounds, %ld KiB\n", (unsigned long long)rounds, memory);
}

int main(int argc, char **argv)
{
	uint64_t records = argc == 3 ? strtoull(argv[2], NULL, 10) : 0;

	if (!records) {
		fprintf(stderr, "usage: test_long HERDTRACE RECORDS\n");
		return 2;
	}
	setlinebuf(stdout);
	test_sums(argv[1], records / RECORDS + 1);
	replay__plan();
	return 0;
}
