// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* The programs of the chosen hooks: attaching, detaching, how often they ran and did not. */
#include <errno.h>
#include <stdio.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "tracer/state.h"

/* How long a task may take to end an arrival that it has begun: it may have been preempted. */
#define STOP_LIMIT_MS 200

static int attach_one(struct tracer *t, const char *prefix, const char *function)
{
	struct bpf_program *p = tracer__program(t, prefix, function);
	struct bpf_link *link;

	if (!p || !bpf_program__autoload(p))
		return 0;
	if (t->link_cnt == LINKS_MAX)
		return -E2BIG;
	link = bpf_program__attach(p);
	if (!link) {
		log_detail("%s_%s cannot be attached: %s", prefix, function, strerror(errno));
		return -errno;
	}
	t->links[t->link_cnt++] = link;
	return 0;
}

/* What the programs of a hook are called, before the name of its function. */
static const char *const prefixes[] = {"fentry",      "fentry_loop", "fentry_again", "fentry_third",
				       "fexit",       "fexit_again", "fexit_third",  "kprobe",
				       "kprobe_loop", "kretprobe",   "tp",           "tp_again"};

#define PREFIX_CNT (sizeof(prefixes) / sizeof(prefixes[0]))

static int attach_hook(struct tracer *t, const struct tracer_hook *hook)
{
	int err = 0;

	for (size_t i = 0; i < PREFIX_CNT && !err; i++)
		err = attach_one(t, prefixes[i], hook->function);
	return err;
}

int tracer__attach(struct tracer *t)
{
	for (size_t i = 0; i < hook_cnt; i++) {
		int err = t->hooks[i].function ? attach_hook(t, &t->hooks[i]) : 0;

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
	return 0;
}

void tracer__detach(struct tracer *t)
{
	/* It cannot where a CPU runs without ticks; the first link takes a grace period, too. */
	if (t->skel && t->skel->bss && t->link_cnt)
		tracer__stop(t);
	for (size_t i = 0; i < t->link_cnt; i++)
		bpf_link__destroy(t->links[i]);
	t->link_cnt = 0;
}

/* Is this one of a hook that is attached more than once? */
static bool has_copy(const struct tracer *t, const struct bpf_program *p)
{
	const char *name = bpf_program__name(p), *function = strchr(name, '_');
	char other[128];

	if (!function || strstr(name, "_again_") || strstr(name, "_third_"))
		return function;
	snprintf(other, sizeof(other), "%.*s_again%s", (int)(function - name), name, function);
	return bpf_object__find_program_by_name(t->skel->obj, other);
}

/*
 * Are misses of this program noticed by what is missing then?
 *
 * Hooks that are attached more than once notice themselves what all copies missed (calls.bpf.h).
 * kprobes are skipped while any other one runs on the CPU (trace_call_bpf()). That happens to what
 * an interrupt does, from beginning to end: mostly to wakes that are none of ours. An arrival
 * that is missed like this shows when it is accepted, a walk at the end of its arrival.
 */
static bool notices_misses(const struct tracer *t, const struct bpf_program *p)
{
	return bpf_program__type(p) == BPF_PROG_TYPE_KPROBE || has_copy(t, p);
}

/* Times that the kernel did not run one of our programs because it was running already (5.12). */
uint64_t tracer__misses(const struct tracer *t)
{
	uint64_t misses = 0;
	struct bpf_program *p;

	bpf_object__for_each_program(p, t->skel->obj)
	{
		struct bpf_prog_info info = {0};
		uint32_t len = sizeof(info);

		if (bpf_program__fd(p) < 0 ||
		    bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &len))
			continue;
		if (info.recursion_misses)
			log_detail("%s was skipped %llu times", bpf_program__name(p),
				   (unsigned long long)info.recursion_misses);
		if (!notices_misses(t, p))
			misses += info.recursion_misses;
	}
	return misses;
}

int tracer__count_calls(void)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	return fd < 0 ? -errno : fd;
}

uint64_t tracer__calls(const struct tracer *t, size_t index, unsigned *programs)
{
	uint64_t least = UINT64_MAX;

	*programs = 0;
	for (size_t i = 0; i < PREFIX_CNT && t->hooks[index].function; i++) {
		struct bpf_program *p = tracer__program(t, prefixes[i], t->hooks[index].function);
		struct bpf_prog_info info = {0};
		uint32_t len = sizeof(info);

		if (!p || bpf_program__fd(p) < 0 ||
		    bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &len))
			continue;
		++*programs;
		if (info.run_cnt < least)
			least = info.run_cnt;
	}
	return *programs ? least : 0;
}
