// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live tests of herdtrace verify: a claim must not hold with a server that does something else. */
#include <stdlib.h>
#include <string.h>

#include "live_suites.h"

#define UNIX " --unix @herdtrace-verify"

/*
 * For every claim a server that breaks it, on every kernel: where the claim depends on the kernel,
 * it must be wrong for both sorts.
 */
static const struct wrong {
	const char *id;
	const char *command;
} wrongs[] = {
	{"accept", "select-server"},
	{"select", "accept-server"},
	{"poll", "epoll-server --own --exclusive"},
	{"crowd", "select-server -w 99"},
	{"epoll-own-level", "epoll-server --own --exclusive"},
	{"epoll-own-edge", "epoll-server --shared --edge"},
	{"epoll-own-oneshot", "epoll-server --shared --oneshot"},
	{"epoll-shared-level", "epoll-server --shared --edge"},
	{"epoll-shared-busy", "epoll-server --shared --busy 20 --edge"},
	{"epoll-shared-edge", "epoll-server --own --edge"},
	{"epoll-shared-oneshot", "epoll-server --own --oneshot"},
	{"epoll-lifo", "accept-server"},
	{"epoll-exclusive", "accept-server"},
	{"epoll-exclusive-busy", "epoll-server --own --busy 20"},
	{"lock-file", "accept-server"},
	{"lock-mutex", "epoll-server --own --exclusive"},
	{"fd-passing", "lock-server"},
	{"accept-mutex", "watcher-server"},
	{"leader-followers", "accept-server --threads"},
	{"watcher", "epoll-server --own --exclusive"},
	{"single", "lock-server"},
	{"mixed", "epoll-server --own"},
	{"reuseport-accept", "accept-server"},
	{"reuseport-epoll", "epoll-server --own --exclusive"},
	{"reuseport-index", "reuseport-server --cbpf"},
	{"reuseport-even", "reuseport-server --cbpf"},
	{"reuseport-cbpf", "reuseport-server --pin"},
	{"reuseport-incoming-cpu", "accept-server"},
	{"reuseport-close", "reuseport-server"},
	{"reuseport-migrate", "reuseport-server"},
	{"migrate-wakes", "reuseport-server"},
	{"uring-oneshot", "mixed-server"},
	{"uring-multishot", "uring-server"},
	{"unix-accept", "select-server" UNIX},
	{"unix-epoll-own", "epoll-server --own --exclusive" UNIX},
};

#define WRONG_CNT (sizeof(wrongs) / sizeof(wrongs[0]))

static const char *wrong_directory(void)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s", live__server("../wrong"));
	return path;
}

/* Every claim of a run with wrong servers, a test each. */
static void check_wrong(const struct wrong *w, const json_t *claims)
{
	const json_t *claim, *found = NULL;
	size_t i;

	live__begin("verify: %s is broken with %s", w->id, w->command);
	json_array_foreach (claims, i, claim)
		if (!strcmp(live__word(claim, "id"), w->id))
			found = claim;
	EXPECT_TRUE("it was tried", found);
	EXPECT_WORD("result", live__word(found, "result"), "BROKEN");
	if (strcmp(live__word(found, "result") ?: "", "BROKEN"))
		live__fail("measured %s, reason: %s", live__word(found, "measured") ?: "none",
			   live__word(found, "reason") ?: "none");
	live__end();
}

static void tell_wrong_servers(void)
{
	static char lines[WRONG_CNT * 128];
	size_t len = 0;

	for (size_t i = 0; i < WRONG_CNT; i++)
		len += snprintf(lines + len, sizeof(lines) - len, "%s %s\n", wrongs[i].id,
				wrongs[i].command);
	setenv("WRONG_SERVERS", live__server("."), 1);
	setenv("WRONG_COMMANDS", lines, 1);
}

static void test_all_are_broken(void)
{
	struct live_run run;
	const json_t *claims;

	tell_wrong_servers();
	live__begin("verify: with wrong servers nothing holds");
	live__herdtrace_alone(&run, (const char *[]){"verify", "-fjson", "--servers",
						     wrong_directory(), NULL});
	claims = json_object_get(run.report, "claims");
	EXPECT_EQ("exit status", run.status, 1);
	EXPECT_EQ("broken", live__number(run.report, "summary.broken"), WRONG_CNT);
	EXPECT_EQ("hold", live__number(run.report, "summary.holds"), 0);
	live__check_nothing_left();
	live__end();
	for (size_t i = 0; i < WRONG_CNT; i++)
		check_wrong(&wrongs[i], claims);
	live_run__free(&run);
}

/* A claim without a wrong server is one that nobody has seen fail. */
static void test_all_are_there(void)
{
	struct live_run run;
	const json_t *claim, *claims;
	size_t i;

	live__begin("verify: there is a wrong server for every claim");
	live__herdtrace_alone(&run, (const char *[]){"verify", "--list", "-fjson", NULL});
	claims = json_object_get(run.report, "claims");
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("claims", json_array_size(claims), WRONG_CNT);
	json_array_foreach (claims, i, claim) {
		const char *id = live__word(claim, "id");
		size_t at = 0;

		while (at < WRONG_CNT && strcmp(wrongs[at].id, id))
			at++;
		if (at == WRONG_CNT)
			live__fail("none for %s", id);
	}
	live__end();
	live_run__free(&run);
}

void live__suite_wrong(void)
{
	test_all_are_there();
	test_all_are_broken();
}
