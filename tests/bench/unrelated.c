// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * unrelated [TASK...]: what work costs that has nothing to do with any listener, in the guest's instructions.
 * Prints "TASK INSTRUCTIONS" for each, per wake, per switch or per call. All tasks if none is named.
 */
#include <err.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "meter.h"

#define SAMPLES 41

/* What the tasks work on, made once. */
struct tools {
	int ping[2], pong[2]; /* pipes */
	int epoll_ready,
		epoll_idle; /* one has an eventfd that can be read, the other one that cannot */
	uint32_t *word; /* two futexes that parent and child share, on cache lines of their own */
};

enum { PING = 0, PONG = 16 };

/* A task is done by a parent and, unless it needs none, a child that answers. */
struct task {
	const char *name;
	unsigned rounds;    /* in a sample */
	unsigned per_round; /* wakes, switches or calls */
	bool realtime;
	void (*parent)(const struct tools *tools);
	void (*child)(const struct tools *tools);
};

/* ---- what they do ---- */

static void write_byte(int fd)
{
	if (write(fd, "", 1) != 1)
		err(1, "cannot write to a pipe");
}

static void read_byte(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		err(1, "cannot read from a pipe");
}

static void pipe_parent(const struct tools *tools)
{
	write_byte(tools->ping[1]);
	read_byte(tools->pong[0]);
}

static void pipe_child(const struct tools *tools)
{
	read_byte(tools->ping[0]);
	write_byte(tools->pong[1]);
}

static void give(uint32_t *word)
{
	__atomic_store_n(word, 1, __ATOMIC_RELEASE);
	syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void take(uint32_t *word)
{
	while (!__atomic_load_n(word, __ATOMIC_ACQUIRE))
		syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
	__atomic_store_n(word, 0, __ATOMIC_RELEASE);
}

static void futex_parent(const struct tools *tools)
{
	give(tools->word + PING);
	take(tools->word + PONG);
}

static void futex_child(const struct tools *tools)
{
	take(tools->word + PING);
	give(tools->word + PONG);
}

static void yield(const struct tools *tools)
{
	(void)tools;
	sched_yield();
}

static void ask_parent(const struct tools *tools)
{
	(void)tools;
	syscall(SYS_getppid);
}

static void epoll_returns(int epoll, int expected)
{
	struct epoll_event event;

	if (epoll_wait(epoll, &event, 1, 0) != expected)
		err(1, "epoll_wait");
}

static void epoll_ready(const struct tools *tools)
{
	epoll_returns(tools->epoll_ready, 1);
}

static void epoll_empty(const struct tools *tools)
{
	epoll_returns(tools->epoll_idle, 0);
}

static void poll_empty(const struct tools *tools)
{
	struct pollfd fd = {.fd = tools->ping[0], .events = POLLIN};

	if (poll(&fd, 1, 0))
		err(1, "poll");
}

static void select_empty(const struct tools *tools)
{
	struct timeval now = {0};
	fd_set set;

	FD_ZERO(&set);
	FD_SET(tools->ping[0], &set);
	if (select(tools->ping[0] + 1, &set, NULL, NULL, &now))
		err(1, "select");
}

static const struct task tasks[] = {
	{"pipe", 200, 2, false, pipe_parent, pipe_child},
	{"futex", 200, 2, false, futex_parent, futex_child},
	/* Only equals of a real-time class take turns at each yield. */
	{"switch", 200, 2, true, yield, yield},
	{"getppid", 2000, 1, false, ask_parent, NULL},
	{"epoll-ready", 2000, 1, false, epoll_ready, NULL},
	{"epoll-empty", 2000, 1, false, epoll_empty, NULL},
	{"poll", 2000, 1, false, poll_empty, NULL},
	{"select", 2000, 1, false, select_empty, NULL},
};

/* ---- how they are measured ---- */

static int watched_eventfd(unsigned value)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(EPOLL_CLOEXEC), fd = eventfd(value, EFD_CLOEXEC);

	if (epoll < 0 || fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll");
	return epoll;
}

static void make_tools(struct tools *tools)
{
	if (pipe(tools->ping) || pipe(tools->pong))
		err(1, "pipe");
	tools->epoll_ready = watched_eventfd(1);
	tools->epoll_idle = watched_eventfd(0);
	tools->word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (tools->word == MAP_FAILED)
		err(1, "mmap");
}

static void set_class(bool realtime)
{
	struct sched_param param = {.sched_priority = realtime};

	if (sched_setscheduler(0, realtime ? SCHED_FIFO : SCHED_OTHER, &param))
		err(1, "sched_setscheduler");
}

static pid_t start_child(const struct task *task, const struct tools *tools)
{
	pid_t child = task->child ? fork() : 0;

	if (child < 0)
		err(1, "fork");
	if (!task->child || child)
		return child;
	for (;;)
		task->child(tools);
}

static uint64_t measure(const struct task *task, const struct tools *tools)
{
	struct meter meter = {0};
	pid_t child;

	set_class(task->realtime);
	child = start_child(task, tools);
	for (unsigned i = 0; i < SAMPLES; i++) {
		meter__begin(&meter);
		for (unsigned round = 0; round < task->rounds; round++)
			task->parent(tools);
		meter__end(&meter);
	}
	if (child && (kill(child, SIGKILL) || waitpid(child, NULL, 0) != child))
		err(1, "cannot end the child");
	return meter__median(&meter) / (task->rounds * task->per_round);
}

static bool is_named(const struct task *task, char *const *names)
{
	bool named = !*names;

	for (; *names; names++)
		named |= !strcmp(task->name, *names);
	return named;
}

int main(int argc, char **argv)
{
	struct tools tools;

	(void)argc;
	make_tools(&tools);
	for (size_t i = 0; i < sizeof(tasks) / sizeof(*tasks); i++) {
		if (is_named(&tasks[i], argv + 1))
			printf("%s %llu\n", tasks[i].name,
			       (unsigned long long)measure(&tasks[i], &tools));
		fflush(stdout);
	}
	return 0;
}
