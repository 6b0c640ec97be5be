// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include "tracer.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "herdtrace.skel.h"
#include "hooks.h"
#include "ksyms.h"
#include "log.h"
#include "privilege.h"

/* At most four programs for each hook. */
#define LINKS_MAX 128

struct tracer {
	struct herdtrace_bpf *skel;
	struct btf *kernel_types;
	struct ksyms *ksyms;
	struct ring_buffer *ring;
	struct tracer_hook *hooks; /* one for each of hooks[] */
	struct bpf_link *links[LINKS_MAX];
	size_t link_cnt;
	enum attach_mode mode; /* the one taken: FENTRY or KPROBE */
	bool has_loop;         /* the kernel has bpf_loop() */
	tracer_sink sink;
	void *sink_arg;
};

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_DEBUG || !log_is_verbose())
		return 0;
	return vfprintf(stderr, format, args);
}

/* ---- choosing ---- */

static bool has_types(const struct tracer *t, const char *function)
{
	return btf__find_by_name_kind(t->kernel_types, function, BTF_KIND_FUNC) > 0;
}

/* By the kernel's own list: a trial program would be judged by its verifier's wording. */
static bool has_helper(const struct tracer *t, const char *helper)
{
	int id = btf__find_by_name_kind(t->kernel_types, "bpf_func_id", BTF_KIND_ENUM);
	const struct btf_type *type = id > 0 ? btf__type_by_id(t->kernel_types, id) : NULL;

	for (int i = 0; type && i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(t->kernel_types, btf_enum(type)[i].name_off);

		if (name && !strcmp(name, helper))
			return true;
	}
	return false;
}

static struct bpf_program *program(const struct tracer *t, const char *prefix, const char *function)
{
	char name[128];

	snprintf(name, sizeof(name), "%s_%s", prefix, function);
	return bpf_object__find_program_by_name(t->skel->obj, name);
}

/* Of a program that searches there is a version for kernels with bpf_loop(). */
static void enable(const struct tracer *t, const char *prefix, const char *function)
{
	struct bpf_program *p = NULL;
	char with_loop[32];

	snprintf(with_loop, sizeof(with_loop), "%s_loop", prefix);
	if (t->has_loop)
		p = program(t, with_loop, function);
	if (!p)
		p = program(t, prefix, function);
	if (p)
		bpf_program__set_autoload(p, true);
}

/* Takes the first candidate that this kernel has; NULL functions when there is none. */
static struct tracer_hook choose_function(const struct tracer *t, const struct hook *hook)
{
	for (size_t i = 0; i < HOOK_CANDIDATES && hook->functions[i]; i++) {
		const char *function = hook->functions[i];

		if (t->mode == ATTACH_FENTRY && has_types(t, function)) {
			enable(t, "fentry", function);
			enable(t, "fexit", function);
			enable(t, "fentry_again", function);
			enable(t, "fexit_again", function);
			return (struct tracer_hook){function, "fentry"};
		}
		if (t->mode == ATTACH_KPROBE && ksyms__has(t->ksyms, function)) {
			enable(t, "kprobe", function);
			enable(t, "kretprobe", function);
			return (struct tracer_hook){function, "kprobe"};
		}
	}
	return (struct tracer_hook){0};
}

static struct tracer_hook choose(const struct tracer *t, const struct hook *hook)
{
	if (hook->kind == HOOK_FUNCTION)
		return choose_function(t, hook);
	if (hook->kind == HOOK_SYSCALL && t->mode != ATTACH_KPROBE)
		return (struct tracer_hook){0};
	enable(t, "tp", hook->functions[0]);
	return (struct tracer_hook){hook->functions[0], "tracepoint"};
}

static int choose_hooks(struct tracer *t)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, t->skel->obj) bpf_program__set_autoload(p, false);
	bpf_program__set_autoload(t->skel->progs.iter_task_file, true);
	for (size_t i = 0; i < hook_cnt; i++) {
		t->hooks[i] = choose(t, &hooks[i]);
		if (!t->hooks[i].function && !hooks[i].optional && hooks[i].kind != HOOK_SYSCALL) {
			log_error("this kernel has no %s to hook (%s): it was built without it, or "
				  "inlined it",
				  hooks[i].functions[0], hooks[i].purpose);
			return -ENOENT;
		}
	}
	return 0;
}

/* ---- settings ---- */

/* sched_switch has passed prev_state since 5.18: its prototype then has five parameters. */
static bool switch_has_state(const struct tracer *t)
{
	int id =
		btf__find_by_name_kind(t->kernel_types, "btf_trace_sched_switch", BTF_KIND_TYPEDEF);
	const struct btf_type *type = id > 0 ? btf__type_by_id(t->kernel_types, id) : NULL;

	while (type && (btf_is_typedef(type) || btf_is_ptr(type)))
		type = btf__type_by_id(t->kernel_types, type->type);
	return type && btf_is_func_proto(type) && btf_vlen(type) >= 5;
}

static uint64_t address_of(const struct tracer *t, const char *name)
{
	uint64_t address = ksyms__address(t->ksyms, name);

	return address ? address : UINT64_MAX;
}

static size_t round_buffer(size_t bytes)
{
	size_t rounded = sysconf(_SC_PAGESIZE);

	while (rounded < bytes)
		rounded *= 2;
	return rounded;
}

static int configure(struct tracer *t, const struct tracer_options *options)
{
	struct herdtrace_bpf__rodata *cfg = t->skel->rodata;
	size_t bytes = round_buffer(options->buffer_bytes);
	uint64_t random[2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -errno;
	cfg->cfg_handle_xor = random[0];
	cfg->cfg_handle_odd = random[1] | 1;
	cfg->cfg_ring_wakeup = bytes / 4;
	cfg->cfg_switch_has_state = switch_has_state(t);
	cfg->cfg_stacks = options->stacks;
	cfg->addr_ep_poll_callback = address_of(t, "ep_poll_callback");
	cfg->addr_pollwake = address_of(t, "pollwake");
	cfg->addr_autoremove_wake_function = address_of(t, "autoremove_wake_function");
	cfg->addr_default_wake_function = address_of(t, "default_wake_function");
	cfg->addr_socket_file_ops = address_of(t, "socket_file_ops");
	return bpf_map__set_max_entries(t->skel->maps.ring, bytes);
}

/* ---- loading and attaching ---- */

static int attach_one(struct tracer *t, const char *prefix, const char *function)
{
	struct bpf_program *p = program(t, prefix, function);
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
static const char *const prefixes[] = {"fentry",      "fentry_loop", "fentry_again",
				       "fexit",       "fexit_again", "kprobe",
				       "kprobe_loop", "kretprobe",   "tp"};

#define PREFIX_CNT (sizeof(prefixes) / sizeof(prefixes[0]))

static int attach_hook(struct tracer *t, const struct tracer_hook *hook)
{
	int err = 0;

	for (size_t i = 0; i < PREFIX_CNT && !err; i++)
		err = attach_one(t, prefixes[i], hook->function);
	return err;
}

static int attach_all(struct tracer *t)
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

/* New arrivals and walks are no longer taken up; those under way end before their hooks go. */
static void detach_all(struct tracer *t)
{
	if (t->skel && t->skel->bss)
		t->skel->bss->stopped = 1;
	for (size_t i = 0; i < t->link_cnt; i++)
		bpf_link__destroy(t->links[i]);
	t->link_cnt = 0;
}

static void close_object(struct tracer *t)
{
	detach_all(t);
	ring_buffer__free(t->ring);
	t->ring = NULL;
	herdtrace_bpf__destroy(t->skel);
	t->skel = NULL;
}

static int receive(void *arg, void *data, size_t size)
{
	struct tracer *t = arg;

	return t->sink(t->sink_arg, data, size);
}

/* One attempt with one mode. */
static int open_object(struct tracer *t, const struct tracer_options *options,
		       enum attach_mode mode)
{
	int err;

	t->mode = mode;
	t->skel = herdtrace_bpf__open();
	if (!t->skel)
		return -errno;
	err = choose_hooks(t);
	if (!err)
		err = configure(t, options);
	if (!err)
		err = herdtrace_bpf__load(t->skel);
	if (!err)
		err = attach_all(t);
	if (!err) {
		t->ring = ring_buffer__new(bpf_map__fd(t->skel->maps.ring), receive, t, NULL);
		err = t->ring ? 0 : -errno;
	}
	if (err)
		close_object(t);
	return err;
}

static int open_ladder(struct tracer *t, const struct tracer_options *options)
{
	int err;

	if (options->mode == ATTACH_KPROBE)
		return open_object(t, options, ATTACH_KPROBE);
	err = open_object(t, options, ATTACH_FENTRY);
	if (!err || options->mode == ATTACH_FENTRY || err == -EPERM || err == -ENOENT)
		return err;
	log_detail("fentry: %s; trying kprobe", strerror(-err));
	return open_object(t, options, ATTACH_KPROBE);
}

int tracer__open(struct tracer **tracer, const struct tracer_options *options, tracer_sink sink,
		 void *arg)
{
	struct tracer *t = calloc(1, sizeof(*t));
	int err = -ENOMEM;

	*tracer = NULL;
	if (!t)
		return err;
	t->sink = sink;
	t->sink_arg = arg;
	libbpf_set_print(print_libbpf);
	err = privilege__check();
	if (err)
		goto out;
	t->hooks = calloc(hook_cnt, sizeof(*t->hooks));
	t->kernel_types = btf__load_vmlinux_btf();
	t->ksyms = ksyms__load();
	t->has_loop = t->kernel_types && has_helper(t, "BPF_FUNC_loop");
	err = -ENOMEM;
	if (!t->hooks || !t->kernel_types || !t->ksyms) {
		log_error("cannot read the kernel's types or symbols (/sys/kernel/btf/vmlinux, "
			  "/proc/kallsyms): %s",
			  strerror(errno));
		goto out;
	}
	err = open_ladder(t, options);
	if (err)
		privilege__explain(err);
out:
	if (err) {
		tracer__free(t);
		return err;
	}
	*tracer = t;
	return 0;
}

void tracer__free(struct tracer *t)
{
	if (!t)
		return;
	close_object(t);
	btf__free(t->kernel_types);
	ksyms__free(t->ksyms);
	free(t->hooks);
	free(t);
}

const char *tracer__mode(const struct tracer *t)
{
	return t->mode == ATTACH_KPROBE ? "kprobe" : "fentry";
}

struct tracer_hook tracer__hook(const struct tracer *t, size_t index)
{
	return t->hooks[index];
}

/* ---- running ---- */

int tracer__follow(struct tracer *t, pid_t tid, pid_t tgid)
{
	struct {
		uint32_t tgid;
		char rest[36];
	} fresh = {.tgid = tgid};
	uint32_t key = tid;

	_Static_assert(sizeof(fresh) == 40, "struct task_state of state.bpf.h");
	if (bpf_map__value_size(t->skel->maps.tasks) != sizeof(fresh))
		return -EINVAL;
	return bpf_map__update_elem(t->skel->maps.tasks, &key, sizeof(key), &fresh, sizeof(fresh),
				    BPF_ANY);
}

int tracer__scan(struct tracer *t)
{
	struct bpf_link *link = bpf_program__attach_iter(t->skel->progs.iter_task_file, NULL);
	char unused[64];
	int fd, err = 0;
	ssize_t got;

	if (!link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(link));
	if (fd < 0)
		err = -errno;
	while (!err && (got = read(fd, unused, sizeof(unused))))
		if (got < 0 && errno != EAGAIN)
			err = -errno;
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	return err;
}

int tracer__poll(struct tracer *t, int timeout_ms)
{
	int got = ring_buffer__poll(t->ring, timeout_ms);

	if (got < 0)
		return got;
	/* The kernel side does not wake us for each record. */
	got = ring_buffer__consume(t->ring);
	return got < 0 ? got : 0;
}

/* Is this one of a hook that is attached twice? */
static bool has_copy(const struct tracer *t, const struct bpf_program *p)
{
	const char *name = bpf_program__name(p), *function = strchr(name, '_');
	char other[128];

	if (!function || strstr(name, "_again_"))
		return function;
	snprintf(other, sizeof(other), "%.*s_again%s", (int)(function - name), name, function);
	return bpf_object__find_program_by_name(t->skel->obj, other);
}

/*
 * Are misses of this program noticed by what is missing then?
 *
 * Hooks that are attached twice notice themselves what both copies have missed (calls.bpf.h).
 * kprobes are skipped while any other one runs on the CPU (trace_call_bpf()). That happens to what
 * an interrupt does, from beginning to end: mostly to wakes that are none of ours. An arrival
 * that is missed like this shows when it is accepted, a walk at the end of its arrival.
 */
static bool notices_misses(const struct tracer *t, const struct bpf_program *p)
{
	return bpf_program__type(p) == BPF_PROG_TYPE_KPROBE || has_copy(t, p);
}

/* Times that the kernel did not run one of our programs because it was running already (5.12). */
static uint64_t count_misses(const struct tracer *t)
{
	uint64_t misses = 0;
	struct bpf_program *p;

	bpf_object__for_each_program(p, t->skel->obj)
	{
		struct bpf_prog_info info = {0};
		uint32_t len = sizeof(info);

		if (bpf_program__fd(p) >= 0 && !notices_misses(t, p) &&
		    !bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &len)) {
			if (info.recursion_misses)
				log_detail("%s was skipped %llu times", bpf_program__name(p),
					   (unsigned long long)info.recursion_misses);
			misses += info.recursion_misses;
		}
	}
	return misses;
}

int tracer__count_calls(void)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	return fd < 0 ? -errno : fd;
}

uint64_t tracer__calls(const struct tracer *t, size_t index)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < PREFIX_CNT && t->hooks[index].function; i++) {
		struct bpf_program *p = program(t, prefixes[i], t->hooks[index].function);
		struct bpf_prog_info info = {0};
		uint32_t len = sizeof(info);

		if (!p || bpf_program__fd(p) < 0 ||
		    bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &len))
			continue;
		if (info.run_cnt < least)
			least = info.run_cnt;
	}
	return least == UINT64_MAX ? 0 : least;
}

int tracer__finish(struct tracer *t, struct record_end *end)
{
	const struct herdtrace_bpf__bss *bss = t->skel->bss;
	struct timespec now;
	int err;

	detach_all(t);
	err = ring_buffer__consume(t->ring);
	clock_gettime(CLOCK_MONOTONIC, &now);
	*end = (struct record_end){
		.header = {.type = RECORD_END, .len = sizeof(*end)},
		.arrivals = bss->total_arrivals,
		.wakes = bss->total_wakes,
		.accepts = bss->total_accepts,
		.ring_drops = bss->loss_ring_drops,
		.map_full = bss->loss_map_full,
		.missed_probes = count_misses(t) + bss->loss_unbalanced_frames +
				 bss->loss_missed_calls + bss->open_frames,
	};
	end->header.time_ns = (uint64_t)now.tv_sec * 1000000000u + now.tv_nsec;
	return err < 0 ? err : 0;
}

char *tracer__stack(struct tracer *t, int stack_id)
{
	uint64_t frames[64] = {0};
	uint32_t key = stack_id;
	char *text = NULL;
	size_t len;
	FILE *f;

	if (stack_id < 0 || bpf_map__lookup_elem(t->skel->maps.stacks, &key, sizeof(key), frames,
						 sizeof(frames), 0))
		return NULL;
	f = open_memstream(&text, &len);
	if (!f)
		return NULL;
	for (size_t i = 0; i < 64 && frames[i]; i++) {
		const char *name = ksyms__name(t->ksyms, frames[i]);

		fprintf(f, "%s%s", i ? " < " : "", name ? name : "?");
	}
	fclose(f);
	return text;
}
