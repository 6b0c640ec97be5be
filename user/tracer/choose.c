// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Which function each hook takes on the running kernel, and what the programs must know of it. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/log.h"
#include "tracer/addresses.h"
#include "tracer/buffer.h"
#include "tracer/state.h"

static struct bpf_program *find_program(const struct tracer *t, const char *prefix,
					const char *function)
{
	char name[128];

	snprintf(name, sizeof(name), "%s_%s", prefix, function);
	return bpf_object__find_program_by_name(t->skel->obj, name);
}

/* Of a program that searches there is a version for kernels with bpf_loop(). */
static struct bpf_program *find_version(const struct tracer *t, const struct program_kind *kind,
					const char *function)
{
	struct bpf_program *p = NULL;

	if (t->has_loop && kind->loop_prefix)
		p = find_program(t, kind->loop_prefix, function);
	return p ? p : find_program(t, kind->prefix, function);
}

struct bpf_program *tracer__program(const struct tracer *t, size_t index,
				    const struct program_kind *kind)
{
	return t->programs[index * program_kind_cnt + (kind - program_kinds)];
}

/* They are asked for often, and libbpf goes through the names of all to find one. */
static void keep_programs(struct tracer *t)
{
	for (size_t i = 0; i < hook_cnt; i++) {
		const char *function = t->hooks[i].function;

		for (size_t j = 0; j < program_kind_cnt; j++) {
			struct bpf_program *p =
				function ? find_version(t, &program_kinds[j], function) : NULL;

			t->programs[i * program_kind_cnt + j] =
				p && bpf_program__autoload(p) ? p : NULL;
		}
	}
}

unsigned tracer__copies(const struct tracer *t, const struct hook *hook)
{
	return 1 + (t->preempts ? hook->spare_copies : 0);
}

/* Takes all programs of a hook that hang on a function in one way. */
static struct tracer_hook take(const struct tracer *t, const struct hook *hook,
			       const char *function, enum program_how how)
{
	for (size_t i = 0; i < program_kind_cnt; i++) {
		const struct program_kind *kind = &program_kinds[i];
		struct bpf_program *p;

		if (kind->how != how || kind->copy > tracer__copies(t, hook))
			continue;
		p = find_version(t, kind, function);
		if (p)
			bpf_program__set_autoload(p, true);
	}
	return (struct tracer_hook){function, program_how__name(how)};
}

/* Takes the first candidate that this kernel has; NULL functions when there is none. */
static struct tracer_hook choose_function(const struct tracer *t, const struct hook *hook)
{
	for (size_t i = 0; i < HOOK_CANDIDATES && hook->functions[i]; i++) {
		const char *function = hook->functions[i];

		if (t->mode == ATTACH_FENTRY && types__find(&t->types, function, BTF_KIND_FUNC))
			return take(t, hook, function, PROGRAM_FENTRY);
		if (t->mode == ATTACH_KPROBE && ksyms__has(t->ksyms, function))
			return take(t, hook, function, PROGRAM_KPROBE);
	}
	return (struct tracer_hook){0};
}

static struct tracer_hook choose(const struct tracer *t, const struct hook *hook)
{
	if (hook->kind == HOOK_FUNCTION)
		return choose_function(t, hook);
	if (hook->kind == HOOK_SYSCALL && t->mode != ATTACH_KPROBE && !t->running)
		return (struct tracer_hook){0};
	return take(t, hook, hook->functions[0], PROGRAM_TRACEPOINT);
}

int tracer__choose_hooks(struct tracer *t)
{
	struct bpf_program *p;

	t->has_unix = true;
	bpf_object__for_each_program(p, t->skel->obj) bpf_program__set_autoload(p, false);
	bpf_program__set_autoload(t->skel->progs.iter_listeners, true);
	bpf_program__set_autoload(t->skel->progs.iter_holders, true);
	bpf_program__set_autoload(t->skel->progs.iter_sharers, t->running);
	for (size_t i = 0; i < hook_cnt; i++) {
		t->hooks[i] = choose(t, &hooks[i]);
		t->has_unix &= t->hooks[i].function || !hooks[i].af_unix;
		if (!t->hooks[i].function && !hooks[i].optional && hooks[i].kind != HOOK_SYSCALL) {
			t->missing = &hooks[i];
			return -ENXIO;
		}
	}
	keep_programs(t);
	return 0;
}

/* ---- settings ---- */

static const struct {
	const char *name;
	size_t setting; /* its place in struct settings */
} symbols[] = {
#define SYMBOL(name)                                          \
	{                                                     \
#name, offsetof(struct settings, addr_##name) \
	}
	SYMBOL(ep_poll_callback),       SYMBOL(pollwake),       SYMBOL(autoremove_wake_function),
	SYMBOL(receiver_wake_function), SYMBOL(io_poll_wake),   SYMBOL(default_wake_function),
	SYMBOL(socket_file_ops),        SYMBOL(eventpoll_fops),
};

#define SYMBOL_CNT (sizeof(symbols) / sizeof(symbols[0]))

_Static_assert(SYMBOL_CNT == TRACER_SYMBOLS, "struct tracer has room for each");

/* In all of the kernel's symbols. 0, -EPERM where they are hidden, or negative errno. */
static int search_symbols(struct tracer *t)
{
	const struct ksyms *all = tracer__ksyms(t);

	if (!all)
		return -errno;
	if (ksyms__are_hidden(all))
		return -EPERM;
	for (size_t i = 0; i < SYMBOL_CNT; i++)
		t->addresses[i] = ksyms__address(all, symbols[i].name);
	return 0;
}

/* A kernel that knows none of them has no such list. */
static bool knows_one(const struct tracer *t)
{
	for (size_t i = 0; i < SYMBOL_CNT; i++)
		if (t->addresses[i])
			return true;
	return false;
}

const struct ksyms *tracer__ksyms(struct tracer *t)
{
	if (!t->ksyms)
		t->ksyms = ksyms__load();
	return t->ksyms;
}

int tracer__find_symbols(struct tracer *t)
{
	const char *names[SYMBOL_CNT];
	int err;

	for (size_t i = 0; i < SYMBOL_CNT; i++)
		names[i] = symbols[i].name;
	err = addresses__ask(names, SYMBOL_CNT, t->addresses);
	if (!err && knows_one(t))
		return 0;
	return err == -EPERM ? err : search_symbols(t);
}

static void set_addresses(const struct tracer *t, struct settings *cfg)
{
	for (size_t i = 0; i < SYMBOL_CNT; i++) {
		uint64_t *setting = (void *)((char *)cfg + symbols[i].setting);

		*setting = t->addresses[i] ? t->addresses[i] : UINT64_MAX;
	}
}

int tracer__configure(struct tracer *t, const struct tracer_options *options)
{
	struct settings *cfg = &t->skel->rodata->cfg;
	size_t bytes =
		buffer__round(options->buffer_bytes ? options->buffer_bytes : buffer__default());
	uint64_t random[2];

	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return -errno;
	cfg->handle_xor = random[0];
	cfg->handle_odd = random[1] | 1;
	cfg->ring_wakeup = bytes / 4;
	/* It has passed prev_state since 5.18: its prototype then has five parameters. */
	cfg->switch_has_state = types__parameter_cnt(&t->types, "btf_trace_sched_switch") >= 5;
	cfg->stacks = options->stacks;
	cfg->exit_by_syscall = t->mode == ATTACH_KPROBE;
	cfg->running = t->running;
	cfg->traces_unix = t->has_unix;
	cfg->follows_cgroup = options->cgroup != NULL;
	cfg->all_waiters = options->all_waiters;
	set_addresses(t, cfg);
	return bpf_map__set_max_entries(t->skel->maps.ring, bytes);
}
