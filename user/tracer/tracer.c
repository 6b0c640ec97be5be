// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "bpf/task_state.h"
#include "tracer/preempt.h"
#include "tracer/privilege.h"
#include "tracer/state.h"
#include "tracer/subset.h"
#include "tracer/attach_target.h"

/* What libbpf warned of first since the last attempt began: nothing else knows why loading failed. */
static char first_warning[256];

static void keep_warning(const char *format, va_list args)
{
	va_list copy;

	if (first_warning[0])
		return;
	va_copy(copy, args);
	vsnprintf(first_warning, sizeof(first_warning),
		  format + (strncmp(format, "libbpf: ", 8) ? 0 : 8), copy);
	va_end(copy);
	first_warning[strcspn(first_warning, "\n")] = '\0';
}

static int print_libbpf(enum libbpf_print_level level, const char *format, va_list args)
{
	if (level == LIBBPF_WARN)
		keep_warning(format, args);
	if (level == LIBBPF_DEBUG || !log_is_verbose())
		return 0;
	return vfprintf(stderr, format, args);
}

/* ---- loading and attaching ---- */

static void close_object(struct tracer *t)
{
	tracer__detach(t);
	tracer__close_ring(t);
	herdtrace_bpf__destroy(t->skel);
	t->skel = NULL;
}

static int name_cgroup(const struct tracer *t, const char *path)
{
	uint32_t key = 0;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 ? -errno : 0;

	if (!err)
		err = bpf_map__update_elem(t->skel->maps.cgroups, &key, sizeof(key), &fd,
					   sizeof(fd), BPF_ANY);
	if (fd >= 0)
		close(fd);
	return err;
}

/* Its types are read from a file, which is filled once it is known what they have to be. */
static int open_skeleton(struct tracer *t, int types_fd)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts);
	char path[32];
	int err = attach_target__register();

	if (err)
		return err;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", types_fd);
	opts.btf_custom_path = path;
	t->skel = herdtrace_bpf__open_opts(&opts);
	return t->skel ? subset__write(&t->types, bpf_object__btf(t->skel->obj), types_fd) : -errno;
}

static int load(struct tracer *t)
{
	int err;

	attach_target__look_in(&t->types);
	err = herdtrace_bpf__load(t->skel);
	attach_target__look_in(NULL);
	return err;
}

/* Chooses and loads. */
static int load_object(struct tracer *t, const struct tracer_options *options)
{
	int types_fd = memfd_create("types", MFD_CLOEXEC), err;

	if (types_fd < 0)
		return -errno;
	err = open_skeleton(t, types_fd);
	if (!err)
		err = tracer__choose_hooks(t);
	if (!err)
		err = tracer__configure(t, options);
	if (!err)
		err = load(t);
	close(types_fd);
	return err;
}

/* One attempt with one mode. */
static int open_object(struct tracer *t, const struct tracer_options *options,
		       enum attach_mode mode)
{
	int err;

	t->mode = mode;
	first_warning[0] = '\0';
	if (mode == ATTACH_KPROBE && !tracer__ksyms(t))
		return -errno;
	if (tracer__switched_off(t))
		return -EOPNOTSUPP;
	err = load_object(t, options);
	if (!err && options->cgroup)
		err = name_cgroup(t, options->cgroup);
	if (!err)
		err = tracer__attach(t);
	if (!err)
		err = tracer__open_ring(t);
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
	/* These would only be worse, or the same. */
	if (!err || options->mode == ATTACH_FENTRY || err == -EPERM || err == -EMFILE ||
	    !privilege__has_kprobes())
		return err;
	log_detail("fentry: %s; trying kprobe", strerror(-err));
	return open_object(t, options, ATTACH_KPROBE);
}

/* By the kernel's own list: a trial program would be judged by its verifier's wording. */
static bool has_helper(const struct tracer *t, const char *helper)
{
	return types__has_constant(&t->types, "bpf_func_id", helper);
}

static int read_kernel(struct tracer *t, struct error *error)
{
	int err;

	t->hooks = calloc(hook_cnt, sizeof(*t->hooks));
	t->programs = calloc(hook_cnt * program_kind_cnt, sizeof(struct bpf_program *));
	err = t->hooks && t->programs ? types__load(&t->types) : -ENOMEM;
	t->preempts = preempt__is_on();
	if (!err) {
		t->has_loop = has_helper(t, "BPF_FUNC_loop");
		err = tracer__find_symbols(t);
	}
	if (err == -EPERM)
		return privilege__explain_hidden(error);
	if (!err)
		return 0;
	return error__set(error, FAULT_SYSTEM, -ENOMEM,
			  "cannot read the kernel's types or symbols (/sys/kernel/btf/vmlinux, "
			  "/proc/kallsyms): %s",
			  strerror(-err));
}

static int explain(const struct tracer *t, int err, struct error *error)
{
	const struct refusal refusal = {
		.err = err,
		.kprobe = t->mode == ATTACH_KPROBE,
		/* The two came with the same version, 5.11. */
		.charges_memory = !has_helper(t, "BPF_FUNC_ktime_get_coarse_ns"),
		.detail = first_warning,
	};

	return privilege__explain(error, &refusal);
}

static int try_to_open(struct tracer *t, const struct tracer_options *options, struct error *error)
{
	int err;

	err = privilege__check(error);
	if (!err)
		err = read_kernel(t, error);
	if (err)
		return err;
	err = open_ladder(t, options);
	if (err == -ENXIO && t->missing)
		return error__set(error, FAULT_SYSTEM, err,
				  "this kernel has no %s to hook (%s): it was built without it, or "
				  "inlined it",
				  t->missing->functions[0], t->missing->purpose);
	return err ? explain(t, err, error) : 0;
}

int tracer__open(struct tracer **tracer, const struct tracer_options *options, tracer_sink sink,
		 void *arg, struct error *error)
{
	struct tracer *t = calloc(1, sizeof(*t));
	int err;

	*tracer = NULL;
	if (!t)
		return error__set(error, FAULT_SYSTEM, -ENOMEM, "out of memory");
	t->sink = sink;
	t->sink_arg = arg;
	t->running = options->running;
	libbpf_set_print(print_libbpf);
	err = try_to_open(t, options, error);
	types__free(&t->types);
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
	ksyms__free(t->ksyms);
	free(t->sharers.at);
	free(t->hooks);
	free(t->programs);
	free(t);
}

const char *tracer__mode(const struct tracer *t)
{
	return t->mode == ATTACH_KPROBE ? "kprobe" : "fentry";
}

const char *tracer__switched_off(const struct tracer *t)
{
	return privilege__switched_off(t->mode == ATTACH_KPROBE);
}

struct tracer_hook tracer__hook(const struct tracer *t, size_t index)
{
	return t->hooks[index];
}

/* ---- running ---- */

int tracer__follow(struct tracer *t, pid_t tid, pid_t tgid)
{
	__u32 *place = &t->skel->bss->filters.tasks[filter__task_place(tid)];
	struct task_state fresh = {.tgid = tgid};
	uint32_t key = tid;
	int err;

	__sync_fetch_and_add(place, 1);
	err = bpf_map__update_elem(t->skel->maps.tasks, &key, sizeof(key), &fresh, sizeof(fresh),
				   BPF_NOEXIST);
	if (err)
		__sync_fetch_and_sub(place, 1);
	/* It may have been woken since it was followed: what is known of it must not go. */
	return err == -EEXIST ? 0 : err;
}

static int keep_sharer(struct tracer *t, uint32_t pid)
{
	pid_t *slot;

	/* It is told once for each of its files. */
	if (t->sharers.cnt && t->sharers.at[t->sharers.cnt - 1] == (pid_t)pid)
		return 0;
	slot = vector_add(&t->sharers);
	if (!slot)
		return -ENOMEM;
	*slot = pid;
	return 0;
}

static int read_numbers(struct tracer *t, int fd)
{
	uint32_t pids[1024];
	ssize_t got;
	int err = 0;

	while (!err && (got = read(fd, pids, sizeof(pids)))) {
		if (got < 0 && errno != EAGAIN)
			err = -errno;
		for (ssize_t i = 0; !err && i < got / (ssize_t)sizeof(*pids); i++)
			err = keep_sharer(t, pids[i]);
	}
	return err;
}

/* Lets a program look at the open files of all tasks. It may write the numbers of processes, for which there is room. */
static int look_at_files(struct tracer *t, const struct bpf_program *iterator)
{
	struct bpf_link *link = bpf_program__attach_iter(iterator, NULL);
	int fd, err = 0;

	if (!link)
		return -errno;
	fd = bpf_iter_create(bpf_link__fd(link));
	if (fd < 0)
		err = -errno;
	if (!err)
		err = read_numbers(t, fd);
	if (fd >= 0)
		close(fd);
	bpf_link__destroy(link);
	return err;
}

int tracer__scan(struct tracer *t)
{
	int err = look_at_files(t, t->skel->progs.iter_listeners);

	return err || !t->running ? err : look_at_files(t, t->skel->progs.iter_sharers);
}

int tracer__tell_holders(struct tracer *t)
{
	return look_at_files(t, t->skel->progs.iter_holders);
}

void tracer__sum_up(const struct tracer *t, struct record_end *end)
{
	const struct counters *c = &t->skel->bss->counters;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	*end = (struct record_end){
		.header = {.type = RECORD_END, .len = sizeof(*end)},
		.arrivals = c->arrivals,
		.wakes = c->wakes,
		.accepts = c->accepts,
		.ring_drops = c->ring_drops,
		.map_full = c->map_full,
		.missed_probes = tracer__misses(t) - t->misses_before + c->unbalanced_frames +
				 c->missed_calls + c->open_frames +
				 (tracer__switched_off(t) != NULL),
		.long_lists = c->long_lists,
		.early_calls = c->early_calls,
	};
	if (end->missed_probes)
		log_detail("missed: %llu ends or beginnings of walks and arrivals, %llu calls, "
			   "%llu walks that have not ended",
			   (unsigned long long)c->unbalanced_frames,
			   (unsigned long long)c->missed_calls, (unsigned long long)c->open_frames);
	end->header.time_ns = (uint64_t)now.tv_sec * 1000000000u + now.tv_nsec;
}

void tracer__losses(const struct tracer *t, struct record_end *so_far)
{
	const struct counters *c = &t->skel->bss->counters;

	*so_far = (struct record_end){
		.ring_drops = c->ring_drops,
		.map_full = c->map_full,
		.missed_probes = tracer__misses(t) - t->misses_before + c->unbalanced_frames +
				 c->missed_calls + (tracer__switched_off(t) != NULL),
		.long_lists = c->long_lists,
		.early_calls = c->early_calls,
	};
}

int tracer__finish(struct tracer *t, struct record_end *end)
{
	int err;

	/* It cannot where a CPU runs without ticks; but the first link that goes takes a grace period, too. */
	if (tracer__stop(t))
		tracer__detach(t);
	err = ring_buffer__consume(t->ring);
	tracer__sum_up(t, end);
	return err < 0 ? err : 0;
}

char *tracer__stack(struct tracer *t, int stack_id)
{
	uint64_t frames[64] = {0};
	const struct ksyms *ksyms;
	uint32_t key = stack_id;
	unsigned begun = 0;
	char *text = NULL;
	size_t len;
	FILE *f;

	if (stack_id < 0 || bpf_map__lookup_elem(t->skel->maps.stacks, &key, sizeof(key), frames,
						 sizeof(frames), 0))
		return NULL;
	ksyms = tracer__ksyms(t);
	f = ksyms ? open_memstream(&text, &len) : NULL;
	if (!f)
		return NULL;
	for (size_t i = 0; i < 64 && frames[i]; i++) {
		const char *name = ksyms__name(ksyms, frames[i]);

		/* Trampolines and BPF programs, ours among them, have no place in the story. */
		if (name && strncmp(name, "bpf_", 4))
			fprintf(f, "%s%s", begun++ ? " < " : "", name);
	}
	fclose(f);
	return text;
}
