// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The programs of the chosen hooks: attaching, detaching, how often they ran and did not. */
#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "tracer/state.h"

/* How long a task may take to end an arrival that it has begun: it may have been preempted. */
#define STOP_LIMIT_MS 200

static int attach_program(struct tracer *t, const struct bpf_program *p, bool is_exit)
{
	struct bpf_link *link;
	int err;

	if (is_exit ? t->exit_cnt == EXITS_MAX : t->link_cnt == LINKS_MAX)
		return -E2BIG;
	link = bpf_program__attach(p);
	if (!link) {
		err = -errno;
		log_detail("%s cannot be attached: %s", bpf_program__name(p), strerror(-err));
		return err;
	}
	if (is_exit)
		t->exits[t->exit_cnt++] = link;
	else
		t->links[t->link_cnt++] = link;
	return 0;
}

static int attach_hook(struct tracer *t, size_t index)
{
	bool is_exit = hooks[index].kind == HOOK_SYSCALL;
	int err = 0;

	for (size_t i = 0; i < program_kind_cnt && !err; i++) {
		struct bpf_program *p = tracer__program(t, index, &program_kinds[i]);

		err = p ? attach_program(t, p, is_exit) : 0;
	}
	return err;
}

int tracer__attach(struct tracer *t)
{
	for (size_t i = 0; i < hook_cnt; i++) {
		int err = attach_hook(t, i);

		if (err) {
			log_detail("%s: no %s on this kernel", t->hooks[i].function,
				   t->hooks[i].how);
			return err;
		}
	}
	return 0;
}

static bool is_empty(const struct bpf_map *map)
{
	uint64_t key;

	return bpf_map_get_next_key(bpf_map__fd(map), NULL, &key) != 0;
}

/*
 * What softirqs do, arrivals and walks, happens inside of RCU read-side sections, as the programs
 * run: after a grace period it has come to its end. An arrival by a task has when its entry is gone.
 */
int tracer__stop(struct tracer *t)
{
	const struct timespec nap = {.tv_nsec = 1000000};

	t->skel->bss->counters.stopped = 1;
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0))
		return -errno;
	for (int i = 0; i < STOP_LIMIT_MS && !is_empty(t->skel->maps.task_arrivals); i++)
		nanosleep(&nap, NULL);
	/* What is left has ended, and that was missed; or it is late, and not told to its end. */
	t->skel->bss->counters.unbalanced_frames += !is_empty(t->skel->maps.task_arrivals);
	return 0;
}

void tracer__detach_exits(struct tracer *t)
{
	for (size_t i = 0; i < t->exit_cnt; i++)
		bpf_link__destroy(t->exits[i]);
	t->exit_cnt = 0;
}

void tracer__detach(struct tracer *t)
{
	tracer__detach_exits(t);
	for (size_t i = 0; i < t->link_cnt; i++)
		bpf_link__destroy(t->links[i]);
	t->link_cnt = 0;
}

static bool read_info(const struct bpf_program *p, struct bpf_prog_info *info)
{
	uint32_t len = sizeof(*info);

	*info = (struct bpf_prog_info){0};
	return p && !bpf_obj_get_info_by_fd(bpf_program__fd(p), info, &len);
}

/* Of one program, unless they are noticed otherwise. */
static uint64_t misses_of(const struct tracer *t, size_t index, const struct program_kind *kind)
{
	const struct bpf_program *p = tracer__program(t, index, kind);
	struct bpf_prog_info info;

	if (!read_info(p, &info) || !info.recursion_misses)
		return 0;
	log_detail("%s was skipped %llu times", bpf_program__name(p),
		   (unsigned long long)info.recursion_misses);
	/* Hooks that are attached more than once notice what all copies missed (calls.bpf.h). */
	return kind->misses_show || tracer__copies(t, &hooks[index]) > 1 ? 0
									 : info.recursion_misses;
}

/* Times that the kernel did not run one of our programs because it was running already (5.12). */
uint64_t tracer__misses(const struct tracer *t)
{
	uint64_t misses = 0;

	for (size_t i = 0; i < hook_cnt; i++)
		for (size_t j = 0; j < program_kind_cnt; j++)
			misses += misses_of(t, i, &program_kinds[j]);
	return misses;
}

int tracer__count_calls(void)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	return fd < 0 ? -errno : fd;
}

uint64_t tracer__calls(const struct tracer *t, size_t index, unsigned *programs, uint64_t *run_ns)
{
	uint64_t least = UINT64_MAX;

	*programs = 0;
	*run_ns = 0;
	for (size_t i = 0; i < program_kind_cnt; i++) {
		struct bpf_prog_info info;

		if (!read_info(tracer__program(t, index, &program_kinds[i]), &info))
			continue;
		++*programs;
		*run_ns += info.run_time_ns;
		if (info.run_cnt < least)
			least = info.run_cnt;
	}
	return *programs ? least : 0;
}
