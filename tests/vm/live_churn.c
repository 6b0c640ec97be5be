// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Live test of long runs: what the kernel side remembers of what has come and gone, in its maps. */
#include <bpf/bpf.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "live_net.h"
#include "live_suites.h"
#include "live_tracer.h"

#define ROUNDS \
	100 /* two listeners, epoll instances and tasks each, six connections that nobody accepts */
#define KEY_MAX 64

static int open_map(uint32_t id, const char *name)
{
	struct bpf_map_info info = {0};
	uint32_t len = sizeof(info);
	int fd = bpf_map_get_fd_by_id(id);

	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) && !strcmp(info.name, name))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Our map with this name: nobody else on the machine has one. */
static int find_map(const char *name)
{
	uint32_t id = 0;
	int fd = -1;

	while (fd < 0 && !bpf_map_get_next_id(id, &id))
		fd = open_map(id, name);
	return fd;
}

static int count_entries(const char *name)
{
	char key[KEY_MAX], next[KEY_MAX];
	int fd = find_map(name), cnt = 0;

	if (fd < 0)
		return -1;
	for (void *from = NULL; !bpf_map_get_next_key(fd, from, next); from = key, cnt++)
		memcpy(key, next, sizeof(key));
	close(fd);
	return cnt;
}

/* Softirqs, and the reader, are not as fast as this. */
static int await_entries(const char *name, int most)
{
	struct timespec step = {.tv_nsec = 10000000};
	int cnt = count_entries(name);

	for (int tries = 0; cnt > most && tries < 500; tries++) {
		nanosleep(&step, NULL);
		cnt = count_entries(name);
	}
	return cnt;
}

/* What belongs to the one task and the one listener that are left, and no more. */
static void check_maps(void)
{
	static const struct {
		const char *name;
		int most;
	} maps[] = {
		{"tasks", 1},     {"contexts", 0}, {"task_arrivals", 0},
		{"listeners", 1}, {"queued", 0},   {"heads", 2},
	};

	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++)
		EXPECT_RANGE(maps[i].name, await_entries(maps[i].name, maps[i].most), 0,
			     maps[i].most);
}

void live__suite_churn(void)
{
	struct live_run run;

	live_tracer__open("fentry");
	live__begin("nothing is remembered of what has come and gone %d times", ROUNDS);
	live__begin_trace_again(&run, (const char *[]){NULL},
				(const char *[]){"../vm/churn-server", "100", NULL});
	EXPECT_TRUE("it has done its rounds", live__connect_when_ready());
	live__wait_asleep("churn-server", 1);
	check_maps();
	kill(run.pid, SIGINT);
	live__end_trace(&run);
	EXPECT_EQ("exit status", run.status, 0);
	EXPECT_EQ("connections", live__number(run.report, "summary.connections"), 8 * ROUNDS + 1);
	EXPECT_EQ("accepted", live__number(run.report, "summary.accepted"), 2 * ROUNDS + 1);
	live__check_balance(run.report);
	live__check_nothing_left();
	live__end();
	live_run__free(&run);
	live_tracer__close();
}
