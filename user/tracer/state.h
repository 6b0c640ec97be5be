/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* Inside of the tracer: tracer.c runs it, choose.c decides how, attach.c does it. */
#ifndef HERDTRACE_TRACER_STATE_H
#define HERDTRACE_TRACER_STATE_H

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* The types that the skeleton's sections are made of. */
#include "bpf/counters.h"
#include "bpf/filter.h"
#include "bpf/reader.h"
#include "bpf/settings.h"

#include "base/vector.h"
#include "herdtrace.skel.h"
#include "tracer/hooks.h"
#include "tracer/ksyms.h"
#include "tracer/programs.h"
#include "tracer/tracer.h"
#include "tracer/types.h"

/* At most six programs for each hook, and few have as many. */
#define LINKS_MAX 192

/* Two hooks in two copies. */
#define EXITS_MAX 4

/* What the programs recognise by its address. */
#define TRACER_SYMBOLS 8

struct tracer {
	struct herdtrace_bpf *skel;
	struct types types;  /* of the kernel; only while the tracer is opened */
	struct ksyms *ksyms; /* NULL: not read yet; tracer__ksyms() */
	uint64_t addresses[TRACER_SYMBOLS];
	struct ring_buffer *ring;
	const uint64_t *positions[2];  /* of the ring's reader and writers, in pages of their own */
	struct tracer_hook *hooks;     /* one for each of hooks[] */
	struct bpf_program **programs; /* those that were taken: for each hook, one of each kind */
	const struct hook *missing;    /* what made choosing fail */
	struct bpf_link *links[LINKS_MAX];
	size_t link_cnt;
	struct bpf_link *exits[EXITS_MAX]; /* on every system call of the machine (early.c) */
	size_t exit_cnt;
	VECTOR(pid_t) sharers; /* other processes that may wait for what is traced */
	enum attach_mode mode; /* the one taken: FENTRY or KPROBE */
	bool has_unix;         /* all hooks for AF_UNIX are there */
	bool has_loop;         /* the kernel has bpf_loop() */
	bool preempts;         /* it skips programs in which it has preempted a task */
	bool running;          /* tasks may be inside of waiting calls already */
	tracer_sink sink;      /* NULL: records go nowhere */
	void *sink_arg;
	bool has_orphans;       /* a listener was closed since the last purge */
	uint64_t misses_before; /* tracer__misses() when the run began */
};

/* The program of that kind that was taken for hooks[index], NULL when there is none. */
struct bpf_program *tracer__program(const struct tracer *t, size_t index,
				    const struct program_kind *kind);

/* In how many copies the programs of a hook are attached on this kernel. */
unsigned tracer__copies(const struct tracer *t, const struct hook *hook);

/* All of the kernel's symbols, read when they are first wanted. NULL with errno set where they cannot be. */
const struct ksyms *tracer__ksyms(struct tracer *t);

/* Finds t->addresses. 0, -EPERM where the kernel hides them, or negative errno where it cannot be asked. */
int tracer__find_symbols(struct tracer *t);

/* Picks a function and programs for each hook. 0, or -ENXIO with t->missing set. */
int tracer__choose_hooks(struct tracer *t);

/* Tells the programs what they must know about the running kernel. 0 or negative errno. */
int tracer__configure(struct tracer *t, const struct tracer_options *options);

/* Attaches what was chosen. 0 or negative errno; what is attached then stays so. */
int tracer__attach(struct tracer *t);

/* Returns 0 or negative errno. */
int tracer__open_ring(struct tracer *t);
void tracer__close_ring(struct tracer *t);

/* This process reads the ring from now on, and looks for itself. */
void tracer__read_here(struct tracer *t);

/*
 * New arrivals and walks are no longer taken up, and those under way have ended on return. 0 or
 * negative errno; hooks stay attached.
 */
int tracer__stop(struct tracer *t);

/* Of the hooks on the exits of all system calls: they are gone on return, and the others stay. */
void tracer__detach_exits(struct tracer *t);

/* On return the hooks are gone. */
void tracer__detach(struct tracer *t);

/* Fills in the totals and losses of the run that has ended now. */
void tracer__sum_up(const struct tracer *t, struct record_end *end);

/* How often the kernel skipped one of our programs without anything else to notice it by. */
uint64_t tracer__misses(const struct tracer *t);

#endif
