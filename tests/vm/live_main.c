// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* live HERDTRACE SERVERS [SUITE...]: the live tests, on the kernel that runs, as root. TAP. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#include "live_suites.h"

static const struct {
	const char *name;
	void (*run)(void);
} suites[] = {
	{"counts", live__suite_counts},
	{"crowds", live__suite_crowds},
	{"many", live__suite_many},
	{"groups", live__suite_groups},
	{"topology", live__suite_topology},
	{"unix", live__suite_unix},
	{"uring", live__suite_uring},
	{"verify", live__suite_verify},
	{"wrong", live__suite_wrong},
	{"starts", live__suite_starts},
	{"behaviour", live__suite_behaviour},
	{"doctor", live__suite_doctor},
	{"load", live__suite_load},
	{"churn", live__suite_churn},
	{"whom", live__suite_whom},
	{"early", live__suite_early},
	{"metrics", live__suite_metrics},
	{"places", live__suite_places},
	/* Where systemd is the first process. */
	{"services", live__suite_services},
	{"verdicts", live__suite_verdicts},
	{"top", live__suite_top},
	{"learn", live__suite_learn},
	/* Ends with a kernel that is locked down: nothing can be traced any more. */
	{"misuse", live__suite_misuse},
};

static bool is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 3; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc <= 3;
}

/* What takes long must be easy to find. */
static void run_suite(size_t i)
{
	uint64_t begun_ns = clock__now_ns();

	suites[i].run();
	printf("# suite %s took %.0f s\n", suites[i].name, (clock__now_ns() - begun_ns) / 1e9);
	fflush(stdout); /* what is left in the buffer a child would write, too */
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: live HERDTRACE SERVERS [SUITE...]\n");
		return 2;
	}
	live__paths(argv[1], argv[2]);
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		if (is_wanted(suites[i].name, argc, argv))
			run_suite(i);
	live__begin("no BPF program is left");
	live__check_no_program_left();
	live__end();
	return live__finish() != 0;
}
