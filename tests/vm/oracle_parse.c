/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The oracle's half without a kernel: what the text of a trace says. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "oracle.h"
#include "trace_text.h"

/* ---- one stack: why was this task woken? ---- */

/*
 * A stack is read from the wake outwards, and the first part that explains the wake decides. What
 * lies further out belongs to whatever the softirq has interrupted: often enough a task inside
 * do_epoll_wait, connect or inet_csk_accept.
 *
 * The compiler inlines some of these functions, differently in each kernel. Always there are
 * __wake_up_common and all that is called through a pointer, from sock_def_readable to
 * ep_poll_callback. __wake_up_sync_key is missing up to 6.1 (a tail call), and so is
 * default_wake_function everywhere.
 */
enum role {
	ROLE_NONE,
	ROLE_UNKNOWN,
	ROLE_PLUMBING,   /* part of every wake: says nothing */
	ROLE_WALK,       /* calls the functions of the entries of a wait queue */
	ROLE_HOOK,       /* such a function, which tells how the task waited */
	ROLE_DATA_READY, /* wakes who waits for a socket */
	ROLE_ARRIVAL,    /* puts a connection on a listener's accept queue, calls DATA_READY */
	ROLE_MIGRATION,  /* likewise, from the queue of a listener that closes */
	ROLE_HARVEST,    /* collects an epoll's events, may wake the next waiter */
	ROLE_CONTROL,    /* adds or re-arms an item that may be ready, likewise */
	ROLE_UNLOCK,     /* releases a socket's lock */
	ROLE_ACCEPT,     /* takes the listener's lock */
	ROLE_BOUNDARY,   /* a system call, an interrupt, a softirq or a thread begins here */
	ROLE_INSERTED,   /* a trampoline between two frames that both are shown */
	ROLE_HIDING,     /* a trampoline in place of the frame that should be shown */
};

enum hook {
	HOOK_NONE,
	HOOK_ACCEPT,
	HOOK_EPOLL,
	HOOK_POLL,
	HOOK_IO_URING,
	HOOK_SIGNAL,
};

struct function {
	const char *name; /* a * at its end: all that begin like this */
	enum role role;
	enum hook hook;
};

static const struct function functions[] = {
	{"trace_event_raw_event_*", ROLE_PLUMBING, HOOK_NONE},
	{"__traceiter_sched_waking", ROLE_PLUMBING, HOOK_NONE},
	{"try_to_wake_up", ROLE_PLUMBING, HOOK_NONE},
	{"default_wake_function", ROLE_PLUMBING, HOOK_NONE},
	{"ep_autoremove_wake_function", ROLE_PLUMBING, HOOK_NONE},

	{"__wake_up_common", ROLE_WALK, HOOK_NONE},
	{"__wake_up_common_lock", ROLE_WALK, HOOK_NONE},
	{"__wake_up", ROLE_WALK, HOOK_NONE},
	{"__wake_up_sync", ROLE_WALK, HOOK_NONE},
	{"__wake_up_sync_key", ROLE_WALK, HOOK_NONE},
	{"__wake_up_locked*", ROLE_WALK, HOOK_NONE},

	{"autoremove_wake_function", ROLE_HOOK, HOOK_ACCEPT},
	{"receiver_wake_function", ROLE_HOOK, HOOK_ACCEPT}, /* AF_UNIX */
	{"ep_poll_callback", ROLE_HOOK, HOOK_EPOLL},
	{"pollwake", ROLE_HOOK, HOOK_POLL},
	{"io_poll_wake", ROLE_HOOK, HOOK_IO_URING},
	{"io_poll_double_wake", ROLE_HOOK, HOOK_IO_URING},
	{"io_async_wake", ROLE_HOOK, HOOK_IO_URING},

	{"sock_wake_async", ROLE_HOOK, HOOK_SIGNAL}, /* after the walk */
	{"kill_fasync", ROLE_HOOK, HOOK_SIGNAL},     /* its tail call */

	{"sock_def_readable", ROLE_DATA_READY, HOOK_NONE},
	{"tcp_child_process", ROLE_ARRIVAL, HOOK_NONE},
	{"tcp_conn_request", ROLE_ARRIVAL, HOOK_NONE}, /* a fast open */
	{"unix_stream_connect", ROLE_ARRIVAL, HOOK_NONE},
	{"inet_csk_listen_stop", ROLE_MIGRATION, HOOK_NONE},

	{"ep_done_scan", ROLE_HARVEST, HOOK_NONE},
	{"ep_scan_ready_list", ROLE_HARVEST, HOOK_NONE}, /* 5.10 */
	{"ep_send_events", ROLE_HARVEST, HOOK_NONE},
	{"ep_poll", ROLE_HARVEST, HOOK_NONE},
	{"do_epoll_wait", ROLE_HARVEST, HOOK_NONE},
	{"ep_insert", ROLE_CONTROL, HOOK_NONE},
	{"ep_modify", ROLE_CONTROL, HOOK_NONE}, /* re-arms after EPOLLONESHOT */
	{"do_epoll_ctl*", ROLE_CONTROL, HOOK_NONE},
	{"__x64_sys_epoll_ctl", ROLE_CONTROL, HOOK_NONE}, /* where the rest is inlined */

	{"release_sock", ROLE_UNLOCK, HOOK_NONE},
	{"inet_csk_accept", ROLE_ACCEPT, HOOK_NONE},

	{"asm_*", ROLE_BOUNDARY, HOOK_NONE},
	{"sysvec_*", ROLE_BOUNDARY, HOOK_NONE},
	{"common_interrupt", ROLE_BOUNDARY, HOOK_NONE},
	{"__do_softirq", ROLE_BOUNDARY, HOOK_NONE},
	{"handle_softirqs", ROLE_BOUNDARY, HOOK_NONE},
	{"entry_*", ROLE_BOUNDARY, HOOK_NONE},
	{"do_syscall_64", ROLE_BOUNDARY, HOOK_NONE},
	{"invoke_syscall", ROLE_BOUNDARY, HOOK_NONE},
	{"el0*", ROLE_BOUNDARY, HOOK_NONE},
	{"el1*", ROLE_BOUNDARY, HOOK_NONE},
	{"ret_from_fork*", ROLE_BOUNDARY, HOOK_NONE},
	{"do_idle", ROLE_BOUNDARY, HOOK_NONE},

	/* BPF (fexit, fmod_ret) and ftrace call the traced function from a trampoline. */
	{"bpf_trampoline_*", ROLE_INSERTED, HOOK_NONE},
	{"bpf_prog_*", ROLE_INSERTED, HOOK_NONE},
	{"ftrace_trampoline", ROLE_INSERTED, HOOK_NONE},
	{"ftrace_caller", ROLE_INSERTED, HOOK_NONE},
	{"ftrace_regs_caller", ROLE_INSERTED, HOOK_NONE},
	{"[FTRACE TRAMPOLINE]", ROLE_INSERTED, HOOK_NONE},
	{"0x*", ROLE_INSERTED, HOOK_NONE},
	/* These put themselves where the address of the caller was; newer unwinders undo it. */
	{"[unknown/kretprobe'd]", ROLE_HIDING, HOOK_NONE},
	{"kretprobe_trampoline", ROLE_HIDING, HOOK_NONE},
	{"__kretprobe_trampoline", ROLE_HIDING, HOOK_NONE},
	{"arch_rethook_trampoline", ROLE_HIDING, HOOK_NONE},
	{"return_to_handler", ROLE_HIDING, HOOK_NONE},
};

enum reason {
	REASON_OPEN,
	REASON_LISTENER,
	REASON_CHAIN,
	REASON_LOCK,
	REASON_OTHER,
	REASON_CUT,
	REASON_ERROR,
};

/* Who must have called what was just found, trampolines aside. */
enum caller {
	CALLER_ANY,
	CALLER_ARRIVAL,
	CALLER_ACCEPT,
};

struct stack {
	enum reason reason;
	enum caller caller;
	bool strayed;   /* caller was not the next frame */
	enum hook hook; /* of the last frame that is not a walk */
	bool in_walk;   /* the last frame is a walk */
	bool on_queue;  /* some frame is a walk or a hook */
	bool through_epoll;
	bool frame_hidden;
	bool migrated;
	bool controls;
	enum role last_role; /* of the last line, trampoline or not */
	char last_name[64];  /* of the last frame */
};

static bool function__matches(const struct function *function, const char *name, size_t len)
{
	size_t expected_len = strlen(function->name);

	if (function->name[expected_len - 1] == '*')
		return !strncmp(function->name, name, expected_len - 1);
	return expected_len == len && !memcmp(function->name, name, len);
}

/* text: "name", "name.isra.0", "name+0x1/0x2", "name [module]", "[unknown/kretprobe'd]" */
static struct function function__find(const char *text)
{
	const struct function none = {NULL, ROLE_UNKNOWN, HOOK_NONE};
	size_t len = *text == '[' ? strlen(text) : strcspn(text, " .+");

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
		if (function__matches(&functions[i], text, len))
			return functions[i];
	return none;
}

static void stack__decide(struct stack *stack, enum reason reason)
{
	/* The hidden frame might have been the one that explains the wake. */
	if (reason == REASON_OTHER && stack->frame_hidden)
		reason = REASON_ERROR;
	stack->reason = reason;
}

/* What is found, directly outside of a walk, is the one who walks: or else has done another thing. */
static void stack__judge(struct stack *stack, const struct function *function)
{
	bool walks = stack->in_walk;

	stack->in_walk = function->role == ROLE_WALK;
	stack->on_queue |= function->role == ROLE_WALK || function->role == ROLE_HOOK;
	switch (function->role) {
	case ROLE_WALK: break;
	case ROLE_DATA_READY:
		if (walks || stack->hook == HOOK_SIGNAL)
			stack->caller = CALLER_ARRIVAL;
		else
			stack__decide(stack, REASON_OTHER);
		break;
	case ROLE_HARVEST:
	case ROLE_CONTROL: /* without a walk it is, for one, the hand-over of the epoll's mutex */
		stack->controls = function->role == ROLE_CONTROL;
		stack__decide(stack, walks && !stack->through_epoll ? REASON_CHAIN : REASON_OTHER);
		break;
	case ROLE_UNLOCK:
		if (walks)
			stack->caller = CALLER_ACCEPT;
		else
			stack__decide(stack, REASON_OTHER);
		break;
	case ROLE_BOUNDARY: stack__decide(stack, REASON_OTHER); break;
	default: stack->hook = function->hook; stack->through_epoll |= function->hook == HOOK_EPOLL;
	}
}

/*
 * sock_def_readable also runs for connected sockets, and release_sock for any. If the caller that
 * makes the difference comes only further out, then something unknown stands in between.
 */
static void stack__judge_caller(struct stack *stack, enum role role)
{
	bool arrival = role == ROLE_ARRIVAL || role == ROLE_MIGRATION;

	if (role == ROLE_BOUNDARY) {
		stack__decide(stack, REASON_OTHER);
		return;
	}
	if (stack->caller == CALLER_ARRIVAL ? !arrival : role != ROLE_ACCEPT) {
		stack->strayed = true;
		return;
	}
	if (stack->strayed || (arrival && stack->hook == HOOK_NONE))
		stack__decide(stack, REASON_ERROR);
	else
		stack__decide(stack, arrival ? REASON_LISTENER : REASON_LOCK);
	stack->migrated = role == ROLE_MIGRATION;
}

static void stack__judge_frame(struct stack *stack, const struct function *function)
{
	if (stack->caller == CALLER_ANY)
		stack__judge(stack, function);
	else
		stack__judge_caller(stack, function->role);
}

/* The next line, outwards. */
static void stack__add(struct stack *stack, const char *name)
{
	struct function function = function__find(name);
	bool inserted = stack->last_role == ROLE_INSERTED;

	if (stack->reason != REASON_OPEN)
		return;
	stack->last_role = function.role;
	if (function.role == ROLE_INSERTED)
		return;
	if (function.role == ROLE_HIDING) {
		stack->frame_hidden = true;
		return;
	}
	/* An fexit trampoline is called from the function's first instruction and calls its
	 * second: most kernels then show the function on both sides. */
	if (inserted && !strncmp(stack->last_name, name, sizeof(stack->last_name) - 1))
		return;
	snprintf(stack->last_name, sizeof(stack->last_name), "%s", name);
	stack__judge_frame(stack, &function);
}

/* Every stack has a beginning. The kernel could not follow this one so far, or the text ends. */
static void stack__end(struct stack *stack)
{
	if (stack->reason != REASON_OPEN)
		return;
	if (stack->last_role == ROLE_HIDING && stack->on_queue)
		stack__decide(stack, REASON_CUT);
	else
		stack__decide(stack, REASON_ERROR);
}

/* ---- a trace: whose wakes, and which stack belongs to which? ---- */

/*
 * Events whose stack is still to come, each CPU's newest first. Nearly always it follows at once;
 * but a task that wakes itself does so with interrupts on, and other CPUs come in between where
 * the text is that of all of them.
 */
#define PENDING_MAX 16

struct pending {
	uint32_t tid;
	unsigned int cpu;
	uint64_t time_ns;
};

struct parser {
	struct oracle_counts *counts;
	size_t counts_cnt;
	struct pending pending[PENDING_MAX];
	size_t pending_cnt;
	struct stack stack;
	unsigned int stack_cpu;
	bool in_stack;
};

/* NULL: no memory */
static struct oracle_wakee *find_wakee(struct oracle_counts *counts, uint32_t tid)
{
	struct oracle_wakee *grown;

	for (size_t i = 0; i < counts->wakee_cnt; i++)
		if (counts->wakees[i].tid == tid)
			return &counts->wakees[i];
	grown = reallocarray(counts->wakees, counts->wakee_cnt + 1, sizeof(*grown));
	if (!grown)
		return NULL;
	counts->wakees = grown;
	grown += counts->wakee_cnt++;
	memset(grown, 0, sizeof(*grown));
	grown->tid = tid;
	return grown;
}

static void count_listener(struct oracle_counts *counts, const struct stack *stack)
{
	counts->listener++;
	counts->migrated += stack->migrated;
	switch (stack->hook) {
	case HOOK_ACCEPT: counts->accept++; break;
	case HOOK_EPOLL: counts->epoll++; break;
	case HOOK_POLL: counts->poll++; break;
	case HOOK_IO_URING: counts->io_uring++; break;
	case HOOK_SIGNAL: counts->signal++; break;
	case HOOK_NONE: break; /* is REASON_ERROR */
	}
}

static int add_event(struct oracle_counts *counts, const struct pending *event,
		     const struct stack *stack)
{
	struct oracle_event *grown =
		reallocarray(counts->events, counts->event_cnt + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	counts->events = grown;
	counts->events[counts->event_cnt++] = (struct oracle_event){
		.tid = event->tid,
		.time_ns = event->time_ns,
		.counts = stack->reason == REASON_LISTENER || stack->reason == REASON_CHAIN,
	};
	return 0;
}

static int count_wake(struct oracle_counts *counts, const struct pending *event,
		      const struct stack *stack)
{
	struct oracle_wakee *wakee = find_wakee(counts, event->tid);

	if (!wakee || add_event(counts, event, stack))
		return -ENOMEM;
	switch (stack->reason) {
	case REASON_LISTENER:
		wakee->listener++;
		count_listener(counts, stack);
		break;
	case REASON_CHAIN:
		wakee->chain++;
		counts->chain++;
		wakee->controlled += stack->controls;
		counts->controlled += stack->controls;
		break;
	case REASON_LOCK:
		wakee->lock++;
		counts->lock++;
		break;
	case REASON_OTHER:
		wakee->other++;
		counts->other++;
		break;
	case REASON_CUT:
		wakee->cut++;
		counts->cut++;
		break;
	case REASON_OPEN:
	case REASON_ERROR: counts->error_cnt++;
	}
	return 0;
}

/* The text gives whole microseconds, cut off. */
#define RESOLUTION_NS 1000

static bool is_in_time(const struct oracle_counts *counts, uint64_t time_ns)
{
	return time_ns + RESOLUTION_NS > counts->from_ns &&
	       (!counts->until_ns || time_ns <= counts->until_ns);
}

static int parser__count(struct parser *parser, const struct pending *event)
{
	int err = 0;

	for (size_t i = 0; !err && i < parser->counts_cnt; i++)
		if (is_in_time(&parser->counts[i], event->time_ns))
			err = count_wake(&parser->counts[i], event, &parser->stack);
	return err;
}

/* What it is about is not known: so it may be about any of them. */
static void parser__error(struct parser *parser, uint64_t errors)
{
	for (size_t i = 0; i < parser->counts_cnt; i++)
		parser->counts[i].error_cnt += errors;
}

/* Removes the newest pending event of the CPU; false: there is none. */
static bool parser__take(struct parser *parser, unsigned int cpu, struct pending *event)
{
	size_t i = parser->pending_cnt;

	while (i-- > 0) {
		struct pending *at = &parser->pending[i];

		if (at->cpu != cpu)
			continue;
		*event = *at;
		memmove(at, at + 1, (--parser->pending_cnt - i) * sizeof(*at));
		return true;
	}
	return false;
}

static void parser__push(struct parser *parser, const struct pending *event)
{
	if (parser->pending_cnt == PENDING_MAX) {
		memmove(parser->pending, parser->pending + 1,
			--parser->pending_cnt * sizeof(*parser->pending));
		parser__error(parser, 1);
	}
	parser->pending[parser->pending_cnt++] = *event;
}

static int parser__end_stack(struct parser *parser)
{
	struct pending event;

	if (!parser->in_stack)
		return 0;
	parser->in_stack = false;
	stack__end(&parser->stack);
	if (parser__take(parser, parser->stack_cpu, &event))
		return parser__count(parser, &event);
	parser__error(parser, 1);
	return 0;
}

static void parser__event(struct parser *parser, const char *line, const char *marker)
{
	struct pending event;

	if (trace_text__cpu(line, marker, &event.cpu) &&
	    trace_text__number(marker, " pid=", &event.tid) &&
	    trace_text__time(line, marker, &event.time_ns))
		parser__push(parser, &event);
	else
		parser__error(parser, 1);
}

static void parser__begin_stack(struct parser *parser, const char *line, const char *marker)
{
	if (!trace_text__cpu(line, marker, &parser->stack_cpu)) {
		parser__error(parser, 1);
		return;
	}
	parser->stack = (struct stack){0};
	parser->in_stack = true;
}

static const char *find_end(const char *line, const char *end)
{
	size_t line_len = strlen(line), end_len = strlen(end);

	if (line_len < end_len || strcmp(line + line_len - end_len, end) != 0)
		return NULL;
	return line + line_len - end_len;
}

static int parser__line(struct parser *parser, const char *line)
{
	static const char event[] = ": sched_waking: comm=", stack[] = ": <stack trace>";
	static const char frame[] = " => ";
	const char *at = strstr(line, event);
	int err;

	if (!at && !strncmp(line, frame, strlen(frame)) && parser->in_stack) {
		stack__add(&parser->stack, line + strlen(frame));
		return 0;
	}
	err = parser__end_stack(parser);
	if (err)
		return err;
	if (at)
		parser__event(parser, line, at);
	else if ((at = find_end(line, stack)))
		parser__begin_stack(parser, line, at);
	else if (!trace_text__is_remark(line))
		parser__error(parser, 1);
	return 0;
}

int oracle__parse(FILE *in, struct oracle_counts counts[], size_t cnt)
{
	struct parser parser = {.counts = counts, .counts_cnt = cnt};
	char *line = NULL;
	size_t size = 0;
	ssize_t len;
	int err = 0;

	while (!err && (errno = 0, len = getline(&line, &size, in)) >= 0) {
		if (len > 0 && line[len - 1] == '\n')
			line[len - 1] = '\0';
		err = parser__line(&parser, line);
	}
	if (!err && !feof(in))
		err = errno == ENOMEM ? -ENOMEM : -EIO;
	if (!err)
		err = parser__end_stack(&parser);
	parser__error(&parser, parser.pending_cnt);
	free(line);
	return err;
}

/* For qsort(). One task is woken once at a time: the order of others does not matter. */
static int by_time(const void *a, const void *b)
{
	const struct oracle_event *left = a, *right = b;

	return (left->time_ns > right->time_ns) - (left->time_ns < right->time_ns);
}

void oracle_counts__sort(struct oracle_counts *counts)
{
	if (counts->event_cnt)
		qsort(counts->events, counts->event_cnt, sizeof(*counts->events), by_time);
}

void oracle_counts__free(struct oracle_counts *counts)
{
	free(counts->wakees);
	free(counts->events);
	*counts = (struct oracle_counts){0};
}
